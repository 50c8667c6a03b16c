"""The journal when something is wrong with its file: it says so clearly, and what it held stays."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from journal_parts import answer, ask, assert_whole, finish, in_child, pairs, run_script

from frgov_clients.ban.bulk.journal import Journal, JournalError
from frgov_clients.ban.bulk.journal import journal as module
from frgov_clients.ban.bulk.journal.fault import explained
from frgov_clients.ban.bulk.journal.file import FORM
from frgov_clients.errors import ConfigurationError

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
needs_limits = pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit of file size here")


def known_among(journal: Journal, numbers: range) -> int:
    known = journal.recall([ask(number) for number in numbers])
    assert all(one is None or one.answer == answer(number) for number, one in zip(numbers, known, strict=True))
    return sum(one is not None for one in known)


# ---- no room -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("merging", [False, True])
@pytest.mark.parametrize("temporary", [False, True])
def test_a_full_disk_is_told_and_what_was_committed_stays(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, merging: bool, temporary: bool
) -> None:
    monkeypatch.setattr(module, "_YOUNG_MOST", 600 if merging else 10**9)
    with Journal(None if temporary else file) as journal:
        journal.remember(pairs(range(500)))
        connection = journal._connection
        assert connection is not None
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()
        with pytest.raises(JournalError, match=r"the disk is full: free some space.*\[SQLITE_FULL\]") as caught:
            journal.remember(pairs(range(400, 1000)))
        assert (caught.value.file, caught.value.retryable) == (None if temporary else "answers.journal", False)
        assert ("TMPDIR" in str(caught.value)) is temporary
        assert str(file.parent) not in str(caught.value)
        assert known_among(journal, range(1000)) == len(journal) == 500
        connection.execute(f"PRAGMA max_page_count = {pages + 1000}").fetchall()
        journal.remember(pairs(range(400, 1000)))
        assert known_among(journal, range(1000)) == 1000
    if not temporary:
        assert assert_whole(file) == 1000


FILLING = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
with Journal(path) as journal:
    committed = 0
    try:
        while committed < 100_000:
            journal.remember(pairs(range(committed, committed + 200)))
            committed += 200
    except JournalError as error:
        print(error)
    assert None not in journal.recall([ask(number) for number in range(committed)])
    assert journal.recall([ask(committed)]) == [None]
    try:
        journal.note("name", "x" * 300_000)
    except JournalError as error:
        print(error)
print(committed)
"""


@needs_limits
@pytest.mark.parametrize("limit", [70_000, 300_000, 1_000_000])
def test_a_write_that_the_system_refuses(file: Path, limit: int) -> None:
    first, second, committed = finish(run_script(FILLING, file, limit)).splitlines()
    for text in (first, second):
        assert text.startswith("the journal answers.journal: the disk ")
        assert "choose another path" in text
    assert int(committed) > 0
    with Journal(file) as journal:
        assert known_among(journal, range(int(committed) + 200)) == int(committed)
        journal.remember(pairs(range(2000)))
        assert known_among(journal, range(2000)) >= 2000
    assert assert_whole(file) >= 2000


def test_every_failure_says_what_to_do() -> None:
    strange = sqlite3.DatabaseError("x")
    strange.sqlite_errorcode, strange.sqlite_errorname = sqlite3.SQLITE_MISMATCH, "SQLITE_MISMATCH"
    for error, text in {
        sqlite3.OperationalError("no code"): "it can not be opened: it must lie on a local disk, .* [OperationalError]",
        strange: "it can not be used: choose another path [SQLITE_MISMATCH]",
        OSError(errno.ENOSPC, "x", "/home/private/a.journal"): "the disk is full: .* what was .* is kept [ENOSPC]",
    }.items():
        pattern = "the journal a.journal: " + text.replace("[", r"\[")
        assert re.fullmatch(pattern, str(explained(error, "a.journal")))


# ---- no right ------------------------------------------------------------------------------------------------


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(work: Callable[[], Any]) -> str:
    """Root may write everywhere."""

    def unprivileged() -> Any:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            return work()
        except JournalError as error:
            return error

    return in_child(unprivileged)


