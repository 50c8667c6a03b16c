"""The map of the report: points on plain axes, one panel per territory, so that no tile is fetched from anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .cell import VERDICT_COLOURS
from .numbers import grouped

if TYPE_CHECKING:
    from .report import Report
    from .tally import Point

__all__ = ["TERRITORIES", "Territory", "map_of", "panels_of"]


class Territory(NamedTuple):
    """A part of France in a box of longitudes and latitudes, in degrees, wide enough to hold it whole."""

    name: str
    west: float
    south: float
    east: float
    north: float
    towns: tuple[tuple[str, float, float], ...] = ()
    """Name, longitude, latitude: to find one's way where there are no tiles."""


TERRITORIES: Final = (
    Territory(
        "Métropole", -5.6, 41.2, 9.8, 51.3,
        (
            ("Paris", 2.35, 48.86), ("Marseille", 5.37, 43.30), ("Lyon", 4.84, 45.76), ("Toulouse", 1.44, 43.60),
            ("Nice", 7.27, 43.70), ("Nantes", -1.55, 47.22), ("Montpellier", 3.88, 43.61), ("Strasbourg", 7.75, 48.58),
            ("Bordeaux", -0.58, 44.84), ("Lille", 3.06, 50.63), ("Rennes", -1.68, 48.11), ("Reims", 4.03, 49.26),
            ("Le Havre", 0.11, 49.49), ("Dijon", 5.04, 47.32), ("Brest", -4.49, 48.39), ("Limoges", 1.26, 45.83),
            ("Clermont-Ferrand", 3.08, 45.78), ("Tours", 0.68, 47.39), ("Perpignan", 2.90, 42.70),
            ("Ajaccio", 8.74, 41.93), ("Bastia", 9.45, 42.70), ("Bayonne", -1.47, 43.49), ("Grenoble", 5.72, 45.19),
            ("Mende", 3.50, 44.52), ("Belfort", 6.86, 47.64), ("Metz", 6.18, 49.12),
        ),
    ),
    Territory("Guadeloupe", -62.0, 15.7, -60.9, 16.7, (("Pointe-à-Pitre", -61.53, 16.24),)),
    Territory("Martinique", -61.4, 14.3, -60.7, 15.0, (("Fort-de-France", -61.07, 14.60),)),
    Territory("Guyane", -54.7, 2.0, -51.5, 6.0, (("Cayenne", -52.33, 4.94),)),
    Territory("La Réunion", 55.1, -21.5, 55.95, -20.8, (("Saint-Denis", 55.45, -20.88),)),
    Territory("Mayotte", 44.9, -13.1, 45.4, -12.5, (("Mamoudzou", 45.23, -12.78),)),
    Territory("Saint-Martin, Saint-Barthélemy", -63.3, 17.7, -62.7, 18.2),
    Territory("Saint-Pierre-et-Miquelon", -56.6, 46.6, -56.0, 47.3),
    Territory("Nouvelle-Calédonie", 158.0, -23.5, 172.5, -17.5, (("Nouméa", 166.45, -22.27),)),
    Territory("Polynésie française", -155.0, -28.0, -134.0, -7.5, (("Papeete", -149.57, -17.53),)),
    Territory("Wallis-et-Futuna", -178.5, -14.6, -175.9, -12.9),
)  # fmt: skip
"""Boxes that do not touch one another; a point in none of them lies elsewhere."""

_ELSEWHERE: Final = Territory("Elsewhere", -180, -90, 180, 90)
_MOST_PANELS: Final = 9
_NARROWEST: Final = 0.04
"""Degrees that a panel shows at least, about 3 km: a single point is not blown up."""
_MARKS: Final[dict[str, str]] = {"ambiguous": "diamond", "suspicious": "x"}


class Panel(NamedTuple):
    """A territory and the points in it."""

    territory: Territory
    points: list[Point]


def panels_of(points: Sequence[Point]) -> list[Panel]:
    """The large panel first: Métropole, or else the territory with most points; then the small ones.

    Territories with the fewest points share the panel `Elsewhere` when there are more than fit.
    """
    found: dict[str, Panel] = {}
    for point in points:
        territory = _territory(point)
        found.setdefault(territory.name, Panel(territory, [])).points.append(point)
    elsewhere = found.pop(_ELSEWHERE.name, Panel(_ELSEWHERE, []))
    panels = sorted(found.values(), key=lambda panel: -len(panel.points))
    room = _MOST_PANELS - bool(elsewhere.points)
    if len(panels) > room:
        for panel in panels[_MOST_PANELS - 1 :]:
            elsewhere.points.extend(panel.points)
        del panels[_MOST_PANELS - 1 :]
    panels.sort(key=lambda panel: panel.territory is not TERRITORIES[0])
    return [*panels, elsewhere] if elsewhere.points else panels


