from __future__ import annotations

import logging
import math
from itertools import count

import pytest
import redis
import redis.asyncio
from hypothesis import HealthCheck, given, settings
from quota_simulation import RedisClock, any_callers, any_windows, check, fullest, simulate

from frgov_clients.errors import ConfigurationError, InvalidRequest, RateLimited
from frgov_clients.transport import ratelimit_redis
from frgov_clients.transport.effects import Sleep
from frgov_clients.transport.ratelimit import Observed, Ticket, Window
from frgov_clients.transport.ratelimit_redis import RedisRateLimiter

MARGIN, LASTS = RedisRateLimiter._margin, RedisRateLimiter._lasts
numbers = count()


@pytest.fixture
def clock(redis_client, monkeypatch):
    assert "redis.call('TIME')" in ratelimit_redis.SCRIPT
    script = ratelimit_redis.SCRIPT.replace("redis.call('TIME')", "{0, redis.call('GET', 'now')}")
    monkeypatch.setattr(ratelimit_redis, "SCRIPT", script)
    monkeypatch.setattr(ratelimit_redis, "JITTER", 0.0)
    return RedisClock(redis_client)


@pytest.fixture
def make(redis_client, clock):
    return lambda *windows, name="quota", **options: RedisRateLimiter(
        redis_client, windows, name=name, clock=clock, **options
    )


def ask(drive, limiter, cost=1, ticket=None):
    """0.0, or the seconds until the next try."""
    flow = limiter._ask(ticket or Ticket(cost))
    return drive(flow)


def drain(drive, limiter, most=1000):
    return next(n for n in range(most) if ask(drive, limiter))


def left(drive, limiter):
    return [quota.left for quota in drive(limiter.snapshot()).quotas]


# ---- the rules ---------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows=any_windows, callers=any_callers)
def test_no_window_is_ever_overfull_and_everybody_passes(make, clock, windows, callers):
    clock.now = 1000.0
    limiter = make(*windows, name=f"any-{next(numbers)}")
    gone, steps = simulate(limiter, clock, callers)
    check(limiter, callers, gone)
    assert steps <= 40 * len(callers)


def test_sliding_window_shared_by_two_limiters(drive, make, clock):
    one, two = make(Window(limit=3, seconds=1)), make(Window(limit=3, seconds=1))
    for limiter in (one, two, one):
        assert ask(drive, limiter) == 0.0
        clock.now += 0.2
    assert ask(drive, two) == pytest.approx(0.4 + MARGIN)
    clock.now = 1001.0 + MARGIN
    assert ask(drive, two) == 0.0
    assert ask(drive, one) == pytest.approx(0.2)


def test_fixed_window(drive, make, clock):
    limiter = make(Window(limit=30, seconds=60, kind="fixed"))
    assert ask(drive, limiter) == 0.0
    clock.now += 50
    assert drain(drive, limiter) == 29
    assert ask(drive, limiter) == pytest.approx(10 + MARGIN)
    clock.now += 10 + MARGIN
    assert drain(drive, limiter) == 30


def test_fixed_window_grants_nothing_while_its_end_is_uncertain(drive, make, clock):
    limiter = make(Window(limit=30, seconds=60, kind="fixed"))
    assert ask(drive, limiter) == 0.0
    clock.now += 60 - MARGIN / 2
    assert ask(drive, limiter) == pytest.approx(1.5 * MARGIN)


def test_fixed_window_whose_first_caller_came_late_begins_with_the_next(drive, make, clock):
    limiter = make(Window(limit=3, seconds=60, kind="fixed"))
    late = Ticket()
    assert ask(drive, limiter, ticket=late) == 0.0
    clock.now += 10
    assert ask(drive, limiter) == 0.0
    clock.now += 10
    assert ask(drive, limiter, ticket=late) == 0.0
    assert drive(limiter.snapshot()).quotas[0][1:] == (3, 1, pytest.approx(50 + MARGIN))


def test_burst_then_even_pace(drive, make, clock):
    limiter = make(Window(limit=10, seconds=1, burst=3))
    assert drain(drive, limiter) == 3
    for _ in range(7):
        assert ask(drive, limiter) == pytest.approx(0.1)
        clock.now += 0.1
        assert drain(drive, limiter) == 1


