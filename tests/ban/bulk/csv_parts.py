"""What the tests of CSV files share: a file read to its end, or to its error."""

from __future__ import annotations

from typing import Any

from frgov_clients.ban.bulk.source import NOTES
from frgov_clients.ban.bulk.source.csv_rows import CsvRows
from frgov_clients.errors import InvalidRequest


def read(content: bytes | str, most: int = 1000, **options: Any) -> tuple[list[dict[str, Any]], CsvRows]:
    source = CsvRows(content.encode() if isinstance(content, str) else content, **options)
    rows: list[dict[str, Any]] = []
    while piece := source.read(most):
        assert len(piece) <= most
        rows += map(dict, piece)
    assert source.read(most) == []
    assert set(source.notes) <= set(NOTES)
    return rows, source


def until_broken(source: CsvRows) -> tuple[int, InvalidRequest]:
    """How many rows come before the error, and the error."""
    count = 0
    while True:
        try:
            count += len(source.read(1000))
        except InvalidRequest as error:
            return count, error
