"""Takes the parts of an address out of a row, as text, whatever the input made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from ....errors import InvalidRequest
from ..source.row import Row, is_missing

if TYPE_CHECKING:
    from .guess import Columns

__all__ = ["Parts", "array_items", "point_reader", "reader", "text_of"]

Parts: TypeAlias = tuple[str, str, str, str, str]
"""Address, postcode, city, citycode, complement: raw texts, empty where there is none."""


def reader(columns: Columns) -> Callable[[Mapping[str, Any]], Parts]:
    """A function that reads the parts of a row. It trims nothing and repairs nothing but what a number does to text.

    The columns of the address are joined by a blank. A column that a row lacks is empty.
    """
    names = (*columns.address, columns.postcode, columns.city, columns.citycode, columns.complement)
    count = len(columns.address)
    found: tuple[dict[str, int], Callable[[tuple[Any, ...]], tuple[Any, ...]]] = ({}, tuple)

    def values_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
        """The address's columns, then the four others."""
        nonlocal found
        if type(row) is not Row:
            return tuple(["" if name is None else row.get(name) for name in names])
        positions, pick = found
        if row.positions is not positions:  # the rows of a table share one
            positions = row.positions
            pick = itemgetter(*(-1 if name is None else positions[name] for name in names))
            found = positions, pick
        return pick((*row.cells, ""))

    def read(row: Mapping[str, Any]) -> Parts:
        values = values_of(row)
        try:
            joined = "\0".join(values)
        except TypeError:  # numbers, arrays, missing values
            return _as_text(values)
        if "{" in joined or "[" in joined or _FRACTION in joined:
            return _as_text(values)
        if count == 1:
            return cast("Parts", values)
        return (" ".join(filter(None, values[:count])), *values[count:])

    return read


def _as_text(values: Sequence[Any]) -> Parts:
    *addresses, postcode, city, citycode, complement = map(text_of, values)
    address = addresses[0] if len(addresses) == 1 else " ".join(filter(None, map(_without_fraction, addresses)))
    return address, _without_fraction(postcode), city, _without_fraction(citycode), complement


def point_reader(columns: Columns) -> Callable[[Mapping[str, Any]], tuple[Any, Any]]:
    """A function that reads the longitude and the latitude of a row, as they are: text, numbers, or `None`.

    Raises `InvalidRequest` when `columns` tells no `lon` and `lat`.
    """
    lon, lat = columns.lon, columns.lat
    if lon is None or lat is None:
        raise InvalidRequest.of("columns", "lon and lat, the two columns of the points")

    def read(row: Mapping[str, Any]) -> tuple[Any, Any]:
        if type(row) is Row:
            cells, positions = row.cells, row.positions
            return cells[positions[lon]], cells[positions[lat]]
        return row.get(lon), row.get(lat)

    return read


# ---- values as text ----------------------------------------------------------------------------------------


_OPENING: Final = frozenset("{[")
_FRACTION: Final = ".0"


def _without_fraction(text: str) -> str:
    """`1000` for `1000.0`: a code or a number in the street has no decimals, but once was a float."""
    return text[:-2] if text[-2:] == _FRACTION and text[:-2].isdecimal() else text


def text_of(value: Any) -> str:
    """A value as text: nothing for `None` and NaN, whole numbers without decimals, arrays joined by blanks.

    Arrays are lists, or texts that PostgreSQL or JSON made of one.
    """
    if isinstance(value, str):
        items = array_items(value) if value[:1] in _OPENING else None
        return str(value) if items is None else " ".join(filter(None, items))
    if is_missing(value):
        return ""
    if hasattr(value, "tolist"):  # of numpy, an array or one number
        return text_of(value.tolist())
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return " ".join(filter(None, map(text_of, cast("Sequence[Any]", value))))
    text = str(value)
    return text[:-2] if text.endswith(_FRACTION) else text


_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"'
_BARE: Final = r'(?:[^"{},\\\s]|\\.)(?:[^"{},\\]|\\.)*+'
_ITEM: Final = re.compile(rf"({_QUOTED})|({_BARE})", re.DOTALL)
_BETWEEN: Final = re.compile(r"[\s,{}]*+")
_BOUNDS: Final = re.compile(r"(?:\[[-+]?\d+:[-+]?\d+\])+=(?=\{)")
_AFTER: Final = re.compile(r"\s*+[,}]")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


def array_items(text: str) -> list[str] | None:
    """The texts in an array as PostgreSQL (`{"12 RUE X","90000 BELFORT"}`) or JSON writes it; `None` for other texts.

    NULL is left out; arrays in arrays are read as one.
    """
    if text.endswith("]") and text.startswith("["):
        return _json_items(text)
    bounds = _BOUNDS.match(text)
    place, end = bounds.end() if bounds else 0, len(text)
    if not text.startswith("{", place) or not text.endswith("}"):
        return None
    items: list[str] = []
    while (place := cast("re.Match[str]", _BETWEEN.match(text, place)).end()) < end:
        match = _ITEM.match(text, place)
        if match is None or not _AFTER.match(text, match.end()):
            return None
        quoted, bare = match.groups()
        if quoted is not None:
            items.append(_ESCAPE.sub(r"\1", quoted[1:-1]))
        elif bare.upper() != "NULL":
            items.append(_ESCAPE.sub(r"\1", bare).rstrip())
        place = match.end()
    return items


def _json_items(text: str) -> list[str] | None:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = cast("list[Any]", found)
    return [text_of(item) for item in items if item is not None and not isinstance(item, dict)]