def test_costs_and_several_windows(drive, make, clock):
    limiter = make(Window(limit=10, seconds=1), Window(limit=15, seconds=60, kind="fixed"))
    assert ask(drive, limiter, 4) == 0.0
    clock.now += 0.5
    assert ask(drive, limiter, 5) == 0.0
    assert ask(drive, limiter, 2) == pytest.approx(0.5 + MARGIN)
    assert ask(drive, limiter, 6) == pytest.approx(1.0 + MARGIN, abs=1e-5)
    clock.now += 2
    assert ask(drive, limiter, 7) == pytest.approx(57.5 + MARGIN)
    assert ask(drive, limiter, 6) == 0.0
    assert ask(drive, limiter, 0) == 0.0
    with pytest.raises(InvalidRequest, match="at most 10"):
        ask(drive, limiter, 11)
    assert left(drive, limiter) == [4, 0]


def test_large_windows_stay_small_and_are_still_kept(drive, make, clock, redis_client):
    limiter = make(Window(limit=1000, seconds=10))
    passed = []
    for number in range(3000):
        clock.now += 0.007
        ticket = Ticket()
        if not ask(drive, limiter, ticket=ticket):
            if number % 5 == 0:  # late: stamped anew
                clock.now += 0.006
                assert not ask(drive, limiter, ticket=ticket)
            passed.append((clock.now, 1))
    assert redis_client.llen(limiter._keys[1]) <= 220
    assert 980 <= fullest(passed, 10 - 1e-5) <= 1000


def test_a_late_caller_is_stamped_anew(drive, make, clock):
    limiter = make(Window(limit=2, seconds=1), Window(limit=5, seconds=60, kind="fixed"))
    late = Ticket()
    assert ask(drive, limiter, ticket=late) == ask(drive, limiter) == 0.0
    clock.now += LASTS
    assert limiter.try_acquire(late) == 0.0
    clock.now += 0.5
    assert limiter.try_acquire(late) == math.inf
    assert ask(drive, limiter, ticket=late) == 0.0
    assert late.stamp == round(clock.now * 1e6)
    assert left(drive, limiter) == [0, 3]
    clock.now = 1001 + MARGIN
    assert drain(drive, limiter) == 1


def test_a_late_caller_does_not_slow_the_pace(drive, make, clock):
    limiter = make(Window(limit=10, seconds=1, burst=1))
    late = Ticket()
    assert ask(drive, limiter, ticket=late) == 0.0
    clock.now += 0.05
    assert ask(drive, limiter, ticket=late) == 0.0
    assert ask(drive, limiter) == pytest.approx(0.1)


def test_waiters_keep_their_order_and_the_limit_of_patience(drive, make, clock):
    limiter = make(Window(limit=1, seconds=1))
    assert ask(drive, limiter) == 0.0
    with pytest.raises(RateLimited) as refused:
        drive(limiter.acquire(Ticket(), 0.5))
    assert refused.value.retry_after == pytest.approx(1 + MARGIN)
    first, second = limiter.acquire(Ticket(), 9), limiter.acquire(Ticket(), 9)
    naps = [_until_sleep(flow) for flow in (first, second)]
    assert naps == pytest.approx([1 + MARGIN, 1.0], abs=0.02)
    clock.now += 1 + MARGIN
    assert _until_sleep(second) > 0
    first.close()
    assert _until_sleep(second) == 0.0


def _until_sleep(flow):
    answer = None
    try:
        while not isinstance(effect := flow.send(answer), Sleep):
            answer = effect.call()
    except StopIteration:
        return 0.0
    return effect.seconds


def test_a_pause_holds_for_all(drive, make, clock, redis_client):
    one, two = make(Window(limit=9, seconds=1)), make(Window(limit=9, seconds=1))
    drive(one.pause(300))
    drive(two.pause(2))
    assert ask(drive, two) == pytest.approx(300)
    assert drive(two.snapshot()).paused_for == pytest.approx(300)
    assert redis_client.pttl(two._keys[0]) > 300_000
    clock.now += 300
    assert ask(drive, two) == 0.0


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
def test_headers_lower_what_is_left_for_all(drive, make, window, seen, expected):
    one, two = make(window), make(window)
    assert ask(drive, one, 2) == 0.0
    drive(one.observe(seen))
    assert left(drive, two) == [expected]
    assert drain(drive, two) == expected


def test_what_others_spent_is_free_again_when_the_service_says(drive, make, clock):
    limiter = make(SLIDING)
    assert ask(drive, limiter, 2) == 0.0
    drive(limiter.observe(Observed(remaining=0, reset_in=3)))
    assert ask(drive, limiter) == pytest.approx(3)
    clock.now += 3
    assert drain(drive, limiter) == 8


