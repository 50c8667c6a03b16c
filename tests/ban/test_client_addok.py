"""The client against the real engine, in every colour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frgov_clients.ban import AddressFeature, AsyncBanClient, BanClient, Circle
from frgov_clients.errors import InvalidRequest, NotFound
from scripted import Scripted, answer
from support import COLOURS, outcome, play

PAIR = (BanClient, AsyncBanClient)
BALASTIERES = "90001_0003_00004"


@pytest.fixture(params=COLOURS)
def ban(request, addok_url):
    """`ban(scenario)` runs it with a client of each colour on the real engine."""
    return lambda scenario, **options: outcome(request.param, PAIR, scenario, base_url=addok_url, **options)


def test_search(ban):
    result = ban(lambda client: client.search("4 rue des balastières andelnans", limit=3))
    best = result.best
    assert isinstance(best, AddressFeature)
    assert (best.id, best.properties.type, best.properties.citycode) == (BALASTIERES, "housenumber", "90001")
    assert (best.lon, best.lat) == (6.865203, 47.602674)


def test_search_with_filters(ban):
    result = ban(lambda client: client.search("rue de la paix", postcode="90000", type="street", limit=2))
    assert {address.properties.postcode for address in result.addresses} == {"90000"}
    assert {address.properties.type for address in result.addresses} == {"street"}


def test_nothing_found_is_an_empty_answer(ban):
    result = ban(lambda client: client.search("zzzzqqqqxxxx"))
    assert len(result) == 0
    assert result.best is None


def test_reverse(ban):
    result = ban(lambda client: client.reverse(lon=6.865203, lat=47.602674))
    assert result.best.id == BALASTIERES
    assert result.best.properties.distance == 0


def test_scores_do_not_depend_on_the_engine_s_default_of_autocomplete(ban):
    async def both(client: Any) -> tuple[float, float]:
        plain = await client.search("avenue jean jaures belfort", limit=1)
        typing = await client.search("avenue jean jaures belfort", limit=1, autocomplete=True)
        return plain.best.score, typing.best.score

    plain, typing = ban(both)
    assert plain >= typing


def test_csv(ban, tmp_path):
    path = Path(tmp_path) / "mairie de quelqu-un.csv"
    path.write_text("nom;adresse;ville\nécole;4 rue des Balastières;Andelnans\nrien;zzzz;qqqq\n", encoding="utf-8")
    result = ban(lambda client: client.search_csv(path, columns=["adresse", "ville"]))
    rows = list(result.rows())
    assert [row["nom"] for row in rows] == ["école", "rien"]
    assert [row["result_id"] for row in rows] == [BALASTIERES, ""]


def test_a_file_of_points_with_decimal_commas_is_refused_before_it_is_sent(ban):
    source = b"id;lat;lon\n1;47,602674;6,865203\n"
    error = ban(lambda client: client.reverse_csv(source))
    assert isinstance(error, InvalidRequest) and "not so in line 2" in str(error)
    assert ban(lambda client: client.reverse_csv(source, strict=False)).rows_count == 1


def test_reverse_csv(ban):
    result = ban(lambda client: client.reverse_csv(b"lat,lon,name\n47.602674,6.865203,a\n44.509591,3.665255,b\n"))
    assert [row["result_id"] for row in result.rows()] == [BALASTIERES, "48014_0005_00010"]


@pytest.mark.parametrize(
    ("scenario", "field"),
    [
        (lambda client: client.completion("belfort"), "text"),
        (lambda client: client.capabilities(), "dialect"),
        (lambda client: client.search("belfort", index="poi"), "index"),
        (lambda client: client.search("belfort", limit=101), "limit"),
        (lambda client: client.reverse(searchgeom=Circle(6.8, 47.6, 100)), "searchgeom"),
        (lambda client: client.lookup("rue de la paix"), "id"),
    ],
)
def test_what_the_engine_can_not_do_is_said_before_it_is_sent(ban, scenario, field):
    events: list[object] = []
    error = ban(scenario, on_event=events.append)
    assert isinstance(error, InvalidRequest)
    assert error.field == field
    assert events == []


def test_an_unknown_path_is_not_found(ban):
    assert isinstance(ban(lambda client: client.request("GET", "/nope")), NotFound)


def test_check(ban):
    health = ban(lambda client: client.check())
    assert health
    assert health.latency > 0


@pytest.mark.parametrize("colour", COLOURS)
def test_the_raw_view_gives_bytes_and_model(colour, addok_url):
    async def scenario(client: Any) -> tuple[int, bytes, Any]:
        raw = await client.raw.search("4 rue des balastières andelnans", limit=1)
        return raw.status, raw.content, raw

    status, content, raw = play(colour, PAIR, scenario, base_url=addok_url)
    assert status == 200
    assert BALASTIERES.encode() in content
    parsed = getattr(raw, "inner", raw).parse()
    assert parsed.best.id == BALASTIERES


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b"", b"{}"])
def test_a_page_is_no_sign_of_health(colour, body):
    with Scripted(answer(200, body)) as server:
        health = play(colour, PAIR, lambda client: client.check(), base_url=server.url, retries=0)
    assert not health
    assert health.reachable
