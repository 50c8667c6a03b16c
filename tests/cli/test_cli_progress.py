"""What is shown while a run goes on: on a terminal, in a pipe; and how the rows are counted beforehand."""

from __future__ import annotations

import gzip
import os
import pty
import re
import select
import signal
import time
from pathlib import Path

import pytest
from cli_parts import command_of, environment, left_in, read_rows, start, write_addresses

from frgov_clients.ban.bulk.model import Progress, ProjectProgress, ProjectStep
from frgov_clients.cli.ban_progress import line_of, shown
from frgov_clients.cli.progress import Lines
from frgov_clients.cli.rows import about_how_many, open_input
from frgov_clients.testing.geopf import FakeGeopf, Fault


def progress(done: int, rate: float, failed: int = 0) -> Progress:
    return Progress(done, None, 10.0, rate, None, done, 1, failed)


def test_a_line_of_progress() -> None:
    assert line_of(None, 10) == "0 rows: waiting for the first answers"
    assert (
        line_of(progress(12_000, 1_000.0, 3), 50_000)
        == "12,000 of about 50,000 rows, 1,000 rows/s, 38 s left, 3 failed"
    )
    assert line_of(progress(12_000, 0.0), None) == "12,000 rows, 0.0 rows/s, 0 failed"
    assert line_of(progress(12, 1.0), 10) == "12 of about 10 rows, 1.0 rows/s, 0.0 s left, 0 failed"


@pytest.mark.parametrize(
    ("step", "read", "total", "line"),
    [
        (ProjectStep.COLLECTING, 1_500, None, "1,500 of about 50,000 rows looked through"),
        (ProjectStep.COLLECTING, 1_500, 40_000, "1,500 of 40,000 rows looked through"),
        (ProjectStep.SENDING, 0, 40_000, "sending questions: 0 of 40,000 done"),
        (ProjectStep.WAITING, 0, 40_000, "waiting for the service: 0 of 40,000 done"),
        (ProjectStep.WORKING, 1_500, 40_000, "1,500 of 40,000 read by the service"),
        (ProjectStep.FETCHING, 9, 40_000, "fetching answers: 9 of 40,000"),
    ],
)
def test_a_line_of_a_project(step: ProjectStep, read: int, total: int | None, line: str) -> None:
    told = progress(0, 0.0)._replace(project=ProjectProgress(step, read, total))
    assert line_of(told, 50_000) == line
    if total is None:
        assert line_of(told, None) == "1,500 rows looked through"


def test_lines_come_also_while_the_service_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines(lambda told: shown(told, 100), every=0.02) as lines:
        lines(progress(10, 5.0))
        time.sleep(0.3)
    told = capsys.readouterr().err.splitlines()
    assert len(told) >= 3
    assert set(told) <= {
        "0 rows: waiting for the first answers",
        "10 of about 100 rows, 5.0 rows/s, 18 s left, 0 failed",
    }
    time.sleep(0.1)
    assert capsys.readouterr().err == ""


