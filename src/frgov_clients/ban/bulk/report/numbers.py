"""Numbers as people read them: thousands, shares, durations; and the one line that says how a run ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .report import Report

__all__ = ["duration", "ending", "grouped", "largest", "rates", "share", "shown", "speed", "trouble"]

_LONGEST_ERROR: Final = 500


def grouped(number: float) -> str:
    """`1,234,567`."""
    return f"{number:,.0f}"


def share(part: float, whole: float) -> str:
    """`12.3 %`; what is not nothing is never `0.0 %`, what is not all is never `100.0 %`; `-` of nothing."""
    if not whole:
        return "-"
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return "<0.1 %"
    if 99.95 <= percent < 100:
        return ">99.9 %"
    return f"{percent:.1f} %"


def duration(seconds: float) -> str:
    """`0.8 s`, `42 s`, `3 min 05 s`, `1 h 02 min`, `2 d 03 h`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    minutes = round(seconds / 60)
    if minutes < 1440:
        return f"{minutes // 60} h {minutes % 60:02} min"
    hours = round(seconds / 3600)
    return f"{hours // 24} d {hours % 24:02} h"


def speed(rows_per_second: float) -> str:
    """`1,234 rows/s`, `0.4 rows/s`."""
    number = grouped(rows_per_second) if rows_per_second >= 9.95 else f"{rows_per_second:.1f}"
    return f"{number} rows/s"


def largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The counts above 0, the largest first, equal ones by name."""
    return sorted(((name, rows) for name, rows in counts.items() if rows), key=lambda each: (-each[1], each[0]))


def ending(report: Report) -> tuple[str, str]:
    """How the run ended, in a word or two and in a sentence.

    A run that did not hand over all its rows is `INCOMPLETE`, and that word comes first.
    """
    rows, total, failed = report.rows, report.total, report.statuses["failed"]
    told = f"{grouped(rows)} rows" if rows != 1 else "1 row"
    if total is not None and not report.complete:
        told = f"{grouped(rows)} of {grouped(total)} rows ({share(rows, total)})"
    if report.gave_up:
        return "INCOMPLETE, GIVEN UP", f"{told}; the service failed too often. Run again to go on"
    if not report.complete:
        return "INCOMPLETE", f"{told}; the run has not come to its end. Run again to go on"
    if failed:
        return "complete, with failures", f"{told}; {grouped(failed)} failed. Run again for these"
    return "complete", told


def shown(told: Sequence[tuple[str, int]], most: int) -> int:
    """How many of the words to show: at most one above `most`, since "and 1 more" is as long as a word."""
    return len(told) if len(told) <= most + 1 else most


def trouble(report: Report) -> str:
    """The last error in one line, where it explains something: rows failed, or the run was given up."""
    if not (report.gave_up or report.statuses["failed"]):
        return ""
    text = " ".join(report.last_error.split())
    return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]} …"


def rates(timeline: Sequence[tuple[float, int]], bins: int = 60) -> list[tuple[float, float]]:
    """Rows per second in equal stretches of the run, as (middle of the stretch in seconds, rows per second).

    The rows of a batch count as spread evenly over the time since the batch before.
    """
    moments = [(0.0, 0), *timeline]
    end = moments[-1][0]
    if end <= 0:
        return []
    bins = min(bins, len(timeline))
    width = end / bins
    found: list[tuple[float, float]] = []
    done, place = 0.0, 1
    for number in range(1, bins + 1):
        edge = width * number
        while place < len(moments) - 1 and moments[place][0] < edge:
            place += 1
        (before, less), (after, more) = moments[place - 1], moments[place]
        reached = (
            more if after <= before or number == bins else less + (more - less) * (edge - before) / (after - before)
        )
        found.append((edge - width / 2, max(0.0, (reached - done) / width)))
        done = reached
    return found
