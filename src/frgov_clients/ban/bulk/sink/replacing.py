"""A text file that has its name only once it is whole."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final, Literal, cast

from ....errors import InvalidRequest
from ....transport.draft import Draft

__all__ = ["WholeFile"]

_BUFFER: Final = 256 * 1024


class WholeFile:
    r"""The draft of a text, packed when its name ends with `.gz`.

    Characters that the encoding does not know are written as Python escapes them: `\u20ac` for the euro sign.
    """

    def __init__(self, path: str | os.PathLike[str], encoding: str) -> None:
        """Raises `OSError` when the folder is missing or closed, `InvalidRequest` when `path` is no ordinary file."""
        self._draft = Draft(path)
        if self.path.exists() and not self.path.is_file():
            raise InvalidRequest.of("path", "the name of a file, neither a folder nor a device")
        self._encoding = encoding
        self._packed = self.path.suffix.lower() == ".gz"
        try:
            "".encode(encoding)
        except LookupError:
            raise InvalidRequest.of("encoding", "the name of an encoding, like utf-8 or cp1252") from None
        self._begin(self._draft)
        self._state: Literal["open", "finished", "abandoned"] = "open"

    def _begin(self, draft: Draft) -> None:
        self._draft, self._file = draft, draft.open()
        stream: IO[bytes] = self._file
        if self._packed:
            unnamed = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=self._file)
            stream = cast("IO[bytes]", io.BufferedWriter(cast("Any", unnamed), _BUFFER))
        self.text = io.TextIOWrapper(stream, self._encoding, "backslashreplace", newline="")

    def rewrite(self, change: Callable[[IO[str], IO[str]], None]) -> None:
        """Write the file a second time: `change` reads the first and writes the second."""
        self._settle()
        self._file.close()
        first = self._draft
        opening = gzip.open if self._packed else open
        try:
            self._begin(Draft(self.path))
            with cast("IO[str]", opening(first.part, "rt", encoding=self._encoding, newline="")) as old:
                change(old, self.text)
        finally:
            first.abandon()

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._draft.path

    def finish(self, *, replace: bool = True) -> None:
        """Put the file in place; see `Draft.finish`."""
        if self._state == "finished":
            return
        if self._state == "abandoned":
            raise ValueError("The file is closed: it was given up")
        try:
            self._settle()
            self._draft.finish(replace=replace)
        except BaseException:
            self.abandon()
            raise
        self._state = "finished"

    def _settle(self) -> None:
        self.text.flush()
        buffered = cast("Any", self.text.detach())
        if self._packed:
            packer = buffered.detach()
            packer.close()  # writes the end of the archive; the file below stays open

    def abandon(self) -> None:
        """Remove what was written; the file that was there before stays."""
        if self._state != "open":
            return
        self._state = "abandoned"
        self._draft.make_room()
        with contextlib.suppress(OSError, ValueError):
            self.text.close()
        self._draft.abandon()
