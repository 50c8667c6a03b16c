"""A run with a project survives its own death: nothing is asked twice."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bulk_parts import SETTINGS, assert_whole, every_address, geocode, rows_of
from project_run_parts import KILLED, ROWS, assert_nothing_left, drive, interrupted, uploads

from frgov_clients.ban import BanClient
from frgov_clients.ban.bulk import ahead
from frgov_clients.ban.bulk.ahead_questions import Questions
from frgov_clients.ban.bulk.journal import JournalError
from frgov_clients.ban.bulk.model import Origin
from frgov_clients.errors import ConfigurationError
from frgov_clients.testing.geopf import FakeGeopf, Fault

pytestmark = pytest.mark.usefixtures("short_pauses")


PROGRAM = """
import resource, signal, sys
sys.path.insert(0, {tests!r})
from bulk_parts import rows_of
from frgov_clients.ban import BanClient
from frgov_clients.ban.bulk import ahead
ahead.POLL = (0.005, 0.02)
limit = {limit}
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
with BanClient(base_url={url!r}, dialect="geopf", limiters={{"geocoding": None}}) as ban:
    run = ban.geocode_many(rows_of({rows}), journal={journal!r}, project_rows=1000)
    try:
        print(sum(1 for _ in run), flush=True)
    except Exception as error:
        print(type(error).__name__, str(error), flush=True)
