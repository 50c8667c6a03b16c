"""One circuit for several processes, through a real Redis."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pybreaker
import pytest
from circuit_parts import Clock, Ear, Watched, attempt, attempts, connections, member, passes

from frgov_clients.errors import CircuitOpen
from frgov_clients.transport.breaker import Circuit, CircuitOptions
from frgov_clients.transport.breaker_vaults import shared_circuits
from support import AsyncProbe, Probe


@pytest.fixture
def connect(redis_url: str) -> Iterator[Callable[[], Watched]]:
    with connections(redis_url) as make:
        yield make


# ---- its price ----------------------------------------------------------------------------------------------


def test_calls_that_succeed_ask_redis_once_in_a_refresh(connect: Any) -> None:
    connection, clock = connect(), Clock()
    circuit = member(connection, clock=clock)
    attempts(circuit, "o" * 200)
    assert connection.commands.count("GET") == 1
    assert len(connection.commands) <= 4  # three more when pybreaker makes its keys
    connection.commands.clear()
    for _ in range(5):
        clock.now += 1.0
        attempts(circuit, "o" * 40)
    assert connection.commands == ["GET"] * 5


@pytest.mark.parametrize("colour", ["sync", "asyncio"])
def test_two_hundred_calls_of_a_client(colour: str, connect: Any) -> None:
    connection = connect()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text="fine"))
    options: dict[str, Any] = {"circuit": CircuitOptions(vault=shared_circuits(connection), refresh=60.0)}
    if colour == "sync":
        with Probe(http_client=httpx.Client(transport=transport), **options) as client:
            for _ in range(200):
                client.get()
        assert connection.threads == {threading.get_ident()}
    else:

        async def story() -> None:
            async with AsyncProbe(http_client=httpx.AsyncClient(transport=transport), **options) as client:
                await asyncio.gather(*(client.get() for _ in range(200)))

        asyncio.run(story())
        assert threading.get_ident() not in connection.threads  # never in the event loop
    assert connection.commands.count("GET") == 1
    assert len(connection.commands) <= 4


def test_those_who_are_refused_cost_nothing_either(connect: Any) -> None:
    connection, clock = connect(), Clock()
    circuit = member(connection, clock=clock)
    attempts(circuit, "x" * 10)
    connection.commands.clear()
    assert not any(passes(circuit) for _ in range(100))
    assert not connection.commands


# ---- what is shared -----------------------------------------------------------------------------------------


def test_what_one_opens_the_others_see_within_a_refresh(connect: Any) -> None:
    clock = Clock()
    one, other = member(connect(), clock=clock), member(connect(), clock=clock)
    attempts(other, "o")
    attempts(one, "x" * 10)
    assert passes(other)  # it has just looked
    clock.now += 1.0
    with pytest.raises(CircuitOpen) as refused:
        attempt(other, failed=False)
    assert 28.0 < (refused.value.retry_after or 0) <= 30.1
    late = member(connect(), clock=clock)  # a process that starts now
    assert not passes(late)


def test_pybreakers_own_storage_reads_it(connect: Any) -> None:
    circuit, connection = member(connect(), cooldown=0.05), connect()
    attempts(circuit, "x" * 10)
    storage = pybreaker.CircuitRedisStorage(pybreaker.STATE_CLOSED, connection, namespace="frgov:probe")
    assert storage.state == pybreaker.STATE_OPEN
    assert storage.opened_at is not None
    assert abs((datetime.now(UTC) - storage.opened_at).total_seconds()) < 5
    time.sleep(0.06)
    attempt(circuit, failed=False)
    assert storage.state == pybreaker.STATE_CLOSED


def test_each_process_tells_its_listeners(connect: Any) -> None:
    ears = Ear(), Ear()
    one = member(connect(), cooldown=0.5, refresh=0.0, listeners=(ears[0],))
    other = member(connect(), cooldown=0.5, refresh=0.0, listeners=(ears[1],))
    attempts(one, "x" * 10)
    assert not passes(other)
    time.sleep(0.55)
    assert passes(one)
    assert passes(other)
    heard = [[change[1:] for change in ear.heard] for ear in ears]
    assert heard[0] == [("closed", "open"), ("open", "half-open"), ("half-open", "closed")]
    assert heard[1] == [("closed", "open"), ("open", "closed")]


# ---- one probe among processes ------------------------------------------------------------------------------


def test_one_probe_among_processes(connect: Any) -> None:
    """Ten processes, each with four threads, at the moment when the cooldown is over."""
    members = [member(connect(), cooldown=1.0, refresh=0.0) for _ in range(10)]
    attempts(members[0], "x" * 10)
    assert not any(passes(each) for each in members)
    time.sleep(1.05)
    probes: list[Circuit] = []
    barrier = threading.Barrier(40)

    def work(circuit: Circuit) -> None:
        barrier.wait(10)
        if (due := circuit.refresh()) is not None:
            due()
        try:
            probe = circuit.admit()
        except CircuitOpen:
            return
        take = circuit.take_probe()
        if probe and take is not None and take():
            probes.append(circuit)
        else:
            circuit.leave(probe=probe, failed=None)

    workers = [threading.Thread(target=work, args=(each,)) for each in members for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert len(probes) == 1
    tell = probes[0].leave(probe=True, failed=False)
    assert tell is not None
    tell()
    assert all(passes(each) for each in members)


def test_a_failed_probe_opens_it_for_everybody_for_a_whole_cooldown(connect: Any) -> None:
    one, other = member(connect(), cooldown=0.75), member(connect(), cooldown=0.75)
    attempts(one, "x" * 10)
    assert not passes(other)
    time.sleep(0.8)
    attempt(one, failed=True)
    assert other.state == "half-open"  # it does not know yet
    assert not passes(other)
    assert not passes(other)
    time.sleep(0.25)
    assert not passes(other)
    time.sleep(0.6)
    assert passes(other)


def test_whoever_opened_it_may_probe_when_his_cooldown_is_over(connect: Any) -> None:
    circuit = member(connect(), cooldown=0.3)
    for _ in range(5):
        attempts(circuit, "x" * (1 if circuit.state == "half-open" else 10))
        with pytest.raises(CircuitOpen) as refused:
            attempt(circuit, failed=False)
        time.sleep(refused.value.retry_after or 0)
        assert passes(circuit, failed=True)
        with pytest.raises(CircuitOpen) as refused:
            attempt(circuit, failed=False)
        time.sleep(refused.value.retry_after or 0)


def test_a_cancelled_probe_frees_the_place_for_other_processes(connect: Any) -> None:
    one, other = member(connect(), cooldown=3.0, refresh=0.0), member(connect(), cooldown=3.0, refresh=0.0)
    attempts(one, "x" * 10)
    time.sleep(3.05)
    began = time.monotonic()
    attempt(one, failed=None)
    while not passes(other):
        assert time.monotonic() - began < 2.7, "it had to wait until the place expired"
        time.sleep(0.005)


def test_the_place_of_a_process_that_died_expires(connect: Any) -> None:
    one, other = member(connect(), cooldown=0.5, refresh=0.0), member(connect(), cooldown=0.5, refresh=0.0)
    attempts(one, "x" * 10)
    time.sleep(0.55)
    assert one.admit()
    take = one.take_probe()
    assert take is not None
    assert take()  # and nothing more is heard of it
    assert not passes(other)
    time.sleep(0.55)
    assert passes(other)


PROCESS = """
import sys, time
import httpx, redis
from frgov_clients.errors import CircuitOpen, ServerError
from frgov_clients.transport.breaker import CircuitOptions
from frgov_clients.transport.breaker_vaults import shared_circuits
from support import Probe
connection = redis.Redis.from_url(sys.argv[1])
failures = int(sys.argv[2])

