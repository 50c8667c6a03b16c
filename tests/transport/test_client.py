"""What every client shares: siblings, check, request, close, and being used by many at once."""

from __future__ import annotations

import asyncio
import copy
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import trio

from frgov_clients import AsyncBanClient, BanClient, CircuitOptions, RateLimiter, Window
from frgov_clients.errors import (
    CircuitOpen,
    ClientClosed,
    ConfigurationError,
    FrgovError,
    RateLimited,
)
from frgov_clients.transport.drivers import running_loop
from scripted import Scripted, Step, answer
from support import COLOURS, PROBES, AsyncProbe, Probe, play

BANS = (BanClient, AsyncBanClient)
TOUCHY = CircuitOptions(window=2, minimum=2, failure_rate=1.0)

# ---- siblings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_a_sibling_uses_the_same_connection(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        for _ in range(3):
            await client.get()
            await client.with_options(timeout=5, retries=0).get()

    with Scripted(answer(body=b"yes")) as server:
        play(colour, PROBES, scenario, base_url=server.url)
        assert (len(server.requests), server.connections) == (6, 1)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_sibling_spends_the_same_quota(colour: str) -> None:
    async def scenario(ban: Any) -> Any:
        await ban.search("mairie")
        await ban.with_options(timeout=5).search("mairie")
        with pytest.raises(RateLimited):
            await ban.with_options(max_wait=0.01).search("mairie")
        with pytest.raises(RateLimited):
            await ban.with_options(retries=0, max_wait=0).with_options(deadline=2).search("mairie")

    quota = RateLimiter([Window(limit=2, seconds=60.0)])
    with Scripted() as server:
        play(colour, BANS, scenario, base_url=server.url, dialect="geopf", limiters={"geocoding": quota})
        assert len(server.requests) == 2


