"""A run: a stream in, a stream out, one result per row, nothing asked twice, nothing sent that is nobody's business."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sqlite3
import threading
import time
from collections import Counter
from itertools import pairwise

import pytest
import trio
from bulk_parts import SETTINGS, assert_whole, geocode, rows_of

from frgov_clients.ban import AsyncBanClient, AsyncGeocoding, BanClient, Geocoding, Journal
from frgov_clients.ban.bulk.model import Origin, Status
from frgov_clients.ban.exchange import Verdict
from frgov_clients.errors import ConfigurationError, InvalidRequest
from frgov_clients.testing.geopf import FakeGeopf, Fault


@pytest.fixture
def ban(fake):
    with BanClient(base_url=fake.url, **SETTINGS) as client:
        yield client


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
    rows = [
        {"adresse": f"{number} rue des Lilas{more}", "cp": "90000", "ville": "BELFORT"}
        for number in range(1, 9)
        for more in ("", " bât B")
    ]
    results, report = geocode("sync", fake.url, rows, attempts=2, patience=2)
    assert [one.status for one in results] == [Status.FAILED] * 16
    assert report.rows == 16


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


# ---- reverse ---------------------------------------------------------------------------------------------------


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


# ---- how it is taken -----------------------------------------------------------------------------------------


def test_results_come_while_rows_are_still_read(ban):
    read = 0

    def rows():
        nonlocal read
        for row in rows_of(5000):
            read += 1
            yield row

    for number, _ in enumerate(ban.geocode_many(rows(), memory_rows=1000, lot_rows=200)):
        assert read <= number + 1 + 1000 + 500
        if number == 0:
            assert read < 5000


def test_a_slow_stream_is_not_waited_for(ban):
    def rows():
        for row in rows_of(6):
            yield row
            time.sleep(0.15)

    began = time.monotonic()
    first = next(iter(ban.geocode_many(rows())))
    assert first.status is Status.OK
    assert time.monotonic() - began < 1.5


def test_a_stream_that_fails_is_told_as_it_is(colour, fake):
    def rows():
        yield from rows_of(700)
        raise LookupError("the cursor is gone")

    with pytest.raises(LookupError, match="the cursor is gone"):
        geocode(colour, fake.url, rows())


HEADER = ("id", "adresse", "cp", "ville")


@pytest.mark.parametrize(
    "rows",
    [
        [("1", "4 rue des Lilas", "90000", "BELFORT"), ("2", "5 rue des Lilas", "90000", "BELFORT")],
        b"1;4 rue des Lilas;90000;BELFORT\n2;5 rue des Lilas;90000;BELFORT\n",
    ],
    ids=["tuples", "file without names"],
)
def test_rows_whose_names_are_given(colour, fake, rows):
    results, _ = geocode(colour, fake.url, rows, header=HEADER)
    assert [one.row["id"] for one in results] == ["1", "2"]
    assert {one.verdict for one in results} == {Verdict.EXACT}


@pytest.mark.parametrize("run", [asyncio.run, lambda story: trio.run(lambda: story)], ids=["asyncio", "trio"])
def test_an_async_stream_of_tuples(run, fake):
    async def rows():
        yield ("1", "4 rue des Lilas", "90000", "BELFORT")

    async def story():
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban:
            return await ban.geocode_many(rows(), header=HEADER).all()

    assert run(story())[0].row["ville"] == "BELFORT"


def test_a_database_cursor_is_read_in_its_own_thread(ban):
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE logement (id, adresse, cp, ville)")
        database.executemany("INSERT INTO logement VALUES (:id, :adresse, :cp, :ville)", rows_of(900))
        results = ban.geocode_many(database.execute("SELECT * FROM logement")).all()
    assert len(results) == 900
    assert results[0].row["id"] == "L0"


@pytest.mark.parametrize("run", [asyncio.run, lambda story: trio.run(lambda: story)], ids=["asyncio", "trio"])
def test_an_async_stream(run, fake):
    async def rows():
        for row in rows_of(1100):
            yield row

    async def story():
        async with (
            AsyncBanClient(base_url=fake.url, **SETTINGS) as ban,
            ban.geocode_many(rows()) as job,
        ):
            return [one async for one in job]

    results = run(story())
    assert_whole(results, rows_of(1100))


def test_an_async_stream_is_refused_by_the_blocking_client(ban):
    async def rows():
        yield {}

    with pytest.raises(InvalidRequest, match="async"):
        ban.geocode_many(rows()).all()


def test_leaving_early_sends_no_more(fake, ban):
    for one in ban.geocode_many(rows_of(20_000), memory_rows=1000, lot_rows=100):
        assert one.status is Status.OK
        break
    gc.collect()
    time.sleep(0.1)
    asked = len(fake.requests)
    time.sleep(0.3)
    assert len(fake.requests) == asked
    assert asked < 20
    assert not [each for each in threading.enumerate() if each.name.startswith("frgov-worker")]


def test_an_incomplete_run_says_so(ban):
    run = ban.geocode_many(rows_of(3000), memory_rows=500)
    with run:
        next(iter(run))
    assert not run.report.complete


def test_progress(colour, fake):
    seen = []
    rows = rows_of(3000)
    fake.faults.append(Fault(path="/search/csv", delay=0.4, times=None))
    geocode(colour, fake.url, rows, progress=seen.append)
    assert seen[-1].done == seen[-1].total == 3000
    assert seen[-1].failed == 0
    assert seen[-1].sent == 3000
    assert seen[-1].requests == len(fake.requests)
    assert all(one.done <= two.done for one, two in pairwise(seen))


def test_few_rows_are_asked_one_by_one(fake):
    results, _ = geocode("sync", fake.url, rows_of(3))
    assert {request.path for request in fake.requests} == {"/search"}
    assert [one.verdict for one in results] == [Verdict.EXACT] * 3


def test_one_by_one_and_as_a_file_the_answers_are_the_same(fake):
    rows = rows_of(40)
    single = [geocode("sync", fake.url, [row])[0][0] for row in rows]
    together, _ = geocode("sync", fake.url, rows)
    assert {request.path for request in fake.requests} == {"/search", "/search/csv"}
    assert [one.answer for one in single] == [one.answer for one in together]
    assert [one.verdict for one in single] == [one.verdict for one in together]


# ---- the journal ---------------------------------------------------------------------------------------------


def test_the_next_run_asks_only_what_is_new(colour, fake, tmp_path):
    journal = tmp_path / "journal.sqlite"
    geocode(colour, fake.url, rows_of(500), journal=journal)
    assert len(fake.texts) == 500
    results, report = geocode(colour, fake.url, rows_of(700), journal=journal)
    assert len(fake.texts) == 700
    assert Counter(one.origin for one in results) == {Origin.JOURNAL: 500, Origin.SERVICE: 200}
    assert report.sent == 200


def test_what_was_not_found_is_known_but_what_failed_is_not(fake, tmp_path):
    journal = tmp_path / "journal.sqlite"
    rows = [
        {"adresse": "3 chemin de nulle part", "cp": "90000", "ville": "BELFORT"},
        {"adresse": "4 rue des Lilas", "cp": "90000", "ville": "BELFORT"},
    ]
    fake.faults.append(Fault(when=lambda request: "LILAS" in request.query["q"], status=500, times=None))
    fake.faults.append(Fault(when=lambda request: "LILAS" in request.query["q"], status=500, times=None))
    results, _ = geocode("sync", fake.url, rows, journal=journal, attempts=2)
    assert [one.status for one in results] == [Status.NOT_FOUND, Status.FAILED]
    fake.faults.clear()
    fake.texts.clear()
    results, _ = geocode("sync", fake.url, rows, journal=journal)
    assert [one.status for one in results] == [Status.NOT_FOUND, Status.OK]
    assert len(fake.texts) == 1


def test_old_answers_are_asked_again(fake, tmp_path):
    journal = tmp_path / "journal.sqlite"
    geocode("sync", fake.url, rows_of(50), journal=journal)
    time.sleep(0.05)
    geocode("sync", fake.url, rows_of(50), journal=journal, max_age=3600)
    assert len(fake.texts) == 50
    geocode("sync", fake.url, rows_of(50), journal=journal, max_age=0.01)
    assert len(fake.texts) == 100


def test_a_journal_and_its_path_are_the_same(fake, tmp_path):
    path = tmp_path / "journal.sqlite"
    geocode("sync", fake.url, rows_of(20), journal=path)
    with Journal(path) as journal:
        results, _ = geocode("sync", fake.url, rows_of(20), journal=journal)
        assert {one.origin for one in results} == {Origin.JOURNAL}
        again, _ = geocode("sync", fake.url, rows_of(20), journal=journal)
        assert len(again) == 20, "a journal of the caller's stays open"
    assert len(fake.texts) == 20


def test_the_answers_of_one_service_are_not_those_of_another(fake, tmp_path):
    addok = {"base_url": "http://127.0.0.1:9", "dialect": "addok"}
    with Journal(tmp_path / "journal.sqlite") as journal:
        geocode("sync", fake.url, rows_of(5), journal=journal)
        with pytest.raises(ConfigurationError, match="another service"):
            geocode("sync", fake.url, rows_of(5), journal=journal, client=addok)
    results, _ = geocode("sync", fake.url, rows_of(5), journal=tmp_path / "journal.sqlite", client=addok, patience=0.5)
    assert {one.status for one in results} == {Status.FAILED}, "the answers of the public service were taken"


def test_max_age_belongs_to_the_journal_that_is_given(fake):
    with Journal() as journal, pytest.raises(InvalidRequest, match="max_age"):
        geocode("sync", fake.url, rows_of(5), journal=journal, max_age=3)


def test_a_run_tells_in_its_repr_how_far_it_came(fake):
    with BanClient(base_url=fake.url, dialect="geopf", limiters={"geocoding": None}) as ban:
        run = ban.geocode_many(rows_of(1200))
        assert "not begun" in repr(run)
        run.all()
        assert repr(run) == "<Geocoding: 1,200 rows done, complete>"
