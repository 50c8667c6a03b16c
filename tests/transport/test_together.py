"""A story may have several calls under way at once, told once for threads and tasks."""

from __future__ import annotations

from typing import Any

import pytest

from frgov_clients.errors import NotFound
from frgov_clients.transport.client import AsyncClient, SyncClient
from frgov_clients.transport.effects import Flow, Sleep, Together
from frgov_clients.transport.endpoint import flow
from scripted import DOWN, FINE, Scripted, answer
from support import COLOURS, ProbeEndpoints, at_rest, outcome, play

SLOW = (0.1, *FINE)


class Endpoints(ProbeEndpoints):
    @flow
    def all_of(self, number: int, at_most: int) -> Flow[list[Any]]:
        """As many calls."""
        return (yield Together([self.call(GET) for _ in range(number)], at_most))

    @flow
    def nested(self) -> Flow[list[Any]]:
        """Groups of calls in groups."""

        def group() -> Flow[list[Any]]:
            return (yield Together([self.call(GET) for _ in range(2)], 2))

        return (yield Together([group(), group()], 2))

    @flow
    def numbers(self) -> Flow[list[int]]:
        """Results come in the order of the flows, whichever ends first."""

        def late(number: int) -> Flow[int]:
            yield Sleep(0.05 * (3 - number))
            return number

        return (yield Together([late(number) for number in range(4)], 4))


class Several(SyncClient, Endpoints):
    pass


class AsyncSeveral(AsyncClient, Endpoints):
    pass


PAIR = (Several, AsyncSeveral)
GET = ProbeEndpoints.__dict__["get"].fn(None)


@pytest.mark.parametrize("colour", COLOURS)
def test_as_many_as_allowed_are_under_way(colour: str) -> None:
    async def scenario(client: Any) -> tuple[Any, bool]:
        return await client.all_of(6, 3), at_rest(client)

    with Scripted(SLOW) as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == (["fine"] * 6, True)
        assert server.most_in_flight == 3


@pytest.mark.parametrize("colour", COLOURS)
def test_results_come_in_order(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.numbers()

    with Scripted() as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == [0, 1, 2, 3]


@pytest.mark.parametrize("colour", COLOURS)
def test_groups_may_hold_groups(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.nested()

    with Scripted(FINE) as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == [["fine"] * 2] * 2


@pytest.mark.parametrize("colour", COLOURS)
def test_the_first_failure_ends_the_others(colour: str) -> None:
    clients: list[Any] = []

    async def scenario(client: Any) -> Any:
        clients.append(client)
        return await client.all_of(50, 1)

    with Scripted(FINE, answer(404, b"{}"), FINE) as server:
        error = outcome(colour, PAIR, scenario, base_url=server.url, retries=0)
        assert type(error) is NotFound
        assert len(server.requests) == 2
    assert at_rest(clients[0])


@pytest.mark.parametrize("colour", COLOURS)
def test_nothing_at_once_is_nothing(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.all_of(0, 5)

    with Scripted(DOWN) as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == []
