"""Boxes in degrees, and how one that is larger than the service allows is cut into tiles.

Corners are whole numbers of ten-millionths of a degree (1 cm on the ground), so that no rounding lets a tile grow
over the limit or leaves a strip between two of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final, NamedTuple

from ...errors import InvalidRequest
from ...transport.places import PROJECTED, check_place
from .values import exact, listed

__all__ = ["MOST_TILES", "Box", "around", "box_of", "point_of", "tiles_of"]

UNIT: Final = 10_000_000
MOST_TILES: Final = 400
"""Tiles of one question: each costs at least a request."""
_HALF: Final = 180 * UNIT
_QUARTER: Final = 90 * UNIT
_FRACTION_BELOW: Final = 200
"""A tile stays that fraction of the limit below it: the service subtracts binary fractions."""
_FRACTION_SHARED: Final = 10
"""Neighbours overlap by that fraction of the limit."""


class Box(NamedTuple):
    """A rectangle, in ten-millionths of a degree."""

    west: int
    south: int
    east: int
    north: int

    def __str__(self) -> str:
        return ",".join(map(_degrees, self))

    def exceeds(self, limit: int) -> bool:
        """Whether a side is longer."""
        return self.east - self.west > limit or self.north - self.south > limit


def box_of(value: object) -> Box:
    """`(lon_min, lat_min, lon_max, lat_max)`, in degrees; raises `InvalidRequest`."""
    corners = None if isinstance(value, AbstractSet) else listed(value)  # a set has no order
    if corners is None or len(corners) != 4:
        raise InvalidRequest.of("bbox", "(lon_min, lat_min, lon_max, lat_max), in degrees")
    box = Box(*(_units("bbox", corner) for corner in corners))
    check_place("bbox", (box.west / UNIT, box.south / UNIT), (box.east / UNIT, box.north / UNIT))
    if not (box.west < box.east and box.south < box.north):
        raise InvalidRequest.of("bbox", "lon_min < lon_max and lat_min < lat_max: (lon_min, lat_min, lon_max, lat_max)")
    return box


def point_of(lon: object, lat: object) -> tuple[int, int]:
    """A point in degrees, as whole numbers; raises `InvalidRequest`."""
    if lon is None or lat is None:
        raise InvalidRequest.of("lon/lat", "both or none")
    east, north = _units("lon", lon), _units("lat", lat)
    check_place("lon/lat", (east / UNIT, north / UNIT))
    return east, north


def around(point: tuple[int, int], limit: int) -> tuple[Box, str]:
    """The largest box around a point, and the point as GeoJSON."""
    east, north = point
    half = (limit - limit // _FRACTION_BELOW) // 2
    geometry = {"type": "Point", "coordinates": [east / UNIT, north / UNIT]}
    return Box(east - half, north - half, east + half, north + half), json.dumps(geometry, separators=(",", ":"))


def tiles_of(box: Box, limit: int) -> Iterator[Box]:
    """Tiles that together are the box, none longer than the limit, each overlapping its neighbours.

    Raises:
        InvalidRequest: there would be more than `MOST_TILES`.
    """
    columns, rows = list(_cut(box.west, box.east, limit)), list(_cut(box.south, box.north, limit))
    if len(columns) * len(rows) > MOST_TILES:
        limit_text = f"at most {MOST_TILES} tiles of {_degrees(limit)}° a side"
        raise InvalidRequest.of("bbox", limit_text, "ask by code_insee, or for one part after the other")
    for south, north in rows:
        for west, east in columns:
            yield Box(west, south, east, north)


def _cut(start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Spans of equal length from start to end."""
    longest, shared = limit - limit // _FRACTION_BELOW, limit // _FRACTION_SHARED
    if end - start <= longest:
        yield start, end
        return
    steps = math.ceil((end - start - longest) / (longest - shared))
    for number in range(steps + 1):
        first = start + number * (end - start - longest) // steps
        yield first, first + longest


def _units(field: str, value: object) -> int:
    number = exact(value)
    if number is None or abs(number) > 1000:
        raise InvalidRequest.of(field, "finite numbers, in degrees", "" if number is None else PROJECTED)
    return int((number * UNIT).to_integral_value())


def _degrees(units: int) -> str:
    text = format(Decimal(units) / UNIT, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
