"""Coordinates and search shapes: checked in degrees, measured in metres on the ground, written as the service reads.

Longitudes and latitudes are WGS84 degrees, always named, longitude first where a pair can not be avoided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, SupportsFloat, cast

from ..errors import InvalidRequest
from ..transport.places import check_place

__all__ = ["Circle", "Polygon", "decimal_text", "distance", "lonlat_texts", "number"]

EARTH_RADIUS: Final = 6_371_008.8
"""Metres: the mean radius, with which the service measures."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc to search in. Raises `InvalidRequest` for a centre or a radius that is none."""

    lon: float
    lat: float
    radius: float
    """Metres; the Géoplateforme takes up to 500."""

    def __post_init__(self) -> None:
        lon, lat = check_lonlat("searchgeom", self.lon, self.lat)
        radius = number("searchgeom", self.radius)
        if radius <= 0:
            raise InvalidRequest.of("searchgeom", "a radius above 0, in metres")
        _set(self, lon=lon, lat=lat, radius=radius)

    def geojson(self, max_radius: float) -> str:
        """The text of the parameter; raises `InvalidRequest` above `max_radius` metres."""
        if self.radius > max_radius:
            raise InvalidRequest.of("searchgeom", f"a radius of at most {max_radius:g} m")
        lon, lat, radius = map(decimal_text, (self.lon, self.lat, self.radius))
        return f'{{"type":"Circle","coordinates":[{lon},{lat}],"radius":{radius}}}'


@dataclass(frozen=True, slots=True)
class Polygon:
    """A surface to search in: one ring of (longitude, latitude) pairs, of which the last repeats the first.

    Raises `InvalidRequest` for a ring that is none.
    """

    ring: Sequence[tuple[float, float]]

    def __post_init__(self) -> None:
        pairs: list[Any] = list(self.ring) if isinstance(cast("object", self.ring), Sequence) else []
        if not 4 <= len(pairs) <= 1000:
            raise InvalidRequest.of("searchgeom", "a ring of 4 to 1000 (longitude, latitude) pairs")
        ring = tuple(_pair(pair) for pair in pairs)
        if ring[0] != ring[-1]:
            raise InvalidRequest.of("searchgeom", "a closed ring", "Repeat the first pair at the end")
        if len(set(ring)) < 3:
            raise InvalidRequest.of("searchgeom", "a ring with at least 3 different corners")
        _set(self, ring=ring)

    def geojson(self, max_side: float) -> str:
        """The text of the parameter; raises `InvalidRequest` when the bounding box has a side above `max_side` m."""
        west, east = min(lon for lon, _ in self.ring), max(lon for lon, _ in self.ring)
        south, north = min(lat for _, lat in self.ring), max(lat for _, lat in self.ring)
        side = max(distance(west, south, west, north), distance(west, south, east, south))
        if side > max_side:
            raise InvalidRequest.of(
                "searchgeom", f"a bounding box of at most {max_side:g} m a side", "Cut it in pieces"
            )
        ring = ",".join(f"[{decimal_text(lon)},{decimal_text(lat)}]" for lon, lat in self.ring)
        return f'{{"type":"Polygon","coordinates":[[{ring}]]}}'


def _set(shape: Circle | Polygon, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(shape, name, value)


def _pair(pair: object) -> tuple[float, float]:
    items: list[object] = list(cast("Sequence[object]", pair)) if isinstance(pair, Sequence) else []
    if len(items) != 2:
        raise InvalidRequest.of("searchgeom", "(longitude, latitude) pairs")
    return check_lonlat("searchgeom", *items)


def distance(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two points, along the great circle of a sphere (within 0.5 % of the ellipsoid)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(half)))


def number(field: str, value: object) -> float:
    """A finite number, of any numeric type; raises `InvalidRequest`."""
    found = value if isinstance(value, float) else _converted(field, value)
    if not math.isfinite(found):
        raise InvalidRequest.of(field, "a finite number")
    return found


def _converted(field: str, value: object) -> float:
    if isinstance(value, str | bytes | bool) or not isinstance(value, SupportsFloat):
        hint = "Decimal commas and text must be converted first" if isinstance(value, str) else ""
        raise InvalidRequest.of(field, "a number, in degrees or metres", hint)
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidRequest.of(field, "a finite number") from None


def check_lonlat(field: str, lon: object, lat: object) -> tuple[float, float]:
    """A longitude and a latitude in degrees; raises `InvalidRequest`, also when they look swapped."""
    east, north = number(field, lon), number(field, lat)
    check_place(field, (east, north))
    return east, north


def lonlat_texts(lon: object, lat: object) -> tuple[str, str]:
    """A checked longitude and latitude, as text."""
    east, north = check_lonlat("lon/lat", lon, lat)
    return decimal_text(east), decimal_text(north)


def decimal_text(value: float) -> str:
    """A number without exponent, which the service refuses: `0.00001`."""
    text = repr(value)
    if "e" in text:
        text = f"{value:.15f}".rstrip("0").rstrip(".")
    return text
