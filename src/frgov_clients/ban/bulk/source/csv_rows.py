"""The rows of a CSV file as people have it: any delimiter and encoding, packed or not, ragged, with doubled headers.

One row comes out for each record of the file. What was mended is counted in `notes`. What can not be mended without
guessing (a quote that nothing closes) ends the reading with the number of the line. No error repeats a cell.
"""

from __future__ import annotations

import csv
import gzip
import io
import threading
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from ....errors import InvalidRequest
from .csv_sniff import ONE_COLUMN, check_delimiter, sniff_delimiter
from .csv_text import CsvText, counting, open_text
from .row import Row, free_name, positions_of, unique_names

__all__ = ["LONGEST_CELL", "CsvRows", "allow_long_cells"]

LONGEST_CELL: Final = 16 * 1024 * 1024
"""Characters of one cell. Where a quote is not closed, all that follows looks like one cell."""
_limit_lock: Final = threading.Lock()
_CUT: Final = (EOFError, zlib.error, gzip.BadGzipFile)
_UNREADABLE: Final = (csv.Error, UnicodeDecodeError, *_CUT)


class CsvRows:
    """The rows of a CSV file: a `Source`."""

    total: int | None = None

    def __init__(
        self,
        source: object,
        *,
        delimiter: str | None = None,
        encoding: str | None = None,
        header: Sequence[str] | None = None,
    ) -> None:
        """`header` names the columns of a file whose first line is data already.

        Raises `InvalidRequest` for what is no CSV, `OSError` for what can not be read.
        """
        self.notes: Counter[str] = Counter()
        allow_long_cells()
        asked = None if delimiter is None else check_delimiter(delimiter)
        counting(self.notes)
        try:
            self._text = open_text(source, encoding)
        except (UnicodeDecodeError, *_CUT) as error:
            raise _refusal(error, 1) from None
        self._lines: int = 0
        self._stopped: InvalidRequest | None = None
        try:
            self._start(asked, header)
        except BaseException:
            self._text.close()
            raise

    def _start(self, asked: str | None, header: Sequence[str] | None) -> None:
        hint = _separator_line(self._text)
        if hint:
            next(self._text.lines)
            self._lines = 1
            self.notes["separator_line"] += 1
        sample = self._text.sample.partition("\n")[2] if hint else self._text.sample
        self._cut = asked or hint or sniff_delimiter(sample, whole=self._text.whole)
        self.delimiter = "," if self._cut == ONE_COLUMN else self._cut
        """What parts the cells; a comma for a file of one column."""
        self.encoding = self._text.encoding
        self._reader = csv.reader(self._text.lines, delimiter=self._cut, strict=True)
        self._offset = self._lines  # the reader does not count the line that was skipped
        names = list(header) if header is not None else self._first_record()
        self.header: tuple[str, ...] | None = unique_names(names)
        renamed = sum(old != new for old, new in zip(names, self.header, strict=True))
        if renamed:
            self.notes["header_renamed"] += renamed
        self._width = len(names)
        self._positions = positions_of(self.header)
        self.surplus = free_name("surplus", self._positions)
        """Under which name a row keeps the cells that it has too many, as CSV text."""
        self._long_positions = {**self._positions, self.surplus: self._width}

    def _first_record(self) -> list[str]:
        try:
            for record in self._reader:
                if record:
                    self._lines = self._reader.line_num + self._offset
                    return record
                self.notes["blank_line"] += 1
        except _UNREADABLE as error:
            raise _refusal(error, self._lines + 1) from None
        return []

    @property
    def share(self) -> float | None:
        """How much of the file has been read, 0 to 1; `None` when its size is not known."""
        return self._text.share

    def read(self, most: int) -> list[Row]:
        """The next rows, at most `most`; none at the end. Raises `InvalidRequest` where the file is broken.

        The rows before the broken place are given first.
        """
        if self._stopped is not None:
            raise self._stopped
        counting(self.notes)
        rows: list[Row] = []
        try:
            while len(rows) < most and self._fill(rows, most - len(rows)):
                pass
        except _UNREADABLE as error:
            self._stopped = _refusal(error, self._lines + 1)
        except InvalidRequest as error:
            self._stopped = error
        if self._stopped is not None and not rows:
            raise self._stopped
        return rows

    def _fill(self, rows: list[Row], most: int) -> bool:
        """Add at most `most` rows; tells whether there may be more."""
        reader, positions, width, offset = self._reader, self._positions, self._width, self._offset
        append = rows.append
        record: list[str] | None = None
        for record in islice(reader, most):
            line: int = reader.line_num + offset
            if line - self._lines > 1:
                _check_swallowed(record, self._cut, width, self._lines + 1)
            if len(record) == width:
                append(Row(positions, tuple(record), self._lines + 1))
            else:
                self._mend(record, rows)
            self._lines = line
        return record is not None

    def _mend(self, record: list[str], rows: list[Row]) -> None:
        width, line = self._width, self._lines + 1
        if not record:
            if width == 1:
                rows.append(Row(self._positions, ("",), line))
            else:
                self.notes["blank_line"] += 1
        elif len(record) < width:
            self.notes["short_row"] += 1
            rows.append(Row(self._positions, (*record, *[""] * (width - len(record))), line))
        elif not any(record[width:]):
            self.notes["empty_surplus"] += 1
            rows.append(Row(self._positions, tuple(record[:width]), line))
        else:
            self.notes["long_row"] += 1
            rows.append(Row(self._long_positions, (*record[:width], self._as_csv(record[width:])), line))

    def _as_csv(self, cells: list[str]) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n").writerow(cells)  # quotes both, when in a cell
        return text.getvalue().removesuffix("\r\n")

    def close(self) -> None:
        """Close the file, if it was opened here."""
        self._text.close()


