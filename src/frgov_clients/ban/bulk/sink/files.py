"""Results written to a file beside the caller's own columns, which keep their names, their order and their values.

A file has its name only once it is whole. Cells are written as they are: one that a spreadsheet would take for a
formula (`=`, `+`, `-`, `@` in front) is data of the input, and left to who opens the file.
"""

from __future__ import annotations

import csv
import json
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from ....errors import InvalidRequest
from ..model import Geocoded, KindName
from ..source.csv_rows import allow_long_cells
from ..source.csv_sniff import check_delimiter
from ..source.row import Row, free_name
from .cells import (
    RESULT_COLUMNS,
    cell_text,
    checked_names,
    plain,
    result_columns,
    row_cells,
    surplus_name,
    values_of,
)
from .replacing import WholeFile

__all__ = ["RESULT_COLUMNS", "CsvSink", "JsonLinesSink", "Sink", "check_suffix", "sink_for"]

_SMALL: Final = 1e-4
"""Below it Python writes an exponent."""


class Sink(ABC):
    """A file of results. Leaving its `with` block finishes it, an exception removes it."""

    def __init__(self, path: str | os.PathLike[str], encoding: str) -> None:
        self._file = WholeFile(path, encoding)
        self.rows = 0
        """Rows written."""
        self.notes: Counter[str] = Counter()
        """What the rows did not come out with as they went in."""

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._file.path

    def write(self, batch: Sequence[Geocoded]) -> None:
        """Write results, in their order. Raises `OSError` when the disk does not take them, and gives the file up."""
        try:
            self._write(batch)
        except BaseException:  # what has reached the file is not known any more
            self.abort()
            raise
        self.rows += len(batch)

    @abstractmethod
    def _write(self, batch: Sequence[Geocoded]) -> None:
        """Write results in the form of this file."""

    def close(self, *, replace: bool = True) -> None:
        """Finish the file and give it its name; nothing is left when that fails (`OSError`).

        Without `replace` a file of that name stays, and this one is called `rows.partial.csv`: `path` tells. Raises
        `ValueError` when the file was given up before.
        """
        self._file.finish(replace=replace)

    def abort(self) -> None:
        """Give up: what was written is removed. Nothing after `close()`."""
        self._file.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


class _Lines(list[str]):
    """Lines of a file, as a file takes them."""

    write = list[str].append


def _number_text(value: float) -> str:
    return cell_text(value) if -_SMALL < value < _SMALL else str(value)


