"""Parcels, shapes and completion: what is sent, and what is refused before it is sent."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from ban_helpers import refused

from frgov_clients.ban.geometry import Circle, Polygon, distance
from frgov_clients.ban.params import completion_params, reverse_params, search_params

Q = "10 rue de la Paix"


def search(q: Any = Q, **arguments: Any) -> dict[str, str]:
    return dict(search_params(q, **arguments))


def reverse(**arguments: Any) -> dict[str, str]:
    return dict(reverse_params(**{"lon": 2.3, "lat": 48.8, **arguments}))


def completion(text: Any = Q, **arguments: Any) -> dict[str, str]:
    return dict(completion_params(text, **arguments))


# ---- parcels -----------------------------------------------------------------------------------------------

COMMUNE = {"index": "parcel", "departmentcode": "75", "municipalitycode": "056"}


def test_a_structured_search_is_padded() -> None:
    found = search(None, **COMMUNE, districtcode="104", oldmunicipalitycode="000", section="A", sheet="1", number="35")
    assert found == {
        "index": "parcel",
        "autocomplete": "0",
        "departmentcode": "75",
        "municipalitycode": "056",
        "districtcode": "104",
        "oldmunicipalitycode": "000",
        "section": "0A",
        "sheet": "01",
        "number": "0035",
    }
    assert search("75056104AV0133", index="parcel")["q"] == "75056104AV0133"
    assert search(None, index="parcel", departmentcode="97", municipalitycode="05")["municipalitycode"] == "005"
    assert reverse(index="parcel", section="AV")["section"] == "AV"


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        (
            "departmentcode",
            ["01", "19", "29", "2A", "2B", "95", "97"],
            ["00", "20", "96", "98", "971", "1", "2a", "7５"],
        ),
        ("municipalitycode", ["05", "056"], ["5", "0056", "A56", "056\n"]),
        ("oldmunicipalitycode", ["000"], ["00", "0000"]),
        ("districtcode", ["104"], ["4", "A04"]),
        ("section", ["1", "12", "A", "AB", "0A"], ["", "123", "ABC", "1A", "a", "A0"]),
        ("sheet", ["1", "01"], ["", "100", "A"]),
        ("number", ["1", "0133"], ["", "12345", "A"]),
    ],
)
def test_codes_of_parcels(name: str, right: list[str], wrong: list[str]) -> None:
    for value in right:
        assert search(None, **{**COMMUNE, name: value})[name].endswith(value)
    for value in [*wrong, 12, ["01", "02"]]:
        refused(search, None, field=name, **{**COMMUNE, name: value})


def test_what_a_structured_search_needs() -> None:
    refused(search, field="q", match="not together", **COMMUNE)
    refused(search, None, field="index", match="parcel alone", departmentcode="75", municipalitycode="056")
    refused(search, None, field="index", **{**COMMUNE, "index": ["parcel", "address"]})
    refused(search, None, field="departmentcode", match="required", index="parcel", municipalitycode="056")
    refused(search, None, field="departmentcode", match="required", index="parcel")
    refused(search, None, field="municipalitycode", match="or districtcode", index="parcel", departmentcode="75")
    assert search(None, index="parcel", departmentcode="75", districtcode="104")["districtcode"] == "104"


# ---- shapes ------------------------------------------------------------------------------------------------

SQUARE = [(6.864, 47.602), (6.866, 47.602), (6.866, 47.603), (6.864, 47.603), (6.864, 47.602)]


def test_reverse_needs_a_place() -> None:
    refused(reverse_params, field="lon/lat", match="or searchgeom")
    refused(reverse, field="lon/lat", match="both", lat=None, searchgeom=Circle(2.3, 48.8, 5))
    assert list(dict(reverse_params(searchgeom=Circle(2.3, 48.8, 5)))) == ["searchgeom"]
    assert list(reverse(searchgeom=Circle(2.3, 48.8, 5))) == ["lon", "lat", "searchgeom"]


def test_a_circle() -> None:
    text = reverse(searchgeom=Circle(6.865203, 1e-5, 500))["searchgeom"]
    assert text == '{"type":"Circle","coordinates":[6.865203,0.00001],"radius":500.0}'
    refused(reverse, field="searchgeom", match="at most 500 m", searchgeom=Circle(6.8, 47.6, 500.01))
    for radius in (0, -1, math.nan, math.inf, "5", None, True):
        refused(Circle, 6.8, 47.6, radius, field="searchgeom")
    refused(Circle, 47.6, 6.8, 5, field="searchgeom", match="swapped")


def test_a_polygon() -> None:
    text = reverse(searchgeom=Polygon(SQUARE))["searchgeom"]
    assert json.loads(text) == {"type": "Polygon", "coordinates": [[list(pair) for pair in SQUARE]]}
    assert Polygon(SQUARE) == Polygon(tuple(SQUARE))
    assert len({Polygon(SQUARE), Polygon(SQUARE)}) == 1


def rectangle(width: float, height: float, lon: float = 6.0, lat: float = 47.0) -> Polygon:
    """Metres."""
    east = lon + width / (111_195.08 * math.cos(math.radians(lat)))
    north = lat + height / 111_195.08
    return Polygon([(lon, lat), (east, lat), (east, north), (lon, north), (lon, lat)])


def test_the_sides_of_a_polygon_are_measured_on_the_ground() -> None:
    assert distance(6, 47, 6, 48) == pytest.approx(111_195, abs=1)
    for width, height in ((999, 10), (10, 999), (999, 999)):
        assert reverse(searchgeom=rectangle(width, height))
        assert reverse(searchgeom=rectangle(width, height, 55.4, -21.1))
    for width, height in ((1001, 10), (10, 1001)):
        refused(reverse, field="searchgeom", match="at most 1000 m", searchgeom=rectangle(width, height))
        refused(reverse, field="searchgeom", searchgeom=rectangle(width, height, 55.4, -21.1))


@pytest.mark.parametrize(
    ("ring", "match"),
    [
        (SQUARE[:-1], "closed"),
        ([SQUARE[0], SQUARE[1], SQUARE[0]], "4 to 1000"),
        ([SQUARE[0], SQUARE[1], SQUARE[1], SQUARE[0]], "3 different"),
        ([*SQUARE[:-1], (6.864, 47.602, 1), SQUARE[0]], "pairs"),
        ([1, 2, 3, 1], "pairs"),
        (["ab", "cd", "ef", "ab"], "number"),
        ([(47.6, 6.8)] * 5, "swapped"),
        ([(math.nan, 6.8)] * 5, "finite"),
        ([SQUARE[0]] + SQUARE[1:2] * 1000, "4 to 1000"),
        (None, "4 to 1000"),
        ("abcd", "pairs"),
        ({1: 2}, "4 to 1000"),
    ],
)
def test_rings_that_are_none(ring: Any, match: str) -> None:
    refused(Polygon, ring, field="searchgeom", match=match)


@pytest.mark.parametrize("shape", ['{"type":"Point"}', {"type": "Point"}, 5, [2, 48]])
def test_other_shapes(shape: Any) -> None:
    refused(reverse, field="searchgeom", match="a Circle or a Polygon", searchgeom=shape)


# ---- completion --------------------------------------------------------------------------------------------


def test_completion_names_on_the_wire() -> None:
    assert completion(
        terr=["METROPOLE", "DOMTOM", "75", "974", "75013"],
        poi_type="administratif",
        type=["PositionOfInterest", "StreetAddress"],
        maximum_responses=15,
        lonlat=(2.3, -1e-5),
        bbox=(6.7, 47.4, 7.2, 47.8),
        depcode=["75", "2A"],
        zipcode="75013",
        citycode="75113",
    ) == {
        "text": Q,
        "type": "PositionOfInterest,StreetAddress",
        "poiType": "administratif",
        "maximumResponses": "15",
        "terr": "METROPOLE,DOMTOM,75,974,75013",
        "lonlat": "2.3,-0.00001",
        "bbox": "6.7,47.4,7.2,47.8",
        "depcode": "75,2A",
        "zipcode": "75013",
        "citycode": "75113",
    }
    assert completion() == {"text": Q}


@pytest.mark.parametrize(
    ("argument", "value", "field"),
    [
        ("maximum_responses", 0, "maximumResponses"),
        ("maximum_responses", 16, "maximumResponses"),
        ("maximum_responses", True, "maximumResponses"),
        ("type", "Street", "type"),
        ("type", [], "type"),
        ("poi_type", "", "poiType"),
        ("poi_type", 3, "poiType"),
        ("terr", "FRANCE", "terr"),
        ("terr", 75, "terr"),
        ("terr", "7501", "terr"),
        ("lonlat", (2.3,), "lonlat"),
        ("lonlat", "2.3,48.8", "lonlat"),
        ("lonlat", (48.8, 2.3), "lon/lat"),
        ("bbox", (6.7, 47.4, 7.2), "bbox"),
        ("bbox", (7.2, 47.4, 6.7, 47.8), "bbox"),
        ("bbox", (6.7, 47.8, 7.2, 47.4), "bbox"),
        ("bbox", (-181, 47.4, 7.2, 47.8), "bbox"),
        ("bbox", (47.4, 6.7, 47.8, 7.2), "bbox"),
        ("bbox", (6.7, math.nan, 7.2, 47.8), "bbox"),
        ("depcode", ["01"] * 11, "depcode"),
        ("zipcode", ["75001"] * 51, "zipcode"),
        ("citycode", ["75101"] * 201, "citycode"),
        ("zipcode", 75013, "zipcode"),
    ],
)
def test_completion_refuses(argument: str, value: Any, field: str) -> None:
    refused(completion, field=field, **{argument: value})


def test_completion_limits_just_inside() -> None:
    assert completion(maximum_responses=1)["maximumResponses"] == "1"
    assert completion(zipcode=[f"{n:05d}" for n in range(75001, 75051)])["zipcode"].count(",") == 49
    assert completion(citycode=[f"{n:05d}" for n in range(1001, 1201)])["citycode"].count(",") == 199
    refused(completion, field="poiType", match="PositionOfInterest", poi_type="pont", type="StreetAddress")
