"""A run: a stream in, a stream out, one result per row, nothing asked twice, nothing sent that is nobody's business."""

from __future__ import annotations

import inspect
from collections import Counter

import pytest
from bulk_parts import SETTINGS, assert_whole, every_address, geocode, rows_of

from frgov_clients.ban import AsyncGeocoding, BanClient, Geocoding
from frgov_clients.ban.bulk.model import Origin, Status
from frgov_clients.ban.exchange import Verdict
from frgov_clients.errors import InvalidRequest
from frgov_clients.testing.geopf import FakeGeopf, Fault


def test_runs_of_both_clients_have_the_same_methods(fake):
    """Real ones, as `help()` and a debugger show them."""
    for run in (Geocoding, AsyncGeocoding):
        for name in ("all", "write", "to_pandas", "to_polars"):
            method = getattr(run, name)
            assert (method.__qualname__, bool(method.__doc__)) == (f"{run.__name__}.{name}", True)
            assert inspect.iscoroutinefunction(method) is (run is AsyncGeocoding)
            assert name in dir(run)
        assert str(inspect.signature(run.write)) == (
            "(self, path: 'str | os.PathLike[str]', *, prefix: 'str' = 'ban_') -> 'Report'"
        )
    with BanClient(base_url=fake.url, **SETTINGS) as ban:
        run = ban.geocode_many(rows_of(3))
        with pytest.raises(TypeError, match=r"write\(\) got an unexpected keyword argument 'prefx'; did you mean"):
            run.write("out.csv", prefx="b_")
        assert len(run.all()) == 3


def test_a_run_tells_in_its_repr_how_far_it_came(fake):
    with BanClient(base_url=fake.url, dialect="geopf", limiters={"geocoding": None}) as ban:
        run = ban.geocode_many(rows_of(1200))
        assert "not begun" in repr(run)
        run.all()
        assert repr(run) == "<Geocoding: 1,200 rows done, complete>"


# ---- what goes out, what comes back --------------------------------------------------------------------------


def test_every_row_comes_back_once_in_order(colour, fake):
    rows = rows_of(2345)
    results, report = geocode(colour, fake.url, iter(rows))
    assert_whole(results, rows)
    assert {one.verdict for one in results} == {Verdict.EXACT}
    assert {one.origin for one in results} == {Origin.SERVICE}
    assert (report.rows, report.total, report.complete) == (2345, 2345, True)
    assert report.requests == len(fake.requests)
    assert report.sent == len(fake.texts) == 2345


def test_nothing_is_sent_but_the_address(fake):
    geocode("sync", fake.url, rows_of(300))
    sent = b"".join(request.body for request in fake.requests)
    assert b"RUE VICTOR HUGO" in sent
    for private in (b"secret", b"proprietaire", b"adresse", b"ville", b"L17"):
        assert private not in sent


def test_rows_that_ask_the_same_are_sent_once(colour, fake):
    rows = [row for row in rows_of(400) for _ in range(3)]
    rows += [{**row, "adresse": row["adresse"].upper().replace("RUE", "R ")} for row in rows_of(400)]
    results, report = geocode(colour, fake.url, rows)
    assert_whole(results, rows)
    assert max(Counter(fake.texts).values()) == 1
    assert len(fake.texts) == 400
    assert Counter(one.origin for one in results) == {Origin.SERVICE: 400, Origin.DUPLICATE: 1200}
    assert report.origins[Origin.DUPLICATE] == 1200


def test_rows_that_differ_where_the_ladder_looks_do_not_share_an_outcome(colour, fake):
    """Both ask the same at first; the ladder falls back on what each has written."""
    one = {"adresse": "4 avenue Pasteur bât A", "cp": "90000", "ville": "NULLE PART"}
    other = {"adresse": "4 avenue Pasteur", "cp": "90000", "ville": "NULLE PART"}
    alone = [geocode(colour, fake.url, [row])[0][0] for row in (one, other)]
    for rows in ([one, other], [other, one]):
        results, report = geocode(colour, fake.url, rows * 10)
        for result in results:
            expected = alone[0 if dict(result.row) == one else 1]
            assert (result.verdict, result.answer, result.steps) == (
                expected.verdict,
                expected.answer,
                expected.steps,
            )
        assert report.complete


def lilas(count, *ends):
    """Rows that differ in what is not asked at first."""
    return [
        {"adresse": f"{number} rue des Lilas{end}", "cp": "90000", "ville": "BELFORT"}
        for number in range(1, count + 1)
        for end in ends
    ]


def test_the_same_request_for_different_rows_is_sent_once(fake):
    rows = [
        {"adresse": f"{number} rue des Lilas{more}", "cp": "90000", "ville": "BELFORT"}
        for number in range(1, 40)
        for more in ("", " bât B", " appt 3")
    ]
    results, _ = geocode("sync", fake.url, rows)
    assert Counter(one.origin for one in results) == {Origin.SERVICE: 39, Origin.DUPLICATE: 78}
    assert max(Counter(fake.texts).values()) == 1


def test_the_same_request_for_different_rows_fails_for_all(fake):
    fake.faults.append(Fault(status=500, times=None))
    rows = lilas(8, "", " bât B")
    results, report = geocode("sync", fake.url, rows, attempts=2, patience=2)
    assert [one.status for one in results] == [Status.FAILED] * 16
    assert report.rows == 16


