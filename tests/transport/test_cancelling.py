"""A call that is cancelled or interrupted, wherever it is: nothing is left behind, and it counts for nothing."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trio

from frgov_clients.transport.cache import MemoryCache
from frgov_clients.transport.operation import Operation
from frgov_clients.transport.ratelimit import RateLimiter, Ticket
from frgov_clients.transport.retry import Retry
from frgov_clients.transport.windows import Window
from scripted import DOWN, FINE, Do, Scripted, Step, answer
from support import AsyncProbe, Probe, at_rest, cancelled_when, spec_of, until_async

pytestmark = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # trio says so of httpx's own


# Where a call can be when it is cancelled: what the server does, and options that make the call wait there.
STAGES: dict[str, tuple[Step, Callable[[], dict[str, Any]]]] = {
    "answer": ((Do.HANG,), dict),
    "body": ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", Do.HANG), dict),
    "pause before a retry": (DOWN, lambda: {"retries": Retry(wait=lambda state: 20.0), "deadline": 60.0}),
    "quota": (FINE, lambda: {"limiters": {"calls": _used_up()}, "deadline": 120.0}),
    "slot": (FINE, dict),
    "answer of a call that others wait for": ((Do.HANG,), lambda: {"cache": MemoryCache()}),
}

THERE = 0.15  # seconds after which a call is at its stage, on a busy machine too


def _used_up() -> RateLimiter:
    limiter = RateLimiter((Window(limit=1, seconds=60.0),))
    limiter.try_acquire(Ticket())
    return limiter


def busy(client: Any, stage: str) -> contextlib.AbstractContextManager[Any]:
    """With the stage `slot`, all slots are taken."""

    @contextlib.contextmanager
    def full() -> Iterator[None]:
        gate = client._policies.bulkhead
        for _ in range(gate.size):
            assert gate.enter() is None
        yield
        assert not gate._waiting
        for _ in range(gate.size):
            gate.leave()

    return full() if stage == "slot" else contextlib.nullcontext()


def cached(client: Any) -> Any:
    return client.send(Operation(spec_of(ttl=60.0)))


@pytest.mark.parametrize("stage", STAGES)
def test_cancelling_in_asyncio(stage: str) -> None:
    step, options = STAGES[stage]

    async def story() -> None:
        async with AsyncProbe(base_url=server.url, **options()) as client:
            with busy(client, stage):
                task = asyncio.create_task(cached(client))
                await asyncio.sleep(THERE)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            check(client, stage)

    with Scripted(step) as server:
        asyncio.run(story())


@pytest.mark.parametrize("stage", STAGES)
def test_cancelling_in_trio(stage: str) -> None:
    step, options = STAGES[stage]

    async def story() -> None:
        async with AsyncProbe(base_url=server.url, **options()) as client:
            with busy(client, stage):
                with trio.move_on_after(THERE) as scope:
                    await cached(client)
                assert scope.cancelled_caught
            check(client, stage)

    with Scripted(step) as server:
        trio.run(story)


@pytest.mark.parametrize("stage", STAGES)
def test_interrupting_a_blocking_call(stage: str) -> None:
    """Ctrl-C, wherever the call is."""
    step, options = STAGES[stage]
    with Scripted(step) as server, Probe(base_url=server.url, **options()) as client, busy(client, stage):
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            signal.setitimer(signal.ITIMER_REAL, THERE)
            with pytest.raises(KeyboardInterrupt) as caught:
                cached(client)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    check(client, stage)
    assert caught.tb is not None  # its frames are alive: the call was ended, not collected


def check(client: Any, stage: str) -> None:
    """Nothing is held, and the cancelled attempt counted for nothing."""
    assert at_rest(client)
    counted = [list(circuit._failed) for circuit in client._policies.circuits.values()]
    assert counted == ([[True]] if stage == "pause before a retry" else [[]])


def test_a_cancelled_leader_does_not_strand_those_who_wait_with_it() -> None:
    async def story() -> None:
        async with AsyncProbe(base_url=server.url, cache=MemoryCache()) as client:
            leader = asyncio.create_task(cached(client))
            await until_async(lambda: server.requests)
            others = [asyncio.create_task(cached(client)) for _ in range(5)]
            await asyncio.sleep(0.05)  # they begin before this is over, however slow the machine is
            leader.cancel()
            assert await asyncio.gather(*others) == ["fine"] * 5
            assert at_rest(client)

    with Scripted((Do.HANG,), FINE) as server:
        asyncio.run(story())
        assert len(server.requests) == 2


def test_the_connection_of_a_cancelled_call_is_not_used_again() -> None:
    """What is left of the old answer must not be taken for the new one."""

    async def story() -> None:
        async with AsyncProbe(base_url=server.url, max_in_flight=1) as client:
            for number, given_up in enumerate(cancelled):
                await cancelled_when(lambda: len(server.requests) > 2 * number, lambda: client.get("old"))  # noqa: B023
                given_up.set()
                assert await client.get("new") == "new"

    cancelled = [threading.Event() for _ in range(5)]
    steps: list[Step] = []
    for given_up in cancelled:
        steps += (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", given_up, b"old"), answer(200, b"new")
    with Scripted(*steps) as server:
        asyncio.run(story())


def test_a_call_that_is_never_awaited_to_its_end_gives_everything_back() -> None:
    with Scripted((Do.HANG,)) as server:
        loop = asyncio.new_event_loop()
        client = AsyncProbe(base_url=server.url)
        story = client.get()

        async def begin() -> None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(task := loop.create_task(story)), 0.05)
            abandoned.append(task)

        abandoned: list[Any] = []
        loop.run_until_complete(begin())
        assert client._policies.bulkhead.in_flight == 1
        for task in abandoned:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(abandoned[0])
        loop.run_until_complete(client.close())
        loop.close()
        assert at_rest(client)
