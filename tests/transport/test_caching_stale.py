"""An old answer in the place of a service that fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from caching_parts import THING, AsyncThing, Source, Thing, go
from crowds import in_threads

from frgov_clients.errors import (
    ApiError,
    CircuitOpen,
    RateLimited,
    ServerError,
)
from frgov_clients.transport.breaker import CircuitOptions
from frgov_clients.transport.cache import MemoryCache
from frgov_clients.transport.cache_sqlite import SqliteCache
from frgov_clients.transport.ratelimit import RateLimiter, Ticket
from frgov_clients.transport.telemetry import CacheHitEvent
from frgov_clients.transport.windows import Window
from support import COLOURS, ProbeEndpoints, play, service_of


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


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "failing",
    [
        httpx.ConnectError("x"),
        httpx.ReadTimeout("x"),
        httpx.ReadError("x"),
        500,
        503,
        429,
        "<html>",
        "",
        '{"n": ',
        '{"failed": true}',
    ],
)
def test_an_outage_is_answered_with_what_was_kept(colour: str, failing: Any, store: Any, at: Any) -> None:
    source = Source(200, failing, failing, 200)

    async def story(client: Any) -> None:
        assert await client.send(THING) == 1
        at(100)
        assert await client.send(THING) == 1
        if not isinstance(failing, str):  # the raw view does not read, and takes such an answer as it is
            raw = await client.raw.send(THING)
            assert (raw.stale, raw.parse()) == (True, 1)
            assert raw.age == pytest.approx(100, abs=5)
        else:
            source.steps.pop(0)
        at(101)
        assert await client.send(THING) >= 3
        raw = await client.raw.send(THING)
        assert not raw.stale

    go(colour, source, story, cache=store, stale_if_error=60.0)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("answer", [302, 400, 401, 403, 404, 409, 410, 413, 422])
def test_an_answer_that_says_no_is_not_replaced(colour: str, answer: int, store: Any, at: Any) -> None:
    source = Source(200, answer)

    async def story(client: Any) -> None:
        await client.send(THING)
        at(100)
        with pytest.raises(ApiError) as said:
            await client.send(THING)
        assert said.value.status == answer

    go(colour, source, story, cache=store, stale_if_error=60.0)


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_too_old_does_not_stand_in(colour: str, store: Any, at: Any) -> None:
    source = Source(200, 500, 500, 500)

    async def story(client: Any) -> None:
        await client.send(THING)
        at(119)
        assert await client.send(THING) == 1
        with pytest.raises(ServerError):
            await client.with_options(stale_if_error=10.0).send(THING)
        at(121)
        with pytest.raises(ServerError):
            await client.send(THING)

    go(colour, source, story, cache=store, stale_if_error=60.0)


def test_nothing_stands_in_unless_asked(store: Any, at: Any) -> None:
    async def story(client: Any) -> None:
        await client.send(THING)
        at(61)
        with pytest.raises(ServerError):
            await client.send(THING)

    go("sync", Source(200, 500), story, cache=store)


@pytest.mark.parametrize("colour", COLOURS)
def test_an_open_circuit_is_answered_with_what_was_kept(colour: str, store: Any, at: Any) -> None:
    source = Source(200, *[500] * 50)
    other = THING._replace(params=(("q", "other"),))

    async def story(client: Any) -> None:
        await client.send(THING)
        at(100)
        for _ in range(4):
            with pytest.raises(ServerError):
                await client.send(other)
        with pytest.raises(CircuitOpen):
            await client.send(other)
        asked = source.asked
        assert await client.send(THING) == 1
        raw = await client.raw.send(THING)
        assert raw.stale
        assert source.asked == asked

    go(colour, source, story, cache=store, stale_if_error=60.0, circuit=CircuitOptions(window=5, minimum=5))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_quota_of_ours_that_is_used_up_is_answered_with_what_was_kept(colour: str, store: Any, at: Any) -> None:
    limiter = RateLimiter((Window(limit=1, seconds=3600),))

    class Quota(ProbeEndpoints):
        _service = service_of("cached", quotas={"calls": limiter.windows})

    pair = (type("P", (Quota, Thing), {}), type("A", (Quota, AsyncThing), {}))
    source = Source()

    async def story(client: Any) -> None:
        await client.send(THING)
        assert limiter.try_acquire(Ticket())  # nothing left
        at(100)
        assert await client.send(THING) == 1
        with pytest.raises(RateLimited):
            await client.with_options(stale_if_error=0.0).send(THING)

    play(
        colour,
        pair,
        story,
        http_client=source.client(colour),
        cache=store,
        limiters={"calls": limiter},
        max_wait=0.0,
        stale_if_error=60.0,
    )
    assert source.asked == 1


def test_an_old_answer_is_for_those_who_accept_it_alone(at: Any) -> None:
    source, results = Source(200, 500, 500, delay=0.05), []  # type: ignore[var-annotated]
    with Thing(http_client=source.client("sync"), cache=MemoryCache(), retries=0, stale_if_error=60.0) as client:
        client.send(THING)
        at(100)
        strict = client.with_options(stale_if_error=0.0)
        first = threading.Thread(target=lambda: results.append(client.send(THING)))
        first.start()
        time.sleep(0.02)
        with pytest.raises(ServerError):
            strict.send(THING)
        first.join(5)
    assert results == [1]


def test_all_who_wait_get_the_old_answer(at: Any) -> None:
    source = Source(200, 500, delay=0.03)
    events: list[Any] = []
    with Thing(
        http_client=source.client("sync"), cache=MemoryCache(), retries=0, stale_if_error=60.0, on_event=events.append
    ) as client:
        client.send(THING)
        at(100)
        assert in_threads(20, lambda: client.send(THING)) == [1] * 20
    assert source.asked == 2
    assert [event.stale for event in events if isinstance(event, CacheHitEvent)] == [True]
