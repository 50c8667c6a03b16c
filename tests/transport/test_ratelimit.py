from __future__ import annotations

import gc
import math
import random
import threading
import time

import pytest
from quota_simulation import Clock, fullest

from frgov_clients.errors import ConfigurationError, InvalidRequest, RateLimited
from frgov_clients.transport.effects import Sleep
from frgov_clients.transport.ratelimit import FRESH, Observed, RateLimiter, Ticket, Window


@pytest.fixture
def clock():
    return Clock()


def value(flow):
    """The result of a flow that asks for nothing."""
    with pytest.raises(StopIteration) as stop:
        next(flow)
    return stop.value.value


def passes(limiter, cost=1):
    return limiter.try_acquire(Ticket(cost)) == 0.0


def left(limiter):
    return [quota.left for quota in value(limiter.snapshot()).quotas]


def drain(limiter, most=10_000):
    return next(n for n in range(most) if not passes(limiter))


# ---- windows -----------------------------------------------------------------------------------------------


def test_sliding_window_frees_each_grant_when_it_is_that_old(clock):
    limiter = RateLimiter([Window(limit=3, seconds=1)], clock=clock)
    for moment in (0.0, 0.2, 0.4):
        clock.now = 1000 + moment
        assert passes(limiter)
    assert limiter.try_acquire(Ticket()) == pytest.approx(0.6 + FRESH)
    clock.now = 1001.001
    assert not passes(limiter)
    clock.now = 1001.0 + FRESH
    assert passes(limiter)
    assert limiter.try_acquire(Ticket()) == pytest.approx(0.2)


def test_fixed_window_begins_with_its_first_request(clock):
    limiter = RateLimiter([Window(limit=30, seconds=60, kind="fixed")], clock=clock)
    clock.now += 1234
    assert passes(limiter)
    clock.now += 50
    assert drain(limiter) == 29
    assert limiter.try_acquire(Ticket()) == pytest.approx(10 + FRESH)
    clock.now += 10 + FRESH
    assert drain(limiter) == 30


def test_fixed_window_grants_nothing_while_its_end_is_uncertain(clock):
    limiter = RateLimiter([Window(limit=30, seconds=60, kind="fixed")], clock=clock)
    assert passes(limiter)
    clock.now += 60 - FRESH / 2  # sent now, it could be counted to either period
    assert limiter.try_acquire(Ticket()) == pytest.approx(1.5 * FRESH)


def test_fixed_window_whose_first_caller_came_late_begins_with_the_next(clock):
    limiter = RateLimiter([Window(limit=3, seconds=60, kind="fixed")], clock=clock)
    late = Ticket()
    assert limiter.try_acquire(late) == 0.0
    clock.now += 10
    assert passes(limiter)
    clock.now += 10
    assert limiter.try_acquire(late) == 0.0
    assert value(limiter.snapshot()).quotas[0][1:] == (3, 1, pytest.approx(50 + FRESH))


def test_burst_then_even_pace(clock):
    limiter = RateLimiter([Window(limit=10, seconds=1, burst=3)], clock=clock)
    assert drain(limiter) == 3
    for _ in range(7):
        assert limiter.try_acquire(Ticket()) == pytest.approx(0.1)
        clock.now += 0.1
        assert drain(limiter) == 1
    clock.now += 10
    assert drain(limiter) == 3


def test_a_cost_above_the_burst_waits_for_an_idle_moment(clock):
    limiter = RateLimiter([Window(limit=10, seconds=1, burst=2)], clock=clock)
    assert passes(limiter, 5)
    assert limiter.try_acquire(Ticket(5)) == pytest.approx(0.5)


def test_every_window_is_kept(clock):
    limiter = RateLimiter([Window(limit=2, seconds=1), Window(limit=3, seconds=60)], clock=clock)
    assert drain(limiter) == 2
    clock.now += 1.1
    assert drain(limiter) == 1
    assert limiter.try_acquire(Ticket()) == pytest.approx(60 - 1.1 + FRESH)


def test_costs_are_weighed(clock):
    limiter = RateLimiter([Window(limit=10, seconds=1)], clock=clock)
    assert passes(limiter, 4)
    clock.now += 0.5
    assert passes(limiter, 5)
    assert not passes(limiter, 2)
    assert passes(limiter, 0)
    assert limiter.try_acquire(Ticket(2)) == pytest.approx(0.5 + FRESH)
    assert limiter.try_acquire(Ticket(6)) == pytest.approx(1.0 + FRESH)
    assert passes(limiter, 1)


@pytest.mark.parametrize("kind", ["sliding", "fixed"])
def test_a_cost_above_the_limit_is_refused_instead_of_waiting_for_ever(kind):
    limiter = RateLimiter([Window(limit=10, seconds=1, kind=kind)])
    with pytest.raises(InvalidRequest, match="at most 10") as refused:
        next(limiter.acquire(Ticket(11), math.inf))
    assert refused.value.field == "cost"
    assert left(limiter) == [10]