@pytest.mark.parametrize("colour", COLOURS)
def test_a_sibling_opens_the_circuit_of_all(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        for _ in range(2):
            with pytest.raises(FrgovError):
                await client.with_options(retries=0).get()
        with pytest.raises(CircuitOpen):
            await client.get()

    with Scripted(answer(500)) as server:
        play(colour, PROBES, scenario, base_url=server.url, circuit=TOUCHY)
        assert len(server.requests) == 2


def test_a_sibling_stands_in_the_same_line() -> None:
    with Scripted((0.05, *answer(body=b"yes"))) as server, Probe(base_url=server.url, max_in_flight=1) as client:
        others = [client, client.with_options(timeout=5), client.with_options(retries=0)]
        with ThreadPoolExecutor(3) as pool:
            assert [each.result() for each in [pool.submit(other.get) for other in others]] == ["yes"] * 3
        assert server.most_in_flight == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_a_sibling_has_options_of_its_own(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        hasty = client.with_options(timeout=0.1, retries=0)
        with pytest.raises(FrgovError, match="no answer in time"):
            await hasty.get()
        assert (hasty.config.timeout, hasty.config.retries) == (0.1, 0)
        assert (client.config.timeout, client.config.retries) == (None, 2)
        return await client.get()

    with Scripted((0.3, *answer(body=b"late"))) as server:
        assert play(colour, PROBES, scenario, base_url=server.url) == "late"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_sibling_that_is_closed_closes_nobody_else(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        async with client.with_options(timeout=5) as sibling:
            await sibling.get()
        await sibling.close()
        assert not sibling.is_closed
        assert await client.get() == "yes"
        await client.close()
        assert sibling.is_closed
        with pytest.raises(ClientClosed):
            await sibling.get()

    with Scripted(answer(body=b"yes")) as server:
        play(colour, PROBES, scenario, base_url=server.url)


@pytest.mark.parametrize("client", [Probe(), AsyncProbe()])
def test_a_sibling_can_not_live_elsewhere(client: Any) -> None:
    with pytest.raises(TypeError, match="unknown option 'base_url'"):
        client.with_options(base_url="https://example.test")
    with pytest.raises(TypeError, match="unknown option 'timout'; did you mean 'timeout'"):
        client.with_options(timout=3)
    with pytest.raises(ConfigurationError, match="timeout"):
        client.with_options(timeout=-1)
    assert type(client.with_options(timeout=3)) is type(client)


# ---- life ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_after_close_every_call_says_so(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        await client.get()
        await client.close()
        await client.close()
        assert client.is_closed and "closed" in repr(getattr(client, "inner", client))
        for call in (client.get, client.download, lambda: client.request("GET", "/x"), client.list_numbers().all):
            with pytest.raises(ClientClosed, match="closed"):
                await call()

    with Scripted() as server:
        play(colour, PROBES, scenario, base_url=server.url)
        assert len(server.requests) == 1


def test_a_client_that_was_never_used_opens_nothing() -> None:
    before = threading.active_count()
    Probe(base_url="https://127.0.0.1:1", ca_bundle="/nowhere").close()
    asyncio.run(AsyncProbe(base_url="https://127.0.0.1:1").close())
    trio.run(AsyncProbe().close)
    assert threading.active_count() == before


@pytest.mark.parametrize("spoil", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("client", [BanClient(), AsyncBanClient(), BanClient().raw])
def test_a_client_is_not_pickled_or_copied(client: Any, spoil: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=rf"a {type(client).__name__} .*make one in each process"):
        spoil(client)


def test_its_repr_tells_where_it_goes() -> None:
    assert repr(BanClient()) == "<BanClient https://data.geopf.fr/geocodage>"
    assert repr(AsyncBanClient().raw) == "<AsyncRawBan https://data.geopf.fr/geocodage>"


# ---- many at once --------------------------------------------------------------------------------------------


class Echo(Scripted):
    """Answers with the target of the request, so that swapped answers show."""

    def _perform(self, connection: Any, step: Step) -> bool:
        with self._lock:
            self.in_flight -= 1
        return True

    def _serve(self, connection: Any) -> None:
        from scripted import _read_request

        with connection, connection.makefile("rb") as reader:
            while (request := _read_request(reader)) is not None:
                connection.sendall(b"".join(answer(body=request.target.encode())))  # type: ignore[arg-type]


def test_threads_share_a_client() -> None:
    with Echo() as server, Probe(base_url=server.url) as client, ThreadPoolExecutor(8) as pool:
        words = [f"w{number}" for number in range(200)]
        assert list(pool.map(client.get, words)) == [f"/thing?q={word}" for word in words]


async def _many(client: AsyncProbe, words: list[str]) -> list[str]:
    found: dict[str, str] = {}

    async def one(word: str) -> None:
        found[word] = await client.get(word)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        async with trio.open_nursery() as nursery:
            for word in words:
                nursery.start_soon(one, word)
    else:
        await asyncio.gather(*map(one, words))
    return [found[word] for word in words]


def test_tasks_and_event_loops_share_a_client() -> None:
    words = [f"w{number}" for number in range(30)]
    expected = [f"/thing?q={word}" for word in words]
    with Echo() as server:
        client = AsyncProbe(base_url=server.url, max_in_flight=10)

        async def in_this_loop() -> list[str]:
            found = await _many(client, words)
            await client._driver._by_loop[running_loop()].close()
            return found

        with ThreadPoolExecutor(3) as pool:
            both = [pool.submit(asyncio.run, in_this_loop()), pool.submit(asyncio.run, in_this_loop())]
            assert [each.result(20) for each in both] == [expected, expected]
        assert asyncio.run(in_this_loop()) == expected  # and a loop that comes after the others have ended
        assert trio.run(in_this_loop) == expected


def test_a_client_made_in_one_loop_and_closed_in_another() -> None:
    with Echo() as server:
        client = AsyncProbe(base_url=server.url)

        async def ask() -> str:
            found = await client.get("a")
            await client._driver._by_loop[running_loop()].close()
            return found

        assert asyncio.run(ask()) == "/thing?q=a"
        asyncio.run(client.close())
        assert client.is_closed
        with pytest.raises(ClientClosed):
            asyncio.run(ask())
