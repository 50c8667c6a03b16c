"""The cache in the pipeline: what is answered from it, and what is kept."""

from __future__ import annotations

import sqlite3
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
from caching_parts import PERSONAL, THING, UNCACHED, AsyncThing, Source, Thing, go

from frgov_clients.errors import (
    FrgovError,
)
from frgov_clients.transport.cache import MemoryCache, pack
from frgov_clients.transport.cache_sqlite import SqliteCache
from frgov_clients.transport.operation import Operation
from frgov_clients.transport.ratelimit import RateLimiter
from frgov_clients.transport.telemetry import CacheHitEvent
from frgov_clients.transport.windows import Window
from support import COLOURS, ProbeEndpoints, play, service_of, spec_of


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


# ---- hits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_a_hit_sends_nothing_and_spends_nothing(colour: str, store: Any) -> None:
    source, events = Source(), []  # type: ignore[var-annotated]
    limiter = RateLimiter((Window(limit=1, seconds=3600),))

    class Quota(ProbeEndpoints):
        _service = service_of("cached", quotas={"calls": limiter.windows})

    pair = (type("P", (Quota, Thing), {}), type("A", (Quota, AsyncThing), {}))

    async def story(client: Any) -> None:
        assert [await client.send(THING) for _ in range(20)] == [1] * 20
        raw = await client.raw.send(THING)
        assert (raw.content, raw.status, raw.stale, raw.parse()) == (b'{"n":1}', 200, False, 1)
        assert raw.headers["content-type"] == "application/json"
        assert raw.age is not None
        assert 0 <= raw.age < 5

    play(
        colour,
        pair,
        story,
        http_client=source.client(colour),
        cache=store,
        limiters={"calls": limiter},
        max_wait=0.0,
        on_event=events.append,
    )
    assert source.asked == 1
    hits = [event for event in events if isinstance(event, CacheHitEvent)]
    assert len(hits) == 20
    assert {(event.operation, event.stale) for event in hits} == {("probe.get", False)}


def test_both_colours_share_a_store(store: Any) -> None:
    source = Source()

    async def story(client: Any) -> Any:
        return await client.send(THING)

    assert [go(colour, source, story, cache=store) for colour in COLOURS] == [1, 1, 1]
    assert source.asked == 1


def test_what_was_just_fetched_is_neither_stale_nor_old() -> None:
    async def story(client: Any) -> Any:
        return await client.raw.send(THING)

    raw = go("asyncio", Source(), story, cache=MemoryCache())
    assert (raw.stale, raw.age) == (False, None)


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_hit_needs_no_worker_thread(colour: str, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(client: Any) -> None:
        await client.send(THING)

        def refuse(*args: Any, **options: Any) -> Any:
            raise AssertionError("a hop to a thread")

        monkeypatch.setattr(anyio.to_thread, "run_sync", refuse)
        assert await client.send(THING) == 1

    go(colour, Source(), story, cache=store)


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_store_on_the_network_is_never_asked_in_the_event_loop(colour: str) -> None:
    inner, threads = MemoryCache(), set()  # type: ignore[var-annotated]

    class Far:
        io = "network"

        def get(self, key: str) -> bytes | None:
            threads.add(threading.get_ident())
            return inner.get(key)

        def set(self, key: str, value: bytes, ttl: float) -> None:
            threads.add(threading.get_ident())
            inner.set(key, value, ttl)

        def delete(self, key: str) -> None:
            inner.delete(key)

    async def story(client: Any) -> None:
        assert [await client.send(THING) for _ in range(3)] == [1, 1, 1]

    go(colour, Source(), story, cache=Far())
    assert threads
    assert threading.get_ident() not in threads


# ---- what is kept -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "failing",
    [
        404,
        410,
        429,
        500,
        302,
        "<html>maintenance</html>",
        "",
        '{"n": ',
        '{"failed": true}',
        httpx.ReadError("cut"),
        httpx.ReadTimeout("late"),
    ],
)
def test_a_failure_is_never_kept(colour: str, failing: Any, store: Any) -> None:
    source = Source(failing, failing)

    async def story(client: Any) -> None:
        for _ in range(2):
            with pytest.raises(FrgovError):
                await client.send(THING)
        assert await client.send(THING) == 3
        assert await client.send(THING) == 3

    go(colour, source, story, cache=store, stale_if_error=60.0)


