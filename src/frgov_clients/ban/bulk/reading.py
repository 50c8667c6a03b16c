"""The input of a run, whatever it is: who may read it where, and for how long."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from .source import CursorRows, IterableRows, Records, Source, open_source

__all__ = ["AsyncRows", "Rows", "rows_of"]

_HASTE: Final = 0.05
"""Seconds after which a slow stream hands over what it has: rows must not wait for rows."""
_STEP: Final = 25


class Rows:
    """Rows that are read where they are taken, or in a worker thread when the reading is our own."""

    def __init__(
        self, source: Source, *, ours: bool, given: Any = None, again: Callable[[], Source] | None = None
    ) -> None:
        self._source = source
        self._again = again
        self.given = given
        """What the caller gave: a frame gets its results back beside its own columns."""
        self._error: Exception | None = None
        self.ours = ours
        """Whether reading may move to another thread: files and frames may, cursors and generators may not."""

    @property
    def header(self) -> Sequence[str]:
        return self._source.header or ()

    @property
    def total(self) -> int | None:
        return self._source.total

    @property
    def share(self) -> float | None:
        """How much of the input has been read, 0 to 1, where that is known."""
        return self._source.share

    @property
    def delimiter(self) -> str | None:
        """Of a CSV file."""
        return getattr(self._source, "delimiter", None)

    @property
    def notes(self) -> Counter[str]:
        return self._source.notes

    def read(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The next rows; none at the end."""
        if self.ours:
            return self._source.read(most)
        if self._error is not None:
            raise self._error
        found: list[Mapping[str, Any]] = []
        until = time.monotonic() + _HASTE
        try:
            while len(found) < most and (not found or time.monotonic() < until):
                more = self._source.read(min(_STEP, most - len(found)))
                if not more:
                    break
                found += more
        except Exception as error:
            if not found:
                raise
            self._error = error  # the rows before it are whole
        return found

    @property
    def can_be_read_twice(self) -> bool:
        return self._again is not None

    def again(self) -> Rows:
        """The same input from its beginning, to be closed by whoever asks for it."""
        assert self._again is not None
        return Rows(self._again(), ours=self.ours)

    def close(self) -> None:
        self._source.close()


class AsyncRows:
    """Rows of an async iterable (an async cursor, for example)."""

    total = share = delimiter = given = None

    def __init__(self, rows: AsyncIterable[object], header: Sequence[str] | None = None) -> None:
        self._rows: AsyncIterator[object] = aiter(rows)
        self._records = Records(header)
        self._error: Exception | None = None
        self.notes: Counter[str] = self._records.notes

    @property
    def header(self) -> Sequence[str]:
        return self._records.header or ()

    async def read(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The next rows; none at the end."""
        if self._error is not None:
            raise self._error
        found: list[Mapping[str, Any]] = []
        until = time.monotonic() + _HASTE
        try:
            while len(found) < most and (not found or time.monotonic() < until):
                found.append(self._records.mapping(await anext(self._rows), copied=True))
        except StopAsyncIteration:
            pass
        except Exception as error:
            if not found:
                raise
            self._error = error  # the rows before it are whole
        return found

    def close(self) -> None:
        """The iterable is the caller's."""


def rows_of(rows: Any, forms: Mapping[str, Any]) -> Rows | AsyncRows:
    """The input, opened; `forms` are the options of `open_source`.

    Raises `InvalidRequest` for what holds no rows, `OSError` for a file that can not be read.
    """
    if isinstance(rows, Rows | AsyncRows):
        return rows
    if isinstance(rows, AsyncIterable):
        return AsyncRows(cast("AsyncIterable[object]", rows), forms.get("header"))
    source = open_source(rows, **forms)
    again: Callable[[], Source] | None = None
    if _stays(rows, source):
        again = partial(open_source, rows, **forms)
    return Rows(source, ours=not isinstance(source, CursorRows | IterableRows), given=rows, again=again)


def _stays(rows: Any, source: Source) -> bool:
    """Whether reading leaves the input as it was: not so for pipes, open files, cursors, and iterables without length.

    An iterable without length may be one that can be begun again and yet gives its rows once.
    """
    if isinstance(source, CursorRows):
        return False
    if isinstance(source, IterableRows):
        return source.total is not None
    if isinstance(rows, str | os.PathLike):
        return Path(cast("str | os.PathLike[str]", rows)).is_file()
    return not callable(getattr(rows, "readline", None))
