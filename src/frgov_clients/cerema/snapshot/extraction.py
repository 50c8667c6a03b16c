"""The work of a snapshot: workers that ask for pages, several at once, and a caller who takes them in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, TypeAlias

from pydantic_core import from_json

from ...errors import AuthenticationError, ClientClosed, FrgovError
from ...transport.effects import Flow, Offload, Wait
from ...transport.operation import Operation, Page, Reply, Spec
from ...transport.waiting import Signal
from ..operations import LISTS, first_page
from .kinds import Extent, Kind, SnapshotPage, SnapshotProgress
from .listwalk import ListWalk, Resumed

__all__ = ["Extraction", "Target"]

Call: TypeAlias = Callable[[Operation[Any]], Flow[Any]]
Parcel: TypeAlias = tuple[tuple[Any, ...], tuple[Mapping[str, Any], ...]]
"""Records, and the JSON objects that they were read from."""
AHEAD: Final = 4
"""Pages that each worker may be ahead of the slowest one: bounds the memory."""
_LONGEST_PAUSE: Final = 30.0
_SHORT: Final = 0.05
"""Seconds after which the caller takes what there is."""
_TOLD_EVERY: Final = 1.0
"""Seconds after which the caller hears that nothing came."""


class Target(Protocol):
    """Where pages go."""

    @property
    def is_awaited(self) -> bool:
        """Whether it needs an event loop."""
        ...

    def open(self) -> Mapping[Kind, Resumed]:
        """What is there already, from an extraction that was interrupted."""
        ...

    def take(self, pages: Sequence[SnapshotPage]) -> Flow[None]: ...
    def finish(self, extents: Mapping[Kind, Extent]) -> Any:
        """The result."""
        ...

    def close(self) -> None:
        """Keep what is needed to go on later."""
        ...


class Extraction:
    """A job (`transport.jobs.Work`) whose items are pages."""

    def __init__(
        self,
        call: Call,
        host: str,
        target: Target,
        *,
        kinds: Sequence[Kind],
        page_size: int | None,
        in_flight: int,
        patience: float,
        progress: Callable[[SnapshotProgress], None] | None = None,
    ) -> None:
        self._call, self._host, self._target, self._progress = call, host, target, progress
        self._kinds, self._page_size, self._in_flight, self._patience = kinds, page_size, in_flight, patience
        self._ahead = AHEAD * in_flight
        self._walks: dict[Kind, ListWalk[Parcel]] = {}
        self._taken: dict[Kind, int] = {}
        """Records that the target has, by kind."""
        self._ready: list[SnapshotPage] = []
        self._lock = threading.Lock()
        self._room = Signal()
        """For workers that found nothing to ask for."""
        self._filled = Signal()
        """For the caller: there is a batch."""
        self._idle = 0
        self._stopped = Signal()
        self._error: Exception | None = None
        """What the caller must be told by an exception, since no later attempt mends it."""
        self._down_since: float | None = None
        self._down: FrgovError | None = None
        """Why nothing comes."""

    @property
    def is_awaited(self) -> bool:
        """Whether it needs an event loop."""
        return self._target.is_awaited

    # ---- what a job is --------------------------------------------------------------------------------------

    def open(self) -> Flow[None]:
        resumed: Mapping[Kind, Resumed] = yield Offload(self._target.open)
        self._walks = {kind: ListWalk(kind, self._ahead, resumed.get(kind)) for kind in self._kinds}
        self._taken = {kind: len(resumed[kind].ids) if kind in resumed else 0 for kind in self._kinds}

    def workers(self) -> Sequence[Flow[None]]:
        return [self._work() for _ in range(self._in_flight)]

    def next_batch(self, received: int | None = None) -> Flow[Sequence[SnapshotPage] | None]:  # noqa: ARG002
        """The next pages; `()` when none came for a while.

        Several at once: each turn of the caller keeps workers from theirs.
        """
        looked_at = time.monotonic()
        while True:
            with self._lock:
                over = self._error is not None or self._stopped.is_set or self._over
                if self._ready:
                    batch, self._ready, self._filled = self._ready, [], Signal()
                    self._ring()  # there is room for more
                    return batch
            if self._error is not None:
                raise self._error
            if over:
                return None
            if time.monotonic() - looked_at > _TOLD_EVERY:
                return ()
            yield Wait(self._filled, _SHORT)

    @property
    def _over(self) -> bool:
        return all(walk.over for walk in self._walks.values())

    def stop(self) -> None:
        self._stopped.set()
        self._room.set()
        self._filled.set()

    def close(self) -> Flow[None]:
        self.stop()
        yield Offload(self._target.close)

    def story(self) -> Flow[Any]:
        """Take all pages to the target; its result."""
        while (batch := (yield from self.next_batch())) is not None:
            yield from self._target.take(batch)
            for page in batch:
                self._taken[page.kind] = len(page.records) + (self._taken[page.kind] if page.number > 1 else 0)
            self._tell()
        self._tell()
        return (yield Offload(lambda: self._target.finish(self.extents())))

    def extents(self) -> dict[Kind, Extent]:
        """How far each list is."""
        return {kind: Extent(self._taken[kind], walk.count, walk.failure) for kind, walk in self._walks.items()}

    def _tell(self) -> None:
        if self._progress is not None:
            since = self._down_since
            waiting = 0.0 if since is None else time.monotonic() - since
            self._progress(SnapshotProgress(self.extents(), waiting, None if since is None else self._down))

    # ---- what a worker does ---------------------------------------------------------------------------------

    def _work(self) -> Flow[None]:
        try:
            while not self._stopped.is_set:
                with self._lock:
                    task, room, over = self._next_task(), self._room, self._over
                    self._idle += task is None
                if over:
                    return
                if task is None:
                    yield Wait(room, _LONGEST_PAUSE)
                else:
                    yield from self._fetch(*task)
        except Exception as error:  # noqa: BLE001 - the caller is told, by `next_batch`
            with self._lock:
                self._error = self._error or error
            self.stop()
        finally:
            with self._lock:
                self._ring()
            self._filled.set()

    def _next_task(self) -> tuple[Kind, tuple[int, int]] | None:
        if len(self._ready) >= self._ahead:
            return None
        for kind, walk in self._walks.items():
            if (ticket := walk.ask()) is not None:
                return kind, ticket
        return None

    def _fetch(self, kind: Kind, ticket: tuple[int, int]) -> Flow[None]:
        operation = _page_of(kind, self._host, self._page_size, ticket[1])
        try:
            page, parcel = yield from self._patiently(operation)
        except FrgovError as error:
            if isinstance(error, AuthenticationError | ClientClosed) or _is_hopeless(error, operation):
                raise
            with self._lock:
                self._walks[kind].failure = error
                self._ring()
            return
        with self._lock:
            ready = self._walks[kind].came(ticket, page, parcel)
            self._ready += [SnapshotPage(kind, number, page.total or 0, *parcel) for number, parcel in ready]
            self._ring()
            filled = len(self._ready) >= self._in_flight
        if filled:
            self._filled.set()

    def _patiently(self, operation: Operation[Any]) -> Flow[Any]:
        """The answer, however often the service fails before: until it was down for longer than our patience."""
        pause = 1.0
        while True:
            try:
                found = yield from self._call(operation)
            except FrgovError as error:
                now = time.monotonic()
                since = self._down_since or now  # another worker may forget it meanwhile
                self._down_since, self._down = since, error
                left = since + self._patience - now
                if not error.retryable or left <= 0 or self._stopped.is_set:
                    raise
                yield Wait(self._stopped, min(error.retry_after or pause, left, _LONGEST_PAUSE))
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._down_since = None
                return found

    def _ring(self) -> None:
        """Let workers that wait look again."""
        if self._idle:
            self._idle = 0
            room, self._room = self._room, Signal()
            room.set()


def _is_hopeless(error: FrgovError, operation: Operation[Any]) -> bool:
    """Whether it is about the login, and no later attempt mends it."""
    return not error.retryable and error.operation not in {None, operation.name}


# ---- a page and what it was read from -----------------------------------------------------------------------


def _both(spec: Spec[Page[Any]]) -> Spec[tuple[Page[Any], Parcel]]:
    def decode(reply: Reply, operation: Operation[Any]) -> tuple[Page[Any], Parcel]:
        page = spec.decode(reply, operation)
        return page, (tuple(page.items), tuple(from_json(reply.content)["results"]))

    return replace(spec, decode=decode)  # type: ignore[arg-type, return-value]  # of the same list, read otherwise


_SPECS: Final = {kind: _both(LISTS[kind]) for kind in Kind}


def _page_of(kind: Kind, host: str, page_size: int | None, number: int) -> Operation[tuple[Page[Any], Parcel]]:
    first = first_page(kind, host, page_size)
    params = first.params if number == 1 else (*first.params, ("page", str(number)))
    return Operation(_SPECS[kind], params, context=replace(first.context, page=number))
