"""Answers kept in a file, shared by the processes of one machine and by several runs of a script."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, TypeVarTuple

from ..errors import ConfigurationError
from .cache import Blocking, Store, Trouble, encoded, logger
from .fork import rest_around_forks
from .sqlite_file import Form, is_damage, open_ours, require_ours

__all__ = ["SqliteCache"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Identity: TypeAlias = tuple[int, int]
"""Device and inode: whether the file at a path is still the one that was opened."""

_NAME: Final = "SqliteCache"
_SMALLEST: Final = 256 * 1024
_PURGE_EVERY: Final = 32
_PURGE_STEP: Final = 128
_TRIM_STEP: Final = 1000
_ROW_OVERHEAD: Final = 64
_READ_PATIENCE: Final = 0.25
_REOPEN_PAUSE: Final = 5.0

_FORM: Final = Form(
    noun="cache",
    application_id=0x46726743,  # "FrgC"
    layout=1,
    tables=(
        """CREATE TABLE entries
        (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, expires REAL NOT NULL, value BLOB NOT NULL)""",
        "CREATE INDEX entries_expires ON entries (expires)",
    ),
    settings=(
        f"PRAGMA journal_size_limit = {16 * 1024 * 1024}",
        "SELECT value FROM entries WHERE key = x'' AND expires > 0",  # finds a file without its tables, before a call
    ),
    advice="choose another path or delete it",
)
_GET: Final = "SELECT value FROM entries WHERE key = ? AND expires > ?"
_SET: Final = (
    "INSERT INTO entries (key, expires, value) VALUES (?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET expires = excluded.expires, value = excluded.value"
)
_DELETE: Final = "DELETE FROM entries WHERE key = ?"
_PURGE: Final = "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE expires <= ? ORDER BY expires LIMIT ?)"
_SOONEST: Final = "SELECT id, length(key) + length(value) FROM entries ORDER BY expires LIMIT ?"


class _Slot:
    """A connection, and the lock that gives it to one thread at a time."""

    __slots__ = ("connection", "identity", "lock", "patience", "read_only")

    def __init__(self, *, read_only: bool, patience: float) -> None:
        self.lock = threading.Lock()
        self.connection: sqlite3.Connection | None = None
        self.identity: Identity | None = None
        self.read_only = read_only
        self.patience = patience

    def close(self) -> None:
        connection, self.connection, self.identity = self.connection, None, None
        with contextlib.suppress(sqlite3.Error):
            if connection is not None:
                connection.close()


class SqliteCache(Store):
    """Keeps answers in an SQLite file (write-ahead log), for all threads and processes that open the same path.

    The file is made readable by its owner alone, and the folders above it where they are missing. It must lie on a
    local disk: SQLite's log does not work over NFS. It grows to `max_bytes` (its log adds a few megabytes); the
    entries that expire soonest go first when it is full, and a value larger than half of it is not kept.

    One connection reads and one writes, each for one thread at a time: a reader never waits for a writer. Both are
    closed around `os.fork` and opened again where they are used, since SQLite's locks do not survive it.

    A full disk or a locked file makes a read a miss and drops a write, with one warning in the log. A damaged file is
    renamed to `<name>.damaged` and begun anew, with one warning.
    """

    io: Blocking = "disk"

    def __init__(
        self,
        path: str | os.PathLike[str],
        max_bytes: int = 256 * 1024 * 1024,
        *,
        busy_timeout: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`busy_timeout`: seconds that a write waits for another process.

        `ConfigurationError`: the path can not be opened, or holds something else than a cache of this package.
        """
        if max_bytes < _SMALLEST:
            raise ConfigurationError(f"SqliteCache: max_bytes must be at least {_SMALLEST}")
        self._path = Path(path).expanduser().absolute()
        self._max_bytes = max_bytes
        self._busy_timeout = busy_timeout
        self._clock = clock
        self._reader = _Slot(read_only=True, patience=min(_READ_PATIENCE, busy_timeout))
        self._writer = _Slot(read_only=False, patience=busy_timeout)
        self._closed = False
        self._writes = 0
        self._no_open_before = float("-inf")
        self._trouble = Trouble("sqlite")
        rest_around_forks(self)
        try:
            with self._writer.lock, self._reader.lock:
                self._open(self._writer)
                self._open(self._reader)
        except (sqlite3.Error, OSError, ConfigurationError) as error:
            self.close()
            if isinstance(error, ConfigurationError):
                raise
            raise ConfigurationError(f"SqliteCache: the file can not be opened: {error}") from error

    # -- the protocol

    def get(self, key: str) -> bytes | None:
        """The value; writes nothing, so that it is quick enough to be called in an event loop."""
        return self._run(self._reader, "reading", _read, encoded(key), self._clock())

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep `value` for `ttl` seconds; waits `busy_timeout` at most for other processes that write."""
        if not ttl > 0 or len(value) > self._max_bytes // 2:
            self.delete(key)
        else:
            self._run(self._writer, "writing", self._write, encoded(key), value, self._clock() + ttl)

    def delete(self, key: str) -> None:
        """Remove the key, if it is there."""
        self._run(self._writer, "deleting", _delete, encoded(key))

    def clear(self) -> None:
        """Remove everything, and overwrite it in the file. Raises `sqlite3.Error` when it can not."""
        with self._writer.lock:
            if not self._closed:
                _erase(self._writer.connection or self._open(self._writer))

    def close(self) -> None:
        """Close the file. Afterwards every read is a miss and every write is ignored."""
        with self._writer.lock, self._reader.lock:
            self._closed = True
            self._reader.close()
            self._writer.close()

    def before_fork(self) -> None:
        """Close the connections and let nobody open one until `after_fork`."""
        self._writer.lock.acquire()
        self._reader.lock.acquire()
        self._reader.close()
        self._writer.close()

    def after_fork(self, *, in_child: bool = False) -> None:  # noqa: ARG002
        """Go on, in the parent and in the child."""
        self._reader.lock.release()
        self._writer.lock.release()

    # -- connections

    def _run(self, slot: _Slot, operation: str, work: Callable[[sqlite3.Connection, *Ts], T], *args: *Ts) -> T | None:
        """Do the work, or log why it could not be done."""
        identity: Identity | None = None
        try:
            with slot.lock:
                if self._closed:
                    return None
                connection = slot.connection
                if connection is None:
                    if time.monotonic() < self._no_open_before:
                        return None
                    connection = self._open(slot)
                identity = slot.identity
                return work(connection, *args)
        except (sqlite3.Error, OSError, ConfigurationError) as error:
            if identity is None:
                self._no_open_before = time.monotonic() + _REOPEN_PAUSE
            elif is_damage(error):
                self._begin_anew(identity)
                return None
            self._trouble.tell(operation, str(error))
            return None

    def _open(self, slot: _Slot, damaged: Identity | None = None) -> sqlite3.Connection:
        """The slot's lock is held."""
        with _alone(self._path, self._busy_timeout):
            if damaged is not None and _identity(self._path) == damaged:
                self._set_aside()
            try:
                connection = open_ours(self._path, _FORM, slot.patience, name=_NAME)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._set_aside()
                connection = open_ours(self._path, _FORM, slot.patience, name=_NAME)
            if slot.read_only:
                connection.execute("PRAGMA query_only = 1")
            slot.connection, slot.identity = connection, _identity(self._path)
        return connection

    def _begin_anew(self, damaged: Identity) -> None:
        """Damage was seen in the file: replace it, unless another thread or process has done so; open what is there."""
        with self._writer.lock, self._reader.lock:
            self._reader.close()
            self._writer.close()
            try:
                self._open(self._writer, damaged)
            except (sqlite3.Error, OSError, ConfigurationError) as error:
                self._no_open_before = time.monotonic() + _REOPEN_PAUSE
                self._trouble.tell("replacing a damaged file", str(error))

    def _set_aside(self) -> None:
        require_ours(self._path, _FORM, _NAME)
        aside = self._path.with_name(self._path.name + ".damaged")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self._path}{suffix}").replace(f"{aside}{suffix}")
        logger.warning("the sqlite cache was damaged: it is now %s, and a new file takes its place", aside.name)

    # -- writing

    def _write(self, connection: sqlite3.Connection, key: bytes, value: bytes, expires: float) -> None:
        self._writes += 1
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if self._writes % _PURGE_EVERY == 0:
                connection.execute(_PURGE, (self._clock(), _PURGE_STEP))
            self._make_room(connection, len(key) + len(value) + _ROW_OVERHEAD)
            connection.execute(_SET, (key, expires, value))

    def _make_room(self, connection: sqlite3.Connection, needed: int) -> None:
        """Remove what expires soonest; 5 % more than needed, so that not every write has to."""
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        excess = (pages - free) * page_size + needed - self._max_bytes
        if excess <= 0:
            return
        excess += self._max_bytes // 20
        leaving: list[tuple[int]] = []
        for row, size in connection.execute(_SOONEST, (_TRIM_STEP,)):
            leaving.append((row,))
            excess -= size + _ROW_OVERHEAD
            if excess <= 0:
                break
        connection.executemany("DELETE FROM entries WHERE id = ?", leaving)


# ---- work on a connection ----------------------------------------------------------------------------------


def _read(connection: sqlite3.Connection, key: bytes, now: float) -> bytes | None:
    rows: list[tuple[bytes]] = connection.execute(_GET, (key, now)).fetchall()  # to its end: no read lock stays behind
    return rows[0][0] if rows else None


def _delete(connection: sqlite3.Connection, key: bytes) -> None:
    connection.execute(_DELETE, (key,))


def _erase(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA secure_delete = 1")
    try:
        connection.execute("DELETE FROM entries")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute("PRAGMA secure_delete = 0")


# ---- the file ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _alone(path: Path, patience: float) -> Generator[None, None, None]:
    """One thread of one process opens, prepares or replaces the file; the lock dies with its process.

    A second, empty SQLite file is the lock, because SQLite's locks exist on every system.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = sqlite3.connect(f"{path}.lock", timeout=patience, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
