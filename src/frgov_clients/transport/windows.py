"""How much of a quota is left, by the service's way of counting. No lock, no clock: the limiter brings both."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol

from ..errors import ConfigurationError, InvalidRequest

__all__ = ["FixedCount", "Gate", "Left", "Pace", "SlidingCount", "Window"]

EXACT: Final = 4096
"""Up to that limit a sliding window remembers every grant; above, it merges those of a thousandth of its length."""
MERGED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A quota: at most `limit` in any `seconds` (`sliding`), or in each period that a first request opens (`fixed`).

    Raises `ConfigurationError` when it can not be kept.
    """

    limit: int
    seconds: float
    kind: Literal["sliding", "fixed"] = "sliding"
    burst: int | None = None
    """At most that many back to back, then paced evenly at `limit / seconds`; `None`: the whole limit at once."""

    def __post_init__(self) -> None:
        if self.limit < 1 or not 0 < self.seconds < math.inf:
            raise ConfigurationError("a quota window needs a limit of at least 1 and a length above 0 seconds")
        if self.kind not in {"sliding", "fixed"}:
            raise ConfigurationError("the kind of a quota window is 'sliding' or 'fixed'")
        if self.burst is not None and self.burst < 1:
            raise ConfigurationError("the burst of a quota window is at least 1")

    def __str__(self) -> str:
        return f"{self.limit} per {self.seconds:g} s"


class Left(NamedTuple):
    """A window as it stands."""

    limit: int
    left: int
    reset_in: float


class Gate(Protocol):
    """One rule that a request must satisfy. Moments are seconds on the limiter's clock."""

    def ready(self, cost: int, ahead: int, now: float) -> float:
        """When `cost` fits behind the `ahead` that go before it: `now` (or earlier), or an estimate."""
        ...

    def add(self, cost: int, now: float) -> None:
        """Count a grant."""
        ...

    def take_back(self, cost: int, at: float, now: float) -> None:
        """Forget a grant that was given `at` and not used."""
        ...


class SlidingCount:
    """A log of what was granted. A grant counts for `margin` longer than the window, as its caller may go later."""

    __slots__ = ("_limit", "_log", "_seconds", "_since", "_span", "_used", "_width")

    def __init__(self, window: Window, margin: float) -> None:
        self._seconds = window.seconds
        self._span = window.seconds + margin
        self._log: deque[tuple[float, int]] = deque()
        """(newest moment, cost) of each grant, or of the grants of one bucket, oldest first."""
        self._used = 0
        self._since = -math.inf
        """When the last bucket began."""
        self._set_limit(window.limit)

    def _set_limit(self, limit: int) -> None:
        self._limit = limit
        self._width = self._seconds / MERGED if limit > EXACT else 0.0

    def ready(self, cost: int, ahead: int, now: float) -> float:
        log = self._log
        if log and log[0][0] + self._span <= now:
            self._expire(now)
        short = self._used + ahead + cost - self._limit
        return now if short <= 0 else self._expected(short, cost, now)

    def _expire(self, now: float) -> None:
        log = self._log
        while log and log[0][0] + self._span <= now:
            self._used -= log.popleft()[1]

    def _expected(self, short: int, cost: int, now: float) -> float:
        """When `short` of what is counted now, or of what will be granted before, no longer counts."""
        _refuse_if_never(cost, self._limit)
        if short <= self._used:
            return self._expiry(short)
        rounds, place = divmod(short - self._used - 1, self._limit)  # those before fill whole windows
        free = max(0, self._limit - self._used)
        last = now + self._span if place < free else self._expiry(place - free + 1) + self._span
        return last + rounds * self._span

    def _expiry(self, place: int) -> float:
        """When that many of what is in the log no longer count."""
        log = self._log
        if len(log) == self._used:  # one entry each
            return log[place - 1][0] + self._span
        entries = iter(log)
        newest, counted = next(entries)
        while counted < place:
            newest, cost = next(entries)
            counted += cost
        return newest + self._span

    def add(self, cost: int, now: float) -> None:
        self._used += cost
        if now - self._since < self._width:
            self._log[-1] = (now, self._log[-1][1] + cost)
        else:
            self._since = now
            self._log.append((now, cost))

    def take_back(self, cost: int, at: float, now: float) -> None:
        if at + self._span <= now:
            return
        log = self._log
        index = bisect_left(log, (at, 0))
        while cost and index < len(log):
            newest, held = log[index]
            taken = min(held, cost)
            if taken < held:
                log[index] = (newest, held - taken)
            else:
                del log[index]
            cost -= taken
            self._used -= taken
        if not log or log[-1][0] < self._since:
            self._since = -math.inf  # the last bucket is gone

    def observe(self, limit: int | None, remaining: int | None, reset_in: float | None, now: float) -> int:
        """Adopt a changed limit, and count what others have spent; returns the limit."""
        if limit is not None and limit >= 1:
            self._set_limit(limit)
        self._expire(now)
        others = 0 if remaining is None or remaining < 0 else self._limit - self._used - remaining
        if others > 0:
            counts_for = self._span if reset_in is None else min(max(0.0, reset_in), self._span)
            insort(self._log, (now + counts_for - self._span, others))
            self._used += others
        return self._limit

    def state(self, now: float) -> Left:
        self._expire(now)
        reset_in = self._log[-1][0] + self._span - now if self._log else 0.0
        return Left(self._limit, max(0, self._limit - self._used), reset_in)


