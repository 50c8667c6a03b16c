"""Tokens that clients share: in memory, in Redis, and when the store fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from login_parts import SECRET, Gate, both, login, run

from frgov_clients.transport.auth import (
    MemoryTokenStore,
    PasswordLogin,
    RedisTokenStore,
    Token,
)
from support import COLOURS


@pytest.fixture
def connection(redis_url: str) -> Iterator[Any]:
    class Counting(redis.Redis):  # type: ignore[misc]
        commands = 0

        def execute_command(self, *args: Any, **options: Any) -> Any:
            self.commands += 1
            return super().execute_command(*args, **options)

    with Counting.from_url(redis_url) as made:
        made.flushdb()
        made.commands = 0
        yield made


def test_a_store_in_memory_is_shared_by_two_clients() -> None:
    gate, store = Gate(), MemoryTokenStore()

    async def story(client: Any) -> None:
        await client.get()

    run("sync", gate, story, auth=login(store=store))
    run("asyncio", gate, story, auth=login(store=store))
    assert len(gate.logins) == 1
    run("sync", gate, story, auth=PasswordLogin("another", SECRET, path="/token", store=store))
    assert len(gate.logins) == 2


@pytest.mark.parametrize("colour", COLOURS)
def test_a_store_in_redis_is_shared_by_two_clients(colour: str, connection: Any) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        for _ in range(20):
            await client.get()

    run(colour, gate, story, auth=both(store=RedisTokenStore(connection)))
    run(colour, gate, story, auth=both(store=RedisTokenStore(connection)))
    assert len(gate.logins) == 1
    assert connection.commands == 3  # GET and SET of the first, GET of the second: not one for each call
    (key,) = connection.keys("frgov:token:*")
    assert SECRET.encode() not in key
    assert 3600 < connection.ttl(key) <= 3600 + 86_400
    gate.revoke()
    run(colour, gate, story, auth=both(store=RedisTokenStore(connection)))
    assert (len(gate.logins), gate.refreshes) == (1, ["R1"])  # renewed with what the other had left


FOREIGN = [
    b"",
    b"\xff\xfe",
    b"banana",
    b"[]",
    b"{}",
    b"null",
    b'"text"',
    b'{"access": 5}',
    b'{"access": ""}',
    b'{"access": "a\\nb"}',
    b'{"access": "x", "expires_at": "soon"}',
    b'{"access": "x", "refresh": 7}',
    b'{"access": "x", "another": 1}',
    b'{"access": "x", "scheme": null}',
]


def test_a_foreign_value_in_redis_is_ignored(connection: Any) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        assert await client.get() == "fine"

    run("sync", gate, story, auth=login(store=RedisTokenStore(connection)))
    (key,) = connection.keys("*")
    for number, value in enumerate(FOREIGN, start=2):
        connection.set(key, value)
        run("sync", gate, story, auth=login(store=RedisTokenStore(connection)))
        assert len(gate.logins) == number


def test_a_store_that_fails_costs_one_warning_and_no_further_login(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        blocking = True

        def load(self, key: str) -> Token | None:
            raise redis.ConnectionError(f"{SECRET} {key}")

        def save(self, key: str, token: Token) -> None:
            raise OSError(SECRET)

    gate = Gate()

    async def story(client: Any) -> None:
        for _ in range(5):
            await client.get()
            gate.revoke()

    for colour in COLOURS:
        caplog.clear()
        gate.__init__()  # type: ignore[misc]
        run(colour, gate, story, auth=login(store=Broken()))
        assert len(gate.logins) == 5
        texts = [record.getMessage() for record in caplog.records if record.name == "frgov_clients.auth"]
        assert texts == ["the token store fails (ConnectionError): this process keeps its token alone"]
