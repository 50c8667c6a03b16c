"""The tables of a journal: answers in the order they came, and two indexes of their keys.

Keys are hashes, so a new key lands on any page of an index. A large index would be rewritten almost whole by every
commit; so new keys go to a small one (`young`), which is merged into the large one (`old`) when it is full. A key may
stand in both: `young` is right. Answers that a merge finds replaced are deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, islice
from typing import Final, NamedTuple, TypeAlias

from ...exchange import Answer

__all__ = ["Known", "Row", "cleaned", "find", "how_many", "merge", "places", "put", "read", "young_count"]

Row: TypeAlias = tuple[bytes, float, str | None, float | None, float | None, float | None, float | None, float | None]
"""Key, time, the texts of the answer in one (`None`: nothing was found), and its numbers."""


class Known(NamedTuple):
    """What the journal knows about a question."""

    answer: Answer | None
    """`None`: the service looked and found nothing."""
    asked_at: float
    """When the answer came, in seconds since 1970."""


_TOGETHER: Final = 512
"""Keys that one statement looks up."""
_SEPARATOR: Final = "\x1f"
"""Between the texts of an answer: half the time of a column for each of them."""
_SEPARATORS: Final = 11
_ROWS: Final = 32
"""Rows that one statement writes: two thirds of the time of one by one, and other threads are let in less often."""
_OVERLAP: Final = "young CROSS JOIN old ON old.key = young.key"


def find(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Row]:
    """Those of the keys that are known. Inside a transaction."""
    found: dict[bytes, Row] = {}
    (merged,) = connection.execute("SELECT EXISTS (SELECT 1 FROM old)").fetchone()
    filled = ("old", "young") if merged else ("young",)  # in this order: what is found later counts
    for part in _parts(keys):
        for table in filled:
            for row in connection.execute(_lookup(table, len(part)), part):
                found[row[0]] = row
    return found


def read(rows: Iterable[Row], oldest: float) -> dict[bytes, Known]:
    """The rows that are not older than `oldest`, as values."""
    known: dict[bytes, Known] = {}
    make = Answer._make
    for key, asked_at, texts, lon, lat, score, score_next, distance in rows:
        if asked_at < oldest:
            continue
        answer = None
        if texts is not None:
            label, kind, address, *rest = texts.split(_SEPARATOR)
            answer = make((label, kind, address, lon, lat, score, score_next, *rest, distance))
        known[key] = Known(answer, asked_at)
    return known


def _parts(keys: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Keys for one statement each, the last part filled up: SQLite keeps statements of a few lengths prepared."""
    for start in range(0, len(keys), _TOGETHER):
        part = list(keys[start : start + _TOGETHER])
        part.extend(part[:1] * ((1 << (len(part) - 1).bit_length()) - len(part)))
        yield part


@cache
def _lookup(table: str, size: int) -> str:
    return (
        "SELECT key, asked_at, texts, lon, lat, score, score_next, distance"  # noqa: S608
        f" FROM {table} CROSS JOIN answers USING (number) WHERE key IN ({places(size)})"
    )


def places(size: int) -> str:
    """So many question marks for a statement."""
    return ", ".join("?" * size)


def put(connection: sqlite3.Connection, answers: Mapping[bytes, Answer | None], now: float) -> None:
    """Append the answers, which replace those known under the same keys. Inside a transaction that may write.

    `ValueError`: a text that can not be stored; see `cleaned`.
    """
    (last,) = connection.execute("SELECT max(number) FROM answers").fetchone()
    first = (last or 0) + 1
    _insert(connection, "answers", _rows(answers.values(), first, now))
    numbers = {key: number for number, key in enumerate(answers, first)}
    in_order = ((key, numbers[key]) for key in sorted(numbers))
    if _insert(connection, "young", in_order, " ON CONFLICT (key) DO NOTHING") != len(numbers):
        _replace_young(connection, numbers, first)


def _rows(answers: Iterable[Answer | None], first: int, now: float) -> Iterator[tuple[object, ...]]:
    for number, answer in enumerate(answers, first):
        if answer is None:
            yield number, now, None, None, None, None, None, None
            continue
        label, kind, address, lon, lat, score, score_next, *rest, distance = answer
        texts = _SEPARATOR.join((label, kind, address, *rest))
        if texts.count(_SEPARATOR) != _SEPARATORS:
            raise ValueError("a separator in a text")
        yield number, now, texts, lon, lat, score, score_next, distance


def _insert(connection: sqlite3.Connection, into: str, rows: Iterator[tuple[object, ...]], conflict: str = "") -> int:
    """Add the rows; says how many were added."""
    added = 0
    while part := list(islice(rows, _ROWS)):
        statement = _insertion(into, len(part[0]), len(part), conflict)
        added += connection.execute(statement, list(chain.from_iterable(part))).rowcount
    return added


@cache
def _insertion(into: str, width: int, rows: int, conflict: str) -> str:
    return f"INSERT INTO {into} VALUES {', '.join([f'({places(width)})'] * rows)}{conflict}"  # noqa: S608


def cleaned(answer: Answer) -> Answer:
    """Without what the tables can not hold: halves of surrogate pairs and our separator become `?` and a space."""
    return Answer._make(
        field.encode("utf-8", "replace").decode().replace(_SEPARATOR, " ") if isinstance(field, str) else field
        for field in answer
    )


def _replace_young(connection: sqlite3.Connection, numbers: dict[bytes, int], first: int) -> None:
    """Point keys that `young` holds already to their new answers."""
    held: list[tuple[bytes, int]] = []
    for part in _parts(list(numbers)):
        statement = f"SELECT key, number FROM young WHERE number < ? AND key IN ({places(len(part))})"  # noqa: S608
        held += connection.execute(statement, (first, *part)).fetchall()
    connection.executemany("DELETE FROM answers WHERE number = ?", [(number,) for _, number in held])
    connection.executemany("UPDATE young SET number = ? WHERE key = ?", [(numbers[key], key) for key, _ in held])


def merge(connection: sqlite3.Connection) -> None:
    """Move the keys of `young` to `old`. Inside a transaction that may write."""
    moved = connection.execute("INSERT INTO old SELECT key, number FROM young WHERE true ON CONFLICT DO NOTHING")
    if moved.rowcount != young_count(connection):
        connection.execute(
            f"DELETE FROM answers WHERE number IN (SELECT old.number FROM {_OVERLAP} WHERE old.number <> young.number)"  # noqa: S608
        )
        connection.execute("INSERT OR REPLACE INTO old SELECT key, number FROM young")
    connection.execute("DELETE FROM young")


def young_count(connection: sqlite3.Connection) -> int:
    """How many keys wait to be merged."""
    (count,) = connection.execute("SELECT count(*) FROM young").fetchone()
    return int(count)


def how_many(connection: sqlite3.Connection) -> int:
    """How many questions have an answer."""
    (both,) = connection.execute("SELECT (SELECT count(*) FROM old) + (SELECT count(*) FROM young)").fetchone()
    (twice,) = connection.execute(f"SELECT count(*) FROM {_OVERLAP}").fetchone()  # noqa: S608
    return int(both - twice)
