"""Answers that are read in pieces: never short in silence, and closed even when they are forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from typing import Any

import pytest
import trio

from frgov_clients.errors import (
    AttemptTimeout,
    ClientClosed,
    ConnectionLost,
    FrgovError,
    ResponseTooLarge,
    ServiceUnavailable,
    TruncatedResponse,
)
from frgov_clients.transport.client import SyncClient
from frgov_clients.transport.endpoint import streamed
from frgov_clients.transport.operation import Operation
from scripted import DOWN, FINE, Do, Scripted, Step, answer, chunked, dead_url
from support import AT_ONCE, COLOURS, PROBES, ProbeEndpoints, at_rest, outcome, play, spec_of, until

pytestmark = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # trio says so of httpx's own


@pytest.mark.parametrize("colour", COLOURS)
def test_an_answer_in_pieces(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        async with await client.download() as stream:
            assert (stream.status, stream.headers["content-type"]) == (200, "application/json")
            read = [chunk async for chunk in stream]
        assert at_rest(client)
        assert await client.get() == "onetwo"
        return read

    with Scripted(chunked(b"one", b"two")) as server:
        assert b"".join(play(colour, PROBES, scenario, base_url=server.url, max_in_flight=1)) == b"onetwo"
        assert server.connections == 1  # it was given back


async def whole(client: Any) -> bytes:
    read = b""
    async with await client.download() as stream:
        async for chunk in stream:
            read += chunk
    return read


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Do.CLOSE), TruncatedResponse),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 0.05, Do.RESET), TruncatedResponse),
        ((*chunked(b"abc", end=b""), Do.CLOSE), TruncatedResponse),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Do.HANG), AttemptTimeout),
        (answer(200, b"abc", Content_Encoding="br"), FrgovError),
        (answer(503, b""), ServiceUnavailable),
        ((Do.CLOSE,), ConnectionLost),
    ],
)
def test_a_short_read_is_never_silent(step: Step, kind: type[FrgovError], colour: str) -> None:
    started = time.monotonic()
    with Scripted(step) as server:
        error = outcome(colour, PROBES, whole, base_url=server.url, retries=0, timeout=0.3)
    assert time.monotonic() - started < 2.0
    assert isinstance(error, kind), repr(error)
    assert (error.service, error.operation) == ("probe", "probe.get")


@pytest.mark.parametrize("colour", COLOURS)
def test_opening_is_repeated_and_reading_is_not(colour: str) -> None:
    with Scripted(DOWN, (Do.CLOSE,), answer(200, b"whole")) as server:
        assert play(colour, PROBES, whole, base_url=server.url, retries=AT_ONCE) == b"whole"
        assert len(server.requests) == 3


@pytest.mark.parametrize("colour", COLOURS)
def test_a_stream_has_a_largest_size_too(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        async with await client.download(5) as stream:
            async for _ in stream:
                pass

    with Scripted(chunked(b"abc", b"def")) as server:
        error = outcome(colour, PROBES, scenario, base_url=server.url)
        assert isinstance(error, ResponseTooLarge)
        assert error.operation == "probe.get"


@pytest.mark.parametrize("colour", COLOURS)
def test_closing_a_stream_early_gives_the_slot_back(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        for _ in range(5):
            stream = await client.download()
            async for _chunk in stream:
                break
            await stream.close()
            await stream.close()
            assert at_rest(client)
        return await client.get()

    with Scripted(*[chunked(b"a" * 1000, b"b", b"c")] * 5, FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url, max_in_flight=1) == "fine"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_stream_that_was_read_or_closed_is_not_empty_but_an_error(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        stream = await client.download()
        assert [chunk async for chunk in stream] == [b"abc"]
        with pytest.raises(ClientClosed, match=r"probe\.get: this answer has been read or closed"):
            async for _ in stream:
                pass
        stream = await client.download()
        await stream.close()
        with pytest.raises(ClientClosed):
            async for _ in stream:
                pass

    with Scripted(answer(200, b"abc")) as server:
        play(colour, PROBES, scenario, base_url=server.url)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("begun", [False, True])
def test_a_forgotten_stream_is_told_and_gives_everything_back(begun: bool, colour: str) -> None:
    async def forget(client: Any) -> None:
        stream = await client.download()
        if begun:
            async for _ in stream:
                break
        del stream
        gc.collect()

    warned = pytest.warns(ResourceWarning, match="probe.get was not closed")
    by_the_loop = colour == "sync" and begun  # leaving the loop ends its generator, which closes the stream

    async def scenario(client: Any) -> Any:
        for _ in range(3):
            with contextlib.nullcontext() if by_the_loop else warned:
                await forget(client)
            if colour != "sync":
                await (asyncio if colour == "asyncio" else trio).sleep(0.02)
        assert at_rest(client)
        until(lambda: server.open_connections == 0)  # what was left on them must not be read by another call
        return await client.get()

    with Scripted(*[chunked(b"a" * 100, b"b")] * 3, FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url, max_in_flight=1, deadline=2.0) == "fine"


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_stream_may_outlive_its_event_loop(colour: str) -> None:
    kept: list[Any] = []

    def forget() -> None:
        kept.clear()
        gc.collect()

    async def scenario(client: Any) -> Any:
        kept.extend([await client.download(), client])

    with Scripted(chunked(b"a", b"b")) as server:
        play(colour, PROBES, scenario, base_url=server.url)
        client = kept.pop()
        with pytest.warns(ResourceWarning, match="not closed"):
            forget()
        assert at_rest(client)


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_stream_is_opened_by_entering_it(colour: str) -> None:
    async def scenario(client: Any) -> tuple[bytes, bool]:
        async with client.download() as stream:
            return b"".join([chunk async for chunk in stream]), at_rest(client)

    with Scripted(FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url) == (b"fine", True)


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_leaving_early_gives_the_slot_back(colour: str) -> None:
    async def scenario(client: Any) -> bool:
        with pytest.raises(ZeroDivisionError):
            async with client.download():
                raise ZeroDivisionError
        return at_rest(client)

    with Scripted(FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url)


def test_a_stream_is_declared_as_one() -> None:
    class Odd(ProbeEndpoints):
        @streamed
        def wrong(self) -> Operation[Any]:
            return Operation(spec_of())

    class OddClient(SyncClient, Odd):
        pass

    with OddClient(base_url=dead_url()) as client, pytest.raises(TypeError, match="stream=True"):
        client.wrong()
