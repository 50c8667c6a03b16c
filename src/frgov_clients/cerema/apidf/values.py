"""One argument at a time: read, checked, written as the wire wants it.

All raise `InvalidRequest`, which names the field and never the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Final, TypeAlias, cast

from ...errors import InvalidRequest

__all__ = [
    "Read",
    "Values",
    "choice",
    "count",
    "decimal",
    "epci",
    "exact",
    "flag",
    "identifiers",
    "items_of",
    "one",
    "ordering",
    "several",
    "words",
    "year",
]

Values: TypeAlias = str | Sequence[str]
"""One value, several, or several in one text separated by commas."""
Read: TypeAlias = Callable[[str, object], str]
"""Reads the argument of a field; raises `InvalidRequest`."""

_CODE: Final = re.compile(r"[0-9A-Za-z_+*\-]{1,64}")
_ORDERING: Final = re.compile(r"-?[a-z][a-z0-9_]{0,63}")
_EPCI: Final = re.compile(r"[0-9]{9}")
_FIRST_YEAR: Final = 1000
_LAST_YEAR: Final = 2999


def items_of(field: str, value: object) -> list[str]:
    """The texts of a field that takes several, each once, in their order."""
    if isinstance(value, str):
        items: list[object] = [part.strip() for part in value.split(",")]
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        items = list(cast("Sequence[object]", value))
    else:
        lost = "a number has lost its leading zeros" if isinstance(value, int | float) else ""
        raise InvalidRequest.of(field, "text, or a list of texts", lost)
    if not items:
        raise InvalidRequest.of(field, "at least one value", "an empty list would filter nothing")
    if not all(isinstance(item, str) and item and "," not in item for item in items):
        raise InvalidRequest.of(field, "a list of texts without commas, none of them empty")
    return list(dict.fromkeys(cast("list[str]", items)))


def one(field: str, value: object) -> str:
    """A single code."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        hint = "this filter takes one value" if isinstance(value, str) and "," in value else ""
        raise InvalidRequest.of(field, "one code as text: letters, digits, _ + * -", hint)
    return value


def several(field: str, value: object) -> str:
    """Codes; all that fit any of them are given."""
    return ",".join(one(field, item) for item in items_of(field, value))


def identifiers(length: int, most: int = 10) -> Read:
    """A reader of identifiers of a fixed length (0 for any)."""

    def read(field: str, value: object) -> str:
        items = [one(field, item) for item in items_of(field, value)]
        if len(items) > most:
            raise InvalidRequest.of(field, f"at most {most} values", "ask several times")
        if length and any(len(item) != length for item in items):
            raise InvalidRequest.of(field, f"{length} characters each")
        return ",".join(items)

    return read


def choice(*allowed: str) -> Read:
    """A reader of one of a few words."""

    def read(field: str, value: object) -> str:
        if value not in allowed:
            raise InvalidRequest.of(field, f"one of {', '.join(allowed)}")
        return str(value)

    return read


def words(field: str, value: object) -> str:
    """A text, trimmed."""
    text = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(text) <= 100 or not text.isprintable():
        raise InvalidRequest.of(field, "text of 1 to 100 characters, on one line")
    return text


def flag(field: str, value: object) -> str:
    """True or False, and nothing that looks like it."""
    if not isinstance(value, bool):
        raise InvalidRequest.of(field, "True or False")
    return "true" if value else "false"


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
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise InvalidRequest.of(field, f"a whole number from 1 to {most}")
        return str(value)

    return read


def exact(value: object) -> Decimal | None:
    """A finite number, of any type of number, as it is printed; `None` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Real):
        value = Decimal(int(value)) if isinstance(value, Integral) else Decimal(repr(float(value)))
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
    items = items_of(field, value)
    if not all(_ORDERING.fullmatch(item) for item in items):
        raise InvalidRequest.of(field, "names of columns, with - in front to sort from the greatest down")
    return ",".join(items)


def epci(value: str) -> str:
    """The SIREN of an intercommunality; its check digit is not looked at."""
    if not _EPCI.fullmatch(value):
        raise InvalidRequest.of("code", "9 digits for an EPCI")
    return value
