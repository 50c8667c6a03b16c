"""Where: exactly one place, and those that the service takes only in parts."""

from __future__ import annotations

import itertools
import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from apidf_parts import TOKEN, questions
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from frgov_clients.cerema.apidf import ApidfClient
from frgov_clients.cerema.apidf.area import ANYWHERE, FRICHES
from frgov_clients.cerema.apidf.tiles import MOST_TILES, UNIT, Box, box_of, tiles_of
from frgov_clients.errors import InvalidRequest

apidf = ApidfClient(base_url="http://127.0.0.1:9", token=TOKEN)
LIMITS = st.sampled_from([ANYWHERE.side, FRICHES.side])


def places(**given_: Any) -> list[dict[str, str]]:
    asked = [params for _, params in questions(apidf.friches(**given_))]
    return [{name: value for name, value in params.items() if name != "page_size"} for params in asked]


def test_communes_in_groups_of_ten() -> None:
    codes = [f"01{number:03}" for number in range(1, 24)]
    assert places(code_insee=[*codes, codes[0]]) == [
        {"code_insee": ",".join(codes[:10])},
        {"code_insee": ",".join(codes[10:20])},
        {"code_insee": ",".join(codes[20:])},
    ]
    assert places(code_insee="59350, 2a004") == [{"code_insee": "59350,2A004"}]
    assert places(code_insee="75104") == [{"code_insee": "75104"}]


def test_départements_one_by_one() -> None:
    assert places(coddep=["01", "974"]) == [{"coddep": "01"}, {"coddep": "974"}]


def test_a_box_and_a_point() -> None:
    assert places(bbox=(2.76, 49.73, 3.75, 50.6)) == [{"in_bbox": "2.76,49.73,3.75,50.6"}]
    assert places(bbox=np.array([2.76, 49.73, 3.75, 50.6])) == [{"in_bbox": "2.76,49.73,3.75,50.6"}]  # total_bounds
    (found,) = [params for _, params in questions(apidf.parcelles(lon=3.065239, lat=50))]
    assert json.loads(found["contains_geom"]) == {"type": "Point", "coordinates": [3.065239, 50.0]}
    west, south, east, north = map(float, found["in_bbox"].split(","))
    assert west < 3.065239 < east
    assert south < 50 < north
    assert 0.019 < east - west < 0.02
    assert 0.019 < north - south < 0.02


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({}, "code_insee"),
        ({"code_insee": "01004", "coddep": "01"}, "code_insee"),
        ({"code_insee": "01004", "lon": 2.0, "lat": 48.0}, "code_insee"),
        ({"bbox": (2, 48, 2.1, 48.1), "lon": 2.0, "lat": 48.0}, "code_insee"),
        ({"code_insee": "01000"}, "code_insee"),
        ({"code_insee": 1004}, "code_insee"),
        ({"code_insee": []}, "code_insee"),
        ({"code_insee": "75001"}, "code_insee"),
        ({"coddep": "20"}, "coddep"),
        ({"lon": 2.0}, "lon/lat"),
        ({"lat": 48.0}, "lon/lat"),
        ({"lon": 181, "lat": 48.0}, "lon/lat"),
        ({"lon": "2", "lat": 48.0}, "lon"),
        ({"lon": 2.0, "lat": math.nan}, "lat"),
        ({"bbox": (2, 48, 2.1)}, "bbox"),
        ({"bbox": "2,48,2.1,48.1"}, "bbox"),
        ({"bbox": (2.1, 48, 2, 48.1)}, "bbox"),
        ({"bbox": (48, 2, 48.5, 200)}, "bbox"),
        ({"bbox": (2, 48, math.inf, 49)}, "bbox"),
        ({"bbox": (2, 48, 3.1, 48.1)}, "bbox"),
        ({"bbox": {2, 48, 3, 49}}, "bbox"),
        ({"bbox": {2: 0, 48: 0, 3: 0, 49: 0}}, "bbox"),
        ({"bbox": b"\x02\x30\x03\x31"}, "bbox"),
        ({"bbox": np.array(2.0)}, "bbox"),
        ({"bbox": np.ones((4, 1))}, "bbox"),
        ({"bbox": 2.0}, "bbox"),
        ({"lon": Fraction(10**400), "lat": 48}, "lon"),
        ({"lon": [2.0], "lat": 48}, "lon"),
        ({"bbox": (2, 48, 2.1, 48.1), "tiled": "yes"}, "tiled"),
        ({"bbox": (2, 48, 2.1, 48.1), "tiled": []}, "tiled"),
        ({"bbox": (2, 48, 2.1, 48.1), "tiled": 1}, "tiled"),
        ({"code_insee": "01004", "tiled": True}, "tiled"),
    ],
)
def test_what_is_no_place(given_: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        apidf.friches(**given_)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        ({"lon": 48.5, "lat": 7.7}, "lon/lat: a place in France. Longitude and latitude look swapped"),
        ({"lon": 41, "lat": -5}, "lon/lat: a place in France. Longitude and latitude look swapped"),
        ({"lon": 5.5, "lat": 166.4}, "lon/lat: longitude within ±180 and latitude within ±90. Longitude and latitude"),
        ({"lon": 990310, "lat": 6729583}, "lon: finite numbers, in degrees. Degrees, not metres of a projection"),
        ({"bbox": (48.5, 7.7, 48.51, 7.71)}, "bbox: a place in France. Longitude and latitude look swapped"),
        ({"bbox": (41, -5, 52, 10), "tiled": True}, "bbox: a place in France. Longitude and latitude look swapped"),
        ({"bbox": (48.51, 7.71, 48.5, 7.7)}, "bbox: a place in France. Longitude and latitude look swapped"),
        ({"bbox": (990310, 6729583, 990320, 6729593)}, "bbox: finite numbers, in degrees. Degrees, not metres"),
        ({"bbox": (500, 48, 501, 49)}, "bbox: longitude within ±180 and latitude within ±90. Degrees, not metres"),
        ({"bbox": (2.1, 48, 2, 48.1)}, "bbox: lon_min < lon_max and lat_min < lat_max"),
    ],
)
def test_coordinates_that_are_no_place_in_france(given_: dict[str, Any], text: str) -> None:
    """An answer would be an empty list, which says that nothing was sold there."""
    with pytest.raises(InvalidRequest) as refused:
        apidf.friches(**given_)
    assert str(refused.value).startswith(text)


