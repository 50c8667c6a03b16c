"""Whether the file of a journal still lies where it was opened."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .fault import JournalError

__all__ = ["Place"]

_GONE: Final = (
    "it was deleted, moved or replaced while it was open, and what is answered now would be lost with it:"
    " leave it in its place while a run goes on, and run again"
)


class Place:
    """A file at its path. SQLite goes on writing to one that was deleted, and nobody will ever find that again."""

    def __init__(self, path: Path) -> None:
        """`path` was just opened. Raises `OSError` when it is not there any more."""
        self._path = path
        self._file = _identity(path)

    def check(self) -> None:
        """Raise `JournalError` when another file lies there by now, or none. Takes two microseconds."""
        try:
            found = _identity(self._path)
        except OSError:
            found = None
        if found != self._file:
            raise JournalError(f"the journal {self._path.name}: {_GONE}", file=self._path.name)


def _identity(path: Path) -> tuple[int, int]:
    # never by opening it: to close it again lets go of every lock of this process on it
    found = path.stat()
    return found.st_dev, found.st_ino
