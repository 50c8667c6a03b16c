"""Where things lie in the fake data API: every commune has a small square, and every place in it a smaller one.

The squares are laid out in a grid and are not where the communes are. What matters is that a box or a point finds what
lies in it, and nothing else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..codes import departement_of_commune, parse_code_commune
from .cerema_codes import DEPARTEMENTS
from .cerema_pages import Refusal, detail

__all__ = ["Box", "Location", "Place", "box_of_commune", "places_of"]

_SIDE: Final = 0.02
"""Degrees, of the square of a commune: one request for a box may hold it."""
_HALF: Final = 0.0002
_STEP: Final = 1 / 32
_MOST_CODES: Final = 10
_TOLERANCE: Final = 1e-9


class Box(NamedTuple):
    """A box in degrees, in the order of `in_bbox`."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, other: Box) -> bool:
        """Whether the two have a point in common, be it on their edges."""
        across = self.west <= other.east and other.west <= self.east
        return across and self.south <= other.north and other.south <= self.north

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def ring(self) -> list[list[float]]:
        """Its corners, the first again at the end."""
        west, south, east, north = self
        return [[west, south], [east, south], [east, north], [west, north], [west, south]]


class Place(NamedTuple):
    """A parcel of a commune."""

    commune: str
    departement: str
    number: int
    serial: int
    """Unlike those of all other places."""
    idpar: str
    idprocpte: str
    company: bool
    """Whether a company owns it."""
    box: Box


def _cell(commune: str) -> tuple[int, int]:
    departement = departement_of_commune(commune)
    if departement not in DEPARTEMENTS:
        raise ValueError("the fake has no communes in the collectivities overseas")
    return DEPARTEMENTS.index(departement), int(commune[len(departement) :])


def box_of_commune(commune: str) -> Box:
    """The square of a commune. Raises `ValueError` for what is no commune of a département."""
    departement, number = _cell(parse_code_commune(commune))
    west = -5 + departement % 14 + number % 32 * _STEP
    south = 42 + departement // 14 + number // 32 * _STEP
    return Box(*(round(value, 6) for value in (west, south, west + _SIDE, south + _SIDE)))


def places_of(commune: str, count: int, seed: int) -> Iterator[Place]:
    """The first places of a commune: the same for the same seed, however many are asked for."""
    dice = random.Random(f"{seed}/{commune}")  # noqa: S311 - no secret
    square = box_of_commune(commune)
    departement, cell = _cell(commune)
    for number in range(1, count + 1):
        lon = square.west + _HALF + dice.random() * (_SIDE - 2 * _HALF)
        lat = square.south + _HALF + dice.random() * (_SIDE - 2 * _HALF)
        box = Box(*(round(value, 6) for value in (lon - _HALF, lat - _HALF, lon + _HALF, lat + _HALF)))
        company = dice.random() < 0.2
        section = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number // 10_000]
        idpar = f"{commune}0000{section}{number % 10_000:04}"
        account = f"{commune}{'+' if company else 'A'}{number:05}"
        serial = (departement * 1_000 + cell) * 100_000 + number
        yield Place(commune, DEPARTEMENTS[departement], number, serial, idpar, account, company, box)


class Location:
    """Where a request looks, read from its parameters. Raises `Refusal`.

    Args:
        query: of the request.
        known: which of `code_insee`, `coddep` and `in_bbox` this list knows. One of them must be given.
        widest: the largest box in degrees, to either side.
        bbox_status: of the refusal of a larger one.
    """

    def __init__(self, query: Mapping[str, str], known: tuple[str, ...], widest: float, bbox_status: int) -> None:
        given = {name: query[name] for name in known if query.get(name)}
        if not given:
            raise _refused(f"Un paramètre de localisation est requis : {', '.join(known)}.")
        self._codes = frozenset(code.strip() for code in given.get("code_insee", "").split(",") if code.strip())
        if len(self._codes) > _MOST_CODES:
            raise _refused(f"Le paramètre code_insee est limité à {_MOST_CODES} codes.")
        self._departement = given.get("coddep", "")
        self._box = _read_box(given["in_bbox"], widest, bbox_status) if "in_bbox" in given else None
        self._point = _read_point(query["contains_geom"]) if self._box and query.get("contains_geom") else None

    def has(self, communes: tuple[str, ...], departement: str, box: Box) -> bool:
        """Whether something of these communes that lies in this box is looked for."""
        return (
            (not self._codes or not self._codes.isdisjoint(communes))
            and self._departement in {"", departement}
            and (self._box is None or self._box.meets(box))
            and (self._point is None or box.holds(*self._point))
        )


def _refused(words: str, status: int = 400) -> Refusal:
    return Refusal(detail(status, words))


def _read_box(text: str, widest: float, status: int) -> Box:
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise _refused("Le paramètre in_bbox attend lon_min,lat_min,lon_max,lat_max.") from None
    if max(east - west, north - south) > widest + _TOLERANCE:
        raise _refused(f"Emprise demandée trop importante : {widest}° x {widest}° au plus.", status)
    return Box(west, south, east, north)


def _read_point(text: str) -> tuple[float, float]:
    try:
        told: Any = json.loads(text)
        lon, lat = told["coordinates"]
        return float(lon), float(lat)
    except (ValueError, TypeError, KeyError):
        raise _refused("Le paramètre contains_geom attend un point en GeoJSON.") from None