"""


def program(fake: FakeGeopf, journal: Path, limit: int = 0) -> subprocess.Popen[str]:
    code = PROGRAM.format(tests=str(Path(__file__).parent), url=fake.url, journal=str(journal), rows=ROWS, limit=limit)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def has_come(fake: FakeGeopf, method: str, ending: str) -> Callable[[], bool]:
    return lambda: any(each.method == method and each.path.endswith(ending) for each in list(fake.requests))


@pytest.mark.parametrize("ending", ["pipeline", "start"])
def test_killed_while_the_project_is_there_and_run_again(colour, fake, options, tmp_path, ending):
    fake.projects.polls = 10_000 if ending == "start" else 1
    if ending == "pipeline":
        fake.faults.append(Fault(path="/async", method="POST", skip=1, delay=5.0, when=lambda it: "start" in it.path))
        fake.faults.append(Fault(path="/async", method="PUT", skip=1, delay=0.3))
    with program(fake, options["journal"]) as process:
        end = time.monotonic() + 30
        while not has_come(fake, "POST" if ending == "start" else "PUT", ending)():
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.001)
        time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    time.sleep(0.5)
    for project in fake.projects.all():
        project.polls_left = 0
    fake.faults.clear()
    results, report = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert {one.origin for one in results} == {Origin.SERVICE}
    assert (fake.projects.created, fake.projects.jobs, len(uploads(fake))) == (1, 1, 1)
    assert (len(set(fake.texts)), len(fake.texts), fake.count("/search")) == (ROWS, ROWS, 0)
    assert report.sent == ROWS
    assert_nothing_left(fake, tmp_path)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_closed_at_every_step_and_run_again(late, tmp_path, monkeypatch):
    """Two files, six rows: nothing is asked twice, and nothing is left but a project whose token nobody learnt."""
    rows = rows_of(6)
    monkeypatch.setattr(ahead, "ANONYMOUS_BYTES", 150)
    steps, twice = 0, 0
    for most in range(1000):
        folder = tmp_path / f"{most}"
        folder.mkdir()
        options: dict[str, Any] = {"journal": folder / "journal.sqlite", "project_rows": 4}
        with FakeGeopf(answer=every_address, polls=1) as fake, BanClient(base_url=fake.url, **SETTINGS) as ban:
            run = ban.geocode_many(rows, **options)._run_of
            drive(ban, run.open(), -1, late=False)
            story = run._plan.ahead.play(run.report, lambda: None)
            outcome = drive(ban, story, most, late=late)
            drive(ban, run.close(), -1, late=False)
            known = fake.projects.all()
            results, _ = geocode("sync", fake.url, rows, **options)
            assert_whole(results, rows)
            assert (len(set(fake.texts)), len(fake.texts)) == (6, 6), most
            assert fake.projects.jobs == 2
            assert fake.count("/search") == 0
            lost = fake.projects.created - 2
            assert lost in ((0, 1) if len(known) == 1 and known[0].input is None else (0,)), most
            twice += lost
            for project in [each for each in fake.projects.all() if each.input is None]:
                fake.projects.delete(project)
            assert_nothing_left(fake, folder)
        if outcome is not KILLED:
            break
        steps += 1
    assert steps > 40
    assert twice == 2  # a process that dies before it has written down the token: once for each file


def test_an_unfinished_project_is_finished_whatever_the_input_is_now(colour, fake, options, tmp_path):
    interrupted(fake, options)
    others = rows_of(20, first=5000)
    results, _ = geocode(colour, fake.url, others, **options)
    assert_whole(results, others)
    assert fake.projects.created == 1
    assert Counter(one.origin for one in results) == {Origin.SERVICE: 20}
    results, _ = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert {one.origin for one in results} == {Origin.JOURNAL}
    assert len(fake.texts) == ROWS + 20
    assert_nothing_left(fake, tmp_path)


@pytest.mark.parametrize("what", ["questions", "layout", "journal"])
def test_half_of_what_was_kept_is_gone(fake, options, tmp_path, what):
    """Nobody can use that project any more: it is deleted where its token is known, and all is asked anew."""
    interrupted(fake, options)
    fake.projects.all()[0].status = "completed"
    questions = tmp_path / "journal.sqlite.project/questions.sqlite"
    if what == "questions":
        questions.unlink()
    elif what == "layout":  # another version of the package, which keeps one more field
        with contextlib.closing(sqlite3.connect(questions, isolation_level=None)) as base:
            base.execute("UPDATE work SET value = json_set(value, '$.more', 1)")
            base.execute("ALTER TABLE asks ADD COLUMN more TEXT")
            base.execute("PRAGMA user_version = 2")
    else:
        for path in tmp_path.glob("journal.sqlite*"):
            if path.is_file():
                path.unlink()
    results, _ = geocode("sync", fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert fake.projects.created == 2
    assert len(fake.projects) == (1 if what == "journal" else 0)
    assert not (tmp_path / "journal.sqlite.project").exists()


def test_the_token_of_a_project_goes_to_its_own_server_alone(fake, options, tmp_path):
    interrupted(fake, options)
    (project,) = fake.projects.all()
    with FakeGeopf(answer=every_address) as other:
        results, _ = geocode("sync", other.url, rows_of(ROWS), **options)
        assert_whole(results, rows_of(ROWS))
        assert other.projects.created == 1
        told = repr([(each.path, each.headers, each.body) for each in other.requests])
        assert project.token not in told
        assert project.id not in told
        assert_nothing_left(other, tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE")
@pytest.mark.parametrize(("limit", "created"), [(40_000, 0), (100_000, 1)], ids=["questions", "answers"])
def test_a_full_disk_is_told_and_loses_nothing(fake, options, tmp_path, limit, created):
    with program(fake, options["journal"], limit) as process:
        told = process.communicate(timeout=60)[0]
    assert "JournalError" in told
    assert "journal.sqlite" in told
    assert str(tmp_path) not in told
    assert fake.projects.created == created
    results, _ = geocode("sync", fake.url, rows_of(ROWS), **options)
    assert_whole(results, rows_of(ROWS))
    assert (fake.projects.created, len(fake.texts), fake.count("/search")) == (1, ROWS, 0)
    assert_nothing_left(fake, tmp_path)


def test_a_second_process_is_refused_while_one_is_at_it(colour, fake, options, tmp_path):
    folder = tmp_path / "journal.sqlite.project"
    first = Questions(folder / "questions.sqlite")
    first.open()
    with pytest.raises(JournalError, match=r"journal\.sqlite\.project.*another process") as raised:
        geocode(colour, fake.url, rows_of(ROWS), **options)
    assert raised.value.retryable
    assert str(tmp_path) not in str(raised.value)
    assert fake.requests == []
    first.close()
    results, _ = geocode(colour, fake.url, rows_of(ROWS), **options)
    assert len(results) == ROWS


def their_database(file: Path) -> None:
    theirs = sqlite3.connect(file)
    theirs.execute("PRAGMA journal_mode = WAL").fetchall()
    theirs.execute("CREATE TABLE mine (value TEXT)")
    theirs.close()


@pytest.mark.parametrize("make", [their_database, lambda file: file.write_text("mine")], ids=["a database", "a text"])
def test_files_of_others_are_left_alone(fake, options, tmp_path, make):
    file = tmp_path / "journal.sqlite.project" / "questions.sqlite"
    file.parent.mkdir()
    make(file)
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match="of others"):
        geocode("sync", fake.url, rows_of(ROWS), **options)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
    assert fake.requests == []


def test_the_questions_are_private(tmp_path):
    questions = Questions(tmp_path / "journal.sqlite.project" / "questions.sqlite")
    questions.open()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (questions.path.parent, questions.path)]
    questions.close()
    assert modes == [0o700, 0o600]
