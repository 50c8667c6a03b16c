"""A file that has its name only once it is whole."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final

__all__ = ["Draft"]

_BUFFER: Final = 256 * 1024


class Draft:
    """What is to lie at `path`, written beside it under another name, and renamed when it is finished.

    Until then what was there stays as it is, and a file keeps the rights it had. A killed process leaves `part`
    behind, nothing else. As a `with` block it is finished at the end, and given up at an exception.
    """

    def __init__(self, path: str | os.PathLike[str], *, known: bool = False) -> None:
        """`known`: its name is always `{name}.part`, so that the next attempt writes over what a killed one has left.

        Otherwise it is one that nobody else has, of 255 bytes at most in any alphabet.
        """
        self.path = Path(os.path.realpath(path))  # a link stays a link
        name = self.path.name
        self.part = self.path.with_name(f"{name}.part" if known else f".{name[:60]}.{secrets.token_hex(4)}.part")
        self._mode = "w" if known else "x"
        self._file: io.BufferedWriter | None = None

    def open(self) -> io.BufferedWriter:
        """Begin to write. Raises `OSError`, which names the file itself, when the folder is missing or closed."""
        try:
            self._file = io.BufferedWriter(io.FileIO(self.part, self._mode), _BUFFER)
        except OSError as error:
            raise type(error)(error.errno, error.strerror, str(self.path)) from None
        return self._file

    def finish(self, *, replace: bool = True) -> None:
        """Put the file in place. Raises `OSError`, and leaves nothing, when the disk does not take it.

        Without `replace` a file that is there stays, and this one is called `rows.partial.csv` instead of `rows.csv`
        (`rows.partial_2.csv` where that is taken); `path` tells.
        """
        file = self._file
        if file is None:
            raise ValueError("The file is not open: nothing was begun, or it was given up")
        try:
            file.flush()
            os.fsync(file.fileno())
            file.close()
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(self.path, self.part)
            if not replace and self.path.exists():
                self.path = _beside(self.path)
            self.part.replace(self.path)
        except BaseException:
            self.abandon()
            raise
        self._file = None

    def make_room(self) -> None:
        """Let go of what was written, so that closing what is buffered above it does not fail for the same reason."""
        with contextlib.suppress(OSError, ValueError):
            if self._file is not None:
                os.ftruncate(self._file.fileno(), 0)

    def abandon(self) -> None:
        """Remove what was written; what was there before stays. Nothing after `finish`."""
        if self._file is None:
            return
        self.make_room()
        with contextlib.suppress(OSError):
            self._file.close()
        self._file = None
        self.part.unlink(missing_ok=True)

    def __enter__(self) -> io.BufferedWriter:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.abandon()


def _beside(path: Path) -> Path:
    """A name that is free."""
    stem, dot, suffixes = path.name.partition(".")
    for number in count(1):
        free = path.with_name(f"{stem}.partial{f'_{number}' if number > 1 else ''}{dot}{suffixes}")
        if not free.exists():
            return free
    raise AssertionError("unreachable")
