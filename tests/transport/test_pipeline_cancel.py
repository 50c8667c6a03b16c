"""A flow that is closed at any of its effects leaves nothing behind: proved by values."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from pipeline_parts import Parts, opens

from frgov_clients.transport.effects import Effect, Send, Sleep, Wait
from frgov_clients.transport.operation import Reply


def _to_send(parts: Parts) -> Generator[Effect, Any, Any]:
    flow = parts.start()
    assert isinstance(flow.send(None), Send)
    return flow


def _to_sleep(parts: Parts) -> Generator[Effect, Any, Any]:
    flow = _to_send(parts)
    assert isinstance(flow.send(Reply(503, {"retry-after": "1"})), Sleep)
    return flow


def _to_quota(parts: Parts) -> Generator[Effect, Any, Any]:
    list(parts.limiter.pause(5.0))
    flow = parts.start()
    assert isinstance(flow.send(None), Sleep)
    parts.clock.now += 10
    return flow


def _to_slot(parts: Parts) -> Generator[Effect, Any, Any]:
    while parts.bulkhead.enter() is None:
        pass
    for _ in range(parts.bulkhead.size):
        parts.bulkhead.leave()  # the first goes to the one who gave up waiting in this loop
    while parts.bulkhead.in_flight < parts.bulkhead.size:
        parts.bulkhead.enter()
    flow = parts.start()
    assert isinstance(flow.send(None), Wait)
    return flow


def _to_probe(parts: Parts) -> Generator[Effect, Any, Any]:
    opens(parts.circuit)
    parts.clock.now += 31
    flow = _to_send(parts)
    assert parts.circuit._probing
    return flow


@pytest.mark.parametrize("how", ["close", "throw"])
@pytest.mark.parametrize("reach", [_to_send, _to_sleep, _to_quota, _to_probe])
def test_a_cancelled_call_leaves_nothing_behind(reach: Any, how: str) -> None:
    parts = Parts()
    flow = reach(parts)
    state, counted = parts.circuit.state, len(parts.circuit._failed)
    if how == "close":
        flow.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            flow.throw(KeyboardInterrupt())
    assert parts.untouched()
    assert (parts.circuit.state, len(parts.circuit._failed)) == (state, counted)


def test_a_cancelled_waiter_frees_its_place_in_the_queue() -> None:
    parts = Parts(size=1)
    assert parts.bulkhead.enter() is None
    first, second = parts.start(), parts.start()
    first.send(None)
    wait = second.send(None)
    first.close()
    parts.bulkhead.leave()
    assert wait.signal.is_set  # the slot went past the one that gave up
    assert isinstance(second.send(True), Send)
    second.close()
    assert parts.untouched()


def test_a_slot_handed_over_at_the_moment_of_the_cancellation_is_passed_on() -> None:
    parts = Parts(size=1)
    parts.bulkhead.enter()
    flow = parts.start()
    wait = flow.send(None)
    parts.bulkhead.leave()
    assert wait.signal.is_set
    flow.close()
    assert parts.untouched()
