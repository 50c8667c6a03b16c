"""(a) One call through the whole pipeline, against httpx doing the same request and reading the same model."""

from __future__ import annotations

import asyncio
import time

import httpx

from frgov_clients import AsyncBanClient, BanClient, RateLimiter, Window
from frgov_clients.ban import SearchResult

from .measure import Row, alternate, compared

QUERY = "10 rue de la paix"
CALLS, ROUNDS = 400, 15


def open_limiter() -> dict[str, RateLimiter]:
    """The limiter stays in the way, with a quota that never makes a call wait."""
    return {"geocoding": RateLimiter([Window(limit=10_000_000, seconds=1.0)])}


def rows(url: str) -> list[Row]:
    return [_blocking(url), asyncio.run(_async(url))]


def _blocking(url: str) -> Row:
    with (
        httpx.Client(timeout=10) as raw,
        BanClient(base_url=url, dialect="geopf", limiters=open_limiter()) as ban,
    ):

        def peer() -> float:
            started = time.perf_counter()
            for _ in range(CALLS):
                reply = raw.get(f"{url}/search", params={"q": QUERY, "limit": 3, "autocomplete": 0})
                reply.raise_for_status()
                SearchResult.model_validate_json(reply.content)
            return (time.perf_counter() - started) / CALLS * 1e6

        def ours() -> float:
            started = time.perf_counter()
            for _ in range(CALLS):
                ban.search(QUERY, limit=3)
            return (time.perf_counter() - started) / CALLS * 1e6

        figures = alternate({"ours": ours, "peer": peer}, ROUNDS)
    return compared("(a) one call, sync, against httpx", "µs", figures, "ours", "peer", at_most=1.05)


async def _async(url: str) -> Row:
    figures: dict[str, list[float]] = {"ours": [], "peer": []}
    async with (
        httpx.AsyncClient(timeout=10) as raw,
        AsyncBanClient(base_url=url, dialect="geopf", limiters=open_limiter()) as ban,
    ):
        for number in range(ROUNDS + 1):
            started = time.perf_counter()
            for _ in range(CALLS):
                await ban.search(QUERY, limit=3)
            ours = time.perf_counter() - started
            started = time.perf_counter()
            for _ in range(CALLS):
                reply = await raw.get(f"{url}/search", params={"q": QUERY, "limit": 3, "autocomplete": 0})
                reply.raise_for_status()
                SearchResult.model_validate_json(reply.content)
            peer = time.perf_counter() - started
            if number:
                figures["ours"].append(ours / CALLS * 1e6)
                figures["peer"].append(peer / CALLS * 1e6)
    return compared("(a) one call, async, against httpx", "µs", figures, "ours", "peer", at_most=1.05)
