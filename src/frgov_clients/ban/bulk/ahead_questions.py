"""The questions of one pass ahead of a run: distinct over the whole input, on disk, and kept until they are answered.

Memory does not grow with the input. As long as the pass is not over all of it is one transaction, so that a process
that dies leaves nothing behind that could be taken for a whole pass.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from ...errors import ClientClosed
from ...transport.sqlite_file import Form, connect, layout_of, make_private, make_tables, require_ours
from ..exchange import Ask
from .journal.fault import explained
from .journal.tables import places

__all__ = ["Questions", "Work"]

P = ParamSpec("P")
R = TypeVar("R")

_FORM: Final = Form(
    noun="list of questions",
    application_id=0x46726750,  # "FrgP"
    layout=1,  # of the tables and of `Work`: a file of another layout is emptied, since nobody can go on with its work
    tables=(
        "CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE asks (number INTEGER PRIMARY KEY, q TEXT, citycode TEXT, lon TEXT, lat TEXT)",
        "CREATE TABLE work (value TEXT NOT NULL)",
    ),
    settings=("PRAGMA locking_mode = EXCLUSIVE", f"PRAGMA cache_size = -{4 * 1024}"),
    advice="this folder holds files of others: choose another journal",
)
_TOGETHER: Final = 500
"""Questions that one statement looks up."""


@dataclass(slots=True, kw_only=True)
class Work:
    """What is being done with the questions, as it is kept on disk: the layout grows with every change of a field."""

    id: str
    server: str
    """Base URL: the token of a project goes nowhere else."""
    kind: str
    prefix: str
    """Of the names of the columns that are sent."""
    limit: int
    """Bytes of the largest file."""
    following: int = 0
    """Number of the first question that was not dealt with."""


def _explaining(method: Callable[Concatenate[Questions, P], R]) -> Callable[Concatenate[Questions, P], R]:
    """Tell failures of the disk as those of a journal are told."""

    @wraps(method)
    def call(self: Questions, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except (sqlite3.Error, OSError) as error:
            raise explained(error, self.path.parent.name) from error

    return call


class Questions:
    """Questions in an SQLite file that one process has to itself: another one is refused until this one ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work: Work | None = None
        """What is to be done with them; `None` while they are not all here."""
        self.count = 0
        self._opened: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._closed = False

    @_explaining
    def open(self) -> None:
        """Open the file, or make it. `JournalError`: another process works with it, or the disk refuses."""
        with contextlib.ExitStack() as unless_kept:
            opened = _opened(self.path)
            unless_kept.callback(opened.close)
            row = opened.execute("SELECT value FROM work").fetchone()
            (count,) = opened.execute("SELECT count(*) FROM asks").fetchone()
            with self._lock:
                if self._closed:  # the run was ended meanwhile, by another thread
                    raise ClientClosed("the run is over")
                self.work, self.count, self._opened = Work(**json.loads(row[0])) if row else None, count, opened
                unless_kept.pop_all()

    @property
    def _connection(self) -> sqlite3.Connection:
        assert self._opened is not None
        return self._opened

    # ---- while the input is read -------------------------------------------------------------------------------

    @_explaining
    def begin(self) -> None:
        """Begin with none."""
        self._connection.execute("BEGIN")
        self._empty()

    def _empty(self) -> None:
        for table in ("seen", "asks", "work"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608
        self.work, self.count = None, 0

    @_explaining
    def unseen(self, keys: Sequence[bytes]) -> list[bytes]:
        """Those of the keys that did not come before, in their order."""
        seen = set[bytes]()
        for start in range(0, len(keys), _TOGETHER):
            part = keys[start : start + _TOGETHER]
            statement = f"SELECT key FROM seen WHERE key IN ({places(len(part))})"  # noqa: S608
            seen.update(key for (key,) in self._connection.execute(statement, part))
        return [key for key in keys if key not in seen]

    @_explaining
    def add(self, seen: Sequence[bytes], asks: Sequence[Ask]) -> None:
        """Keep the keys of what came, and the questions to send."""
        self._connection.executemany("INSERT INTO seen VALUES (?)", [(key,) for key in sorted(seen)])
        rows = [(number, *ask) for number, ask in enumerate(asks, self.count)]
        self._connection.executemany("INSERT INTO asks VALUES (?, ?, ?, ?, ?)", rows)
        self.count += len(rows)

    @_explaining
    def ready(self, work: Work) -> None:
        """All are here. From now on they outlive the process."""
        self._connection.execute("DELETE FROM seen")
        self._save(work)

    # ---- while they are asked ----------------------------------------------------------------------------------

    @_explaining
    def save(self, work: Work) -> None:
        """Keep how far the work has come."""
        self._connection.execute("BEGIN")
        self._save(work)

    def _save(self, work: Work) -> None:
        self._connection.execute("DELETE FROM work")
        self._connection.execute("INSERT INTO work VALUES (?)", (json.dumps(asdict(work)),))
        self._connection.execute("COMMIT")
        self.work = work

    @_explaining
    def by_commune(self) -> bool:
        """Whether some question is to be answered within a commune."""
        (found,) = self._connection.execute("SELECT EXISTS (SELECT 1 FROM asks WHERE citycode <> '')").fetchone()
        return bool(found)

    def rows(self, fields: Sequence[str], first: int) -> Iterator[tuple[Any, ...]]:
        """Number and fields of each question from that number on."""
        statement = f"SELECT {', '.join(('number', *fields))} FROM asks WHERE number >= ? ORDER BY number"  # noqa: S608
        try:
            yield from self._connection.execute(statement, (first,))
        except sqlite3.Error as error:
            raise explained(error, self.path.parent.name) from error

    @_explaining
    def asks(self, numbers: Sequence[int]) -> list[Ask]:
        """The questions of these numbers, in their order."""
        found: dict[int, Ask] = {}
        for start in range(0, len(numbers), _TOGETHER):
            part = numbers[start : start + _TOGETHER]
            statement = f"SELECT * FROM asks WHERE number IN ({places(len(part))})"  # noqa: S608
            found.update((number, Ask(*texts)) for number, *texts in self._connection.execute(statement, part))
        return [found[number] for number in numbers]

    # ---- the end -----------------------------------------------------------------------------------------------

    @_explaining
    def clear(self) -> None:
        """Forget all: they are dealt with."""
        self._connection.execute("BEGIN")
        self._empty()
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file, and take it away unless there is work left in it."""
        with self._lock:
            self._closed = True
        if self._opened is None:
            return
        keep = self.work is not None
        with contextlib.suppress(sqlite3.Error):
            if self._opened.in_transaction:
                self._opened.execute("ROLLBACK")
        self._opened.close()
        if not keep:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    make_private(path)
    require_ours(path, _FORM, path.parent.name)
    connection = connect(path, "mode=rw", 0.5)
    try:
        for statement in _FORM.settings:
            connection.execute(statement).fetchall()
        connection.execute("BEGIN EXCLUSIVE")  # kept until the file is closed
        if layout_of(connection) != _FORM.layout:
            _begin_anew(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin_anew(connection: sqlite3.Connection) -> None:
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        connection.execute(f'DROP TABLE "{table}"')
    make_tables(connection, _FORM)
