"""The journal: what the service has answered already, so that nothing is asked twice, not even after a crash."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from ....errors import ClientClosed, ConfigurationError, InvalidRequest
from ....transport.fork import rest_around_forks
from ....transport.reading import read_seconds
from ...exchange import Answer, Ask
from . import tables
from .fault import JournalError, explained
from .file import open_file, open_temporary
from .place import Place
from .tables import Known

__all__ = ["Journal", "JournalError", "Known"]

_SEPARATORS: Final = len(Ask._fields) - 1
_YOUNG_MOST: Final = 64_000
_abandoned: Final[list[sqlite3.Connection]] = []
"""Temporary databases of the parent of this process, which only the parent may touch, even to close them."""


class Journal:
    """Answers of the service, kept in an SQLite file, for all threads and processes that open the same path.

    The file is made readable by its owner alone, and the folders above it where they are missing. It must lie on a
    local disk: SQLite's log does not work over NFS. A question is known by a hash of its fields and of the dialect;
    its text is not stored. The answers are, in clear: about 260 bytes each. Nothing is ever deleted but answers that
    newer ones replace.

    What `remember` has taken survives the death of the process at any moment; a power cut may take the last seconds
    away, and leaves the rest whole. A file that is damaged, foreign or of a newer version is refused and not touched.

    Without a path it is a temporary database: duplicates within a run are known, at bounded memory, and all is
    forgotten at its end. A process forked from this one goes on with the same file; of a temporary journal it gets
    an empty one of its own.
    """

    _opens_at_once: ClassVar = True

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        max_age: float | timedelta | None = None,
        dialect: str = "",
        busy_timeout: float = 30.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the journal, or make it.

        Args:
            path: the file; none for a temporary journal.
            max_age: answers older than that (seconds) count as unknown; by default all are known.
            dialect: names the service that is asked: the answers of one are unknown to another. Runs tell it
                themselves; give it to say that several servers know the same addresses.
            busy_timeout: seconds to wait for another process that writes.
            clock: seconds since 1970.

        Raises:
            ConfigurationError: the file is something else than a journal, or of a newer version of this package.
            JournalError: it is damaged, or can not be read or written.
            InvalidRequest: `max_age` is negative, or `busy_timeout` not positive.
        """
        self._max_age = _seconds(max_age)
        if not busy_timeout > 0:
            raise InvalidRequest.of("busy_timeout", "more than 0 seconds")
        self._path = _absolute(path)
        self._name = None if self._path is None else self._path.name
        self._service = dialect
        self._told = bool(dialect)
        self._begun = _begun(dialect)
        self._busy_timeout = busy_timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = False
        self._young = 0
        """Keys in `young`, as far as this process knows: another one may add some, or merge them."""
        self._connection: sqlite3.Connection | None = None
        self._place: Place | None = None
        rest_around_forks(self)
        if self._opens_at_once:
            self.open()

    def open(self) -> None:
        """Open the file, or make it, where that was not done yet. Raises as making a journal does."""
        with self._lock:
            if self._closed:
                raise ClientClosed("the journal was closed")
            if self._connection is None:
                self._connection = self._open(make=True)

    @property
    def path(self) -> Path | None:
        """The file; `None` for a temporary journal."""
        return self._path

    def serve(self, service: str) -> None:
        """Keep and know the answers of this service, as every run tells before it asks; `dialect` stands above it.

        `ConfigurationError`: it serves another one already; the same file may be opened once more for this one.
        """
        with self._lock:
            if self._told:
                return
            if self._service not in ("", service):
                raise ConfigurationError("the journal serves another service already: open its file once more")
            self._service, self._begun = service, _begun(service)

    def recall(self, asks: Sequence[Ask]) -> list[Known | None]:
        """What is known about each question, in their order; `None` where nothing is, or nothing young enough.

        `JournalError`: the file can not be read.
        """
        return self.known(self.keys(asks))

    def known(self, keys: Sequence[bytes]) -> list[Known | None]:
        """`recall`, for who has the keys of the questions already."""
        if not keys:
            return []
        with self._transaction("BEGIN") as connection:
            rows = tables.find(connection, keys)
        if not rows:
            return [None] * len(keys)
        oldest = float("-inf") if self._max_age is None else self._clock() - self._max_age
        known = tables.read(rows.values(), oldest)
        return [known.get(key) for key in keys]

    def remember(self, answered: Sequence[tuple[Ask, Answer | None]]) -> None:
        """Keep answers, all of them or, when it raises, none; they replace older ones. Never give it a failure.

        `JournalError`: the file can not be written; what it held before is kept.
        """
        keys = self.keys([ask for ask, _ in answered])
        self.keep(dict(zip(keys, [answer for _, answer in answered], strict=True)))

    def keep(self, answers: Mapping[bytes, Answer | None]) -> None:
        """`remember`, for who has the keys of the questions already."""
        if not answers:
            return
        try:
            self._put(answers)
        except ValueError:
            self._put({key: answer and tables.cleaned(answer) for key, answer in answers.items()})

    def note(self, name: str, value: str | None) -> None:
        """Keep a small text under a name, or forget it (`None`): for work that goes on in a later run."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            if value is None:
                connection.execute("DELETE FROM notes WHERE name = ?", (name,))
            else:
                connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str | None:
        """The text that was kept under a name."""
        with self._transaction("BEGIN") as connection:
            row: tuple[str] | None = connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def __len__(self) -> int:
        """How many questions have an answer, old ones included. Reads the index: 20 ms for a million."""
        with self._transaction("BEGIN") as connection:
            return tables.how_many(connection)

    def __bool__(self) -> bool:
        """True even when it is empty: it is not a collection."""
        return True

    def close(self) -> None:
        """Close the file. May be called again, and from any thread."""
        with self._lock:
            self._closed = True
            self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()

    def before_fork(self) -> None:
        """Finish what is under way, and have nothing open that a child could inherit."""
        self._lock.acquire()
        if self._path is not None:
            self._let_go()

    def after_fork(self, *, in_child: bool) -> None:
        """Go on, in the parent and in the child."""
        if in_child and self._connection is not None:
            _abandoned.append(self._connection)
            self._connection = None
        self._lock.release()

    # ---- keys ----------------------------------------------------------------------------------------------

    def keys(self, asks: Iterable[Ask]) -> list[bytes]:
        """By what each question is known: a hash of the service and all fields.

        A field that is added to `Ask` one day, empty, does not change it.
        """
        begun = self._begun.copy
        keys: list[bytes] = []
        for ask in asks:
            text = "\0".join(ask)
            if text.count("\0") != _SEPARATORS:
                text = repr(tuple(ask))  # which holds none
            state = begun()
            state.update(text.rstrip("\0").encode("utf-8", "surrogatepass"))
            keys.append(state.digest())
        return keys

    # ---- the connection ------------------------------------------------------------------------------------

    def _put(self, answers: Mapping[bytes, Answer | None]) -> None:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            tables.put(connection, answers, self._clock())
            self._young += len(answers)
            if self._young >= _YOUNG_MOST:
                tables.merge(connection)
                self._young = 0

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Generator[sqlite3.Connection, None, None]:
        """All or nothing, for one thread at a time."""
        with self._lock:
            if self._closed:
                raise ClientClosed("the journal was closed")
            connection = self._connection
            if connection is None:
                connection = self._connection = self._open(make=False)  # after a fork: the file is there already
            if self._place is not None and begin == "BEGIN IMMEDIATE":
                self._place.check()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                _roll_back(connection)
                raise explained(error, self._name) from error
            except BaseException:
                _roll_back(connection)
                raise

    def _open(self, *, make: bool) -> sqlite3.Connection:
        connection = open_temporary() if self._path is None else open_file(self._path, self._busy_timeout, make=make)
        try:
            self._young = tables.young_count(connection)
            self._place = None if self._path is None else Place(self._path)
        except (sqlite3.Error, OSError) as error:
            connection.close()
            raise explained(error, self._name) from error
        return connection

    def _let_go(self) -> None:
        """The lock is held."""
        connection, self._connection = self._connection, None
        with contextlib.suppress(sqlite3.Error):  # what could not be moved out of the log stays there
            if connection is not None:
                connection.close()


def _begun(service: str) -> Any:
    """The hash of every key begins with the service."""
    person = blake2b(service.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return blake2b(digest_size=16, person=person)


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _seconds(max_age: object) -> float | None:
    if max_age is None:
        return None
    return read_seconds("max_age", max_age, hint="90 days are `timedelta(days=90)`")


def _absolute(path: str | os.PathLike[str] | None) -> Path | None:
    if path is None:
        return None
    if os.fspath(path) in ("", ":memory:"):
        raise ConfigurationError("the journal: give the path of a file, or none for a temporary journal")
    return Path(path).expanduser().absolute()
