"""A shared circuit when Redis fails, dies, comes back, or holds what is not ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import redis
import redis.asyncio
from circuit_parts import Clock, Watched, attempts, connections, member, passes
from redis.backoff import NoBackoff
from redis.retry import Retry

from frgov_clients.errors import ConfigurationError
from frgov_clients.transport.breaker import CircuitOptions
from frgov_clients.transport.breaker_vaults import RedisVault, shared_circuits
from support import Probe


@pytest.fixture
def connect(redis_url: str) -> Iterator[Callable[[], Watched]]:
    with connections(redis_url) as make:
        yield make


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_without_redis_each_decides_alone_and_says_so_once(connect: Any, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    connection = connect()
    connection.down = True
    one, other = member(connection, clock=clock), member(connection, clock=clock)
    for _ in range(20):
        attempts(one, "o" * 5)
        clock.now += 1.0
    assert len(warnings(caplog)) == 1
    assert "Redis fails (ConnectionError)" in warnings(caplog)[0]
    assert len(connection.commands) <= 5  # not asked again for 5 s
    attempts(one, "x" * 10)
    clock.now += 6.0
    assert not passes(one)  # "closed" is not what Redis said: it said nothing
    assert passes(other)
    clock.now += 24.1
    assert passes(one, failed=True)
    assert not passes(one)
    clock.now += 30.1
    assert passes(one)
    assert one.state == "closed"
    assert len(warnings(caplog)) == 2  # one for each process


def test_redis_dies_and_comes_back(connect: Any, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    connections = connect(), connect()
    one, other = (member(each, clock=clock) for each in connections)
    attempts(one, "x" * 10)
    clock.now += 1.0
    assert not passes(other)
    for connection in connections:
        connection.down = True
    for _ in range(10):
        clock.now += 1.0
        assert not passes(one)
        assert not passes(other)
    assert len(warnings(caplog)) == 2
    clock.now += 20.0
    assert passes(other)
    assert other.state == "closed"
    for connection in connections:
        connection.down = False
    connections[0].delete("frgov:circuit:probe:gate")  # as if the cooldown had passed for Redis too
    clock.now += 6.0
    assert passes(one)  # probes, and tells
    clock.now += 6.0
    assert passes(other)
    assert (one.state, other.state) == ("closed", "closed")
    for connection in connections:
        connection.down = True
    clock.now += 1.0
    attempts(one, "o")
    assert len(warnings(caplog)) == 3  # it fails anew: told anew


def test_a_client_goes_on_without_redis(caplog: pytest.LogCaptureFixture) -> None:
    connection = redis.Redis(host="127.0.0.1", port=9, socket_timeout=0.2, retry=Retry(NoBackoff(), 0))
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text="fine"))
    options = CircuitOptions(vault=shared_circuits(connection), refresh=0.0)
    with Probe(http_client=httpx.Client(transport=transport), circuit=options) as client:
        assert [client.get() for _ in range(50)] == ["fine"] * 50
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize("decided", ["closed", "half-open"])
def test_what_was_decided_here_while_redis_was_read_is_newer(decided: str, connect: Any) -> None:
    clock = Clock()
    circuit = member(connect(), clock=clock)
    attempts(circuit, "x" * 10)

    class Slow(RedisVault):
        def read(self) -> float | None:
            answer = super().read()
            assert answer is not None
            clock.now += 31.0
            assert circuit.admit()
            if decided == "closed":
                circuit.leave(probe=True, failed=False)
            return answer

    circuit._vault = Slow("probe", circuit.options, connect(), clock=clock)
    clock.now += 1.0
    due = circuit.refresh()
    assert due is not None
    due()
    assert circuit.state == decided


def test_what_is_not_ours_in_redis_does_not_break_a_call(connect: Any, caplog: pytest.LogCaptureFixture) -> None:
    connection = connect()
    key = "frgov:probe:pybreaker:state"
    for value in (b"banana", b"\xff\xfe", b""):
        connection.set(key, value)
        assert passes(member(connect()))
    connection.delete(key)
    connection.lpush(key, "a list")
    assert passes(member(connect()))


def test_an_open_state_without_its_key_allows_a_probe(connect: Any) -> None:
    """Redis was restarted, or threw the key away: the circuit must not stay open for ever."""
    connection = connect()
    connection.set("frgov:probe:pybreaker:state", "open")
    circuit = member(connection)
    assert passes(circuit)
    assert circuit.state == "closed"
    assert connection.get("frgov:probe:pybreaker:state") == b"closed"


def test_connections_that_can_not_serve_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="decode_responses"):
        shared_circuits(redis.Redis(decode_responses=True))
    with pytest.raises(ConfigurationError, match="synchronous"):
        shared_circuits(redis.asyncio.Redis())  # type: ignore[arg-type]
