"""One request for all who ask the same at the same moment."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest
import trio
from caching_parts import THING, Source, Thing, go
from crowds import in_threads

from frgov_clients.errors import (
    DeadlineExceeded,
    FrgovError,
)
from frgov_clients.transport.cache import MemoryCache
from frgov_clients.transport.cache_sqlite import SqliteCache
from frgov_clients.transport.effects import Send, Wait
from frgov_clients.transport.operation import Reply
from frgov_clients.transport.pipeline import run
from support import AsyncProbe, Probe


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with MemoryCache() if request.param == "memory" else SqliteCache(tmp_path / "cache.sqlite") as made:
        yield made


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the wall clock by which answers age to that many seconds from now."""
    began = time.time()

    def move(seconds: float) -> None:
        monkeypatch.setattr("frgov_clients.transport.caching.time", SimpleNamespace(time=lambda: began + seconds))

    move(0.0)
    return move


async def in_tasks(number: int, client: AsyncProbe) -> list[Any]:
    async with asyncio.timeout(30):
        return await asyncio.gather(*(client.send(THING) for _ in range(number)), return_exceptions=True)


def test_fifty_threads_ask_once(store: Any) -> None:
    source = Source(delay=0.03)
    with Thing(http_client=source.client("sync"), cache=store) as client:
        assert in_threads(50, lambda: client.send(THING)) == [1] * 50
    assert source.asked == 1


def test_fifty_tasks_ask_once(store: Any) -> None:
    source = Source(delay=0.03)

    async def story() -> None:
        async with AsyncProbe(http_client=source.client("asyncio"), cache=store) as client:
            assert await in_tasks(50, client) == [1] * 50
        assert source.asked == 1

    asyncio.run(story())


def test_fifty_tasks_of_trio_ask_once(store: Any) -> None:
    source, results = Source(delay=0.03), []  # type: ignore[var-annotated]

    async def story() -> None:
        async with AsyncProbe(http_client=source.client("trio"), cache=store) as client:

            async def work() -> None:
                results.append(await client.send(THING))

            async with trio.open_nursery() as nursery:
                for _ in range(50):
                    nursery.start_soon(work)

    trio.run(story)
    assert results == [1] * 50
    assert source.asked == 1


def test_threads_and_two_event_loops_ask_once() -> None:
    """One client for the threads and one for the loops, of one family: they share their flights."""
    source, store = Source(delay=0.1), MemoryCache()
    blocking = Probe(http_client=source.client("sync"), cache=store)
    awaiting = AsyncProbe(http_client=source.client("asyncio"), cache=store)
    awaiting._policies = dataclasses.replace(awaiting._policies, cache=blocking._policies.cache)
    results: list[Any] = []
    start = threading.Barrier(3)

    def loop() -> None:
        async def story() -> list[Any]:
            start.wait(10)
            return await in_tasks(25, awaiting)

        results.extend(asyncio.run(story()))

    loops = [threading.Thread(target=loop) for _ in range(2)]
    for each in loops:
        each.start()
    start.wait(10)
    results += in_threads(20, lambda: blocking.send(THING))
    for each in loops:
        each.join(30)
    assert results == [1] * 70
    assert source.asked == 1


@pytest.mark.parametrize("colour", ["sync", "asyncio"])
@pytest.mark.parametrize("failing", [404, 500, httpx.ConnectError("x"), "<html>"])
def test_when_it_fails_each_gets_his_own_error_and_nothing_is_kept(colour: str, failing: Any, store: Any) -> None:
    source = Source(failing, delay=0.05)
    if colour == "sync":
        with Thing(http_client=source.client(colour), cache=store, retries=0) as client:
            results, last = in_threads(30, lambda: client.send(THING)), client.send(THING)
    else:

        async def story() -> tuple[list[Any], Any]:
            async with AsyncProbe(http_client=source.client(colour), cache=store, retries=0) as client:
                return await in_tasks(30, client), await client.send(THING)

        results, last = asyncio.run(story())
    assert len({type(each) for each in results}) == 1
    assert all(isinstance(each, FrgovError) for each in results)
    assert len({id(each) for each in results}) == 30
    assert {each.operation for each in results} == {"probe.get"}
    assert {len(each.attempts) for each in results} == {1}
    assert (last, source.asked) == (2, 2)


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_when_the_one_who_asks_is_cancelled_another_asks(colour: str, store: Any) -> None:
    source, results = Source(delay=0.04), []  # type: ignore[var-annotated]

    async def story(client: Any) -> None:
        async def work() -> None:
            results.append(await client.send(THING))

        async def late() -> None:
            await anyio.sleep(0.005)  # when the other leads
            async with anyio.create_task_group() as group:
                for _ in range(20):
                    group.start_soon(work)

        async with anyio.create_task_group() as group:
            group.start_soon(late)
            with anyio.move_on_after(0.02) as scope:
                await client.send(THING)
            assert scope.cancelled_caught
        assert not client._policies.cache.flights._by_key

    go(colour, source, story, cache=store)
    assert results == [1] * 20  # the first request never arrived, and one replaced it
    assert source.asked == 1


