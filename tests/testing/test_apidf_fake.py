"""The fake data API wants a location, chooses by it and by filters, and gives pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cerema_wire import ask

from frgov_clients.testing.apidf import FakeApidf, Fault
from frgov_clients.testing.apidf_kinds import KINDS

TOKEN = "Token jeton"
TEN = ",".join(str(code) for code in range(59001, 59011))


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeApidf]:
    with FakeApidf() as running:
        yield running


def get(fake: FakeApidf, path: str, status: int = 200, **query: Any) -> Any:
    told = ask(fake, f"/{path}/?{urlencode(query)}", TOKEN)
    assert told.status == status, told.body
    return told.json


def test_every_list_is_there_with_its_slash(fake: FakeApidf) -> None:
    for name, kind in KINDS.items():
        told = get(fake, name, code_insee="59001", page_size=3)
        assert list(told) == ["count", "next", "previous", "results"]
        assert (told["count"] >= 8, len(told["results"]), told["previous"]) == (True, 3, None)
        assert told["next"] == f"{fake.url}/{name}/?code_insee=59001&page=2&page_size=3"
        assert ask(fake, f"/{name}?code_insee=59001", TOKEN).headers["location"] == (
            f"{fake.url}/{name}/?code_insee=59001"
        )
        key = told["results"][0][kind.key]
        whole = get(fake, f"{name}/{quote(str(key), safe='')}")
        assert whole.items() >= told["results"][0].items()
        assert ask(fake, f"/{name}/{quote(str(key))}", TOKEN).status == 301
        assert get(fake, f"{name}/0", 404) == {"detail": "Pas trouvé."}
    for path in ("/", "/ff/", "/ff/geolocaux/?code_insee=59001", "/indicateurs/", "/ff/geoparcelles/x/"):
        assert ask(fake, path, TOKEN).status == 404
    assert ask(fake, "/ff/locaux/", TOKEN, method="POST", body=b"{}").status == 405


def test_lists_with_shapes_are_collections_of_features(fake: FakeApidf) -> None:
    for name, kind in KINDS.items():
        if not kind.geometry:
            continue
        path = name.replace("/", "/geo")
        told, plain = get(fake, path, code_insee="59001"), get(fake, name, code_insee="59001")
        assert list(told) == ["type", "count", "next", "previous", "features"]
        assert told["type"] == "FeatureCollection"
        assert [each["properties"] for each in told["features"]] == plain["results"]
        assert {each["geometry"]["type"] for each in told["features"]} == {kind.geometry}
        depth = told["features"][0]["geometry"]["coordinates"]
        ring = depth[0] if kind.geometry == "Polygon" else depth[0][0]
        assert (len(ring), ring[0]) == (5, ring[-1])


@pytest.mark.parametrize("name", KINDS)
def test_a_location_is_wanted(fake: FakeApidf, name: str) -> None:
    assert list(get(fake, name, 400)) == ["detail"]
    assert list(get(fake, name, 400, code_insee=f"{TEN},59011")) == ["detail"]
    found = get(fake, name, code_insee=TEN, fields="all", page_size=500)["results"]
    assert all(not communes_of(each).isdisjoint(TEN.split(",")) for each in found)
    assert set(TEN.split(",")) <= {code for each in found for code in communes_of(each)}
    assert get(fake, name, code_insee="99999")["count"] == 0
    known = KINDS[name].locations
    whole = get(fake, name, 200 if "coddep" in known else 400, coddep="59")
    box = get(fake, name, 200 if "in_bbox" in known else 400, in_bbox=",".join(map(str, fake.boxes["59001"])))
    if "coddep" in known:
        assert whole["count"] == sum(get(fake, name, code_insee=str(59001 + part))["count"] for part in range(12)) - (
            48 if KINDS[name].key == "idmutation" else 0  # those of two communes come twice
        )
    if "in_bbox" in known:
        assert box["count"] == get(fake, name, code_insee="59001")["count"] - (4 if "mutations" in name else 0)


def communes_of(record: dict[str, Any]) -> set[str]:
    return set(record["l_codinsee"]) if "l_codinsee" in record else {record.get("idcom") or record["comm_insee"]}


@pytest.mark.parametrize("status", [400, 403])
def test_a_box_must_not_be_large(status: int) -> None:
    with FakeApidf(["59001"], bbox_status=status) as fake:
        for name, widest in (("ff/parcelles", 0.02), ("dvf_opendata/geomutations", 0.02), ("cartofriches/friches", 1)):
            assert get(fake, name, in_bbox=f"3.05,50.6,{3.05 + widest:.6f},{50.6 + widest:.6f}")["count"] == 0
            told = get(fake, name, status, in_bbox=f"3.05,50.6,{3.05 + widest + 0.001:.6f},50.601")
            assert told["detail"].startswith("Emprise demandée trop importante")
        for box in ("1,2,3", "a,b,c,d", ","):
            assert list(get(fake, "ff/parcelles", 400, in_bbox=box)) == ["detail"]


def test_a_box_and_a_point_find_what_lies_there_and_nothing_else(fake: FakeApidf) -> None:
    west, south, east, north = fake.boxes["59001"]
    everything = get(fake, "ff/geoparcelles", code_insee="59001")["features"]
    middle = (west + east) / 2
    halves = [
        {each["properties"]["idpar"] for each in get(fake, "ff/geoparcelles", in_bbox=box)["features"]}
        for box in (f"{west},{south},{middle},{north}", f"{middle},{south},{east},{north}")
    ]
    assert halves[0] | halves[1] == {each["properties"]["idpar"] for each in everything}
    assert halves[0] != halves[1]
    (corner, _, opposite, *_), *_ = everything[0]["geometry"]["coordinates"]
    point = [(corner[0] + opposite[0]) / 2, (corner[1] + opposite[1]) / 2]
    around = f"{point[0] - 0.009},{point[1] - 0.009},{point[0] + 0.009},{point[1] + 0.009}"
    asked = {"in_bbox": around, "contains_geom": json.dumps({"type": "Point", "coordinates": point})}
    found = get(fake, "ff/geoparcelles", **asked)["features"]
    assert everything[0]["properties"] in [each["properties"] for each in found]
    assert len(found) < get(fake, "ff/geoparcelles", in_bbox=around)["count"]
    assert list(get(fake, "ff/geoparcelles", 400, **{**asked, "contains_geom": "POINT(1 2)"})) == ["detail"]
    assert list(get(fake, "ff/geoparcelles", 400, contains_geom=asked["contains_geom"])) == ["detail"]


def test_a_sale_in_two_communes_comes_with_both(fake: FakeApidf) -> None:
    name = "dvf_opendata/mutations"
    found = [get(fake, name, code_insee=code)["results"] for code in ("59001", "59002")]
    one, other = ({each["idmutation"]: each["l_codinsee"] for each in part} for part in found)
    shared = one.keys() & other.keys()
    assert len(shared) == 4
    assert all(one[key] == other[key] == ["59001", "59002"] for key in shared)
    together = get(fake, name, code_insee="59001,59002", page_size=500)
    assert together["count"] == len({each["idmutation"] for each in together["results"]}) == len(one | other)


def test_filters_choose_and_unknown_ones_do_nothing(fake: FakeApidf) -> None:
    def found(name: str, **query: Any) -> list[dict[str, Any]]:
        return get(fake, name, code_insee=TEN, page_size=500, fields="all", **query)["results"]

    sales = found("dvf_opendata/mutations")
    assert {each["anneemut"] for each in found("dvf_opendata/mutations", anneemut="2015,2016")} == {2015, 2016}
    assert found("dvf_opendata/mutations", anneemut_min=2020, anneemut_max=2021) == [
        each for each in sales if each["anneemut"] in {2020, 2021}
    ]
    cheap = found("dvf_opendata/mutations", valeurfonc_max=99_000.5)
    assert cheap == [each for each in sales if each["valeurfonc"] and float(each["valeurfonc"]) <= 99_000]
    assert 0 < len(cheap) < len(sales)
    assert {each["codtypbien"] for each in found("dvf_opendata/mutations", codtypbien="1")} == {"111", "121", "14"}
    assert {each["vefa"] for each in found("dvf_opendata/mutations", vefa="true")} == {True}
    assert found("dvf_opendata/mutations", anneemutmin=2020) == sales
    assert get(fake, "dvf_opendata/mutations", 400, code_insee=TEN, sbati_min="x") == {
        "sbati_min": ["Saisissez un nombre."]
    }
    homes = found("ff/locaux", dteloc="1,2")
    assert {each["dteloc"] for each in homes} == {"1", "2"}
    owner = found("ff/proprios", idprocpte=homes[0]["idprocpte"])
    assert [each["idprocpte"] for each in owner] == [homes[0]["idprocpte"]]
    assert [each["idpar"] for each in found("ff/parcelles", idpar=homes[0]["idpar"])] == [homes[0]["idpar"]]
    large = found("cartofriches/friches", surface_min=20_000)
    assert large
    assert all(each["unite_fonciere_surface"] >= 20_000 for each in large)


def test_sales_are_ordered_and_not_by_everybody_the_other_way_round(fake: FakeApidf) -> None:
    def prices(server: FakeApidf, ordering: str) -> list[float]:
        told = get(server, "dvf_opendata/mutations", code_insee="59001", ordering=ordering)["results"]
        return [float(each["valeurfonc"]) for each in told if each["valeurfonc"]]

    up = prices(fake, "valeurfonc")
    assert all(one <= other for one, other in pairwise(up))
    assert prices(fake, "-valeurfonc") == up[::-1]
    with FakeApidf(descending=False) as deaf:
        assert prices(deaf, "-valeurfonc") == up


def test_pages_keep_to_their_limit_and_to_the_same_data() -> None:
    with FakeApidf({"59350": 1_203}, corrupt_next="hash") as fake, FakeApidf({"59350": 5, "59009": 5}) as small:
        keys: list[str] = []
        for page in (1, 2, 3):
            told = get(fake, "ff/locaux", code_insee="59350", page_size=10_000, page=page)
            keys += [each["idlocal"] for each in told["results"]]
            assert (told["next"] is None) == (page == 3)
        assert "/#?" in get(fake, "ff/locaux", code_insee="59350")["next"]
        assert len(set(keys)) == len(keys) == 1_203
        assert get(fake, "ff/locaux", 404, code_insee="59350", page=99)
        fake.faults.append(Fault(path="/ff/locaux", count=7))
        assert get(fake, "ff/locaux", code_insee="59350")["count"] == 7
        first = get(small, "ff/parcelles", code_insee="59350")["results"]
        assert {each["idpar"] for each in first} <= {
            each["idpar"] for each in get(fake, "ff/parcelles", code_insee="59350", page_size=500)["results"]
        }


def test_indicators_want_a_code_and_a_scale(fake: FakeApidf) -> None:
    land = get(fake, "indicateurs/conso_espace/communes/62041", annee_min=2010, annee_max=2012)
    assert [each["annee"] for each in land["results"]] == ["2010", "2011", "2012"]
    assert get(fake, "indicateurs/conso_espace/departements/62", annee=2015)["results"][0]["iddep"] == "62"
    for path in ("prix/annuel", "prix/triennal", "activite"):
        told = get(fake, f"indicateurs/dv3f/{path}", code="59350,62041", echelle="communes", annee="2020")
        assert [each["code"] for each in told["results"]] == ["59350", "62041"]
        assert list(get(fake, f"indicateurs/dv3f/{path}", 400, code="59350")) == ["detail"]
        assert list(get(fake, f"indicateurs/dv3f/{path}", 400, echelle="communes")) == ["detail"]
    assert get(fake, "indicateurs/dv3f/accessibilite", code="001")["count"] == 11
    assert get(fake, "indicateurs/dv3f/valorisation/epci/245900758")["count"] == 11
    assert ask(fake, "/indicateurs/dv3f/prix/mensuel/?code=1&echelle=communes").status == 404
    assert ask(fake, "/indicateurs/conso_espace/communes/62041").status == 301
