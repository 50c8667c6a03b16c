"""One CSV file to geocode whole, looked at before it is sent. `csvresult` reads the answer (and is re-exported here).

The service takes a file as it is and answers the same file with more columns. It destroys columns and misreads
encodings and delimiters without a word: what would be lost is found here. No error text repeats a header, since the
first line of a file without headers is data.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Final, Literal, TypeAlias, cast

from ..errors import InvalidRequest
from ..transport.operation import FilePart
from .csvresult import DELIMITERS, UNREADABLE, CsvResult, read_csv_result, text_of
from .dialects import Dialect
from .geometry import check_lonlat
from .params import Params, check_heeded, indexes_of, unknown
from .values import Values

__all__ = [
    "CsvFacts",
    "CsvResult",
    "CsvSource",
    "check_csv",
    "check_points",
    "csv_part",
    "inspect_csv",
    "read_csv_result",
]

CsvSource: TypeAlias = bytes | Path | str | IO[bytes]
"""The bytes of a file, its path, or the file itself, opened in binary mode and seekable."""

UPLOAD_NAME: Final = "data.csv"
"""What the file is called on the wire: its own name may say whose it is."""
_SOURCES: Final = "bytes, a path, or a seekable file opened in binary mode"
SAMPLE: Final = 1024 * 1024
"""Bytes in which the service looks for the encoding."""


@dataclass(frozen=True, slots=True)
class CsvFacts:
    """What a CSV file is."""

    columns: tuple[str, ...]
    delimiter: str
    rows: int
    """Rows after the header; blank lines count in a file of one column only."""
    size: int
    """Bytes."""
    encoding: str
    """`utf-8`, `utf-8-sig` (with a mark in front), `iso-8859-1`, or `unknown-8bit`."""
    bad_line: int | None = None
    """The first line whose number of fields is not that of the header, or whose quotes are not closed."""
    blank_line: int | None = None
    """The first blank line."""
    guessable: bool = True
    """Whether the Géoplateforme, which is not told the delimiter, will find it."""


# ---- before sending ----------------------------------------------------------------------------------------


def inspect_csv(source: CsvSource, *, max_bytes: int | None = None) -> CsvFacts:
    """Read a file once, in pieces, and say what it is. An open file is left where it was.

    Raises `InvalidRequest` for more than `max_bytes` bytes, for UTF-16 and other texts with zero bytes, and for what
    is no file; `OSError` when a path can not be read.
    """
    with _opened(source) as stream:
        start = stream.tell()
        size = stream.seek(0, io.SEEK_END) - start
        try:
            if max_bytes is not None and size > max_bytes:
                raise _too_large(max_bytes)
            encoding = _encoding_of(stream, start)
            stream.seek(start)
            return _facts(stream, size, encoding)
        finally:
            stream.seek(start)


def csv_part(source: CsvSource) -> FilePart:
    """The file of the form; a path is opened anew for each attempt, an open file is read once."""
    content_type = "text/csv"
    if isinstance(source, str | Path):
        path = Path(source)
        return FilePart("data", UPLOAD_NAME, lambda: path.open("rb"), content_type)
    return FilePart("data", UPLOAD_NAME, source if isinstance(source, bytes) else source.read(), content_type)


@contextmanager
def _opened(source: CsvSource) -> Generator[IO[bytes]]:
    if isinstance(source, str) and ("\n" in source or "\r" in source):  # opening it would put the text into the error
        raise InvalidRequest.of("source", _SOURCES, "This text is no path: give its bytes, `text.encode()`")
    if isinstance(source, str | Path):
        with Path(source).open("rb") as stream:
            yield stream
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    elif not hasattr(source, "seekable") or not source.seekable() or isinstance(cast("object", source), io.TextIOBase):
        raise InvalidRequest.of("source", _SOURCES)
    else:
        yield source


def _too_large(most: int) -> InvalidRequest:
    return InvalidRequest.of("data", f"at most {most // 2**20} MiB", "Cut the file, or use the bulk geocoding")


def _encoding_of(stream: IO[bytes], start: int) -> str:
    stream.seek(start)
    decoder = codecs.getincrementaldecoder("utf-8")()
    marked = stream.read(3) == codecs.BOM_UTF8
    stream.seek(start)
    valid, ascii_so_far, position = True, True, 0
    latin = True
    while piece := stream.read(SAMPLE):
        if b"\0" in piece:
            raise InvalidRequest.of("data", "text in UTF-8", "Zero bytes: UTF-16, a spreadsheet or an archive?")
        if valid:
            valid = _decodes(decoder, piece, final=False)
        if ascii_so_far and not piece.isascii():
            ascii_so_far = False
            latin = position < SAMPLE
        # 80 to 9F are letters and quotes of Windows, which the service would read as invisible control characters.
        latin = latin and len(piece.translate(None, _WINDOWS)) == len(piece)
        position += len(piece)
    if valid and _decodes(decoder, b"", final=True):
        return "utf-8-sig" if marked else "utf-8"
    return "iso-8859-1" if latin else UNREADABLE


_WINDOWS: Final = bytes(range(0x80, 0xA0))


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _facts(stream: IO[bytes], size: int, encoding: str) -> CsvFacts:
    start = stream.tell()
    with text_of(stream, encoding) as text:
        sample = text.read(65_536)
        delimiter = _delimiter(sample, whole=True)
        guessed = _delimiter(sample, whole=False) if len(sample) < 65_536 else delimiter
    stream.seek(start)
    with text_of(stream, encoding) as text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        columns: tuple[str, ...] = ()
        rows, blank_line, bad_line = 0, None, None
        try:
            columns = tuple(next(reader, ()))
            width = len(columns)
            for record in reader:
                if len(record) == width or (width == 1 and not record):
                    rows += 1
                elif record:
                    bad_line = bad_line or reader.line_num
                if not record:
                    blank_line = blank_line or reader.line_num
        except csv.Error:
            bad_line = bad_line or reader.line_num
    return CsvFacts(columns, delimiter, rows, size, encoding, bad_line, blank_line, guessable=guessed == delimiter)


def _delimiter(sample: str, *, whole: bool) -> str:
    """The delimiter as the Géoplateforme guesses it from the first ten lines: of those that make at least two fields
    in the mean, the one that varies least. It takes the end of a file shorter than that for one more line of one
    field (`whole=False`), and so misses a semicolon in a small file of two columns.
    """
    best, best_variation, best_mean = ",", float("inf"), 1.99
    for candidate in DELIMITERS:
        try:
            records = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=candidate), 10))
        except csv.Error:
            continue
        counts = [max(1, len(record)) for record in records]
        if not whole and len(counts) < 10 and sample.endswith(("\n", "\r")):
            counts.append(1)
        mean = sum(counts) / max(1, len(counts))
        variation = sum(abs(after - before) for before, after in pairwise(counts))
        if variation <= best_variation and mean > best_mean:
            best, best_variation, best_mean = candidate, variation, mean
    return best


def check_csv(
    facts: CsvFacts,
    dialect: Dialect,
    *,
    operation: Literal["search", "reverse"] = "search",
    columns: Sequence[str] | None = None,
    filters: Mapping[str, str] | None = None,
    result_columns: Sequence[str] | None = None,
    lat: str | None = None,
    lon: str | None = None,
    indexes: Values | None = None,
    strict: bool = True,
) -> Params:
    """The fields of the form, once all that would lose data is ruled out.

    `columns` (all of them when `None`) are joined to the text searched; `filters` maps a filter (`postcode`, ...) to
    the name of the column that holds it; `lat` and `lon` name columns too. `result_status` is always asked for where
    the dialect has it: without it a row that failed looks like a row that was not found.
    `strict=False` lets through what the service accepts, but answers in a way that surprises: destroyed columns,
    doubled headers, texts that it misreads, a position that weighs on the search unasked. Raises `InvalidRequest`.
    """
    rules = dialect.csv
    _check_file(facts, dialect, strict=strict)
    fields: list[tuple[str, str]] = []
    if columns is not None:
        if operation == "reverse":
            raise InvalidRequest.of("columns", "only for search")
        names = enumerate(_names("columns", columns), start=1)
        fields += [("columns", _column(facts, "columns", name, f"Item {place}: ")) for place, name in names]
    chosen = indexes_of(indexes, dialect)
    if indexes is not None and len(dialect.indexes) > 1:
        fields += [("indexes", name) for name in chosen]
    if result_columns is not None:
        asked = _result_columns(result_columns, dialect, operation)
        fields += [("result_columns", name) for name in asked]
        destroyed = set(asked).intersection(facts.columns)
    else:
        fixed = {"latitude", "longitude"} if operation == "search" else set[str]()
        destroyed = {name for name in facts.columns if name in fixed or name.startswith("result_")}
    if strict and destroyed:
        limit = f"no column of the file may have the name of a result ({', '.join(sorted(destroyed))})"
        raise InvalidRequest.of("data", limit, "The service would overwrite it: rename it, or choose result_columns")
    for name, column in sorted((filters or {}).items()):
        if name not in rules.filters:
            raise unknown(name, dialect)
        check_heeded(name, chosen)
        fields.append((name, _column(facts, name, column)))
    fields += _positions(facts, dialect, operation, lat, lon, strict=strict)
    if not rules.guesses_delimiter:
        fields += [("delimiter", facts.delimiter), ("quote", '"')]
    return tuple(fields)


def _check_file(facts: CsvFacts, dialect: Dialect, *, strict: bool) -> None:
    rules = dialect.csv
    if rules.max_bytes is not None and facts.size > rules.max_bytes:
        raise _too_large(rules.max_bytes)
    if not facts.columns or not (facts.rows or facts.bad_line):
        raise InvalidRequest.of("data", "a header and at least one row", "The service would answer an empty file")
    if facts.bad_line is not None:
        limit = f"as many fields in each row as in the header, quotes closed: not so in line {facts.bad_line}"
        raise InvalidRequest.of("data", limit)
    if facts.blank_line is not None and not (rules.keeps_blank_lines and len(facts.columns) == 1):
        raise InvalidRequest.of("data", f"no blank line: line {facts.blank_line} is one")
    if rules.max_rows is not None and facts.rows > rules.max_rows:
        hint = "Cut the file, or use the bulk geocoding"
        raise InvalidRequest.of("data", f"at most {rules.max_rows:,} rows after the header", hint)
    if not facts.encoding.startswith("utf-8") and not rules.reads_latin:
        raise InvalidRequest.of("data", f"text in UTF-8 for the dialect {dialect.name}")
    if strict:
        _check_reading(facts, dialect)


def _check_reading(facts: CsvFacts, dialect: Dialect) -> None:
    if facts.encoding == UNREADABLE:
        raise InvalidRequest.of("data", "text in UTF-8", "The service would misread its accents or quotes")
    if len(set(facts.columns)) < len(facts.columns):
        raise InvalidRequest.of("data", "no two columns of the same name", "One of them would be lost")
    if dialect.csv.guesses_delimiter and not facts.guessable:
        hint = "The service would take the file for one of a single column: use commas"
        raise InvalidRequest.of("data", "a delimiter that the service recognises", hint)


def _names(field_name: str, names: object) -> list[object]:
    items: list[object] = list(cast("Sequence[object]", names)) if isinstance(names, Sequence) else []
    if isinstance(names, str) or not items:
        raise InvalidRequest.of(field_name, "a list of one or more names of columns")
    return items


def _column(facts: CsvFacts, field_name: str, name: object, where: str = "") -> str:
    if not isinstance(name, str) or name not in facts.columns:
        count = len(facts.columns)
        hint = f"{where}none of the {count} in the first line is so called (case, accents, blanks, delimiter?)"
        raise InvalidRequest.of(field_name, "the name of a column of the file, not a value", hint)
    return name


def _result_columns(names: object, dialect: Dialect, operation: str) -> list[str]:
    if not dialect.csv.result_columns:
        raise unknown("result_columns", dialect)
    asked = list(dict.fromkeys(_names("result_columns", names)))
    for name in asked:
        if not isinstance(name, str) or not (name in {"latitude", "longitude"} or name.startswith("result_")):
            raise InvalidRequest.of("result_columns", "latitude, longitude, or names that start with result_")
        if operation == "reverse" and name in {"result_latitude", "result_longitude"}:
            raise InvalidRequest.of("result_columns", f"{name[7:]} instead of {name}, which stays empty in reverse")
    found = cast("list[str]", asked)
    return found if "result_status" in found or not dialect.csv.status_column else [*found, "result_status"]


_LATITUDES: Final = ("latitude", "lat")
_LONGITUDES: Final = ("longitude", "lon", "lng", "long")


def _usual(facts: CsvFacts, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in facts.columns), None)


def check_points(source: CsvSource, facts: CsvFacts, *, lat: str | None = None, lon: str | None = None) -> None:
    """Refuse a point that would look like one with no address near: decimal commas, metres, the two swapped.

    An empty point may be. For a file that `check_csv` has let through. Raises `InvalidRequest`.
    """
    names = (lon or _usual(facts, _LONGITUDES), lat or _usual(facts, _LATITUDES))
    places = [facts.columns.index(cast("str", name)) for name in names]
    with _opened(source) as stream:
        start = stream.tell()
        try:
            with text_of(stream, facts.encoding) as text:
                reader = csv.reader(text, delimiter=facts.delimiter, strict=True)
                next(reader)
                for record in reader:
                    point = [record[place].strip() for place in places] if record else [""]
                    if any(point):
                        _check_point(point, reader.line_num)
        finally:
            stream.seek(start)


def _check_point(point: list[str], line: int) -> None:
    try:
        lon, lat = map(float, point)
        check_lonlat("lon/lat", lon, lat)
    except ValueError:  # InvalidRequest is one
        limit = f"longitude and latitude in degrees, with a decimal point: not so in line {line}"
        hint = "Decimal commas, metres, or the two swapped? `strict=False` sends it all the same"
        raise InvalidRequest.of("data", limit, hint) from None


def _positions(
    facts: CsvFacts, dialect: Dialect, operation: str, lat: object, lon: object, *, strict: bool
) -> Iterator[tuple[str, str]]:
    rules = dialect.csv
    usual = [_usual(facts, names) for names in (_LATITUDES, _LONGITUDES)]
    if (lat is None) != (lon is None):
        raise InvalidRequest.of("lat/lon", "both or none")
    if lat is None:
        if operation == "reverse" and None in usual:
            raise InvalidRequest.of("lat/lon", "required for reverse: the names of two columns")
        if operation == "search" and strict and rules.guesses_position and None not in usual:
            hint = (
                f"The columns {' and '.join(map(str, usual))} would weigh on the search: name them here, or rename them"
            )
            raise InvalidRequest.of("lat/lon", "required for a file with columns of that name", hint)
        return
    for name, column, expected in (("lat", lat, usual[0]), ("lon", lon, usual[1])):
        found = _column(facts, name, column)
        if operation == "reverse" and rules.reverse_by_name:
            if found != expected:
                hint = f"It reads the columns {_LATITUDES} and {_LONGITUDES} only, the first that is there"
                raise InvalidRequest.of(name, f"a usual name, for reverse in the dialect {dialect.name}", hint)
            continue
        yield name, found
