"""A run whose new questions are asked by one project of the service."""

from __future__ import annotations

import csv
import gzip
import io
import sqlite3
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from bulk_parts import SETTINGS, assert_whole, every_address, geocode, rows_of
from project_run_parts import ROWS, assert_nothing_left, uploads

from frgov_clients.ban import BanClient, Project
from frgov_clients.ban.bulk import ahead
from frgov_clients.ban.bulk.ahead_following import rows_read, step_of
from frgov_clients.ban.bulk.journal import Journal
from frgov_clients.ban.bulk.model import Origin, Progress, ProjectProgress, ProjectStep, Status
from frgov_clients.errors import ConfigurationError, FrgovError, InvalidRequest
from frgov_clients.testing import geopf_projects
from frgov_clients.testing.geopf import FakeGeopf, Fault
from frgov_clients.transport.auth import StaticBearer

pytestmark = pytest.mark.usefixtures("short_pauses")


# ---- what goes out, what comes back --------------------------------------------------------------------------


def test_a_large_run_is_one_project(colour, fake, options, tmp_path):
    rows = rows_of(ROWS)
    rows += rows[:300] + [{**row, "adresse": row["adresse"].upper().replace("RUE", "R ")} for row in rows[:100]]
    results, report = geocode(colour, fake.url, rows, **options)
    assert_whole(results, rows)
    assert {one.status for one in results} == {Status.OK}
    assert Counter(fake.texts) == Counter(set(fake.texts))
    assert len(fake.texts) == ROWS
    assert (fake.projects.created, fake.projects.jobs, fake.count("/search")) == (1, 1, 0)
    assert [one.origin for one in results] == [Origin.SERVICE] * ROWS + [Origin.DUPLICATE] * 400
    assert (report.total, report.sent, report.requests) == (len(rows), ROWS, len(fake.requests))
    assert report.complete
    assert_nothing_left(fake, tmp_path)


def test_the_results_are_those_of_requests(fake, options):
    rows = rows_of(ROWS) + [{**row, "adresse": f"{row['adresse']} NULLE PART"} for row in rows_of(40)]
    by_project, _ = geocode("sync", fake.url, rows, **options)
    by_requests, _ = geocode("sync", fake.url, rows)
    assert by_project == by_requests
    assert {one.status for one in by_project} == {Status.OK, Status.NOT_FOUND}


def test_nothing_is_sent_but_the_address(fake, options):
    geocode("sync", fake.url, rows_of(ROWS), **options)
    (upload,) = uploads(fake)
    assert b"RUE VICTOR HUGO" in upload.body
    header = next(csv.reader(io.StringIO(upload.body.decode())))
    assert len(header) == 2
    sent = b"".join(request.body + repr(request.headers).encode() for request in fake.requests)
    for private in (b"secret", b"proprietaire", b"adresse", b"ville", b"L17", b"journal"):
        assert private not in sent


