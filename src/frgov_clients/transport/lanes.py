"""Connections to one host, each used by one request at a time.

httpx's shared pool looks through all its connections for each request, several times under load, and with threads
it can close one that another thread was just given. Here each connection is a pool of one ("lane") on a free list:
the last used is taken first, and there are as many as requests in flight, which is the bulkhead's business.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any, Generic, TypeVar

import httpx

__all__ = ["KEEPALIVE", "AsyncLanes", "Lanes"]

W = TypeVar("W")
KEEPALIVE = 30.0
"""Seconds after which an unused connection is closed."""


class _Lane(Generic[W]):
    __slots__ = ("idle_since", "transport")

    def __init__(self, transport: W) -> None:
        self.transport = transport
        self.idle_since = 0.0


class _FreeList(Generic[W]):
    """Lanes that wait for a request. Safe for threads: each step is one atomic operation of a deque or a set."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self._idle: deque[_Lane[W]] = deque()
        self._all: set[_Lane[W]] = set()
        self._closed = False

    def take(self) -> _Lane[W]:
        try:
            return self._idle.pop()
        except IndexError:
            lane = _Lane(self._make())
            self._all.add(lane)
            return lane

    def keep(self, lane: _Lane[W]) -> None:
        """Keep the lane for the next request."""
        lane.idle_since = time.monotonic()
        self._idle.append(lane)

    def give_back(self, lane: _Lane[W]) -> _Lane[W] | None:
        """Keep the lane for the next request; returns one to be closed: nobody needed it for long, or it is unfit."""
        if self._closed or _said_more(lane.transport):
            return self.drop(lane)
        try:
            coldest = self._idle.popleft()
        except IndexError:
            coldest = None
        self.keep(lane)
        if coldest is None:
            return None
        if lane.idle_since - coldest.idle_since > KEEPALIVE:
            return self.drop(coldest)
        self._idle.appendleft(coldest)
        return None

    def drop(self, lane: _Lane[W]) -> _Lane[W]:
        """Forget a lane, which is to be closed."""
        self._all.discard(lane)
        return lane

    def close(self) -> list[_Lane[W]]:
        """Keep none from now on; returns the idle ones, to be closed."""
        self._closed = True
        idle: list[_Lane[W]] = []
        with suppress(IndexError):
            while True:
                idle.append(self.drop(self._idle.pop()))
        return idle

    def busy(self) -> list[_Lane[W]]:
        """Those in use when all idle ones are closed."""
        return list(self._all)


def _said_more(transport: Any) -> bool:
    """Whether the server sent more than its answer: the next request would read the rest as its own answer.

    httpx has no public way to see it. Should the inner names change, a lane is kept whatever came.
    """
    for connection in getattr(getattr(transport, "_pool", None), "connections", ()):
        inner = connection
        while (further := getattr(inner, "_connection", None)) is not None:  # through a proxy there is one more
            inner = further
        state = getattr(inner, "_h11_state", None)
        if state is not None and state.trailing_data[0]:
            return True
    return False


class Lanes(httpx.BaseTransport):
    """The connections of a blocking client to one host."""

    def __init__(self, make: Callable[[], httpx.HTTPTransport]) -> None:
        self._lanes: _FreeList[httpx.HTTPTransport] = _FreeList(make)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        lane = self._lanes.take()
        try:
            response = lane.transport.handle_request(request)
        except BaseException:
            self.drop(lane)  # interrupted, it may be left neither in use nor free
            raise
        response.stream = _Body(response.stream, self, lane)
        return response

    def give_back(self, lane: _Lane[httpx.HTTPTransport]) -> None:
        """For the body of an answer, when it is closed."""
        unfit = self._lanes.give_back(lane)
        if unfit is not None:
            unfit.transport.close()

    def drop(self, lane: _Lane[httpx.HTTPTransport]) -> None:
        """For the body of an answer, when it could not be closed in order."""
        self._lanes.drop(lane).transport.close()

    def close(self) -> None:
        """Close what is idle. What another thread reads at this moment closes when its answer is over.

        The number of a socket that is closed under a reading thread may be given to another connection meanwhile.
        """
        for lane in self._lanes.close():
            lane.transport.close()


class _Body(httpx.SyncByteStream):
    __slots__ = ("_closed", "_lane", "_lanes", "_stream")

    def __init__(
        self,
        stream: httpx.SyncByteStream | httpx.AsyncByteStream,
        lanes: Lanes,
        lane: _Lane[httpx.HTTPTransport],
    ) -> None:
        assert isinstance(stream, httpx.SyncByteStream)
        self._stream = stream
        self._lanes = lanes
        self._lane = lane
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            self._stream.close()
        except BaseException:
            self._lanes.drop(self._lane)
            raise
        self._lanes.give_back(self._lane)


class AsyncLanes(httpx.AsyncBaseTransport):
    """The connections of an async client to one host, in one event loop."""

    def __init__(self, make: Callable[[], httpx.AsyncHTTPTransport]) -> None:
        self._lanes: _FreeList[httpx.AsyncHTTPTransport] = _FreeList(make)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        lane = self._lanes.take()
        try:
            response = await lane.transport.handle_async_request(request)
        except BaseException:
            await self.drop(lane)  # cancelled, it may be left neither in use nor free
            raise
        response.stream = _AsyncBody(response.stream, self, lane)
        return response

    async def give_back(self, lane: _Lane[httpx.AsyncHTTPTransport]) -> None:
        """For the body of an answer, when it is closed."""
        unfit = self._lanes.give_back(lane)
        if unfit is not None:
            await unfit.transport.aclose()

    async def drop(self, lane: _Lane[httpx.AsyncHTTPTransport]) -> None:
        """For the body of an answer, when it could not be closed in order."""
        await self._lanes.drop(lane).transport.aclose()

    async def aclose(self) -> None:
        for lane in (*self._lanes.close(), *self._lanes.busy()):
            await lane.transport.aclose()


class _AsyncBody(httpx.AsyncByteStream):
    __slots__ = ("_closed", "_lane", "_lanes", "_stream")

    def __init__(
        self,
        stream: httpx.SyncByteStream | httpx.AsyncByteStream,
        lanes: AsyncLanes,
        lane: _Lane[httpx.AsyncHTTPTransport],
    ) -> None:
        assert isinstance(stream, httpx.AsyncByteStream)
        self._stream = stream
        self._lanes = lanes
        self._lane = lane
        self._closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            await self._stream.aclose()
        except BaseException:
            await self._lanes.drop(self._lane)
            raise
        await self._lanes.give_back(self._lane)