@pytest.mark.parametrize("colour", COLOURS)
def test_the_raw_view_keeps_only_what_can_be_read(colour: str, store: Any) -> None:
    source = Source(*["<html>maintenance</html>"] * 2)

    async def story(client: Any) -> None:
        for _ in range(2):
            raw = await client.raw.send(THING)
            assert (raw.content, raw.age) == (b"<html>maintenance</html>", None)
        assert await client.send(THING) == 3
        raw = await client.raw.send(THING)
        assert raw.content == b'{"n":3}'

    go(colour, source, story, cache=store)
    assert source.asked == 3


def test_a_status_that_says_more_than_its_body_is_not_kept() -> None:
    """A kept answer comes back as a 200: one that was none would be read wrongly."""
    operation = Operation(
        spec_of(ttl=60.0, statuses=frozenset({206, 404}), decode=lambda reply, operation: reply.status == 200)
    )
    source = Source(404, 404, 206)

    async def story(client: Any) -> None:
        assert [await client.send(operation) for _ in range(4)] == [False, False, False, True]

    go("sync", source, story, cache=MemoryCache())


@pytest.mark.parametrize("colour", COLOURS)
def test_what_speaks_of_persons_is_kept_only_when_asked(colour: str, store: Any) -> None:
    source = Source()

    async def story(client: Any) -> None:
        assert [await client.send(PERSONAL), await client.send(PERSONAL)] == [1, 2]
        willing = client.with_options(cache_personal=True)
        assert [await willing.send(PERSONAL), await willing.send(PERSONAL)] == [3, 3]
        assert await client.send(PERSONAL) == 4  # who did not ask for it does not get it either

    go(colour, source, story, cache=store)


def test_personal_answers_leave_no_trace_on_disk(tmp_path: Path) -> None:
    source = Source('{"n": "Camille Martin"}', '{"n": "public"}')

    async def story(client: Any) -> None:
        await client.send(PERSONAL)
        await client.send(THING)

    with SqliteCache(tmp_path / "cache.sqlite") as store:
        go("sync", source, story, cache=store)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"public" in content
    assert b"Martin" not in content
    with sqlite3.connect(tmp_path / "cache.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    connection.close()


def test_an_operation_without_a_time_is_not_kept() -> None:
    async def story(client: Any) -> None:
        assert [await client.send(UNCACHED) for _ in range(3)] == [1, 2, 3]
        assert [await client.with_options(cache_ttl=60.0).send(UNCACHED) for _ in range(2)] == [4, 5]

    go("sync", Source(), story, cache=MemoryCache())


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_too_old_is_fetched_again(colour: str, store: Any, at: Any) -> None:
    async def story(client: Any) -> None:
        assert await client.send(THING) == 1
        at(59)
        assert await client.send(THING) == 1
        at(61)
        assert [await client.send(THING) for _ in range(2)] == [2, 2]
        at(61 + 59)
        assert await client.send(THING) == 2

    go(colour, Source(), story, cache=store)


def test_who_asks_says_how_old_it_may_be(store: Any, at: Any) -> None:
    async def story(client: Any) -> None:
        assert await client.send(THING) == 1
        at(10)
        assert await client.with_options(cache_ttl=30.0).send(THING) == 1
        assert await client.with_options(cache_ttl=5.0).send(THING) == 2
        assert await client.with_options(cache=None).send(THING) == 3

    go("sync", Source(), story, cache=store)


@pytest.mark.parametrize("colour", COLOURS)
def test_an_entry_that_reads_no_more_is_fetched_again(colour: str, store: Any) -> None:
    """Written by another version of the package, or by nobody we know."""
    keys: list[str] = []

    class Spy:
        io = store.io

        def get(self, key: str) -> bytes | None:
            keys.append(key)
            return store.get(key)  # type: ignore[no-any-return]

        set = store.set
        delete = store.delete

    async def story(client: Any) -> None:
        assert await client.send(THING) == 1
        for number, blob in enumerate(
            (
                pack(b"<old>", (), 60.0, time.time()),
                pack(b'{"failed": true}', (), 60.0, time.time()),
                b"",
                b"banana",
            ),
            start=2,
        ):
            store.set(keys[0], blob, 60.0)
            assert [await client.send(THING) for _ in range(2)] == [number] * 2

    go(colour, Source(), story, cache=Spy())
    assert len(set(keys)) == 1
