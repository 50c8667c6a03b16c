"""How many questions go into one request, and how long a service that is down is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["FIRST_LOT", "Pace", "Patience"]

FIRST_LOT: Final = 200
SMALLEST_LOT: Final = 50
_SHORT: Final = 0.2
"""Seconds of a request that is short, whatever it holds."""
_LONGEST_PAUSE: Final = 30.0
_WORTH_TELLING: Final = 2.0
"""Seconds without an answer after which a person who waits wants to know why."""


class Pace:
    """The size of a lot: what the service does in so many seconds, as far as it was measured.

    The caller holds a lock.
    """

    __slots__ = ("_cap", "_rate", "_seconds", "_size")

    def __init__(self, cap: int, seconds: float) -> None:
        self._cap = cap
        self._seconds = seconds
        self._rate = 0.0
        self._size = min(FIRST_LOT, cap)

    @property
    def rate(self) -> float:
        """Rows per second of one request; 0 before the first answer."""
        return self._rate

    @property
    def size(self) -> int:
        """Rows for the next request."""
        return self._size

    @property
    def smallest(self) -> int:
        """Rows below which a request is not worth being made smaller, so that others have something to send too."""
        return max(SMALLEST_LOT, int(self._rate * _SHORT))

    def learn(self, rows: int, seconds: float) -> None:
        """One request brought so many rows in so many seconds. A small one tells little of the rate of a large one."""
        if rows < min(SMALLEST_LOT, self._cap):
            return
        rate = rows / max(seconds, 1e-6)
        self._rate = rate if not self._rate else 0.5 * self._rate + 0.5 * rate
        wanted = int(self._rate * self._seconds)
        self._size = max(1, min(max(wanted, SMALLEST_LOT), 4 * max(self._size, SMALLEST_LOT), self._cap))


class Patience:
    """Waits for a service that is down, longer each time, and gives up after so many seconds without any answer.

    The caller holds a lock.
    """

    __slots__ = ("_clock", "_down_since", "_not_before", "_patience", "_pause", "gave_up", "outage", "successes")

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._down_since: float | None = None
        self._not_before = 0.0
        self._pause = 0.125
        self.gave_up = False
        self.outage = False
        """Whether it lasts long enough to be told."""
        self.successes = 0
        """Answers so far: who failed twice with none in between can not tell a bad row from a bad service."""

    def success(self) -> None:
        """An answer came."""
        self.successes += 1
        self._down_since = None
        self._pause = 0.125
        self.outage = False

    def trouble(self, hint: float | None = None) -> None:
        """None came. `hint`: seconds that the service, or our own circuit, asks to wait."""
        now = self._clock()
        if self._down_since is None:
            self._down_since = now
        else:
            self.outage = self.outage or now - self._down_since > _WORTH_TELLING
            self.gave_up = self.gave_up or now - self._down_since > self._patience
        if now >= self._not_before:  # several requests that fail together are one trouble
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        until = self._down_since + self._patience  # then once more, and no longer
        self._not_before = max(self._not_before, min(now + (hint or self._pause), until + 0.01))

    @property
    def wait(self) -> float:
        """Seconds until the next try."""
        return 0.0 if self.gave_up else max(0.0, self._not_before - self._clock())
