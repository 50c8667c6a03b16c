"""What lies under the points of the map: land, borders, names of towns, and how long a kilometre is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .outline import OUTLINE_PRECISION, Line, outline
from .territories import ELSEWHERE, Territory

if TYPE_CHECKING:
    from .tally import Point

__all__ = ["View", "ground_of", "view_of"]

_NARROWEST: Final = 0.04
"""Degrees that a panel shows at least, about 3 km: a single point is not blown up."""
_COARSEST: Final = 40 * OUTLINE_PRECISION
"""Degrees of height below which a panel has no outline: there it would be off by more than some 15 pixels."""
_MARGIN: Final = 0.04
"""Part of a panel that stays free around its points."""
_KILOMETRES: Final = (500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2)
"""How long the bar of the scale may be."""
_DEGREE: Final = 111.2
"""Kilometres of a degree of latitude."""

_LETTER, _LINE = 5.5, 13.0
"""Pixels of a letter and of a line of the names of towns."""
_SIDES: Final[dict[str, tuple[float, float]]] = {
    "top center": (0, 1), "bottom center": (0, -1), "middle right": (1, 0), "middle left": (-1, 0),
    "top right": (1, 1), "top left": (-1, 1), "bottom right": (1, -1), "bottom left": (-1, -1),
}  # fmt: skip
"""Where a name may stand beside its town; the first ones are preferred."""
_FARTHEST: Final = 3
"""Empty lines that may stand between a town and its name, to lead it out of a crowd of points."""

Box = tuple[float, float, float, float]


class View(NamedTuple):
    """What a panel shows, in degrees."""

    lons: list[float]
    lats: list[float]
    lines: list[Line]
    flat: float
    """How long a degree of longitude is, as a part of one of latitude."""
    scale: float
    """Pixels of a degree of latitude."""


def view_of(territory: Territory, points: Sequence[Point], size: tuple[float, float], *, whole: bool) -> View:
    """The whole territory if asked, or if its points are spread over half of it; else the points alone.

    `size`: pixels of the panel, width and height, which the view fills.
    """
    lons, lats = [point.lon for point in points], [point.lat for point in points]
    lines = [] if territory is ELSEWHERE else [line for line in outline() if _inside(line, territory)]
    if lines:
        all_lons = [lon for line in lines for lon in (min(line.lons), max(line.lons))]
        all_lats = [lat for line in lines for lat in (min(line.lats), max(line.lats))]
        if whole or 2 * _span(lons) > _span(all_lons) or 2 * _span(lats) > _span(all_lats):
            lons, lats = lons + all_lons, lats + all_lats
    flat = max(0.05, math.cos(math.radians((min(lats) + max(lats)) / 2)))
    wide, high = (max(_NARROWEST, (1 + 2 * _MARGIN) * _span(values)) for values in (lons, lats))
    scale = min(size[0] / (wide * flat), size[1] / high)
    if size[1] / scale < _COARSEST:
        lines = []
    return View(_around(lons, size[0] / scale / flat), _around(lats, size[1] / scale), lines, flat, scale)


def _span(values: Sequence[float]) -> float:
    return max(values) - min(values)


def _around(values: Sequence[float], length: float) -> list[float]:
    middle = (min(values) + max(values)) / 2
    return [round(middle - length / 2, 5), round(middle + length / 2, 5)]


def _inside(line: Line, territory: Territory) -> bool:
    lon, lat = line.lons[0], line.lats[0]
    return territory.west <= lon <= territory.east and territory.south <= lat <= territory.north


def ground_of(territory: Territory, points: Sequence[Point], view: View) -> list[dict[str, Any]]:
    """Traces of plotly, to be drawn before the points. The page gives them colours by their names."""
    found: list[dict[str, Any]] = []
    lines = view.lines or [_plain(territory)]
    for name, closed in (("land", True), ("border", False)):
        x = [lon for line in lines if line.closed is closed for lon in (*line.lons, None)]
        y = [lat for line in lines if line.closed is closed for lat in (*line.lats, None)]
        if x:
            fill = {"fill": "toself"} if closed else {}
            found.append({"name": name, "mode": "lines", "line": {"width": 1}, "x": x, "y": y, **fill})
    found += [_towns(territory, points, view), _bar(view)]
    return [{**trace, "type": "scatter", "hoverinfo": "skip", "showlegend": False} for trace in found]


def _plain(territory: Territory) -> Line:
    """Land all over, where the outline would be too coarse, or is not known."""
    west, south, east, north = territory[1:5]
    return Line(closed=True, lons=[west, east, east, west, west], lats=[south, south, north, north, south])


def _bar(view: View) -> dict[str, Any]:
    """A scale in the lower left corner, as a line of the map: it grows as one zooms in."""
    (west, east), (south, north) = view.lons, view.lats
    kilometre = 1 / (_DEGREE * view.flat)
    length = next((each for each in _KILOMETRES if each * kilometre <= 0.2 * (east - west)), _KILOMETRES[-1])
    left, low = west + 0.015 * (east - west), south + 0.015 * (north - south)
    return {
        "name": "scale",
        "mode": "lines+text",
        "x": [round(left, 5), round(left + length * kilometre, 5)],
        "y": [round(low, 5)] * 2,
        "text": [f"{length:g} km" if length >= 1 else f"{1000 * length:g} m", ""],
        "textposition": "top right",
        "textfont": {"size": 10},
        "line": {"width": 2},
    }


# ---- names of towns, beside the points rather than on them -------------------------------------------------


def _towns(territory: Territory, points: Sequence[Point], view: View) -> dict[str, Any]:
    places = [(point.lon * view.flat * view.scale, point.lat * view.scale) for point in points]
    (west, east), (south, north) = view.lons, view.lats
    seen_first = sorted(territory.towns, key=lambda town: not (west < town[1] < east and south < town[2] < north))
    taken: list[Box] = []
    texts: list[str] = []
    sides: list[str] = []
    for name, lon, lat in seen_first:
        x, y = lon * view.flat * view.scale, lat * view.scale
        reach = _LETTER * len(name) + (_FARTHEST + 1) * _LINE
        near = [place for place in places if abs(place[0] - x) < reach and abs(place[1] - y) < reach]
        side, away = min(
            ((side, away) for away in range(_FARTHEST + 1) for side in _SIDES if not away or _SIDES[side][0] == 0),
            key=lambda choice: _crowd(_box(name, x, y, *choice), near, taken) + choice[1],
        )
        taken.append(_box(name, x, y, side, away))
        gap = "<br>\u00a0" * away
        texts.append(name + gap if _SIDES[side][1] > 0 else gap[4:] + "<br>" * bool(away) + name)
        sides.append(side)
    return {
        "name": "towns",
        "mode": "markers+text",
        "x": [lon for _, lon, _ in seen_first],
        "y": [lat for _, _, lat in seen_first],
        "text": texts,
        "textposition": sides,
        "textfont": {"size": 10},
        "marker": {"size": 5, "symbol": "circle-open", "line": {"width": 1}},
    }


def _box(name: str, x: float, y: float, side: str, away: int) -> Box:
    """Left, bottom, right, top of a name, in pixels."""
    right, up = _SIDES[side]
    wide = _LETTER * len(name)
    middle = x + right * (wide / 2 + 5), y + up * (_LINE / 2 + 5 + away * _LINE)
    return middle[0] - wide / 2, middle[1] - _LINE / 2, middle[0] + wide / 2, middle[1] + _LINE / 2


def _crowd(box: Box, points: Sequence[tuple[float, float]], taken: Sequence[Box]) -> float:
    """What a name there would lie on: points, and, which is worse, other names."""
    left, low, right, high = box
    covered = sum(left - 3 < x < right + 3 and low - 3 < y < high + 3 for x, y in points)
    return covered + 20 * sum(
        left < other[2] and other[0] < right and low < other[3] and other[1] < high for other in taken
    )
