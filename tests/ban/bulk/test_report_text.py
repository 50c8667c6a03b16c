"""The report as a text, in a notebook, and the numbers in both."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from report_rows import failed, not_found, row, skipped

from frgov_clients.ban.bulk.model import Origin
from frgov_clients.ban.bulk.report import Report
from frgov_clients.ban.bulk.report.numbers import duration, largest, rates, share, speed
from frgov_clients.ban.exchange import Verdict

SMALL = [
    *(row(index, step="first") for index in range(1_200)),
    *(row(index, Verdict.STREET, "street", reasons=("number_missing",), step="first") for index in range(40)),
    row(0, Verdict.SUSPICIOUS, "street", reasons=("street_differs",), step="no_filter", origin=Origin.DUPLICATE),
    row(0, Verdict.COMMUNE, "municipality", repairs=("postcode_zero_restored",), step="first", origin=Origin.JOURNAL),
    not_found(),
    skipped(),
]


def report_of(rows: list[object], **more: object) -> Report:
    report = Report(clock=lambda: 0.0)
    report.add(rows)  # type: ignore[arg-type]
    report.seconds, report.complete = 185, True
    for name, value in more.items():
        setattr(report, name, value)
    return report


COMPLETE = """\
Geocoding: complete
1,244 rows.
3 min 05 s, 6.7 rows/s; 1,243 questions in 12 requests, 11 of them on the quota, 7 sent again.

Status                          Verdict
  ok          1,242   99.8 %      exact       1,200   96.5 %
  not_found       1    0.1 %      street         40    3.2 %
  skipped         1    0.1 %      commune         1    0.1 %
  failed          0    0.0 %      ambiguous       0    0.0 %
                                  suspicious      1    0.1 %
                                  none            2    0.2 %
