"""A project that comes to nothing, or to a part: the rest is asked by requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from bulk_parts import assert_whole, every_address, geocode, rows_of
from project_run_parts import ROWS, assert_nothing_left, interrupted

from frgov_clients.ban.bulk.model import Origin, Status
from frgov_clients.errors import DeadlineExceeded, InvalidRequest, PermissionDenied
from frgov_clients.testing import geopf_projects
from frgov_clients.testing.geopf import FakeGeopf, Fault
from frgov_clients.transport.auth import StaticBearer

pytestmark = pytest.mark.usefixtures("short_pauses")


def test_a_project_that_fails_leaves_all_to_requests(colour, fake, options, tmp_path, caplog):
    fake.faults.append(Fault(path="/async", when=lambda it: it.path.endswith("/start"), job_error="12 rue des Lilas"))
    results, report = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert {one.status for one in results} == {Status.OK}
    assert (fake.projects.created, len(fake.texts)) == (1, ROWS)
    assert fake.count("/search/csv") > 0
    assert report.requests == len(fake.requests)
    assert "came to nothing" in caplog.text
    assert "Lilas" not in caplog.text
    assert_nothing_left(fake, tmp_path)


def test_a_project_that_is_lost_once_is_made_anew(colour, fake, options, tmp_path):
    interrupted(fake, options)
    fake.projects.forget()
    results, _ = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert (fake.projects.created, len(fake.texts), fake.count("/search")) == (2, ROWS, 0)
    assert_nothing_left(fake, tmp_path)


def test_projects_that_are_lost_again_and_again_leave_all_to_requests(colour, fake, options, tmp_path):
    fake.faults.append(Fault(path="/async/projects/", method="GET", status=404, times=None))
    results, _ = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert (fake.projects.created, len(fake.texts)) == (3, ROWS)
    assert fake.count("/search/csv") > 0


def test_rows_that_failed_in_the_project_are_asked_by_requests(colour, fake, options, tmp_path):
    fake.faults.append(Fault(path="/async", when=lambda it: it.path.endswith("/start"), error_rows=0.25))
    results, report = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert {(one.status, one.origin) for one in results} == {(Status.OK, Origin.SERVICE)}
    assert Counter(Counter(fake.texts).values()) == {1: ROWS * 3 // 4, 2: ROWS // 4}
    assert report.sent == len(fake.texts)
    assert fake.projects.created == 1
    assert_nothing_left(fake, tmp_path)


def without_some(lines: list[bytes]) -> list[bytes]:
    return [line for number, line in enumerate(lines) if number % 3 != 2]


OUTPUTS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]] = {
    "cut in a line": (lambda lines: [*lines[:601], lines[601][:30]], 600),
    "cut at a line": (lambda lines: lines[:601], 600),
    "rows missing": (without_some, ROWS * 2 // 3),
    "another order": (lambda lines: [lines[0], *reversed(lines[1:])], ROWS),
    "a page": (lambda lines: [b"<!doctype html>\n", b"<title>Maintenance</title>\n"], 0),
    "a row twice": (lambda lines: [*lines, lines[5]], 0),
    "a key of nobody": (lambda lines: [*lines, lines[5].replace(b"4,", b"999999,", 1)], 0),
    "no key": (lambda lines: [line.partition(b",")[2] for line in lines], 0),
    "no status": (lambda lines: [lines[0].replace(b"result_status", b"etat"), *lines[1:]], 0),
    "empty": (lambda lines: [], 0),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_that_is_not_whole(fake, options, tmp_path, monkeypatch, name):
    """What can be believed is kept; all else is asked by requests."""
    change, kept = OUTPUTS[name]
    finish = fake.projects._finish

    def finished(project: Any, work: Any) -> None:
        finish(project, work)
        lines = project.output.content.splitlines(keepends=True)
        project.output = geopf_projects.Download(project.output.name, b"".join(change(lines)))

    monkeypatch.setattr(fake.projects, "_finish", finished)
    results, _ = geocode("sync", fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert {(one.status, one.origin) for one in results} == {(Status.OK, Origin.SERVICE)}
    assert [one.answer.housenumber for one in results] == [row["adresse"].split()[0] for row in rows_of(ROWS)]
    assert fake.projects.created == 1
    assert len(fake.texts) == 2 * ROWS - kept
    assert_nothing_left(fake, tmp_path)


def test_a_service_that_is_gone_is_waited_for_and_then_told(colour, fake, options, tmp_path):
    fake.faults.append(Fault(path="/async/projects/", method="GET", skip=3, status=503, times=None))
    fake.projects.polls = 10
    client = {"retries": 0, "circuit": None}
    with pytest.raises(DeadlineExceeded, match="run again") as raised:
        geocode(colour, fake.url, rows_of(ROWS), client=client, patience=0.2, **options)
    assert raised.value.retryable
    assert fake.count("/search") == 0
    fake.faults.clear()
    results, _ = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert (fake.projects.created, fake.projects.jobs, len(fake.texts)) == (1, 1, ROWS)
    assert_nothing_left(fake, tmp_path)


def test_trouble_that_passes_is_no_news(colour, fake, options, tmp_path):
    fake.faults.append(Fault(path="/async", status=503, skip=1, times=2))
    fake.faults.append(Fault(path="/async", close=True, skip=3, times=1))
    fake.faults.append(Fault(path="/async", html=True, skip=2, times=1))
    results, _ = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert (fake.projects.created, len(fake.texts), fake.count("/search")) == (1, ROWS, 0)
    assert_nothing_left(fake, tmp_path)


def test_a_wrong_community_is_told(colour, options, tmp_path):
    with FakeGeopf(answer=every_address, bearer="jeton") as fake:
        client = {"auth": StaticBearer("jeton")}
        with pytest.raises(PermissionDenied):
            geocode(colour, fake.url, rows_of(ROWS), client=client, community="autre", **options)
        assert fake.texts == []
        results, _ = geocode(colour, fake.url, rows_of(ROWS), client=client, community="acme", **options)
        assert_whole(results, rows_of(ROWS))
        assert len(fake.texts) == ROWS
        assert_nothing_left(fake, tmp_path)


def test_an_input_that_can_not_be_read_to_its_end_is_told_before_anything_is_sent(fake, options, tmp_path):
    path = tmp_path / "in.csv"
    lines = [f"{row['adresse']};90000;BELFORT" for row in rows_of(ROWS)]
    path.write_text("\n".join(["adresse;cp;ville", *lines, '"12 rue', *lines]))
    with pytest.raises(InvalidRequest, match="line 1202"):
        geocode("sync", fake.url, path, **options)
    assert fake.requests == []
    assert_nothing_left(fake, tmp_path)