def test_a_request_that_failed_is_sent_again_once_for_all_rows_that_wait_for_it(fake):
    fake.faults.append(Fault(status=503, times=3))
    results, report = geocode("sync", fake.url, lilas(8, "", " bât B"))
    assert [one.status for one in results] == [Status.OK] * 16
    assert Counter(fake.texts) == Counter(dict.fromkeys(fake.texts, 1))
    assert len(fake.texts) == 8
    assert report.retried >= 8


def test_duplicates_far_apart_are_known_too(fake):
    rows = rows_of(3000)
    results, _ = geocode("sync", fake.url, rows + rows, memory_rows=600)
    assert len(results) == 6000
    assert len(fake.texts) == 3000
    assert Counter(one.origin for one in results)[Origin.DUPLICATE] == 3000


def test_rows_without_anything_to_ask_are_skipped(colour, fake):
    rows = [{"adresse": "", "cp": "", "ville": ""}, *rows_of(2), {"adresse": " - ", "cp": None, "ville": "\t"}]
    results, report = geocode(colour, fake.url, rows, columns={"address": "adresse", "postcode": "cp", "city": "ville"})
    assert [one.status for one in results] == [Status.SKIPPED, Status.OK, Status.OK, Status.SKIPPED]
    assert results[0].reason == "empty"
    assert results[0].origin is Origin.LOCAL
    assert len(fake.texts) == 2
    assert report.complete


def test_what_is_not_found(colour, fake):
    rows = [*rows_of(3), {"adresse": "3 chemin de nulle part", "cp": "90000", "ville": "BELFORT"}]
    results, report = geocode(colour, fake.url, rows)
    lost = results[-1]
    assert (lost.status, lost.verdict, lost.answer) == (Status.NOT_FOUND, Verdict.NONE, None)
    assert lost.steps[0] == "first"
    assert len(lost.steps) > 1, "the ladder was not climbed"
    assert report.statuses[Status.NOT_FOUND] == 1


@pytest.mark.parametrize("address", ["", "4"])
def test_a_row_without_a_street_does_not_end_the_run_when_a_street_is_the_answer(colour, address):
    street = every_address("4 RUE DES LILAS 90000 BELFORT", {})
    rows = [*rows_of(3), {"adresse": address, "cp": "90000", "ville": "BELFORT"}]
    with FakeGeopf(answer=lambda q, filters: every_address(q, filters) or street) as server:
        results, report = geocode(colour, server.url, rows)
    assert_whole(results, rows)
    assert report.complete
    assert results[-1].verdict is not Verdict.EXACT


def test_without_the_ladder_each_row_is_asked_once(fake):
    rows = [{"adresse": f"{number} chemin de nulle part", "cp": "90000", "ville": "BELFORT"} for number in range(1, 9)]
    results, _ = geocode("sync", fake.url, rows, ladder=False)
    assert len(fake.texts) == 8
    assert {one.steps for one in results} == {("first",)}


@pytest.mark.parametrize(
    "rows", [[], iter(()), b"", b"adresse;cp;ville\n"], ids=["list", "iterator", "empty", "header"]
)
def test_no_rows_at_all(colour, fake, rows):
    results, report = geocode(colour, fake.url, rows)
    assert results == []
    assert report.complete
    assert (report.rows, report.total) == (0, 0)
    assert fake.requests == []


def test_a_worker_that_begins_when_the_run_is_over_ends_too(ban):
    """The run is stopped at the very moment of its first look: the wake-up is not for it any more."""
    with ban.geocode_many([]) as run:
        run.all()
        dispatch = run._run_of._dispatch
        dispatch._stopped = False
        lock, stops = dispatch._lock, [dispatch.stop]

        class Meddling:
            def __enter__(self):
                if stops:
                    stops.pop()()
                return lock.__enter__()

            def __exit__(self, *why):
                return lock.__exit__(*why)

        dispatch._lock = Meddling()
        worker = dispatch.worker()
        with pytest.raises(StopIteration):
            worker.send(None)


def test_the_columns_that_were_guessed_are_told(ban):
    run = ban.geocode_many(rows_of(3))
    assert run.columns is None
    run.all()
    assert run.columns is not None
    assert (run.columns.address, run.columns.postcode, run.columns.city) == (("adresse",), "cp", "ville")


def test_a_column_that_does_not_exist_is_refused_before_anything_is_sent(colour, fake):
    with pytest.raises(InvalidRequest):
        geocode(colour, fake.url, rows_of(3), columns={"address": "adress"})
    assert fake.requests == []


@pytest.mark.parametrize(
    "option",
    [
        {"in_flight": 0},
        {"in_flight": 0.5},
        {"in_flight": "4"},
        {"memory_rows": -1},
        {"lot_rows": 0},
        {"lot_seconds": float("nan")},
        {"patience": 0},
        {"attempts": True},
        {"timeout": 0},
    ],
)
def test_options_that_can_not_be_are_told_before_anything_is_opened(ban, option, tmp_path):
    source, journal = tmp_path / "in.csv", tmp_path / "journal.sqlite"
    source.write_text("adresse;cp\n4 rue X;90000\n", encoding="utf-8")
    with pytest.raises(InvalidRequest):
        ban.geocode_many(source, journal=journal, **option)
    assert not journal.exists()
