"""When a failed attempt is tried again, and after how long.

The strategies (stop, wait, retry) are tenacity's and can be replaced. What they may not overrule stands in
`next_delay`: the deadline, the retry budget, the service's veto, and that nothing is sent twice by accident.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, FrgovError, TooManyRequests, TransportError
from .operation import Operation

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["Retry", "RetryBudget", "RetryStory", "may_repeat", "next_delay", "parse_retry_after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and how fast to retry.

    `attempts`, `base` and `cap` describe the default: up to 3 tries in all, full jitter between 0 and
    `base * 2 ** n` seconds, never above `cap`. Any of tenacity's strategies (or a callable of the same shape)
    replaces a part: `Retry(stop=stop_after_delay(60))`, `Retry(wait=wait_fixed(1))`,
    `Retry(retry=retry_if_exception_type(ServerError))`.
    """

    attempts: int = 3
    base: float = 0.2
    cap: float = 10.0
    stop: Callable[[RetryCallState], bool] | None = None
    wait: Callable[[RetryCallState], float] | None = None
    retry: Callable[[RetryCallState], bool] | None = None

    def __post_init__(self) -> None:
        if self.attempts < 1:
            msg = "attempts counts the first try too: 1 means no retry"
            raise ConfigurationError(msg)
        if self.base < 0 or self.cap < 0:
            msg = "base and cap are seconds, 0 or more"
            raise ConfigurationError(msg)


class RetryStory:
    """The state of one failing call. Made at its first failure, so that a call that succeeds pays nothing."""

    __slots__ = ("_retry", "_state", "_stop", "_wait")

    def __init__(self, policy: Retry, elapsed: float = 0.0) -> None:
        """`elapsed`: seconds since the call began, of which `stop_after_delay` and the like must know."""
        import tenacity

        self._stop = policy.stop or tenacity.stop_after_attempt(policy.attempts)
        self._wait = policy.wait or tenacity.wait_random_exponential(multiplier=policy.base, max=policy.cap)
        self._retry = policy.retry or tenacity.retry_if_exception(_is_retryable)
        # tenacity's own loop is not used: a controller that is shared mixes the states of concurrent calls
        controller = tenacity.Retrying(stop=self._stop, wait=self._wait, retry=self._retry)
        self._state = tenacity.RetryCallState(controller, fn=None, args=(), kwargs={})
        self._state.start_time -= elapsed

    def after(self, error: FrgovError) -> float | None:
        """Seconds that the strategies want to wait after this failure; `None` when they give up."""
        state = self._state
        state.set_exception((type(error), error, error.__traceback__))
        if not self._retry(state):
            return None
        delay = float(self._wait(state))
        state.upcoming_sleep = delay
        if self._stop(state):
            return None
        state.idle_for += delay
        state.prepare_for_next_attempt()
        return max(0.0, delay)


def _is_retryable(error: BaseException) -> bool:
    return isinstance(error, FrgovError) and error.retryable


class RetryBudget:
    """Successes earn a part of a token, a retry spends one: an outage is not multiplied by its own retries."""

    def __init__(self, capacity: float = 10.0, ratio: float = 0.1) -> None:
        self._tokens = self._capacity = capacity
        self._ratio = ratio
        self._lock = threading.Lock()

    @property
    def tokens(self) -> float:
        return self._tokens

    def earn(self) -> None:
        if self._tokens < self._capacity:
            with self._lock:
                self._tokens = min(self._capacity, self._tokens + self._ratio)

    def spend(self) -> bool:
        with self._lock:
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True

    def after_fork(self) -> None:
        self._lock = threading.Lock()


def may_repeat(operation: Operation[Any], error: FrgovError) -> bool:
    """Whether sending again can not do a thing twice."""
    if operation.spec.repeatable:
        return True
    if isinstance(error, TransportError):
        return not error.sent
    return isinstance(error, TooManyRequests)  # refused at the door


def next_delay(
    operation: Operation[Any],
    error: FrgovError,
    story: RetryStory,
    *,
    budget: RetryBudget,
    remaining: float,
    vetoed: bool,
) -> float | None:
    """Seconds until the next attempt, or `None` when this failure is final."""
    if vetoed or not may_repeat(operation, error):
        return None
    delay = story.after(error)
    if delay is None:
        return None
    if error.retry_after is not None:
        delay += error.retry_after  # jitter on top: a fleet must not come back at the same instant
    if delay >= remaining or not budget.spend():
        return None
    return delay


def parse_retry_after(headers: Mapping[str, str], now: Callable[[], float]) -> float | None:
    """`Retry-After` in seconds, given as seconds, as a date, or in milliseconds (`retry-after-ms`)."""
    milliseconds = headers.get("retry-after-ms", "").strip()
    if milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 16:
        return int(milliseconds) / 1000
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 16 else None
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)  # a date of HTTP is never local
        return max(0.0, moment.timestamp() - now())
    except (TypeError, ValueError, OverflowError):
        return None
