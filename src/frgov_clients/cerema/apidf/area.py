"""Where: every question needs exactly one place, and one that the service takes only in parts is cut into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from ...errors import InvalidRequest
from .tiles import UNIT, around, box_of, point_of, tiles_of
from .values import each

__all__ = ["ANYWHERE", "COMMUNES", "FRICHES", "PLACES", "Area", "Params", "codes_of", "groups_of", "places_of"]

Params: TypeAlias = tuple[tuple[str, str], ...]
MOST_CODES: Final = 10
"""Codes that the service takes in one request."""
PLACES: Final = frozenset({"code_insee", "coddep", "bbox", "tiled", "lon", "lat"})


@dataclass(frozen=True, slots=True)
class Area:
    """What an endpoint takes for a place."""

    ways: str
    """In words, for whoever gave none."""
    side: int = 0
    """The longest side of a box, in ten-millionths of a degree; 0 when no box is taken."""


COMMUNES: Final = Area("communes in code_insee, no other is taken here")
ANYWHERE: Final = Area("code_insee, bbox, or lon and lat", UNIT // 50)
FRICHES: Final = Area("code_insee, coddep, bbox, or lon and lat", UNIT)


def places_of(given: Mapping[str, Any], area: Area) -> list[Params]:
    """The parameters of each part of the place.

    Raises:
        InvalidRequest: no place, several of them, or one that can not be.
    """
    point = given.get("lon") is not None or given.get("lat") is not None
    ways = [name for name in ("code_insee", "coddep", "bbox") if given.get(name) is not None]
    if len(ways) + point != 1:
        raise InvalidRequest.of("code_insee", f"exactly one place: {area.ways}", "" if ways or point else _hint(given))
    tiled = given.get("tiled")
    if not isinstance(tiled, bool | None):
        raise InvalidRequest.of("tiled", "True or False")
    if tiled and ways != ["bbox"]:
        raise InvalidRequest.of("tiled", "only with bbox")
    if point:
        box, geometry = around(point_of(given.get("lon"), given.get("lat")), area.side)
        return [(("in_bbox", str(box)), ("contains_geom", geometry))]
    if ways == ["bbox"]:
        return list(_boxes(given["bbox"], area.side, tiled=bool(tiled)))
    if ways == ["coddep"]:
        return [(("coddep", code),) for code in codes_of("coddep", given["coddep"], _departement)]
    return [(("code_insee", codes),) for codes in groups_of("code_insee", given["code_insee"], _commune)]


def _hint(given: Mapping[str, Any]) -> str:
    """What to say where something is named whose place one might expect the service to know."""
    named = next((name for name in ("idpar", "idprocpte", "idsec") if given.get(name) is not None), None)
    return f"`{named}` alone is no place: its first 5 characters are the code of the commune" if named else ""


def _boxes(value: object, side: int, *, tiled: bool) -> Iterator[Params]:
    box = box_of(value)
    if not tiled and box.exceeds(side):
        limit = f"at most {side / UNIT:g}° a side"
        raise InvalidRequest.of("bbox", limit, "`tiled=True` asks for larger ones in tiles")
    for tile in tiles_of(box, side) if tiled else (box,):
        yield (("in_bbox", str(tile)),)


# ---- codes -------------------------------------------------------------------------------------------------


def codes_of(field: str, value: object, parse: Callable[[str], str]) -> list[str]:
    """Codes in their normal form, each once."""
    return each(field, value, lambda _field, item: parse(cast("str", item)))


def groups_of(field: str, value: object, parse: Callable[[str], str]) -> list[str]:
    """Codes in groups that the service takes in one request."""
    codes = codes_of(field, value, parse)
    return [",".join(codes[first : first + MOST_CODES]) for first in range(0, len(codes), MOST_CODES)]


def _commune(value: str) -> str:
    from ...codes import parse_code_commune  # loads with the first question

    return parse_code_commune(value)


def _departement(value: str) -> str:
    from ...codes import parse_code_departement

    return parse_code_departement(value)
