"""What a run survives: each test counts the rows in and the rows out, and what was sent again."""

from __future__ import annotations

from collections import Counter

import pytest
from bulk_parts import assert_whole, geocode, rows_of

from frgov_clients.ban.bulk.model import Status
from frgov_clients.errors import AuthenticationError, NotFound
from frgov_clients.testing.geopf import Fault

ROWS = rows_of(1200)


def counted(results) -> Counter[str]:
    return Counter(str(one.status) for one in results)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="/search/csv", cut_after_rows=60, skip=1),
        Fault(path="/search/csv", cut_after_rows=0, times=2),
        Fault(path="/search/csv", error_rows=0.8),
        Fault(path="/search/csv", error_rows=1.0, times=2),
        Fault(path="/search/csv", status=502, html=True, times=2),
        Fault(path="/search/csv", status=503, times=3),
        Fault(path="/search/csv", status=504, times=1, skip=1),
        Fault(path="/search/csv", status=500, times=2),
        Fault(path="/search/csv", status=429, retry_after=1, times=2),
        Fault(path="/search/csv", html=True, times=2),
        Fault(path="/search/csv", empty=True, times=2),
        Fault(path="/search/csv", close=True, times=2),
        Fault(path="/search/csv", lost=True, times=2),
    ],
    ids=lambda fault: "-".join(
        f"{name}={value}" for name in fault.__slots__ if name != "path" and (value := getattr(fault, name))
    ),
)
def test_a_service_that_fails_for_a_while(colour, fake, fault):
    fake.faults.append(fault)
    results, report = geocode(colour, fake.url, ROWS, in_flight=2)
    assert_whole(results, ROWS)
    assert counted(results) == {"ok": 1200}
    assert report.complete
    assert not fake.faults, "the fault never happened"


def test_only_what_is_missing_is_sent_again_after_a_cut(fake):
    fake.faults.append(Fault(path="/search/csv", cut_after_rows=150))
    results, report = geocode("sync", fake.url, ROWS, in_flight=1, lot_rows=600)
    assert_whole(results, ROWS)
    assert counted(results) == {"ok": 1200}
    assert report.retried > 0
    assert report.sent == 1200 + report.retried
    again = [text for text, times in Counter(fake.texts).items() if times > 1]
    assert len(again) <= report.retried


def test_a_service_that_counts_other_rows_than_it_answers(colour, fake):
    fake.faults.append(Fault(path="/search/csv", rows_count=199, times=2))
    results, report = geocode(colour, fake.url, ROWS)
    assert_whole(results, ROWS)
    assert counted(results) == {"ok": 1200}
    assert report.notes == {"rows_count_differs": 2}
    assert report.sent == 1200  # every key came, with its question: there is nothing to ask again


def test_an_outage_is_told_once_and_so_is_its_end(colour, fake, caplog, monkeypatch):
    monkeypatch.setattr("frgov_clients.ban.bulk.pace._WORTH_TELLING", 0.2)
    caplog.set_level("WARNING", "frgov_clients.ban")
    fake.faults.append(Fault(path="/search", status=503, times=12))
    results, report = geocode(colour, fake.url, ROWS)
    assert counted(results) == {"ok": 1200}
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert told[0].startswith("the service does not answer, and is waited for (ban.search_lot: ")
    assert "503" in told[0]
    assert told[1] == "the service answers again"
    assert "503" in report.last_error


def test_a_service_that_is_gone_is_told(colour, caplog):
    caplog.set_level("WARNING", "frgov_clients.ban")
    results, report = geocode(colour, "http://127.0.0.1:9", ROWS, patience=0.5)
    assert counted(results) == {"failed": 1200}
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.startswith("the service did not answer for too long: what is left is not asked any more (")
    assert "refused" in report.last_error


