"""One argument at a time: read, checked, written as the wire wants it.

All raise `InvalidRequest`, which names the field and never the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias, cast

from ..errors import InvalidRequest
from ..transport.places import check_place
from .dialects import Dialect
from .geometry import decimal_text, number

__all__ = [
    "OneOf",
    "Read",
    "Shape",
    "Values",
    "bbox_text",
    "floats",
    "one_text",
    "read_citycode",
    "read_departement",
    "read_postcode",
    "read_territory",
    "search_text",
    "values_of",
]

Values: TypeAlias = str | Sequence[str] | frozenset[str] | set[str]
"""One value, several, or several in one text separated by commas."""
Read: TypeAlias = Callable[[str, str], str]
"""Reads one value of a field; raises `InvalidRequest`."""

_DIGITS: Final = frozenset("0123456789")


def search_text(field: str, value: object, dialect: Dialect) -> str:
    """A text to search for, trimmed."""
    if not isinstance(value, str):
        raise InvalidRequest.of(field, f"text of {dialect.q_min} to {dialect.q_max} characters", _no_text(value))
    text = value.strip()
    length = len(text) if text.isascii() else _utf16_length(field, text)
    if not dialect.q_min <= length <= dialect.q_max:
        hint = "Leave out what is no address: floor, building, name" if length > dialect.q_max else ""
        raise InvalidRequest.of(field, f"{dialect.q_min} to {dialect.q_max} characters once trimmed", hint)
    if dialect.q_starts_alphanumeric and not _is_alphanumeric(text[0]):
        hint = "Take away the quotes, brackets or dashes in front"
        raise InvalidRequest.of(field, "the first character must be a letter or a digit", hint)
    return text


def _is_alphanumeric(char: str) -> bool:
    """As the service sees it: a letter is what has two cases, in the basic plane."""
    return char in _DIGITS or (char.lower() != char.upper() and char <= "\uffff")


def _utf16_length(field: str, text: str) -> int:
    try:
        return len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        raise InvalidRequest.of(field, "valid Unicode text", "it holds half of a surrogate pair") from None


def _no_text(value: object) -> str:
    return "None is no text: test for it before" if value is None else f"it is {type(value).__name__[:40]}"


def one_text(field: str, value: object, longest: int = 200) -> str:
    """A text that stands alone, trimmed."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > longest:
        hint = _no_text(value) if not isinstance(value, str) else ""
        raise InvalidRequest.of(field, f"text of 1 to {longest} characters", hint)
    _utf16_length(field, text)
    return text


def floats(field: str, value: object, count: int) -> list[float]:
    """Exactly `count` finite numbers."""
    items = list(cast("Sequence[object]", value)) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if len(items) != count:
        raise InvalidRequest.of(field, f"{count} numbers, in degrees")
    return [number(field, item) for item in items]


def bbox_text(corners: list[float]) -> str:
    """A rectangle: west, south, east, north in degrees."""
    west, south, east, north = corners
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InvalidRequest.of("bbox", "west < east within ±180 and south < north within ±90, in this order")
    check_place("bbox", (west, south), (east, north))
    return ",".join(map(decimal_text, corners))


class OneOf(NamedTuple):
    """A value of a short list."""

    allowed: frozenset[str]

    def read(self, field: str, value: str) -> str:
        if value not in self.allowed:
            raise InvalidRequest.of(field, "one of " + ", ".join(sorted(self.allowed)))
        return value


class Shape(NamedTuple):
    """A value of a fixed form, padded with zeros."""

    pattern: re.Pattern[str]
    width: int
    limit: str

    def read(self, field: str, value: str) -> str:
        if not self.pattern.fullmatch(value):
            raise InvalidRequest.of(field, self.limit)
        return value.zfill(self.width)


def _code(field: str, value: str, parse: Callable[[str], str]) -> str:
    try:
        return parse(value)
    except InvalidRequest as error:
        raise error.renamed(field) from None


# The codes load with the first filter that is used: most searches have none, and importing must stay cheap.


def read_postcode(field: str, value: str) -> str:
    """One postcode."""
    from ..codes import parse_code_postal

    return _code(field, value, parse_code_postal)


def read_citycode(field: str, value: str) -> str:
    """One INSEE code of a commune."""
    from ..codes import parse_code_commune

    return _code(field, value, parse_code_commune)


def read_departement(field: str, value: str) -> str:
    """One code of a département."""
    from ..codes import parse_code_departement

    return _code(field, value, parse_code_departement)


def read_territory(field: str, value: str) -> str:
    """`METROPOLE`, `DOMTOM`, a département or a postcode."""
    if value in ("METROPOLE", "DOMTOM"):
        return value
    return read_postcode(field, value) if len(value) == 5 else read_departement(field, value)


def values_of(field: str, value: object, dialect: Dialect, read: Read, most: int | None = None) -> tuple[str, ...]:
    """The values of a filter, each once, in their order."""
    given = value
    if isinstance(value, str) and "," not in value:
        return (read(field, value),)
    if isinstance(value, str):
        items: list[object] = [part.strip() for part in value.split(",")]
    elif isinstance(value, Sequence | frozenset | set) and not isinstance(value, bytes | bytearray | memoryview):
        items = list(cast("Sequence[object]", value))
        if not isinstance(value, Sequence):
            items.sort(key=str)  # a set has no order; equal questions must look equal
    else:
        lost = ": a number has lost its leading zeros" if isinstance(given, int | float) else ""
        raise InvalidRequest.of(field, "text, or a list of texts", _no_text(given) + lost)
    most = most or dialect.most_values(field)
    if not 1 <= len(items) <= most:
        limit = f"1 to {most} values" if most > 1 else f"one value in the dialect {dialect.name}"
        raise InvalidRequest.of(field, limit, "" if items else "An empty list would filter nothing")
    for item in items:
        if not isinstance(item, str) or "," in item:
            raise InvalidRequest.of(field, "a list of texts without commas")
    return tuple(dict.fromkeys(read(field, item) for item in cast("list[str]", items)))
