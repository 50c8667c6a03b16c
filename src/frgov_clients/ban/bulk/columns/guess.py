"""Which columns of the input hold the address, guessed from names and content, or as the caller says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, cast

from ....errors import InvalidRequest
from ....transport.spelling import did_you_mean
from ..model import KindName
from .names import LINE, confirms, degrees_in, is_result, looks_like_data, ranked, sample_of, tokens_of
from .reader import Parts, point_reader, reader

__all__ = ["Columns", "Parts", "check_parts", "columns_from", "guess_columns", "point_reader", "reader"]

_SAMPLE: Final = 500
"""Rows that are looked at."""
_MOST_NAMES: Final = 30


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns that hold the parts of an address, or a point."""

    address: tuple[str, ...] = ()
    """Joined by blanks, in this order."""
    postcode: str | None = None
    city: str | None = None
    """The name of the commune."""
    citycode: str | None = None
    """The INSEE code of the commune."""
    complement: str | None = None
    """Building, flat, residence."""
    lon: str | None = None
    """Longitude in decimal degrees."""
    lat: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that are read."""
        singles = (self.postcode, self.city, self.citycode, self.complement, self.lon, self.lat)
        return (*self.address, *(name for name in singles if name is not None))


_FIELDS: Final = tuple(field.name for field in fields(Columns))


# ---- guessed -----------------------------------------------------------------------------------------------


def guess_columns(
    header: Sequence[str], sample_rows: Sequence[Mapping[str, Any]], kind: KindName = "search"
) -> Columns:
    """Find the columns by the names that French files use, confirmed by what the sample holds.

    Case, accents and separators do not count; columns that a geocoder has added are left alone. A position is looked
    for in reverse only: a search never sends one unasked. Raises `InvalidRequest`, which tells the names of the
    columns there are, unless they look like data.
    """
    guess = _Guess(header, sample_rows[:_SAMPLE])
    if kind == "search" and (lines := guess.postal_lines()) is not None:
        return lines
    if kind == "reverse":
        lon, lat = guess.find("lon"), guess.find("lat")
        if lon is None or lat is None:
            raise _missing("lon and lat, two columns in decimal degrees", header, guess.few_degrees())
        return Columns(lon=lon, lat=lat)
    postcode = guess.find("postcode")
    city, citycode = guess.find("city"), guess.find("citycode")
    if citycode is None:
        citycode = guess.codes_under("city")  # a column `commune` often holds codes
    address = guess.address()
    if not address:
        raise _missing("address, one column or several", header)
    complement = guess.find("complement")
    return Columns(address, postcode, city, citycode, complement)


class _Guess:
    """The search for columns: each is used once."""

    def __init__(self, header: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        self._free = [name for name in header if not is_result(name)]
        self._rows = rows

    def find(self, field: str) -> str | None:
        """The column that most surely holds the field; it is taken."""
        return self._first(field, field)

    def few_degrees(self) -> str:
        """What keeps columns that are named like coordinates from being taken."""
        for field in ("lon", "lat"):
            for name in ranked(field, self._free):
                sample = sample_of(self._rows, name)
                if (fitting := degrees_in(sample)) < len(sample):
                    held = f"{fitting} of {len(sample)} values of {name} are degrees (WGS84)"
                    return f"{held}: convert the others, or name the columns to use them as they are. "
        return ""

    def codes_under(self, field: str) -> str | None:
        """A column named like `field` that holds codes of communes; an empty one proves nothing."""
        return self._first(field, "citycode", proved=True)

    def _first(self, name_field: str, content_field: str, *, proved: bool = False) -> str | None:
        candidates = [(name, sample_of(self._rows, name)) for name in ranked(name_field, self._free)]
        fitting = [(not sample, name) for name, sample in candidates if confirms(content_field, name, sample)]
        for empty, name in sorted(fitting, key=lambda pair: pair[0]):  # stable: columns with content first
            if not (empty and proved):
                self._free.remove(name)
                return name
        return None

    def address(self) -> tuple[str, ...]:
        """One column that has all, or numbered lines, or number and street apart."""
        lines = self._lines()
        if lines:
            return lines
        whole = self.find("address")
        if whole is None:
            return self._parts()
        if not self._has_numbers(whole):
            parts = self._parts()
            if len(parts) > 1:  # the column has only a part of it
                return parts
        return (whole,)

    def postal_lines(self) -> Columns | None:
        """The address of an owner as the DGFIP prints it; the commune in the other columns is that of the property."""
        if not {"dlign4", "dlign6"} <= {name.lower() for name in self._free}:
            return None
        lines = tuple(name for word in ("street_line", "place_line", "town_line") if (name := self.find(word)))
        return Columns(lines, postcode=self.find("postcode"), complement=self.find("complement"))

    def _lines(self) -> tuple[str, ...]:
        """`adresse1`, `adresse2`, `adresse3`: which of them has the street differs from row to row."""
        found = {name: match[1] for name in self._free if (match := LINE.fullmatch("_".join(tokens_of(name))))}
        if len(found) < 2 or "1" not in found.values():
            return ()
        if not any(confirms("address", name, sample_of(self._rows, name)) for name in found):
            return ()
        for name in found:
            self._free.remove(name)
        return tuple(sorted(found, key=found.__getitem__))

    def _parts(self) -> tuple[str, ...]:
        street = self.find("street") or self.find("place")
        if street is None:
            return ()
        before = [self.find(field) for field in ("number", "repetition", "street_type")]
        return (*(name for name in before if name is not None), street)

    def _has_numbers(self, name: str) -> bool:
        sample = sample_of(self._rows, name)
        return not sample or sum(any(map(str.isdecimal, text)) for text in sample) >= 0.3 * len(sample)


def _missing(what: str, header: Sequence[str], hint: str = "") -> InvalidRequest:
    if looks_like_data(header):
        known = f"The {len(header)} names look like data: has the file no first line with names? Then give `header`"
    else:
        more = f" and {len(header) - _MOST_NAMES} more" if len(header) > _MOST_NAMES else ""
        known = "There are: " + (", ".join(header[:_MOST_NAMES]) or "none") + more
    return InvalidRequest.of("columns", what, f"{hint or 'Not found among the columns, name it. '}{known}")


# ---- as the caller says ------------------------------------------------------------------------------------


def columns_from(
    given: Columns | Mapping[str, str | Sequence[str]] | None,
    header: Sequence[str],
    sample_rows: Sequence[Mapping[str, Any]] = (),
    kind: KindName = "search",
) -> Columns:
    """The caller's choice, checked; a guess for `None`. What the caller does not name is not used.

    Raises `InvalidRequest` for a part or a column that does not exist, and for a choice that leaves nothing to ask.
    """
    if given is None:
        return guess_columns(header, sample_rows, kind)
    found = {part: _checked(part, value, header) for part, value in check_parts(given).items()}
    names = {part: chosen[0] for part, chosen in found.items() if chosen and part != "address"}
    columns = Columns(found.get("address", ()), **names)
    if kind == "reverse" and (columns.lon is None or columns.lat is None):
        raise InvalidRequest.of("columns", "lon and lat, the two columns of the points")
    if kind == "search" and not (columns.address or columns.postcode or columns.city or columns.citycode):
        raise InvalidRequest.of("columns", "address, one column or several")
    return columns


def check_parts(given: object) -> Mapping[Any, object]:
    """The caller's choice by part, as far as it can be checked before the names of the columns are known."""
    if isinstance(given, Columns):
        return {part: getattr(given, part) for part in _FIELDS}
    if isinstance(given, Mapping):
        asked = cast("Mapping[Any, object]", given)
        for part in asked:
            if part not in _FIELDS:
                limit = "parts named " + ", ".join(_FIELDS) + did_you_mean(str(part), _FIELDS)
                raise InvalidRequest.of("columns", limit)
        return asked
    raise InvalidRequest.of(
        "columns", 'Columns, or a mapping such as {"address": ["numero", "voie"], "postcode": "cp"}'
    )


def _checked(part: str, value: object, header: Sequence[str]) -> tuple[str, ...]:
    if value is None:
        return ()
    names: tuple[object, ...] = (value,)
    if isinstance(value, list | tuple):
        names = tuple(cast("Sequence[object]", value))
    field = f"columns.{part}"
    if part != "address" and len(names) != 1:
        raise InvalidRequest.of(field, "the name of one column")
    for name in names:
        if not isinstance(name, str):
            raise InvalidRequest.of(field, "names of columns, as text")
        if name not in header:
            near = "" if looks_like_data(header) else did_you_mean(name, header)
            raise InvalidRequest.of(field, f"none of the {len(header)} columns is so called{near}")
    return cast("tuple[str, ...]", names)
