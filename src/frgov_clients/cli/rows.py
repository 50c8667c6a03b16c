"""The rows of the input: looked at before they are taken, cut short where asked, and counted beforehand."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, cast

from ..ban.bulk.source import Source, open_source
from .outcomes import Code, Stop

__all__ = ["InputRows", "about_how_many", "open_input"]

_LOOK: Final = 500
"""Rows that are looked at."""
_COUNTED: Final = 64 * 1024 * 1024
"""Bytes in which lines are counted; the rest is taken to be like them."""
_PIECE: Final = 1024 * 1024


class InputRows:
    """A source whose first rows were looked at already, and which may end early."""

    def __init__(self, source: Source, limit: int | None, guess: int | None) -> None:
        self._source = source
        self._left = limit
        self._held: list[Mapping[str, Any]] = [*source.read(_LOOK if limit is None else min(_LOOK, limit))]
        self.sample: Sequence[Mapping[str, Any]] = tuple(self._held)
        """The first rows."""
        self.total: int | None = None
        """Never known for sure before the end; see `expected`."""
        self.notes: Counter[str] = source.notes
        self.read_so_far = 0
        self.ended = False
        self._guess = guess if limit is None else min(limit, guess or limit)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns; empty for an empty file."""
        return self._source.header or ()

    @property
    def share(self) -> float | None:
        return self._source.share

    @property
    def delimiter(self) -> str | None:
        """What parts the cells of the file."""
        return getattr(self._source, "delimiter", None)

    @property
    def expected(self) -> int | None:
        """About how many rows there will be in all: exact once the last was read, `None` for a pipe."""
        if self.ended:
            return self.read_so_far
        return None if self._guess is None else max(self._guess, self.read_so_far)

    def read(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The next rows; none at the end."""
        if self._left is not None:
            most = min(most, self._left)
        if self._held:
            rows: Sequence[Mapping[str, Any]] = self._held[:most]
            del self._held[:most]
        else:
            rows = self._source.read(most) if most else ()
        self.read_so_far += len(rows)
        if self._left is not None:
            self._left -= len(rows)
        self.ended = not rows
        return rows

    def close(self) -> None:
        self._source.close()


def open_input(name: str, *, delimiter: str | None, encoding: str | None, limit: int | None) -> InputRows:
    """Open a file, or the standard input (`-`).

    Raises `InvalidRequest` for what is no CSV, `OSError` for what can not be read, `Stop` when there is nothing in it.
    """
    guess = None if name == "-" else about_how_many(name)
    source = open_source(sys.stdin.buffer if name == "-" else name, delimiter=delimiter, encoding=encoding)
    try:
        if source.header:
            return InputRows(source, limit, guess)
    except BaseException:
        source.close()
        raise
    source.close()
    raise Stop(Code.REFUSED, "Error: INPUT is empty: not even a line with the names of the columns")


def about_how_many(path: str) -> int | None:
    """About how many rows a CSV file has, by its line ends; `None` for what is no ordinary file."""
    if not Path(path).is_file():
        return None
    size = Path(path).stat().st_size
    with Path(path).open("rb", buffering=0) as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        lines, returns, last = 0, 0, b""
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if packed else raw)
        try:
            while raw.tell() < _COUNTED and (piece := stream.read(_PIECE)):
                lines += piece.count(b"\n")
                returns += piece.count(b"\r")
                last = piece[-1:]
        except (OSError, EOFError, zlib.error):  # whoever reads the rows will say what is wrong
            return None
        done = raw.tell()
    rows = (lines or returns) - (last in b"\r\n")
    return max(0, rows if done >= size else round(rows * size / done))
