"""The circuit by itself: when it opens, and what counts while it is open."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest
from circuit_parts import Clock, attempt, attempts, caught, of_colour, opened, statuses

from frgov_clients.errors import (
    CircuitOpen,
    ConfigurationError,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
)
from frgov_clients.transport.answers import not_json
from frgov_clients.transport.breaker import Circuit, CircuitOptions
from frgov_clients.transport.operation import Operation
from support import COLOURS, PROBES, play, spec_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


# ---- when it opens ------------------------------------------------------------------------------------------


def test_the_defaults_are_those_that_the_documentation_tells() -> None:
    options = CircuitOptions()
    assert (options.failure_rate, options.window, options.minimum, options.cooldown) == (0.5, 20, 10, 30.0)


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ("x" * 9, "closed"),  # too few to judge
        ("x" * 10, "open"),
        ("xo" * 4 + "x", "closed"),
        ("xo" * 5, "open"),  # half of ten: successes in between do not hide it
        ("oox" * 20, "closed"),  # a third, for ever
        ("o" * 200 + "x" * 9, "closed"),
        ("o" * 200 + "x" * 10, "open"),  # half of the last twenty, whatever was before
        ("oox" * 3 + "o" * 20 + "x" * 9, "closed"),  # old failures leave the window
        ("oox" * 3 + "o" * 20 + "x" * 10, "open"),
        ("x" * 9 + "-" * 50, "closed"),  # cancelled: counts for nothing
        ("x" * 9 + "-" * 50 + "x", "open"),
        ("x" * 9 + "o", "open"),  # nine of ten
    ],
)
def test_a_rate_over_a_window_decides(story: str, state: str, clock: Clock) -> None:
    circuit = Circuit("probe", CircuitOptions(), clock=clock)
    attempts(circuit, story)
    assert circuit.state == state


def test_own_rate_and_window(clock: Clock) -> None:
    circuit = Circuit("probe", CircuitOptions(failure_rate=0.9, window=10, minimum=10), clock=clock)
    attempts(circuit, "xo" + "x" * 7)
    assert circuit.state == "closed"
    attempts(circuit, "x")
    assert circuit.state == "open"


@pytest.mark.parametrize(
    "wrong",
    [
        {"failure_rate": 0},
        {"failure_rate": 1.1},
        {"failure_rate": float("nan")},
        {"minimum": 0},
        {"minimum": 21},
        {"window": 9},
        {"cooldown": -1},
        {"cooldown": float("inf")},
        {"cooldown": float("nan")},
        {"refresh": -0.1},
    ],
)
def test_options_that_can_not_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        CircuitOptions(**wrong)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("codes", "sent"),
    [((404,), 30), ((429,), 30), ((400, 401, 403, 422), 30), ((200, 500), 10), ((404, 500), 10), ((500,), 10)],
)
def test_4xx_and_429_prove_that_the_service_lives(colour: str, codes: tuple[int, ...], sent: int) -> None:
    handler, given = statuses(*codes)

    async def story(client: Any) -> None:
        found = await caught(client, 30)
        assert found.count(CircuitOpen) == 30 - sent

    play(colour, PROBES, story, http_client=of_colour(colour, handler), retries=0)
    assert len(given) == sent


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "failing", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), "html", "cut"]
)
def test_no_answer_and_garbage_are_failures(colour: str, failing: Any) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if isinstance(failing, Exception):
            raise failing
        return httpx.Response(200, text="<html>maintenance</html>" if failing == "html" else "")

    def decode(reply: Any, operation: Any) -> Any:
        raise not_json(reply, ValueError())

    operation = Operation(spec_of(decode=decode))

    async def story(client: Any) -> None:
        found = await caught(client, 11, operation)
        assert CircuitOpen not in found[:10]
        assert found[10] is CircuitOpen

    play(colour, PROBES, story, http_client=of_colour(colour, handler), retries=0)


def test_errors_that_are_no_outage_do_not_close_it_again(clock: Clock) -> None:
    """pybreaker takes an excluded exception for a success, and forgets the failures before it."""
    handler, _ = statuses(404, 503, 429, 503)

    async def story(client: Any) -> None:
        found = await caught(client, 11)
        assert found[:4] == [NotFound, ServiceUnavailable, TooManyRequests, ServiceUnavailable]
        assert found[10] is CircuitOpen

    play("sync", PROBES, story, http_client=of_colour("sync", handler), retries=0)


# ---- while it is open ---------------------------------------------------------------------------------------


def test_the_refusal_says_when_to_come_back_and_pickles(clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += 12.0
    with pytest.raises(CircuitOpen, match="next try in 18 s") as refused:
        circuit.admit()
    assert refused.value.retry_after == pytest.approx(18.0)
    assert not refused.value.sent
    again = pickle.loads(pickle.dumps(refused.value))
    assert (type(again), again.retry_after) == (CircuitOpen, refused.value.retry_after)


def test_whoever_is_refused_during_the_probe_is_told_to_wait_a_little(clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += 30.0
    assert circuit.admit()
    with pytest.raises(CircuitOpen, match="a probe is on its way") as refused:
        circuit.admit()
    assert refused.value.retry_after is not None
    assert refused.value.retry_after > 0  # else those who obey it would spin


def test_late_answers_of_calls_on_their_way_decide_nothing(clock: Clock) -> None:
    circuit = Circuit("probe", CircuitOptions(), clock=clock)
    assert not any(circuit.admit() for _ in range(20))
    for _ in range(10):
        circuit.leave(probe=False, failed=True)
    assert circuit.state == "open"
    clock.now += 29.0
    for failed in (True, False, None) * 3:
        assert circuit.leave(probe=False, failed=failed) is None or circuit.state == "open"
    clock.now += 1.0  # neither closed by a late success, nor kept open longer by a late failure
    assert circuit.state == "half-open"
    attempt(circuit, failed=False)
    attempts(circuit, "x" * 9)
    assert circuit.state == "closed"  # they are not counted afterwards either


def test_a_failed_probe_opens_it_for_a_whole_cooldown(clock: Clock) -> None:
    circuit = opened(clock)
    for _ in range(3):
        clock.now += 30.0
        attempt(circuit, failed=True)
        clock.now += 29.9
        with pytest.raises(CircuitOpen):
            circuit.admit()
        clock.now += 0.1
        attempt(circuit, failed=True)
    clock.now += 30.0
    attempt(circuit, failed=False)
    assert circuit.state == "closed"
    attempts(circuit, "x" * 9)
    assert circuit.state == "closed"  # it starts with an empty window
    attempts(circuit, "x")
    assert circuit.state == "open"


def test_a_cancelled_probe_is_neutral_and_frees_the_place(clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += 30.0
    attempt(circuit, failed=None)
    assert circuit.state == "half-open"
    attempt(circuit, failed=False)
    assert circuit.state == "closed"


# ---- between processes and threads --------------------------------------------------------------------------


def test_a_child_may_probe_although_its_parent_was_probing(clock: Clock) -> None:
    circuit = opened(clock)
    clock.now += 30.0
    assert circuit.admit()
    held = circuit._lock
    with held:  # as another thread of the parent would, at the moment of the fork
        circuit.after_fork()
        assert circuit._lock is not held
    assert circuit.admit()
