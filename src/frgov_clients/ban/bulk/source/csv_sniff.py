"""Which character parts the cells of a CSV file: found from its header first, and confirmed by its first rows."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import Final

from ....errors import InvalidRequest

__all__ = ["ONE_COLUMN", "check_delimiter", "sniff_delimiter"]

ONE_COLUMN: Final = "\x1f"
"""Parts the cells of a file that has one column: a character that no text holds, so that commas stay in the text."""
_CANDIDATES: Final = (";", ",", "\t", "|")
_RECORDS: Final = 200


def check_delimiter(delimiter: str) -> str:
    """A delimiter that was asked for; raises `InvalidRequest`."""
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise InvalidRequest.of("delimiter", "one character, no quote and no line end")
    return delimiter


def sniff_delimiter(sample: str, *, whole: bool) -> str:
    """The delimiter of a file that begins with `sample` (or is it, when `whole`); `ONE_COLUMN` when it has none.

    Only what parts the header, and some row, can be it. Among several it is the one that cuts most rows into as many
    cells as the header, then the one that makes the most columns.
    """
    best, best_rank = ONE_COLUMN, (0.0, 1)
    for candidate in _CANDIDATES:
        counts = _widths(sample, candidate, whole=whole)
        rows = counts[1:]
        if counts and counts[0] > 1 and not (rows and max(rows) == 1):
            agreeing = round(sum(count == counts[0] for count in rows) / len(rows), 1) if rows else 1.0
            if (agreeing, counts[0]) > best_rank:
                best, best_rank = candidate, (agreeing, counts[0])
    return best


def _widths(sample: str, delimiter: str, *, whole: bool) -> list[int]:
    """Cells per record, blank lines left out, and the last record too when it may be cut."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        counts = [len(record) for record in islice(reader, _RECORDS)]
    except csv.Error:
        return []
    if not whole and len(counts) < _RECORDS:
        counts = counts[:1] + counts[1:-1]
    return [count for count in counts if count]