def test_wrong_values_are_refused():
    for wrong in ({"limit": 0}, {"seconds": 0}, {"seconds": math.inf}, {"kind": "daily"}, {"burst": 0}):
        with pytest.raises(ConfigurationError):
            Window(**{"limit": 1, "seconds": 1, **wrong})
    with pytest.raises(InvalidRequest):
        Ticket(-1)


def test_large_windows_stay_small_in_memory_and_are_still_kept(clock):
    limiter = RateLimiter([Window(limit=20_000, seconds=30)], clock=clock)
    dice, passed = random.Random(7), []
    for _ in range(60_000):
        clock.now += dice.random() * 0.0008
        ticket = Ticket()
        if not limiter.try_acquire(ticket):
            if dice.random() < 0.2:  # late: stamped anew
                clock.now += 0.003
                assert not limiter.try_acquire(ticket)
            passed.append((ticket.at, 1))
    assert len(limiter._counts[0]._log) <= 1100
    assert 19_900 <= fullest(passed, 30) <= 20_000


# ---- waiting -----------------------------------------------------------------------------------------------


def test_a_wait_beyond_max_wait_is_refused_before_sleeping(clock):
    limiter = RateLimiter([Window(limit=1, seconds=5)], name="ban.search", clock=clock)
    assert passes(limiter)
    with pytest.raises(RateLimited, match=r"ban\.search.*1 per 5 s") as refused:
        next(limiter.acquire(Ticket(), 4.9))
    assert refused.value.retry_after == pytest.approx(5 + FRESH)
    assert not limiter._line
    assert isinstance(next(limiter.acquire(Ticket(), 5.1)), Sleep)


def test_a_wait_that_grows_beyond_max_wait_is_refused_while_waiting(clock):
    limiter = RateLimiter([Window(limit=1, seconds=1)], clock=clock)
    assert passes(limiter)
    waiting = limiter.acquire(Ticket(), 4.0)
    clock.now += next(waiting).seconds / 2
    value(limiter.pause(4.0))
    clock.now += 0.6
    with pytest.raises(RateLimited) as refused:
        waiting.send(None)
    assert refused.value.retry_after == pytest.approx(3.4)
    clock.now += 3.4
    assert passes(limiter)


def test_each_waiter_waits_for_its_own_turn_and_newcomers_do_not_overtake(clock):
    limiter = RateLimiter([Window(limit=2, seconds=1)], clock=clock)
    assert passes(limiter)
    clock.now += 0.5
    assert passes(limiter)
    tickets = [Ticket() for _ in range(5)]
    waiting = [limiter.acquire(ticket, math.inf) for ticket in tickets]
    naps = [next(flow).seconds for flow in waiting]
    one = 1 + FRESH
    assert naps == pytest.approx([0.5 + FRESH, one, 0.5 + one + FRESH, 2 * one / 2, 1.0], abs=0.01)
    clock.now += naps[0]  # there is room for one: it is the first one's
    assert not passes(limiter)
    with pytest.raises(StopIteration) as first:
        waiting[0].send(None)
    assert first.value.value == pytest.approx(naps[0])
    assert tickets[0].at == clock.now


def test_who_gives_up_leaves_the_line(clock):
    limiter = RateLimiter([Window(limit=1, seconds=1)], clock=clock)
    assert passes(limiter)
    first, second = limiter.acquire(Ticket(), 9), limiter.acquire(Ticket(), 9)
    next(first), next(second)
    clock.now += 1 + FRESH
    first.close()
    with pytest.raises(StopIteration):
        second.send(None)
    third = limiter.acquire(Ticket(), 9)
    next(third)
    del third
    gc.collect()
    clock.now += 1 + FRESH
    assert passes(limiter)


def test_who_does_not_come_back_loses_its_place(clock):
    limiter = RateLimiter([Window(limit=1, seconds=1)], clock=clock)
    assert passes(limiter)
    stuck = limiter.acquire(Ticket(), 9)
    next(stuck)
    clock.now += 1.5
    assert not passes(limiter)
    clock.now += 1.0
    assert passes(limiter)


def test_a_late_caller_is_stamped_anew_before_all_who_wait(clock):
    limiter = RateLimiter([Window(limit=2, seconds=1), Window(limit=5, seconds=60, kind="fixed", burst=5)], clock=clock)
    late, other, waiting = Ticket(), Ticket(), Ticket()
    assert limiter.try_acquire(late) == limiter.try_acquire(other) == 0.0
    queued = limiter.acquire(waiting, 9)
    next(queued)
    clock.now += FRESH
    assert limiter.try_acquire(late) == 0.0
    assert late.at == 1000.0
    clock.now += 0.5
    assert limiter.try_acquire(late) == 0.0
    assert late.at == clock.now
    assert left(limiter) == [0, 3]
    clock.now = 1001 + FRESH
    with pytest.raises(StopIteration):
        queued.send(None)  # the place of `other`; that of `late` is still taken
    assert not passes(limiter)


