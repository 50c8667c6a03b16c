"""What no longitude and latitude of a place in France can be: refused before a service answers "nothing there"."""

from __future__ import annotations

from typing import Final

from ..errors import InvalidRequest

__all__ = ["PROJECTED", "check_place"]

PROJECTED: Final = "Degrees, not metres of a projection"
_SWAPPED: Final = "Longitude and latitude look swapped"


def check_place(field: str, *corners: tuple[float, float]) -> None:
    """A point, or the corners of a box, each a longitude and a latitude in degrees.

    No place of France has a latitude of -5 to 10 and a longitude of 41 to 52, while most have it the other way round.
    A box is refused when all of it lies there: a large one around Mayotte only touches that zone.

    Raises:
        InvalidRequest: outside of the globe, or the two look swapped.
    """
    if not all(_on_earth(lon, lat) for lon, lat in corners):
        hint = _SWAPPED if all(_on_earth(lat, lon) for lon, lat in corners) else PROJECTED
        raise InvalidRequest.of(field, "longitude within ±180 and latitude within ±90", hint)
    if all(-5 <= lat <= 10 and 41 <= lon <= 52 for lon, lat in corners):
        raise InvalidRequest.of(field, "a place in France", _SWAPPED)


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90