def allow_long_cells() -> None:
    """The limit is one for the whole process: it is only ever raised, so that nobody else's file is refused."""
    with _limit_lock:
        if csv.field_size_limit() < LONGEST_CELL:
            csv.field_size_limit(LONGEST_CELL)


def _separator_line(text: CsvText) -> str:
    """The delimiter that spreadsheets write into a line before the header (`sep=;`)."""
    first = text.sample[:8].partition("\n")[0].rstrip("\r")
    return first[4] if len(first) == 5 and first[:4].lower() == "sep=" and first[4] != '"' else ""


def _check_swallowed(record: list[str], delimiter: str, width: int, line: int) -> None:
    """Refuse a cell that is made of rows: a stray quote opened it, and another closed it later."""
    for cell in record:
        inner = cell.splitlines()[1:-1] if width > 1 and "\n" in cell else []
        if len(inner) >= 3 and all(text.count(delimiter) == width - 1 for text in inner):
            hint = "Close it, or double it where it belongs to the text"
            raise InvalidRequest.of("rows", f"closed quotes: line {line} opens one that swallows the rows below", hint)


def _refusal(error: Any, line: int) -> InvalidRequest:
    if isinstance(error, UnicodeDecodeError):
        hint = "Give the right `encoding`, or none to have it found"
        return InvalidRequest.of("encoding", f"the one of the file: from line {line} on some text is not in it", hint)
    if isinstance(error, _CUT):
        return InvalidRequest.of("rows", f"a whole gzip file: it is cut or damaged after line {line}")
    if "field limit" in str(error):
        limit = f"closed quotes and cells of at most {LONGEST_CELL:,} characters: not so from line {line} on"
        return InvalidRequest.of("rows", limit)
    if "new-line" in str(error):
        return InvalidRequest.of("rows", f"one kind of line end, not so in line {line}")
    hint = "Close it, or double the quotes that belong to the text"
    return InvalidRequest.of("rows", f"closed quotes: line {line} opens one that is not closed as it should be", hint)
