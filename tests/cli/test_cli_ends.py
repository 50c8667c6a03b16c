"""Runs that end before their end: interrupted, killed, refused; and what is left of them."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from cli_parts import frgov, left_in, lines_of, read_rows, refused, start, wait_until, write_addresses

from frgov_clients.testing.geopf import FakeGeopf, Fault

ROWS = 1_500


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_addresses(tmp_path / "in.csv", ROWS)


def answered(geocoder: FakeGeopf) -> int:
    return geocoder.rows


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_gone_on(
    number: signal.Signals, source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    target = tmp_path / "out.csv"
    target.write_text("of before", encoding="utf-8")
    geocoder.faults.append(Fault(path="/search/csv", skip=3, delay=20, times=None))
    args = ("ban", "geocode", source, "-o", target, *server)
    program = start(*args)
    wait_until(lambda: geocoder.count("/search/csv") >= 5, program)
    time.sleep(0.3)
    program.send_signal(number)
    out, errors = program.communicate(timeout=15)
    assert program.returncode == 130
    assert out == ""
    assert lines_of(errors)[-1] == (
        f"Interrupted. What was answered is in {target}.journal: run the same command again to go on."
    )
    assert "Traceback" not in errors and "Exception" not in errors
    assert target.read_text(encoding="utf-8") == "of before"
    assert not [name for name in left_in(tmp_path) if name.endswith(".part")]

    known = answered(geocoder)
    assert 0 < known < ROWS
    geocoder.faults.clear()
    geocoder.kill_connections()
    before = len(geocoder.texts)
    assert frgov(*args).returncode == 0
    assert len(geocoder.texts) - before == ROWS - known
    assert [row["id"] for row in read_rows(target)] == [f"n{number}" for number in range(1, ROWS + 1)]
    assert {row["ban_status"] for row in read_rows(target)} == {"ok"}


def test_interrupted_without_a_journal(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    geocoder.faults.append(Fault(path="/search/csv", delay=20, times=None))
    program = start("ban", "geocode", source, "-o", tmp_path / "out.csv", "-q", "--no-resume", *server)
    wait_until(lambda: geocoder.count("/search/csv") >= 1, program)
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=15)
    assert program.returncode == 130
    assert errors == "Interrupted. Nothing was kept: a run without a journal begins anew.\n"
    assert left_in(tmp_path, "in.csv") == []


def test_interrupted_again_and_again_while_it_ends(
    source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    geocoder.faults.append(Fault(path="/search/csv", delay=20, times=None))
    program = start("ban", "geocode", source, "-o", tmp_path / "out.csv", "-q", *server)
    wait_until(lambda: geocoder.count("/search/csv") >= 1, program)
    for _ in range(6):
        program.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _, errors = program.communicate(timeout=15)
    assert program.returncode == 130
    assert len(lines_of(errors)) == 1
    assert errors.startswith("Interrupted.")
    assert not (tmp_path / "out.csv").exists()


def test_killed_and_gone_on(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    target = tmp_path / "out.csv"
    geocoder.faults.append(Fault(path="/search/csv", skip=3, delay=20, times=None))
    args = ("ban", "geocode", source, "-o", target, "-q", *server)
    program = start(*args)
    wait_until(lambda: geocoder.count("/search/csv") >= 5, program)
    time.sleep(0.5)  # what has come is in the journal by now
    program.kill()
    program.communicate(timeout=15)
    assert not target.exists()

    known = answered(geocoder)
    assert 0 < known < ROWS
    geocoder.faults.clear()
    geocoder.kill_connections()
    before = len(geocoder.texts)
    assert frgov(*args).returncode == 0
    assert len(geocoder.texts) - before == ROWS - known
    assert len(read_rows(target)) == ROWS
    assert frgov(*args).returncode == 0
    assert len(geocoder.texts) - before == ROWS - known


def test_two_runs_may_share_a_journal(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    journal = ["--journal", tmp_path / "both.journal", "-q"]
    programs = [start("ban", "geocode", source, "-o", tmp_path / f"{name}.csv", *journal, *server) for name in "ab"]
    for program in programs:
        _, errors = program.communicate(timeout=60)
        assert (program.returncode, errors) == (0, "")
    assert (tmp_path / "a.csv").read_bytes().count(b"\n") == (tmp_path / "b.csv").read_bytes().count(b"\n") == ROWS + 1


# ---- the service refuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_service_that_refuses_everything(status: int, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    geocoder.faults.append(Fault(status=status, times=None))
    source = write_addresses(tmp_path / "in.csv", 30)
    refused(frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "-q", *server), str(status))
    assert not (tmp_path / "out.csv").exists()


def test_an_output_that_was_there_stays_until_the_new_one_is_complete(
    tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    source = write_addresses(tmp_path / "in.csv", 30)
    target = tmp_path / "out.csv"
    target.write_text("of before", encoding="utf-8")
    geocoder.faults.append(Fault(status=403, times=None))
    refused(frgov("ban", "geocode", source, "-o", target, "-q", *server), "403")
    assert target.read_text(encoding="utf-8") == "of before"
    geocoder.faults.clear()
    assert frgov("ban", "geocode", source, "-o", target, *server).returncode == 0
    assert len(read_rows(target)) == 30


def test_a_service_that_is_not_there_fails_the_rows(tmp_path: Path) -> None:
    source = write_addresses(tmp_path / "in.csv", 30)
    server = ["--base-url", "http://127.0.0.1:9", "--patience", "1s"]
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
    assert run.returncode == 3, run.stderr
    assert "GIVEN UP" in run.stdout
    assert {row["ban_status"] for row in read_rows(tmp_path / "out.csv")} == {"failed"}


def test_a_service_that_is_gone_replaces_no_good_file(tmp_path: Path, server: list[str]) -> None:
    source, target = write_addresses(tmp_path / "in.csv", 30), tmp_path / "out.csv"
    assert frgov("ban", "geocode", source, "-o", target, "--no-resume", *server).returncode == 0
    before = target.read_bytes()
    gone = ["--base-url", "http://127.0.0.1:9", "--patience", "1s", "--no-resume"]
    run = frgov("ban", "geocode", source, "-o", target, *gone)
    assert run.returncode == 3, run.stderr
    assert target.read_bytes() == before
    assert "out.csv is kept as it was" in run.stderr
    assert "out.partial.csv" in run.stderr
    assert {row["ban_status"] for row in read_rows(tmp_path / "out.partial.csv")} == {"failed"}
    quiet = frgov("ban", "geocode", source, "-o", target, "-q", *gone)
    assert quiet.returncode == 3
    assert quiet.stderr.startswith("Error: 30 rows failed; last: ")
    assert "refused" in quiet.stderr


def test_answers_of_earlier_runs_are_told(tmp_path: Path, server: list[str]) -> None:
    source, target = write_addresses(tmp_path / "in.csv", 30), tmp_path / "out.csv"
    assert "earlier runs" not in frgov("ban", "geocode", source, "-o", target, *server).stderr
    assert "30 answers are those of earlier runs" in frgov("ban", "geocode", source, "-o", target, *server).stderr


def test_a_trial_does_not_replace_the_whole(tmp_path: Path, server: list[str]) -> None:
    source, target = write_addresses(tmp_path / "in.csv", 9), tmp_path / "out.csv"
    command = ["ban", "geocode", source, "-o", target, "--limit", "2", *server]
    assert frgov(*command).returncode == 0
    refused(frgov(*command), "--limit 2: ", "give a trial another --output", code=2)