def test_a_filter_goes_along(fake, options):
    rows = [{**row, "code_insee": "90010" if number % 2 else ""} for number, row in enumerate(rows_of(ROWS))]
    results, _ = geocode("sync", fake.url, rows, **options)
    assert {one.status for one in results} == {Status.OK}
    (upload,) = uploads(fake)
    table = list(csv.reader(io.StringIO(upload.body.decode())))
    assert Counter(row[2] for row in table[1:]) == {"90010": ROWS // 2, "": ROWS // 2}
    assert fake.count("/search") == 0


def test_few_new_questions_make_no_project(colour, fake, options, tmp_path):
    rows = rows_of(999) + rows_of(999)
    results, report = geocode(colour, fake.url, rows, **options)
    assert_whole(results, rows)
    assert fake.count("/async") == 0
    assert Counter(one.origin for one in results) == {Origin.SERVICE: 999, Origin.DUPLICATE: 999}
    assert report.requests == len(fake.requests)
    assert_nothing_left(fake, tmp_path)


def test_the_next_month_sends_what_is_new(colour, fake, options, tmp_path):
    geocode(colour, fake.url, rows_of(ROWS), **options)
    few, _ = geocode(colour, fake.url, rows_of(ROWS + 50), **options)
    assert Counter(one.origin for one in few) == {Origin.JOURNAL: ROWS, Origin.SERVICE: 50}
    assert (fake.projects.created, len(fake.texts)) == (1, ROWS + 50)
    many, _ = geocode(colour, fake.url, rows_of(2 * ROWS + 50), **options)
    assert Counter(one.origin for one in many) == {Origin.JOURNAL: ROWS + 50, Origin.SERVICE: ROWS}
    assert (fake.projects.created, len(fake.texts)) == (2, 2 * ROWS + 50)
    assert_nothing_left(fake, tmp_path)


def test_weak_rows_are_asked_again_by_requests(fake, options):
    rows = [*rows_of(ROWS), {"adresse": "5 RUE NULLE PART BAT C", "cp": "90000", "ville": "BELFORT"}]
    results, report = geocode("sync", fake.url, rows, **options)
    assert results[-1].status is Status.NOT_FOUND
    assert results[-1].steps[0] == "first"
    assert len(results[-1].steps) > 1
    assert fake.count("/search") >= 1
    assert report.sent == len(fake.texts)


def test_points(options, tmp_path):
    rows = [{"id": str(n), "longitude": f"6.{n:04}", "latitude": "47,6"} for n in range(1, ROWS + 1)]
    address = {"label": "1 Rue X", "type": "housenumber", "lon": 6.8, "lat": 47.6, "distance": 3}
    with (
        FakeGeopf(answer=lambda q, filters: dict(address)) as fake,
        BanClient(base_url=fake.url, **SETTINGS) as ban,
    ):
        results = ban.reverse_many(rows, **options).all()
        assert_whole(results, rows)
        assert {(one.status, one.answer.distance) for one in results} == {(Status.OK, 3.0)}
        assert (fake.projects.created, len(fake.texts), fake.count("/reverse")) == (1, ROWS, 0)
        assert_nothing_left(fake, tmp_path)


@pytest.mark.parametrize("kind", ["csv", "gz", "bytes", "tuple", "pandas", "polars"])
def test_inputs_that_can_be_read_twice(fake, options, tmp_path, kind):
    rows = rows_of(ROWS)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode()
    path = tmp_path / f"in.{kind}.csv"
    path.write_bytes(gzip.compress(content) if kind == "gz" else content)
    given: Any = {"csv": path, "gz": str(path), "bytes": content, "tuple": tuple(rows)}.get(kind)
    if given is None:
        given = pytest.importorskip(kind).DataFrame(rows)
    results, report = geocode("sync", fake.url, given, **options)
    assert_whole(results, rows)
    assert (fake.projects.created, len(fake.texts), report.total) == (1, ROWS, ROWS)


def test_progress_tells_of_the_project(colour, fake, options):
    told: list[Progress] = []
    fake.projects.polls = 30
    fake.faults.append(Fault(path="/async/projects/", method="GET", delay=0.03, times=None))
    geocode(colour, fake.url, rows_of(ROWS), progress=told.append, **options)
    waiting = [one for one in told if not one.done]
    assert len(waiting) > 2
    assert [one.requests for one in told] == sorted(one.requests for one in told)
    assert [one.sent for one in told] == sorted(one.sent for one in told)
    assert waiting[-1].total == ROWS
    assert (told[-1].done, told[-1].sent) == (ROWS, ROWS)


def test_progress_tells_each_step_of_the_project(colour, fake, options, monkeypatch):
    monkeypatch.setattr(ahead, "ANONYMOUS_BYTES", 20_000)
    told: list[Progress] = []
    geocode(colour, fake.url, rows_of(ROWS), progress=told.append, **options)
    steps = [one.project for one in told if one.project is not None]
    assert told[len(steps)].project is None, "a project that is over"
    assert steps[0] == ProjectProgress(ProjectStep.COLLECTING, 0, ROWS)
    others = [one for one in steps if one.step is not ProjectStep.COLLECTING]
    assert {one.rows_total for one in others} == {ROWS}
    assert [one.rows_read for one in others] == sorted(one.rows_read for one in others)
    assert others[-1] == ProjectProgress(ProjectStep.FETCHING, ROWS, ROWS)
    order = [step for step, _ in groupby(one.step for one in others)]
    assert order == [ProjectStep.SENDING, ProjectStep.WORKING, ProjectStep.FETCHING] * 3  # files
    assert all(one.seconds_left is None for one in told[: len(steps)])


def test_the_time_of_a_project_says_nothing_of_the_rows(fake, options):
    told: list[Progress] = []
    fake.projects.polls = 10
    fake.faults.append(Fault(path="/async/projects/", method="GET", delay=0.1, times=None))
    geocode("sync", fake.url, rows_of(ROWS), progress=told.append, **options)
    assert told[-1].seconds > 1
    assert told[-1].rows_per_second > 2 * ROWS / told[-1].seconds


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("idle", ProjectStep.SENDING),
        ("waiting", ProjectStep.WAITING),
        ("processing", ProjectStep.WORKING),
        ("completed", ProjectStep.FETCHING),
        ("new one day", ProjectStep.WORKING),
    ],
)
def test_what_the_service_says_of_a_project(status, step):
    project = Project.model_validate({"id": "a", "status": status})
    assert (step_of(project), rows_read(project)) == (step, 0)


