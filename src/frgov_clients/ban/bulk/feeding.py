"""The rows of an async iterable, read by a task of their own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...transport.effects import Flow, Wait
from ...transport.waiting import Signal
from .source import Records

if TYPE_CHECKING:
    from anyio import Event

__all__ = ["HASTE", "AsyncRows"]

HASTE: Final = 0.05
"""Seconds after which a slow stream hands over what it has: rows must not wait for rows."""
_LONG: Final = HASTE / 2


class AsyncRows:
    """Rows of an async iterable (an async cursor, for example).

    A row that is waited for can not be given up without being lost. So one task reads them all, and who takes results
    waits for that task: it may hand over what is ready meanwhile, and may be cancelled. The task asks for rows only
    while somebody waits for some; a row that was asked for then is taken when it comes.
    """

    ours = False
    total = share = delimiter = given = None

    def __init__(self, rows: AsyncIterable[object], header: Sequence[str] | None = None) -> None:
        self._given = rows
        self._rows: AsyncIterator[object]
        self._records = Records(header)
        self.notes: Counter[str] = self._records.notes
        self._found: list[Mapping[str, Any]] = []
        self._most = 0
        """Rows to find before it rests."""
        self._wanted: Event | None = None
        self._enough = Signal()
        self._since: float | None = None
        """When the row was asked for that has not come yet."""
        self._over = False
        self._error: Exception | None = None

    def open(self) -> None:
        """Begin with the first row."""
        self._rows = aiter(self._given)

    @property
    def header(self) -> Sequence[str]:
        return self._records.header or ()

    # ---- in its task ---------------------------------------------------------------------------------------

    async def feed(self, tell: Callable[[], None]) -> None:
        """Read the rows to their end; calls `tell` when there is one after there was none."""
        import anyio

        try:
            while True:
                while len(self._found) >= self._most:
                    self._enough.set()
                    self._wanted = anyio.Event()
                    await self._wanted.wait()
                self._since = time.monotonic()
                record = await anext(self._rows)
                self._since = None
                self._found.append(self._records.mapping(record, copied=True))
                if len(self._found) == 1:
                    tell()
        except StopAsyncIteration:
            pass
        except Exception as error:  # noqa: BLE001 - raised where the results are taken, behind the rows before it
            self._error = error
        except BaseException:
            self._error = RuntimeError("the reading of the rows was cancelled: begin another run")
            raise
        finally:
            self._over = True
            self._enough.set()
            tell()

    # ---- where the results are taken -----------------------------------------------------------------------

    @property
    def late(self) -> bool:
        """Whether there is no row now, and the next one takes long."""
        since = self._since
        return not self._found and not self._over and since is not None and time.monotonic() - since > _LONG

    def meanwhile(self, most: int, seconds: float, signal: Signal | None = None) -> Flow[None]:
        """Have so many rows read while `signal` is waited for; by default until they are here."""
        enough = self._want(most)
        try:
            yield Wait(signal or enough, seconds)
        finally:
            self._most = 0

    def _want(self, most: int) -> Signal:
        self._most = most
        if self._enough.is_set and not self._over and len(self._found) < most:
            self._enough = Signal()
        if self._wanted is not None:
            self._wanted.set()
        return self._enough

    def take(self) -> Sequence[Mapping[str, Any]] | None:
        """What has come: `None` when nothing has, empty at the end. Raises what the stream has raised."""
        if self._found:
            found, self._found = self._found, []
            return found
        if self._error is not None:
            raise self._error
        return () if self._over else None

    def close(self) -> None:
        """The iterable is the caller's."""
