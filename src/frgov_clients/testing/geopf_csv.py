"""How the fake geocoder reads a CSV file, geocodes its rows and writes them back, as the Géoplateforme does it."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

from .geopf_lookup import Found, Lookup, first_of
from .geopf_params import Refused, askable

__all__ = ["FILTERS", "Geocoding", "Table", "filename_of", "geojson", "options_of", "read_table", "text_of_cell"]

FILTERS: Final = (
    *("citycode", "postcode", "type", "category", "departmentcode", "municipalitycode", "oldmunicipalitycode"),
    *("districtcode", "section", "sheet", "number"),
)
MOST_BYTES: Final = 50 * 1024 * 1024
MOST_ROWS: Final = 200_000
BATCH: Final = 100
"""Rows that the real service geocodes, and fails, together."""

_ADDRESS: Final = (
    *("result_label", "result_type", "result_id", "result_housenumber", "result_name", "result_street"),
    *("result_postcode", "result_city", "result_context", "result_citycode", "result_oldcitycode", "result_oldcity"),
    *("result_district", "result_status"),
)
COLUMNS: Final = {
    "search": ("longitude", "latitude", "result_score", "result_score_next", *_ADDRESS),
    "reverse": ("result_longitude", "result_latitude", "result_distance", *_ADDRESS),
}
ON_REQUEST: Final = frozenset(
    {
        *("longitude", "latitude", "result_score", "result_score_next", "result_importance", "result_x", "result_y"),
        *("result_index", "result_banId", "result_distance", *_ADDRESS),
    }
)
_LONGITUDES: Final = ("longitude", "lon", "lng", "long")
_LATITUDES: Final = ("latitude", "lat")
_FLOAT: Final = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))")


class Table(NamedTuple):
    """A CSV file, read."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    delimiter: str
    line_end: str


def read_table(content: bytes) -> Table:
    """Read a file of unknown encoding and delimiter. Raises `Refused` for rows of several widths."""
    text = _decoded(content)
    delimiter = _guessed(text)
    line_end = "\r\n" if "\r\n" in text[:65_536] else "\n"
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Refused(400, "Errors in CSV file: MissingQuotes") from None
    if not records:
        return Table((), [], delimiter, line_end)
    header, rows = records[0], records[1:]
    width = len(header)
    if not all(map(len, rows)):  # a blank line is a row of one empty cell, or none
        rows = [row or [""] for row in rows] if width == 1 else [row for row in rows if row]
    widths = set(map(len, rows)) - {width}
    if widths:
        order = dict.fromkeys(
            "TooFewFields" if len(row) < width else "TooManyFields" for row in rows if len(row) != width
        )
        raise Refused(400, f"Errors in CSV file: {', '.join(order)}")
    return _without_twins(Table(tuple(header), rows, delimiter, line_end))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _guessed(text: str) -> str:
    """Of the delimiters that make at least two fields a line, the one whose lines vary least.

    A short file is cut at its line ends, so that its last one counts for a line of one field: a table of one row with
    another delimiter than the comma is not recognised.
    """
    sample = text[:65_536]
    best, best_change, best_mean = ",", math.inf, 1.99
    for candidate in ",\t|;":
        counts = [
            len(record) or 1 for record in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=candidate), 10)
        ]
        if len(counts) < 10 and sample.endswith("\n"):
            counts.append(1)
        mean = sum(counts) / max(1, len(counts))
        change = sum(abs(after - before) for before, after in pairwise(counts))
        if change <= best_change and mean > best_mean:
            best, best_change, best_mean = candidate, change, mean
    return best


def _without_twins(table: Table) -> Table:
    """Of two columns of one name the first place and the last value remain."""
    names = tuple(dict.fromkeys(table.columns))
    if len(names) == len(table.columns):
        return table
    last = {name: place for place, name in enumerate(table.columns)}
    return table._replace(columns=names, rows=[[row[last[name]] for name in names] for row in table.rows])


class Options(NamedTuple):
    """What is asked of a file; columns by their place."""

    operation: str
    texts: tuple[int, ...]
    filters: tuple[tuple[str, int], ...]
    point: tuple[int, int] | None
    results: tuple[str, ...]


def options_of(table: Table, form: Mapping[str, Any], operation: str) -> Options:
    """Read the fields of the form. Raises `Refused` for a column that the file does not have."""
    places = {name: place for place, name in enumerate(table.columns)}

    def place(field: str) -> int:
        if form[field] not in places:
            raise Refused(400, f"Unknown column name for {field}")
        return places[form[field]]

    asked = _several(form.get("columns"))
    if any(name not in places for name in asked):
        raise Refused(400, "At least one given column name is unknown")
    for index in _several(form.get("indexes")):
        if index != "address":
            raise Refused(400, f"Unsupported index type: {index}")
    filters = tuple((name, place(name)) for name in FILTERS if form.get(name))
    if form.get("lon") and form.get("lat"):
        point: tuple[int, int] | None = (place("lon"), place("lat"))
    else:
        found = [next((places[name] for name in names if name in places), None) for names in (_LONGITUDES, _LATITUDES)]
        point = None if found[0] is None or found[1] is None else (found[0], found[1])
    wanted = _several(form.get("result_columns"))
    known = ON_REQUEST | frozenset(COLUMNS[operation])
    results = tuple(name for name in dict.fromkeys(wanted) if name in known) if wanted else COLUMNS[operation]
    return Options(operation, tuple(places[name] for name in asked or table.columns), filters, point, results)


