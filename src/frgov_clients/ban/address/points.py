"""The way back: from coordinates as rows hold them to a point, and from its address to a verdict."""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from ..exchange import Answer, Ask, Verdict
from .codes import citycode_of
from .communes import same_commune
from .verdict import Judgement

__all__ = ["POINT_REASONS", "Point", "judge_reverse", "point_of"]

POINT_REASONS: Final[dict[str, str]] = {
    "empty": "skipped: a coordinate is missing",
    "no_number": "skipped: a coordinate is no number",
    "metres": "skipped: the coordinates are metres of a projection (Lambert 93, ...), not degrees",
    "out_of_range": "skipped: no longitude within 180 and latitude within 90 degrees",
    "null_island": "skipped: 0, 0, which stands for a missing point",
    "lonlat_swapped": "repair: longitude and latitude stood in each other's place",
    "decimal_comma": "repair: a comma was read as the decimal point",
    "at_5_m": "verdict: the address lies within 5 metres",
    "at_20_m": "verdict: within 20 metres",
    "at_50_m": "verdict: within 50 metres: the street is likely, the number is not",
    "at_100_m": "verdict: within 100 metres: the street is likely, the number is not",
    "beyond_100_m": "verdict: farther than 100 metres: nothing links the point to this street",
    "distance_unknown": "verdict: the service does not tell how far the address lies",
    "commune_differs": "verdict: the row names another commune",
    "no_answer": "verdict: the service knows no address near it",
}
"""What is said of points: why one is skipped, what was mended, and how near its address lies."""

_BOXES: Final = (
    (-5.6, 41.2, 10.0, 51.5),  # France
    (-63.3, 14.2, -60.6, 18.2),  # Antilles, Saint-Martin, Saint-Barthélemy
    (-54.8, 2.0, -51.4, 6.0),  # Guyane
    (55.1, -21.5, 55.95, -20.8),  # La Réunion
    (44.9, -13.2, 45.4, -12.5),  # Mayotte
    (-56.6, 46.6, -56.0, 47.3),  # Saint-Pierre-et-Miquelon
    (163.0, -23.0, 168.5, -19.0),  # Nouvelle-Calédonie
    (-155.0, -28.0, -134.0, -7.5),  # Polynésie française
    (-178.5, -14.6, -175.9, -13.0),  # Wallis-et-Futuna
)
"""West, south, east, north of where France lies."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?(?:[eE][+-]?[0-9]{1,2})?|[+-]?[.,][0-9]+")
_BLANKS: Final = dict.fromkeys(map(ord, " \t\r\n\xa0\u202f°"))
EXACT_WITHIN: Final = 20.0
"""Metres up to which a number is taken for that of the point: about the front of a plot, and as far as the points of
the BAN (a door, a gate, the middle of a parcel) stand from the building. Beyond, a neighbour may be as near.
"""
STREET_WITHIN: Final = 100.0
"""Metres up to which the street is taken for that of the point: about a block. Beyond, another street that the service
does not know may be nearer.
"""
_CLASSES: Final = ((5.0, "at_5_m", 0.99), (20.0, "at_20_m", 0.95), (50.0, "at_50_m", 0.8), (100.0, "at_100_m", 0.6))


class Point(NamedTuple):
    """A point to ask for."""

    ask: Ask
    repairs: tuple[str, ...] = ()
    citycode: str = ""
    """The commune that the row names, if any: only compared, never a filter."""


def point_of(lon: object, lat: object, citycode: str = "") -> Point | str:
    """The point of a row, or the reason for which it can not be asked (`POINT_REASONS`). Never raises.

    Numbers or texts, in degrees (WGS84); rounded to 6 decimals, some 10 centimetres.
    """
    x, y = _number(lon), _number(lat)
    if isinstance(x, str) or isinstance(y, str):
        return "empty" if "empty" in (x, y) else "no_number"
    repairs: tuple[str, ...] = ()
    if (isinstance(lon, str) and "," in lon) or (isinstance(lat, str) and "," in lat):
        repairs = ("decimal_comma",)
    if abs(x) > 1000.0 or abs(y) > 1000.0:
        return "metres"
    if x == 0.0 and y == 0.0:
        return "null_island"
    if not _in_france(x, y) and _in_france(y, x):
        x, y = y, x
        repairs += ("lonlat_swapped",)
    if abs(x) > 180.0 or abs(y) > 90.0:
        return "out_of_range"
    insee = citycode_of(citycode[:64])[0] if citycode else ""
    return Point(Ask(lon=_text(x), lat=_text(y)), repairs, insee)


def _number(value: object) -> float | str:
    if isinstance(value, str):
        return _number_in(value)
    if value is None or isinstance(value, bool):
        return "no_number" if value is not None else "empty"
    try:
        number = float(value)  # type: ignore[arg-type]  # numpy's and decimal's numbers as well
    except (TypeError, ValueError, OverflowError):
        return "no_number"
    return _checked(number)


def _number_in(value: str) -> float | str:
    text = value.translate(_BLANKS)
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        return "no_number" if text else "empty"
    return _checked(float(text.replace(",", ".")))


def _checked(number: float) -> float | str:
    if math.isnan(number):
        return "empty"
    return number if math.isfinite(number) else "no_number"


def _in_france(lon: float, lat: float) -> bool:
    return any(west <= lon <= east and south <= lat <= north for west, south, east, north in _BOXES)


def _text(number: float) -> str:
    """At most 6 decimals, never in scientific notation."""
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def judge_reverse(point: Point, answer: Answer | None) -> Judgement:
    """What an address is worth for a point, which follows from its type and from how near it lies.

    The confidence follows the distance; it is an estimate, not measured on labelled points.
    """
    if answer is None:
        return Judgement(Verdict.NONE, ("no_answer",), 0.0)
    reason, sure = _nearness(answer.distance)
    if point.citycode and not same_commune(point.citycode, answer.citycode) and point.citycode != answer.oldcitycode:
        return Judgement(Verdict.SUSPICIOUS, (reason, "commune_differs"), 0.1)
    return Judgement(_level(answer), (reason,), sure)


def _nearness(distance: float | None) -> tuple[str, float]:
    if distance is None:
        return "distance_unknown", 0.3
    for limit, name, sure in _CLASSES:
        if distance <= limit:
            return name, sure
    return "beyond_100_m", 0.3


def _level(answer: Answer) -> Verdict:
    if answer.type == "municipality":  # its point is one for all of the commune
        return Verdict.COMMUNE
    if answer.distance is None or answer.distance > STREET_WITHIN:
        return Verdict.SUSPICIOUS
    return Verdict.EXACT if answer.type == "housenumber" and answer.distance <= EXACT_WITHIN else Verdict.STREET
