"""The map of the report: points over an outline, one panel per territory, so that no tile is fetched from anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .cell import VERDICT_COLOURS
from .ground import View, ground_of, view_of
from .numbers import grouped
from .territories import ELSEWHERE, TERRITORIES, Territory

if TYPE_CHECKING:
    from .report import Report
    from .tally import Point

__all__ = ["Panel", "map_of", "panels_of"]


_MOST_PANELS: Final = 9
_WIDTH, _HEIGHT = 1150, 700
"""Pixels of the map on a wide page."""
_AROUND: Final = 90
"""Pixels of its height that are no panel: titles and legend."""
_NARROW_LARGE, _NARROW_SMALL = 420, 210
"""Pixels of height on a narrow page: of the large panel, and of each line of small ones."""
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
    elsewhere = found.pop(ELSEWHERE.name, Panel(ELSEWHERE, []))
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
    return ELSEWHERE


def map_of(report: Report) -> dict[str, Any] | None:
    """A plotly figure, as a dict; `None` without points. Hover texts tell the verdict, not the place.

    `heights` (pixels) and `narrow` are for the page: where the panels go when it is too narrow for them side by side.
    """
    panels = panels_of(report.points)
    if not panels:
        return None
    layout: dict[str, Any] = {
        "annotations": [],
        "dragmode": "pan",
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": -0.01, "yanchor": "top", "itemsizing": "constant"},
        "margin": {"l": 8, "r": 8, "t": 52, "b": 8},
    }
    below: list[dict[str, Any]] = []
    above: list[dict[str, Any]] = []
    legend: set[str] = set()
    for number, (panel, domain) in enumerate(zip(panels, _domains(len(panels)), strict=True), start=1):
        left, right, bottom, top = domain
        size = ((right - left) * _WIDTH, (top - bottom) * (_HEIGHT - _AROUND))
        view = view_of(panel.territory, panel.points, size, whole=number > 1)
        _place(layout, number, panel, domain, view)
        below += [{**trace, **_axes(number)} for trace in ground_of(panel.territory, panel.points, view)]
        above += _traces(report, panel, number, legend)
    lines = math.ceil((len(panels) - 1) / 2)
    return {
        "data": [*below, *above],
        "layout": layout,
        "narrow": [list(domain) for domain in _stacked(len(panels))],
        "heights": [_HEIGHT, _AROUND + _NARROW_LARGE + lines * _NARROW_SMALL],
        "config": {"scrollZoom": True, "displayModeBar": True},
    }


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


def _stacked(panels: int) -> list[tuple[float, float, float, float]]:
    """The same on a narrow page: the small panels in pairs below the large one."""
    lines = math.ceil((panels - 1) / 2)
    whole = _NARROW_LARGE + lines * _NARROW_SMALL
    title = 24 / whole
    floor = lines * _NARROW_SMALL / whole
    domains = [(0.0, 1.0, floor, 1.0)]
    for number in range(panels - 1):
        line, column = divmod(number, 2)
        top = floor - line * _NARROW_SMALL / whole - title
        bottom = max(0.0, floor - (line + 1) * _NARROW_SMALL / whole)
        domains.append((0.52 * column, 0.52 * column + 0.48, bottom, top))
    return domains


def _place(
    layout: dict[str, Any], number: int, panel: Panel, domain: tuple[float, float, float, float], view: View
) -> None:
    left, right, bottom, top = domain
    lons, lats = view.lons, view.lats
    suffix = "" if number == 1 else str(number)
    plain = {
        "showgrid": False, "showticklabels": False, "zeroline": False, "showline": True, "mirror": True, "ticks": "",
    }  # fmt: skip
    layout[f"xaxis{suffix}"] = {**plain, "domain": [left, right], "range": lons, "anchor": f"y{suffix}"}
    layout[f"yaxis{suffix}"] = {
        **plain,
        "domain": [bottom, top],
        "range": lats,
        "anchor": f"x{suffix}",
        "scaleanchor": f"x{suffix}",
        "scaleratio": round(1 / view.flat, 4),
    }
    count = len(panel.points)
    text = f"{panel.territory.name}: {grouped(count)} point{'s' if count != 1 else ''}"
    layout["annotations"].append(
        {"text": text, "x": left, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom",
         "showarrow": False, "font": {"size": 12}}
    )  # fmt: skip


def _axes(number: int) -> dict[str, str]:
    suffix = "" if number == 1 else str(number)
    return {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}


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
