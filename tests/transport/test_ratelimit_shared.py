from __future__ import annotations

import asyncio
import math
import threading
import time
from itertools import count

import pytest
from aiolimiter import AsyncLimiter
from hypothesis import given, settings
from quota_simulation import Clock, any_callers, any_windows, check, fullest, simulate

from frgov_clients.errors import ConfigurationError, InvalidRequest, RateLimited
from frgov_clients.transport.effects import Await
from frgov_clients.transport.ratelimit import (
    FRESH,
    AiolimiterAdapter,
    Observed,
    RateLimiter,
    Ticket,
    Window,
    shared_limiter,
)


@settings(max_examples=200, deadline=None)
@given(windows=any_windows, callers=any_callers)
def test_no_window_is_ever_overfull_and_everybody_passes(windows, callers):
    clock = Clock()
    limiter = RateLimiter(windows, clock=clock)
    gone, steps = simulate(limiter, clock, callers)
    check(limiter, callers, gone)
    assert steps <= 30 * len(callers)
    assert limiter._ahead(Ticket(), clock.now) == 0


def test_threads_and_event_loops_keep_one_quota(drive, drive_async):
    limiter = RateLimiter([Window(limit=50, seconds=1)])
    total, taken, stamps, moments = 150, count(), [], []

    def note(ticket):
        moments.append((time.monotonic(), 1))
        stamps.append((ticket.at, 1))

    def work():
        while next(taken) < total:
            ticket = Ticket()
            drive(limiter.acquire(ticket, 10))
            note(ticket)

    async def task():
        while next(taken) < total:
            ticket = Ticket()
            await drive_async(limiter.acquire(ticket, 10))
            note(ticket)

    async def loop():
        await asyncio.gather(*(task() for _ in range(5)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    threads += [threading.Thread(target=asyncio.run, args=(loop(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stamps) == total
    assert fullest(stamps, 1.0) == 50
    assert fullest(moments, 0.95) <= 50  # as seen from outside, where a thread may be held up after its grant
    ideal = 2.0
    assert max(stamps)[0] - min(stamps)[0] <= ideal / 0.9


def test_one_limiter_per_quota():
    windows = [Window(limit=50, seconds=1)]
    one = shared_limiter(("ban", "example.test", "search"), windows)
    assert shared_limiter(("ban", "example.test", "search"), tuple(windows)) is one
    assert shared_limiter(("ban", "example.test", "completion"), windows) is not one
    with pytest.raises(ConfigurationError, match="ban"):
        shared_limiter(("ban", "example.test", "search"), [Window(limit=40, seconds=1)])


def test_a_forked_child_is_not_stuck():
    clock = Clock()
    limiter = RateLimiter([Window(limit=1, seconds=1)], clock=clock)
    assert limiter.try_acquire(Ticket()) == 0.0
    waiting = limiter.acquire(Ticket(), 9)
    next(waiting)
    limiter._lock.acquire()  # as another thread of the parent would have
    limiter.after_fork()
    assert limiter.try_acquire(Ticket()) > 0.0
    clock.now += 1 + FRESH
    assert limiter.try_acquire(Ticket()) == 0.0


# ---- a user's own AsyncLimiter -----------------------------------------------------------------------------


def test_an_async_limiter_plugs_in(drive_async):
    async def main():
        adapter = AiolimiterAdapter(AsyncLimiter(2, 0.2))
        begin, waits = time.monotonic(), []
        for _ in range(4):
            ticket = Ticket()
            assert adapter.try_acquire(ticket) == math.inf
            waits.append(await drive_async(adapter.acquire(ticket, 5)))
            assert adapter.try_acquire(ticket) == 0.0  # asked again: nothing is spent twice
        assert sum(waits) == pytest.approx(time.monotonic() - begin, abs=0.05)
        assert sum(waits) >= 0.19
        with pytest.raises(RateLimited):
            await drive_async(adapter.acquire(Ticket(2), 0.02))
        with pytest.raises(InvalidRequest):
            await drive_async(adapter.acquire(Ticket(3), math.inf))
        adapter.pause(0.1)
        assert adapter.try_acquire(ticket) > 0
        assert (await drive_async(adapter.snapshot())).paused_for > 0
        assert await drive_async(adapter.acquire(ticket, 5)) >= 0.05
        await drive_async(adapter.observe(Observed(remaining=0)))
        assert await drive_async(adapter.acquire(Ticket(), math.inf)) < 0.5

    asyncio.run(main())


def test_an_async_limiter_asks_for_an_event_loop():
    assert isinstance(next(AiolimiterAdapter(AsyncLimiter(2)).acquire(Ticket(), 5)), Await)