def _several(value: Any) -> list[str]:
    return [] if not value else [value] if isinstance(value, str) else [str(each) for each in value]


class Geocoding:
    """One file on its way: gives its rows with their results, and counts."""

    def __init__(
        self,
        table: Table,
        options: Options,
        lookup: Lookup,
        *,
        fails: Callable[[str], bool] | None = None,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self.table = table
        self.options = options
        self._lookup = lookup
        self._fails = fails
        self._told = told
        own = {name: place for place, name in enumerate(table.columns)}
        self.columns = (*table.columns, *(name for name in options.results if name not in own))
        targets = {name: place for place, name in enumerate(self.columns)}
        self._targets = [targets[name] for name in options.results]
        self._appended = not any(name in own for name in options.results)
        self._known: dict[tuple[str, ...], list[str]] = {}
        self._plain = {status: _cells(None, status, options.results) for status in ("not-found", "skipped", "error")}

    def rows(self) -> Iterator[list[str]]:
        """The rows with their results, in order."""
        ask = self._searched if self.options.operation == "search" else self._reversed
        if self._appended:
            yield from (row + ask(row) for row in self.table.rows)
            return
        missing = [""] * (len(self.columns) - len(self.table.columns))
        for row in self.table.rows:
            whole = row + missing
            for target, cell in zip(self._targets, ask(row), strict=True):
                whole[target] = cell
            yield whole

    def batches(self, cut: int | None = None) -> Iterator[tuple[int, bytes]]:
        """The file in pieces of a hundred rows, the header with the first; none at all for a file without rows.

        A piece ends after row number `cut`, and the one after it has one row.
        """
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, delimiter=self.table.delimiter, lineterminator=self.table.line_end)
        left, done, most = self.rows(), 0, BATCH
        writer.writerow(self.columns)
        while True:
            if cut is not None:
                most = min(BATCH, cut - done) or 1
            several = list(islice(left, most))
            if not several:
                return
            writer.writerows(several)
            yield len(several), buffer.getvalue().encode()
            done += len(several)
            buffer.seek(0)
            buffer.truncate()

    def _searched(self, row: Sequence[str]) -> list[str]:
        options = self.options
        q = " ".join([row[place].strip() for place in options.texts]).strip()
        if self._told is not None:
            self._told(q)
        if not askable(q):
            return self._plain["skipped"]
        if self._fails is not None and self._fails(q):
            return self._plain["error"]
        values = [row[place] for _, place in options.filters]
        key = (q, *values)
        cells = self._known.get(key)
        if cells is None:
            filters = {name: value for (name, _), value in zip(options.filters, values, strict=True) if value}
            cells = self._known[key] = self._result(self._lookup.search(q, filters))
        return cells

    def _reversed(self, row: Sequence[str]) -> list[str]:
        options = self.options
        text = "" if options.point is None else ",".join(row[place] for place in options.point)
        if self._told is not None:
            self._told(text)
        lon, lat = (None, None) if options.point is None else map(_number, (row[place] for place in options.point))
        if not lon or not lat:  # zero is no coordinate for the service
            return self._plain["skipped"]
        if self._fails is not None and self._fails(text):
            return self._plain["error"]
        filters = {name: row[place] for name, place in options.filters if row[place]}
        return self._result(self._lookup.nearest(lon, lat, filters))

    def _result(self, found: list[Found]) -> list[str]:
        if not found:
            return self._plain["not-found"]
        first = dict(found[0])
        if self.options.operation == "search" and len(found) > 1:
            first["score_next"] = found[1]["score"]
        return _cells(first, "ok", self.options.results)


def _cells(found: Mapping[str, Any] | None, status: str, columns: Sequence[str]) -> list[str]:
    values: dict[str, Any] = {}
    if found is not None:
        values = {f"result_{name}": value for name, value in found.items()}
        values |= {"longitude": found["lon"], "latitude": found["lat"], "result_index": "address"}
    values["result_status"] = status
    return [text_of_cell(values.get(name)) for name in columns]


def text_of_cell(value: Any) -> str:
    """A value as the service writes it into a cell."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(first_of(value))


def _number(text: str) -> float | None:
    """The number in front of a text: a decimal comma ends it."""
    found = _FLOAT.match(text)
    return float(found[1]) if found else None


def filename_of(name: str, ending: str = "") -> str:
    """`adresses.csv` -> `adresses-geocoded.csv`."""
    stem, dot, kind = name.rpartition(".")
    return f"{stem}-geocoded.{ending or kind}" if dot else f"{name}-geocoded.{ending or 'csv'}"


def geojson(work: Geocoding) -> bytes:
    """The rows as points, or without geometry where there is none."""
    lines: list[str] = []
    for row in work.rows():
        properties: dict[str, Any] = dict(zip(work.columns, row, strict=True))
        lon, lat = properties.pop("longitude", ""), properties.pop("latitude", "")
        for name in ("result_score", "result_score_next"):
            if properties.get(name):
                properties[name] = float(properties[name])
        point = {"type": "Point", "coordinates": [float(lon), float(lat)]} if lon else None
        feature = {"type": "Feature", "geometry": point, "properties": properties}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    return ('{"type":"FeatureCollection","features": [\n' + ",\n".join(lines) + "\n]}\n").encode()