(shares are of all rows done)
Type      housenumber 1,200, street 41, municipality 1
Origin    service 1,241, duplicate 1, journal 1, local 1
Step      first 1,241, no_filter 1, no_number 1
Reasons   number_missing 40, street_differs 1
Repairs   postcode_zero_restored 1
Skipped   empty 1
Notes     ragged_row 2"""


def test_the_text_of_a_small_run() -> None:
    report = report_of(SMALL, requests=12, sent=1_243, retried=7, quota_used=11)
    report.notes["ragged_row"] += 2
    assert str(report) == COMPLETE


def test_the_text_of_no_rows() -> None:
    report = Report(kind="reverse", clock=lambda: 0.0)
    report.finish(complete=True)
    lines = str(report).splitlines()
    assert lines[:3] == ["Reverse geocoding: complete", "0 rows.", "0.0 s, 0.0 rows/s; 0 questions in 0 requests."]
    assert lines[5] == "  ok          0        -      exact       0        -"
    assert lines[-1] == "(no rows)"


@pytest.mark.parametrize(
    ("more", "first", "second"),
    [
        (
            {"total": 2_000, "complete": False},
            "INCOMPLETE",
            "1,244 of 2,000 rows (62.2 %); the run has not come to its end",
        ),
        ({"total": 2_000}, "INCOMPLETE", "1,244 of 2,000 rows (62.2 %); the run has not"),
        ({"complete": False}, "INCOMPLETE", "1,244 rows; the run has not come to its end. Run again to go on."),
        ({"gave_up": True}, "INCOMPLETE, GIVEN UP", "1,244 rows; the service failed too often. Run again to go on."),
    ],
)
def test_an_incomplete_run_says_so_first(more: dict[str, object], first: str, second: str) -> None:
    report = report_of(SMALL, **more)
    lines = str(report).splitlines()
    assert lines[0] == f"Geocoding: {first}"
    assert lines[1].startswith(second)
    cell = report._repr_html_()
    assert cell.index(first) < cell.index("1,244")


def test_failures_are_told_in_the_first_lines() -> None:
    report = report_of([row(), failed(), failed()])
    assert str(report).splitlines()[:2] == [
        "Geocoding: complete, with failures",
        "3 rows; 2 failed. Run again for these.",
    ]
    assert "Failed    http_503 2" in str(report)
    assert str(report_of([row()])).splitlines()[1] == "1 row."


def test_the_last_error_is_told_where_it_explains_something() -> None:
    said = "ban.search_csv: the server answered 503\n(an hour ago). <b>Hint</b>: wait"
    one_line = "Last error: ban.search_csv: the server answered 503 (an hour ago). <b>Hint</b>: wait"
    for report in (report_of([row(), failed()], last_error=said), report_of([row()], gave_up=True, last_error=said)):
        assert str(report).splitlines()[3:5] == [one_line, ""]
        assert one_line in " ".join(Tags(report._repr_html_()).text.split())
        assert "<b>Hint" not in report._repr_html_()
        assert Report.from_dict(report.to_dict()).last_error == said
    for quiet in (report_of([row()], last_error=said), report_of([failed()])):
        assert "Last error" not in str(quiet) + quiet._repr_html_()
    assert len(str(report_of([failed()], last_error="x" * 10_000)).splitlines()[3]) < 520


def test_many_words_are_cut_and_said_to_be() -> None:
    report = report_of([skipped(0, f"reason_{number}") for number in range(9)])
    assert str(report).splitlines()[-1].endswith("reason_5 1, and 3 more")
    assert "and 5 more" in report._repr_html_()
    one_over = report_of([skipped(0, f"reason_{number}") for number in range(7)])
    assert str(one_over).splitlines()[-1].endswith("reason_5 1, reason_6 1"), "`and 1 more` would be no shorter"
    assert "more" not in report_of([skipped(0, f"reason_{number}") for number in range(5)])._repr_html_()


# ---- numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "-"), (0, 5, "0.0 %"), (5, 5, "100.0 %"), (1, 3, "33.3 %"), (1, 100_000, "<0.1 %"), (5, 10_000, "0.1 %"),
        (99_999, 100_000, ">99.9 %"),
    ],
)  # fmt: skip
def test_shares(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"),
        (3_599.6, "1 h 00 min"), (3_725, "1 h 02 min"), (86_399, "1 d 00 h"), (190_000, "2 d 05 h"),
    ],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_speeds_and_orders() -> None:
    assert [speed(0.04), speed(9.9), speed(1_234.4)] == ["0.0 rows/s", "9.9 rows/s", "1,234 rows/s"]
    assert largest({"b": 1, "a": 1, "c": 5, "d": 0}) == [("c", 5), ("a", 1), ("b", 1)]


def test_rates_add_up_to_the_rows() -> None:
    timeline = [(1.0, 100), (1.5, 150), (7.0, 150), (10.0, 900)]
    found = rates(timeline, bins=4)
    width = 2.5
    assert [moment for moment, _ in found] == [1.25, 3.75, 6.25, 8.75]
    assert sum(rate for _, rate in found) * width == pytest.approx(900)
    assert found[1][1] == 0.0, "it stood still"
    assert rates([]) == rates([(0.0, 5)]) == []
    assert rates([(2.0, 10)]) == [(1.0, 5.0)]


# ---- the notebook's cell -------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Texts and tags; every tag that is opened must be closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in {"br", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def test_the_cell_holds_the_counts() -> None:
    cell = report_of(SMALL, requests=12)._repr_html_()
    parsed = Tags(cell)
    assert not parsed.open
    for text in ("complete", "1,244 rows", "exact", "1,200", "96.5 %", "number_missing 40", "12 requests"):
        assert text in parsed.text
    assert len(cell) < 8_000
    assert "<script" not in cell
    assert "background:#fff" not in cell


def test_the_cell_escapes_words() -> None:
    evil = "<script>alert(1)</script>"
    parsed = Tags(report_of([row(reasons=(evil,)), skipped(0, "<img src=x>")])._repr_html_())
    assert evil in parsed.text
    assert not {"script", "img"} & parsed.tags


def test_the_cell_of_no_rows() -> None:
    assert "0 rows" in Tags(Report()._repr_html_()).text
