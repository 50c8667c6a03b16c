"""The file of a journal: what it holds, and how it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from ....transport.sqlite_file import Form, make_tables, open_ours
from .fault import explained

__all__ = ["FORM", "open_file", "open_temporary"]

_CACHE: Final = f"PRAGMA cache_size = -{4 * 1024}"
"""In KiB."""
FORM: Final = Form(
    noun="journal",
    application_id=0x4672674A,  # "FrgJ"
    layout=1,
    tables=(
        """CREATE TABLE answers (number INTEGER PRIMARY KEY, asked_at REAL NOT NULL, texts TEXT,
        lon REAL, lat REAL, score REAL, score_next REAL, distance REAL)""",
        "CREATE TABLE young (key BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE old (key BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
    settings=(
        _CACHE,
        "PRAGMA wal_autocheckpoint = 2000",
        f"PRAGMA journal_size_limit = {64 * 1024 * 1024}",
        "DELETE FROM notes WHERE false",  # finds a file that can only be read, before anything is asked
    ),
)


def open_temporary() -> sqlite3.Connection:
    """A private database that is gone when it is closed; on disk only when it outgrows its cache."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        make_tables(connection, FORM)
        connection.execute(_CACHE)
    except sqlite3.Error as error:
        connection.close()
        raise explained(error, None) from error
    return connection


def open_file(path: Path, patience: float, *, make: bool) -> sqlite3.Connection:
    """A connection to the journal at `path`, which is made when it is missing and `make` says so.

    Waits `patience` seconds at most for other processes. `ConfigurationError`: the file is something else, or of
    another version. `JournalError`: it is damaged, or can not be read or written. The file is then left as it is.
    """
    try:
        return open_ours(path, FORM, patience, name=f"the journal {path.name}", make=make)
    except (sqlite3.Error, OSError) as error:
        raise explained(error, path.name) from error
