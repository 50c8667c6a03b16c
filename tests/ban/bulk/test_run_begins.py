"""A run opens nothing before it begins, holds no event loop up when it does, and closes all that it has opened."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gzip
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import anyio
import pandas as pd
import polars as pl
import pytest
import trio
from bulk_parts import COLOURS, SETTINGS, geocode, rows_of

from frgov_clients.ban import AsyncBanClient, BanClient, Journal
from frgov_clients.ban.bulk.ahead_questions import Questions, Work
from frgov_clients.ban.bulk.journal import JournalError
from frgov_clients.ban.bulk.model import Origin
from frgov_clients.errors import ClientClosed, ConfigurationError, InvalidRequest

RUNS = pytest.mark.parametrize("run", [asyncio.run, lambda story: trio.run(lambda: story)], ids=["asyncio", "trio"])
TEXT = "id;adresse;cp;ville\n1;4 rue des Lilas;90000;BELFORT\n2;5 rue des Lilas;90000;BELFORT\n"


@pytest.fixture(params=["sync", "async"])
def made(request, fake):
    """A call that only makes a run."""
    client = (BanClient if request.param == "sync" else AsyncBanClient)(base_url=fake.url, **SETTINGS)
    return client.geocode_many


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def open_files(folder: Path) -> list[str]:
    """The files below a folder that this process has open."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            found.append(str(link.readlink()))
    return sorted(target for target in found if target.startswith(str(folder)))


linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc")


# ---- made, and never begun -----------------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("more", [{}, {"project_rows": 1}], ids=["plain", "project"])
@pytest.mark.parametrize("kind", ["path", "gz", "list", "frame"])
def test_a_run_that_is_never_begun_holds_nothing(made, source, tmp_path, kind, more):
    given: Any = {"path": source, "list": rows_of(3), "frame": pd.DataFrame(rows_of(3))}.get(kind)
    if kind == "gz":
        given = tmp_path / "in.csv.gz"
        given.write_bytes(gzip.compress(TEXT.encode()))
    before = sorted(tmp_path.iterdir())
    run = made(given, journal=tmp_path / "journal.sqlite", **more)
    assert open_files(tmp_path) == []
    assert sorted(tmp_path.iterdir()) == before
    assert run.columns is None
    assert (run.report.rows, run.report.total) == (0, None)


def test_an_iterable_is_not_begun_and_a_journal_not_told(made, source):
    class Rows:
        def __iter__(self):
            raise AssertionError("begun")

    made(Rows())
    with Journal() as journal:
        made(source, journal=journal)
        journal.serve("another service")


# ---- what the call tells at once -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "options", "error"),
    [
        ("none.csv", {}, FileNotFoundError),
        ("in.csv/none.csv", {}, NotADirectoryError),
        (".", {}, IsADirectoryError),
        ("in.csv", {"delimiter": ";;"}, InvalidRequest),
        ("in.csv", {"encoding": "utf-99"}, InvalidRequest),
        ("in.csv", {"max_age": -1}, InvalidRequest),
        ("in.csv", {"max_age": "90"}, InvalidRequest),
        ("in.csv", {"max_age": "90d"}, InvalidRequest),
        ("in.csv", {"max_age": True}, InvalidRequest),
        ("in.csv", {"max_age": 90, "journal": None}, InvalidRequest),
        ("in.csv", {"patience": "5 min"}, InvalidRequest),
        ("in.csv", {"patience": dt.timedelta()}, InvalidRequest),
        ("in.csv", {"progress": True}, InvalidRequest),
        ("in.csv", {"journal": ":memory:"}, ConfigurationError),
        ("in.csv", {"journal": 3}, InvalidRequest),
        ("in.csv", {"journal": b"journal.sqlite"}, InvalidRequest),
        ("in.csv", {"journal": 3, "max_age": 90}, InvalidRequest),
        ("in.csv", {"journal": 3, "project_rows": 1}, InvalidRequest),
        ("in.csv", {"project_rows": "x"}, InvalidRequest),
        ("in.csv", {"project_rows": 1.5}, InvalidRequest),
        ("in.csv", {"project_rows": True}, InvalidRequest),
        ("in.csv", {"project_rows": 0}, InvalidRequest),
        ("in.csv", {"ladder": "no"}, InvalidRequest),
        ("in.csv", {"ladder": None}, InvalidRequest),
        ("in.csv", {"columns": {"adress": "adresse"}}, InvalidRequest),
        ("adresse\n4 rue des Lilas", {}, InvalidRequest),
        ({"adresse": "4 rue des Lilas"}, {}, InvalidRequest),
        (12, {}, InvalidRequest),
        ([], {"encoding": "utf-8"}, InvalidRequest),
        (pl.DataFrame({"a": [1]}).lazy(), {}, InvalidRequest),
        (pd.Series([1]), {}, InvalidRequest),
    ],
    ids=lambda value: "" if isinstance(value, dict | type) else type(value).__name__,
)
def test_what_is_wrong_with_the_arguments(made, source, tmp_path, rows, options, error):
    given = str(tmp_path / rows) if isinstance(rows, str) and "\n" not in rows else rows
    with pytest.raises(error) as raised:
        made(given, **{"journal": tmp_path / "journal.sqlite", **options})
    if isinstance(raised.value, OSError):
        assert raised.value.filename == given
    assert sorted(tmp_path.iterdir()) == [source]


