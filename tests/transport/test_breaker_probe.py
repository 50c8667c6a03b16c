"""One caller probes, whatever it runs on, and a probe that is cancelled counts for nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest
from circuit_parts import Clock, attempt, attempts, of_colour, opened

from frgov_clients.errors import (
    CircuitOpen,
    FrgovError,
)
from frgov_clients.transport.breaker import Circuit, CircuitOptions
from support import PROBES, AsyncProbe, Probe, cancelled_when, play


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_task_that_is_cancelled_while_it_probes(colour: str, clock: Clock) -> None:
    answers: list[str] = ["hang", "200"]

    async def handler(request: httpx.Request) -> httpx.Response:
        if answers.pop(0) == "hang":
            await anyio.sleep(20)
        return httpx.Response(200, text="fine")

    async def story(client: Any) -> None:
        circuit = client._policies.circuits["default"]
        circuit._clock = clock
        attempts(circuit, "x" * 10)
        clock.now += 30.0
        await cancelled_when(lambda: answers == ["200"], client.get)
        assert circuit.state == "half-open"
        assert await client.get() == "fine"
        assert circuit.state == "closed"

    play(colour, PROBES, story, http_client=of_colour(colour, handler), retries=0)


def test_a_thread_that_is_interrupted_while_it_probes(clock: Clock) -> None:
    answers: list[Any] = [KeyboardInterrupt(), httpx.Response(200, text="fine")]

    def handler(request: httpx.Request) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    with Probe(http_client=of_colour("sync", handler), retries=0) as client:
        circuit = client._policies.circuits["default"]
        circuit._clock = clock
        attempts(circuit, "x" * 10)
        clock.now += 30.0
        with pytest.raises(KeyboardInterrupt):
            client.get()
        assert client.get() == "fine"
        assert circuit.state == "closed"


# ---- one probe ----------------------------------------------------------------------------------------------


class Crowd:
    """A service of which the only answer comes when all the others were refused."""

    def __init__(self, callers: int) -> None:
        self.asked = self.refused = self.answered = 0
        self._others = callers - 1
        self._lock = threading.Lock()
        self.done = threading.Event()

    def handler(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert self.done.wait(10)
        return httpx.Response(200, text="fine")

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        for _ in range(5000):
            if self.done.is_set():
                break
            await asyncio.sleep(0.002)
        return httpx.Response(200, text="fine")

    def _count(self, error: FrgovError | None) -> None:
        with self._lock:
            if error is None:
                self.answered += 1
            else:
                assert isinstance(error, CircuitOpen)
                self.refused += 1
            if self.refused == self._others:
                self.done.set()

    def call(self, client: Probe) -> None:
        try:
            client.get()
        except FrgovError as error:
            self._count(error)
        else:
            self._count(None)

    async def call_async(self, client: AsyncProbe) -> None:
        try:
            await client.get()
        except FrgovError as error:
            self._count(error)
        else:
            self._count(None)


@pytest.fixture
def threads() -> Iterator[Callable[[int, Callable[[], None]], list[threading.Thread]]]:
    """Starts that many threads at the same moment."""
    started: list[threading.Thread] = []

    def start(number: int, work: Callable[[], None]) -> list[threading.Thread]:
        barrier = threading.Barrier(number)

        def ready() -> None:
            barrier.wait(10)
            work()

        new = [threading.Thread(target=ready) for _ in range(number)]
        started.extend(new)
        for thread in new:
            thread.start()
        return new

    yield start
    for thread in started:
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.parametrize(("in_threads", "in_tasks"), [(20, 0), (0, 20), (10, 10)])
def test_exactly_one_of_twenty_probes(in_threads: int, in_tasks: int, threads: Any, clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += 30.0
    crowd = Crowd(20)
    blocking = Probe(http_client=of_colour("sync", crowd.handler), retries=0)
    awaiting = AsyncProbe(http_client=of_colour("asyncio", crowd.async_handler), retries=0)
    for client in (blocking, awaiting):
        client._policies = dataclasses.replace(client._policies, circuits={"default": circuit})

    async def tasks() -> None:
        async with asyncio.timeout(15):
            await asyncio.gather(*(crowd.call_async(awaiting) for _ in range(in_tasks)))

    workers = threads(in_threads, lambda: crowd.call(blocking)) if in_threads else []
    asyncio.run(tasks())
    for worker in workers:
        worker.join(15)
    assert (crowd.asked, crowd.answered, crowd.refused) == (1, 1, 19)
    assert circuit.state == "closed"


def test_counting_is_exact_under_threads(threads: Any) -> None:
    """What succeeds is counted without the lock: the count of failures must not drift."""
    circuit = Circuit("probe", CircuitOptions(failure_rate=1.0, window=50, minimum=50))

    def work() -> None:
        for turn in range(300):
            attempt(circuit, failed=turn % 3 == 0)

    for worker in threads(6, work):
        worker.join(20)
    attempts(circuit, "o" * 50)
    assert circuit._failures == 0
    attempts(circuit, "x" * 49)
    assert circuit.state == "closed"
    attempts(circuit, "x")
    assert circuit.state == "open"
