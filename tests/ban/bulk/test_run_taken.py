"""How rows come into a run and results out of it: streams, cursors, an early end, progress."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
import time
from itertools import pairwise

import pytest
import trio
from bulk_parts import SETTINGS, assert_whole, geocode, rows_of

from frgov_clients.ban import AsyncBanClient
from frgov_clients.ban.bulk.model import Status
from frgov_clients.ban.exchange import Verdict
from frgov_clients.errors import InvalidRequest
from frgov_clients.testing.geopf import Fault


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
        for row in rows_of(40):
            yield row
            time.sleep(0.15)

    began = time.monotonic()
    first = next(iter(ban.geocode_many(rows())))
    assert first.status is Status.OK
    assert time.monotonic() - began < 3  # all of them take 6 s


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


@pytest.mark.parametrize("form", [list, iter], ids=["total known", "total unknown"])
def test_an_incomplete_run_says_so(ban, form):
    run = ban.geocode_many(form(rows_of(3000)), memory_rows=500)
    with run:
        next(iter(run))
    report = run.report
    assert (report.complete, str(report).splitlines()[0]) == (False, "Geocoding: INCOMPLETE")
    assert 0 < report.rows < 3000
    seconds = report.seconds
    time.sleep(0.01)
    assert report.seconds == seconds, "its clock goes on"


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
