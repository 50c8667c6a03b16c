"""Keeps a service's quotas before the service has to say 429: for threads, tasks and event loops together.

A caller makes a `Ticket` for each request and asks with it:

```
ticket = Ticket(cost)
if limiter.try_acquire(ticket):  # not at once: wait for the turn
    waited = yield from limiter.acquire(ticket, max_wait)
...  # what may delay the caller
if limiter.try_acquire(ticket):  # just before sending: still good, or stamped anew, or wait again
    waited += yield from limiter.acquire(ticket, max_wait)
```

A grant is stamped with the moment at which it is given and holds for 2 ms. Who asks again later gets the stamp
withdrawn and a new one, before all who wait. Windows last those 2 ms longer than the service's, so that no window
is overfull at the moments at which the callers really go, whatever the order they go in. What the network adds
(a slow first connection, then a fast one) is not known here: leave room for it in the windows.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

from ..errors import ConfigurationError, InvalidRequest, RateLimited
from .effects import Await, Flow, Sleep
from .fork import renew_after_fork
from .windows import FixedCount, Gate, Pace, SlidingCount, Window

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

__all__ = [
    "AiolimiterAdapter",
    "Limiter",
    "Observed",
    "Quota",
    "RateLimiter",
    "Snapshot",
    "Ticket",
    "Window",
    "shared_limiter",
]

T = TypeVar("T")
FRESH: Final = 0.002
"""Seconds for which a grant holds."""
GRACE: Final = 1.0
"""Seconds after which a waiter that does not come back when it should no longer keeps its place."""
_GONE: Final = -math.inf


class Ticket:
    """One request's place in a limiter; make a new one for each attempt. Not for two callers at once."""

    cost: int
    at: float | None = None
    """The moment of its grant on the limiter's clock; `None` when it has none."""
    stamp: int = 0
    """The moment of its grant on the clock of Redis, in microseconds."""
    urgent: bool = False
    """It had a grant and came too late for it: it goes before those who have had none."""
    due: float = _GONE
    """When it asks again, while it waits in line."""

    def __init__(self, cost: int = 1) -> None:
        if cost < 0:
            raise InvalidRequest.of("cost", "at least 0")
        self.cost = cost


class Observed(NamedTuple):
    """What an answer of the service says of its quota. What it does not say is `None`."""

    limit: int | None = None
    """Replaces the limit of the window; leave it out to keep one that is lower on purpose."""
    remaining: int | None = None
    """What is left now; only ever lowers what we think is left."""
    reset_in: float | None = None
    """Seconds until the quota is whole again."""
    seconds: float | None = None
    """Which window is meant, by its length; `None` for the longest fixed one, or else the shortest."""


class Quota(NamedTuple):
    """One window as it stands."""

    seconds: float
    limit: int
    left: int
    reset_in: float
    """Seconds until all of it is back, if nothing more is spent."""


class Snapshot(NamedTuple):
    """A limiter as it stands."""

    quotas: tuple[Quota, ...]
    paused_for: float
    """Seconds during which nobody passes, because the service said so."""


class Limiter(Protocol):
    """What the pipeline needs of a limiter."""

    def try_acquire(self, ticket: Ticket) -> float:
        """0.0 when the caller may go now; else the seconds to wait (infinite: only `acquire` can tell)."""
        ...

    def acquire(self, ticket: Ticket, max_wait: float) -> Flow[float]:
        """Wait for the turn; returns the seconds waited.

        Raises `RateLimited` as soon as the wait would exceed `max_wait` seconds, before or while waiting, and
        `InvalidRequest` when the cost exceeds what a whole window allows.
        """
        ...

    def pause(self, seconds: float) -> Flow[None]:
        """Let nobody pass during that time: the service said 429."""
        ...

    def observe(self, seen: Observed) -> Flow[None]:
        """Take into account what the service says of its quota."""
        ...

    def snapshot(self) -> Flow[Snapshot]:
        """What is left."""
        ...


