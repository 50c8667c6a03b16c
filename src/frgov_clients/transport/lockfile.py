"""One process at a time: a lock on a file, which the operating system takes back when its holder dies."""

from __future__ import annotations

import errno
import os
import sys

from .fork import making, renew_after_fork

__all__ = ["FileLock"]


class FileLock:
    """Held from `take` to `release`. The file stays, empty. A child made by `os.fork` does not hold it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = path
        self._number: int | None = None
        renew_after_fork(self)

    def take(self) -> bool:
        """Whether it could be had; false when another process, or another lock of this one, holds it.

        Raises `OSError` where files can not be locked.
        """
        with making:  # a child must find the file open and known, or not open
            number = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock(number)
            except OSError as error:
                os.close(number)
                if error.errno in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}:
                    return False
                raise
            self._number = number
        return True

    def release(self) -> None:
        """Let others have it. Nothing when it is not held."""
        number, self._number = self._number, None
        if number is not None:
            os.close(number)

    def after_fork(self) -> None:
        """In the child: it would keep the lock when its parent lets go."""
        self.release()


if sys.platform == "win32":

    def _lock(number: int) -> None:
        import msvcrt

        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

else:

    def _lock(number: int) -> None:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
