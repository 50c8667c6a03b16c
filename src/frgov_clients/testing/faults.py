"""What may go wrong in every fake when a test says so, and what it remembers of the requests."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

__all__ = ["Fault", "Faults", "RateLimit", "Received"]


@dataclass(frozen=True, slots=True)
class Received:
    """One request, as it arrived."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)
    """Empty for what is larger than a mebibyte."""
    size: int = 0
    """Bytes of the body."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule of what goes wrong: for the next `times` requests that it fits, after it let `skip` of them pass.

    The first rule of the list that fits a request is applied, and no other. A fake may know more that can go wrong.
    """

    path: str = ""
    """The beginning of the path, below the base URL; empty for every path."""
    method: str = ""
    """Empty for every method."""
    when: Callable[[Received], bool] | None = None
    """A further condition."""
    times: int | None = 1
    """How many requests it hits; `None` for ever."""
    skip: int = 0

    delay: float = 0.0
    """Seconds before the answer; alone, the answer is then the usual one."""
    status: int | None = None
    """Answer with this status."""
    retry_after: int | None = None
    """Seconds, as a header beside `status`."""
    html: bool = False
    """Answer with a page of HTML, as a proxy would: beside `status`, or with 200."""
    empty: bool = False
    """Answer 200 without a body."""
    close: bool = False
    """Close the connection without an answer, and do nothing."""
    lost: bool = False
    """Do what was asked, then close the connection without an answer."""
    cut_after_bytes: int | None = None
    """Break the connection in the middle of the body, after so many bytes."""

    def fits(self, request: Received) -> bool:
        return (
            request.path.startswith(self.path)
            and self.method in {"", request.method}
            and (self.when is None or self.when(request))
        )


F = TypeVar("F", bound=Fault)


class Faults(list[F]):
    """The rules, in their order. A rule that has hit as often as it should is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def take(self, request: Received) -> F | None:
        """The rule that hits this request."""
        with self._lock:
            for rule in self:
                if not rule.fits(request):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times <= 0:
                        self.remove(rule)
                return rule
        return None


_SECOND: Final = 1.0


class RateLimit:
    """More than `most` requests in a second, and everybody is refused for `pause` seconds after the over-use stops."""

    def __init__(self, most: int | None, pause: float = 5.0) -> None:
        self.most = most
        self.pause = pause
        self._lock = threading.Lock()
        self._times: deque[float] = deque()
        self._until = 0.0

    def refuses(self) -> float | None:
        """Seconds to wait, when this request is refused."""
        if self.most is None:
            return None
        now = time.monotonic()
        with self._lock:
            times = self._times
            times.append(now)
            while times[0] <= now - _SECOND:
                times.popleft()
            if len(times) > self.most:
                self._until = now + self.pause
            return self._until - now if now < self._until else None
