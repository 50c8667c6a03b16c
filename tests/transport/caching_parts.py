"""A service that counts what it is asked, and clients that cache."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import anyio.to_thread
import httpx

from frgov_clients.errors import (
    ApiError,
)
from frgov_clients.transport.answers import not_json
from frgov_clients.transport.operation import Operation, Reply
from frgov_clients.transport.raw import AsyncRawView, RawView
from support import AsyncProbe, Probe, ProbeEndpoints, play, spec_of


def read(reply: Reply, operation: Operation[Any]) -> Any:
    """JSON, or an error that says why not; `{"failed": true}` is a failure that the service tells with 200."""
    try:
        answer = json.loads(reply.content)
    except ValueError as error:
        raise not_json(reply, error) from None
    if answer.get("failed"):
        raise ApiError("the service says that it failed", status=200, retryable=True)
    return answer["n"]


THING = Operation(spec_of(ttl=60.0, decode=read), (("q", "x"),))
PERSONAL = Operation(spec_of(ttl=60.0, decode=read, personal=True))
UNCACHED = Operation(spec_of(decode=read))


class RawThing(RawView, ProbeEndpoints):
    pass


class AsyncRawThing(AsyncRawView, ProbeEndpoints):
    pass


class Thing(Probe):
    @property
    def raw(self) -> RawThing:
        return RawThing(self._config, self._policies, self._driver)


class AsyncThing(AsyncProbe):
    @property
    def raw(self) -> AsyncRawThing:
        return AsyncRawThing(self._config, self._policies, self._driver)


class Source:
    """A service that counts: its n-th answer is `{"n": n}`, unless it was told what to do."""

    def __init__(self, *steps: Any, delay: float = 0.0) -> None:
        self.steps = list(steps)
        self.delay = delay
        self.asked = 0
        self._lock = threading.Lock()

    def handler(self, request: httpx.Request) -> httpx.Response:
        time.sleep(self.delay)
        return self._answer()

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(self.delay)
        return self._answer()

    def _answer(self) -> httpx.Response:
        with self._lock:
            self.asked += 1
            step = self.steps.pop(0) if self.steps else 200
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, str):
                return httpx.Response(200, text=step)
            return httpx.Response(step, json={"n": self.asked}, headers={"content-type": "application/json"})

    def client(self, colour: str) -> Any:
        transport = httpx.MockTransport(self.handler if colour == "sync" else self.async_handler)
        return httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)


def go(colour: str, source: Source, story: Callable[[Any], Any], **options: Any) -> Any:
    options.setdefault("retries", 0)
    return play(colour, (Thing, AsyncThing), story, http_client=source.client(colour), **options)
