"""Lists in pages: walked again and again, and never cut in silence."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from frgov_clients.errors import (
    IncompleteResult,
    ServiceUnavailable,
)
from frgov_clients.transport.pager import AsyncPager, Pager
from scripted import DOWN, Do, Scripted, answer
from support import AT_ONCE, COLOURS, PROBES, at_rest, outcome, play

pytestmark = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # trio says so of httpx's own


PAGES = (
    answer(200, b'{"items": [1, 2], "next": 2, "total": 5}'),
    answer(200, b'{"items": [], "next": 3}'),
    answer(200, b'{"items": [3, 4], "next": 4}'),
    answer(200, b'{"items": [5]}'),
)


async def walk(client: Any, seen: list[int]) -> None:
    async for number in client.list_numbers():
        seen.append(number)  # noqa: PERF401 - what was seen before an error counts


@pytest.mark.parametrize("pager", [Pager, AsyncPager])
def test_a_list_that_was_not_read_has_no_truth(pager: Any) -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(pager(None, None))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_list_can_be_walked_again_and_again(colour: str) -> None:
    async def scenario(client: Any) -> None:
        pager = client.list_numbers()
        assert server.requests == []  # nothing is asked before the walk
        for _ in range(2):
            assert [number async for number in pager] == [1, 2, 3, 4, 5]
        assert [page.items async for page in pager.pages()] == [[1, 2], [], [3, 4], [5]]
        assert await pager.all() == [1, 2, 3, 4, 5]
        assert await pager.all(max_items=5) == [1, 2, 3, 4, 5]
        assert len(server.requests) == 20
        assert await pager.first() == 1
        assert len(server.requests) == 21

    with Scripted(*PAGES * 6) as server:
        play(colour, PROBES, scenario, base_url=server.url)
        assert [request.target for request in server.requests[:4]] == [
            "/list",
            "/list?page=2",
            "/list?page=3",
            "/list?page=4",
        ]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_list_that_is_too_long_is_not_cut_in_silence(colour: str) -> None:
    async def scenario(client: Any) -> None:
        await client.list_numbers().all(max_items=3)

    with Scripted(*PAGES) as server:
        error = outcome(colour, PROBES, scenario, base_url=server.url)
    assert isinstance(error, IncompleteResult)
    assert error.result == [1, 2, 3]
    assert (error.service, error.operation) == ("probe", "probe.get")


@pytest.mark.parametrize("colour", COLOURS)
def test_pages_that_go_round_in_a_circle_end(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        seen: list[int] = []
        with pytest.raises(IncompleteResult, match=r"probe\.get: .* circle"):
            await walk(client, seen)
        return seen

    steps = (answer(200, b'{"items": [1], "next": 2}'), answer(200, b'{"items": [2], "next": 2}'))
    with Scripted(*steps) as server:
        assert play(colour, PROBES, scenario, base_url=server.url) == [1, 2]
    steps = (answer(200, b'{"items": [1], "next": 2}'), answer(200, b'{"items": [2], "next": 3}'))
    with Scripted(*steps, *steps) as server:
        assert play(colour, PROBES, scenario, base_url=server.url) == [1, 2, 1]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_walk_that_fails_in_the_middle_is_no_short_list(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        seen: list[int] = []
        with pytest.raises(ServiceUnavailable):
            await walk(client, seen)
        with pytest.raises(ServiceUnavailable):
            await client.list_numbers().all()
        return seen

    with Scripted(*[PAGES[0], DOWN] * 2) as server:
        assert play(colour, PROBES, scenario, base_url=server.url, retries=0) == [1, 2]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_walk_goes_on_after_a_failure_that_a_retry_mends(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.list_numbers().all()

    with Scripted(PAGES[0], (Do.CLOSE,), *PAGES[1:]) as server:
        assert play(colour, PROBES, scenario, base_url=server.url, retries=AT_ONCE) == [1, 2, 3, 4, 5]


@pytest.mark.filterwarnings("error:Async generator:ResourceWarning")
@pytest.mark.parametrize("colour", COLOURS)
def test_leaving_a_walk_early_leaves_nothing_behind(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        async for number in client.list_numbers():
            assert number == 1
            break
        async for page in client.list_numbers().pages():
            assert page.total == 5
            break
        gc.collect()
        assert at_rest(client)
        return await client.list_numbers().first()

    with Scripted(PAGES[0]) as server:
        assert play(colour, PROBES, scenario, base_url=server.url) == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_the_first_of_an_empty_list_is_none(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.list_numbers().first()

    with Scripted(answer(200, b'{"items": []}')) as server:
        assert play(colour, PROBES, scenario, base_url=server.url) is None
