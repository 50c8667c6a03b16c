"""The report in a notebook: a small table, in the notebook's own colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Final

from ...exchange import Verdict
from ..model import Status
from .numbers import duration, ending, grouped, largest, share, shown, speed, trouble

if TYPE_CHECKING:
    from .report import Report

__all__ = ["VERDICT_COLOURS", "cell_of"]

VERDICT_COLOURS: Final[dict[str, str]] = {
    Verdict.EXACT: "#009e73",
    Verdict.STREET: "#56b4e9",
    Verdict.COMMUNE: "#4f7fd0",
    Verdict.AMBIGUOUS: "#e69f00",
    Verdict.SUSPICIOUS: "#d55e00",
    Verdict.NONE: "#999999",
}
"""Told apart by people who do not see red or green."""

_STATUS_COLOURS: Final[dict[str, str]] = {
    Status.OK: "#009e73",
    Status.NOT_FOUND: "#999999",
    Status.SKIPPED: "#e69f00",
    Status.FAILED: "#d55e00",
}
_TEXT: Final = "padding:1px 8px;text-align:left"
_COUNT: Final = "padding:1px 8px;text-align:right"
_MOST_WORDS: Final = 4


def cell_of(report: Report) -> str:
    """HTML with its styles in the tags; colours of text and background are those of the page around it."""
    word, told = ending(report)
    warning = "" if report.complete and not report.statuses["failed"] else "color:#d55e00;"
    title = "Reverse geocoding" if report.kind == "reverse" else "Geocoding"
    error = trouble(report)
    told_error = f"<div>Last error: {escape(error)}</div>" if error else ""
    pace = f"{duration(report.seconds)}, {speed(report.rows_per_second)}, {grouped(report.requests)} requests"
    return (
        '<div style="font-family:sans-serif;font-size:13px;line-height:1.4">'
        f'<div><b>{title}: <span style="{warning}">{escape(word)}</span></b> &nbsp;{escape(told)}.</div>{told_error}'
        f'<div style="opacity:.75">{escape(pace)}</div>'
        '<div style="display:flex;flex-wrap:wrap;align-items:flex-start;gap:24px;margin-top:6px">'
        f"{_bars('Status', _STATUS_COLOURS, report.statuses, report.rows)}"
        f"{_bars('Verdict', VERDICT_COLOURS, report.verdicts, report.rows)}"
        f"{_words(report)}</div></div>"
    )


def _bars(title: str, colours: Mapping[str, str], counts: Mapping[str, int], rows: int) -> str:
    lines = [f'<tr><th style="{_TEXT}" colspan="3">{title}</th><th style="{_COUNT}">of all rows</th></tr>']
    for name, colour in colours.items():
        count = counts.get(name, 0)
        width = 0 if not count else max(2, round(90 * count / rows))
        bar = f'<div style="width:{width}px;height:9px;border-radius:2px;background:{colour}"></div>'
        lines.append(
            f'<tr><td style="{_TEXT}">{name}</td><td style="{_TEXT};width:92px">{bar}</td>'
            f'<td style="{_COUNT}">{grouped(count)}</td><td style="{_COUNT}">{escape(share(count, rows))}</td></tr>'
        )
    return _table(lines)


def _words(report: Report) -> str:
    kinds = {"Reasons": report.reasons, "Repairs": report.repairs, "Skipped": report.skipped, "Failed": report.failed}
    lines: list[str] = []
    for title, counts in kinds.items():
        told = largest(counts)
        if told:
            most = shown(told, _MOST_WORDS)
            more = f"<br>and {len(told) - most} more" if len(told) > most else ""
            parts = "<br>".join(f"{escape(name)} {grouped(rows)}" for name, rows in told[:most])
            lines.append(
                f'<tr><th style="{_TEXT};vertical-align:top">{title}</th><td style="{_TEXT}">{parts}{more}</td></tr>'
            )
    return _table(lines) if lines else ""


def _table(lines: Iterable[str]) -> str:
    return f'<table style="border-collapse:collapse;background:transparent;font-size:13px">{"".join(lines)}</table>'
