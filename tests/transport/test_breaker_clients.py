"""The circuit of a client: what it refuses, and who is told."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from typing import Any

import httpx
import pybreaker
import pytest
from circuit_parts import Clock, Ear, attempt, attempts, caught, of_colour, opened, statuses

from frgov_clients.errors import (
    CircuitOpen,
    ServiceUnavailable,
)
from frgov_clients.transport.breaker import Circuit, CircuitOptions
from frgov_clients.transport.breaker_vaults import LocalCircuit
from frgov_clients.transport.effects import Sleep
from frgov_clients.transport.operation import Operation
from frgov_clients.transport.pipeline import run
from frgov_clients.transport.ratelimit import RateLimiter
from frgov_clients.transport.retry import Retry
from frgov_clients.transport.windows import Window
from support import COLOURS, PROBES, AsyncProbe, Probe, ProbeEndpoints, play, service_of, spec_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("colour", COLOURS)
def test_the_failure_is_raised_not_the_refusal_when_it_opens_between_two_tries(colour: str) -> None:
    handler, given = statuses(503)

    async def story(client: Any) -> None:
        with pytest.raises(ServiceUnavailable) as failed:
            await client.get()
        assert [each.outcome for each in failed.value.attempts] == ["HTTP 503", "HTTP 503"]
        assert "circuit is open" in failed.value.__notes__[0]
        with pytest.raises(CircuitOpen) as refused:
            await client.get()
        assert (refused.value.service, refused.value.operation) == ("probe", "probe.get")
        assert "failed repeatedly (HTTP 503)" in str(refused.value)
        assert 29.0 < (refused.value.retry_after or 0) <= 30.0

    play(
        colour,
        PROBES,
        story,
        http_client=of_colour(colour, handler),
        circuit=CircuitOptions(window=2, minimum=2),
        retries=Retry(attempts=6, base=0.0, cap=0.0),
    )
    assert len(given) == 2


def test_it_opens_while_a_call_waits_for_its_quota() -> None:
    client = Probe(retries=0)
    limiter = RateLimiter((Window(limit=1, seconds=0.03),))
    policies = dataclasses.replace(client._policies, limiters={"calls": limiter})
    first = run(Operation(spec_of()), policies)
    first.send(None)  # takes the quota
    second = run(Operation(spec_of()), policies)
    effect = second.send(None)
    assert isinstance(effect, Sleep)
    attempts(policies.circuits["default"], "x" * 10)
    time.sleep(effect.seconds + 0.01)
    with pytest.raises(CircuitOpen) as refused:
        second.send(None)
    assert 29.0 < (refused.value.retry_after or 0) <= 30.0
    first.close()


class TwoEndpoints(ProbeEndpoints):
    _service = service_of("two", {"default": "http://127.0.0.1:9", "other": "http://127.0.0.2:9"})


class Two(TwoEndpoints, Probe):
    pass


class AsyncTwo(TwoEndpoints, AsyncProbe):
    pass


@pytest.mark.parametrize("colour", COLOURS)
def test_one_circuit_for_each_origin_shared_by_siblings(colour: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500 if request.url.host == "127.0.0.1" else 200, text="fine")

    async def story(client: Any) -> None:
        sibling = client.with_options(timeout=3.0)
        await caught(sibling, 10)
        assert await caught(client) == [CircuitOpen]
        assert await caught(client.with_options(retries=2)) == [CircuitOpen]
        assert await client.send(Operation(spec_of(origin="other"))) == "fine"

    play(colour, (Two, AsyncTwo), story, http_client=of_colour(colour, handler), retries=0)


@pytest.mark.parametrize("colour", COLOURS)
def test_it_can_be_switched_off(colour: str) -> None:
    handler, given = statuses(500)

    async def story(client: Any) -> None:
        assert CircuitOpen not in await caught(client, 40)

    play(colour, PROBES, story, http_client=of_colour(colour, handler), retries=0, circuit=None)
    assert len(given) == 40


# ---- pybreaker ----------------------------------------------------------------------------------------------


LAZY = """
import sys
import anyio
import httpx
from frgov_clients.errors import FrgovError
from support import Probe
answers = [200] * 11 + [500] * 10
transport = httpx.MockTransport(lambda request: httpx.Response(answers.pop(0)))
client = Probe(http_client=httpx.Client(transport=transport), retries=0)
loaded = []
while answers:
    try:
        client.get()
    except FrgovError:
        pass
    loaded.append("pybreaker" in sys.modules)
