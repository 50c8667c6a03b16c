"""How the Géoplateforme reads the parameters of `/search`, `/reverse` and `/completion`, and refuses them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["Refused", "askable", "completion_params", "reverse_params", "search_params"]

INDEXES: Final = frozenset({"address", "poi", "parcel"})
TYPES: Final = frozenset({"housenumber", "street", "locality", "municipality"})
PARCEL: Final = ("departmentcode", "municipalitycode", "oldmunicipalitycode", "districtcode", "section", "number")
_FLOAT: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_INSEE: Final = re.compile(r"[0-9][0-9AB][0-9]{3}")


class Refused(Exception):
    """An answer that says no: its status and its JSON."""

    def __init__(self, status: int, message: str, detail: list[str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"code": status, "message": message}
        if detail is not None:
            self.body["detail"] = detail


def askable(text: str) -> bool:
    """Whether the service looks for this text: 3 to 200 characters, a letter or a digit in front."""
    if not 3 <= len(text) <= 200:
        return False
    first = text[0]
    return "0" <= first <= "9" or first.lower() != first.upper()


def _text(name: str, value: str) -> str:
    text = value.strip()
    if not askable(text):
        raise ValueError(f"{name}: must contain between 3 and 200 chars and start with a number or a letter")
    return text


def _integer(name: str, value: str, most: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        raise ValueError(f"{name}: unable to parse value as integer")
    if not 1 <= int(value) <= most:
        raise ValueError(f"{name}: must be an integer between 1 and {most}")
    return int(value)


def _degrees(name: str, value: str, most: int) -> float:
    if not _FLOAT.fullmatch(value):
        raise ValueError(f"{name}: unable to parse value as float")
    if not -most <= float(value) <= most:
        raise ValueError(f"{name}: must be a float between -{most} and {most}")
    return float(value)


def _flag(name: str, value: str) -> bool:
    if value.lower() in {"1", "true", "yes"}:
        return True
    if value.lower() in {"0", "false", "no"}:
        return False
    raise ValueError(f"{name}: unable to parse value as boolean")


def _one_of(name: str, value: str, known: frozenset[str]) -> str:
    for each in value.split(","):
        if each not in known:
            raise ValueError(f"{name}: unexpected value '{each}'")
    return value


def _matching(pattern: str | re.Pattern[str], problem: str) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if not all(re.fullmatch(pattern, each) for each in value.split(",")):
            raise ValueError(f"{name}: {problem}")
        return value

    return read


_READ: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "q": _text,
    "limit": lambda name, value: _integer(name, value, 50),
    "index": lambda name, value: _one_of(name, value, INDEXES),
    "autocomplete": _flag,
    "lat": lambda name, value: _degrees(name, value, 90),
    "lon": lambda name, value: _degrees(name, value, 180),
    "type": lambda name, value: _one_of(name, value, TYPES),
    "postcode": _matching(r"[0-9]{5}", "must contain 5 digits"),
    "citycode": _matching(_INSEE, "not valid"),
    "returntruegeometry": _flag,
}
_READ_COMPLETION: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "text": _text,
    "maximumResponses": lambda name, value: _integer(name, value, 15),
    "type": lambda name, value: _one_of(name, value, frozenset({"PositionOfInterest", "StreetAddress"})),
}


def _read(
    query: Mapping[str, str], readers: Mapping[str, Callable[[str, str], Any]]
) -> tuple[dict[str, Any], list[str]]:
    """The values, an empty one being absent, and everything that is wrong with them."""
    values: dict[str, Any] = {name: value for name, value in query.items() if value.strip() and name not in readers}
    problems: list[str] = []
    for name, read in readers.items():
        if query.get(name, "").strip():
            try:
                values[name] = read(name, query[name])
            except ValueError as problem:
                problems.append(str(problem))
    return values, problems


def _ends_well(problems: list[str]) -> None:
    if problems:
        raise Refused(400, "Failed parsing query", problems)


def _together(query: Mapping[str, str], problems: list[str]) -> None:
    if not problems and bool(query.get("lat")) != bool(query.get("lon")):
        problems.append("lon/lat must be present together if defined")


def search_params(query: Mapping[str, str]) -> dict[str, Any]:
    """The values of a search; `Refused` names everything that is wrong at once."""
    values, problems = _read(query, _READ)
    structured = [name for name in PARCEL if values.get(name)]
    if "q" not in values and not problems and values.get("index") != "parcel":
        problems.append("q: required param")
    _together(query, problems)
    if "q" in values and structured:
        problems.append("q param and structured search cannot be used together")
    if "city" in values and "citycode" in values:
        problems.append("city and citycode params cannot be used together")
    _ends_well(problems)
    if structured and "departmentcode" not in values:
        raise Refused(400, "departmentcode is required for structured search")
    _only_addresses(values)
    return values


def reverse_params(query: Mapping[str, str]) -> dict[str, Any]:
    """The values of a reverse search."""
    values, problems = _read(query, {name: read for name, read in _READ.items() if name != "q"})
    _together(query, problems)
    if not problems and "lon" not in values and "searchgeom" not in values:
        problems.append("At least lon/lat or searchgeom must be defined")
    _ends_well(problems)
    if "searchgeom" in values:
        raise Refused(501, "searchgeom: the fake geocoder has no geometry")
    _only_addresses(values)
    return values


def _only_addresses(values: Mapping[str, Any]) -> None:
    if values.get("index", "address") != "address":  # as the real one without these indexes
        raise Refused(500, "An unexpected error has occurred")


def completion_params(query: Mapping[str, str]) -> dict[str, Any]:
    """The values of a completion."""
    values, problems = _read(query, _READ_COMPLETION)
    if "text" not in values and not problems:
        problems.append("text: required param")
    _ends_well(problems)
    return values