def test_a_late_caller_does_not_slow_the_pace(clock):
    limiter = RateLimiter([Window(limit=10, seconds=1, burst=1)], clock=clock)
    late = Ticket()
    assert limiter.try_acquire(late) == 0.0
    clock.now += 0.05
    assert limiter.try_acquire(late) == 0.0
    assert limiter.try_acquire(Ticket()) == pytest.approx(0.1)


def test_a_late_caller_of_a_full_window_goes_first(clock):
    limiter = RateLimiter([Window(limit=1, seconds=1)], clock=clock)
    late = Ticket()
    limiter.try_acquire(late)
    clock.now += 1.1
    assert passes(limiter)  # the grant is over, and its place taken
    queued = limiter.acquire(Ticket(), 9)
    next(queued)
    again = limiter.acquire(late, 9)
    assert next(again).seconds == pytest.approx(1 + FRESH)
    clock.now += 1 + FRESH
    assert isinstance(queued.send(None), Sleep)
    with pytest.raises(StopIteration):
        again.send(None)


def test_a_pause_stops_all_threads(drive):
    limiter = RateLimiter([Window(limit=1000, seconds=1)])
    passed, start = [], threading.Barrier(5)

    def work():
        start.wait()
        while len(passed) < 30:
            ticket = Ticket()
            drive(limiter.acquire(ticket, 5))
            passed.append(ticket.at)
            time.sleep(0.01)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.wait()
    time.sleep(0.03)
    before = time.monotonic()
    limiter.pause(0.2)
    after = time.monotonic()
    limiter.pause(0.05)  # a shorter one does not cut it
    for thread in threads:
        thread.join()
    assert min(passed) < before
    assert max(passed) > after + 0.2
    assert not [moment for moment in passed if after < moment < before + 0.2]


# ---- what the service says ---------------------------------------------------------------------------------

SLIDING, FIXED = Window(limit=10, seconds=10), Window(limit=10, seconds=60, kind="fixed")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Observed(remaining=3), 3),
        (Observed(remaining=9), 8),
        (Observed(limit=6), 4),
        (Observed(limit=20), 18),
        (Observed(limit=20, remaining=1), 1),
        (Observed(limit=-1, remaining=-1, reset_in=-1), 8),
        (Observed(remaining=0, seconds=3600), 8),
        (Observed(), 8),
    ],
)
@pytest.mark.parametrize("window", [SLIDING, FIXED])
def test_headers_lower_what_is_left_and_replace_the_limit(clock, window, seen, expected):
    limiter = RateLimiter([window], clock=clock)
    assert passes(limiter, 2)
    value(limiter.observe(seen))
    assert left(limiter) == [expected]


def test_what_others_spent_is_free_again_when_the_service_says(clock):
    limiter = RateLimiter([SLIDING], clock=clock)
    assert passes(limiter, 2)
    limiter.observe(Observed(remaining=0, reset_in=3))
    assert limiter.try_acquire(Ticket()) == pytest.approx(3)
    clock.now += 3
    assert drain(limiter) == 8


def test_the_end_of_a_fixed_window_is_the_one_the_service_says(clock):
    limiter = RateLimiter([FIXED], clock=clock)
    assert passes(limiter)
    limiter.observe(Observed(remaining=4, reset_in=7))
    assert drain(limiter) == 4
    assert limiter.try_acquire(Ticket()) == pytest.approx(7 + FRESH)
    limiter.observe(Observed(remaining=4, reset_in=1e9))  # nonsense is cut to one window
    assert value(limiter.snapshot()).quotas[0].reset_in <= 60 + FRESH


def test_another_fixed_window_at_the_service_is_another_here(clock):
    limiter = RateLimiter([FIXED], clock=clock)
    assert drain(limiter) == 10
    clock.now += 59
    limiter.observe(Observed(remaining=9, reset_in=59.9))
    assert drain(limiter) == 9
    clock.now += 70
    limiter.observe(Observed(remaining=2))  # about a window that is over
    assert drain(limiter) == 10


def test_a_changed_limit_changes_the_pace(clock):
    limiter = RateLimiter([Window(limit=10, seconds=1, burst=1)], clock=clock)
    limiter.observe(Observed(limit=5))
    assert passes(limiter)
    assert limiter.try_acquire(Ticket()) == pytest.approx(0.2)


def test_which_window_is_meant(clock):
    hour, day = Window(limit=100, seconds=3600, kind="fixed"), Window(limit=900, seconds=86400, kind="fixed")
    limiter = RateLimiter([hour, day, SLIDING], clock=clock)
    limiter.observe(Observed(remaining=50))
    limiter.observe(Observed(remaining=5, seconds=10))
    assert passes(limiter)
    assert left(limiter)[::2] == [99, 4]
    two = RateLimiter([Window(limit=100, seconds=60), SLIDING], clock=clock)
    two.observe(Observed(remaining=5))
    assert left(two) == [100, 5]
    snapshot = value(two.snapshot())
    assert snapshot.quotas[0] == (60, 100, 100, 0.0)
    assert snapshot.paused_for == 0.0
