"""Connections that were interrupted or told too much are not used again."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import Any

import pytest

from frgov_clients.errors import ConnectionLost, TruncatedResponse
from scripted import FINE, Do, Scripted, Step, answer
from support import COLOURS, PROBES, AsyncProbe, Probe, ask, at_rest, outcome, until

ALONE: dict[str, Any] = {"retries": 0, "limiters": {"calls": None}, "circuit": None}
TWO_ANSWERS = (b"".join([*answer(200, b"one"), *answer(200, b"nobody asked")]),)
TWO_ANSWERS_AND_NO_BODY = (b"HTTP/1.1 204 Nothing\r\n\r\n" + b"".join(answer(200, b"nobody asked")),)
GARBAGE_BEHIND = (b"".join(answer(200, b"one")) + b"\r\n<html>",)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("first", [TWO_ANSWERS, TWO_ANSWERS_AND_NO_BODY, GARBAGE_BEHIND])
def test_what_comes_behind_an_answer_is_not_the_next_answer(colour: str, first: Step) -> None:
    async def twice(client: Any) -> str:
        await client.get("first")
        return await client.get("second")

    with Scripted(first, answer(200, b"two")) as server:
        assert outcome(colour, PROBES, twice, base_url=server.url, **ALONE) == "two"
        assert server.connections == 2


@pytest.mark.parametrize("backend", ["httpx", "aiohttp"])
def test_what_comes_between_two_requests_is_not_the_next_answer(backend: str) -> None:
    late = threading.Event()
    first = (*answer(200, b"one"), late, *answer(200, b"nobody asked"))

    async def twice(client: Any) -> str:
        await client.get("first")
        late.set()
        await asyncio.sleep(0.1)
        return await client.get("second")

    with Scripted(first, answer(200, b"two")) as server:
        found = outcome("asyncio", PROBES, twice, base_url=server.url, http_backend=backend, **ALONE)
    assert found == "two"


@pytest.mark.parametrize("step", [FINE, (FINE[0], Do.CLOSE)], ids=["kept alive", "closed"])
def test_a_call_cancelled_at_any_moment_leaves_a_connection_that_works(step: Step) -> None:
    async def story(url: str, steps: int) -> None:
        # A client for each moment: what a slow server closes under a call is tried again, and a budget bounds that.
        async with AsyncProbe(base_url=url, timeout=1.0, **{**ALONE, "retries": 3}) as client:
            assert await client.get() == "fine"
            call = asyncio.create_task(client.get())
            for _ in range(steps):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            started = time.monotonic()
            assert await client.get() == "fine"
            assert time.monotonic() - started < 0.9, f"cancelled after {steps} steps"
            assert at_rest(client)

    async def all_moments(url: str) -> None:
        for steps in range(60):
            await story(url, steps)

    with Scripted(step) as server:
        asyncio.run(all_moments(server.url))
    gc.collect()  # a connection that was lost is told here and not in another test


def test_closing_a_client_lets_other_threads_finish_and_keeps_no_connection() -> None:
    go = threading.Event()
    answers: list[str] = []
    with Scripted((go, *FINE)) as server:
        client = Probe(base_url=server.url, **ALONE)
        threads = [threading.Thread(target=lambda: answers.append(client.get())) for _ in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: server.in_flight == 3 or server.most_in_flight == 3)
        client.close()
        go.set()
        for thread in threads:
            thread.join(5)
        assert answers == ["fine"] * 3
        until(lambda: server.open_connections == 0)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_part_that_was_not_asked_for_is_not_the_answer(colour: str, streamed: bool) -> None:
    async def read(client: Any) -> Any:
        return await (client.download() if streamed else client.get())

    with Scripted(answer(206, b"fi", Content_Range="bytes 0-1/4")) as server:
        found = outcome(colour, PROBES, read, base_url=server.url, **ALONE)
    assert isinstance(found, TruncatedResponse)


@pytest.mark.parametrize("step", [(Do.RESET,), (b"HTTP/1.1 200", Do.RESET)])
def test_aiohttp_tells_a_broken_connection_as_httpx_does(step: Step) -> None:
    with Scripted(step) as server:
        found = outcome("asyncio", PROBES, ask, base_url=server.url, http_backend="aiohttp", **ALONE)
    assert isinstance(found, ConnectionLost)
    assert found.sent


def test_a_redirect_does_not_repeat_what_was_asked() -> None:
    async def search(client: Any) -> Any:
        return await client.get("Jeanne Martin")

    step = answer(302, b"", Location="http://elsewhere.test/of/Jeanne%20Martin", X_Request_Id="Jeanne+Martin")
    with Scripted(step) as server:
        found = outcome("sync", PROBES, search, base_url=server.url, **ALONE)
    assert found.location == "http://elsewhere.test/of/…"
    assert "Martin" not in f"{found!s}{vars(found)}"


def test_aiohttp_sends_nothing_again_behind_our_back() -> None:
    async def twice(client: Any) -> str:
        await client.get("first")
        return await client.get("second")

    with Scripted(FINE, (Do.CLOSE,), FINE) as server:
        found = outcome("asyncio", PROBES, twice, base_url=server.url, http_backend="aiohttp", **ALONE)
        assert isinstance(found, ConnectionLost)
        assert len(server.requests) == 2


def test_a_connection_that_nobody_needs_for_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    with Scripted((go, *FINE), (go, *FINE), FINE) as server, Probe(base_url=server.url, **ALONE) as client:
        threads = [threading.Thread(target=client.get) for _ in range(2)]
        for thread in threads:
            thread.start()
        until(lambda: server.most_in_flight == 2)
        go.set()
        for thread in threads:
            thread.join(5)
        assert server.open_connections == 2
        monkeypatch.setattr("frgov_clients.transport.lanes.KEEPALIVE", 0.0)
        client.get()
        until(lambda: server.open_connections == 1)
