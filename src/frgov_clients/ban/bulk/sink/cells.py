"""The columns that a result adds to a row, and the values of a row as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

from ....errors import InvalidRequest
from ...exchange import Answer, Verdict
from ..model import Geocoded, KindName, Origin, Status
from ..source.row import free_name, is_missing

__all__ = [
    "RESULT_COLUMNS",
    "ResultColumn",
    "cell_text",
    "checked_names",
    "result_columns",
    "row_cells",
    "surplus_name",
    "values_of",
]

Cells: TypeAlias = tuple[Any, ...]


class ResultColumn(NamedTuple):
    """One column of the result."""

    name: str
    """Without the prefix."""
    type: Literal["text", "number"]
    """A missing text is empty in a file and null in a frame; a missing number is empty, null or NaN."""
    only: KindName | None = None
    """In which kind of geocoding it means something; `None` for both."""


_WORDS: Final = """
status verdict confidence reasons label type id score housenumber street postcode city citycode oldcitycode oldcity
lon lat distance step repairs reason origin
"""
_NUMBERS: Final = frozenset({"confidence", "score", "lon", "lat", "distance"})

RESULT_COLUMNS: Final = tuple(
    ResultColumn(name, "number" if name in _NUMBERS else "text", "reverse" if name == "distance" else None)
    for name in _WORDS.split()
)
"""What a result adds to a row, in this order; `values_of` takes it from a result."""


def result_columns(kind: KindName) -> tuple[ResultColumn, ...]:
    """The columns of one kind of geocoding."""
    return tuple(column for column in RESULT_COLUMNS if column.only in (None, kind))


def checked_names(header: Sequence[str], prefix: str, kind: KindName) -> tuple[str, ...]:
    """The names of the result's columns; raises `InvalidRequest` when the input has one of them already."""
    taken = set(header)
    columns = result_columns(kind)
    names = tuple(prefix + column.name for column in columns)
    if taken.isdisjoint(names):
        return names
    number = 2
    while not taken.isdisjoint(_numbered(prefix, number) + column.name for column in columns):
        number += 1
    free = _numbered(prefix, number)
    raise InvalidRequest.of("prefix", "one that no column of the input begins with", f"`prefix={free!r}` is free")


def _numbered(prefix: str, number: int) -> str:
    return f"{prefix.rstrip('_') or 'ban'}{number}_"


_NO_ANSWER: Final = Answer("", "", "", None, None)


_TEXT: Final[dict[str, str]] = {word: word.value for words in (Status, Verdict, Origin) for word in words}
"""The plain text of each word: looking it up takes a quarter of the time of `.value`."""


def values_of(result: Geocoded, kind: KindName) -> Cells:
    """The values of `result_columns(kind)`, all at once."""
    _, _, status, verdict, answer, reasons, confidence, step, _, repairs, reason, origin = result
    label, reached, identifier, lon, lat, score, _, number, street, postcode, city, citycode, *rest, distance = (
        answer or _NO_ANSWER
    )
    oldcitycode, oldcity, *_ = rest
    return (
        _TEXT[status],
        _TEXT[verdict],
        confidence,
        "|".join(reasons) if reasons else "",
        label,
        reached,
        identifier,
        score,
        number,
        street,
        postcode,
        city,
        citycode,
        oldcitycode,
        oldcity,
        lon,
        lat,
        *(() if kind == "search" else (distance,)),
        step,
        "|".join(repairs) if repairs else "",
        reason,
        _TEXT[origin],
    )


# ---- the user's values -------------------------------------------------------------------------------------


def cell_text(value: Any) -> str:
    """A value in a cell: nothing for `None`, lists and mappings as JSON, dates as ISO 8601, numbers as Python."""
    if hasattr(value, "tolist"):  # an array, or one number of numpy
        value = value.tolist()
    if is_missing(value):
        return ""
    for types, text in _TEXTS:
        if isinstance(value, types):
            return text(value)
    return str(value)


def _decoded(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def _as_json(value: object) -> str:
    return json.dumps(plain(value), ensure_ascii=False, default=cell_text)


def _decimal(value: float) -> str:
    """Without an exponent for what may be degrees: geocoders and spreadsheets do not read one."""
    text = repr(float(value))
    return f"{value:.20f}".rstrip("0") if "e" in text and 1e-12 < abs(value) < 1 else text


_TEXTS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (str, str),
    (float, _decimal),
    ((datetime, date, time), lambda value: value.isoformat()),
    (bytes, _decoded),
    ((list, tuple, dict, AbstractSet), _as_json),
)


def plain(value: Any) -> Any:
    """The value as JSON can say it: sets as lists, NaN and infinity as null, keys as text."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else cell_text(key): plain(item) for key, item in cast("Any", value).items()
        }
    if isinstance(value, list | tuple | AbstractSet):
        return [plain(item) for item in cast("Sequence[Any]", value)]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124 (NaN)
        return None
    return value


_ABSENT: Final = object()


def row_cells(row: Mapping[str, Any], header: Sequence[str]) -> tuple[list[str], str]:
    """The cells of any mapping under the header, and all else that it holds, as JSON; empty when there is no more."""
    values = [row.get(name, _ABSENT) for name in header]
    cells = [value if type(value) is str else "" if value is _ABSENT else cell_text(value) for value in values]
    if len(row) == len(values) - values.count(_ABSENT):
        return cells, ""
    known = set(header)
    return cells, _as_json({key: row[key] for key in row if key not in known})


def surplus_name(header: Sequence[str]) -> str:
    """The column of what a row holds beyond the header."""
    return free_name("surplus", set(header))
