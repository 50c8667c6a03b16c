"""What the tests of the journal share: questions, their answers, and a look into the file."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from frgov_clients.ban.exchange import Answer, Ask
from support import unmeasured

PATIENCE = 60.0


def ask(number: int) -> Ask:
    return Ask(f"{number} rue de l'église", citycode="48095")


def answer(number: int) -> Answer | None:
    """None for every seventh."""
    if number % 7 == 0:
        return None
    place = f"48095_{number:06d}"
    return Answer(f"{number} Rue de l’Église", "housenumber", place, 3.1 + number / 3, 44.7, 0.9 + number / 1e9, None)


def pairs(numbers: Iterable[int]) -> list[tuple[Ask, Answer | None]]:
    return [(ask(number), answer(number)) for number in numbers]


def assert_whole(file: Path) -> int:
    """SQLite finds no fault, no key points nowhere, no answer is left without a key; how many there are."""
    with contextlib.closing(sqlite3.connect(file)) as look:
        assert look.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        both = "SELECT number FROM young UNION ALL SELECT number FROM old"
        (lost,) = look.execute(
            f"SELECT count(*) FROM ({both}) WHERE number NOT IN (SELECT number FROM answers)"
        ).fetchone()
        (stray,) = look.execute(f"SELECT count(*) FROM answers WHERE number NOT IN ({both})").fetchone()
        assert (lost, stray) == (0, 0)
        (count,) = look.execute("SELECT count(*) FROM (SELECT key FROM young UNION SELECT key FROM old)").fetchone()
    return int(count)


PREPARED = """
import os, sys
from frgov_clients.ban.bulk import journal as module
from frgov_clients.ban.bulk.journal import Journal, JournalError
from journal_parts import answer, ask, pairs
module._YOUNG_MOST = 300  # so that merges happen all the time
path = sys.argv[1]
"""


def run_script(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A program that finds this folder and the package."""
    folders = [str(Path(__file__).parent), *filter(None, sys.path)]
    environment = {**unmeasured(), "PYTHONPATH": os.pathsep.join(folders)}
    command = [sys.executable, "-c", PREPARED + script, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert not err
    return out


def in_child(work: Callable[[], object]) -> str:
    """What `work` returns in a forked child, as text; its exception, or that it never ends."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            said = str(work())
        except BaseException as error:  # noqa: BLE001 - it is the answer
            said = repr(error)
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    try:
        if not select.select([reader], [], [], PATIENCE)[0]:
            os.kill(child, signal.SIGKILL)
            return "it hangs"
        return os.read(reader, 65536).decode()
    finally:
        os.close(reader)
        os.waitpid(child, 0)
