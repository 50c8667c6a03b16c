"""(a) One call through the whole pipeline, against httpx doing the same request and reading the same model."""

from __future__ import annotations

import asyncio
from functools import partial

import httpx

from frgov_clients import AsyncBanClient, BanClient, RateLimiter, Window
from frgov_clients.ban import SearchResult

from .measure import Row, alternate, alternate_async, compared, each, each_async

QUERY = "10 rue de la paix"
CALLS, ROUNDS = 400, 15
_PARAMS: dict[str, str | int] = {"q": QUERY, "limit": 3, "autocomplete": 0}


def open_limiter() -> dict[str, RateLimiter]:
    """The limiter stays in the way, with a quota that never makes a call wait."""
    return {"geocoding": RateLimiter([Window(limit=10_000_000, seconds=1.0)])}


def read(reply: httpx.Response) -> SearchResult:
    """What the peer does with an answer."""
    reply.raise_for_status()
    return SearchResult.model_validate_json(reply.content)


async def ask_httpx(client: httpx.AsyncClient, url: str) -> SearchResult:
    """The peer's call."""
    return read(await client.get(f"{url}/search", params=_PARAMS))


def rows(url: str) -> list[Row]:
    return [_blocking(url), asyncio.run(_async(url))]


def _blocking(url: str) -> Row:
    with (
        httpx.Client(timeout=10) as raw,
        BanClient(base_url=url, dialect="geopf", limiters=open_limiter()) as ban,
    ):
        calls = {
            "ours": lambda: ban.search(QUERY, limit=3),
            "peer": lambda: read(raw.get(f"{url}/search", params=_PARAMS)),
        }
        figures = alternate({name: partial(each, CALLS, call) for name, call in calls.items()}, ROUNDS)
    return compared("(a) one call, sync, against httpx", "µs", figures, "ours", "peer", at_most=1.05)


async def _async(url: str) -> Row:
    async with (
        httpx.AsyncClient(timeout=10) as raw,
        AsyncBanClient(base_url=url, dialect="geopf", limiters=open_limiter()) as ban,
    ):
        calls = {"ours": lambda: ban.search(QUERY, limit=3), "peer": lambda: ask_httpx(raw, url)}
        figures = await alternate_async(
            {name: partial(each_async, CALLS, call) for name, call in calls.items()}, ROUNDS
        )
    return compared("(a) one call, async, against httpx", "µs", figures, "ours", "peer", at_most=1.05)
