"""How many requests may be in flight at once."""

from __future__ import annotations

import threading
import time

import pytest

from frgov_clients.errors import (
    ConfigurationError,
    DeadlineExceeded,
)
from frgov_clients.transport.bulkhead import Bulkhead
from frgov_clients.transport.waiting import Signal
from scripted import Do, Scripted
from support import Probe, at_rest, outcome_of, until


def test_slots_go_to_those_who_came_first() -> None:
    gate = Bulkhead(2)
    assert gate.enter() is None and gate.enter() is None
    waiting = [gate.enter() for _ in range(4)]
    signals = [signal for signal in waiting if signal is not None]
    assert len(signals) == 4
    gate.leave()
    assert [signal.is_set for signal in signals] == [True, False, False, False]
    gate.give_up(signals[1])
    gate.leave()
    assert [signal.is_set for signal in signals] == [True, False, True, False]
    assert gate.in_flight == 2


def test_the_slots_never_become_more() -> None:
    """A forked child begins with all slots; calls that the parent had begun may still end in it."""
    gate = Bulkhead(1)
    gate.enter()
    gate.after_fork()
    gate.leave()
    assert gate.in_flight == 0
    assert gate.enter() is None
    assert gate.enter() is not None


def test_a_call_that_is_collected_inside_our_lock_does_not_block_us() -> None:
    gate = Bulkhead(1)
    signal = Signal()
    with gate._lock, signal._lock:  # as if the garbage collector ran here and closed a forgotten call
        gate.enter()
        gate.leave()
        signal.set()
    assert gate.in_flight == 0


@pytest.mark.parametrize("size", [0, -1])
def test_a_client_that_may_send_nothing_is_refused(size: int) -> None:
    with pytest.raises(ConfigurationError, match="max_in_flight"):
        Probe(max_in_flight=size)


def test_waiting_for_a_slot_ends_with_the_deadline() -> None:
    with Scripted((Do.HANG,)) as server, Probe(base_url=server.url, max_in_flight=1, retries=0) as client:
        hanging = threading.Thread(target=lambda: outcome_of(client.with_options(timeout=2.0).get))
        hanging.start()
        until(lambda: len(server.requests) == 1)
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded, match="max_in_flight"):
            client.with_options(deadline=0.2).get()
        assert 0.15 < time.monotonic() - started < 1.7
        hanging.join(5)
        assert at_rest(client)
