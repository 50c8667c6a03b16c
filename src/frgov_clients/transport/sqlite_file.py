"""An SQLite file of our own: made private, marked as ours, and opened only when it is whole and ours."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import ConfigurationError
from .fork import making

__all__ = [
    "Form",
    "code_of",
    "connect",
    "is_damage",
    "is_ours",
    "layout_of",
    "make_private",
    "make_tables",
    "open_ours",
    "require_ours",
]

_PAUSE: Final = 0.02
_PASSING: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
"""Another process makes, recovers or closes the file at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What one kind of our files holds, and how it is told from any other."""

    noun: str
    """What messages call such a file."""
    application_id: int
    """Stands in the header of the file."""
    layout: int
    """Grows with every change of the tables. A file of another layout is refused."""
    tables: tuple[str, ...]
    settings: tuple[str, ...]
    """What is done first on each connection: what is wrong with the tables, or with our rights, should show there."""
    advice: str = "choose another path"
    """What to do about a file that is not such a one."""


def open_ours(path: Path, form: Form, patience: float, *, name: str, make: bool = True) -> sqlite3.Connection:
    """A connection to the file at `path`, in write-ahead mode; the file is made where it is missing and `make` says so.

    Waits `patience` seconds at most for other processes. Raises `ConfigurationError` when the file is something else,
    or of another layout: it is then left as it is; `sqlite3.Error` or `OSError` when it is damaged, or can not be read
    or written. `name` begins the messages.
    """
    give_up = time.monotonic() + patience
    while True:
        try:
            return _prepared(path, form, patience, name, make=make)
        except sqlite3.Error as error:
            if code_of(error) not in _PASSING or time.monotonic() >= give_up:
                raise
        time.sleep(_PAUSE)


def _prepared(path: Path, form: Form, patience: float, name: str, *, make: bool) -> sqlite3.Connection:
    if path.is_dir():
        raise ConfigurationError(f"{name}: this is a folder: give the path of a file")
    if make:
        make_private(path)
    require_ours(path, form, name, may_be_empty=make)
    connection = connect(path, "mode=rw", patience)
    try:
        _configure(connection, form, name)
    except BaseException:
        connection.close()
        raise
    return connection


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, and the folders above it, where they are missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # closing a file lets go of every lock of this process on it: nobody may have opened it before it is closed here
    with making, contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def require_ours(path: Path, form: Form, name: str, *, may_be_empty: bool = True) -> None:
    """Raise `ConfigurationError` for a file that SQLite may not write to, and nobody move."""
    if not is_ours(path, form.application_id, may_be_empty=may_be_empty):
        raise ConfigurationError(
            f"{name}: the file is no {form.noun} of this package, or its beginning is damaged: {form.advice}"
        )


def is_ours(path: Path, application_id: int, *, may_be_empty: bool = True) -> bool:
    """Whether our mark stands in the file, or nothing at all.

    It is read without the log beside it (`immutable`), which SQLite would play into a file that took our place, and
    through SQLite, because closing a file by other means lets go of every lock of this process on it.
    """
    if may_be_empty and path.stat().st_size == 0:
        return True
    with contextlib.closing(connect(path, "mode=ro&immutable=1")) as connection:
        try:
            connection.execute("PRAGMA writable_schema = 1")  # the length may be changing: it is looked at later
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                return False
            raise
    return bool(owner == application_id)


def connect(path: Path, options: str, patience: float = 0.0) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time, and that begins no transaction by itself."""
    return sqlite3.connect(
        f"{path.as_uri()}?{options}", uri=True, timeout=patience, isolation_level=None, check_same_thread=False
    )


def _configure(connection: sqlite3.Connection, form: Form, name: str) -> None:
    if layout_of(connection) == 0:
        connection.execute("BEGIN IMMEDIATE")
        if layout_of(connection) == 0:  # not made by another process meanwhile
            make_tables(connection, form)  # before there is a log, so that our mark stands in the file itself
        connection.execute("COMMIT")
    if layout_of(connection) != form.layout:
        raise ConfigurationError(f"{name}: it was made by another version of this package: {form.advice}")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"no write-ahead log here: {mode}")
    connection.execute("PRAGMA synchronous = NORMAL")
    for statement in form.settings:
        connection.execute(statement).fetchall()


def layout_of(connection: sqlite3.Connection) -> int:
    """The layout of the tables; 0 in a file that has none of ours."""
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    return int(layout)


def make_tables(connection: sqlite3.Connection, form: Form) -> None:
    """Make the tables, and put our mark. Inside a transaction, so that neither is ever seen without the other."""
    for statement in form.tables:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {form.application_id}")
    connection.execute(f"PRAGMA user_version = {form.layout}")


def code_of(error: BaseException) -> int:
    """SQLite's primary result code; 0 when there is none."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that what it reads is no whole database."""
    return code_of(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