class CsvSink(Sink):
    """CSV as RFC 4180 has it: the caller's columns, then those of the result. `.gz` in the name packs it.

    What a row holds beyond the header (too many cells, more keys) goes to one more column at the end, `surplus`,
    which is there only when a row needs it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Sequence[str],
        *,
        prefix: str = "ban_",
        delimiter: str = ",",
        encoding: str = "utf-8",
        kind: KindName = "search",
    ) -> None:
        """Raises `InvalidRequest` when a column of the input has a name of the result, `OSError` as `open` does."""
        names = checked_names(header, prefix, kind)
        self._header = tuple(header)
        self._delimiter = check_delimiter(delimiter)
        self._kind: KindName = kind
        self._numbers = [place for place, column in enumerate(result_columns(kind)) if column.type == "number"]
        self._positions: dict[str, int] | None = None
        self._surplus = False
        super().__init__(path, encoding)
        self._columns = (*self._header, *names)
        self._opened(self._file.text).writerow(self._columns)

    def _opened(self, text: Any) -> Any:
        # Both characters of a line end, or a lone one inside a cell would not be quoted by Python before 3.13.
        return csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n")

    def _write(self, batch: Sequence[Geocoded]) -> None:
        kind, numbers, delimiter = self._kind, self._numbers, self._delimiter
        width, between = len(self._header), len(self._columns) - 1
        lines = _Lines()
        writer = self._opened(lines)
        for result in batch:
            line, surplus = self._cells(result.row)
            line += values_of(result, kind)
            for place in numbers:
                value = line[width + place]
                line[width + place] = "" if value is None else _number_text(value)
            if surplus:
                self._surplus = True
                line.append(surplus)
            text = delimiter.join(line)
            if surplus or text.count(delimiter) != between or '"' in text or "\n" in text or "\r" in text:
                writer.writerow(line)
            else:  # nothing to quote: a quarter of the writer's time
                lines.write(f"{text}\r\n")
        self._file.text.write("".join(lines))

    def _cells(self, row: Mapping[str, Any]) -> tuple[list[Any], str]:
        if type(row) is Row:
            cells = [cell if type(cell) is str else cell_text(cell) for cell in row.cells]
            if row.positions is self._positions:
                return cells, ""
            names, width = tuple(row.positions), len(self._header)
            if names == self._header:
                self._positions = row.positions
                return cells, ""
            if names[:width] == self._header and len(names) == width + 1:
                return cells[:width], cells[width]
        return row_cells(row, self._header)

    def close(self, *, replace: bool = True) -> None:
        try:
            if self._surplus:
                self._surplus = False
                self._file.rewrite(self._with_surplus)
            super().close(replace=replace)
        except BaseException:
            self.abort()
            raise

    def _with_surplus(self, first: IO[str], second: IO[str]) -> None:
        allow_long_cells()
        writer = self._opened(second)
        reader = csv.reader(first, delimiter=self._delimiter, strict=True)
        next(reader)
        writer.writerow((*self._columns, surplus_name(self._columns)))
        width = len(self._columns)
        writer.writerows(line if len(line) > width else [*line, ""] for line in reader)


class JsonLinesSink(Sink):
    """One JSON object in each line: the caller's row, and the result as an object under `ban`, in UTF-8.

    The object is named after the prefix. What the service did not give is `null`. A key of that name that only comes
    in a later row gives way: it is called `ban_2` there, and counted in `notes`. In each line `ban` is the result.
    """

    def __init__(
        self, path: str | os.PathLike[str], header: Sequence[str], *, prefix: str = "ban_", kind: KindName = "search"
    ) -> None:
        """Raises `InvalidRequest` when a column of the input has the name of the object, `OSError` as `open` does."""
        self._key = prefix.rstrip("_") or "ban"
        if self._key in header:
            hint = f"For example `prefix={self._key + '2_'!r}`"
            raise InvalidRequest.of("prefix", "one that is not the name of a column of the input", hint)
        self._kind: KindName = kind
        self._names = [column.name for column in result_columns(kind)]
        super().__init__(path, "utf-8")

    def _write(self, batch: Sequence[Geocoded]) -> None:
        lines: list[str] = []
        for result in batch:
            row = result.row if self._key not in result.row else self._renamed(result.row)
            values = (None if value == "" else value for value in values_of(result, self._kind))
            found: dict[str, Any] = dict(zip(self._names, values, strict=True))
            found["reasons"], found["repairs"] = result.reasons, result.repairs
            lines.append(_json({**row, self._key: found}))
        self._file.text.write("".join(lines))

    def _renamed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        self.notes["key_renamed"] += 1
        free = free_name(self._key, row)
        return {free if name == self._key else name: value for name, value in row.items()}


def _json(entry: dict[str, Any]) -> str:
    try:
        return _encoded(entry) + "\n"
    except (TypeError, ValueError):  # keys that are no text; NaN, for which JSON has no word
        return json.dumps(plain(entry), ensure_ascii=False, default=_other) + "\n"


def _other(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return dict[Any, Any](cast("Any", value))
    return plain(value) if isinstance(value, AbstractSet) else cell_text(value)


_encoded: Final = json.JSONEncoder(ensure_ascii=False, default=_other, allow_nan=False).encode


# ---- by the name of the file -------------------------------------------------------------------------------


_JSON_LINES: Final = (".jsonl", ".ndjson")
_TABLES: Final = {".csv": ",", ".tsv": "\t", ".tab": "\t"}


def check_suffix(path: str | os.PathLike[str]) -> str:
    """What the name says of the format; raises `InvalidRequest` for one that there is no sink for."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    ending = suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else (suffixes or [""])[-1]
    if ending not in _JSON_LINES and ending not in _TABLES:
        hint = "For other formats make a frame: `to_pandas`, `to_polars`"
        raise InvalidRequest.of("path", "a name that ends with .csv, .tsv, .jsonl or .ndjson, or these with .gz", hint)
    return ending


def sink_for(
    path: str | os.PathLike[str],
    header: Sequence[str] | None,
    *,
    prefix: str = "ban_",
    delimiter: str | None = None,
    encoding: str | None = None,
    input_delimiter: str | None = None,
    kind: KindName = "search",
) -> Sink:
    """The sink for a name: `.csv`, `.tsv`, `.tab`, `.jsonl` or `.ndjson`, packed with `.gz` behind it.

    `header` is that of the source, `None` when the input was empty. `delimiter` (a tab for `.tsv` and `.tab`; for
    `.csv` what parts the cells of the input, `input_delimiter`, or a comma) and `encoding` (UTF-8; `utf-8-sig` for
    spreadsheets) are for CSV. Raises `InvalidRequest` for other names.
    """
    ending = check_suffix(path)
    names = header or ()
    if ending in _JSON_LINES:
        if delimiter is not None or encoding not in (None, "utf-8"):
            raise InvalidRequest.of("path", "a CSV file where `delimiter` or `encoding` is given")
        return JsonLinesSink(path, names, prefix=prefix, kind=kind)
    chosen = _TABLES[ending] if delimiter is None else delimiter
    if delimiter is None and input_delimiter is not None and ending == ".csv":  # the other names say what they hold
        chosen = input_delimiter
    return CsvSink(path, names, prefix=prefix, delimiter=chosen, encoding=encoding or "utf-8", kind=kind)
