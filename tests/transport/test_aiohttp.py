"""The same promises when aiohttp carries the requests: `http_backend="aiohttp"`."""

from __future__ import annotations

from typing import Any

import pytest
from test_faults import FAULTS, FINE, MARKER

from frgov_clients import errors
from frgov_clients.transport.operation import Content, Streamed
from scripted import DOWN, EMPTY_SEARCH, Do, Scripted, answer, dead_url
from scripted import FINE as WORD
from support import AT_ONCE, PROBES, at_rest, outcome, play

pytest.importorskip("httpx_aiohttp")


async def get(client: Any) -> Any:
    return await client.get(MARKER)


def asked(scenario: Any, url: str, **options: Any) -> Any:
    return outcome("asyncio", PROBES, scenario, **{"retries": 0, "timeout": 5.0, **options}, base_url=url, **AIOHTTP)


NO_LENGTH = "until the end of the connection"
AIOHTTP: Any = {"http_backend": "aiohttp"}
OF_THE_WIRE = (errors.TransportError, errors.UnexpectedContent, errors.TruncatedResponse)
OTHERWISE: dict[str, set[type[errors.FrgovError]]] = {
    "101": {errors.ApiError},
    "cut without a length": {errors.UnexpectedContent},
    "length too short": {errors.UnexpectedContent},
    "wrong chunk": {errors.UnexpectedContent, errors.AttemptTimeout},
}
"""aiohttp may see what follows before it hands the answer over, and then says that it is not HTTP; or, when it handed
it over already, it waits for more of a body that it can no longer read."""


@pytest.mark.parametrize("fault", [name for name, (_, kind, _) in FAULTS.items() if issubclass(kind, OF_THE_WIRE)])
def test_a_fault_of_the_wire_has_its_error(fault: str) -> None:
    from frgov_clients.ban.client import AsyncBanClient, BanClient

    step, kind, _ = FAULTS[fault]

    async def search(ban: Any) -> Any:
        return await ban.search(MARKER)

    with Scripted(step) as server:
        options = {"retries": 0, "timeout": 1.5, "base_url": server.url, **AIOHTTP}
        error = outcome("asyncio", (BanClient, AsyncBanClient), search, **options)
    assert type(error) in {kind} | OTHERWISE.get(fault, set()), repr(error)
    assert "Zyxomma" not in f"{error}{error.__cause__}"


@pytest.mark.parametrize("way", [way for way in FINE if way != NO_LENGTH])
def test_odd_and_right_answers_are_read(way: str) -> None:
    with Scripted(FINE[way]) as server:
        assert asked(get, server.url) == EMPTY_SEARCH.decode()


@pytest.mark.parametrize("end", [Do.CLOSE, Do.RESET])
def test_an_answer_that_does_not_say_where_it_ends_is_refused(end: Do) -> None:
    """aiohttp takes a reset for an end: half an answer would be a whole one."""
    with Scripted((b"HTTP/1.0 200 OK\r\n\r\nfi", end)) as server:
        assert type(asked(get, server.url)) is errors.UnexpectedContent


@pytest.mark.parametrize("end", [Do.CLOSE, Do.RESET])
def test_what_may_have_arrived_is_not_sent_twice(end: Do) -> None:
    async def post(client: Any) -> Any:
        await client.get()  # the connection that breaks is one that has served
        return await client.post(Content(b"{}"))

    with Scripted(WORD, (end,), WORD) as server:
        error = asked(post, server.url, retries=AT_ONCE)
        assert isinstance(error, errors.ConnectionLost)
        assert error.sent
        assert [request.method for request in server.requests] == ["GET", "POST"]


def test_nothing_was_sent_where_nothing_listens() -> None:
    error = asked(get, dead_url())
    assert type(error) is errors.ConnectionFailed
    assert not error.sent


def test_an_attempt_ends_on_time() -> None:
    with Scripted((Do.HANG,)) as server:
        error = asked(get, server.url, timeout=0.3)
    assert type(error) is errors.AttemptTimeout
    assert error.sent


def test_redirects_are_not_followed_and_cookies_not_kept() -> None:
    async def twice(client: Any) -> Any:
        await client.get()
        return await client.get()

    moved = answer(302, b"", Location="/elsewhere")
    with Scripted(answer(200, b"fine", Set_Cookie="a=b; Path=/"), moved) as server:
        assert type(asked(twice, server.url)) is errors.UnexpectedRedirect
        assert len(server.requests) == 2
        assert "cookie" not in server.requests[1].headers


def test_bodies_and_streams_go_both_ways() -> None:
    async def scenario(client: Any) -> None:
        assert await client.put(Streamed(lambda: iter((b"one ", b"two")))) == "fine"
        async with await client.download() as stream:
            assert b"".join([piece async for piece in stream]) == b"a file"
        assert at_rest(client)

    with Scripted(DOWN, WORD, answer(200, b"a file")) as server:
        play("asyncio", PROBES, scenario, base_url=server.url, retries=AT_ONCE, **AIOHTTP)
        assert [request.body for request in server.requests] == [b"one two", b"one two", b""]


def test_trio_is_told_that_it_can_not() -> None:
    with Scripted(WORD) as server:
        error = outcome("trio", PROBES, get, base_url=server.url, retries=0, **AIOHTTP)
    assert isinstance(error, errors.ConfigurationError)
    assert "asyncio" in str(error)