def together(name):
    connection.incr(name)
    while int(connection.get(name)) < 2:
        time.sleep(0.005)

def handler(request):
    global failures
    if failures:
        failures -= 1
        return httpx.Response(500)
    connection.lpush("in flight", connection.incr("probing"))
    time.sleep(0.2)
    connection.decr("probing")
    return httpx.Response(200, text="fine")

client = Probe(
    http_client=httpx.Client(transport=httpx.MockTransport(handler)), retries=0,
    circuit=CircuitOptions(vault=shared_circuits(connection), cooldown=0.5, refresh=0.0),
)
together("ready")
while failures:
    try:
        client.get()
    except ServerError:
        pass
together("open")
refused = 0
while True:
    try:
        print(client.get(), refused > 0)
        break
    except CircuitOpen as error:
        refused += 1
        time.sleep(min(error.retry_after, 0.05))
"""


def test_two_real_processes(redis_url: str, connect: Any) -> None:
    """One of them fails ten times: both are refused, then one probes and the other learns that all is well."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", PROCESS, redis_url]
    processes = [
        subprocess.Popen([*command, failures], env=environment, text=True, stdout=subprocess.PIPE)
        for failures in ("0", "10")
    ]
    assert [process.communicate(timeout=60)[0] for process in processes] == ["fine True\n"] * 2
    connection = connect()
    assert set(connection.lrange("in flight", 0, -1)) == {b"1"}  # never two at once
    (key,) = connection.keys("frgov:probe.127.0.0.1*:pybreaker:state")
    assert connection.get(key) == b"closed"
