"""What every fake has: its life on loopback, what it was asked, its quota, and what goes wrong when a test says so."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from dataclasses import replace
from types import TracebackType
from typing import ClassVar, Generic, Self, TypeVar

from .faults import Fault, Faults, RateLimit, Received
from .http_server import Answer, Server, broken, cut, html_answer

__all__ = ["FakeService"]

F = TypeVar("F", bound=Fault)


class FakeService(ABC, Generic[F]):
    """One fake, started by `with`.

    Args:
        no_fault: the rule of a request that is answered as usual.
        max_requests_per_second: answer 429 when more come, until `pause` seconds after they stopped coming.
        latency: seconds before every answer; requests that come together wait together.
        keep: keep the bodies up to 1 MiB in `requests`.
    """

    _content_type: ClassVar[str] = "application/json"
    """Of an answer without a body."""

    def __init__(
        self,
        no_fault: F,
        *,
        max_requests_per_second: int | None = None,
        pause: float = 5.0,
        latency: float = 0.0,
        keep: bool = True,
    ) -> None:
        self.faults: Faults[F] = Faults()
        """What goes wrong next: append a `Fault`."""
        self.requests: list[Received] = []
        """Every request that came, refused ones included."""
        self.limit = RateLimit(max_requests_per_second, pause)
        self.latency = latency
        self.max_in_flight = 0
        """The most requests that were under way at the same time."""
        self.over = threading.Event()
        """Set when the fake ends: nothing in it waits any longer."""
        self._in_flight = 0
        self._no_fault = no_fault
        self._keep = keep
        self._lock = threading.Lock()
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where it answers: the `base_url` of a client."""
        if self._server is None:
            raise RuntimeError("the fake is not running: use `with`")
        return self._server.url

    def __enter__(self) -> Self:
        self.over.clear()
        self._server = Server(self.respond)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            if server.failures and error is None:
                raise RuntimeError("the fake itself failed") from server.failures[0]

    def kill_connections(self) -> None:
        """Reset every open connection; the server goes on listening."""
        if self._server is not None:
            self._server.kill_connections()

    def count(self, path: str = "", method: str = "") -> int:
        """Requests whose path begins so."""
        return sum(each.path.startswith(path) and method in {"", each.method} for each in list(self.requests))

    def respond(self, request: Received, body: bytes) -> Answer:
        """The answer to one request, as the server asks for it; `body` is whole."""
        with self._lock:
            self.requests.append(request if self._keep else replace(request, body=b""))
            self._in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
        try:
            return self._respond(request, body)
        finally:
            with self._lock:
                self._in_flight -= 1

    def _respond(self, request: Received, body: bytes) -> Answer:
        seconds = self.limit.refuses()
        if seconds is not None:
            return self._too_many(seconds)
        fault = self.faults.take(request) or self._no_fault
        if wait := self.latency + fault.delay:
            self.over.wait(wait)
        if (instead := self._instead(fault)) is not None:
            return instead
        answer = self._answer(request, body, fault)
        if fault.lost:
            return broken
        return answer if fault.cut_after_bytes is None else cut(answer, fault.cut_after_bytes)

    def _instead(self, fault: F) -> Answer | None:
        """What is sent in place of an answer."""
        if fault.close:
            return broken
        headers = () if fault.retry_after is None else (("retry-after", str(fault.retry_after)),)
        if fault.html:
            return html_answer(fault.status or 200, "Service unavailable", *headers)
        if fault.status is not None:
            return self._failure(fault.status, *headers)
        return Answer(200, (("content-type", self._content_type),)) if fault.empty else None

    @abstractmethod
    def _answer(self, request: Received, body: bytes, fault: F) -> Answer:
        """The service's own answer."""

    @abstractmethod
    def _failure(self, status: int, *headers: tuple[str, str]) -> Answer:
        """The answer with that status when nothing is wrong with the request."""

    @abstractmethod
    def _too_many(self, seconds: float) -> Answer:
        """The answer to a request beyond the quota, which is over in so many seconds."""
