"""(d) Many calls in flight in one event loop: answers per second, against one httpx client with its defaults.

Each number in flight has clients of its own: those of another number would lend it idle connections, among which httpx
searches for each request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal

import httpx

from frgov_clients import AsyncBanClient

from .calls import QUERY, ask_httpx, open_limiter
from .measure import Row, alternate_async, compared

ROUNDS = 7
IN_FLIGHT = {1: 600, 10: 1000, 100: 1500, 500: 2000}
TARGETS = {("httpx", 100): 1.5, ("aiohttp", 100): 2.5}


def rows(url: str) -> list[Row]:
    figures = {flying: asyncio.run(_measure(url, flying, total)) for flying, total in IN_FLIGHT.items()}
    return [
        compared(
            f"(d) {flying} in flight, over {backend}",
            "answers/s",
            figures[flying],
            backend,
            "raw",
            at_least=TARGETS.get((backend, flying)),
        )
        for backend in ("httpx", "aiohttp")
        for flying in IN_FLIGHT
    ]


def _client(url: str, backend: Literal["httpx", "aiohttp"]) -> AsyncBanClient:
    return AsyncBanClient(
        base_url=url, dialect="geopf", limiters=open_limiter(), timeout=60, deadline=60, http_backend=backend
    )


async def _measure(url: str, flying: int, total: int) -> dict[str, list[float]]:
    async with (
        httpx.AsyncClient(timeout=60) as raw,
        _client(url, "httpx") as over_httpx,
        _client(url, "aiohttp") as over_aiohttp,
    ):
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "raw": lambda: ask_httpx(raw, url),
            "httpx": lambda: over_httpx.search(QUERY, limit=3),
            "aiohttp": lambda: over_aiohttp.search(QUERY, limit=3),
        }
        return await alternate_async(
            {name: partial(_rate, call, flying, total) for name, call in calls.items()}, ROUNDS
        )


async def _rate(call: Callable[[], Awaitable[object]], flying: int, total: int) -> float:
    async def worker() -> None:
        for _ in range(total // flying):
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(flying)))
    return (total // flying) * flying / (time.perf_counter() - started)
