"""The report as one page: what is in it, what can not get into it, and what it can not load."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from report_rows import SECRET, failed, random_rows, row

from frgov_clients.ban.bulk.model import Origin
from frgov_clients.ban.bulk.report import Report
from frgov_clients.ban.bulk.report.charts import confidences_of, distances_of, scores_of, speed_of, verdicts_of
from frgov_clients.ban.bulk.report.map import map_of
from frgov_clients.ban.bulk.report.words import FAILURES, meanings_of
from frgov_clients.ban.bulk.source.row import Row
from frgov_clients.ban.exchange import Verdict
from frgov_clients.errors import ConfigurationError

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
PLACES = {
    "Métropole": (2.35, 48.86), "Guadeloupe": (-61.5, 16.2), "Martinique": (-61.0, 14.6), "Guyane": (-52.3, 4.9),
    "La Réunion": (55.5, -21.1), "Mayotte": (45.2, -12.8), "Elsewhere": (30.0, 60.0),
}  # fmt: skip


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, scripts, texts by the id around them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.texts: dict[str, str] = {}
        self.text = ""
        self.style = ""
        self._path: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert not self._path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag not in {"br", "meta"}:
            self._path.append((tag, dict(attrs).get("id") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._path.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        tag = self._path[-1][0] if self._path else ""
        if tag == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif tag == "style":
            self.style += data
        else:
            self.text += f" {data}"
            for _, name in self._path:
                if name:
                    self.texts[name] = f"{self.texts.get(name, '')} {data}".strip()

    @property
    def charts(self) -> dict[str, Any]:
        (found,) = [json.loads(text) for attributes, text in self.scripts if attributes.get("id") == "charts"]
        return dict(found)

    @property
    def policy(self) -> str:
        (found,) = [a["content"] for tag, a in self.tags if a.get("http-equiv") == "Content-Security-Policy"]
        return found or ""


def filled(rows: list[Any], *, total: int | None = None, **options: Any) -> Report:
    now = iter(range(10_000))
    report = Report(clock=lambda: float(next(now)), **options)
    report.total = total
    for start in range(0, len(rows), 50):
        report.add(rows[start : start + 50])
    report.finish(complete=True)
    return report


@pytest.fixture(scope="module")
def report() -> Report:
    rows = random_rows(1_000)
    placed = [row(index, lon=lon, lat=lat) for index, (lon, lat) in enumerate(PLACES.values())]
    return filled([*rows, *placed])


@pytest.fixture(scope="module")
def page(report: Report) -> Page:
    return Page(report.to_html())


# ---- what it shows -------------------------------------------------------------------------------------------


def test_the_counts_stand_in_the_page(report: Report, page: Page) -> None:
    assert page.texts["tile-rows"] == "1,007 rows done"
    assert page.texts["tile-ok"].split()[0] == str(report.answered)
    assert page.texts["tile-failed"].split()[0] == str(report.statuses["failed"])
    assert page.texts["tile-usable"].split()[0] == str(report.usable)
    text = " ".join(page.text.split())
    meanings = meanings_of("search")
    for kind in ("reasons", "repairs", "steps", "skipped", "origins"):
        for name, count in getattr(report, kind).items():
            assert f" {name} {meanings[kind][name]} {count} " in text
    for each in report.worst:
        why = " , ".join(each.reasons)
        assert f" {each.row + 1} {each.status} {each.verdict} {why}".rstrip() in text
    assert "Complete, with failures" in page.text


def test_the_charts_hold_the_counts(report: Report, page: Page) -> None:
    charts = page.charts
    assert set(charts) == {"verdicts", "scores", "distances", "confidences", "speeds", "map"}
    assert charts["verdicts"]["data"][0]["x"] == [report.verdicts[str(verdict)] for verdict in Verdict]
    assert {trace["name"]: trace["y"] for trace in charts["scores"]["data"]} == report.scores
    assert {trace["name"]: trace["y"] for trace in charts["confidences"]["data"]} == report.confidences
    ticks = charts["confidences"]["data"][0]["x"]
    assert (ticks[0], ticks[1], ticks[-1]) == ("< 0.5", "≥ 0.5", "≥ 0.999")
    assert charts["distances"]["data"][0]["y"] == report.distances
    points = [trace for trace in charts["map"]["data"] if trace["type"] == "scattergl"]
    assert sum(len(trace["x"]) for trace in points) == len(report.points)
    places = {attributes.get("id") for _, attributes in page.tags}
    assert set(charts) <= places


def test_plotly_knows_every_property_of_the_charts(page: Page) -> None:
    for chart in page.charts.values():
        figure = go.Figure(data=chart["data"], layout=chart["layout"])  # raises for what plotly.js does not have
        assert len(figure.data) == len(chart["data"])


def test_a_run_of_no_rows_has_a_page_without_charts() -> None:
    page = Page(filled([]).to_html())
    assert page.charts == {}
    assert page.texts["tile-rows"] == "0 rows done"
    assert page.texts["tile-ok"] == "0 answered, -"


def test_a_reverse_run_shows_distances_and_no_scores() -> None:
    near = [row(distance=12.0, score=0.9988, confidence=sure) for sure in (0.95, 0.8)]
    report = filled(near, kind="reverse")
    page = Page(report.to_html())
    assert "distances" in page.charts
    assert not {"scores", "confidences"} & set(page.charts)
    assert "Reverse geocoding report" in page.text


def test_an_incomplete_run_says_so_first() -> None:
    report = filled([row()], total=2)
    page = Page(report.to_html())
    assert page.text.split()[0] == "INCOMPLETE:"  # the title of the tab
    told = page.text.index("1 of 2 rows (50.0 %); the run has not come to its end")
    assert told < page.text.index("answered")


def test_the_page_tells_the_last_error() -> None:
    report = filled([row(), failed()])
    report.last_error = f"the server answered 503. {EVIL}"
    page = Page(report.to_html())
    assert page.texts["last-error"] == f"Last error: the server answered 503. {EVIL}"
    assert len(page.scripts) == 3
    assert "last-error" not in Page(filled([row()]).to_html()).texts


def test_a_row_of_a_file_is_told_by_its_line_too(tmp_path: Path) -> None:
    rows = [row(0, Verdict.SUSPICIOUS)._replace(row=Row({"a": 0}, ("x",), 1_234)), failed(1, "service_down")]
    page = Page(filled(rows).to_html())
    text = " ".join(page.text.split())
    assert "Rows are counted from 1" in text
    assert "row line status verdict why step" in text
    assert " 1 1,234 ok suspicious" in text
    assert " 2 failed none service_down" in text
    assert ("span", {"class": "word known", "title": FAILURES["service_down"]}) in page.tags
    assert " row status verdict why step" in " ".join(Page(filled(rows[1:]).to_html()).text.split())


@pytest.mark.parametrize("kind", ["search", "reverse"])
def test_all_words_of_the_package_have_a_meaning(kind: str) -> None:
    words = meanings_of(kind)
    assert set(words["origins"]) == set(Origin)
    assert all(
        text and not text.startswith(("verdict", "skipped", "repair"))
        for name in words
        for text in words[name].values()
    )


# ---- one file, no network ------------------------------------------------------------------------------------


def test_nothing_is_loaded_from_anywhere(page: Page) -> None:
    for tag, attributes in page.tags:
        assert not {"src", "href", "srcset", "data", "action", "poster", "background"} & set(attributes), tag
        assert tag not in {"link", "iframe", "object", "embed", "img", "base", "form", "a"}
        assert attributes.get("http-equiv", "Content-Security-Policy") == "Content-Security-Policy"
        assert not [name for name in attributes if name.startswith("on")]
        assert "url(" not in (attributes.get("style") or "")
    assert "url(" not in page.style
    assert "@import" not in page.style
    own = [text for _, text in page.scripts if "plotly.js v" not in text[:200]]
    assert len(own) == 2
    for text in own:
        assert "://" not in text


def test_the_policy_lets_only_our_scripts_run_and_nothing_load(page: Page) -> None:
    rules = dict(rule.strip().partition(" ")[::2] for rule in page.policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src"}
    assert rules["img-src"] == "data: blob:"
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for attributes, text in page.scripts
        if attributes.get("type") != "application/json"
    }
    assert set(rules["script-src"].split()) == {*digests, "'unsafe-eval'"}
    assert page.tags.index(("meta", {"charset": "utf-8"})) < [tag for tag, _ in page.tags].index("style")


def test_plotly_is_told_to_stay_at_home(page: Page) -> None:
    own = page.scripts[-1][1]
    for setting in (
        'plotlyServerURL: ""',
        'topojsonURL: ""',
        "showLink: false",
        "showSendToCloud: false",
        "displaylogo: false",
    ):
        assert setting in own
    types = {trace["type"] for chart in page.charts.values() for trace in chart["data"]}
    assert types == {"bar", "scatter", "scattergl"}, "no type that fetches tiles or shapes"
    assert not {"geo", "map", "mapbox"} & {key for chart in page.charts.values() for key in chart["layout"]}


def test_the_size_is_that_of_plotly() -> None:
    from plotly.offline import get_plotlyjs

    library = len(get_plotlyjs())
    full = filled([row(index, lon=2 + index / 9_999, lat=47.123) for index in range(5_000)])
    assert len(full.to_html()) - library < 250_000


def test_without_plotly_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'frgov-clients\[report\]'"):
        filled([row()]).save(tmp_path / "report.html")
    assert not list(tmp_path.iterdir())
    filled([row()]).save(tmp_path / "report.json")


# ---- what can not get in -------------------------------------------------------------------------------------


def test_words_can_not_become_tags() -> None:
    rows = [
        row(0, Verdict.SUSPICIOUS, EVIL, reasons=(EVIL,), repairs=(EVIL,), step=EVIL),
        failed(1, EVIL)._replace(row={"a": EVIL}),
    ]
    report = filled(rows, examples=True)
    report.notes[EVIL] += 1
    page = Page(report.to_html())
    assert EVIL[:60] in page.text
    assert len(page.scripts) == 3
    assert "img" not in {tag for tag, _ in page.tags}


def test_a_saved_report_can_not_bring_scripts_either() -> None:
    values = filled([row()]).to_dict()
    for name in ("types", "reasons", "steps", "repairs", "origins", "skipped", "failed", "notes"):
        values[name] = {EVIL: 1}
    values["verdict_types"] = {"exact": {EVIL: 1}}
    values["worst"] = [
        {"row": 1, "status": "ok", "verdict": "none", "reasons": [EVIL], "step": EVIL, "asked": EVIL, "found": EVIL,
         "line": None}
    ]  # fmt: skip
    page = Page(Report.from_dict({**values, "examples": True}).to_html())
    assert page.text.count(EVIL) == 13
    assert len(page.scripts) == 3


def test_personal_data_come_only_when_asked_for() -> None:
    rows = [row(0, Verdict.SUSPICIOUS, lon=6.861234)]
    assert SECRET not in filled(rows).to_html()
    shown = filled(rows, examples=True).to_html()
    assert SECRET in shown
    assert "personal data" in shown


# ---- single charts -------------------------------------------------------------------------------------------


def test_charts_without_data_are_left_out() -> None:
    empty = filled([failed()])
    assert scores_of(empty) is None
    assert confidences_of(empty) is None
    assert confidences_of(filled([row(confidence=0.9995)] * 9)) is None, "one bar"
    assert confidences_of(filled([row(confidence=0.9995), row(confidence=0.98)])) is not None
    assert distances_of(empty) is None
    assert map_of(empty) is None
    assert verdicts_of(empty) is not None
    assert speed_of(Report()) is None
    assert speed_of(filled([row()])) is None, "one batch, and the end"
    assert speed_of(filled([row()] * 100)) is not None


@pytest.mark.parametrize(("step", "unit"), [(1, "seconds"), (60, "minutes"), (3_600, "hours")])
def test_the_unit_of_the_speed_fits_the_run(step: int, unit: str) -> None:
    now = iter(range(0, 10_000_000, step))
    report = Report(clock=lambda: float(next(now)))
    for _ in range(10):
        report.add([row()])
    report.finish(complete=True)
    chart = speed_of(report)
    assert chart
    assert chart["layout"]["xaxis"]["title"]["text"] == unit
    assert chart["data"][0]["x"] == sorted(chart["data"][0]["x"])
    assert chart["data"][0]["x"][-1] < 12
