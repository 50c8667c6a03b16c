"""The charts of the report's page, as plotly figures in plain dicts: colours of text and lines are the page's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from ...exchange import Verdict
from .cell import VERDICT_COLOURS
from .numbers import grouped, rates, share
from .tally import BINS, CONFIDENCES, DISTANCES

if TYPE_CHECKING:
    from .report import Report

__all__ = ["confidences_of", "distances_of", "scores_of", "speed_of", "verdicts_of"]

_MARGIN: Final = {"l": 56, "r": 16, "t": 8, "b": 44}
_CONFIG: Final[dict[str, Any]] = {"displayModeBar": False}


def verdicts_of(report: Report) -> dict[str, Any] | None:
    """A bar per verdict with its rows and their share."""
    if not report.rows:
        return None
    names = [str(verdict) for verdict in Verdict]
    counts = [report.verdicts[name] for name in names]
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": counts,
        "marker": {"color": [VERDICT_COLOURS[name] for name in names]},
        "text": [f" {grouped(count)} ({share(count, report.rows)})" for count in counts],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    layout = {
        "margin": {**_MARGIN, "l": 84, "r": 24, "b": 24},
        "xaxis": {"showticklabels": False, "fixedrange": True, "range": [0, 1.35 * max(counts)], "showgrid": False},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "showgrid": False},
        "bargap": 0.3,
    }
    return {"data": [bar], "layout": layout, "config": _CONFIG}


def scores_of(report: Report) -> dict[str, Any] | None:
    """The scores of the service, stacked by verdict."""
    width = 1 / BINS
    edges = [f"{place * width:.2f} to {(place + 1) * width:.2f}" for place in range(BINS)]
    middles = [round((place + 0.5) * width, 4) for place in range(BINS)]
    return _stacked(report.scores, "score", middles, edges, {"range": [0, 1], "dtick": 0.1})


def confidences_of(report: Report) -> dict[str, Any] | None:
    """The probabilities that the verdict is right, stacked by verdict; bars of one width, though their bins differ.

    `None` where a single bar would stand: it tells nothing.
    """
    if sum(map(any, zip(*report.confidences.values(), strict=True))) < 2:
        return None
    names = [f"{edge:g}" for edge in CONFIDENCES]
    edges = [f"below {names[0]}", *(f"{low} to {high}" for low, high in pairwise(names)), f"{names[-1]} and more"]
    ticks = [f"< {names[0]}", *(f"≥ {name}" for name in names)]
    axis = {"type": "category", "categoryorder": "array", "categoryarray": ticks, "tickangle": 0}
    return _stacked(report.confidences, "confidence", ticks, edges, axis)


def _stacked(
    bins: Mapping[str, Sequence[int]],
    title: str,
    places: Sequence[float] | Sequence[str],
    edges: Sequence[str],
    axis: Mapping[str, Any],
) -> dict[str, Any] | None:
    """Bars at `places`, one part per verdict; `edges` say which values a bar counts."""
    if not any(map(any, bins.values())):
        return None
    traces = [
        {
            "type": "bar",
            "name": verdict,
            "x": list(places),
            "y": list(bins[verdict]),
            "customdata": list(edges),
            "marker": {"color": colour},
            "hovertemplate": f"{verdict}, {title} %{{customdata}}: %{{y:,}} rows<extra></extra>",
        }
        for verdict, colour in VERDICT_COLOURS.items()
        if any(bins.get(verdict, ()))
    ]
    layout = {
        "barmode": "stack",
        "bargap": 0.08,
        "margin": _MARGIN,
        "xaxis": {"title": {"text": title}, "fixedrange": True, "showgrid": False, **axis},
        "yaxis": {"title": {"text": "rows"}, "fixedrange": True, "tickformat": ",", "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "traceorder": "normal", "font": {"size": 11}},
    }
    return {"data": traces, "layout": layout, "config": _CONFIG}


def distances_of(report: Report) -> dict[str, Any] | None:
    """Metres between the point asked and the address found."""
    if not any(report.distances):
        return None
    edges = [f"{edge:g}" for edge in DISTANCES]
    names = [f"≤ {edges[0]}", *(f"{low} to {high}" for low, high in pairwise(edges))]
    names.append(f"> {edges[-1]}")
    bar = {
        "type": "bar",
        "x": names,
        "y": list(report.distances),
        "marker": {"color": VERDICT_COLOURS[Verdict.STREET]},
        "hovertemplate": "%{x} m: %{y:,} rows<extra></extra>",
    }
    layout = {
        "margin": _MARGIN,
        "bargap": 0.08,
        "xaxis": {"title": {"text": "metres"}, "type": "category", "fixedrange": True, "showgrid": False},
        "yaxis": {"title": {"text": "rows"}, "fixedrange": True, "tickformat": ",", "automargin": True},
    }
    return {"data": [bar], "layout": layout, "config": _CONFIG}


def speed_of(report: Report) -> dict[str, Any] | None:
    """Rows per second over the run: where it slowed down or stood still; `None` where it was too short for that."""
    points = rates(report.timeline)
    if len(points) < 3:
        return None
    unit, name = next(
        (each for each in ((3600, "hours"), (60, "minutes")) if report.seconds > 3 * each[0]), (1, "seconds")
    )
    bar = {
        "type": "bar",
        "x": [round(moment / unit, 4) for moment, _ in points],
        "y": [round(rate, 2) for _, rate in points],
        "marker": {"color": VERDICT_COLOURS[Verdict.STREET], "line": {"width": 0}},
        "hovertemplate": f"%{{x:.3~g}} {name}: %{{y:,.0f}} rows/s<extra></extra>",
    }
    layout = {
        "bargap": 0,
        "margin": _MARGIN,
        "xaxis": {"title": {"text": name}, "rangemode": "tozero", "fixedrange": True, "showgrid": False},
        "yaxis": {
            "title": {"text": "rows per second"},
            "rangemode": "tozero",
            "fixedrange": True,
            "tickformat": ",",
            "automargin": True,
        },
    }
    return {"data": [bar], "layout": layout, "config": _CONFIG}
