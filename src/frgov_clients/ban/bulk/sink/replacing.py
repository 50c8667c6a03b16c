"""A file that has its name only once it is whole."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final, Literal, cast

from ....errors import InvalidRequest

__all__ = ["WholeFile"]

_BUFFER: Final = 256 * 1024


class WholeFile:
    r"""Text written beside `path` under another name, and renamed when it is finished.

    Until then a file that was there stays as it is. A killed process leaves `.{name}.*.part` behind, nothing else.
    Characters that the encoding does not know are written as `\uXXXX`.
    """

    def __init__(self, path: str | os.PathLike[str], encoding: str) -> None:
        """Raises `OSError` when the folder is missing or closed, `InvalidRequest` when `path` is no ordinary file."""
        self.path = Path(os.path.realpath(path))  # a link stays a link
        if self.path.exists() and not self.path.is_file():
            raise InvalidRequest.of("path", "the name of a file, neither a folder nor a device")
        self._encoding = encoding
        self._packed = self.path.suffix.lower() == ".gz"
        try:
            "".encode(encoding)
        except LookupError:
            raise InvalidRequest.of("encoding", "the name of an encoding, like utf-8 or cp1252") from None
        self._raw, self.part = _new_part(self.path)
        self.text = self._writer(self._raw)
        self._state: Literal["open", "finished", "abandoned"] = "open"

    def _writer(self, raw: io.FileIO) -> io.TextIOWrapper:
        if not self._packed:
            stream: IO[bytes] = io.BufferedWriter(raw, _BUFFER)
        else:
            unnamed = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=cast("Any", raw))
            stream = cast("IO[bytes]", io.BufferedWriter(cast("Any", unnamed), _BUFFER))
        return io.TextIOWrapper(stream, self._encoding, "backslashreplace", newline="")

    def rewrite(self, change: Callable[[IO[str], IO[str]], None]) -> None:
        """Write the file a second time: `change` reads the first and writes the second."""
        self._settle()
        first, raw = self.part, None
        opening = gzip.open if self._packed else open
        try:
            raw, self.part = _new_part(self.path)
            self.text = self._writer(raw)
            self._raw = raw
            with cast("IO[str]", opening(first, "rt", encoding=self._encoding, newline="")) as old:
                change(old, self.text)
        finally:
            first.unlink(missing_ok=True)

    def finish(self) -> None:
        """Put the file in place. Raises `OSError`, and leaves nothing, when the disk does not take it."""
        if self._state == "finished":
            return
        if self._state == "abandoned":
            raise ValueError("The file is closed: it was given up")
        try:
            self._settle()
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(self.path, self.part)
            self.part.replace(self.path)
        except BaseException:
            self.abandon()
            raise
        self._state = "finished"

    def _settle(self) -> None:
        self.text.flush()
        if self._packed:
            buffered = cast("Any", self.text.detach())
            packer = buffered.detach()
            packer.close()  # writes the end of the archive; the file below stays open
        os.fsync(self._raw.fileno())
        self._raw.close()

    def abandon(self) -> None:
        """Remove what was written; the file that was there before stays."""
        if self._state != "open":
            return
        self._state = "abandoned"
        with contextlib.suppress(OSError, ValueError):  # makes room, so that closing does not fail again
            os.ftruncate(self._raw.fileno(), 0)
        with contextlib.suppress(OSError, ValueError):
            self.text.close()
        with contextlib.suppress(OSError):
            self._raw.close()
        self.part.unlink(missing_ok=True)


def _new_part(path: Path) -> tuple[io.FileIO, Path]:
    """A new file in the same folder, with the rights that any new file gets."""
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    return io.FileIO(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "w"), part
