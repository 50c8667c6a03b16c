"""When a failed attempt is tried again, and after how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
import tenacity
from hypothesis import given
from hypothesis import strategies as st

from frgov_clients.errors import (
    ConfigurationError,
    DeadlineExceeded,
    FrgovError,
    NotFound,
    ServerError,
    ServiceUnavailable,
    TooManyRequests,
)
from frgov_clients.transport.operation import Operation
from frgov_clients.transport.retry import Retry, RetryBudget, RetryStory, next_delay, parse_retry_after
from scripted import Scripted, Step, answer
from support import COLOURS, GET, PROBES, outcome, play

DOWN: Step = answer(503, b"")
FINE: Step = answer(200, b"fine")
AT_ONCE = Retry(wait=tenacity.wait_none())


def delays(policy: Retry, error: FrgovError, count: int = 50, elapsed: float = 0.0) -> list[float]:
    """What the strategies say to failure after failure, until they give up."""
    story, found = RetryStory(policy, elapsed), []
    while len(found) < count and (delay := story.after(error)) is not None:
        found.append(delay)
    return found


# ---- strategies --------------------------------------------------------------------------------------------


def test_the_default_is_full_jitter_below_a_growing_ceiling() -> None:
    walks = [delays(Retry(attempts=9), ServerError("x")) for _ in range(200)]
    assert {len(walk) for walk in walks} == {8}
    for n in range(8):
        ceiling = min(10.0, 0.2 * 2**n)
        seen = [walk[n] for walk in walks]
        assert max(seen) <= ceiling
        assert min(seen) < 0.2 * ceiling and max(seen) > 0.8 * ceiling  # from 0 to the ceiling, not around it


def test_the_cap_is_never_passed() -> None:
    assert max(delays(Retry(attempts=40, base=1.0, cap=2.0), ServerError("x"))) <= 2.0


@pytest.mark.parametrize(("attempts", "repeats"), [(1, 0), (2, 1), (3, 2)])
def test_attempts_count_the_first_one(attempts: int, repeats: int) -> None:
    assert len(delays(Retry(attempts=attempts), ServerError("x"))) == repeats


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"base": -1.0}, {"cap": -1.0}])
def test_a_policy_that_can_not_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Retry(**wrong)


def test_every_part_can_be_replaced_by_a_strategy_of_tenacity() -> None:
    policy = Retry(
        stop=tenacity.stop_after_attempt(4),
        wait=tenacity.wait_incrementing(start=1, increment=2),
        retry=tenacity.retry_if_exception_type(NotFound),
    )
    assert delays(policy, NotFound("x")) == [1.0, 3.0, 5.0]
    assert delays(policy, ServerError("x")) == []


def test_a_plain_function_is_a_strategy_and_sees_the_error() -> None:
    seen: list[tuple[int, str]] = []

    def wait(state: tenacity.RetryCallState) -> float:
        assert state.outcome is not None
        seen.append((state.attempt_number, str(state.outcome.exception())))
        return 0.25

    assert delays(Retry(wait=wait), ServerError("boom")) == [0.25, 0.25]
    assert seen == [(1, "boom"), (2, "boom"), (3, "boom")]


def test_stop_after_delay_counts_from_the_beginning_of_the_call() -> None:
    """The story begins with the first failure, which may come late."""
    policy = Retry(stop=tenacity.stop_after_delay(5), wait=tenacity.wait_none())
    assert len(delays(policy, ServerError("x"), count=3)) == 3
    assert delays(policy, ServerError("x"), elapsed=6.0) == []


def test_stop_before_delay_knows_the_next_wait() -> None:
    policy = Retry(stop=tenacity.stop_before_delay(5), wait=tenacity.wait_fixed(6))
    assert delays(policy, ServerError("x")) == []


def test_a_strategy_may_give_up_on_what_is_retryable() -> None:
    assert delays(Retry(retry=lambda state: False), ServerError("x")) == []


def test_a_strategy_may_not_wait_a_negative_time() -> None:
    assert delays(Retry(wait=lambda state: -3.0), ServerError("x")) == [0.0, 0.0]


def test_no_strategy_overrules_safety() -> None:
    always = Retry(retry=tenacity.retry_always, stop=tenacity.stop_never, wait=tenacity.wait_none())
    story = RetryStory(always)
    get = Operation(GET)
    limits: dict[str, Any] = {"budget": RetryBudget(), "remaining": 10.0, "vetoed": False}
    assert next_delay(get, ServerError("x"), story, **limits) == 0.0
    assert next_delay(get, ServerError("x"), story, **{**limits, "vetoed": True}) is None
    assert next_delay(get, ServerError("x"), story, **{**limits, "remaining": 0.0}) is None
    assert next_delay(get, ServerError("x"), story, **{**limits, "budget": RetryBudget(0.0)}) is None
    late = ServerError("x", retry_after=11.0)
    assert next_delay(get, late, story, **limits) is None


def test_jitter_stands_on_top_of_what_the_service_asks() -> None:
    """A fleet that was told `Retry-After: 5` must not come back at the same instant."""
    limits: dict[str, Any] = {"budget": RetryBudget(1e6), "remaining": 100.0, "vetoed": False}
    error = ServerError("x", retry_after=5.0)
    found = [next_delay(Operation(GET), error, RetryStory(Retry(base=1.0)), **limits) for _ in range(100)]
    assert all(delay is not None and 5.0 <= delay <= 6.0 for delay in found)
    assert len(set(found)) > 90


# ---- the budget --------------------------------------------------------------------------------------------


def test_the_budget_is_exact_under_threads() -> None:
    budget, spent = RetryBudget(capacity=100.0, ratio=0.1), []

    def work() -> None:
        spent.append(sum(budget.spend() for _ in range(30)))

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(spent) == 100
    for _ in range(10_000):
        budget.earn()
    assert budget.tokens == 100.0


@pytest.mark.parametrize("colour", COLOURS)
def test_an_outage_is_not_multiplied_by_retries(colour: str) -> None:
    async def scenario(client: Any) -> None:
        for _ in range(40):
            with pytest.raises(ServiceUnavailable):
                await client.get()

    with Scripted(DOWN) as server:
        play(colour, PROBES, scenario, base_url=server.url, retries=AT_ONCE, circuit=None)
        assert len(server.requests) == 50  # 40 calls and the 10 repeats of the budget, not 120


# ---- Retry-After -------------------------------------------------------------------------------------------

NOW = datetime(2024, 2, 29, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 120 "}, 120.0),
        ({"retry-after": "Thu, 29 Feb 2024 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 29 Feb 2024 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Thursday, 29-Feb-24 12:00:30 GMT"}, 30.0),
        ({"retry-after": format_datetime(NOW)}, 0.0),
        ({"retry-after": "Thu, 29 Feb 2024 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "Thu, 99 Feb 2024 12:00:30 GMT"}, None),
        ({"retry-after": "Thu, 29 Feb 99999 12:00:30 GMT"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_what_the_service_says_of_the_wait(headers: dict[str, str], expected: float | None, far_away: None) -> None:
    assert parse_retry_after(headers, NOW.timestamp) == expected


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that is not on UTC."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@given(
    st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d\d?:\d\d?:\d\d?( .{0,6})?")
)
def test_no_header_breaks_the_parser(value: str) -> None:
    for name in ("retry-after", "retry-after-ms"):
        found = parse_retry_after({name: value}, NOW.timestamp)
        assert found is None or 0.0 <= found < 1e16


# ---- on the wire, in every colour --------------------------------------------------------------------------


async def ask(client: Any) -> Any:
    return await client.get()


@pytest.mark.parametrize("colour", COLOURS)
def test_two_failures_and_an_answer(colour: str) -> None:
    with Scripted(DOWN, DOWN, FINE) as server:
        assert play(colour, PROBES, ask, base_url=server.url, retries=AT_ONCE) == "fine"
        assert len(server.requests) == 3


@pytest.mark.parametrize("colour", COLOURS)
def test_the_attempts_stay_on_the_last_error(colour: str) -> None:
    with Scripted(answer(500, b""), answer(502, b""), DOWN) as server:
        error = outcome(colour, PROBES, ask, base_url=server.url, retries=Retry(wait=tenacity.wait_fixed(0.01)))
    assert isinstance(error, ServiceUnavailable)
    assert [(each.number, each.outcome, each.waited) for each in error.attempts] == [
        (1, "HTTP 500", 0.01),
        (2, "HTTP 502", 0.01),
        (3, "HTTP 503", 0.0),
    ]
    assert all(0.0 < each.elapsed < 5.0 for each in error.attempts)
    assert str(error).endswith("(after 3 attempts)")


@pytest.mark.parametrize("colour", COLOURS)
def test_retries_zero_means_once(colour: str) -> None:
    with Scripted(DOWN, FINE) as server:
        assert isinstance(outcome(colour, PROBES, ask, base_url=server.url, retries=0), ServiceUnavailable)
        assert len(server.requests) == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_the_wait_that_the_service_asks_is_kept(colour: str) -> None:
    with Scripted(answer(429, b"", Retry_After_Ms="150"), FINE) as server:
        error = outcome(colour, PROBES, ask, base_url=server.url, retries=0)
        assert isinstance(error, TooManyRequests) and error.retry_after == 0.15
    with Scripted(answer(429, b"", Retry_After_Ms="150"), FINE) as server:
        events: list[Any] = []
        found = play(colour, PROBES, ask, base_url=server.url, retries=AT_ONCE, on_event=events.append)
        assert found == "fine"
        assert [event.delay for event in events if hasattr(event, "delay")] == [0.15]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_post_that_may_have_arrived_is_not_repeated(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.post()

    with Scripted(DOWN, FINE) as server:
        assert isinstance(outcome(colour, PROBES, scenario, base_url=server.url, retries=AT_ONCE), ServiceUnavailable)
        assert [request.method for request in server.requests] == ["POST"]
    with Scripted(answer(429, b""), FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url, retries=AT_ONCE) == "fine"
        assert [request.body for request in server.requests] == [b"{}", b"{}"]


@pytest.mark.parametrize("colour", COLOURS)
def test_the_deadline_ends_a_call_whatever_the_retries(colour: str) -> None:
    slow: Step = (0.12, *DOWN)
    with Scripted(slow) as server:
        eager = Retry(attempts=100, wait=tenacity.wait_none())
        error = outcome(colour, PROBES, ask, base_url=server.url, retries=eager, deadline=0.3, timeout=5.0)
        assert isinstance(error, DeadlineExceeded)
        assert error.sent
        assert len(server.requests) == len(error.attempts) == 3


@pytest.mark.parametrize("colour", COLOURS)
def test_a_sibling_has_its_own_retries_and_shares_the_budget(colour: str) -> None:
    async def scenario(client: Any) -> None:
        stubborn = client.with_options(retries=Retry(attempts=11, wait=tenacity.wait_none()))
        for expected in (11, 1):
            with pytest.raises(ServiceUnavailable) as error:
                await stubborn.get()
            assert len(error.value.attempts) == expected
        with pytest.raises(ServiceUnavailable) as error:
            await client.get()
        assert len(error.value.attempts) == 1

    with Scripted(DOWN) as server:
        play(colour, PROBES, scenario, base_url=server.url, retries=0, circuit=None)
