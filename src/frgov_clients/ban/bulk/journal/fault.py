"""What goes wrong with a journal, in words that say what to do."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from ....errors import FrgovError
from ....transport.sqlite_file import code_of

__all__ = ["JournalError", "explained"]

TEMPORARY: Final = "the temporary journal"


class JournalError(FrgovError):
    """The journal can not be read or written: a full disk, missing rights, a damaged file, another process.

    What it held before is kept. `retryable` is true where waiting is enough.
    """

    file: str | None = None
    """Name of the file, without its folder; `None` for a temporary journal."""


_FULL: Final = "the disk is full: free some space, or choose another path; what was answered before is kept"
_DENIED: Final = "it can not be written: look at the rights of the file and of its folder, or choose another path"
_DAMAGED: Final = "it is damaged, and left as it is: bring back a copy, or choose another path to begin anew"
_BUSY: Final = "another process keeps it locked: wait for its end, or choose another path"
_DISK: Final = "the disk refuses: look at its health, at quotas and at limits of file size, or choose another path"
_LOCAL: Final = "it can not be opened: it must lie on a local disk, in a folder that can be written"

_BY_CODE: Final = {
    0: _LOCAL,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_PERM: _DENIED,
    sqlite3.SQLITE_READONLY: _DENIED,
    sqlite3.SQLITE_AUTH: _DENIED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_CANTOPEN: _LOCAL,
}
_BY_ERRNO: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
}


def explained(error: sqlite3.Error | OSError, file: str | None) -> JournalError:
    """The same failure, named after the file, with what to do about it."""
    if isinstance(error, OSError):
        advice = _BY_ERRNO.get(error.errno or 0, _LOCAL)
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        busy = False
    else:
        code = code_of(error)
        advice = _BY_CODE.get(code, "it can not be used: choose another path")
        name = getattr(error, "sqlite_errorname", None) or type(error).__name__
        busy = advice is _BUSY
    where = TEMPORARY if file is None else f"the journal {file}"
    if file is None and advice is not _DAMAGED:
        advice += " (it lies in the folder that TMPDIR names, unless a path is given)"
    return JournalError(f"{where}: {advice} [{name}]", file=file, retryable=busy)