def test_only_rows_in_error_are_sent_again(colour, fake):
    fake.faults.append(Fault(path="/search/csv", error_rows=lambda text: text.startswith("7 ")))
    results, report = geocode(colour, fake.url, ROWS, in_flight=1)
    assert counted(results) == {"ok": 1200}
    assert report.retried == 8
    assert sum(times - 1 for times in Counter(fake.texts).values()) == 8


def test_one_row_that_breaks_the_service_is_found_and_the_others_are_saved(colour, fake):
    fake.faults.append(Fault(when=lambda request: b"77 RUE PASTEUR" in request.body, status=500, times=None))
    fake.faults.append(
        Fault(when=lambda request: "77 RUE PASTEUR" in request.query.get("q", ""), status=500, times=None)
    )
    results, report = geocode(colour, fake.url, ROWS, in_flight=2, attempts=3)
    assert_whole(results, ROWS)
    failed = [one for one in results if one.status is Status.FAILED]
    assert [one.row["adresse"] for one in failed] == ["77 rue PASTEUR"]
    assert failed[0].reason == "http_500"
    assert report.complete


def test_a_row_that_always_ends_in_error_is_given_up(fake):
    fake.faults.append(Fault(path="/search/csv", error_rows=lambda text: text.startswith("9 "), times=None))
    fake.faults.append(
        Fault(path="/search", when=lambda request: request.query.get("q", "").startswith("9 "), status=500, times=None)
    )
    results, _ = geocode("sync", fake.url, ROWS, attempts=2)
    assert_whole(results, ROWS)
    assert counted(results) == {"ok": 1192, "failed": 8}
    assert {one.reason for one in results if one.status is Status.FAILED} <= {"row_error", "http_500"}


def test_a_service_that_stays_down_is_given_up_and_every_row_is_told(colour, fake):
    fake.faults.append(Fault(status=503, times=None))
    results, report = geocode(colour, fake.url, ROWS, patience=1.5)
    assert_whole(results, ROWS)
    assert counted(results) == {"failed": 1200}
    assert report.gave_up
    assert not report.complete
    assert len(fake.requests) < 40


def test_a_service_that_goes_down_in_the_middle(fake):
    fake.faults.append(Fault(status=503, times=None, skip=4))
    results, report = geocode("sync", fake.url, ROWS, patience=1.0, lot_rows=100, in_flight=2)
    assert_whole(results, ROWS)
    assert counted(results) == {"ok": 400, "failed": 800}
    assert report.gave_up


def test_nobody_listens(colour):
    from scripted import dead_url

    results, report = geocode(colour, dead_url(), ROWS[:50], patience=1.0)
    assert counted(results) == {"failed": 50}
    assert report.gave_up


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (404, NotFound)])
def test_a_service_that_refuses_everything_ends_the_run(colour, fake, status, error):
    fake.faults.append(Fault(status=status, times=None))
    with pytest.raises(error):
        geocode(colour, fake.url, ROWS)
    assert len(fake.requests) < 10


def test_a_request_that_takes_too_long_is_halved(fake):
    fake.faults.append(Fault(path="/search/csv", delay=3, times=1))
    results, report = geocode("sync", fake.url, ROWS[:300], timeout=0.5, in_flight=1, lot_rows=300)
    assert counted(results) == {"ok": 300}
    assert report.retried >= 100


def test_connections_that_are_killed_under_way(fake):
    seen = []

    def progress(state):
        seen.append(state.done)
        if len(seen) in (2, 4):
            fake.kill_connections()

    rows = rows_of(6000)
    results, _ = geocode("sync", fake.url, rows, progress=progress, lot_rows=300)
    assert_whole(results, rows)
    assert counted(results) == {"ok": 6000}


def test_the_quota_of_the_service_is_kept(fake):
    fake.limit.most = 50
    results, _ = geocode("sync", fake.url, rows_of(600), lot_rows=10, client={"limiters": {}})
    assert counted(results) == {"ok": 600}
    assert len(fake.requests) >= 60
