"""The files of a project: the technical CSV that is sent, and the output that came back for it.

Both are too large for the memory, and may take minutes: they are generators, which are played a piece at a time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from ...errors import UnexpectedContent
from ..dialects import Dialect
from .ahead_questions import Questions
from .journal import Journal
from .lot import Gap, Keyed, records_of, results_of

__all__ = ["Table", "check_output", "take_output", "write_part"]

_PIECE: Final = 500
_PIECES: Final = 20
"""Pieces between two pauses."""
_BATCH: Final = 2000


class Table:
    """The columns of a technical CSV, under names of the moment: the key, what is asked, the filter by commune."""

    def __init__(self, kind: str, prefix: str, dialect: Dialect, *, by_commune: bool) -> None:
        asked = ("q",) if kind == "search" else ("lon", "lat")
        self.fields: tuple[str, ...] = (*asked, "citycode") if by_commune else asked
        """Of the questions."""
        self.names: dict[str, str] = {name: f"{prefix}{number}" for number, name in enumerate(self.fields)}
        self.keyed = Keyed(f"{prefix}k", kind, dialect)
        self.header: list[str] = [self.keyed.key, *self.names.values()]
        told = self.names
        self.options: dict[str, Any] = {
            "operation": kind,
            "columns": [told["q"]] if kind == "search" else None,
            "lon": told.get("lon"),
            "lat": told.get("lat"),
            "filters": {"citycode": told["citycode"]} if by_commune else {},
            "result_columns": results_of(kind, dialect),
        }
        """What is asked of the file, as `geocode_project` takes it."""


class Written(NamedTuple):
    """How far the writing of a file has come."""

    end: int
    """Number of the first question that is not in it."""
    size: int
    """Bytes."""


def write_part(questions: Questions, table: Table, target: Path, first: int, limit: int) -> Iterator[Written]:
    """Write the questions from that number on, as many as `limit` bytes hold, and at least one.

    The same questions give the same bytes, so that after a restart the project of the file is known again.
    """
    rows = questions.rows(table.fields, first)
    with target.open("wb") as file:
        size, end = file.write(_csv_of([table.header])), first
        while piece := tuple(islice(rows, _PIECE)):
            text = _csv_of(piece)
            full = size + len(text) > limit
            if full:
                fitting = _fitting(piece, limit - size, at_least=int(end == first))
                text, piece = _csv_of(fitting), fitting
            size, end = size + file.write(text), end + len(piece)
            if full:
                break
            if (end - first) % (_PIECE * _PIECES) == 0:
                yield Written(end, size)
    yield Written(end, size)


def _csv_of(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _fitting(rows: Sequence[tuple[Any, ...]], room: int, *, at_least: int) -> tuple[tuple[Any, ...], ...]:
    found: list[tuple[Any, ...]] = []
    for row in rows:
        room -= len(_csv_of([row]))
        if room < 0 and len(found) >= at_least:
            break
        found.append(row)
    return tuple(found)


def check_output(path: Path, table: Table, first: int, end: int) -> Iterator[None]:
    """Look at every key of an output before anything of it is believed; rows may be missing.

    Raises `UnexpectedContent` for a key that was not sent, or that comes twice.
    """
    came = bytearray(end - first)
    for line, (number, _) in enumerate(_records(path, table)):
        if not first <= number < end or came[number - first]:
            raise UnexpectedContent("the output holds a key that was not sent, or one twice", retryable=False)
        came[number - first] = 1
        if line % (_PIECE * _PIECES) == 0:
            yield


def take_output(path: Path, table: Table, questions: Questions, journal: Journal) -> Iterator[None]:
    """Keep in the journal what the service found, and what it looked for and did not find; not what it failed on."""
    answered = ((number, one) for number, one in _records(path, table) if not isinstance(one, Gap))
    while batch := list(islice(answered, _BATCH)):
        asks = questions.asks([number for number, _ in batch])
        journal.remember([(ask, one) for ask, (_, one) in zip(asks, batch, strict=True)])
        yield


def _records(path: Path, table: Table) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        whole = (line for line in file if line.endswith(("\n", "\r")))  # no half line
        yield from ((number, one) for number, _, one in records_of(whole, table.keyed))