def test_the_rows_that_the_service_has_read():
    for told, rows in (({"readRows": 120, "totalRows": 400}, 120), ({"readRows": None}, 0), (None, 0)):
        processing = {"step": "geocoding", "geocodingProgress": told}
        project = Project.model_validate({"id": "a", "status": "processing", "processing": processing})
        assert rows_read(project) == rows


# ---- several files -------------------------------------------------------------------------------------------


def test_what_is_too_large_for_a_file_goes_in_several(colour, fake, options, tmp_path, monkeypatch):
    monkeypatch.setattr(ahead, "ANONYMOUS_BYTES", 12_000)
    results, report = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert {one.origin for one in results} == {Origin.SERVICE}
    sizes = [upload.size for upload in uploads(fake)]
    assert len(sizes) == fake.projects.created == fake.projects.jobs > 3
    assert all(11_900 < size <= 12_000 for size in sizes[:-1])
    assert (len(set(fake.texts)), len(fake.texts), report.sent) == (ROWS, ROWS, ROWS)
    assert_nothing_left(fake, tmp_path)


def test_a_service_that_takes_less_is_given_less(colour, options, tmp_path, monkeypatch):
    monkeypatch.setitem(geopf_projects._UNITS, "KB", 1024)
    monkeypatch.setattr(ahead, "SMALLEST_BYTES", 1000)
    with FakeGeopf(answer=every_address, bearer="jeton", communities={"acme": "20KB"}) as fake:
        client = {"auth": StaticBearer("jeton")}
        results, _ = geocode(colour, fake.url, rows_of(ROWS), client=client, community="acme", **options)
        assert {one.origin for one in results} == {Origin.SERVICE}
        assert len(uploads(fake)) > 1
        assert max(upload.size for upload in uploads(fake)) <= 20 * 1024
        assert (len(set(fake.texts)), len(fake.texts)) == (ROWS, ROWS)
        assert all(
            each.headers["x-community"] == "acme"
            for each in fake.requests
            if each.method == "POST" and each.path == "/async/projects"
        )
        assert_nothing_left(fake, tmp_path)


# ---- refused ---------------------------------------------------------------------------------------------------


def cursor(tmp_path: Path) -> Any:
    connection = sqlite3.connect(":memory:")
    return connection.execute("SELECT '12 rue des Lilas' AS adresse")


@pytest.mark.parametrize(
    "rows",
    [
        lambda path: iter(rows_of(5)),
        lambda path: (row for row in rows_of(5)),
        lambda path: io.BytesIO(b"adresse\n12 rue des Lilas\n"),
        lambda path: (path / "in.csv").open("rb"),
        cursor,
    ],
    ids=["iterator", "generator", "memory file", "open file", "cursor"],
)
def test_rows_that_can_be_read_once_are_refused(fake, options, tmp_path, rows):
    (tmp_path / "in.csv").write_text("adresse\n12 rue des Lilas\n")
    given = rows(tmp_path)
    with pytest.raises(InvalidRequest, match="read twice") as raised:
        geocode("sync", fake.url, given, **options)
    assert raised.value.field == "project_rows"
    assert fake.requests == []
    assert not options["journal"].exists()
    if hasattr(given, "close"):
        given.close()


def test_an_async_iterable_is_refused(fake, options):
    async def rows() -> Any:
        yield rows_of(1)[0]

    with pytest.raises(InvalidRequest, match="read twice"):
        geocode("asyncio", fake.url, rows(), **options)


@pytest.mark.parametrize("journal", [None, "temporary"])
def test_a_journal_on_a_file_is_needed(fake, tmp_path, journal):
    (tmp_path / "in.csv").write_text("adresse\n12 rue des Lilas\n")
    given = Journal() if journal else None
    with pytest.raises(InvalidRequest, match="a journal on a file"):
        geocode("sync", fake.url, tmp_path / "in.csv", project_rows=1, journal=given)
    if given is not None:
        given.close()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"project_rows": 0}, InvalidRequest),
        ({"project_rows": None, "community": "acme"}, InvalidRequest),
        ({"community": "acme"}, ConfigurationError),
        ({"client": {"dialect": "addok"}}, InvalidRequest),
        ({"client": {"base_url": "http://geocodeur.example.org"}}, ConfigurationError),
    ],
    ids=["no rows", "only a community", "a community without a token", "addok", "not over https"],
)
def test_what_can_not_be_is_refused(fake, options, changed, error):
    with pytest.raises(error) as raised:
        geocode("sync", fake.url, rows_of(5), **{**options, **changed})
    assert isinstance(raised.value, FrgovError)
    assert fake.requests == []
    assert not options["journal"].exists()