def _territory(point: Point) -> Territory:
    for territory in TERRITORIES:
        if territory.west <= point.lon <= territory.east and territory.south <= point.lat <= territory.north:
            return territory
    return _ELSEWHERE


def map_of(report: Report) -> dict[str, Any] | None:
    """A plotly figure, as a dict; `None` without points. Hover texts tell the verdict, not the place."""
    panels = panels_of(report.points)
    if not panels:
        return None
    layout: dict[str, Any] = {
        "annotations": [],
        "dragmode": "pan",
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
        "margin": {"l": 8, "r": 8, "t": 48, "b": 8},
    }
    traces: list[dict[str, Any]] = []
    legend: set[str] = set()
    for number, (panel, domain) in enumerate(zip(panels, _domains(len(panels)), strict=True), start=1):
        _place(layout, number, panel, domain)
        layout["annotations"] += _towns(panel, number)
        traces += _traces(report, panel, number, legend)
    return {"data": traces, "layout": layout, "config": {"scrollZoom": True, "displayModeBar": True}}


def _domains(panels: int) -> list[tuple[float, float, float, float]]:
    """Left, right, bottom, top of each panel, as parts of the figure: a large one, and beside it the small ones."""
    small = panels - 1
    if not small:
        return [(0.0, 1.0, 0.0, 1.0)]
    columns = 1 if small <= 3 else 2
    lines = max(2, math.ceil(small / columns))
    gap, wide = 0.065, 0.2 if columns == 1 else 0.17
    height = (1 - gap * (lines - 1)) / lines
    domains = [(0.0, 0.98 - columns * (wide + 0.015), 0.0, 1.0)]
    for number in range(small):
        line, column = divmod(number, columns)
        left, top = 1 - (columns - column) * (wide + 0.02) + 0.02, 1 - line * (height + gap)
        domains.append((left, left + wide, max(0.0, top - height), top))
    return domains


def _place(layout: dict[str, Any], number: int, panel: Panel, domain: tuple[float, float, float, float]) -> None:
    left, right, bottom, top = domain
    lons, lats = _spread([point.lon for point in panel.points]), _spread([point.lat for point in panel.points])
    suffix = "" if number == 1 else str(number)
    plain = {"showticklabels": False, "zeroline": False, "showline": True, "mirror": True, "ticks": ""}
    layout[f"xaxis{suffix}"] = {**plain, "domain": [left, right], "range": lons, "anchor": f"y{suffix}"}
    layout[f"yaxis{suffix}"] = {
        **plain,
        "domain": [bottom, top],
        "range": lats,
        "anchor": f"x{suffix}",
        "scaleanchor": f"x{suffix}",
        "scaleratio": round(1 / max(0.05, math.cos(math.radians(sum(lats) / 2))), 4),
    }
    count = len(panel.points)
    text = f"{panel.territory.name}: {grouped(count)} point{'s' if count != 1 else ''}"
    layout["annotations"].append(
        {"text": text, "x": left, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom",
         "showarrow": False, "font": {"size": 12}}
    )  # fmt: skip


def _spread(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    margin = max(0.04 * (high - low), (_NARROWEST - (high - low)) / 2, 0.002)
    return [round(low - margin, 5), round(high + margin, 5)]


def _axes(number: int) -> dict[str, str]:
    suffix = "" if number == 1 else str(number)
    return {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}


def _towns(panel: Panel, number: int) -> list[dict[str, Any]]:
    """Names above the points; plotly hides those that lie outside what the panel shows."""
    axes = _axes(number)
    return [
        {
            "name": "town",
            "text": name,
            "x": lon,
            "y": lat,
            "xref": axes["xaxis"],
            "yref": axes["yaxis"],
            "showarrow": False,
            "borderpad": 1,
            "opacity": 0.85,
            "font": {"size": 10},
        }
        for name, lon, lat in panel.territory.towns
    ]


def _traces(report: Report, panel: Panel, number: int, legend: set[str]) -> list[dict[str, Any]]:
    """One trace per verdict, the good ones below; the legend, made by the first trace, switches all panels."""
    found: list[dict[str, Any]] = []
    for verdict, colour in VERDICT_COLOURS.items():
        points = [point for point in panel.points if point.verdict == verdict]
        if not points:
            continue
        found.append(
            {
                "type": "scattergl",
                "mode": "markers",
                "name": f"{verdict}: {grouped(report.verdicts[verdict])} rows",
                "legendgroup": verdict,
                "showlegend": verdict not in legend,
                "x": [point.lon for point in points],
                "y": [point.lat for point in points],
                "marker": {
                    "color": colour,
                    "size": 7 if verdict in _MARKS else 5,
                    "opacity": 0.75,
                    "symbol": _MARKS.get(verdict, "circle"),
                },
                "hovertemplate": f"{verdict}<extra></extra>",
                **_axes(number),
            }
        )
        legend.add(verdict)
    return found
