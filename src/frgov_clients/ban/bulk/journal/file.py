"""The file of a journal: made private, marked as ours, and opened only when it is whole and ours."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from ....errors import ConfigurationError
from .fault import code_of, explained
from .forks import opening

__all__ = ["open_file", "open_temporary"]

APPLICATION_ID: Final = 0x4672674A
"""Stands in the header of the file ("FrgJ"): tells a journal from any other database."""
LAYOUT: Final = 1
"""Grows with every change of the tables. A file of a newer layout is refused."""
_TABLES: Final = (
    """CREATE TABLE answers (number INTEGER PRIMARY KEY, asked_at REAL NOT NULL, texts TEXT,
    lon REAL, lat REAL, score REAL, score_next REAL, distance REAL)""",
    "CREATE TABLE young (key BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE old (key BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {LAYOUT}",
)
_CACHE_KIB: Final = 4 * 1024
_CHECKPOINT_PAGES: Final = 2000
_LOG_BYTES: Final = 64 * 1024 * 1024
_PAUSE: Final = 0.02
_PASSING: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
"""Another process makes, recovers or closes the file at this moment."""


def open_temporary() -> sqlite3.Connection:
    """A private database that is gone when it is closed; on disk only when it outgrows its cache."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        _make_tables(connection)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    except sqlite3.Error as error:
        connection.close()
        raise explained(error, None) from error
    return connection


def open_file(path: Path, patience: float, *, make: bool) -> sqlite3.Connection:
    """A connection to the journal at `path`, which is made when it is missing and `make` says so.

    Waits `patience` seconds at most for other processes. `ConfigurationError`: the file is something else, or of a
    newer version. `JournalError`: it is damaged, or can not be read or written. The file is then left as it is.
    """
    give_up = time.monotonic() + patience
    while True:
        try:
            with opening:  # closing a new file lets go of every lock of this process on it
                return _prepared(path, patience, make=make)
        except sqlite3.Error as error:
            if code_of(error) not in _PASSING or time.monotonic() >= give_up:
                raise explained(error, path.name) from error
        except OSError as error:
            raise explained(error, path.name) from error
        time.sleep(_PAUSE)


def _prepared(path: Path, patience: float, *, make: bool) -> sqlite3.Connection:
    if path.is_dir():
        raise ConfigurationError(f"the journal {path.name}: this is a folder: give the path of a file")
    if make:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    _require_ours(path, may_be_empty=make)
    connection = _connect(path, "mode=rw", patience)
    try:
        _configure(connection, path.name)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_ours(path: Path, *, may_be_empty: bool) -> None:
    """Our mark must stand in the file before SQLite may write to it.

    It is read without the log beside it (`immutable`), which SQLite would play into a file that took our place, and
    through SQLite, because closing a file by other means lets go of every lock of this process on it.
    """
    if may_be_empty and path.stat().st_size == 0:
        return
    with contextlib.closing(_connect(path, "mode=ro&immutable=1")) as connection:
        try:
            connection.execute("PRAGMA writable_schema = 1")  # the length may be changing: it is looked at later
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
        except sqlite3.DatabaseError as error:
            if code_of(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise _foreign(path.name) from error
            raise
    if owner != APPLICATION_ID:
        raise _foreign(path.name)


def _configure(connection: sqlite3.Connection, name: str) -> None:
    if _layout(connection) == 0:
        connection.execute("BEGIN IMMEDIATE")
        if _layout(connection) == 0:  # not made by another process meanwhile
            _make_tables(connection)  # before there is a log, so that our mark stands in the file itself
        connection.execute("COMMIT")
    if _layout(connection) != LAYOUT:
        raise ConfigurationError(
            f"the journal {name}: it was made by another version of this package: choose another path"
        )
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"no write-ahead log here: {mode}")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}").fetchall()
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}").fetchall()
    connection.execute("DELETE FROM notes WHERE false")  # finds a file that can only be read, before anything is asked


def _layout(connection: sqlite3.Connection) -> int:
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    return int(layout)


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in _TABLES:
        connection.execute(statement)


def _connect(path: Path, options: str, patience: float = 0.0) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?{options}", uri=True, timeout=patience, isolation_level=None, check_same_thread=False
    )


def _foreign(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"the journal {name}: the file is no journal of this package, or its beginning is damaged: choose another path"
    )