def test_when_the_thread_who_asks_is_interrupted_another_asks() -> None:
    source = Source(KeyboardInterrupt(), delay=0.05)
    with Thing(http_client=source.client("sync"), cache=MemoryCache()) as client:
        results = in_threads(20, lambda: client.send(THING))
    assert [type(each) for each in results].count(KeyboardInterrupt) == 1
    assert results.count(2) == 19
    assert source.asked == 2


def test_an_impatient_sibling_fails_alone() -> None:
    source, results = Source(delay=0.15), []  # type: ignore[var-annotated]
    with Thing(http_client=source.client("sync"), cache=MemoryCache(), retries=0) as client:
        sibling = client.with_options(max_response_bytes=2)

        def fail() -> None:
            with pytest.raises(FrgovError):
                sibling.send(THING)
            results.append("failed")

        first = threading.Thread(target=fail)
        first.start()
        time.sleep(0.03)
        results.append(client.send(THING))
        first.join(5)
    assert sorted(results, key=str) == [2, "failed"] or sorted(results, key=str) == [1, "failed"]
    assert source.asked == 2


def test_the_raw_view_and_the_model_do_not_share_a_failure() -> None:
    """The raw view takes HTML as it is, and the model would have been asked again."""
    source, results = Source("<html>", delay=0.1), []  # type: ignore[var-annotated]
    with Thing(http_client=source.client("sync"), cache=MemoryCache(), retries=0) as client:
        first = threading.Thread(target=lambda: results.append(client.raw.send(THING).content))
        first.start()
        time.sleep(0.03)
        results.append(client.send(THING))
        first.join(5)
    assert set(results) == {b"<html>", 2}


# ---- step by step, without network --------------------------------------------------------------------------


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def lonely(**options: Any) -> tuple[Any, Clock]:
    """Policies with a cache and a clock, without network."""
    clock = Clock()
    client = Probe(cache=MemoryCache(), retries=0, circuit=None, **options)
    return dataclasses.replace(client._policies, clock=clock), clock


def test_whoever_takes_the_lead_late_has_only_the_rest_of_his_time() -> None:
    policies, clock = lonely(deadline=10.0)
    leader, follower = run(THING, policies), run(THING, policies)
    assert isinstance(leader.send(None), Send)
    waiting = follower.send(None)
    assert isinstance(waiting, Wait)
    assert waiting.seconds == 10.0
    clock.now += 7.0
    leader.close()
    assert waiting.signal.is_set
    sending = follower.send(True)
    assert isinstance(sending, Send)
    assert sending.timeout == pytest.approx(3.0)
    follower.close()


def test_a_wait_that_lasts_too_long_is_told() -> None:
    policies, clock = lonely(deadline=10.0)
    leader, follower = run(THING, policies), run(THING, policies)
    leader.send(None)
    follower.send(None)
    clock.now += 10.0
    with pytest.raises(DeadlineExceeded, match="still fetching the same answer") as late:
        follower.send(False)
    assert (late.value.service, late.value.operation) == ("probe", "probe.get")
    leader.close()


def test_a_wait_that_lasts_too_long_ends_with_the_old_answer(at: Any) -> None:
    policies, clock = lonely(deadline=10.0, stale_if_error=3600.0)
    first = run(THING, policies)
    first.send(None)
    with pytest.raises(StopIteration):
        first.send(Reply(200, {}, b'{"n": 7}'))
    at(100)
    leader, follower = run(THING, policies), run(THING, policies)
    leader.send(None)
    follower.send(None)
    clock.now += 10.0
    with pytest.raises(StopIteration) as done:
        follower.send(False)
    assert done.value.value == 7
    leader.close()


def test_an_answer_that_came_between_the_look_and_the_lead_is_taken() -> None:
    """Each caller looks into the store and then asks to lead: in between, another may have come back."""
    policies, _ = lonely()
    cache = policies.cache

    class Sly:
        def join(self, key: str) -> Any:
            other = run(THING, dataclasses.replace(policies, cache=dataclasses.replace(cache, flights=honest)))
            other.send(None)
            with pytest.raises(StopIteration):
                other.send(Reply(200, {}, b'{"n": 5}'))
            return honest.join(key)

        def land(self, key: str, flight: Any) -> None:
            honest.land(key, flight)

    honest = cache.flights
    late = run(THING, dataclasses.replace(policies, cache=dataclasses.replace(cache, flights=Sly())))
    with pytest.raises(StopIteration) as done:
        late.send(None)
    assert done.value.value == 5
