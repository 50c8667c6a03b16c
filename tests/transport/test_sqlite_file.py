"""SQLite files of our own: who may read them, which are refused, and several that open one at once."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crowd import crowd
from frgov_clients.errors import ConfigurationError
from frgov_clients.transport.fork import making
from frgov_clients.transport.sqlite_file import Form, code_of, connect, is_damage, is_ours, make_private, open_ours
from support import unmeasured

FORM = Form(
    noun="list",
    application_id=0x46726754,
    layout=3,
    tables=("CREATE TABLE items (name TEXT)", "CREATE INDEX items_name ON items (name)"),
    settings=("PRAGMA cache_size = -1024", "SELECT name FROM items WHERE false"),
    advice="look elsewhere",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "list.sqlite"


def opened(file: Path, patience: float = 5.0, *, form: Form = FORM, make: bool = True) -> sqlite3.Connection:
    return open_ours(file, form, patience, name="the list", make=make)


def add(connection: sqlite3.Connection, *names: str) -> None:
    connection.executemany("INSERT INTO items VALUES (?)", [(name,) for name in names])


def names_in(file: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(file)) as look:
        assert look.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [name for (name,) in look.execute("SELECT name FROM items ORDER BY name")]


# ---- made ----------------------------------------------------------------------------------------------------


def test_a_new_file_is_private_and_marked(file: Path) -> None:
    with contextlib.closing(opened(file)) as connection:
        add(connection, "a")
        beside = list(file.parent.iterdir())
        assert {path.name for path in beside} == {"list.sqlite", "list.sqlite-wal", "list.sqlite-shm"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in beside} == {0o600}
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        assert marks == [FORM.application_id, FORM.layout]
    with contextlib.closing(opened(file, make=False)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA cache_size").fetchone() == (-1024,)
    assert names_in(file) == ["a"]


def test_what_is_there_keeps_its_rights(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.touch(0o644)
    mode = file.stat().st_mode
    make_private(file)
    opened(file).close()
    assert file.stat().st_mode == mode


def test_a_missing_file_is_made_only_when_asked(file: Path) -> None:
    with pytest.raises(sqlite3.OperationalError) as caught:
        opened(file, make=False)
    assert code_of(caught.value) == sqlite3.SQLITE_CANTOPEN
    assert not file.parent.exists()
    make_private(file)
    assert is_ours(file, FORM.application_id)
    with pytest.raises(ConfigurationError, match="is no list of this package"):
        opened(file, make=False)
    opened(file).close()
    opened(file, make=False).close()


def test_a_file_is_made_whole_or_not_at_all(file: Path) -> None:
    broken = replace(FORM, tables=(*FORM.tables, "CREATE TABLE items (again TEXT)"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        opened(file, form=broken)
    with contextlib.closing(opened(file)) as connection:
        add(connection, "a")
    assert names_in(file) == ["a"]


# ---- refused -------------------------------------------------------------------------------------------------


def other_database(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("CREATE TABLE precious (x)")


def of_another_form(file: Path) -> None:
    opened(file, form=replace(FORM, application_id=1)).close()


def without_its_beginning(file: Path) -> None:
    opened(file).close()
    file.write_bytes(b"\xa5" * 100 + file.read_bytes()[100:])


FOREIGN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "text": (lambda file: file.write_text("precious " * 1000), "the list: the file is no list of this package"),
    "a short text": (lambda file: file.write_text("x"), "the list: the file is no list of this package"),
    "another database": (other_database, "the list: the file is no list of this package"),
    "another of our forms": (of_another_form, "the list: the file is no list of this package"),
    "no beginning": (without_its_beginning, "or its beginning is damaged"),
    "another layout": (lambda file: opened(file, form=replace(FORM, layout=4)).close(), "made by another version"),
}


@pytest.mark.parametrize(("make", "text"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused_and_left_alone(file: Path, make: Callable[[Path], Any], text: str) -> None:
    file.parent.mkdir(parents=True)
    make(file)
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match=f"{text}.*: look elsewhere"):
        opened(file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_log_beside_a_foreign_file_is_not_played_into_it(file: Path) -> None:
    """As when somebody puts a file of theirs in the place of ours while it is open."""
    with contextlib.closing(opened(file)) as connection:
        add(connection, "a")
        aside = file.with_name("precious")
        other_database(aside)
        before = aside.read_bytes()
        aside.replace(file)
        with pytest.raises(ConfigurationError, match="is no list of this package"):
            opened(file)
        assert file.read_bytes() == before


def test_a_folder_is_refused(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="the list: this is a folder: give the path of a file"):
        opened(file)


def test_damage_behind_the_beginning_is_told_by_sqlite(file: Path) -> None:
    opened(file).close()
    content = file.read_bytes()
    file.write_bytes(content[:100] + b"\xa5" * (len(content) - 100))
    with pytest.raises(sqlite3.DatabaseError) as caught:
        opened(file)
    assert is_damage(caught.value)
    assert not is_damage(sqlite3.OperationalError("without a code"))


# ---- several at once -----------------------------------------------------------------------------------------


def test_it_waits_for_others_as_long_as_it_may(file: Path) -> None:
    opened(file).close()
    other = connect(file, "mode=rw")
    other.execute("PRAGMA journal_mode = DELETE").fetchall()
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        opened(file, 0.05)
    timer = threading.Timer(0.2, other.close)
    timer.start()
    opened(file, 20).close()
    timer.join()


def test_it_asks_again_what_sqlite_refuses_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own waiting covers not every moment in which another process makes, recovers or closes the file."""
    from frgov_clients.transport import sqlite_file as module

    prepared, tries = module._prepared, 0

    def busy_at_first(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        nonlocal tries
        tries += 1
        if tries < 3:
            error = sqlite3.OperationalError("locking protocol")
            error.sqlite_errorcode = sqlite3.SQLITE_PROTOCOL
            raise error
        return prepared(*args, **kwargs)

    monkeypatch.setattr(module, "_prepared", busy_at_first)
    opened(file).close()
    assert tries == 3
    tries = 0
    with pytest.raises(sqlite3.OperationalError, match="protocol"):
        opened(file, 0.0)
    assert tries == 1


def test_nobody_opens_a_file_while_it_is_made(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who did would lose the locks on it when its maker closes it, and not know."""
    close, begun, order = os.close, threading.Event(), list[str]()

    def slow(number: int) -> None:
        begun.set()
        time.sleep(0.2)
        order.append("made")
        close(number)

    monkeypatch.setattr(os, "close", slow)
    thread = threading.Thread(target=make_private, args=(file,))
    thread.start()
    begun.wait(10)
    opened(file).close()
    order.append("opened")
    thread.join(10)
    assert order == ["made", "opened"]


def test_many_threads_make_and_open_it_at_once(file: Path) -> None:
    """The first one makes the file, the last one that closes it takes the log away."""
    files = [file.with_name(f"{number}.sqlite") for number in range(20)]

    def work(mine: int, together: threading.Barrier) -> None:
        for path in files:
            together.wait(30)
            with contextlib.closing(opened(path, 30)) as connection:
                add(connection, f"{mine}")

    crowd(work)
    assert [names_in(path) for path in files] == [[f"{number}" for number in range(8)]] * len(files)


MAKING = """
import sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from test_sqlite_file import add, opened
for number in range(20):
    connection = opened(Path(sys.argv[1]).with_name(f"{number}.sqlite"), 30)
    add(connection, sys.argv[2])
    connection.close()
"""


def test_many_processes_make_and_open_it_at_once(file: Path) -> None:
    environment = {**unmeasured(), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", MAKING, str(file)]
    here = str(Path(__file__).parent)
    processes = [
        subprocess.Popen([*command, str(number), here], env=environment, stderr=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 4
    files = [file.with_name(f"{number}.sqlite") for number in range(20)]
    assert [names_in(path) for path in files] == [["0", "1", "2", "3"]] * 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_can_make_files_whatever_threads_did_at_the_fork(file: Path) -> None:
    held = threading.Event()

    def make() -> None:
        with making:
            held.set()
            time.sleep(0.2)

    thread = threading.Thread(target=make)
    thread.start()
    held.wait(10)
    child = os.fork()
    if child == 0:
        free = making.acquire(timeout=5)
        os._exit(0 if free else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    thread.join(10)
    opened(file).close()
