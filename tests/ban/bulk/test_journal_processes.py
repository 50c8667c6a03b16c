"""The journal between processes: killed at any moment, shared by several, forked."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest
from journal_parts import answer, ask, assert_whole, finish, in_child, pairs, run_script

from crowd import crowd
from frgov_clients.ban.bulk.journal import Journal, JournalError
from frgov_clients.ban.bulk.journal import journal as module

KILLS = 20
BATCH = 100
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
forks_with_threads = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


# ---- killed ------------------------------------------------------------------------------------------------

KILLED = f"""
start = int(sys.argv[2])
os.write(1, b"ready\\n")
journal = Journal(path)
while True:
    journal.remember(pairs(range(start, start + {BATCH})))
    start += {BATCH}
    os.write(1, b"%d\\n" % start)
"""


def test_a_process_killed_at_any_moment_loses_nothing_that_was_remembered(file: Path) -> None:
    draw = random.Random(3)
    reported: list[range] = []
    for kill in range(KILLS):
        start = kill * 1_000_000
        with run_script(KILLED, file, start) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            told = [process.stdout.readline()] if kill % 2 else []  # half of them at least had remembered something
            time.sleep(draw.choice([0.0, 0.002, 0.005, 0.01, 0.02, 0.04]) * (0.5 + draw.random()))
            process.kill()
            committed = [int(line) for line in (*told, *process.stdout) if line.endswith("\n")]
        assert process.returncode == -signal.SIGKILL
        reported.append(range(start, max(committed, default=start)))
        with Journal(file) as journal:
            for numbers in reported:
                known = journal.recall([ask(number) for number in numbers])
                assert [one and one.answer for one in known] == [answer(number) for number in numbers]
                assert None not in known
            in_flight = len(journal) - sum(map(len, reported))
        assert in_flight % BATCH == 0  # whole batches only
        assert 0 <= in_flight <= (kill + 1) * BATCH
        assert assert_whole(file) == sum(map(len, reported)) + in_flight


# ---- shared ------------------------------------------------------------------------------------------------

SHARING = """
me = int(sys.argv[2])
with Journal(path) as journal:
    for start in range(0, 4000, 100):
        numbers = range(start + 50 * me, start + 50 * me + 100)  # half of them are also those of the next one
        asks = [ask(number) for number in numbers]
        for number, known in zip(numbers, journal.recall(asks)):
            assert known is None or known.answer == answer(number), number
        journal.remember(pairs(numbers))
        for number, known in zip(numbers, journal.recall(asks)):
            assert known is not None and known.answer == answer(number), number
"""


def test_processes_share_one_journal(file: Path) -> None:
    """They make it, write, read and merge at once."""
    for process in [run_script(SHARING, file, number) for number in range(3)]:
        finish(process)
    numbers = range(4100)
    with Journal(file) as journal:
        known = journal.recall([ask(number) for number in numbers])
        assert [one and one.answer for one in known] == [answer(number) for number in numbers]
        assert len(journal) == 4100
    assert assert_whole(file) == 4100


def test_it_is_opened_and_closed_by_many_at_once(file: Path) -> None:
    """The first one makes the file, the last one that closes it takes the log away."""

    def work(mine: int, together: threading.Barrier) -> None:
        for round_ in range(10):
            together.wait(30)
            with Journal(file.with_name(f"{round_ // 2}.journal")) as journal:
                journal.remember(pairs([mine]))
                assert journal.recall([ask(mine)])[0] is not None

    crowd(work)
    for round_ in range(5):
        assert assert_whole(file.with_name(f"{round_}.journal")) == 8


OPENING = """
for round_ in range(60):
    with Journal(path) as journal:
        journal.remember(pairs([round_]))
        assert journal.recall([ask(round_)])[0] is not None
"""


def test_processes_open_and_close_it_all_the_time(file: Path) -> None:
    for process in [run_script(OPENING, file) for _ in range(3)]:
        finish(process)
    assert assert_whole(file) == 60


# ---- forked ------------------------------------------------------------------------------------------------


@needs_fork
@forks_with_threads
def test_a_child_goes_on_with_the_same_file(file: Path) -> None:
    with Journal(file) as journal:
        journal.remember(pairs([1]))

        def work() -> object:
            journal.remember(pairs([2]))
            return [one is not None for one in journal.recall([ask(1), ask(2), ask(3)])]

        assert in_child(work) == "[True, True, False]"
        journal.remember(pairs([3]))
        assert None not in journal.recall([ask(1), ask(2), ask(3)])
    assert assert_whole(file) == 3


@needs_fork
@forks_with_threads
def test_a_child_inherits_no_open_file(file: Path) -> None:
    """Else SQLite takes the locks of the parent for its own, and the file is damaged sooner or later."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc")

    def open_files() -> int:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum("answers.journal" in str(link.readlink()) for link in links)

    with Journal(file) as journal:
        journal.remember(pairs([1]))
        assert open_files() > 0
        assert in_child(open_files) == "0"


@needs_fork
@forks_with_threads
def test_a_child_gets_a_temporary_journal_of_its_own() -> None:
    numbers = range(20_000)  # more than the cache holds: the rest is in a file that the child inherits
    with Journal() as journal:
        journal.remember(pairs(numbers))

        def work() -> object:
            before = len(journal)
            journal.remember(pairs(range(30_000, 60_000)))
            return before, len(journal)

        assert in_child(work) == "(0, 30000)"
        known = journal.recall([ask(number) for number in numbers])
        assert [one and one.answer for one in known] == [answer(number) for number in numbers]
        assert len(journal) == 20_000


@needs_fork
@forks_with_threads
def test_a_fork_in_the_middle_of_writing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_YOUNG_MOST", 300)
    with Journal(file) as journal, Journal() as temporary:
        done = threading.Event()
        written: list[int] = []
        failures: list[BaseException] = []

        def write() -> None:
            try:
                while not done.is_set():
                    start = len(written) * 100
                    journal.remember(pairs(range(start, start + 100)))
                    temporary.remember(pairs(range(start, start + 100)))
                    with Journal(file):
                        written.append(start)
            except BaseException as error:  # noqa: BLE001 - shown below
                failures.append(error)

        def work() -> object:
            journal.remember(pairs([10**6]))
            with Journal(file) as other:
                return len(temporary), other.recall([ask(10**6)])[0] is not None

        thread = threading.Thread(target=write)
        thread.start()
        try:
            said = {in_child(work) for _ in range(15)}
        finally:
            done.set()
            thread.join(60)
        assert not failures
        assert said == {"(0, True)"}
        assert len(written) > 5
        assert len(temporary) == 100 * len(written)
    assert assert_whole(file) == 100 * len(written) + 1


@needs_fork
@forks_with_threads
def test_a_file_taken_away_is_not_begun_anew_after_a_fork(file: Path) -> None:
    with Journal(file) as journal:
        journal.remember(pairs([1]))

        def work() -> object:
            file.unlink()
            try:
                journal.recall([ask(1)])
            except JournalError as error:
                return error
            return "silently begun anew"

        assert in_child(work).startswith("the journal answers.journal: it can not be opened")
        assert not file.exists()
        with pytest.raises(JournalError, match="it can not be opened"):
            journal.recall([ask(1)])
