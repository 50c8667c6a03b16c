"""Plays callers against a limiter with a clock of its own, and checks that the service would have been content."""

from __future__ import annotations

import heapq
import math
from itertools import count

from hypothesis import strategies as st

from frgov_clients.transport.effects import Offload, Sleep
from frgov_clients.transport.ratelimit import Ticket, Window

SOON = (0.0, 0.5, 0.9, 1.5)
"""In units of the time for which a grant holds."""
LATE = (40.0, 350.0, 2500.0)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class RedisClock(Clock):
    """The clock of the limiter and, at the same time, of Redis."""

    def __init__(self, client):
        super().__init__()
        self.client = client

    def __call__(self):
        self.client.set("now", round(self.now * 1e6))
        return self.now


any_windows = st.lists(
    st.builds(
        Window,
        limit=st.integers(3, 8),
        seconds=st.sampled_from([0.1, 0.5, 1.0, 3.0]),
        kind=st.sampled_from(["sliding", "fixed"]),
        burst=st.one_of(st.none(), st.integers(1, 6)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda window: (window.kind, window.seconds),
)


def lists_of_callers(*goes_after):
    caller = st.tuples(
        st.one_of(st.just(0.0), st.floats(0, 1)),  # arrives that long after the one before
        st.integers(1, 3),  # cost
        st.floats(0, 0.05),  # oversleeps by that much, each time
        st.sampled_from(goes_after),  # goes that long after its grant
    )
    return st.lists(caller, min_size=1, max_size=40)


any_callers = st.one_of(lists_of_callers(*SOON), lists_of_callers(*SOON, *LATE))


def simulate(limiter, clock, callers):
    """(moment, cost) of each caller as it goes, and how often they slept in all."""
    gone, steps, order = [], 0, count()

    def journey(cost, goes_after):
        ticket = Ticket(cost)
        yield from limiter.acquire(ticket, math.inf)
        yield Sleep(goes_after * limiter._lasts)
        if goes_after > 1 and limiter.try_acquire(ticket):
            yield from limiter.acquire(ticket, math.inf)
        gone.append((clock.now, cost))

    def until_it_sleeps(flow):
        answer = None
        try:
            while isinstance(effect := flow.send(answer), Offload):
                answer = effect.call()
        except StopIteration:
            return None
        return effect.seconds

    events, arrival = [], clock.now
    for after, cost, oversleeps, goes_after in callers:
        arrival += after
        heapq.heappush(events, (arrival, next(order), journey(cost, goes_after), oversleeps))
    while events:
        clock.now, _, flow, oversleeps = heapq.heappop(events)
        steps += 1
        seconds = until_it_sleeps(flow)
        if seconds is not None:
            wakes = clock.now + seconds + (oversleeps if seconds > limiter._margin else 0.0)
            heapq.heappush(events, (wakes, next(order), flow, oversleeps))
    return sorted(gone), steps


def check(limiter, callers, gone):
    """No window overfull at the service, everybody passed, and nobody waited without reason."""
    windows = limiter.windows
    assert len(gone) == len(callers)
    last_arrival = 1000.0 + sum(after for after, *_ in callers)
    longest = max(window.seconds for window in windows)
    held_up = max(goes_after for *_, goes_after in callers) * limiter._lasts
    assert gone[-1][0] <= last_arrival + 2 * held_up + len(callers) * (longest + 0.2)
    for window in windows:
        if window.kind == "sliding":
            assert fullest(gone, window.seconds - 1e-5) <= window.limit
        elif all(goes_after in SOON for *_, goes_after in callers):  # who comes after the end could shift the periods
            assert fullest_period(gone, window.seconds) <= window.limit
        if window.burst:
            assert_paced(gone, window, 2 * limiter._margin)


def fullest(gone, seconds):
    """The largest sum of costs in any window [t, t + seconds)."""
    moments = sorted(gone)
    largest, inside, first = 0, 0, 0
    for moment, cost in moments:
        inside += cost
        while moments[first][0] + seconds <= moment:
            inside -= moments[first][1]
            first += 1
        largest = max(largest, inside)
    return largest


def fullest_period(gone, seconds):
    """The same where each period begins with the first request after the one before."""
    largest, begin, inside = 0, -math.inf, 0
    for moment, cost in gone:
        if moment >= begin + seconds - 1e-5:
            begin, inside = moment, 0
        inside += cost
        largest = max(largest, inside)
    return largest


def assert_paced(gone, window, slack):
    interval, following = window.seconds / window.limit, -math.inf
    for moment, cost in gone:
        assert following - moment <= max(0, window.burst - cost) * interval + slack
        following = max(following, moment) + cost * interval