def test_a_run_says_whether_it_has_begun(made, source):
    run = made(source)
    assert repr(run).removeprefix("<Async").removeprefix("<").startswith("Geocoding, not begun: iterate over it, or")


def test_seconds_may_be_a_timedelta(made, source, tmp_path):
    minute = dt.timedelta(minutes=1)
    made(source, patience=minute, timeout=minute, lot_seconds=minute, max_age=minute, journal=tmp_path / "j.sqlite")


def test_a_cursor_without_a_query(made):
    with sqlite3.connect(":memory:") as base, pytest.raises(InvalidRequest, match="Execute a query"):
        made(base.cursor())
    base.close()


def test_a_file_that_may_not_be_read(made, source, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode, **more: False)
    with pytest.raises(PermissionError, match=r"in\.csv"):
        made(source)


def test_an_async_iterable_is_refused_by_the_blocking_client_and_no_journal_made(fake, tmp_path):
    async def rows():
        yield {}

    with BanClient(base_url=fake.url, **SETTINGS) as ban, pytest.raises(InvalidRequest, match="async"):
        ban.geocode_many(rows(), journal=tmp_path / "journal.sqlite")
    assert not list(tmp_path.iterdir())


# ---- what only the beginning tells ---------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("colour", COLOURS)
def test_a_beginning_that_fails_half_way_closes_all(colour, fake, source, tmp_path):
    journal = tmp_path / "journal.sqlite"
    journal.write_bytes(b"no journal" * 100)
    with pytest.raises(ConfigurationError, match="no journal of this package"):
        geocode(colour, fake.url, source, journal=journal)
    source.write_bytes(b"PK\x03\x04")
    with pytest.raises(InvalidRequest, match="a CSV file"):
        geocode(colour, fake.url, source, journal=tmp_path / "other.sqlite")
    assert open_files(tmp_path) == []
    assert not (tmp_path / "other.sqlite").exists()
    assert fake.requests == []


@pytest.mark.parametrize("colour", COLOURS)
def test_a_file_that_went_away_meanwhile(colour, fake, source, monkeypatch):
    def gone(self):
        source.unlink()
        yield from beginning(self)

    from frgov_clients.ban.bulk.engine import Run

    beginning = Run.open
    monkeypatch.setattr(Run, "open", gone)
    with pytest.raises(FileNotFoundError):
        geocode(colour, fake.url, source)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_run_counts_from_its_beginning(colour, fake, tmp_path):
    """Made beside another one, and begun after it: what that one was answered is nothing of this run."""
    options = {"journal": tmp_path / "journal.sqlite"}

    def both(ban):
        return [ban.geocode_many(rows_of(20), **options) for _ in range(2)]

    async def story():
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban:
            first, second = both(ban)
            await first.all()
            await anyio.sleep(0.3)
            return await second.all(), second.report

    if colour == "sync":
        with BanClient(base_url=fake.url, **SETTINGS) as ban:
            first, second = both(ban)
            first.all()
            time.sleep(0.3)
            results, report = second.all(), second.report
    else:
        results, report = asyncio.run(story()) if colour == "asyncio" else trio.run(story)
    assert {one.origin for one in results} == {Origin.JOURNAL}
    assert report.seconds < 0.3


# ---- no event loop stands still ------------------------------------------------------------------------------