class RateLimiter:
    """Keeps several windows at once, in memory. Never blocks; may be shared by threads and event loops.

    Those who wait are served in their order, nearly: each sleeps until its own turn is expected, and nobody passes
    unless there is room for all who wait before it too. After `fork`, parent and child count apart.
    """

    _lasts = FRESH
    """Seconds for which a grant holds."""
    _margin = FRESH
    """Seconds by which a caller may go later than its stamp says."""

    def __init__(
        self, windows: Sequence[Window], *, name: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.windows: Final = tuple(windows)
        self.name: Final = name
        self._clock = clock
        self._lock = threading.Lock()
        self._line: deque[Ticket] = deque()
        self._paused_until = -math.inf
        self._counts = tuple(
            (FixedCount if window.kind == "fixed" else SlidingCount)(window, self._margin) for window in self.windows
        )
        self._paces = tuple(Pace(window) if window.burst else None for window in self.windows)
        self._gates: tuple[Gate, ...] = (*self._counts, *(pace for pace in self._paces if pace))
        renew_after_fork(self)

    def try_acquire(self, ticket: Ticket) -> float:
        """0.0 when the caller may go now (the ticket is stamped); else the seconds to wait. Waits for nobody."""
        cost = ticket.cost
        if not cost:
            return 0.0
        with self._lock:
            now = self._clock()
            if ticket.at is not None:
                if now - ticket.at <= self._lasts:
                    return 0.0
                self._withdraw(ticket, ticket.at, now)
            ahead = self._ahead(ticket, now) if self._line else 0
            ready = self._paused_until
            for gate in self._gates:
                moment = gate.ready(cost, ahead, now)
                if moment > ready:  # noqa: PLR1730 - on the way of every request, and three times as fast as max()
                    ready = moment
            if ready > now:
                return ready - now
            for gate in self._gates:
                gate.add(cost, now)
            ticket.at = now
            ticket.due = _GONE
        return 0.0

    def acquire(self, ticket: Ticket, max_wait: float) -> Flow[float]:
        """Wait for the turn; see `Limiter.acquire`. A caller that gives up (closes the flow) leaves the line."""
        started = self._clock()
        wait = yield from self._ask(ticket)
        if not wait:
            return 0.0
        try:
            while wait:
                now = self._clock()
                if now - started + wait > max_wait:
                    raise self._refusal(wait, now - started, max_wait)
                # A long wait is looked at again on the way: those before may give up, or the service may pause us.
                nap = wait if wait < 2.0 else max(1.0, wait / 3)
                self._join(ticket, now + nap)
                yield Sleep(nap)
                wait = yield from self._ask(ticket)
        finally:
            ticket.due = _GONE  # without the lock: a flow may be closed by the garbage collector, anywhere
        return self._clock() - started

    def pause(self, seconds: float) -> Flow[None]:
        """Let nobody pass during that time. Takes effect at once; the flow has nothing to do."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)
        return _done(None)

    def observe(self, seen: Observed) -> Flow[None]:
        """Take into account what the service says. Takes effect at once; the flow has nothing to do."""
        index = self._meant(seen)
        if index is not None:
            with self._lock:
                limit = self._counts[index].observe(seen.limit, seen.remaining, seen.reset_in, self._clock())
                pace = self._paces[index]
                if pace:
                    pace.set_limit(limit)
        return _done(None)

    def snapshot(self) -> Flow[Snapshot]:
        """What is left. Read at once; the flow has nothing to do."""
        with self._lock:
            now = self._clock()
            states = (count.state(now) for count in self._counts)
            quotas = tuple(Quota(window.seconds, *state) for window, state in zip(self.windows, states, strict=True))
            return _done(Snapshot(quotas, max(0.0, self._paused_until - now)))

    def _ask(self, ticket: Ticket) -> Flow[float]:
        return _done(self.try_acquire(ticket))

    def _ahead(self, ticket: Ticket, now: float) -> int:
        """The cost of those who wait before it. The lock is held."""
        line = self._line
        while line and line[0].due == _GONE:
            line.popleft()
        ahead = 0
        for other in line:
            if other is ticket or (ticket.urgent and not other.urgent):
                break
            if other.due + GRACE > now:
                ahead += other.cost
        return ahead

    def _join(self, ticket: Ticket, due: float) -> None:
        with self._lock:
            if ticket.due == _GONE:
                if ticket in self._line:
                    self._line.remove(ticket)
                place = sum(1 for other in self._line if other.urgent) if ticket.urgent else len(self._line)
                self._line.insert(place, ticket)
            ticket.due = due

    def _withdraw(self, ticket: Ticket, at: float, now: float) -> None:
        """Take back a grant whose caller came too late. The lock is held."""
        for gate in self._gates:
            gate.take_back(ticket.cost, at, now)
        ticket.at = None
        ticket.urgent = True

    def _meant(self, seen: Observed) -> int | None:
        """The window that the service speaks of."""
        indices = range(len(self.windows))
        if seen.seconds is not None:
            return next((i for i in indices if self.windows[i].seconds == seen.seconds), None)
        fixed = [i for i in indices if self.windows[i].kind == "fixed"]
        if fixed:
            return max(fixed, key=lambda i: self.windows[i].seconds)
        return min(indices, key=lambda i: self.windows[i].seconds, default=None)

    def _refusal(self, wait: float, waited: float, max_wait: float) -> RateLimited:
        quota = " and ".join(str(window) for window in self.windows) or "pause asked by the service"
        where = f" of {self.name}" if self.name else ""
        text = f"the quota{where} ({quota}) has no room for another {wait:.3g} s, after {waited:.1f} s of waiting"
        text += f", and max_wait is {max_wait:.3g} s"
        return RateLimited(f"{text}. Try again later, or allow a longer wait", retry_after=wait)

    def after_fork(self) -> None:
        """In the child: the lock may have been held, and those who waited are threads of the parent."""
        self._lock = threading.Lock()
        self._line.clear()


class AiolimiterAdapter:
    """A user's own `aiolimiter.AsyncLimiter`, for an async client under asyncio.

    Its grants are final: it can neither be corrected by the service's headers nor take a grant back.
    """

    def __init__(self, limiter: AsyncLimiter) -> None:
        self._limiter = limiter
        self._pauses = RateLimiter(())

    def try_acquire(self, ticket: Ticket) -> float:
        """0.0 when the ticket has passed before and the service did not ask for a pause since."""
        if ticket.at is None and ticket.cost:
            return math.inf
        return self._pauses.try_acquire(Ticket())

    def acquire(self, ticket: Ticket, max_wait: float) -> Flow[float]:
        """Wait for the turn; `RateLimited` when it did not come within `max_wait` seconds."""
        if ticket.cost > self._limiter.max_rate:
            raise InvalidRequest.of("cost", f"at most {self._limiter.max_rate:g}, the max_rate of the AsyncLimiter")
        started = time.monotonic()
        if ticket.at is None and ticket.cost:
            if not (yield Await(partial(_within, self._limiter, ticket.cost, max_wait))):
                text = f"the AsyncLimiter gave no room within max_wait, {max_wait:.3g} s"
                raise RateLimited(text, retry_after=ticket.cost * self._limiter.time_period / self._limiter.max_rate)
            ticket.at = time.monotonic()
        yield from self._pauses.acquire(Ticket(), max_wait - (time.monotonic() - started))
        return time.monotonic() - started

    def pause(self, seconds: float) -> Flow[None]:
        """Let nobody pass during that time."""
        return self._pauses.pause(seconds)

    def observe(self, seen: Observed) -> Flow[None]:  # noqa: ARG002 - the shape of a limiter
        """Nothing: the limiter is the user's."""
        return _done(None)

    def snapshot(self) -> Flow[Snapshot]:
        """The pause alone: an `AsyncLimiter` does not tell what is left."""
        return self._pauses.snapshot()


async def _within(limiter: AsyncLimiter, cost: int, seconds: float) -> bool:
    import asyncio  # slow to load, and only who has an `AsyncLimiter` needs it

    try:
        async with asyncio.timeout(None if math.isinf(seconds) else seconds):
            await limiter.acquire(cost)
    except TimeoutError:
        return False
    return True


def _done(value: T) -> Flow[T]:
    """A flow that asks for nothing."""
    yield from ()
    return value


_shared: dict[tuple[Hashable, ...], RateLimiter] = {}


def shared_limiter(key: tuple[Hashable, ...], windows: Sequence[Window]) -> RateLimiter:
    """The one limiter of that quota in this process, so that all its clients spend one budget.

    `key` names the quota (service, host, a digest of the credentials; never the secret itself). A limiter is kept as
    long as the process lives: a client made anew must not begin with a fresh budget.
    Raises `ConfigurationError` when the quota is already kept with other windows.
    """
    name = ".".join(str(part) for part in key[:1])
    limiter = _shared.setdefault(key, RateLimiter(windows, name=name))  # atomic: one wins
    if limiter.windows != tuple(windows):
        raise ConfigurationError(
            f"two clients of one quota ({name}) ask for different windows. "
            "Give both the same, or give each a RateLimiter of its own"
        )
    return limiter
