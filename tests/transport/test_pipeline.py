"""The policies, proved by sending values to the generator: no mock, no waiting, no event loop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pipeline_parts import DONE, GET_THING, POST_THING, Parts, opens, result

from frgov_clients.errors import (
    AttemptTimeout,
    BadRequest,
    CircuitOpen,
    ConnectionFailed,
    ConnectionLost,
    DeadlineExceeded,
    FrgovError,
    RateLimited,
    ServiceUnavailable,
    TooManyRequests,
)
from frgov_clients.transport.cache import MemoryCache
from frgov_clients.transport.effects import Failure, Offload, Opened, Send, Sleep, Wait
from frgov_clients.transport.flights import Flights
from frgov_clients.transport.operation import Operation, Reply
from frgov_clients.transport.policies import CachePolicy
from frgov_clients.transport.ratelimit import Ticket
from frgov_clients.transport.retry import RetryBudget
from frgov_clients.transport.windows import Window
from support import GET, service_of, spec_of

# ---- one attempt -------------------------------------------------------------------------------------------


def test_a_call_is_one_send_and_its_decoded_answer() -> None:
    flow = Parts().start(Operation(GET, (("q", "a b&c"), ("q", "é"))))
    send = flow.send(None)
    assert isinstance(send, Send)
    assert send.request.url == "https://probe.test/thing?q=a+b%26c&q=%C3%A9"
    assert send.timeout == 10.0
    assert send.connect_timeout == 5.0
    assert result(flow, DONE) == "done"


def test_a_refusal_of_the_service_is_final() -> None:
    flow = Parts().start()
    flow.send(None)
    with pytest.raises(BadRequest, match=r"probe\.get: HTTP 400") as error:
        flow.send(Reply(400, {}))
    assert [each.outcome for each in error.value.attempts] == ["HTTP 400"]


def test_retry_after_is_slept_and_the_quota_is_paused() -> None:
    parts = Parts(windows=(Window(limit=100, seconds=1.0),))
    flow = parts.start()
    flow.send(None)
    assert flow.send(Reply(429, {"retry-after": "7"})) == Sleep(7.0)
    assert parts.limiter.try_acquire(Ticket()) == 7.0  # everybody waits
    parts.clock.now += 7
    assert isinstance(flow.send(None), Send)
    assert result(flow, DONE) == "done"


def test_an_absurd_retry_after_does_not_stop_everybody_for_years() -> None:
    parts = Parts(windows=(Window(limit=100, seconds=1.0),))
    flow = parts.start()
    flow.send(None)
    with pytest.raises(TooManyRequests) as error:
        flow.send(Reply(429, {"retry-after": "999999999999"}))
    assert error.value.retry_after == 999999999999.0  # told as it was said
    assert parts.limiter.try_acquire(Ticket()) == 3600.0


def test_the_pause_of_a_service_that_does_not_say_how_long() -> None:
    service = service_of("probe", pause_on_429=5.0)
    parts = Parts(service=service, deadline=3.0)
    flow = parts.start()
    flow.send(None)
    with pytest.raises(TooManyRequests) as error:
        flow.send(Reply(429, {}))
    assert error.value.retry_after == 5.0
    assert parts.limiter.try_acquire(Ticket()) == 5.0


# ---- the deadline ------------------------------------------------------------------------------------------


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    flow = Parts(deadline=30.0).start()
    flow.send(None)
    with pytest.raises(ServiceUnavailable) as error:
        flow.send(Reply(503, {"retry-after": "31"}))
    assert error.value.retry_after == 31.0


def test_the_deadline_is_for_all_attempts_and_waits_together() -> None:
    parts = Parts(deadline=12.0, timeout=10.0)
    flow = parts.start()
    assert flow.send(None).timeout == 10.0
    parts.clock.now += 9
    assert flow.send(Reply(503, {"retry-after": "1"})) == Sleep(1.0)
    parts.clock.now += 1
    assert flow.send(None).timeout == 2.0  # what is left
    parts.clock.now += 2
    with pytest.raises(DeadlineExceeded, match="deadline of 12 s") as error:
        flow.send(Failure(AttemptTimeout("late", sent=True), sent=True))
    assert isinstance(error.value.__cause__, AttemptTimeout)
    assert [each.waited for each in error.value.attempts] == [1.0, 0.0]
    assert [each.elapsed for each in error.value.attempts] == [9.0, 2.0]


@pytest.mark.parametrize("late", [AttemptTimeout("slow", sent=True), ConnectionFailed("none in time")])
@pytest.mark.parametrize(("left", "expected"), [(0.0, DeadlineExceeded), (0.5, None)])
def test_a_failure_that_the_deadline_caused_is_told_as_such(
    late: FrgovError, left: float, expected: type[FrgovError] | None
) -> None:
    parts = Parts(deadline=12.0, retry=None)
    flow = parts.start()
    flow.send(None)
    parts.clock.now += 12 - left
    with pytest.raises(expected or type(late)) as error:
        flow.send(Failure(late, sent=late.sent))
    assert error.value.sent is late.sent  # type: ignore[attr-defined]
    assert error.value.__cause__ is (late if expected else None)


def test_an_endpoint_says_how_long_it_may_take() -> None:
    flow = Parts().start(Operation(spec_of(timeout=600.0)))
    assert flow.send(None).timeout == 600.0


@pytest.mark.parametrize(
    ("caller", "endpoint", "expected"), [(None, 10.0, 30.0), (None, 40.0, 120.0), (2.0, 40.0, 6.0)]
)
def test_without_a_deadline_a_call_may_take_three_timeouts(
    caller: float | None, endpoint: float, expected: float
) -> None:
    """The timeout in force counts, whoever set it: a caller who asks for 2 s does not wait two minutes."""
    parts = Parts(timeout=caller)
    flow = parts.start(Operation(spec_of(timeout=endpoint)))
    flow.send(None)
    parts.clock.now += expected
    with pytest.raises(DeadlineExceeded, match=f"deadline of {expected:g} s"):
        flow.send(Failure(AttemptTimeout("late", sent=True), sent=True))


def test_a_sleep_that_oversleeps_the_deadline_sends_no_more() -> None:
    parts = Parts(deadline=12.0)
    flow = parts.start()
    flow.send(None)
    assert flow.send(Reply(503, {"retry-after": "1"})) == Sleep(1.0)
    parts.clock.now += 100
    with pytest.raises(ServiceUnavailable) as error:  # the failure that caused the trouble
        flow.send(None)
    assert "deadline" in error.value.__notes__[0]
    assert len(error.value.attempts) == 1
    assert parts.untouched()


# ---- what may be sent twice --------------------------------------------------------------------------------

LOST = Failure(ConnectionLost("x", sent=True), sent=True)
LATE = Failure(AttemptTimeout("x", sent=True), sent=True)
UNSENT = Failure(ConnectionFailed("x"), sent=False)


@pytest.mark.parametrize(
    ("operation", "first", "repeated"),
    [
        (GET_THING, LOST, True),
        (GET_THING, LATE, True),
        (GET_THING, UNSENT, True),
        (GET_THING, Reply(500, {}), True),
        (GET_THING, Reply(503, {}), True),
        (GET_THING, Reply(429, {}), True),
        (GET_THING, Reply(404, {}), False),
        (POST_THING, LOST, False),
        (POST_THING, LATE, False),
        (POST_THING, UNSENT, True),
        (POST_THING, Reply(500, {}), False),
        (POST_THING, Reply(503, {"retry-after": "1"}), False),
        (POST_THING, Reply(429, {}), True),
        (Operation(spec_of("PATCH")), LOST, False),
        (Operation(spec_of("PUT")), LOST, True),
        (Operation(spec_of("DELETE")), LOST, True),
        (Operation(spec_of("POST", idempotent=True)), LOST, True),
        (Operation(spec_of("GET", idempotent=False)), LOST, False),
    ],
)
def test_nothing_is_sent_twice_by_accident(operation: Operation[Any], first: Any, repeated: bool) -> None:
    flow = Parts().start(operation)
    flow.send(None)
    if repeated:
        assert isinstance(flow.send(first), Send)
        assert result(flow, DONE) == "done"
    else:
        with pytest.raises(FrgovError) as error:
            flow.send(first)
        assert len(error.value.attempts) == 1


def test_the_service_may_forbid_to_repeat() -> None:
    flow = Parts().start()
    flow.send(None)
    with pytest.raises(ServiceUnavailable):
        flow.send(Reply(503, {"x-should-retry": "false"}))
    service = service_of("p", vetoes_retry=lambda reply: reply.content == b"never")
    flow = Parts(service=service).start()
    flow.send(None)
    with pytest.raises(ServiceUnavailable):
        flow.send(Reply(503, {}, b"never"))


def test_an_empty_budget_repeats_nothing_and_successes_fill_it() -> None:
    parts = Parts(budget=RetryBudget(capacity=1.0, ratio=0.5))
    for expected in (2, 1):
        flow = parts.start()
        flow.send(None)
        if expected == 2:
            flow.send(Reply(503, {}))
        with pytest.raises(ServiceUnavailable) as error:
            flow.send(Reply(503, {}))
        assert len(error.value.attempts) == expected
    for _ in range(2):
        flow = parts.start()
        flow.send(None)
        assert result(flow, DONE) == "done"
    assert parts.policies.budget.tokens == 1.0


def test_other_refusals_in_the_middle_of_a_call_are_named_too() -> None:
    flow = Parts().start()
    flow.send(None)
    flow.send(Reply(503, {}))
    with pytest.raises(FrgovError) as error:
        flow.throw(FrgovError("the client was closed"))
    assert error.value.operation == "probe.get"
    assert [each.outcome for each in error.value.attempts] == ["HTTP 503"]


# ---- the order of the policies -----------------------------------------------------------------------------


def test_each_attempt_spends_quota() -> None:
    parts = Parts(windows=(Window(limit=3, seconds=60.0),))
    flow = parts.start()
    flow.send(None)
    flow.send(Reply(503, {}))
    with pytest.raises(ServiceUnavailable):
        flow.send(Reply(503, {})) and flow.send(Reply(503, {}))
    assert parts.limiter.try_acquire(Ticket()) > 50


def test_the_cost_of_an_operation_is_what_it_spends() -> None:
    parts = Parts(windows=(Window(limit=10, seconds=60.0),))
    flow = parts.start(Operation(GET, cost=7))
    flow.send(None)
    result(flow, DONE)
    assert parts.limiter.try_acquire(Ticket(4)) > 0
    assert parts.limiter.try_acquire(Ticket(3)) == 0.0


def test_an_open_circuit_neither_waits_nor_spends() -> None:
    parts = Parts(windows=(Window(limit=1, seconds=60.0),))
    opens(parts.circuit)
    with pytest.raises(CircuitOpen) as error:
        parts.start().send(None)
    assert error.value.retry_after == 30.0
    assert error.value.attempts == ()
    assert parts.untouched()


def test_the_circuit_is_asked_again_after_a_wait_for_quota() -> None:
    parts = Parts(windows=(Window(limit=1, seconds=5.0),))
    assert parts.limiter.try_acquire(Ticket()) == 0.0
    flow = parts.start()
    slept = flow.send(None)
    assert isinstance(slept, Sleep)
    opens(parts.circuit)
    parts.clock.now += 6
    with pytest.raises(CircuitOpen) as error:
        flow.send(None)
    assert error.value.retry_after
    assert parts.bulkhead.in_flight == 0


def test_the_circuit_is_asked_again_after_a_wait_for_a_slot() -> None:
    """Twenty calls hang, time out and open the circuit: those who waited for their slots must not go on."""
    parts = Parts(size=1)
    assert parts.bulkhead.enter() is None
    flow = parts.start()
    assert isinstance(flow.send(None), Wait)
    opens(parts.circuit)
    parts.bulkhead.leave()
    with pytest.raises(CircuitOpen):
        flow.send(True)
    assert parts.bulkhead.in_flight == 0


def test_a_long_wait_for_quota_is_refused_at_once() -> None:
    parts = Parts(windows=(Window(limit=1, seconds=60.0),), max_wait=2.0)
    assert parts.limiter.try_acquire(Ticket()) == 0.0
    with pytest.raises(RateLimited) as error:
        parts.start().send(None)
    assert error.value.operation == "probe.get"
    assert error.value.retry_after is not None and error.value.retry_after > 50
    assert parts.bulkhead.in_flight == 0


def test_without_max_wait_the_deadline_is_the_limit() -> None:
    parts = Parts(windows=(Window(limit=1, seconds=20.0),), deadline=10.0)
    assert parts.limiter.try_acquire(Ticket()) == 0.0
    with pytest.raises(RateLimited):
        parts.start().send(None)


def test_the_failure_before_is_raised_and_not_our_refusal_to_go_on() -> None:
    parts = Parts(windows=(Window(limit=1, seconds=60.0),), max_wait=2.0)
    flow = parts.start()
    flow.send(None)
    with pytest.raises(ServiceUnavailable) as error:
        flow.send(Reply(503, {}))
    assert "max_wait" in error.value.__notes__[0]


def test_waiting_for_a_slot_ends_with_the_deadline() -> None:
    parts = Parts(size=1, deadline=4.0)
    parts.bulkhead.enter()
    flow = parts.start()
    wait = flow.send(None)
    assert isinstance(wait, Wait) and wait.seconds == 4.0
    with pytest.raises(DeadlineExceeded, match="max_in_flight"):
        flow.send(False)
    parts.bulkhead.leave()
    assert parts.untouched()


def test_a_grant_that_grew_old_in_the_queue_is_asked_for_again() -> None:
    parts = Parts(size=1, windows=(Window(limit=2, seconds=1.0),))
    parts.bulkhead.enter()
    flow = parts.start()
    flow.send(None)
    parts.clock.now += 0.5
    parts.bulkhead.leave()
    assert isinstance(flow.send(True), Send)
    now = parts.clock.now
    parts.clock.now = now + 0.9  # the window begins with the second grant
    assert parts.limiter.try_acquire(Ticket()) == 0.0
    assert parts.limiter.try_acquire(Ticket()) > 0
    assert result(flow, DONE) == "done"


def test_the_slot_is_held_while_sending_and_no_longer() -> None:
    parts = Parts()
    flow = parts.start()
    flow.send(None)
    assert parts.bulkhead.in_flight == 1
    assert isinstance(flow.send(Reply(503, {"retry-after": "1"})), Sleep)
    assert parts.bulkhead.in_flight == 0
    flow.close()


def test_a_hit_in_the_cache_spends_nothing() -> None:
    parts = Parts(windows=(Window(limit=1, seconds=60.0),))
    cache = CachePolicy(store=MemoryCache(), flights=Flights[Reply]())
    parts.policies = replace(parts.policies, cache=cache)
    operation = Operation(spec_of(ttl=60.0))
    flow = parts.start(operation)
    flow.send(None)
    assert result(flow, DONE) == "done"
    opens(parts.circuit)
    assert result(parts.start(operation), None) == "done"


def test_reading_a_large_answer_leaves_the_event_loop() -> None:
    flow = Parts().start()
    flow.send(None)
    effect = flow.send(Reply(200, {}, b"x" * 1_000_001))
    assert isinstance(effect, Offload)
    assert len(result(flow, effect.call())) == 1_000_001


# ---- streams -----------------------------------------------------------------------------------------------


class Open:
    def __init__(self) -> None:
        self.at_close: list[Any] = []
        self.names: tuple[str, str] | None = None

    def on_close(self, do: Any) -> None:
        self.at_close.append(do)

    def belongs_to(self, service: str, operation: str) -> None:
        self.names = (service, operation)


def test_an_open_answer_keeps_its_slot_until_it_is_closed() -> None:
    parts, stream = Parts(), Open()
    flow = parts.start(Operation(spec_of(stream=True)))
    assert flow.send(None).stream
    assert result(flow, Opened(Reply(200, {}), stream)) is stream
    assert parts.bulkhead.in_flight == 1
    assert stream.names == ("probe", "probe.get")
    stream.at_close[0]()
    assert parts.bulkhead.in_flight == 0
