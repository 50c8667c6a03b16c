"""Long work as a stream of items, in threads and in tasks."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections import deque
from typing import Any

import anyio
import pytest
import trio

from frgov_clients.transport.drivers import AsyncDriver, SyncDriver
from frgov_clients.transport.effects import Flow, Offload, Sleep, Wait
from frgov_clients.transport.jobs import AsyncJob, Job
from frgov_clients.transport.waiting import Signal


class Squares:
    """Squares of the first numbers, worked out by several workers, handed over in batches of two."""

    def __init__(
        self, count: int = 10, workers: int = 3, *, pause: float = 0.001, breaks_at: int | None = None
    ) -> None:
        self.size = workers
        self.todo = deque(range(count))
        self.done: dict[int, int] = {}
        self.count = count
        self.at = 0
        self.pause = pause
        self.breaks_at = breaks_at
        self.error: Exception | None = None
        self.news = Signal()
        self.stopped = False
        self.opened = self.closed = 0
        self.refused = False
        self.lock = threading.Lock()

    def open(self) -> Flow[None]:
        yield Sleep(0)
        self.opened += 1
        if self.refused:
            raise ValueError("not here")

    def workers(self) -> list[Flow[None]]:
        return [self.worker() for _ in range(self.size)]

    def worker(self) -> Flow[None]:
        assert self.opened
        while not self.stopped:
            with self.lock:
                if not self.todo:
                    return
                number = self.todo.popleft()
            yield Sleep(self.pause)
            if number == self.breaks_at:
                self.error = ValueError("broken")
            square = yield Offload(lambda number=number: number**2)
            with self.lock:
                self.done[number] = square
                news, self.news = self.news, Signal()
            news.set()

    def next_batch(self, received=None) -> Flow[list[int] | None]:
        while True:
            with self.lock:
                if self.error is not None:
                    raise self.error
                if self.at >= self.count:
                    return None
                wanted = range(self.at, min(self.at + 2, self.count))
                if all(number in self.done for number in wanted):
                    self.at = wanted.stop
                    return [self.done.pop(number) for number in wanted]
                signal = self.news
            yield Wait(signal, 5.0)

    def stop(self) -> None:
        self.stopped = True

    def close(self) -> Flow[None]:
        yield Sleep(0)
        self.closed += 1


def blocking(work: Squares) -> Job[int]:
    return Job(work, SyncDriver(lambda: None))  # type: ignore[arg-type,return-value]


def awaited(work: Squares) -> AsyncJob[int]:
    return AsyncJob(work, AsyncDriver(lambda: None))  # type: ignore[arg-type,return-value]


def workers_alive() -> int:
    return sum(thread.name.startswith("frgov-worker") for thread in threading.enumerate())


EXPECTED = [number**2 for number in range(10)]
RUNS = pytest.mark.parametrize("run", [asyncio.run, lambda story: trio.run(lambda: story)], ids=["asyncio", "trio"])


def test_all_items_in_order() -> None:
    work = Squares()
    assert list(blocking(work)) == EXPECTED
    assert work.closed == 1
    assert workers_alive() == 0


def test_in_a_block() -> None:
    work = Squares()
    with blocking(work) as job:
        assert list(job) == EXPECTED
        assert list(job) == []
        assert not work.closed
    assert work.closed == 1


def test_nothing_is_opened_before_it_begins() -> None:
    work = Squares()
    job = blocking(work)
    assert not work.opened
    assert list(job) == EXPECTED
    assert (work.opened, work.closed) == (1, 1)


def test_what_can_not_be_opened_is_closed() -> None:
    work = Squares()
    work.refused = True
    with pytest.raises(ValueError, match="not here"):
        list(blocking(work))
    assert (work.opened, work.closed, len(work.todo)) == (1, 1, 10)
    assert workers_alive() == 0


def test_interrupted_while_the_workers_end() -> None:
    work = Squares()

    def interrupted() -> None:
        raise KeyboardInterrupt

    job = blocking(work)
    with pytest.raises(KeyboardInterrupt), job:
        work.stop = interrupted  # type: ignore[method-assign]
    assert work.closed == 1


def test_a_loop_that_was_left_can_be_gone_on_with_in_the_block() -> None:
    with blocking(Squares()) as job:
        for item in job:
            if item == 4:
                break
        assert list(job) == EXPECTED[3:]


def everything(work: Squares) -> Flow[list[int]]:
    found: list[int] = []
    while (batch := (yield from work.next_batch())) is not None:
        found += batch
    return found


def test_what_takes_all_refuses_a_part_of_it() -> None:
    work = Squares()
    with blocking(work) as job:
        next(iter(job))
        with pytest.raises(RuntimeError, match="taken already"):
            job._run(lambda: everything(work))
    work = Squares()
    with blocking(work) as job:
        assert job._run(lambda: everything(work)) == EXPECTED
        with pytest.raises(RuntimeError, match="taken already"):
            list(job)
        with pytest.raises(RuntimeError, match="taken already"):
            job._run(lambda: everything(work))


def test_leaving_the_loop_early_ends_the_workers() -> None:
    work = Squares(count=1000)
    for item in blocking(work):
        assert item == 0
        break
    gc.collect()
    assert work.closed == 1
    assert work.stopped
    assert workers_alive() == 0
    assert len(work.todo) > 900


def test_an_error_of_a_worker_is_raised_where_the_items_are_taken() -> None:
    work = Squares(breaks_at=5)
    taken = []
    with pytest.raises(ValueError, match="broken"):
        taken.extend(blocking(work))
    assert work.closed == 1


def test_an_error_of_the_caller_ends_the_workers_and_does_not_wait_for_long() -> None:
    work = Squares(count=100, pause=0.2)
    began = time.monotonic()

    def interrupted() -> None:
        with blocking(work) as job:
            next(iter(job))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - began < 3
    assert work.closed == 1


def test_a_job_is_used_once() -> None:
    job = blocking(Squares())
    list(job)
    with pytest.raises(RuntimeError, match="over or under way"):
        list(job)


@RUNS
def test_tasks(run: Any) -> None:
    work = Squares()

    async def story() -> list[int]:
        async with awaited(work) as job:
            return [item async for item in job]

    assert run(story()) == EXPECTED
    assert work.closed == 1


@RUNS
def test_what_tasks_need_can_not_be_opened(run: Any) -> None:
    work = Squares()
    work.refused = True

    async def story() -> None:
        async with awaited(work):
            raise AssertionError("in the block")

    with pytest.raises(ValueError, match="not here"):
        run(story())
    assert (work.opened, work.closed, len(work.todo)) == (1, 1, 10)


@RUNS
def test_tasks_end_with_the_block(run: Any) -> None:
    work = Squares(count=1000)

    async def story() -> None:
        async with awaited(work) as job:
            async for _ in job:
                break

    run(story())
    assert work.closed == 1
    assert len(work.todo) > 900


@RUNS
def test_an_error_in_the_block_comes_out_as_it_is(run: Any) -> None:
    work = Squares(count=1000)

    async def story() -> None:
        async with awaited(work) as job:
            async for _ in job:
                raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        run(story())
    assert work.closed == 1


@RUNS
def test_an_error_of_a_task_comes_out_as_it_is(run: Any) -> None:
    work = Squares(breaks_at=3)

    async def story() -> None:
        async with awaited(work) as job:
            async for _ in job:
                pass

    with pytest.raises(ValueError, match="broken"):
        run(story())
    assert work.closed == 1


@RUNS
def test_a_caller_that_is_cancelled_is_gone_at_once(run: Any) -> None:
    work = Squares(count=1000, pause=0.05)

    async def story() -> bool:
        with anyio.move_on_after(0.2) as scope:
            async with awaited(work) as job:
                async for _ in job:
                    pass
        return scope.cancelled_caught

    began = time.monotonic()
    assert run(story())
    assert time.monotonic() - began < 2
    assert work.closed == 1


@RUNS
def test_without_a_block_it_is_refused(run: Any) -> None:
    async def story() -> None:
        async for _ in awaited(Squares()):
            pass

    with pytest.raises(RuntimeError, match="async with"):
        run(story())
