"""The report as JSON and back."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from ....errors import InvalidRequest
from ...exchange import Verdict
from ..model import Status
from .tally import BINS, CONFIDENCES, DISTANCES, MOST_EXAMPLES, MOST_POINTS, Example, Point

if TYPE_CHECKING:
    from .report import Report

__all__ = ["SCHEMA", "from_dict", "parsed", "to_dict", "to_json"]

SCHEMA: Final = 1

_NUMBERS: Final = ("requests", "sent", "retried", "quota_used", "rows", "points_seen")
_COUNTERS: Final = (
    "statuses", "verdicts", "types", "reasons", "steps", "repairs", "origins", "skipped", "failed", "notes",
)  # fmt: skip
_HISTOGRAMS: Final = {"scores": BINS, "confidences": len(CONFIDENCES) + 1}


def to_dict(report: Report) -> dict[str, Any]:
    """All that the report knows; what matters most comes first."""
    pairs: dict[str, dict[str, int]] = {}
    for (verdict, kind), rows in sorted(report.verdict_types.items()):
        pairs.setdefault(verdict, {})[kind] = rows
    seconds = round(report.seconds, 6)
    return {
        "schema": SCHEMA,
        "complete": report.complete,
        "gave_up": report.gave_up,
        "last_error": report.last_error,
        "kind": report.kind,
        "started": report.started.isoformat(timespec="seconds"),
        "total": report.total,
        "seconds": seconds,
        "rows_per_second": round(report.rows / seconds, 3) if seconds > 0 else 0.0,
        **{name: getattr(report, name) for name in _NUMBERS},
        **{name: dict(getattr(report, name)) for name in _COUNTERS},
        "verdict_types": pairs,
        "bins": BINS,
        "confidence_edges": list(CONFIDENCES),
        **{name: {key: list(bins) for key, bins in getattr(report, name).items()} for name in _HISTOGRAMS},
        "distance_edges": list(DISTANCES),
        "distances": list(report.distances),
        "timeline": [list(moment) for moment in report.timeline],
        "examples": report.examples,
        "worst": [{**each._asdict(), "reasons": list(each.reasons)} for each in report.worst],
        "points": [list(point) for point in report.points],
    }


def to_json(values: Mapping[str, Any]) -> str:
    """One member per line: to be read by people too, without a line for each point."""
    members = (f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in values.items())
    return "{\n" + ",\n".join(members) + "\n}\n"


def parsed(content: bytes) -> dict[str, Any]:
    """The members of a saved report. Raises `InvalidRequest` for what is no JSON object."""
    try:
        values: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise _no_report() from None
    if not isinstance(values, dict):
        raise _no_report()
    return cast("dict[str, Any]", values)


def from_dict(report: Report, values: Mapping[str, Any]) -> None:
    """Fill an empty report. Raises `InvalidRequest` for values that `to_dict` does not give."""
    if values.get("schema") != SCHEMA:
        raise _no_report()
    try:
        _fill(report, values)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _no_report() from None


def _no_report() -> InvalidRequest:
    return InvalidRequest.of("report", f"a report saved as JSON by this package (schema {SCHEMA})")


def _fill(report: Report, values: Mapping[str, Any]) -> None:
    kind = values["kind"]
    edges = (BINS, list(CONFIDENCES), list(DISTANCES))
    if kind not in {"search", "reverse"} or edges != tuple(values[name] for name in _EDGES):
        raise ValueError
    report.kind = kind
    report.started = datetime.fromisoformat(_text(values["started"]))
    report.total = None if values["total"] is None else _count(values["total"])
    report.complete, report.gave_up, report.examples = map(_flag, map(values.__getitem__, _FLAGS))
    report.last_error = _text(values["last_error"])
    report.seconds = _number(values["seconds"])
    for name in _NUMBERS:
        setattr(report, name, _count(values[name]))
    for name in _COUNTERS:
        setattr(report, name, _counter(values[name]))
    pairs = {verdict: _counter(kinds) for verdict, kinds in values["verdict_types"].items()}
    report.verdict_types = Counter({(_verdict(key), kind): rows for key in pairs for kind, rows in pairs[key].items()})
    for name, length in _HISTOGRAMS.items():
        setattr(report, name, {_verdict(key): _bins(bins, length) for key, bins in values[name].items()})
    report.distances = _bins(values["distances"], len(DISTANCES) + 1)
    report.timeline = [(_number(seconds), _count(rows)) for seconds, rows in values["timeline"]]
    report.points = [
        Point(_number(lon), _number(lat), _verdict(verdict)) for lon, lat, verdict in values["points"][:MOST_POINTS]
    ]
    report.worst = [_example(each) for each in values["worst"][:MOST_EXAMPLES]]


_EDGES: Final = ("bins", "confidence_edges", "distance_edges")
_FLAGS: Final = ("complete", "gave_up", "examples")


def _example(values: Mapping[str, Any]) -> Example:
    reasons = tuple(_text(word) for word in values["reasons"])
    step, asked, found = (_text(values[name]) for name in ("step", "asked", "found"))
    line = None if values["line"] is None else _count(values["line"])
    status, verdict = str(Status(values["status"])), _verdict(values["verdict"])
    return Example(_count(values["row"]), status, verdict, reasons, step, asked, found, line)


def _verdict(value: Any) -> str:
    return str(Verdict(value))


def _counter(values: Mapping[str, Any]) -> Counter[str]:
    return Counter({_text(word): _count(rows) for word, rows in values.items()})


def _bins(values: Any, length: int) -> list[int]:
    bins = [_count(rows) for rows in values]
    if len(bins) != length:
        raise ValueError
    return bins


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
