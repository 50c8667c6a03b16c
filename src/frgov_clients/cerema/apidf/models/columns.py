"""The types of the columns: what the service writes as text becomes what it means, and a code stays text.

Decimal numbers come as text (`"170000.00"`), lists also as the text of a list, and what is not known as an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Final, TypeAlias, cast

from pydantic import BeforeValidator, Field

__all__ = ["Amount", "Code", "Codes", "Count", "Day", "Flag", "Hidden", "Label", "Mark", "Numbers", "Private", "Year"]

_QUOTES: Final = " '\""
_WRAPPED: Final = re.compile(r"\s*[\[({](.*)[\])}]\s*", re.DOTALL)


def _known(value: Any) -> Any:
    """An empty text stands for what is not known."""
    return value.strip() or None if isinstance(value, str) else value


def _mark(value: Any) -> Any:
    """A code that has no leading zero also comes as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _known(value)


def _year(value: Any) -> Any:
    """0 stands for a year that is not known."""
    known = _known(value)
    return None if known in {0, "0", "0000"} else known


def _items(value: Any) -> Any:
    """A list, also from its text: `['a', 'b']`, `{a,b}`, `a,b`."""
    if value is None:
        return ()
    if not isinstance(value, str):
        return value
    wrapped = _WRAPPED.fullmatch(value)
    inner = wrapped[1] if wrapped else value
    return tuple(item for part in inner.split(",") if (item := part.strip(_QUOTES)))


def _marks(value: Any) -> Any:
    items = _items(value)
    return tuple(map(_mark, cast("Iterable[Any]", items))) if isinstance(items, list | tuple) else items


Code: TypeAlias = Annotated[str | None, BeforeValidator(_known)]
"""A code, always text: a number would have lost its leading zeros, and is refused."""
Mark: TypeAlias = Annotated[str | None, BeforeValidator(_mark)]
"""A code without leading zeros, which is text here also where the service sends a number."""
Label: TypeAlias = Annotated[str | None, BeforeValidator(_known)]
"""Words."""
Private: TypeAlias = Annotated[str | None, BeforeValidator(_known), Field(repr=False)]
"""What tells who a person is, or where they live: it stands in no `repr`."""
Hidden: TypeAlias = Annotated[Any, Field(repr=False)]
"""What speaks of persons in a form that the service does not tell, as it came; it stands in no `repr`."""
Count: TypeAlias = Annotated[int | None, BeforeValidator(_known)]
"""A whole number."""
Amount: TypeAlias = Annotated[Annotated[float, Field(allow_inf_nan=False)] | None, BeforeValidator(_known)]
"""A number with decimals: square metres, euros."""
Year: TypeAlias = Annotated[int | None, BeforeValidator(_year)]
"""A year; `None` where the service says 0."""
Flag: TypeAlias = Annotated[bool | None, BeforeValidator(_known)]
"""Yes, no, or not known."""
Day: TypeAlias = Annotated[date | None, BeforeValidator(_known)]
"""A day."""
Codes: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_marks)]
"""Several codes; empty when there is none."""
Numbers: TypeAlias = Annotated[tuple[float, ...], BeforeValidator(_items)]
"""Several numbers."""
