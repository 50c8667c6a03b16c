"""A file of results is whole or not there at all, whatever happens while it is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sink_parts import alone, lost, names_in, read_back

from frgov_clients.ban.bulk.sink import CsvSink, JsonLinesSink, Sink, sink_for
from frgov_clients.ban.bulk.source import open_source


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl"])
def test_an_exception_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("before")
    sink = sink_for(path, ("a",))

    def interrupted() -> None:
        with sink:
            sink.write([lost(0, {"a": "1"})] * 10_000)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "before"
    assert alone(path)
    sink.abort()
    with pytest.raises(ValueError, match="closed"):
        sink.write([lost(0, {"a": "1"})])


def test_a_write_that_failed_is_not_forgotten(tmp_path: Path) -> None:
    sink = JsonLinesSink(tmp_path / "out.jsonl", ())
    with pytest.raises(TypeError):
        sink.write([lost(0, 1)])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="given up"):
        sink.close()
    assert (names_in(tmp_path), sink.rows) == ([], 0)


def test_closing_twice_and_giving_up_afterwards_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    sink = CsvSink(path, ("a",))
    sink.close()
    sink.close()
    sink.abort()
    assert path.read_text().startswith("a,ban_status")
    assert alone(path)


def test_the_file_has_the_rights_that_new_files_have_or_those_it_had(tmp_path: Path) -> None:
    path, plain = tmp_path / "out.csv", tmp_path / "plain"
    plain.touch()
    CsvSink(path, ("a",)).close()
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(0o640)
    CsvSink(path, ("a",)).close()
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "out.csv", tmp_path / "link.csv"
    link.symlink_to(path)
    CsvSink(link, ("a",)).close()
    assert link.is_symlink()
    assert path.is_file()


def test_the_input_may_be_the_output(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n2\n")
    source = open_source(path)
    with sink_for(path, source.header) as sink:
        while rows := source.read(1):
            sink.write([lost(0, row) for row in rows])
    source.close()
    assert [row["a"] for row in read_back(path)] == ["1", "2"]


FULL_DISK = """
import random, resource, sys
from frgov_clients.ban.exchange import Verdict
from frgov_clients.ban.bulk.model import Geocoded, Status
from frgov_clients.ban.bulk.sink import sink_for
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), most))
row = {"a": "x" * 50, "b": 1} | ({"more": 1} if "long" in sys.argv else {})
batch = [Geocoded(0, row, Status.SKIPPED, Verdict.NONE)] * 1000
try:
    with sink_for(sys.argv[1], ("a", "b")) as sink:
        for _ in range(20):
            for result in batch:
                row["a"] = str(random.random())
                sink.write([result])
except OSError as error:
    print("OSError", error.errno)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of a file")
@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl"])
@pytest.mark.parametrize("limit", [1000, 100_000])
@pytest.mark.parametrize("kind", ["short", "long"])
def test_a_disk_that_is_full(tmp_path: Path, name: str, limit: int, kind: str) -> None:
    path = tmp_path / name
    path.write_text("before")
    program = [sys.executable, "-W", "error", "-c", FULL_DISK, str(path), str(limit), kind]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("OSError 27\n", "")
    assert path.read_text() == "before"
    assert alone(path)


ALMOST_FULL = """
import os, resource, sys
from frgov_clients.ban.bulk.sink import sink_for
sink_for(sys.argv[1], ("a", "b")).close()
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(sys.argv[1]) - 2, most))
try:
    sink_for(sys.argv[1], ("a", "b")).close()
except OSError as error:
    print(error.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of a file")
@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz"])
def test_a_disk_that_takes_all_but_the_last_bytes(tmp_path: Path, name: str) -> None:
    program = [sys.executable, "-W", "error", "-c", ALMOST_FULL, str(tmp_path / name)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("27\n", "")
    assert read_back(tmp_path / name) == []
    assert alone(tmp_path / name)


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl"])
def test_a_disk_that_fails_at_the_end(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", broken)
    sink = sink_for(tmp_path / name, ("a",))
    sink.write([lost(0, {"a": 1})])
    with pytest.raises(OSError, match="Input/output"):
        sink.close()
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("surplus", [{}, {"z": 1}])
def test_a_name_that_was_taken_meanwhile(tmp_path: Path, surplus: dict[str, int]) -> None:
    sink = CsvSink(tmp_path / "out.csv", ("a",))
    sink.write([lost(0, {"a": 1, **surplus})])
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        sink.close()
    assert names_in(tmp_path) == ["out.csv"]


def test_a_second_pass_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    sink = CsvSink(tmp_path / "out.csv", ("a",))
    sink.write([lost(0, {"a": 1, "z": 2})])
    monkeypatch.setattr(sink, "_with_surplus", broken)
    with pytest.raises(OSError, match="No space"):
        sink.close()
    assert names_in(tmp_path) == []


def test_a_sink_of_ones_own_says_how_it_writes(tmp_path: Path) -> None:
    class Mute(Sink):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Mute(tmp_path / "out", "utf-8")  # type: ignore[abstract]
    assert names_in(tmp_path) == []
