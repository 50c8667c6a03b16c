"""A run from points to addresses."""

from __future__ import annotations

import pytest
from bulk_parts import SETTINGS, assert_whole, near, take

from frgov_clients.ban import BanClient
from frgov_clients.ban.bulk.model import Origin, Status
from frgov_clients.ban.exchange import Verdict
from frgov_clients.testing.geopf import FakeGeopf


def test_reverse(fake):
    fake_answer = {
        "label": "4 Rue X 90000 Belfort",
        "id": "90010_0001_00004",
        "type": "housenumber",
        "housenumber": "4",
        "street": "Rue X",
        "name": "4 Rue X",
        "postcode": "90000",
        "city": "Belfort",
        "citycode": "90010",
        "score": 0.99,
        "distance": 12,
        "lon": 6.8,
        "lat": 47.6,
    }
    points = [{"id": n, "lon": f"6,8{n:03}", "lat": 47.6} for n in range(40)]
    with (
        FakeGeopf(answer=lambda q, filters: fake_answer) as server,
        BanClient(base_url=server.url, **SETTINGS) as ban,
    ):
        run = ban.reverse_many(points)
        results = run.all()
        assert [one.status for one in results] == [Status.OK] * 40
        assert results[0].answer.distance is not None
        assert results[0].verdict is Verdict.EXACT
        assert run.report.kind == "reverse"


# ---- in three colours ----------------------------------------------------------------------------------------

COLUMNS = {"lon": "x", "lat": "y", "citycode": "insee"}
FEW, MANY = 0, 60
"""How many more points there are: a few are asked one by one, many by a file."""


@pytest.fixture
def points():
    with FakeGeopf(answer=near) as server:
        yield server


@pytest.fixture(params=[FEW, MANY], ids=["one by one", "by a file"])
def reverse(request, colour, points):
    """The results of some points, and the report."""

    def results_of(*some):
        more = [{"x": f"6.8{number:03}", "y": "47.6", "insee": ""} for number in range(100, 100 + request.param)]
        given = [{"x": x, "y": y, "insee": insee} for x, y, insee in some]
        results, report = take(colour, points.url, [*given, *more], many="reverse_many", columns=COLUMNS)
        assert_whole(results, [*given, *more])
        assert (report.kind, report.complete, report.rows) == ("reverse", True, len(given) + len(more))
        assert {one.status for one in results[len(given) :]} <= {Status.OK}
        ways = {request.path for request in points.requests}
        assert ways <= ({"/reverse/csv"} if more else {"/reverse"})
        return results[: len(given)], report

    return results_of


def test_a_point_comes_back_as_the_address_next_to_it(reverse):
    results, report = reverse(("6.801", "47.61", ""), (6.802, 47.62, None))
    assert [one.status for one in results] == [Status.OK] * 2
    assert [one.answer.housenumber for one in results] == ["6801", "6802"]
    assert [(one.answer.lon, one.answer.lat) for one in results] == [(6.801, 47.61), (6.802, 47.62)]
    assert {(one.verdict, one.answer.distance, one.reasons, one.repairs) for one in results} == {
        (Verdict.EXACT, 3.0, ("at_5_m",), ())
    }
    assert report.statuses[Status.OK] == report.rows


def test_where_no_address_is_near_nothing_is_found(reverse):
    results, report = reverse(("2.35", "50.5", ""), ("6.801", "47.61", ""))
    assert [one.status for one in results] == [Status.NOT_FOUND, Status.OK]
    assert (results[0].verdict, results[0].answer, results[0].reasons) == (Verdict.NONE, None, ("no_answer",))
    assert report.statuses[Status.NOT_FOUND] == 1


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ("", "47.6", "empty"),
        (None, None, "empty"),
        (float("nan"), 47.6, "empty"),
        ("east", "47.6", "no_number"),
        ("989000.5", "6733000", "metres"),
        ("0", "0", "null_island"),
        ("190", "95", "out_of_range"),
    ],
)
def test_what_is_no_point_is_skipped_and_not_sent(reverse, points, x, y, reason):
    results, report = reverse((x, y, ""), ("6.801", "47.61", ""))
    assert [one.status for one in results] == [Status.SKIPPED, Status.OK]
    skipped = results[0]
    assert (skipped.reason, skipped.origin, skipped.answer) == (reason, Origin.LOCAL, None)
    assert report.statuses[Status.SKIPPED] == 1
    assert len(points.texts) == report.sent == report.rows - 1


def test_a_longitude_and_a_latitude_that_were_swapped_are_put_right(reverse, points):
    (result,), _ = reverse((47.61, 6.801, ""))
    assert (result.status, result.repairs) == (Status.OK, ("lonlat_swapped",))
    assert (result.answer.lon, result.answer.lat) == (6.801, 47.61)
    assert "6.801,47.61" in points.texts


def test_a_decimal_comma_is_understood(reverse, points):
    results, _ = reverse(("6,801", "47,61", ""), ("47,62", "6,802", ""))
    assert [one.repairs for one in results] == [("decimal_comma",), ("decimal_comma", "lonlat_swapped")]
    assert [(one.answer.lon, one.answer.lat) for one in results] == [(6.801, 47.61), (6.802, 47.62)]
    assert {"6.801,47.61", "6.802,47.62"} <= set(points.texts)


def test_the_commune_of_a_row_is_compared_and_never_sent(reverse, points):
    results, _ = reverse(("6.801", "47.61", "90010"), ("6.802", "47.61", "48095"), ("6.803", "47.61", ""))
    assert [one.verdict for one in results] == [Verdict.EXACT, Verdict.SUSPICIOUS, Verdict.EXACT]
    assert results[1].reasons == ("at_5_m", "commune_differs")
    sent = [request.body + repr(request.query).encode() for request in points.requests]
    assert not [each for each in sent if b"48095" in each or b"citycode=" in each or b"insee" in each]


def test_points_that_are_the_same_are_sent_once(reverse, points):
    results, _ = reverse(("6.801", "47.61", ""), ("6,801", "47,610", ""), (47.61, 6.801, ""))
    assert [one.origin for one in results] == [Origin.SERVICE, Origin.DUPLICATE, Origin.DUPLICATE]
    assert len({one.answer for one in results}) == 1
    assert points.texts.count("6.801,47.61") == 1