async def longest_pause(work: Any) -> float:
    """How long the loop stood still at most while `work` went on."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            began = time.monotonic()
            await anyio.sleep(0.01)
            longest = max(longest, time.monotonic() - began)

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await anyio.sleep(0.02)
        await work()
        group.cancel_scope.cancel()
    return longest


@contextlib.contextmanager
def held_for(seconds: float, journal: Path):
    """A journal that another connection keeps locked for a while; at the end it is free again."""
    Journal(journal).close()
    other = sqlite3.connect(journal, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(seconds, other.rollback)
    release.start()
    try:
        yield
    finally:
        release.join()
        other.close()


@RUNS
def test_a_journal_that_another_process_holds_does_not_stop_the_loop(run, fake, source, tmp_path):
    async def story() -> float:
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban:
            return await longest_pause(lambda: ban.geocode_many(source, journal=tmp_path / "journal.sqlite").all())

    with held_for(1.5, tmp_path / "journal.sqlite"):
        assert run(story()) < 0.9


@RUNS
def test_a_file_that_is_slow_to_open_does_not_stop_the_loop(run, fake, tmp_path):
    pipe = tmp_path / "in.csv"
    os.mkfifo(pipe)
    threading.Timer(1.5, lambda: pipe.write_text(TEXT, encoding="utf-8")).start()

    async def story() -> float:
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban:
            return await longest_pause(lambda: ban.geocode_many(pipe).all())

    assert run(story()) < 0.9
    assert len(fake.texts) == 2


@linux
def test_a_task_that_is_cancelled_while_its_run_begins_leaves_nothing_open(fake, tmp_path):
    pipe = tmp_path / "in.csv"
    os.mkfifo(pipe)

    async def story() -> None:
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban:
            task = asyncio.create_task(ban.geocode_many(pipe, journal=tmp_path / "journal.sqlite").all())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pipe.open("w", encoding="utf-8") as writer:  # now it opens, and nobody wants it any more
                writer.write(TEXT)

    asyncio.run(story())
    until = time.monotonic() + 10
    while open_files(tmp_path):  # the thread is on its own
        assert time.monotonic() < until
        time.sleep(0.01)
    assert sorted(tmp_path.iterdir()) == [pipe]


@linux
@RUNS
def test_a_cancelled_beginning_closes_the_journal(run, fake, source, tmp_path):
    async def story() -> bool:
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban:
            with anyio.move_on_after(0.1) as scope:
                await ban.geocode_many(source, journal=tmp_path / "journal.sqlite").all()
            return scope.cancelled_caught

    with held_for(0.5, tmp_path / "journal.sqlite"):
        assert run(story())
    assert open_files(tmp_path) == []
    assert fake.requests == []


def test_what_was_closed_is_not_opened_any_more(tmp_path, source):
    from frgov_clients.ban.bulk.journal import LaterJournal
    from frgov_clients.ban.bulk.reading import rows_of as input_of

    rows = input_of(source, {})
    rows.close()
    with pytest.raises(ClientClosed):
        rows.open()
    journal = LaterJournal(tmp_path / "journal.sqlite")
    journal.close()
    with pytest.raises(ClientClosed):
        journal.open()
    assert sorted(tmp_path.iterdir()) == [source]


def test_the_questions_of_a_project_outlive_a_run_that_ends_while_it_opens_them(tmp_path):
    path = tmp_path / "journal.sqlite.project" / "questions.sqlite"
    work = Work(id="1", server="http://x", kind="search", prefix="f", limit=1)
    questions = Questions(path)
    questions.open()
    questions.begin()
    questions.ready(work)
    questions.close()
    late = Questions(path)
    late.close()
    with pytest.raises(ClientClosed):
        late.open()
    again = Questions(path)
    again.open()
    assert again.work == work
    again.close()


@linux
def test_interrupted_while_it_begins(fake, source, tmp_path, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "open", interrupted)
    with BanClient(base_url=fake.url, **SETTINGS) as ban, pytest.raises(KeyboardInterrupt):
        ban.geocode_many(source, journal=tmp_path / "journal.sqlite").all()
    assert open_files(tmp_path) == []


@pytest.mark.parametrize("colour", COLOURS)
def test_a_journal_that_stays_locked_is_told(colour, fake, source, tmp_path, monkeypatch):
    from frgov_clients.ban.bulk.journal import LaterJournal

    Journal(tmp_path / "journal.sqlite").close()
    making = LaterJournal.__init__
    monkeypatch.setattr(
        LaterJournal, "__init__", lambda self, *args, **more: making(self, *args, busy_timeout=0.1, **more)
    )
    with sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another process"):
            geocode(colour, fake.url, source, journal=tmp_path / "journal.sqlite")
        other.execute("ROLLBACK")
    other.close()
