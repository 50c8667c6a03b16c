"""Long work as a stream of items: workers that send, and a caller who takes what is ready, in both colours.

What is to be done is written once, as flows (`Work`); here are the two ways to run them. The workers of a blocking
client are threads, those of an async one are tasks, which live as long as the `with` block.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from .drivers import AsyncDriver, SyncDriver
from .effects import Flow

__all__ = ["AsyncJob", "Job", "Work"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
R = TypeVar("R")
_PATIENCE: Final = 2.0
"""Seconds that an interrupted run waits for its threads, which can not be cancelled."""
_LOOP: Final = "a loop"
"""Takes items one by one: it may be left and gone on with."""
_WHOLE: Final = "a method"
"""Takes all of them."""


class Work(Protocol[T_co]):
    """What a job does."""

    def open(self) -> Flow[None]:
        """Get what the work needs. Comes before all else, and `close` follows, also when it fails half-way."""
        ...

    def workers(self) -> Sequence[Flow[None]]:
        """What each worker does, until there is nothing more to do. Their errors are raised by `next_batch`."""
        ...

    def next_batch(self, received: int | None = None) -> Flow[Sequence[T_co] | None]:
        """The next items, in their order; `None` after the last.

        `received` says how many the caller has; when some were lost between here and there, this raises.
        """
        ...

    def stop(self) -> None:
        """Take nothing new; wakes who waits. Never blocks."""
        ...

    def close(self) -> Flow[None]:
        """Give back what the work holds; the workers have ended, or are abandoned. So may be `open`, under way."""
        ...


class _Once:
    """A job runs once: its input may be a stream that can not be read again."""

    def __init__(self) -> None:
        self._begun = False
        self._entered = False
        self._taken_by = ""
        self._over = False
        """Whether all items were taken: the workers have nothing more to do."""

    def _begin(self) -> None:
        if self._begun:
            raise RuntimeError("this run is over or under way: call the method again for another one")
        self._begun = True

    def _take(self, how: str) -> None:
        """Items go to one taker: a second one would get the rest, or nothing, and take it for the whole."""
        if self._taken_by and (self._taken_by, how) != (_LOOP, _LOOP):
            raise RuntimeError("some items of this run were taken already: call the method again for another run")
        self._taken_by = how


class Job(_Once, Generic[T]):
    """Work of a blocking client. Iterate over it once; leaving its `with` block, or the loop, ends it."""

    def __init__(self, work: Work[T], driver: SyncDriver) -> None:
        super().__init__()
        self._work = work
        self._drive = driver.drive
        self._threads: list[threading.Thread] = []
        self._ready: tuple[int, Iterator[T]] = 0, iter(())
        """How many items came so far, and the last of them: in one, for an interrupt may come at any place."""
        self._asking = threading.Lock()

    def __enter__(self) -> Self:
        self._begin()
        self._entered = True
        try:
            self._drive(self._work.open())
            for number, flow in enumerate(self._work.workers()):
                # as daemons: a program that is interrupted must not wait for an answer that nobody will read
                name = f"frgov-worker-{number}"
                thread = threading.Thread(target=self._drive, args=(flow,), name=name, daemon=True)
                thread.start()
                self._threads.append(thread)
        except BaseException:
            self._leave(patience=_PATIENCE)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(patience=None if self._over else _PATIENCE)

    def _leave(self, patience: float | None) -> None:
        """End the workers; those that are in the middle of a request are left to themselves after a while."""
        self._entered = False
        try:
            self._work.stop()
            for thread in self._threads:
                thread.join(None if patience is None else patience / len(self._threads))
        finally:
            self._drive(self._work.close())

    def __iter__(self) -> Iterator[T]:
        if self._entered:
            yield from self._items()
            return
        with self:
            yield from self._items()

    def _items(self) -> Iterator[T]:
        self._take(_LOOP)
        while True:
            yield from self._ready[1]  # of a loop that was left, too
            if not self._asking.acquire(blocking=False):
                raise RuntimeError("another thread takes items of this run: give each of them a queue instead")
            try:
                received = self._ready[0]
                batch = self._drive(self._work.next_batch(received))
                if batch is None:
                    self._over = True
                    return
                self._ready = received + len(batch), iter(batch)
            finally:
                self._asking.release()

    def _run(self, story: Callable[[], Flow[R]]) -> R:
        """Play a flow that takes all batches itself."""
        self._take(_WHOLE)
        if not self._entered:
            with self:
                return self._whole(story)
        return self._whole(story)

    def _whole(self, story: Callable[[], Flow[R]]) -> R:
        found = self._drive(story())
        self._over = True
        return found


class AsyncJob(_Once, Generic[T]):
    """Work of an async client: `async with` it, then iterate over it."""

    def __init__(self, work: Work[T], driver: AsyncDriver) -> None:
        super().__init__()
        self._work = work
        self._drive = driver.drive
        self._group: Any = None
        self._ready: tuple[int, Iterator[T]] = 0, iter(())
        self._asking = False

    async def __aenter__(self) -> Self:
        import anyio

        self._begin()
        self._group = anyio.create_task_group()
        try:
            await self._drive(self._work.open())
            await self._group.__aenter__()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._drive(self._work.close())
            raise
        self._entered = True
        for flow in self._work.workers():
            self._group.start_soon(self._drive, flow)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import anyio

        self._entered = False
        self._work.stop()
        self._group.cancel_scope.cancel()
        try:
            await self._group.__aexit__(None, None, None)
        finally:
            with anyio.CancelScope(shield=True):
                await self._drive(self._work.close())

    def __aiter__(self) -> AsyncIterator[T]:
        if not self._entered:
            # tasks that outlive a loop which was left early would be nobody's: the block is theirs
            raise RuntimeError("an async run needs its block: `async with client.method(...) as run: async for ...`")
        self._take(_LOOP)
        return self

    async def __anext__(self) -> T:  # an async generator that is left early would warn under trio
        if self._asking:
            raise RuntimeError("another task takes items of this run: give each of them a queue instead")
        self._asking = True
        try:
            while True:
                received, ready = self._ready
                for item in ready:
                    return item
                batch = await self._drive(self._work.next_batch(received))
                if batch is None:
                    raise StopAsyncIteration
                self._ready = received + len(batch), iter(batch)
        finally:
            self._asking = False

    async def _run(self, story: Callable[[], Flow[R]]) -> R:
        """Play a flow that takes all batches itself."""
        self._take(_WHOLE)
        if self._entered:
            return await self._drive(story())
        async with self:
            return await self._drive(story())