print(loaded.index(True), len(loaded))
"""


def test_pybreaker_is_imported_when_a_circuit_first_opens() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", LAZY], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("20 21\n", "")


@pytest.mark.parametrize("colour", COLOURS)
def test_listeners_and_events_are_told_of_each_change(colour: str, clock: Clock) -> None:
    ear = Ear()
    events: list[Any] = []
    answers = [500] * 11 + [200] * 2

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(answers.pop(0), text="fine")

    async def story(client: Any) -> None:
        client._policies.circuits["default"]._clock = clock
        await caught(client, 15)
        for _ in range(2):
            clock.now += 30.0
            await caught(client, 2)
        assert not answers

    changes = [
        ("closed", "open"),
        ("open", "half-open"),
        ("half-open", "open"),
        ("open", "half-open"),
        ("half-open", "closed"),
    ]
    play(
        colour,
        PROBES,
        story,
        http_client=of_colour(colour, handler),
        circuit=CircuitOptions(listeners=(ear,)),
        on_event=lambda event: events.append(event) if hasattr(event, "circuit") else None,
        retries=0,
    )
    assert [change[1:] for change in ear.heard] == changes
    assert {name.startswith("probe.127.0.0.1") for name, *_ in ear.heard} == {True}
    assert [(event.before, event.after) for event in events] == changes


def test_a_cancelled_probe_is_told_once(clock: Clock) -> None:
    ear = Ear()
    circuit = opened(clock, listeners=(ear,))
    clock.now += 30.0
    attempts(circuit, "--o")
    assert [change[1:] for change in ear.heard] == [
        ("closed", "open"),
        ("open", "half-open"),
        ("half-open", "closed"),
    ]


def test_a_listener_that_fails_breaks_nothing(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(pybreaker.CircuitBreakerListener):
        def state_change(self, cb: Any, old_state: Any, new_state: Any) -> None:
            raise RuntimeError("boom")

    circuit = opened(clock, listeners=(Broken(),))
    local = circuit._local
    assert local is not None
    assert local.breaker.current_state == "open"
    clock.now += 30.0
    attempt(circuit, failed=False)
    assert (circuit.state, local.breaker.current_state) == ("closed", "closed")
    assert caplog.text.count("a listener of the circuit probe failed") == 3


def test_pybreakers_memory_storage_holds_the_state(clock: Clock) -> None:
    circuit = opened(clock)
    local = circuit._local
    assert isinstance(local, LocalCircuit)
    assert isinstance(local.storage, pybreaker.CircuitMemoryStorage)
    assert local.storage.state == pybreaker.STATE_OPEN
    assert local.storage.opened_at is not None
    with pytest.raises(pybreaker.CircuitBreakerError):  # for whoever asks pybreaker himself
        local.breaker.call(lambda: None)


def test_changes_are_told_in_their_order_whoever_tells_them(clock: Clock) -> None:
    """The one who opened it may be slow to tell: the next change waits its turn, and nothing is told twice."""
    ear = Ear()
    circuit = Circuit("probe", CircuitOptions(listeners=(ear,), cooldown=1.0), clock=clock)
    for _ in range(9):
        circuit.leave(probe=False, failed=True)
    late = circuit.leave(probe=False, failed=True)
    assert late is not None
    clock.now += 1.0
    attempt(circuit, failed=False)
    late()
    assert [change[1:] for change in ear.heard] == [
        ("closed", "open"),
        ("open", "half-open"),
        ("half-open", "closed"),
    ]
