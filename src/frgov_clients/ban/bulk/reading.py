"""The input of a run, whatever it is: who may read it where, and for how long."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from typing import Any, Final, cast

from ...errors import ClientClosed
from ...transport.effects import Flow, Offload
from .feeding import HASTE, AsyncRows
from .source import Source, look_at

__all__ = ["AsyncRows", "Rows", "opening", "rows_of"]

_STEPS: Final = 25
"""Rows that are taken from a fast stream before the clock is looked at."""


class Rows:
    """Rows that are read where they are taken, or in a worker thread when the reading is our own."""

    late = False

    def __init__(
        self,
        opens: Callable[[], Source],
        *,
        ours: bool,
        given: Any = None,
        total: int | None = None,
        again: Callable[[], Source] | None = None,
    ) -> None:
        """`opens` gives the rows, when the run begins; `again` gives them once more."""
        self._opens = opens
        self._again = again
        self._source: Source | None = None
        self._total = total
        self._lock = threading.Lock()
        self._closed = False
        self.given = given
        """What the caller gave: a frame gets its results back beside its own columns."""
        self._error: Exception | None = None
        self._step = 1
        self.ours = ours
        """Whether reading may move to another thread: files and frames may, cursors and generators may not."""

    def open(self) -> None:
        """Open the input. Raises `InvalidRequest` for what holds no rows, `OSError` for a file that can not be read."""
        source = self._opens()
        with self._lock:
            if not self._closed:
                self._source = source
                return
        source.close()  # the run was ended meanwhile, by another thread
        raise ClientClosed("the run is over")

    @property
    def _opened(self) -> Source:
        assert self._source is not None
        return self._source

    @property
    def header(self) -> Sequence[str]:
        """Names of the columns; empty while they are not known."""
        return (self._source.header if self._source else None) or ()

    @property
    def total(self) -> int | None:
        return self._source.total if self._source else self._total

    @property
    def share(self) -> float | None:
        """How much of the input has been read, 0 to 1, where that is known."""
        return self._source.share if self._source else None

    @property
    def delimiter(self) -> str | None:
        """Of a CSV file."""
        return getattr(self._source, "delimiter", None)

    @property
    def notes(self) -> Counter[str]:
        return self._source.notes if self._source else Counter()

    def read(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The next rows; none at the end."""
        source = self._opened
        if self.ours:
            return source.read(most)
        if self._error is not None:
            raise self._error
        found: list[Mapping[str, Any]] = []
        now = time.monotonic()
        until = now + HASTE
        try:
            while len(found) < most and (not found or now < until):
                more = source.read(min(self._step, most - len(found)))
                if not more:
                    break
                found += more
                before, now = now, time.monotonic()
                self._step = min(2 * self._step, _STEPS) if now - before < HASTE / 4 else max(1, self._step // 4)
        except Exception as error:
            if not found:
                raise
            self._error = error  # the rows before it are whole
        return found

    @property
    def can_be_read_twice(self) -> bool:
        return self._again is not None

    def again(self) -> Rows:
        """The same input from its beginning, to be opened and closed by whoever asks for it."""
        assert self._again is not None
        return Rows(self._again, ours=self.ours)

    def close(self) -> None:
        """Close what is open; what is being opened in another thread is closed there."""
        with self._lock:
            self._closed = True
        if self._source is not None:
            self._source.close()


def rows_of(rows: Any, forms: Mapping[str, Any]) -> Rows | AsyncRows:
    """The input, not opened yet; `forms` are the options of `look_at`.

    Raises `InvalidRequest` for what can hold no rows, `OSError` for a path that can not be read.
    """
    if isinstance(rows, Rows | AsyncRows):
        return rows
    if isinstance(rows, AsyncIterable):
        return AsyncRows(cast("AsyncIterable[object]", rows), forms.get("header"))
    found = look_at(rows, **forms)
    again = found.open if found.stays else None
    return Rows(found.open, ours=found.ours, given=rows, total=found.total, again=again)


def opening(rows: Rows | AsyncRows) -> Flow[None]:
    """Open an input where it will be read."""
    if rows.ours:
        yield Offload(rows.open)
    else:
        rows.open()
