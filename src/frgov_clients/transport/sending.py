"""One request and its answer through httpx: what a driver's `Send` comes down to, in both colours."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from contextvars import ContextVar
from typing import Final

import anyio
import httpx

from .effects import Failure, Opened, Send
from .operation import Reply
from .streams import AsyncStream, Stream
from .telemetry import in_our_call
from .unpacking import pieces, pieces_async
from .wire import ERRORS, Received, failure, make_request, release, too_late

__all__ = ["AsyncExchange", "Exchange", "until"]

until: Final[ContextVar[float]] = ContextVar("frgov_clients_until", default=float("inf"))
"""The moment (monotonic) at which the attempt of this thread must be over; see `timed`."""


class Exchange(ABC):
    """Something that sends an httpx request and gives its open answer."""

    @abstractmethod
    def send(self, request: httpx.Request, origin: str) -> httpx.Response:
        """The answer, its body not read yet. `origin` is the base URL that connections are kept by."""

    @abstractmethod
    def close(self) -> None:
        """Close what is ours."""

    def exchange(self, send: Send) -> Reply | Failure | Opened:
        """Send, and read the answer up to its limits."""
        token = in_our_call.set(True)
        deadline = until.set(time.monotonic() + send.timeout)
        answered = False
        request: httpx.Request | None = None
        body = Received(send)
        try:
            request = make_request(send, is_async=False)
            response = self.send(request, send.request.origin)
            answered = True
            if send.stream and response.is_success and response.status_code != 206:  # a part of it is not it
                return Opened(Reply(response.status_code, response.headers), Stream(response, send))
            try:
                for chunk in pieces(response):
                    if (refusal := body.add(chunk)) is not None:
                        return refusal
            finally:
                response.close()
        except ERRORS as error:
            return body.left_in(failure(error, answered=answered, origin=send.request.origin))
        finally:
            until.reset(deadline)
            in_our_call.reset(token)
            if request is not None and send.request.body is not None:
                release(request)
        return Reply(response.status_code, response.headers, body.content)


class AsyncExchange(ABC):
    """The same, awaited."""

    @abstractmethod
    async def send(self, request: httpx.Request, origin: str) -> httpx.Response:
        """The answer, its body not read yet. `origin` is the base URL that connections are kept by."""

    @abstractmethod
    async def close(self) -> None:
        """Close what is ours."""

    async def exchange(self, send: Send) -> Reply | Failure | Opened:
        """Send, and read the answer up to its limits; given up when its time is over."""
        token = in_our_call.set(True)
        answered = False
        request: httpx.Request | None = None
        body = Received(send)
        try:
            with anyio.move_on_after(send.timeout):
                request = make_request(send, is_async=True)
                response = await self.send(request, send.request.origin)
                answered = True
                if send.stream and response.is_success and response.status_code != 206:  # a part of it is not it
                    return Opened(Reply(response.status_code, response.headers), AsyncStream(response, send))
                try:
                    async for chunk in pieces_async(response):
                        if (refusal := body.add(chunk)) is not None:
                            return refusal
                finally:
                    await response.aclose()
                return Reply(response.status_code, response.headers, body.content)
        except ERRORS as error:
            return body.left_in(failure(error, answered=answered, origin=send.request.origin))
        finally:
            in_our_call.reset(token)
            if request is not None and send.request.body is not None:
                release(request)
        return body.left_in(too_late())
