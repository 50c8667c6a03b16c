"""The report as a text to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ...exchange import Verdict
from ..model import Status
from .numbers import duration, ending, grouped, largest, share, shown, speed, trouble

if TYPE_CHECKING:
    from .report import Report

__all__ = ["text_of"]

_MOST_WORDS: Final = 6


def text_of(report: Report) -> str:
    """About 15 lines: how it ended, statuses beside verdicts, and one line for each other kind of count."""
    word, told = ending(report)
    title = "Reverse geocoding" if report.kind == "reverse" else "Geocoding"
    lines = [f"{title}: {word}", f"{told}.", f"{_pace(report)}."]
    if error := trouble(report):
        lines.append(f"Last error: {error}")
    lines.append("")
    left = _column("Status", dict.fromkeys(Status), report.statuses, report.rows)
    right = _column("Verdict", dict.fromkeys(Verdict), report.verdicts, report.rows)
    left += [" " * len(left[0])] * (len(right) - len(left))
    lines += [f"{status}    {verdict}".rstrip() for status, verdict in zip(left, right, strict=True)]
    lines.append("(shares are of all rows done)" if report.rows else "(no rows)")
    lines += _words(report)
    return "\n".join(lines)


def _pace(report: Report) -> str:
    asked = f"{grouped(report.sent)} questions in {grouped(report.requests)} requests"
    again = f", {grouped(report.retried)} sent again" if report.retried else ""
    quota = f", {grouped(report.quota_used)} of them on the quota" if report.quota_used != report.requests else ""
    return f"{duration(report.seconds)}, {speed(report.rows_per_second)}; {asked}{quota}{again}"


def _column(title: str, names: Mapping[str, object], counts: Mapping[str, int], rows: int) -> list[str]:
    told = [(str(name), grouped(counts.get(name, 0)), share(counts.get(name, 0), rows)) for name in names]
    wide = max(len(count) for _, count, _ in told)
    lines = [f"  {name:<10}  {count:>{wide}}  {part:>7}" for name, count, part in told]
    return [f"{title:<{len(lines[0])}}", *lines]


def _words(report: Report) -> list[str]:
    kinds = {
        "Type": report.types,
        "Origin": report.origins,
        "Step": report.steps,
        "Reasons": report.reasons,
        "Repairs": report.repairs,
        "Skipped": report.skipped,
        "Failed": report.failed,
        "Notes": report.notes,
    }
    return [f"{title:<8}  {_sentence(counts)}" for title, counts in kinds.items() if any(counts.values())]


def _sentence(counts: Mapping[str, int]) -> str:
    told = largest(counts)
    most = shown(told, _MOST_WORDS)
    parts = [f"{name} {grouped(rows)}" for name, rows in told[:most]]
    if len(told) > most:
        parts.append(f"and {len(told) - most} more")
    return ", ".join(parts)
