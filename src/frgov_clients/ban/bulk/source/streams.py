"""Every kind of input as one stream of rows.

An input is a CSV file (path, bytes, or file open in binary mode), a frame (pandas, polars, pyarrow, whatever narwhals
knows), a database cursor, or any iterable of mappings, of records with field names, or of sequences with a `header`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence, Sized
from itertools import islice
from typing import Any, Final, Protocol, cast

from ....errors import InvalidRequest
from .row import Row, positions_of, unique_names

__all__ = ["NOTES", "CursorRows", "IterableRows", "Records", "Source", "check_cursor"]

NOTES: Final = {
    "blank_line": "lines that hold nothing, left out",
    "empty_surplus": "rows with more delimiters than the header, and nothing between them",
    "header_renamed": "columns whose name another column has already: a number was added",
    "long_row": "rows with more cells than the header, kept in a column of their own",
    "not_utf8": "bytes that are no UTF-8, read as Windows-1252",
    "other_columns": "rows whose columns have other names than those of the first row",
    "separator_line": "line `sep=` of a spreadsheet, left out",
    "short_row": "rows with fewer cells than the header, filled with empty ones",
}
"""What a source counts in its `notes`, in words."""


class Source(Protocol):
    """A stream of rows, read once."""

    total: int | None
    """Rows in all, where the input tells."""
    notes: Counter[str]
    """What was mended in the input; `NOTES` has the words."""

    @property
    def header(self) -> tuple[str, ...] | None:
        """Names of the columns; `None` while they are not known (mappings, before the first row)."""
        ...

    @property
    def share(self) -> float | None:
        """How much of the input has been read, 0 to 1, where that is known."""
        ...

    def read(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The next rows, at most `most`; none at the end, and only there."""
        ...

    def close(self) -> None:
        """Close what was opened here."""
        ...


# ---- iterables ---------------------------------------------------------------------------------------------


class Records:
    """Makes a mapping of a record: as it is, or by the names that come with it or were given."""

    def __init__(self, header: Sequence[str] | None) -> None:
        self.names: object = None
        self.notes: Counter[str] = Counter()
        self.header: tuple[str, ...] | None = None
        self._positions: dict[str, int] = {}
        if header is not None:
            self.name(header)

    def name(self, names: Sequence[str]) -> None:
        """The names of the cells of the records to come."""
        texts = [name if isinstance(cast("object", name), str) else str(name) for name in names]
        self.header = unique_names(texts)
        self._positions = positions_of(self.header)
        renamed = sum(old != new for old, new in zip(texts, self.header, strict=True))
        if renamed:
            self.notes["header_renamed"] += renamed

    def mapping(self, record: object, *, copied: bool) -> Mapping[str, Any]:
        """The record as a mapping; raises `InvalidRequest` when it has no names, or not as many as cells."""
        if isinstance(record, Mapping):
            row = cast("Mapping[str, Any]", record)
            if self.header is None:
                self.name(list(row))
            elif row.keys() != self._positions.keys():
                self.notes["other_columns"] += 1
            if not copied or not isinstance(row, MutableMapping):
                return row
            return dict(row)
        if isinstance(record, str | bytes) or not isinstance(record, Iterable):
            hint = 'Make mappings: [{"adresse": text} for text in texts]' if isinstance(record, str) else ""
            raise InvalidRequest.of("rows", "rows that are mappings or sequences of cells", hint)
        if self.header is None:
            names = _own_names(cast("Any", record))
            if names is None:
                raise InvalidRequest.of("rows", "rows with names", "Give `header`, the names of the columns")
            self.name(names)
        cells: tuple[Any, ...] = tuple(cast("Any", record))
        if len(cells) != len(self._positions):
            raise InvalidRequest.of("rows", f"as many cells in each row as in the header, {len(self._positions)}")
        return Row(self._positions, cells)


def _own_names(record: Any) -> Sequence[str] | None:
    """The names that named tuples, rows of sqlite3 and the like bring with them."""
    fields = getattr(record, "_fields", None)
    if fields is not None:
        return cast("Sequence[str]", tuple(fields))
    return tuple(record.keys()) if hasattr(record, "keys") else None


class IterableRows:
    """The rows of an iterable of mappings or of records: a `Source`.

    Dictionaries of anything but a list are copied, since it may fill the same one again and again.
    """

    share: float | None = None

    def __init__(self, rows: Iterable[object], header: Sequence[str] | None = None) -> None:
        self._rows: Iterator[object] = iter(rows)
        self._records = Records(header)
        self._copied = not isinstance(rows, list | tuple)
        self._error: Exception | None = None
        again: object = self._rows is not rows
        self.total = len(rows) if isinstance(rows, Sized) and again else None
        self.notes = self._records.notes

    @property
    def header(self) -> tuple[str, ...] | None:
        return self._records.header

    def read(self, most: int) -> list[Mapping[str, Any]]:
        """The next rows; raises `InvalidRequest` for one that is no row."""
        if self._error is not None:
            raise self._error
        mapping, copied = self._records.mapping, self._copied
        found: list[Mapping[str, Any]] = []
        try:
            found.extend(mapping(record, copied=copied) for record in islice(self._rows, most))
        except Exception as error:
            if not found:
                raise
            self._error = error  # the rows before it are whole
        return found

    def close(self) -> None:
        """Nothing: the iterable belongs to who gave it."""


# ---- cursors -----------------------------------------------------------------------------------------------


def check_cursor(cursor: Any) -> None:
    """Raise `InvalidRequest` when the cursor has no rows to give."""
    if not cursor.description:
        raise InvalidRequest.of("rows", "a cursor with rows to fetch", "Execute a query first")


class CursorRows:
    """The rows of a database cursor (DB-API 2) on which a query was executed: a `Source`."""

    total: int | None = None
    share: float | None = None

    def __init__(self, cursor: Any) -> None:
        """Raises `InvalidRequest` when the cursor has no rows to give."""
        check_cursor(cursor)
        self._cursor = cursor
        self._records = Records([column[0] for column in cursor.description])
        self.notes = self._records.notes

    @property
    def header(self) -> tuple[str, ...] | None:
        return self._records.header

    def read(self, most: int) -> list[Mapping[str, Any]]:
        """The next rows; what the database raises passes through."""
        mapping = self._records.mapping
        return [mapping(record, copied=False) for record in self._cursor.fetchmany(most)]

    def close(self) -> None:
        """Nothing: the cursor belongs to who gave it."""
