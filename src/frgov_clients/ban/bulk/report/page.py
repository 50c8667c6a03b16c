"""The report as one page that holds all it needs: it opens without a network, and its policy lets it load nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ....errors import ConfigurationError
from ...exchange import Verdict
from .cell import VERDICT_COLOURS
from .charts import confidences_of, distances_of, scores_of, speed_of, verdicts_of
from .map import map_of
from .numbers import duration, ending, grouped, largest, share, trouble
from .tally import MOST_EXAMPLES, Example
from .words import meanings_of

if TYPE_CHECKING:
    from .report import Report

__all__ = ["page_of"]

_MEANINGS: Final[dict[str, str]] = {
    Verdict.EXACT: "the number that was asked, in its street and commune",
    Verdict.STREET: "the right street or place: no number was asked, or it is not known",
    Verdict.COMMUNE: "the right commune, and nothing below it",
    Verdict.AMBIGUOUS: "two or more answers fit as well",
    Verdict.SUSPICIOUS: "the answer contradicts the question",
    Verdict.NONE: "no answer",
}
_MEANINGS_OF_POINTS: Final[dict[str, str]] = {
    Verdict.EXACT: "a number, at most 20 m away",
    Verdict.STREET: "a number farther away, or a street or place; at most 100 m away",
    Verdict.COMMUNE: "the commune, and nothing below it",
    Verdict.AMBIGUOUS: "two or more answers fit as well",
    Verdict.SUSPICIOUS: "more than 100 m away, or in another commune than the row names",
    Verdict.NONE: "no answer",
}


def page_of(report: Report) -> str:
    """The page, about 5 MB with plotly.js in it. Raises `ConfigurationError` where plotly is not installed."""
    library = _plotly_js()
    title = "Reverse geocoding" if report.kind == "reverse" else "Geocoding"
    cards = _charts(report)
    charts = {name: figure for name, _, _, figure in cards if figure is not None}
    style, script = (_resource(f"page.{suffix}") for suffix in ("css", "js"))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(library, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(ending(report)[0])}: {title} report</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{title} report</h1>
<p class="quiet">Begun on {escape(report.started.strftime("%Y-%m-%d at %H:%M %Z"))}. Shares are of all rows done.</p>
{_ending(report)}
{_tiles(report)}
{_cards(cards)}
{_tables(report)}
<footer>Addresses: Base Adresse Nationale. Outline: Natural Earth. {_privacy(report)}</footer>
</main>
<script type="application/json" id="charts">{_embedded(charts)}</script>
<script>{library}</script>
<script>{script}</script>
</body>
</html>
"""


# ---- what makes it one file --------------------------------------------------------------------------------


def _plotly_js() -> str:
    try:
        plotly = import_module("plotly.offline")  # it has no types
    except ImportError:
        raise ConfigurationError("The page needs plotly: pip install 'frgov-clients[report]'") from None
    library: str = plotly.get_plotlyjs()
    return library


def _resource(name: str) -> str:
    return files("frgov_clients.ban.bulk.report").joinpath(name).read_text("utf-8")


def _policy(*scripts: str) -> str:
    """Only our own scripts run, and nothing is loaded from anywhere. Plotly compiles its WebGL code (`unsafe-eval`)."""
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"default-src 'none'; script-src {allowed} 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"