def test_beside_the_swapped_zone() -> None:
    for lon, lat in ((40.9, 5), (52.1, 5), (45, -5.1), (45, 10.1), (45.2, -12.8)):
        assert places(lon=lon, lat=lat)
    assert places(bbox=(44, -14, 46, -4), tiled=True)  # around Mayotte: one corner alone lies in it


def test_a_box_that_is_too_large_says_what_to_do() -> None:
    with pytest.raises(InvalidRequest, match=r"at most 0\.02° a side.*`tiled=True`"):
        apidf.dvf_mutations(bbox=(2.0, 48.0, 2.0200001, 48.01))
    assert len(questions(apidf.dvf_mutations(bbox=(2.0, 48.0, 2.02, 48.02)))) == 1  # the limit itself is allowed
    assert len(questions(apidf.dvf_mutations(bbox=(2.0, 48.0, 2.1, 48.01), tiled=True))) == 6
    with pytest.raises(InvalidRequest, match=f"at most {MOST_TILES} tiles"):
        apidf.dvf_mutations(bbox=(2.0, 48.0, 3.0, 49.0), tiled=True)


# ---- tiles -------------------------------------------------------------------------------------------------


@st.composite
def boxes(draw: st.DrawFn, limit: int) -> Box:
    west, south = draw(st.integers(-170 * UNIT, 150 * UNIT)), draw(st.integers(-80 * UNIT, 70 * UNIT))
    width, height = draw(st.integers(1, 12 * limit)), draw(st.integers(1, 12 * limit))
    return Box(west, south, west + width, south + height)


def spans(tiles: list[Box], low: int, high: int) -> list[tuple[int, int]]:
    return sorted({(tile[low], tile[high]) for tile in tiles})


@settings(max_examples=200, deadline=None)
@given(st.data(), LIMITS)
def test_tiles_are_the_box_and_none_is_too_large(data: st.DataObject, limit: int) -> None:
    box = data.draw(boxes(limit))
    tiles = list(tiles_of(box, limit))
    for low, high in ((0, 2), (1, 3)):
        found = spans(tiles, low, high)
        assert found[0][0] == box[low]
        assert found[-1][1] == box[high]
        for before, after in itertools.pairwise(found):  # no strip between neighbours: they share one
            assert before[1] - after[0] >= limit // 10
    assert len(tiles) == len(spans(tiles, 0, 2)) * len(spans(tiles, 1, 3))  # every column with every row
    for tile in tiles:
        west, south, east, north = map(float, str(tile).split(","))
        assert east - west < limit / UNIT  # as the service subtracts
        assert north - south < limit / UNIT


@given(st.floats(-179, 179), st.floats(-89, 89))
def test_a_box_is_read_to_the_centimetre(lon: float, lat: float) -> None:
    assume(not (40.9 <= lon <= 52.1 and -5.1 <= lat <= 10.1))
    box = box_of((lon, lat, lon + 0.01, lat + 0.01))
    assert abs(box.west / UNIT - lon) <= 0.6 / UNIT
    assert abs(box.north / UNIT - (lat + 0.01)) <= 0.6 / UNIT
    assert Box(*(round(Decimal(text) * UNIT) for text in str(box).split(","))) == box
