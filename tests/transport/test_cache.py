"""The three stores keep one contract; the envelope and the key are pure functions."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from frgov_clients.errors import ConfigurationError
from frgov_clients.transport.cache import Cache, MemoryCache, Trouble
from frgov_clients.transport.cache_redis import RedisCache
from frgov_clients.transport.cache_sqlite import SqliteCache

KEYS = ["", "plain", "k" * 5000, "é\x00 '\"\n%", "*?[a-z]\\^", "\ud800\udc00", "\ud83d", "😀"]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


class Subject(NamedTuple):
    store: Any
    let_pass: Callable[[float], None]


@pytest.fixture(params=["memory", "sqlite", "redis"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    clock = Clock()
    if request.param == "redis":
        store: Any = RedisCache(request.getfixturevalue("redis_url"), prefix=f"test:{tmp_path.name}:")
        yield Subject(store, time.sleep)
        store.clear()
    elif request.param == "memory":
        yield Subject(store := MemoryCache(clock=clock), clock.move)
    else:
        yield Subject(store := SqliteCache(tmp_path / "cache.sqlite", clock=clock), clock.move)
    store.close()


@pytest.fixture
def warnings_logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.WARNING, "frgov_clients.cache")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "frgov_clients.cache"]


def own_value(key: str, turn: int = 0) -> bytes:
    """A value that tells which key it belongs to."""
    return f"{key}/{turn}/".encode() + hashlib.sha256(key.encode()).digest() * 20


# ---- the contract of all stores ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_any_key_gives_its_own_value_back(subject: Subject, key: str) -> None:
    store: Cache = subject.store
    for other in KEYS:
        store.set(other, repr(other).encode("ascii", "backslashreplace"), 60)
    assert store.get(key) == repr(key).encode("ascii", "backslashreplace")
    store.delete(key)
    assert [other for other in KEYS if store.get(other) is None] == [key]


@pytest.mark.parametrize("value", [b"", b"\x00", bytes(range(256)), os.urandom(5_000_000)], ids=lambda v: str(len(v)))
def test_any_value_comes_back_unchanged(subject: Subject, value: bytes) -> None:
    subject.store.set("key", b"older", 60)
    subject.store.set("key", value, 60)
    assert subject.store.get("key") == value


def test_an_entry_ends_with_its_own_ttl(subject: Subject) -> None:
    subject.store.set("short", b"1", 0.05)
    subject.store.set("long", b"2", 60)
    subject.store.set("renewed", b"3", 0.05)
    subject.store.set("renewed", b"4", float("inf"))
    subject.let_pass(0.06)
    assert [subject.store.get(key) for key in ("short", "long", "renewed")] == [None, b"2", b"4"]


@pytest.mark.parametrize("ttl", [0.0, -1.0, float("nan")])
def test_a_ttl_that_is_not_above_zero_removes_the_key(subject: Subject, ttl: float) -> None:
    subject.store.set("key", b"older", 60)
    subject.store.set("key", b"newer", ttl)
    assert subject.store.get("key") is None


def test_deleting_and_clearing(subject: Subject) -> None:
    subject.store.delete("never there")
    for number in range(1200):
        subject.store.set(f"{number}", b"x", 60)
    subject.store.delete("7")
    assert subject.store.get("7") is None
    assert subject.store.get("8") == b"x"
    subject.store.clear()
    assert not any(subject.store.get(f"{number}") for number in range(1200))


def test_eight_threads_never_mix_nor_lose_values(subject: Subject) -> None:
    store: Cache = subject.store

    def hammer(thread: int) -> int:
        checked = 0
        for turn in range(40):
            mine, shared = f"t{thread}-{turn}", f"shared-{turn % 5}"
            store.set(mine, own_value(mine), 60)
            store.set(shared, own_value(shared, thread), 60)
            assert store.get(mine) == own_value(mine)
            assert store.get(shared) in {own_value(shared, other) for other in range(8)}
            if turn % 3 == 0:
                store.delete(mine)
                assert store.get(mine) is None
            checked += 1
        return checked

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(hammer, range(8))) == [40] * 8
    assert all(store.get(f"t{thread}-1") == own_value(f"t{thread}-1") for thread in range(8))


def test_how_each_store_may_block() -> None:
    assert [kind.io for kind in (MemoryCache, SqliteCache, RedisCache)] == ["none", "disk", "network"]


# ---- memory ------------------------------------------------------------------------------------------------


def test_memory_drops_the_least_recently_used_entry() -> None:
    store = MemoryCache(max_entries=3)
    for key in "abc":
        store.set(key, key.encode(), 60)
    assert store.get("a") == b"a"
    store.set("c", b"C", 60)  # replacing needs no room
    store.set("d", b"d", 60)
    assert [store.get(key) for key in "abcd"] == [b"a", None, b"C", b"d"]
    assert len(store) == 3


def test_memory_keeps_within_its_bytes() -> None:
    clock = Clock()
    store = MemoryCache(max_bytes=10_000, clock=clock)
    for number in range(50):
        store.set(f"{number:04d}", bytes(700), 60 + number)
        assert store.size <= 10_000
    entry = 4 + 700 + MemoryCache.OVERHEAD
    assert (len(store), store.size) == (10_000 // entry, 10_000 // entry * entry)
    store.set("0049", bytes(10_000), 60)
    assert store.get("0049") is None, "too large: neither kept nor hidden behind its older value"
    clock.move(200)
    assert (len(store), store.size) == (0, 0)


def test_memory_stays_sound_when_threads_fill_and_expire_it() -> None:
    store = MemoryCache(max_entries=40, max_bytes=40_000)

    def hammer(thread: int) -> None:
        for turn in range(1500):
            key = f"{(turn * 7 + thread * 13) % 90}"
            store.set(key, own_value(key), 0.0005 if turn % 3 else 60)
            assert store.get(key) in {own_value(key), None}
            if turn % 11 == 0:
                store.delete(key)
            assert len(store) <= 40

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(hammer, range(8)))
    finally:
        sys.setswitchinterval(interval)
    for number in range(90):
        store.delete(f"{number}")
    assert (len(store), store.size) == (0, 0), "the sizes add up"


@pytest.mark.parametrize("limits", [{"max_entries": 0}, {"max_bytes": 0}])
def test_memory_refuses_senseless_limits(limits: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match="at least 1"):
        MemoryCache(**limits)


# ---- redis -------------------------------------------------------------------------------------------------


class FailingClient:
    """A redis client whose every command takes `delay` seconds and fails."""

    def __init__(self, clock: Clock, delay: float) -> None:
        self.clock, self.delay, self.asked, self.closed = clock, delay, 0, False

    def get(self, *_: object, **__: object) -> bytes:
        self.asked += 1
        self.clock.move(self.delay)
        raise ConnectionResetError("the text quotes a key")

    set = delete = get

    def close(self) -> None:
        self.closed = True


def test_redis_expires_by_itself_under_its_prefix(redis_url: str) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as client, RedisCache(client, prefix="a[b]*:") as store:
        store.set("key", b"x", 12.5)
        store.set("forever", b"x", float("inf"))
        assert 12_000 < client.pttl("a[b]*:key") <= 12_500
        assert client.ttl("a[b]*:forever") > 300_000_000
        client.set("ab:key", b"of somebody else")
        client.set("a[b]:key", b"of somebody else")
        store.clear()
        assert sorted(client.scan_iter("a*")) == [b"a[b]:key", b"ab:key"]
        client.delete("ab:key", "a[b]:key")


def test_redis_down_is_a_miss_and_one_warning(warnings_logged: Callable[[], list[str]]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        url = f"redis://:s3cret@127.0.0.1:{unused.getsockname()[1]}/0"
        with RedisCache(url) as store:
            assert [store.get("key"), store.get("key")] == [None, None]
            store.set("key", b"x", 60)
            store.delete("key")
    assert sorted(text.split(" fails at ")[1].split()[0] for text in warnings_logged()) == [
        "deleting",
        "reading",
        "writing",
    ]
    assert "s3cret" not in "".join(warnings_logged())


@pytest.mark.parametrize(("delay", "asked"), [(0.5, 1), (0.001, 3)])
def test_redis_that_hangs_delays_one_call_and_not_all(delay: float, asked: int) -> None:
    clock = Clock()
    client: Any = FailingClient(clock, delay)
    store = RedisCache(client, pause=5, clock=clock)
    store.set("key", b"x", 60)
    assert store.get("key") is None
    store.delete("key")
    assert client.asked == asked
    clock.move(5.1)
    store.get("key")
    assert client.asked == asked + 1


def test_redis_does_not_log_what_an_error_quotes(warnings_logged: Callable[[], list[str]]) -> None:
    client: Any = FailingClient(Clock(), 0)
    with RedisCache(client) as store:
        store.get("key")
    assert warnings_logged() == ["the redis cache fails at reading (ConnectionResetError): calls go on without it"]
    assert not client.closed, "a client that was given is left open"


def test_redis_clients_that_can_not_work_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import redis.asyncio

    with pytest.raises(ConfigurationError, match="synchronous"):
        RedisCache(cast("Any", redis.asyncio.Redis()))
    with pytest.raises(ConfigurationError, match="decode_responses"):
        RedisCache(redis.Redis(decode_responses=True))
    with pytest.raises(ConfigurationError, match="redis://host") as caught:
        RedisCache("http://:s3cret@host")
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'frgov-clients\[redis\]'"):
        RedisCache("redis://localhost")


# ---- warnings ----------------------------------------------------------------------------------------------


def test_trouble_is_told_once_per_operation_and_again_while_it_lasts(warnings_logged: Callable[[], list[str]]) -> None:
    clock = Clock()
    trouble = Trouble("test", clock, every=300)
    for _ in range(5):
        trouble.tell("reading", "Broken")
    trouble.tell("writing", "Broken")
    assert len(warnings_logged()) == 2
    clock.move(301)
    trouble.tell("reading", "Broken")
    assert len(warnings_logged()) == 3
