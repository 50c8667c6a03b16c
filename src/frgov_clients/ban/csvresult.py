"""The answer to a CSV file, checked before it is believed.

The service answers HTTP 200 when its own back-end is down (rows in `error`) and when it dies half-way (rows missing).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, BinaryIO, Final, cast

from ..errors import IncompleteResult, TruncatedResponse, UnexpectedContent
from .dialects import Dialect

__all__ = ["DELIMITERS", "UNREADABLE", "CsvResult", "check_content", "read_csv_result", "text_of"]

DELIMITERS: Final = (",", "\t", "|", ";")
"""Those that the services find by themselves."""
UNREADABLE: Final = "unknown-8bit"
"""Neither UTF-8 nor an ISO 8859-1 that the service would recognise and read rightly."""


@contextmanager
def text_of(stream: IO[bytes], encoding: str) -> Generator[io.TextIOWrapper]:
    """The stream as text, line ends untouched; the stream stays open."""
    text = io.TextIOWrapper(cast("BinaryIO", stream), "latin-1" if encoding == UNREADABLE else encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


@dataclass(frozen=True, slots=True)
class CsvResult:
    """A geocoded file, complete. Read it by name: the order of the columns differs between services and changes."""

    content: bytes = field(repr=False)
    """The file as it came; to keep it, write these bytes."""
    columns: tuple[str, ...]
    rows_count: int
    delimiter: str
    encoding: str
    status_counts: Counter[str]
    """How many rows are `ok`, `not-found`, `skipped` (no usable text or position) or `error`."""

    @property
    def errors(self) -> int:
        """Rows that the service failed to look up: send them again."""
        return self.status_counts["error"]

    def rows(self) -> Iterator[dict[str, str]]:
        """The rows, in the order of the file that was sent, each as text by name of column."""
        with text_of(io.BytesIO(self.content), self.encoding) as text:
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            next(reader, None)
            for record in reader:
                yield dict(zip(self.columns, record, strict=True))


def read_csv_result(
    reply_content: bytes, headers: Mapping[str, str], expected_rows: int, dialect: Dialect
) -> CsvResult:
    """The answer to a file of `expected_rows` rows, once it is proved whole.

    Raises `TruncatedResponse` when rows are missing, `UnexpectedContent` for what is no geocoded CSV, and
    `IncompleteResult`, whose `result` is the `CsvResult`, when the service failed on some rows.
    """
    encoding = check_content(reply_content, headers)
    if not reply_content and not expected_rows:
        return CsvResult(b"", (), 0, ",", encoding, Counter())
    if not reply_content.endswith((b"\n", b"\r")):
        raise TruncatedResponse(f"the CSV ends in the middle of a line, {expected_rows} rows were sent")
    delimiter = _reply_delimiter(reply_content)
    try:
        columns, statuses = _count(reply_content, encoding, delimiter, dialect)
    except UnicodeDecodeError:
        raise UnexpectedContent(f"the CSV is not in {encoding}") from None
    except csv.Error:
        raise TruncatedResponse("the CSV ends inside quotes, or is garbled") from None
    rows = statuses.total()
    _check_rows(rows, expected_rows, headers.get("x-rows-count", ""))
    result = CsvResult(reply_content, columns, rows, delimiter, encoding, statuses)
    if result.errors:
        text = f"{result.errors} of {rows} rows failed in the service: look at `result`, and send them again"
        raise IncompleteResult(text, result=result)
    return result


def check_content(content: bytes, headers: Mapping[str, str]) -> str:
    """The encoding of an answer that may be CSV."""
    kind, _, options = headers.get("content-type", "").lower().partition(";")
    start = content[:200].lstrip().lower()
    if "html" in kind or "json" in kind or "xml" in kind or start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise UnexpectedContent("no CSV but a page or an error: a proxy, a maintenance page or a wrong `base_url`")
    charset = options.partition("charset=")[2].partition(";")[0].strip(' "')
    try:
        name = codecs.lookup(charset).name if charset else "utf-8"
    except LookupError:
        name = "utf-8"
    return name if name in _BYTEWISE else "utf-8-sig"


_BYTEWISE: Final = frozenset({"iso8859-1", "iso8859-15", "cp1252"})
"""What a self-hosted addok may be told to answer in, beside UTF-8."""


def _reply_delimiter(content: bytes) -> str:
    header = content[:65_536].partition(b"\n")[0]
    return max(DELIMITERS, key=lambda delimiter: header.count(delimiter.encode()))


def _count(content: bytes, encoding: str, delimiter: str, dialect: Dialect) -> tuple[tuple[str, ...], Counter[str]]:
    with text_of(io.BytesIO(content), encoding) as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        columns = tuple(next(reader, ()))
        place = _status_place(columns, dialect)
        statuses: Counter[str] = Counter()
        for record in reader:
            if len(record) != len(columns):
                raise TruncatedResponse(f"line {reader.line_num} of the CSV is cut or garbled")
            statuses[record[place]] += 1
    if not dialect.csv.status_column:
        missing = statuses.pop("", 0)
        statuses = Counter({"ok": statuses.total(), "not-found": missing})
    return columns, +statuses


def _status_place(columns: tuple[str, ...], dialect: Dialect) -> int:
    """The column that tells how a row went; addok has none, but leaves these empty for what it did not find."""
    if len(set(columns)) < len(columns):
        raise UnexpectedContent("the CSV has two columns of the same name", retryable=False)
    names = ("result_status",) if dialect.csv.status_column else ("result_score", "result_distance", "result_label")
    for name in names:
        if name in columns:
            return columns.index(name)
    raise UnexpectedContent(f"the CSV has no column {names[0]}: it was not geocoded, or can not be judged")


def _check_rows(rows: int, expected: int, announced: str) -> None:
    if rows < expected:
        raise TruncatedResponse(f"{rows} of {expected} rows came back")
    if announced.isdecimal() and int(announced) != rows:
        raise TruncatedResponse(f"{rows} rows came, {announced} were announced")
    if rows > expected:
        raise UnexpectedContent(f"{rows} rows came back, {expected} were sent", retryable=False)
