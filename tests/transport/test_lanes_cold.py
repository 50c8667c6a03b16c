"""Connections that nobody needed for long are closed, and none is forgotten."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from frgov_clients.transport.lanes import KEEPALIVE, AsyncLanes, Lanes

REQUEST = httpx.Request("GET", "http://service.test/")


class Line(httpx.HTTPTransport):
    """A connection that answers at once, or breaks."""

    def __init__(self) -> None:
        self.breaks = self.closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.breaks:
            raise httpx.ReadError("broken", request=request)
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    def close(self) -> None:
        self.closed = True


class AsyncLine(httpx.AsyncHTTPTransport):
    """The same, awaited."""

    def __init__(self) -> None:
        self.breaks = self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.breaks:
            raise httpx.ReadError("broken", request=request)
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    async def aclose(self) -> None:
        self.closed = True


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("frgov_clients.transport.lanes.time", clock)
    return clock


def test_a_cold_connection_is_closed_when_another_comes_back(clock: Clock) -> None:
    made: list[Line] = []

    def make() -> Line:
        made.append(Line())
        return made[-1]

    lanes = Lanes(make)
    first, second = lanes.handle_request(REQUEST), lanes.handle_request(REQUEST)
    first.close()
    second.close()
    clock.now += KEEPALIVE / 2
    lanes.handle_request(REQUEST).close()
    assert not made[0].closed
    clock.now += KEEPALIVE
    lanes.handle_request(REQUEST).close()
    assert [line.closed for line in made] == [True, False]
    lanes.close()
    assert all(line.closed for line in made)


def test_a_cold_connection_of_a_loop_is_closed_and_never_forgotten(clock: Clock) -> None:
    made: list[AsyncLine] = []

    def make() -> AsyncLine:
        made.append(AsyncLine())
        return made[-1]

    async def scenario() -> None:
        lanes = AsyncLanes(make)
        first, second = await lanes.handle_async_request(REQUEST), await lanes.handle_async_request(REQUEST)
        await first.aclose()
        await second.aclose()
        clock.now += 2 * KEEPALIVE
        await (await lanes.handle_async_request(REQUEST)).aclose()
        assert [line.closed for line in made] == [True, False]
        await lanes.aclose()
        assert all(line.closed for line in made)

    asyncio.run(scenario())
