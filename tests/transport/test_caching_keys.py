"""What makes two questions different, and the stores that fail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from caching_parts import THING, Source, go, read

from frgov_clients import AsyncBanClient, BanClient
from frgov_clients.errors import (
    NotFound,
    UnexpectedContent,
)
from frgov_clients.transport.auth import HeaderKey
from frgov_clients.transport.cache import MemoryCache
from frgov_clients.transport.cache_sqlite import SqliteCache
from frgov_clients.transport.operation import Content, Operation
from scripted import EMPTY_SEARCH
from support import COLOURS, spec_of


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with MemoryCache() if request.param == "memory" else SqliteCache(tmp_path / "cache.sqlite") as made:
        yield made


# ---- the key ------------------------------------------------------------------------------------------------


def test_what_makes_two_questions_different() -> None:
    spec = spec_of(ttl=60.0, decode=read)
    post = spec_of("POST", ttl=60.0, decode=read)
    questions = [
        Operation(spec),
        Operation(spec, (("q", "x"),)),
        Operation(spec, (("q", "y"),)),
        Operation(spec, (("q", "x"), ("q", "x"))),
        Operation(spec, (("q", "x"), ("r", ""))),
        Operation(spec, path="/other"),
        Operation(spec_of(ttl=60.0, decode=read, accept="text/csv")),
        Operation(spec, headers=(("Accept-Language", "fr"),)),
        Operation(post),
        Operation(post, body=Content(b"")),
        Operation(post, body=Content(b"a")),
        Operation(post, body=Content(b"b")),
        Operation(post, body=Content(b"a", "text/plain")),
    ]
    source, store = Source(), MemoryCache()

    async def story(client: Any) -> None:
        for expected in (1, 1):
            found = [await client.send(question) for question in questions]
            assert found == list(range(expected, expected + len(questions)))

    go("sync", source, story, cache=store)

    async def one(client: Any) -> Any:
        return await client.send(questions[1])

    known = len(questions)
    others: list[dict[str, Any]] = [
        {"base_url": "http://127.0.0.1:8"},
        {"base_url": "http://127.0.0.1:9/v2"},
        {"auth": HeaderKey("api-key", "one")},
        {"auth": HeaderKey("api-key", "two")},
    ]
    for number, other in enumerate(others, start=known + 1):
        assert [go("sync", source, one, cache=store, **other) for _ in range(2)] == [number, number]
    assert go("sync", source, one, cache=store) == 2


def test_a_dialect_that_asks_differently_is_another_question() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=EMPTY_SEARCH)

    store, transport = MemoryCache(), httpx.MockTransport(handler)

    def ask(dialect: Any) -> None:
        with BanClient(
            base_url="http://127.0.0.1:9", dialect=dialect, cache=store, http_client=httpx.Client(transport=transport)
        ) as ban:
            ban.search("rue de la paix", depcode="75") if dialect == "geopf" else ban.search("rue de la paix")

    for dialect in ("geopf", "addok") * 3:
        ask(dialect)
    assert len(asked) == len(set(asked)) == 2


# ---- a store that fails -------------------------------------------------------------------------------------


class Broken:
    """A store against the protocol: it raises, or gives back what is no bytes."""

    def __init__(self, io: str, gives: Any) -> None:
        self.io, self.gives = io, gives

    def get(self, key: str) -> Any:
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives

    def set(self, key: str, value: bytes, ttl: float) -> None:
        raise OSError(f"no room for {key}")

    def delete(self, key: str) -> None:
        raise OSError("no")


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("io", ["none", "disk", "network"])
@pytest.mark.parametrize("gives", [RuntimeError("key and value"), "text", 5, b"banana", b"", None])
def test_a_store_that_fails_breaks_no_call(
    colour: str, io: str, gives: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from frgov_clients.transport import caching
    from frgov_clients.transport.cache import Trouble

    monkeypatch.setattr(caching, "_trouble", Trouble("configured"))

    async def story(client: Any) -> None:
        assert [await client.send(THING) for _ in range(4)] == [1, 2, 3, 4]

    go(colour, Source(), story, cache=Broken(io, gives))
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([text for text in told if "writing Broken (OSError)" in text]) == 1
    assert len(told) <= 2  # once for reading, once for writing
    assert not [text for text in told if "key and value" in text or "no room" in text]


# ---- the geocoder -------------------------------------------------------------------------------------------


def test_the_geocoder_in_both_colours(store: Any) -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if "nothing" in asked[-1]:
            return httpx.Response(200, text="<html>maintenance</html>")
        return httpx.Response(200, content=EMPTY_SEARCH)

    transport = httpx.MockTransport(handler)
    options: dict[str, Any] = {"cache": store, "retries": 0, "base_url": "http://127.0.0.1:9"}
    with BanClient(http_client=httpx.Client(transport=transport), **options) as ban:
        first = ban.search("rue de la paix")
        assert ban.search("rue de la paix") == first

    async def story() -> None:
        async with AsyncBanClient(http_client=httpx.AsyncClient(transport=transport), **options) as ban:
            assert await ban.search("rue de la paix") == first
            assert (await ban.raw.search("rue de la paix")).age is not None
            for _ in range(2):
                with pytest.raises(UnexpectedContent):
                    await ban.search("nothing")

    asyncio.run(story())
    assert len(asked) == 3


def test_a_commune_that_does_not_exist_is_asked_again(store: Any) -> None:
    answers = [404, 404]

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(answers.pop(0), json={})

    with BanClient(http_client=httpx.Client(transport=httpx.MockTransport(handler)), cache=store, retries=0) as ban:
        for _ in range(2):
            with pytest.raises(NotFound):
                ban.lookup("90004")
    assert not answers