@needs_fork
def test_a_folder_that_can_not_be_written(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    said = as_nobody(lambda: Journal(open_folder / "answers.journal"))
    assert said.startswith("the journal answers.journal: it can not be written: look at the rights")
    said = as_nobody(lambda: Journal(open_folder / "new" / "answers.journal"))
    assert said.startswith("the journal answers.journal: it can not be written: look at the rights")
    assert list(open_folder.iterdir()) == []
    open_folder.chmod(0o755)


@needs_fork
def test_a_file_that_can_only_be_read(open_folder: Path) -> None:
    file = open_folder / "answers.journal"
    with Journal(file) as journal:
        journal.remember(pairs(range(10)))
    file.chmod(0o444)
    open_folder.chmod(0o777)
    before = file.read_bytes()
    said = as_nobody(lambda: Journal(file))
    assert said == (
        "the journal answers.journal: it can not be written: look at the rights of the file and of its folder, or"
        " choose another path [SQLITE_READONLY]"
    )
    assert file.read_bytes() == before


def test_a_path_below_a_file(file: Path) -> None:
    file.write_text("a file")
    with pytest.raises(JournalError, match="the journal below: it can not be opened: it must lie on a local disk"):
        Journal(file / "below")


def test_a_folder_instead_of_a_file(file: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"the journal {file.parent.name}: this is a folder"):
        Journal(file.parent)


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_path_that_is_none(path: str) -> None:
    with pytest.raises(ConfigurationError, match="give the path of a file, or none for a temporary journal"):
        Journal(path)


# ---- another file, or a damaged one --------------------------------------------------------------------------


def other_database(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("CREATE TABLE precious (x)")


def harm(file: Path, start: int, end: int | None = None) -> None:
    content = bytearray(file.read_bytes())
    end = len(content) if end is None else end
    content[start:end] = b"\xa5" * (end - start)
    file.write_bytes(content)


def filled(file: Path) -> None:
    with Journal(file) as journal:
        journal.remember(pairs(range(2000)))


def of_a_newer_version(file: Path) -> None:
    filled(file)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {FORM.layout + 1}")


FOREIGN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "text": (lambda file: file.write_text("precious " * 1000), "is no journal of this package"),
    "a short text": (lambda file: file.write_text("x"), "is no journal of this package"),
    "another database": (other_database, "is no journal of this package"),
    "a journal without its beginning": (lambda file: (filled(file), harm(file, 0, 100)), "its beginning is damaged"),
    "a newer version": (of_a_newer_version, "made by another version of this package"),
}


@pytest.mark.parametrize(("make", "text"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused_and_left_alone(file: Path, make: Callable[[Path], Any], text: str) -> None:
    make(file)
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match=f"the journal answers.journal: .*{text}.*choose another path"):
        Journal(file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["answers.journal"]


DAMAGED: dict[str, Callable[[Path], Any]] = {
    "the schema": lambda file: harm(file, 100, 4096),
    "all but the first page": lambda file: harm(file, 4096),
    "the end cut off": lambda file: os.truncate(file, 3 * 4096),
    "cut off within the first page": lambda file: os.truncate(file, 1000),
    "cut off within a page": lambda file: os.truncate(file, 4096 * 4 + 100),
}


@pytest.mark.parametrize("make", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused_and_left_alone(file: Path, make: Callable[[Path], Any]) -> None:
    filled(file)
    make(file)
    before = file.read_bytes()
    with pytest.raises((JournalError, ConfigurationError), match=r"the journal answers\.journal: .*damaged") as caught:
        Journal(file)
    assert "choose another path" in str(caught.value)
    assert file.read_bytes() == before


def test_damage_in_the_middle_is_told_when_it_is_met(file: Path) -> None:
    filled(file)
    with contextlib.closing(sqlite3.connect(file)) as look:
        (page,) = look.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'answers'").fetchone()
    harm(file, (page - 1) * 4096, page * 4096)
    with Journal(file) as journal:
        for use in (lambda: journal.recall([ask(1)]), lambda: journal.remember(pairs([1]))):
            with pytest.raises(JournalError, match="it is damaged, and left as it is: bring back a copy"):
                use()
    assert file.exists()


def test_an_empty_file_is_begun(file: Path) -> None:
    """As `mkstemp` makes it."""
    file.touch()
    filled(file)
    assert assert_whole(file) == 2000


# ---- another process holds it --------------------------------------------------------------------------------


def test_a_locked_file_is_told_after_the_patience(file: Path) -> None:
    with Journal(file, busy_timeout=0.05) as journal, contextlib.closing(sqlite3.connect(file)) as other:
        journal.remember(pairs([1]))
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another process keeps it locked") as caught:
            journal.remember(pairs([2]))
        assert caught.value.retryable
        assert known_among(journal, range(1, 3)) == 1  # reading needs no lock
        with pytest.raises(JournalError, match="another process keeps it locked"):
            Journal(file, busy_timeout=0.05)
        other.execute("ROLLBACK")
        journal.remember(pairs([2]))
        assert known_among(journal, range(1, 3)) == 2


@pytest.mark.parametrize("mode", ["IMMEDIATE", "EXCLUSIVE"])
def test_it_waits_for_another_process(file: Path, mode: str) -> None:
    filled(file)
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode = DELETE").fetchall()  # so that the lock is also in the way of opening
    other.execute(f"BEGIN {mode}")

    def release() -> None:
        time.sleep(0.3)
        other.close()

    thread = threading.Thread(target=release)
    thread.start()
    with Journal(file, busy_timeout=20) as journal:
        journal.remember(pairs([5000]))
        assert known_among(journal, range(5001)) == 2001
    thread.join(20)
