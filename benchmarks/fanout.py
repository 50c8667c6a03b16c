"""(d) Many calls in flight in one event loop: answers per second, against one httpx client with its defaults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

from frgov_clients import AsyncBanClient
from frgov_clients.ban import SearchResult

from .calls import QUERY, open_limiter
from .measure import Row, compared

ROUNDS = 7
IN_FLIGHT = {1: 600, 10: 1000, 100: 1500, 500: 2000}
TARGETS = {("httpx", 100): 1.5, ("aiohttp", 100): 2.5}


def rows(url: str) -> list[Row]:
    figures = asyncio.run(_measure(url))
    return [
        compared(
            f"(d) {flying} in flight, over {backend}",
            "answers/s",
            {"ours": figures[backend, flying], "peer": figures["raw", flying]},
            "ours",
            "peer",
            at_least=TARGETS.get((backend, flying)),
        )
        for backend in ("httpx", "aiohttp")
        for flying in IN_FLIGHT
    ]


async def _measure(url: str) -> dict[tuple[str, int], list[float]]:
    figures: dict[tuple[str, int], list[float]] = {}
    async with (
        httpx.AsyncClient(timeout=60) as raw,
        AsyncBanClient(base_url=url, dialect="geopf", limiters=open_limiter(), timeout=60, deadline=60) as over_httpx,
        AsyncBanClient(
            base_url=url,
            dialect="geopf",
            limiters=open_limiter(),
            timeout=60,
            deadline=60,
            http_backend="aiohttp",
        ) as over_aiohttp,
    ):

        async def peer() -> None:
            reply = await raw.get(f"{url}/search", params={"q": QUERY, "limit": 3, "autocomplete": 0})
            reply.raise_for_status()
            SearchResult.model_validate_json(reply.content)

        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "raw": peer,
            "httpx": lambda: over_httpx.search(QUERY, limit=3),
            "aiohttp": lambda: over_aiohttp.search(QUERY, limit=3),
        }
        for number in range(ROUNDS + 1):
            for flying, total in IN_FLIGHT.items():
                for name, call in calls.items():
                    rate = await _rate(call, flying, total)
                    if number:
                        figures.setdefault((name, flying), []).append(rate)
    return figures


async def _rate(call: Callable[[], Awaitable[object]], flying: int, total: int) -> float:
    async def worker() -> None:
        for _ in range(total // flying):
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(flying)))
    return (total // flying) * flying / (time.perf_counter() - started)