# ---- counted beforehand ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "rows"),
    [(b"", 0), (b"a", 0), (b"a\n", 0), (b"a\n1", 1), (b"a\n1\n", 1), (b"a\r\n1\r\n2\r\n", 2), (b"a\r1\r2", 2)],
)
def test_rows_are_counted_by_lines(content: bytes, rows: int, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    assert about_how_many(str(path)) == rows
    path.write_bytes(gzip.compress(content))
    assert about_how_many(str(path)) == rows


def test_what_can_not_be_counted(tmp_path: Path) -> None:
    assert about_how_many(str(tmp_path)) is None
    broken = tmp_path / "in.csv.gz"
    broken.write_bytes(gzip.compress(b"a\n" * 100_000)[:-20])
    assert about_how_many(str(broken)) is None


def test_a_large_file_is_counted_by_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frgov_clients.cli.rows._COUNTED", 10_000)
    monkeypatch.setattr("frgov_clients.cli.rows._PIECE", 1_000)
    path = write_addresses(tmp_path / "in.csv", 10_000)
    assert about_how_many(str(path)) == pytest.approx(10_000, rel=0.1)


def test_looking_at_the_first_rows_loses_none(tmp_path: Path) -> None:
    path = write_addresses(tmp_path / "in.csv", 1_200)
    for limit, expected in ((None, 1_200), (700, 700), (3, 3), (5_000, 1_200)):
        rows = open_input(str(path), delimiter=None, encoding=None, limit=limit)
        assert len(rows.sample) == min(500, expected)
        assert rows.expected == min(expected, 1_200)
        seen = []
        while batch := rows.read(333):
            assert len(batch) <= 333
            seen += [row["id"] for row in batch]
        rows.close()
        assert seen == [f"n{number}" for number in range(1, expected + 1)]
        assert rows.expected == expected


# ---- on a terminal -----------------------------------------------------------------------------------------


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, *args: str | Path, **env: str) -> None:
        self.text = ""
        command = command_of(*args)
        variables = {**environment(), "TERM": "xterm", **env}
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, variables)

    def until(self, words: str, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < deadline, self.text
            if not self._read():
                raise AssertionError(self.text)

    def _read(self) -> bool:
        if not select.select([self._end], [], [], 0.2)[0]:
            return True
        try:
            piece = os.read(self._end, 65_536)
        except OSError:  # Linux's word for the end of a terminal
            return False
        self.text += piece.decode("utf-8", "replace")
        return bool(piece)

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def interrupt(self) -> None:
        """Ctrl-C, until it is heard: one that comes while `input` prepares the terminal waits for the next key."""
        for _ in range(10):
            self.type("\x03")
            until = time.monotonic() + 1
            while "Interrupted" not in self.text and time.monotonic() < until:
                self._read()
            if "Interrupted" in self.text:
                return
        raise AssertionError(self.text)

    def ends_with(self) -> int:
        """The exit code."""
        while self._read():
            pass
        os.close(self._end)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_addresses(tmp_path / "in.csv", 1_500)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # threads of the fake, and fork
class TestOnATerminal:
    def test_the_columns_are_asked_and_a_bar_is_drawn(self, source: Path, tmp_path: Path, server: list[str]) -> None:
        terminal = Terminal("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
        terminal.until("Are these the right columns? [Y/n]")
        terminal.type("\r")
        terminal.until("1,500 rows")
        assert terminal.ends_with() == 0
        assert "100%" in terminal.text
        assert "\x1b[" in terminal.text
        assert len(read_rows(tmp_path / "out.csv")) == 1_500

    def test_a_project_is_drawn(self, source: Path, tmp_path: Path, server: list[str]) -> None:
        project = ["--yes", "--project-rows", "1000"]
        terminal = Terminal("ban", "geocode", source, "-o", tmp_path / "out.csv", *project, *server, COLUMNS="80")
        terminal.until("0 of 1,500 read by the service")
        assert terminal.ends_with() == 0
        assert "1,500 rows, " in terminal.text

    def test_the_answer_may_be_no(self, source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
        terminal = Terminal("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
        terminal.until("[Y/n]")
        terminal.type("n\r")
        assert terminal.ends_with() == 1
        assert "Nothing was sent." in terminal.text
        assert geocoder.requests == []
        assert left_in(tmp_path, "in.csv") == []

    def test_ctrl_c_at_the_question(self, source: Path, tmp_path: Path, server: list[str]) -> None:
        terminal = Terminal("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
        terminal.until("[Y/n]")
        terminal.interrupt()
        assert terminal.ends_with() == 130
        assert "Interrupted." in terminal.text
        assert "Traceback" not in terminal.text

    def test_ctrl_c_under_way(self, source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
        geocoder.faults.append(Fault(path="/search/csv", skip=5, delay=20, times=None))
        terminal = Terminal("ban", "geocode", source, "-o", tmp_path / "out.csv", "--yes", *server)
        terminal.until("500 rows,")
        terminal.type("\x03")
        assert terminal.ends_with() == 130
        assert "run the same command again" in " ".join(terminal.text.split())
        assert "Traceback" not in terminal.text
        assert terminal.text.rstrip().endswith("to go on.")  # the bar was put away before
        assert left_in(tmp_path, "in.csv") == ["out.csv.journal"]

    @pytest.mark.parametrize("named", [["--yes"], ["--address", "adresse"], ["--quiet"]])
    def test_nothing_is_asked(self, named: list[str], source: Path, tmp_path: Path, server: list[str]) -> None:
        terminal = Terminal("ban", "geocode", source, "-o", tmp_path / "out.csv", *named, *server)
        assert terminal.ends_with() == 0
        assert "[Y/n]" not in terminal.text
        if named == ["--quiet"]:
            assert terminal.text == ""

    def test_no_color(self, source: Path, tmp_path: Path, server: list[str]) -> None:
        args = ("ban", "geocode", source, "-o", tmp_path / "out.csv", "--yes", *server)
        terminal = Terminal(*args, NO_COLOR="1")
        assert terminal.ends_with() == 0
        colours = re.findall(r"\x1b\[(?:3[0-7]|9[0-7]|38;[\d;]+)m", terminal.text)
        assert colours == []

    def test_a_terminal_that_can_draw_nothing_gets_lines(self, source: Path, tmp_path: Path, server: list[str]) -> None:
        args = ("ban", "geocode", source, "-o", tmp_path / "out.csv", "--yes", *server)
        terminal = Terminal(*args, TERM="dumb")
        assert terminal.ends_with() == 0
        assert "\x1b" not in terminal.text

    def test_a_narrow_terminal(self, source: Path, tmp_path: Path, server: list[str]) -> None:
        args = ("ban", "geocode", source, "-o", tmp_path / "out.csv", "--yes", *server)
        terminal = Terminal(*args, COLUMNS="40")
        assert terminal.ends_with() == 0
        drawn = [line for line in re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.text).split("\r") if "%" in line]
        assert drawn
        assert len(read_rows(tmp_path / "out.csv")) == 1_500


def test_a_pipe_gets_plain_lines(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    geocoder.faults.append(Fault(path="/search/csv", skip=5, delay=20, times=None))
    program = start("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
    assert program.stderr is not None
    found = []
    for line in program.stderr:
        if " of about " in line:
            found.append(line)
            break
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=15)
    assert re.fullmatch(r"[\d,]+ of about 1,500 rows, [\d.,]+ rows/s, .* left, 0 failed\n", found[0])
