"""Quotas kept in Redis, so that all processes and machines that spend one quota share it.

Each question is one atomic script, on the clock of Redis. A grant holds for 5 ms after Redis has answered, and windows
last 10 ms longer than the service's: they are kept exactly as long as a round trip to Redis takes at most 5 ms.
"""

from __future__ import annotations

import inspect
import logging
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from typing_extensions import override

from ..errors import ConfigurationError, InvalidRequest, RateLimited
from .effects import Flow, Offload
from .ratelimit import Observed, Quota, RateLimiter, Snapshot, Ticket
from .windows import Window

if TYPE_CHECKING:
    from redis import Redis

__all__ = ["RedisRateLimiter"]

_log = logging.getLogger("frgov_clients.ratelimit")
JITTER: Final = 0.002
"""Up to that many seconds are added to a wait, so that the processes do not all ask at the same moment."""
RETRY_AFTER: Final = 5.0
"""Seconds during which Redis is not asked after it failed."""
MICRO: Final = 1_000_000
SCRIPT: Final = files("frgov_clients.transport").joinpath("quota.lua").read_text("utf-8")


class RedisRateLimiter(RateLimiter):
    """Keeps several windows at once, in Redis. Same rules as `RateLimiter`, across processes and machines.

    Those who wait in one process are served in their order, nearly; between processes whoever asks first is served.
    `redis` is a synchronous `redis.Redis` client of yours, with a short `socket_timeout`, which you close yourself;
    it is called in a worker thread by async clients. `name` names the quota: the same for all who share it, and
    never a secret. Reckon with one call per request, and one more per answer whose headers tell the quota.

    When Redis fails, `on_error="local"` goes on with windows of this process alone, which know what this process
    spent before, and logs one warning; Redis is asked again after 5 s. `on_error="raise"` raises `RateLimited`.
    """

    _lasts = 0.005
    _margin = 0.010

    def __init__(
        self,
        redis: Redis,
        windows: Sequence[Window],
        *,
        name: str,
        key_prefix: str = "frgov:quota:",
        on_error: Literal["local", "raise"] = "local",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(windows, name=name, clock=clock)
        self._turn = threading.Lock()
        client: Any = redis
        if inspect.iscoroutinefunction(client.execute_command):
            raise ConfigurationError("RedisRateLimiter takes a synchronous redis.Redis client, also in async clients")
        marks = [f"{window.kind[0]}{round(window.seconds * MICRO)}" for window in self.windows]
        if not name or not marks or len(set(marks)) < len(marks):
            raise ConfigurationError("RedisRateLimiter needs a name, and windows of different lengths")
        self._script: Any = client.register_script(SCRIPT)
        key = f"{key_prefix}{{{name}}}"  # braces: all keys of a quota lie on one node of a Redis cluster
        self._keys = [key, *(f"{key}:{mark}" for mark in marks), *(f"{key}:{mark}:pace" for mark in marks)]
        self._rules = [part for window, mark in zip(self.windows, marks, strict=True) for part in _rule(window, mark)]
        self._on_error = on_error
        self._ask_again_at = -math.inf
        self._why = ""

    @override
    def try_acquire(self, ticket: Ticket) -> float:
        """0.0 when the ticket's grant is still good; else infinite: only `acquire` asks Redis."""
        if not ticket.cost:
            return 0.0
        fresh = ticket.at is not None and self._clock() - ticket.at <= self._lasts
        return 0.0 if fresh else math.inf

    @override
    def pause(self, seconds: float) -> Flow[None]:
        """Let nobody pass during that time, in any process."""
        super().pause(seconds)
        yield Offload(partial(self._call, "pause", round(seconds * MICRO)))

    @override
    def observe(self, seen: Observed) -> Flow[None]:
        """Take into account what the service says, in all processes."""
        super().observe(seen)
        index = self._meant(seen)
        if index is not None and seen[:3] != (None, None, None):
            reset_in = None if seen.reset_in is None else round(seen.reset_in * MICRO)
            said = [-1 if part is None else part for part in (seen.limit, seen.remaining, reset_in)]
            yield Offload(partial(self._call, "observe", index + 1, *said))

    @override
    def snapshot(self) -> Flow[Snapshot]:
        """What is left for all processes together (for this one, when Redis fails)."""
        answer: list[int] | None = yield Offload(partial(self._call, "look"))
        if answer is None:
            return (yield from super().snapshot())
        rows = zip(self.windows, answer[1::3], answer[2::3], answer[3::3], strict=True)
        quotas = tuple(Quota(window.seconds, limit, left, reset / MICRO) for window, limit, left, reset in rows)
        return Snapshot(quotas, answer[0] / MICRO)

    @override
    def after_fork(self) -> None:
        """In the child: new locks, nobody waits."""
        super().after_fork()
        self._turn = threading.Lock()

    @override
    def _ask(self, ticket: Ticket) -> Flow[float]:
        if not self.try_acquire(ticket):
            return 0.0
        wait: float = yield Offload(partial(self._take_in_turn, ticket))
        return wait

    def _take_in_turn(self, ticket: Ticket) -> float:
        """One at a time: whoever is granted meanwhile would count twice, in Redis and in line."""
        with self._turn:
            return self._take(ticket)

    def _take(self, ticket: Ticket) -> float:
        """Ask Redis. Blocks."""
        with self._lock:
            now = self._clock()
            old, ticket.stamp = ticket.stamp, 0
            if ticket.at is not None:
                self._withdraw(ticket, ticket.at, now)
            ahead = self._ahead(ticket, now) if self._line else 0
        answer = self._call("take", ticket.cost, ahead, old)
        if answer is None and self._on_error == "raise":
            text = f"not sent: the quota of {self.name} is kept in Redis, and Redis fails ({self._why})"
            raise RateLimited(text, retry_after=max(0.0, self._ask_again_at - self._clock()))
        if answer is None:
            return super().try_acquire(ticket)
        stamp, wait, limit = answer
        if limit:
            raise InvalidRequest.of("cost", f"at most {limit}, what a whole window of the quota allows")
        if not stamp:
            return wait / MICRO + random.random() * JITTER  # noqa: S311 - no secret
        self._granted(ticket, stamp)
        return 0.0

    def _granted(self, ticket: Ticket, stamp: int) -> None:
        """Count it here too, for the day when Redis fails."""
        with self._lock:
            now = self._clock()
            for gate in self._gates:
                gate.ready(0, 0, now)  # forgets what is over
                gate.add(ticket.cost, now)
            ticket.at, ticket.stamp, ticket.due = now, stamp, -math.inf

    def _call(self, what: str, *numbers: int) -> list[int] | None:
        """Run the script; `None` when Redis fails."""
        if self._clock() < self._ask_again_at:
            return None
        arguments = [what, *numbers, *[0] * (4 - len(numbers)), round(self._margin * MICRO), *self._rules]
        try:
            answer: list[int] = self._script(keys=self._keys, args=arguments)
        except Exception as error:  # noqa: BLE001 - whatever the client's library raises
            self._failed(type(error).__name__)
            return None
        self._why = ""
        return answer

    def _failed(self, why: str) -> None:
        with self._lock:
            self._ask_again_at = self._clock() + RETRY_AFTER
            known, self._why = self._why, why
        if not known and self._on_error == "local":
            text = "quota %s: Redis fails (%s); this process keeps the quota alone, without the others, meanwhile"
            _log.warning(text, self.name, why)


def _rule(window: Window, mark: str) -> tuple[str | int, ...]:
    length = round(window.seconds * MICRO)
    return mark, int(window.kind == "fixed"), window.limit, length, window.burst or 0