class FixedCount:
    """A counter that begins with the first request and goes back to zero `seconds` later.

    The service begins up to `margin` after us. Around the end nobody knows to which period a request would be
    counted, so nothing is granted there. What can not be known: that the first grant of a period was never used, or
    used after its end; then the service's period is later than ours, until `observe` says so.
    """

    __slots__ = ("_firsts", "_limit", "_margin", "_reset", "_span", "_told", "_used")

    def __init__(self, window: Window, margin: float) -> None:
        self._limit = window.limit
        self._margin = margin
        self._span = window.seconds + margin
        self._used = 0
        self._firsts: list[float] = []
        """The first grants of the period, in their order: if the one that opened it is taken back, the next did."""
        self._reset = -math.inf
        self._told = False
        """The service said when the period ends."""

    def ready(self, cost: int, ahead: int, now: float) -> float:
        over = now >= self._reset
        short = (0 if over else self._used) + ahead + cost - self._limit
        if short <= 0 and (over or now < self._reset - 2 * self._margin):
            return now
        _refuse_if_never(cost, self._limit)
        opens = now + self._span if over else self._reset
        return opens + max(0, (short - 1) // self._limit) * self._span

    def add(self, cost: int, now: float) -> None:
        if now >= self._reset:
            self._reset, self._used, self._firsts, self._told = now + self._span, 0, [], False
        self._used += cost
        if len(self._firsts) < MERGED:
            self._firsts.append(now)

    def take_back(self, cost: int, at: float, now: float) -> None:
        if now >= self._reset or not self._firsts or at < self._firsts[0]:
            return
        self._used = max(0, self._used - cost)
        if at in self._firsts:
            self._firsts.remove(at)
        if not self._told:
            self._reset = self._firsts[0] + self._span if self._firsts else -math.inf

    def observe(self, limit: int | None, remaining: int | None, reset_in: float | None, now: float) -> int:
        """Adopt a changed limit and the service's own end of the period; returns the limit.

        Without `reset_in`, what remains is only believed while a period runs: else it speaks of the one before.
        """
        if limit is not None and limit >= 1:
            self._limit = limit
        if reset_in is not None and reset_in >= 0:
            reset = now + min(reset_in + self._margin, self._span)
            if reset <= self._reset + self._span / 2:
                self._reset, self._told = reset, True
            elif remaining is not None:  # the service has begun another period
                self._reset, self._used, self._firsts, self._told = reset, 0, [], True
        if remaining is not None and remaining >= 0 and now < self._reset:
            self._used = max(self._used, self._limit - remaining)
        return self._limit

    def state(self, now: float) -> Left:
        used = self._used if now < self._reset else 0
        return Left(self._limit, max(0, self._limit - used), max(0.0, self._reset - now))


class Pace:
    """At most `burst` back to back, then one every `seconds / limit` (the generic cell rate algorithm)."""

    __slots__ = ("_burst", "_interval", "_log", "_next", "_seconds")

    def __init__(self, window: Window) -> None:
        self._burst = window.burst or window.limit
        self._seconds = window.seconds
        self._next = -math.inf
        """When all that was granted would have gone at an even pace."""
        self._log: deque[tuple[float, int, float]] = deque(maxlen=MERGED)
        """(moment, cost, `_next` before) of the last grants."""
        self.set_limit(window.limit)

    def set_limit(self, limit: int) -> None:
        """Adopt a changed limit."""
        self._interval = self._seconds / limit

    def ready(self, cost: int, ahead: int, now: float) -> float:
        due = max(self._next, now) + (ahead - max(0, self._burst - cost)) * self._interval
        return due if due > now + 1e-9 else now  # a nanosecond: sums of floats are not exact

    def add(self, cost: int, now: float) -> None:
        self._log.append((now, cost, self._next))
        self._next = max(self._next, now) + cost * self._interval

    def take_back(self, cost: int, at: float, now: float) -> None:  # noqa: ARG002 - the shape of a gate
        """What is granted at an idle moment gains no time for later: so play again what came after."""
        again: list[tuple[float, int]] = []
        while self._log and self._log[-1][0] >= at:
            moment, held, self._next = self._log.pop()
            again.append((moment, held))
        if (at, cost) in again:
            again.remove((at, cost))
        for moment, held in reversed(again):
            self.add(held, moment)


def _refuse_if_never(cost: int, limit: int) -> None:
    if cost > limit:
        hint = "No wait would ever be long enough: split the request"
        raise InvalidRequest.of("cost", f"at most {limit}, what a whole window of the quota allows", hint)
