"""One argument at a time: read, checked, written as the wire wants it.

All raise `InvalidRequest`, which names the field and never the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from numbers import Integral, Number, Real
from typing import Final, TypeAlias, cast

from ...errors import InvalidRequest
from ...transport.reading import read_flag, read_whole

__all__ = [
    "Read",
    "Values",
    "choice",
    "count",
    "decimal",
    "each",
    "epci",
    "exact",
    "flag",
    "identifiers",
    "listed",
    "one",
    "ordering",
    "several",
    "words",
    "year",
]

Values: TypeAlias = str | Iterable[str]
"""One value, several (a list, a set, an array, a column of a frame), or several in one text separated by commas."""
Read: TypeAlias = Callable[[str, object], str]
"""Reads the argument of a field; raises `InvalidRequest`."""

_CODE: Final = re.compile(r"[0-9A-Za-z_+*\-]{1,64}")
_ORDERING: Final = re.compile(r"-?[a-z][a-z0-9_]{0,63}")
_EPCI: Final = re.compile(r"[0-9]{9}")
_FIRST_YEAR: Final = 1000
_LAST_YEAR: Final = 2999


def listed(value: object) -> list[object] | None:
    """What a list, a set, an array, a column or a generator holds; `None` for anything else, a table or bytes too."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | bytearray | memoryview | Mapping):
        return None
    items = cast("Iterable[object]", value)
    return list(items) if getattr(items, "ndim", 1) == 1 else None


def each(field: str, value: object, read: Read) -> list[str]:
    """The values of a field that takes several, each once, in their order; a refusal says at which place it stands."""
    found: dict[str, None] = {}
    for shown, item in _items(field, value):
        try:
            found[read(field, _text(field, item))] = None
        except InvalidRequest as error:
            raise error.renamed(field, shown) from None
    return list(found)


def _items(field: str, value: object) -> list[tuple[str, object]]:
    """What is given for a field that takes several, and what each is called: `code_insee[20]`."""
    items = [part.strip() for part in value.split(",")] if isinstance(value, str) else listed(value)
    if items is None:
        raise InvalidRequest.of(field, "text, or a list of texts", _about(value))
    if not items:
        raise InvalidRequest.of(field, "at least one value", "an empty list would filter nothing")
    if isinstance(value, AbstractSet):  # no order, so no places; and equal questions must look equal
        return [(field, item) for item in sorted(items, key=str)]
    if isinstance(value, str) and len(items) == 1:
        return [(field, items[0])]
    return [(f"{field}[{place}]", item) for place, item in enumerate(items)]


def _text(field: str, item: object) -> str:
    if not isinstance(item, str) or not item or "," in item:
        raise InvalidRequest.of(field, "text without commas, not empty", _about(item))
    return str.__str__(item)  # an array has texts of its own kind


def _about(value: object) -> str:
    """What to say of a value that is no text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "a value is missing: leave it out"
    if isinstance(value, bool) or not isinstance(value, Number):
        return "" if isinstance(value, str) else f"it is {type(value).__name__[:40]}"
    return "a number has lost its leading zeros"


def one(field: str, value: object) -> str:
    """A single code."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        hint = "this filter takes one value" if isinstance(value, str) and "," in value else ""
        raise InvalidRequest.of(field, "one code as text: letters, digits, _ + * -", hint)
    return str.__str__(value)


def several(field: str, value: object) -> str:
    """Codes; all that fit any of them are given."""
    return ",".join(each(field, value, one))


def identifiers(length: int, most: int = 10) -> Read:
    """A reader of identifiers of a fixed length (0 for any)."""

    def read_one(field: str, value: object) -> str:
        item = one(field, value)
        if length and len(item) != length:
            raise InvalidRequest.of(field, f"{length} characters")
        return item

    def read(field: str, value: object) -> str:
        items = each(field, value, read_one)
        if len(items) > most:
            raise InvalidRequest.of(field, f"at most {most} value{'s' * (most > 1)}", "ask several times")
        return ",".join(items)

    return read


def choice(*allowed: str) -> Read:
    """A reader of one of a few words."""

    def read(field: str, value: object) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise InvalidRequest.of(field, f"one of {', '.join(allowed)}")
        return str.__str__(value)

    return read


def words(field: str, value: object) -> str:
    """A text, trimmed."""
    text = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(text) <= 100 or not text.isprintable():
        raise InvalidRequest.of(field, "text of 1 to 100 characters, on one line")
    return text


def flag(field: str, value: object) -> str:
    """True or False, and nothing that looks like it."""
    return "true" if read_flag(field, value) else "false"


def year(earliest: int = _FIRST_YEAR) -> Read:
    """A reader of a year, as a number or in 4 digits."""

    def read(field: str, value: object) -> str:
        number = exact(value) if isinstance(value, Integral) else value
        text = str(number) if isinstance(number, Decimal | str) else ""
        if not (len(text) == 4 and text.isascii() and text.isdecimal() and earliest <= int(text) <= _LAST_YEAR):
            limit = "a year, 4 digits" if earliest == _FIRST_YEAR else f"a year from {earliest} on"
            raise InvalidRequest.of(field, limit)
        return text

    return read


def count(most: int) -> Read:
    """A reader of a whole number from 1 to `most`."""

    def read(field: str, value: object) -> str:
        return str(read_whole(field, value, most))

    return read


def exact(value: object) -> Decimal | None:
    """A finite number, of any type of number, as it is printed; `None` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return Decimal(int(value))
    if isinstance(value, Real):
        try:
            value = Decimal(repr(float(value)))
        except OverflowError:  # a fraction beyond all floats
            return None
    return value if isinstance(value, Decimal) and value.is_finite() else None


def decimal(field: str, value: object) -> str:
    """A number of 0 or more: square metres, euros, things counted."""
    number = exact(value)
    if number is None or not 0 <= number < 10**15:
        raise InvalidRequest.of(field, "a number, 0 or more")
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def ordering(field: str, value: object) -> str:
    """Columns to sort by; one that starts with `-` from the greatest down."""
    return ",".join(each(field, value, _column))


def _column(field: str, value: object) -> str:
    if not isinstance(value, str) or not _ORDERING.fullmatch(value):
        raise InvalidRequest.of(field, "the name of a column, with - in front to sort from the greatest down")
    return value


def epci(value: str) -> str:
    """The SIREN of an intercommunality; its check digit is not looked at."""
    if not _EPCI.fullmatch(value):
        raise InvalidRequest.of("code", "9 digits for an EPCI")
    return value
