"""How the fake data API chooses and orders records. As by the service, a parameter that it does not know is ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from .apidf_kinds import Entry, Kind
from .cerema_pages import Refusal, drf
from .cerema_records import written

__all__ = ["chooser", "ordered"]

_Choice: TypeAlias = Callable[[Mapping[str, Any]], bool]
_NAMES: Final[Mapping[str, str]] = {"surface": "unite_fonciere_surface"}
"""Fields that are asked for by another name."""
_BEGINNINGS: Final = frozenset({"codtypbien"})
"""Codes of a tree: a short one stands for all that begin so."""
_WORDS: Final = frozenset({"idcomtxt"})


def chooser(kind: Kind, query: Mapping[str, str]) -> _Choice:
    """Which records are asked for. Raises `Refusal` for a number that is none."""
    choices: list[_Choice] = []
    for name, text in query.items():
        if not text:
            continue
        stem, _, end = name.rpartition("_")
        field = _NAMES.get(stem, stem)
        if end in {"min", "max"} and field in kind.ranges:
            choices.append(_bound(name, field, text, least=end == "min"))
        elif name in kind.values:
            choices.append(_value(name, text))
    return lambda record: all(choice(record) for choice in choices)


def _bound(name: str, field: str, text: str, *, least: bool) -> _Choice:
    try:
        bound = float(text)
    except ValueError:
        raise Refusal(drf(400, written({name: ["Saisissez un nombre."]}))) from None

    def fits(record: Mapping[str, Any]) -> bool:
        value = record[field]
        return value is not None and (float(value) >= bound if least else float(value) <= bound)

    return fits


def _value(name: str, text: str) -> _Choice:
    wanted = tuple(each.strip().casefold() for each in text.split(","))
    if name in _BEGINNINGS:
        return lambda record: str(record[name]).casefold().startswith(wanted)
    if name in _WORDS:
        return lambda record: any(word in str(record[name]).casefold() for word in wanted)
    return lambda record: str(record[name]).casefold() in wanted  # `true` of JSON is `True` here


def ordered(entries: list[Entry], ordering: str, *, descending: bool) -> list[Entry]:
    """The records in the order of a field, nulls last; one that they do not have changes nothing."""
    name = ordering.removeprefix("-")
    if not entries or name not in entries[0].record:
        return entries
    full = [entry for entry in entries if entry.record[name] is not None]
    full.sort(key=lambda entry: _sortable(entry.record[name]), reverse=descending and ordering.startswith("-"))
    return full + [entry for entry in entries if entry.record[name] is None]


def _sortable(value: Any) -> Any:
    """Prices and surfaces are text, and numbers all the same."""
    if isinstance(value, str):
        try:
            return (0, float(value), value)
        except ValueError:
            return (1, 0.0, value)
    return (0, float(value), "") if isinstance(value, int | float) else (2, 0.0, str(value))