def test_the_end_of_a_fixed_window_is_the_one_the_service_says(drive, make, clock):
    limiter = make(FIXED)
    assert ask(drive, limiter) == 0.0
    drive(limiter.observe(Observed(remaining=4, reset_in=7)))
    assert drain(drive, limiter) == 4
    assert ask(drive, limiter) == pytest.approx(7 + MARGIN)
    clock.now += 6
    drive(limiter.observe(Observed(remaining=9, reset_in=59.9)))  # another period at the service
    assert drain(drive, limiter) == 9


def test_keys_go_when_they_are_no_longer_needed(drive, make, redis_client):
    limiter = make(SLIDING, FIXED, name="insee.sirene")
    assert ask(drive, limiter) == 0.0
    drive(limiter.observe(Observed(remaining=4, reset_in=7)))
    keys = {key.decode() for key in redis_client.scan_iter("frgov:*")}
    assert len(keys) == 3
    assert all(key.startswith("frgov:quota:{insee.sirene}") for key in keys)
    assert all(0 < redis_client.pttl(key) <= 130_000 for key in keys)


# ---- when Redis fails --------------------------------------------------------------------------------------


class Broken:
    """A client of a Redis that fails while `down`."""

    def __init__(self, client):
        self._client = client
        self.down = False
        self.tries = 0

    def execute_command(self):
        raise NotImplementedError

    def register_script(self, text):
        script = self._client.register_script(text)

        def run(**arguments):
            self.tries += 1
            if self.down:
                raise redis.ConnectionError("secret.example.test refused")
            return script(**arguments)

        return run


def test_without_redis_the_process_keeps_the_quota_alone(drive, redis_client, clock, caplog):
    broken = Broken(redis_client)
    limiter = RedisRateLimiter(broken, [Window(limit=5, seconds=10)], name="ban", clock=clock)
    late = Ticket()
    assert ask(drive, limiter, ticket=late) == ask(drive, limiter) == 0.0
    broken.down = True
    with caplog.at_level(logging.INFO, "frgov_clients.ratelimit"):
        assert drain(drive, limiter) == 3  # it knows what it spent before
        drive(limiter.pause(1))
        assert left(drive, limiter) == [0]
        assert broken.tries == 3
        clock.now += 6
        assert ask(drive, limiter, ticket=late) == 0.0
        assert ask(drive, limiter) > 0.0
        assert broken.tries == 4
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert "ban" in record.message
    assert "ConnectionError" in record.message
    assert "secret" not in caplog.text
    broken.down = False
    clock.now += 5.1
    assert ask(drive, limiter) == 0.0
    assert broken.tries == 5


def test_without_redis_calls_are_refused_if_so_chosen(drive, redis_client, clock):
    broken = Broken(redis_client)
    limiter = RedisRateLimiter(broken, [SLIDING], name="ban", on_error="raise", clock=clock)
    broken.down = True
    with pytest.raises(RateLimited, match="ConnectionError") as refused:
        drive(limiter.acquire(Ticket(), 9))
    assert refused.value.retry_after == pytest.approx(5)
    drive(limiter.pause(1))  # after an answer: never an error
    drive(limiter.observe(Observed(remaining=1)))
    assert left(drive, limiter) == [1]


def test_a_redis_that_has_forgotten_the_script(drive, make, redis_client):
    limiter = make(SLIDING)
    redis_client.script_flush()
    assert ask(drive, limiter) == 0.0
    assert left(drive, limiter) == [9]


def test_a_redis_that_has_evicted_a_part_does_not_block_for_ever(drive, make, redis_client, clock):
    limiter = make(Window(limit=3, seconds=10))
    assert drain(drive, limiter) == 3
    redis_client.delete(limiter._keys[1])
    assert ask(drive, limiter) == 0.0
    redis_client.delete(limiter._keys[0])
    clock.now += 11
    assert drain(drive, limiter) == 3


@pytest.mark.parametrize(
    ("windows", "name"), [([SLIDING], ""), ([], "ban"), ([SLIDING, Window(limit=3, seconds=10)], "ban")]
)
def test_wrong_configurations_are_refused(redis_client, windows, name):
    with pytest.raises(ConfigurationError):
        RedisRateLimiter(redis_client, windows, name=name)


def test_an_asynchronous_redis_client_is_refused():
    with pytest.raises(ConfigurationError, match="synchronous"):
        RedisRateLimiter(redis.asyncio.Redis(), [SLIDING], name="ban")
