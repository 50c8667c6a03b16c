"""(c) A call that the cache answers: `search` from its arguments to its model, one address found."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from frgov_clients import AsyncBanClient, BanClient, MemoryCache, SqliteCache
from frgov_clients.transport.cache import Cache

from .calls import QUERY, open_limiter
from .measure import Row, alone, each, each_async
from .server import ONE_FEATURE, running

CALLS, ROUNDS = 3000, 9


def rows() -> list[Row]:
    found: list[Row] = []
    with (
        running(ONE_FEATURE) as url,
        tempfile.TemporaryDirectory() as directory,
        SqliteCache(Path(directory) / "cache.sqlite") as file,
    ):
        for name, store, limit in (("memory", MemoryCache(), 10.0), ("SQLite", file, 40.0)):
            found.append(alone(f"(c) cache hit, {name}, sync", "µs", _blocking(url, store), at_most=limit))
            figures = asyncio.run(_async(url, store))
            found.append(alone(f"(c) cache hit, {name}, async", "µs", figures, at_most=limit))
    return found


def _blocking(url: str, store: Cache) -> list[float]:
    with BanClient(base_url=url, dialect="geopf", limiters=open_limiter(), cache=store) as ban:
        ban.search(QUERY, limit=3)
        return [each(CALLS, lambda: ban.search(QUERY, limit=3)) for _ in range(ROUNDS)]


async def _async(url: str, store: Cache) -> list[float]:
    async with AsyncBanClient(base_url=url, dialect="geopf", limiters=open_limiter(), cache=store) as ban:
        await ban.search(QUERY, limit=3)
        return [await each_async(CALLS, lambda: ban.search(QUERY, limit=3)) for _ in range(ROUNDS)]
