"""Points: read, mended, and their addresses judged."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frgov_clients.ban.address import POINT_REASONS, Point, judge_reverse, point_of
from frgov_clients.ban.exchange import Answer, Ask, Verdict


@pytest.mark.parametrize(
    ("lon", "lat", "expected", "repairs"),
    [
        (6.865203, 47.602674, ("6.865203", "47.602674"), ()),
        ("6.865203", "47.602674", ("6.865203", "47.602674"), ()),
        (" 6,865203", "47,602674 ", ("6.865203", "47.602674"), ("decimal_comma",)),
        (Decimal("6.5"), 47, ("6.5", "47"), ()),
        ("6.8652031234", "+47.6", ("6.865203", "47.6"), ()),
        ("1e-5", "4.7e1", ("0.00001", "47"), ()),
        (-1e-9, 47.0, ("0", "47"), ()),
        (47.602674, 6.865203, ("6.865203", "47.602674"), ("lonlat_swapped",)),
        ("47,6", "6,8", ("6.8", "47.6"), ("decimal_comma", "lonlat_swapped")),
        (16.25, -61.5, ("-61.5", "16.25"), ("lonlat_swapped",)),
        (-21.1, 55.5, ("55.5", "-21.1"), ("lonlat_swapped",)),
        (-12.8, 45.2, ("45.2", "-12.8"), ("lonlat_swapped",)),
        (4.9, -52.3, ("-52.3", "4.9"), ("lonlat_swapped",)),
        (-22.3, 166.4, ("166.4", "-22.3"), ("lonlat_swapped",)),
        (-0.12, 51.6, ("-0.12", "51.6"), ()),  # London is asked as it is
        (0.0, 47.0, ("0", "47"), ()),
    ],
)
def test_points(lon: Any, lat: Any, expected: tuple[str, str], repairs: tuple[str, ...]) -> None:
    assert point_of(lon, lat) == Point(Ask(lon=expected[0], lat=expected[1]), repairs)


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        ("", "47.6", "empty"),
        (None, 47.6, "empty"),
        (math.nan, 47.6, "empty"),
        ("6.8", "abc", "no_number"),
        ("6.8.1", "47", "no_number"),
        ("9" * 50, "47", "no_number"),
        ("٦", "47", "no_number"),
        (True, 47, "no_number"),
        (math.inf, 47, "no_number"),
        (10**400, 47, "no_number"),
        ([6], 47, "no_number"),
        (985432.1, 6735123.4, "metres"),
        ("1 010 123,5", "6735123", "metres"),
        (0, 0, "null_island"),
        (181, 47, "out_of_range"),
        (100, -95, "out_of_range"),
    ],
)
def test_points_that_can_not_be_asked(lon: Any, lat: Any, reason: str) -> None:
    assert point_of(lon, lat) == reason
    assert reason in POINT_REASONS


@given(st.floats() | st.text(max_size=12), st.floats() | st.text(max_size=12))
def test_whatever_a_row_holds(lon: Any, lat: Any) -> None:
    point = point_of(lon, lat)
    if isinstance(point, str):
        assert point in POINT_REASONS
        return
    for text, limit in ((point.ask.lon, 180), (point.ask.lat, 90)):
        assert abs(float(text)) <= limit
        assert "e" not in text.lower()
        assert len(text.partition(".")[2]) <= 6


NEAR = Answer(
    "4 Rue X 90400 Y", "housenumber", "90001_0003_00004", 6.8, 47.6, None, None, "4", "Rue X", "90400", "Y", "90001",
    distance=3.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verdict", "reasons"),
    [
        ({}, "exact", ("at_5_m",)),
        ({"distance": 5.0}, "exact", ("at_5_m",)),
        ({"distance": 19.0}, "exact", ("at_20_m",)),
        ({"distance": 20.0}, "exact", ("at_20_m",)),
        ({"distance": 20.1}, "street", ("at_50_m",)),
        ({"distance": 63.0}, "street", ("at_100_m",)),
        ({"distance": 100.0}, "street", ("at_100_m",)),
        ({"distance": 100.1}, "suspicious", ("beyond_100_m",)),
        ({"distance": None}, "suspicious", ("distance_unknown",)),
        ({"type": "street", "distance": 165.0}, "suspicious", ("beyond_100_m",)),
        ({"type": "municipality", "distance": 5_000.0}, "commune", ("beyond_100_m",)),
        ({"type": "street"}, "street", ("at_5_m",)),
        ({"type": "locality"}, "street", ("at_5_m",)),
        ({"type": "municipality"}, "commune", ("at_5_m",)),
    ],
)
def test_verdicts(changes: dict[str, Any], verdict: str, reasons: tuple[str, ...]) -> None:
    point = point_of(6.8, 47.6)
    assert isinstance(point, Point)
    judgement = judge_reverse(point, NEAR._replace(**changes))
    assert (judgement.verdict.value, judgement.reasons) == (verdict, reasons)
    assert set(reasons) <= set(POINT_REASONS)


def test_the_commune_that_the_row_names() -> None:
    other, same, former = (point_of(6.8, 47.6, code) for code in ("90010", "90001", "90073"))
    assert isinstance(other, Point)
    assert isinstance(same, Point)
    assert isinstance(former, Point)
    assert judge_reverse(other, NEAR)[:2] == (Verdict.SUSPICIOUS, ("at_5_m", "commune_differs"))
    assert judge_reverse(same, NEAR).verdict is Verdict.EXACT
    assert judge_reverse(former, NEAR._replace(citycode="90068")).verdict is Verdict.EXACT
    assert judge_reverse(same, None)[:2] == (Verdict.NONE, ("no_answer",))
    assert same.ask.citycode == ""
