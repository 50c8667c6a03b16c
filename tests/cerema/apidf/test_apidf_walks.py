"""Walks: pages, parts, and lists that are not whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from apidf_parts import FAST, PAIR, Answer, Params, SmallApidf, always, feature, mutation, page

from frgov_clients.cerema.pages import Listing
from frgov_clients.errors import BadRequest, IncompleteResult, InvalidResponse, UnexpectedContent
from frgov_clients.transport.operation import Reply
from support import COLOURS, outcome, play

DATA = Path(__file__).parents[2] / "data" / "cerema"


def numbered(pages: dict[int, Any]) -> Answer:
    return lambda _path, params: pages[int(params.get("page", "1"))]


def link(number: int) -> str:
    return f"http://127.0.0.1/dvf_opendata/mutations/?code_insee=01004&page={number}"


async def numbers(client: Any, **place: Any) -> list[int]:
    place = place or {"code_insee": "01004"}
    return [row.idmutation async for row in client.dvf_mutations(**place)]


@pytest.mark.parametrize("colour", COLOURS)
def test_pages_are_walked_to_the_end(colour: str) -> None:
    pages = {
        1: page([mutation(1), mutation(2)], total=3, following=link(2)),
        2: page([mutation(3)], total=3),
    }

    async def scenario(client: Any) -> Any:
        listed = client.dvf_mutations(code_insee="01004")
        assert await listed.first() is not None
        assert len(await listed.all()) == 3
        assert [found.total async for found in listed.pages()] == [3, 3]
        return await numbers(client)

    with SmallApidf(numbered(pages)) as small:
        assert play(colour, PAIR, scenario, base_url=small.url, **FAST) == [1, 2, 3]
    assert [params.get("page") for _, params, _ in small.asked] == [None, *[None, "2"] * 3]
    assert all(params["page_size"] == "500" for _, params, _ in small.asked)


@pytest.mark.parametrize("colour", COLOURS)
def test_what_lies_in_two_parts_comes_once(colour: str) -> None:
    codes = [f"01{number:03}" for number in range(1, 13)]

    def answer(_path: str, params: Params) -> Any:
        asked = params["code_insee"].split(",")
        return page([mutation(1), mutation(int(asked[0]))])

    async def scenario(client: Any) -> Any:
        found = [row.idmutation async for row in client.dvf_mutations(code_insee=codes)]
        totals = [each.total_is async for each in client.dvf_mutations(code_insee=codes).pages()]
        return found, totals

    with SmallApidf(answer) as small:
        found, totals = play(colour, PAIR, scenario, base_url=small.url, **FAST)
    assert found == [1, 1001, 1011]
    assert totals == ["unknown", "unknown"]


def test_tiles_with_geometries_are_merged() -> None:
    def answer(_path: str, params: Params) -> Any:
        west = float(params["in_bbox"].split(",")[0])
        return page([feature(7), feature(round(west * 1000))], geo=True)

    with SmallApidf(answer) as small, PAIR[0](base_url=small.url, **FAST) as client:
        found = [row.properties.idmutation for row in client.dvf_geomutations(bbox=(2, 48, 2.05, 48.01), tiled=True)]
    assert len(small.asked) == 3
    assert found == [7, 2000, 2015, 2030]


def test_rows_that_nothing_tells_apart_are_all_kept() -> None:
    """Two territories may have the same figures: alike is not the same."""
    with (
        SmallApidf(always(page([{"annee": 2020, "v": "1.0"}] * 2))) as small,
        PAIR[0](base_url=small.url, **FAST) as client,
    ):
        assert len(client.valorisation("epci", ["243500139", "200093201"]).all()) == 4
        assert [found.keys for found in client.conso_espace(code_insee="01004").pages()] == [None]
        assert len(client.conso_espace(code_insee=["01004", "01033"]).to_pandas()) == 4


def test_a_key_that_is_not_told_tells_nothing_apart() -> None:
    codes = [f"01{number:03}" for number in range(1, 13)]
    nameless = {"annee": 2020, "echelle": "communes"}
    answers = {"whole": page([{**nameless, "code": "01001"}]), "half": page([{**nameless, "code": "01001"}, nameless])}
    state = {"name": "whole"}
    with (
        SmallApidf(lambda _path, _params: answers[state["name"]]) as small,
        PAIR[0](base_url=small.url, **FAST) as client,
    ):
        assert len(client.prix("communes", codes).all()) == 1  # the same row in both groups
        state["name"] = "half"
        assert len(client.prix("communes", codes).all()) == 4


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("pages", "kind", "text"),
    [
        ({1: page([mutation(1)], total=2, following=link(2)), 2: page([mutation(2)], total=3)}, "list changed", "2"),
        ({1: page([mutation(1)], total=2, following=link(2)), 2: page([mutation(1)], total=2)}, "came twice", ""),
        ({1: page([], total=50)}, "tells of 50 entries, and gave 0", ""),
        ({1: page([mutation(1)], total=0)}, "tells of 0 entries, and gave 1", ""),
    ],
)
def test_a_list_that_is_not_whole_raises(colour: str, pages: dict[int, Any], kind: str, text: str) -> None:
    with SmallApidf(numbered(pages)) as small:
        error = outcome(colour, PAIR, numbers, base_url=small.url, **FAST)
    assert isinstance(error, IncompleteResult)
    assert kind in str(error)
    assert text in str(error)


@pytest.mark.parametrize(
    "following",
    [
        "http://elsewhere.example/dvf_opendata/mutations/?page=2",
        "http://127.0.0.1/dvf_opendata/mutations/?page=3",
        "http://127.0.0.1/dvf_opendata/mutations/",
    ],
)
def test_a_link_that_is_not_the_next_page_is_not_followed(following: str) -> None:
    with SmallApidf(always(page([mutation(1)], total=2, following=following))) as small:
        error = outcome("sync", PAIR, numbers, base_url=small.url, **FAST)
        assert len(small.asked) == 1
    assert isinstance(error, InvalidResponse)
    assert "elsewhere" not in str(error)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((400, {"detail": "Emprise demandée trop importante"}), BadRequest),
        ((200, b"<html>maintenance</html>"), UnexpectedContent),
        ((200, {"count": 0}), InvalidResponse),
        ((200, page([{"idmutinvar": "no number"}])), InvalidResponse),
        ((200, page([mutation(1, coddep=1)])), InvalidResponse),
    ],
)
def test_a_failure_is_no_empty_list(answer: Any, kind: type[Exception]) -> None:
    with SmallApidf(always(answer)) as small:
        error = outcome("sync", PAIR, numbers, base_url=small.url, **FAST)
    assert isinstance(error, kind)
    if kind is BadRequest:
        assert "Emprise demandée trop importante" in str(error)


def test_the_page_that_others_recorded() -> None:
    """The link to the next page says http, and gives nothing but its number."""
    with PAIR[0](base_url="http://127.0.0.1:9") as client:
        first = client.dvf_mutations(code_insee="59350")._first.firsts[0]
    first = first._replace(context=Listing("apidf-preprod.cerema.fr"))
    found = first.spec.decode(Reply(200, {}, (DATA / "apidf_page_example.json").read_bytes()), first)
    assert (found.items, found.total, found.total_is) == ([], 2, "exact")
    assert found.next is not None
    assert found.next.params == (("code_insee", "59350"), ("page_size", "500"), ("page", "2"))
    assert found.next.spec is first.spec


def test_an_empty_list_is_one_that_the_service_says_is_empty() -> None:
    with SmallApidf(always(page([]))) as small:
        assert outcome("sync", PAIR, numbers, base_url=small.url, **FAST) == []