def _embedded(value: Any) -> str:
    """JSON that can not end the tag in which it stands."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


# ---- what it shows -----------------------------------------------------------------------------------------


def _ending(report: Report) -> str:
    word, told = ending(report)
    bad = "" if report.complete and not report.statuses["failed"] else " bad"
    error = trouble(report)
    why = f'<p class="error" id="last-error">Last error: {escape(error)}</p>' if error else ""
    return f'<div class="ending{bad}"><b>{escape(word[0].upper() + word[1:])}</b>: {escape(told)}.{why}</div>'


def _tiles(report: Report) -> str:
    rows, status, verdict = report.rows, report.statuses, report.verdicts
    review = verdict[Verdict.SUSPICIOUS] + verdict[Verdict.AMBIGUOUS]
    tiles = [
        ("rows", grouped(rows), "rows done", ""),
        ("ok", grouped(status["ok"]), f"answered, {share(status['ok'], rows)}", ""),
        ("usable", grouped(report.usable), f"exact or street, {share(report.usable, rows)}", ""),
        ("review", grouped(review), f"suspicious or ambiguous, {share(review, rows)}", ""),
        ("not_found", grouped(status["not_found"]), f"not found, {share(status['not_found'], rows)}", ""),
        ("skipped", grouped(status["skipped"]), f"skipped, {share(status['skipped'], rows)}", ""),
        ("failed", grouped(status["failed"]), f"failed, {share(status['failed'], rows)}", _bad(status["failed"])),
        ("seconds", duration(report.seconds), "time", ""),
        ("speed", _per_second(report), "rows per second", ""),
        ("sent", grouped(report.sent), "questions sent", ""),
        ("requests", grouped(report.requests), f"requests, {grouped(report.quota_used)} on the quota", ""),
        ("retried", grouped(report.retried), "questions sent again", ""),
    ]
    told = (
        f'<div class="tile{bad}" id="tile-{name}"><strong>{number}</strong><span>{_tied(text)}</span></div>'
        for name, number, text, bad in tiles
    )
    return f'<section class="tiles">{"".join(told)}</section>'


def _tied(text: str) -> str:
    """Escaped, and no line break before a `%`."""
    return escape(text).replace(" %", "&nbsp;%")


def _bad(count: int) -> str:
    return " bad" if count else ""


def _per_second(report: Report) -> str:
    rate = report.rows_per_second
    return grouped(rate) if rate >= 9.95 else f"{rate:.1f}"


class Card(NamedTuple):
    """A chart and what is said above it."""

    name: str
    title: str
    text: str
    figure: dict[str, Any] | None


def _charts(report: Report) -> list[Card]:
    score = "Of the service. A score orders the answers of one question; it is no probability."
    confidence = "Probability that the answer is right at the level of its verdict. A bar counts up to the next one."
    points = report.kind == "reverse"  # there both are but other forms of the distance
    scores, confidences = (None, None) if points else (scores_of(report), confidences_of(report))
    return [
        Card("verdicts", "Verdicts", "What the answers are worth.", verdicts_of(report)),
        Card("scores", "Scores by verdict", score, scores),
        Card("distances", "Distances", "Between the point asked and the address.", distances_of(report)),
        Card("confidences", "Confidence by verdict", confidence, confidences),
        Card("speeds", "Speed", "Rows handed over per second of the run.", speed_of(report)),
        Card("map", "Map", _map_text(report), map_of(report)),
    ]


def _map_text(report: Report) -> str:
    kept, seen = grouped(len(report.points)), grouped(report.points_seen)
    points = f"{kept} of {seen} points, drawn at random" if kept != seen else f"All {seen} points"
    rounded = "" if report.examples else ", rounded to 0.001° (about 100 m)"
    return (
        f"{points}{rounded}. Drag to move, turn the wheel to zoom, double-click to go back;"
        " click in the legend to hide a verdict."
    )


def _cards(cards: Iterable[Card]) -> str:
    small: list[str] = []
    large = ""
    for name, title, text, figure in cards:
        if figure is None:
            continue
        kind = "chart map" if name == "map" else "chart"
        head = f'<h2>{escape(title)}</h2><p class="quiet">{escape(text)}</p>'
        box = f'{head}<div class="{kind}" id="{name}"></div>'
        if name == "map":
            large = f'<section class="card wide">{box}</section>'
        else:
            small.append(f'<section class="card">{box}</section>')
    return f'<div class="grid">{"".join(small)}</div>{large}<noscript><p>The charts need JavaScript.</p></noscript>'


# ---- tables ------------------------------------------------------------------------------------------------


def _tables(report: Report) -> str:
    titles = {
        "reasons": "Reasons of the verdicts",
        "steps": "Steps that gave the answer",
        "types": "Types of address reached",
        "origins": "Where the answers come from",
        "repairs": "Repairs of rows",
        "notes": "Notes",
        "skipped": "Skipped rows",
        "failed": "Failed rows",
    }
    meanings = meanings_of(report.kind)
    told = [_verdict_table(report)]
    for name, title in titles.items():
        words: Mapping[str, int] = getattr(report, name)
        if any(words.values()):
            rows = 0 if name == "notes" else report.rows  # these count places in the file, which have no share
            told.append(_count_table(title, words, rows, meanings.get(name, {})))
    return f'<div class="tables">{"".join(told)}</div>{_worst_table(report)}'


def _table(title: str, head: Iterable[tuple[str, str]], rows: Iterable[str], kind: str = "card", text: str = "") -> str:
    heads = "".join(f'<th class="{css}">{escape(name)}</th>' for name, css in head)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    told = f'<p class="quiet">{escape(text)}</p>' if text else ""
    return f'<section class="{kind}"><h2>{escape(title)}</h2>{told}{table}</section>'


def _cell(value: str, kind: str = "") -> str:
    return f'<td class="{kind}">{escape(value)}</td>' if kind else f"<td>{escape(value)}</td>"


def _number(value: str) -> str:
    return f'<td class="number">{escape(value)}</td>'


def _count_table(title: str, counts: Mapping[str, int], rows: int, meanings: Mapping[str, str]) -> str:
    """A line per word, with what it means below it."""
    head = [("", ""), ("rows", "number"), ("share", "number")]
    lines: list[str] = []
    for name, count in largest(counts):
        meaning = f'<br><span class="quiet">{escape(meanings[name])}</span>' if name in meanings else ""
        lines.append(f"<td>{escape(name)}{meaning}</td>{_number(grouped(count))}{_number(share(count, rows))}")
    return _table(title, head, lines)


def _verdict_table(report: Report) -> str:
    lines: list[str] = []
    meanings = _MEANINGS_OF_POINTS if report.kind == "reverse" else _MEANINGS
    for verdict in map(str, Verdict):
        kinds = {kind: rows for (name, kind), rows in report.verdict_types.items() if name == verdict}
        types = ", ".join(f"{kind} {grouped(rows)}" for kind, rows in largest(kinds))
        dot = f'<span class="dot" style="background:{VERDICT_COLOURS[verdict]}"></span>'
        text = escape(meanings[verdict]) + (f'<br><span class="quiet">{escape(types)}</span>' if types else "")
        lines.append(f'<td class="word">{dot}{verdict}</td><td>{text}</td>{_number(grouped(report.verdicts[verdict]))}')
    return _table("Verdicts and types", [("", ""), ("meaning, and types of address", ""), ("rows", "number")], lines)


def _worst_table(report: Report) -> str:
    if not report.worst:
        return ""
    filed = any(each.line for each in report.worst)
    head = [
        ("row", "number"),
        *[("line", "number")] * filed,
        ("status", ""),
        ("verdict", ""),
        ("why", ""),
        ("step", ""),
    ]
    head += [("asked", ""), ("found", "")] * report.examples
    lines = [_worst_line(report, each, filed=filed) for each in report.worst]
    text = f"At most {MOST_EXAMPLES}. Rows are counted from 1, the names of the columns left out"
    text += "; lines are those of the file, from 1." if filed else "."
    return _table("The first rows that failed or are suspicious", head, lines, "card wide", text)


def _worst_line(report: Report, each: Example, *, filed: bool) -> str:
    words = meanings_of(report.kind)
    known = {**words["failed"], **words["reasons"]}
    why = ", ".join(
        f'<span class="word known" title="{escape(known[word])}">{escape(word)}</span>'
        if word in known
        else f'<span class="word">{escape(word)}</span>'
        for word in each.reasons
    )
    line = _number(grouped(each.row + 1))
    if filed:
        line += _number(grouped(each.line) if each.line else "")
    line += _cell(each.status, "word") + _cell(each.verdict, "word") + f"<td>{why}</td>" + _cell(each.step, "word")
    return line + _cell(each.asked, "text") + _cell(each.found, "text") if report.examples else line


def _privacy(report: Report) -> str:
    if report.examples:
        return "This page holds exact positions and values of rows: personal data, if the rows are."
    return "This page holds no address, and no position closer than about 100 m."
