# pyright: strict
"""Code of a user of the async client: it is never run, only read by type checkers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import assert_type

import httpx

from frgov_clients import AsyncBanClient, Health
from frgov_clients.ban import (
    AddressFeature,
    AsyncGeocoding,
    Commune,
    CompletionResult,
    CsvResult,
    Geocoded,
    Numero,
    ParcelFeature,
    PoiFeature,
    Report,
    SearchResult,
    Voie,
)
from frgov_clients.transport.operation import Reply
from frgov_clients.transport.raw import RawReply


async def search() -> None:
    async with AsyncBanClient(http_client=httpx.AsyncClient(), http_backend="aiohttp", max_in_flight=10) as ban:
        assert_type(ban, AsyncBanClient)
        result = await ban.search("10 rue de la Paix", limit=5, type="housenumber", citycode="75102")
        assert_type(result, SearchResult)
        assert_type(result.best, AddressFeature | PoiFeature | ParcelFeature | None)
        assert_type((await ban.reverse(lon=2.3, lat=48.8)).addresses, list[AddressFeature])
        assert_type(await ban.completion("rue", type=["StreetAddress"]), CompletionResult)
        assert_type(await ban.lookup("90001"), Commune | Voie | Numero)
        assert_type(await ban.search_csv(b"rue\n", columns=["rue"]), CsvResult)
        assert_type(await ban.check(), Health)
        assert_type(await ban.request("POST", "/new", json={"a": 1}), Reply)


async def many(ban: AsyncBanClient, texts: list[str]) -> list[SearchResult]:
    task = asyncio.create_task(ban.search(texts[0]))
    assert_type(task, asyncio.Task[SearchResult])
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ban.search(text)) for text in texts]
    return [await task, *(await asyncio.gather(*map(ban.search, texts))), *(each.result() for each in tasks)]


async def geocode_many(ban: AsyncBanClient, rows: AsyncIterator[dict[str, str]]) -> Report:
    async with ban.geocode_many(rows, columns={"address": ["numero", "voie"]}) as run:
        assert_type(run, AsyncGeocoding)
        async for row in run:
            assert_type(row, Geocoded)
    assert_type(run.report, Report)
    assert_type(await ban.geocode_many("in.csv").all(), list[Geocoded])
    assert_type(await ban.geocode_many("in.csv").write(Path("out.csv"), prefix="adr_"), Report)
    await ban.geocode_many("in.csv").to_polars(prefix="adr_")
    return await ban.reverse_many("points.csv").write("out.csv")


async def siblings_and_raw(ban: AsyncBanClient) -> None:
    assert_type(ban.with_options(timeout=3), AsyncBanClient)
    reply = await ban.raw.search("mairie")
    assert_type(reply, RawReply[SearchResult])
    assert_type(reply.parse(), SearchResult)
    assert_type(reply.age, float | None)
    await ban.close()
