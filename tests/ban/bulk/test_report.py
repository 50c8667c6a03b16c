"""The report of a run: counts, completeness, JSON and files."""

from __future__ import annotations

import errno
import json
import os
import threading
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from report_rows import SECRET, failed, not_found, random_rows, row, skipped

from frgov_clients.ban.bulk.model import Origin, Status
from frgov_clients.ban.bulk.report import Report
from frgov_clients.ban.bulk.report.tally import MOST_EXAMPLES, MOST_POINTS, OTHER, UNNAMED, Point
from frgov_clients.ban.exchange import Answer, Verdict
from frgov_clients.errors import InvalidRequest


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def filled(rows: Sequence[Any], size: int = 97, total: int | None = None, **options: Any) -> Report:
    report = Report(**options)
    report.begin(total)
    for start in range(0, len(rows), size):
        report.add(rows[start : start + size])
    return report


def ended(rows: Sequence[Any], **options: Any) -> Report:
    report = filled(rows, **options)
    report.finish(complete=True)
    return report


# ---- counts --------------------------------------------------------------------------------------------------


def test_counts_are_those_of_a_plain_count() -> None:
    rows = random_rows(5_000)
    report = filled(rows)
    found = [each for each in rows if each.answer]
    assert report.rows == 5_000
    assert report.statuses == Counter(str(each.status) for each in rows)
    assert report.verdicts == Counter(str(each.verdict) for each in rows)
    assert report.origins == Counter(str(each.origin) for each in rows)
    assert report.types == Counter(each.answer.type for each in found)
    assert report.verdict_types == Counter((str(each.verdict), each.answer.type) for each in found)
    assert report.reasons == Counter(word for each in rows for word in each.reasons)
    assert report.repairs == Counter(word for each in rows for word in each.repairs)
    assert report.steps == Counter(each.step for each in rows if each.step)
    assert report.skipped == {"empty": report.statuses["skipped"]}
    assert report.failed == {"http_503": report.statuses["failed"]}
    assert report.answered == len(found)
    assert report.usable == sum(each.verdict in {Verdict.EXACT, Verdict.STREET} for each in rows)
    assert sum(map(sum, report.scores.values())) == sum(each.answer.score is not None for each in found)
    assert sum(map(sum, report.confidences.values())) == sum(each.confidence is not None for each in rows)
    assert sum(report.distances) == sum(each.answer.distance is not None for each in found)
    placed = [each for each in found if each.answer.lon is not None]
    assert report.points_seen == len(placed) == len(report.points)
    expected = [Point(round(e.answer.lon, 3), round(e.answer.lat, 3), str(e.verdict)) for e in placed]
    assert report.points == expected
    assert all(type(key) is str for counts in (report.statuses, report.verdicts, report.origins) for key in counts)


def test_the_size_of_the_batches_changes_nothing_but_the_timeline() -> None:
    rows = random_rows(1_000)
    one, other = ended(rows, size=1).to_dict(), ended(rows, size=1_000).to_dict()
    for each in (one, other):
        for name in ("timeline", "seconds", "rows_per_second", "started"):
            del each[name]
    assert one == other


@pytest.mark.parametrize(
    ("score", "place"),
    [(0, 0), (0.0499, 0), (0.05, 1), (0.35, 7), (0.55, 11), (0.95, 19), (0.9999999999999999, 19), (1.0, 19), (1.3, 19)],
)
def test_bins_of_a_score(score: float, place: int) -> None:
    report = filled([row(score=score)])
    assert report.scores == {"exact": [0] * place + [1] + [0] * (19 - place)}
    assert filled([row(score=-0.2)]).scores["exact"][0] == 1


@pytest.mark.parametrize(
    ("confidence", "place"),
    [(0, 0), (0.49, 0), (0.5, 1), (0.9, 3), (0.9499, 3), (0.99, 5), (0.9989, 5), (0.999, 6), (0.9995, 6), (1.0, 6)],
)
def test_bins_of_a_confidence_are_finer_towards_one(confidence: float, place: int) -> None:
    assert filled([row(confidence=confidence)]).confidences == {"exact": [0] * place + [1] + [0] * (6 - place)}


@pytest.mark.parametrize(("distance", "place"), [(0, 0), (5, 0), (5.1, 1), (10, 1), (200, 5), (200.5, 6), (9e9, 6)])
def test_bins_of_a_distance(distance: float, place: int) -> None:
    assert filled([row(distance=distance)]).distances == [0] * place + [1] + [0] * (6 - place)


def test_numbers_that_are_none_are_counted_nowhere() -> None:
    nan = float("nan")
    report = filled([row(score=nan, confidence=nan, distance=nan, lon=nan, lat=nan), row(lon=400.0), row(lat=None)])
    assert report.rows == 3
    assert sum(report.scores["exact"]) == 2
    assert (report.confidences, report.points, report.points_seen, sum(report.distances)) == ({}, [], 0, 0)
    json.loads(report.to_json())


def test_the_fields_read_by_number_are_the_right_ones() -> None:
    names = [Answer._fields[place] for place in (1, 3, 4, 5, 16)]
    assert names == ["type", "lon", "lat", "score", "distance"]


def test_words_stay_few_and_short_and_are_never_lost() -> None:
    report = filled([failed(index, f"{index} {'x' * 500}") for index in range(3_000)])
    assert sum(report.failed.values()) == 3_000
    assert len(report.failed) == 1_001
    assert report.failed[OTHER] == 2_000
    assert max(map(len, report.failed)) == 100
    assert filled([failed(0, "")]).failed == {UNNAMED: 1}
    assert filled([row(kind="")]).verdict_types == {("exact", UNNAMED): 1}


# ---- the sample and the examples -----------------------------------------------------------------------------


def test_the_sample_of_points_is_bounded_fair_and_repeatable() -> None:
    rows = [row(index, lon=index / 10_000, lat=45.0) for index in range(30_000)]
    one, other = filled(rows), filled(rows)
    assert len(one.points) == MOST_POINTS
    assert one.points_seen == 30_000
    assert one.points == other.points
    mean = sum(point.lon for point in one.points) / MOST_POINTS
    assert mean == pytest.approx(1.5, abs=0.05)  # five standard errors of a fair draw
    last = sum(point.lon >= 2.5 for point in one.points) / MOST_POINTS
    assert last == pytest.approx(1 / 6, abs=0.03)


def test_the_first_rows_to_look_at_come_without_what_they_hold() -> None:
    rows = [row(0), row(1, Verdict.SUSPICIOUS, reasons=("commune_differs",), step="first"), failed(2), skipped(3)]
    report = filled([*rows, *(failed(index) for index in range(4, 60))], size=7)
    assert [each.row for each in report.worst] == [1, 2, *range(4, 4 + MOST_EXAMPLES - 2)]
    first, second = report.worst[:2]
    assert (first.status, first.verdict, first.reasons, first.step) == (
        "ok",
        "suspicious",
        ("commune_differs",),
        "first",
    )
    assert (second.status, second.reasons) == ("failed", ("http_503",))
    for text in (report.to_json(), str(report), repr(report), report._repr_html_(), report.to_html()):
        assert SECRET not in text
        assert "6.8612" not in text


def test_examples_come_when_they_are_asked_for() -> None:
    rows = [row(0, Verdict.SUSPICIOUS, lon=6.861234, lat=47.641234), failed(1)]
    report = filled(rows, examples=True)
    assert report.worst[0].asked == SECRET
    assert report.worst[0].found == f"{SECRET} 90000 Belfort"
    assert report.worst[1].found == ""
    assert report.points == [Point(6.861234, 47.641234, "suspicious")]
    long = failed(0)._replace(row={"cell": "x" * 1_000_000})
    assert len(filled([long], examples=True).worst[0].asked) == 200


# ---- how it ended --------------------------------------------------------------------------------------------


def test_a_run_is_complete_only_when_it_ended_with_all_rows() -> None:
    report = filled([], total=2)
    assert not report.complete
    report.add([row(0)])
    report.finish(complete=True)
    assert not report.complete, "one of two rows is missing"
    report.add([row(1)])
    assert report.complete
    report.gave_up = True
    assert not report.complete
    assert not ended([row()], total=0).complete, "more rows than there should be"
    assert ended([]).complete
    unended = filled([row()], total=1)
    assert not unended.complete
    unended.complete = True
    assert unended.complete


def test_time_is_that_of_the_clock_until_the_end() -> None:
    clock = Clock()
    report = Report(clock=clock)
    assert (report.seconds, report.rows_per_second) == (0.0, 0.0)
    clock.now += 4
    report.add([row(index) for index in range(20)])
    assert (report.seconds, report.rows_per_second) == (4.0, 5.0)
    report.finish(complete=True)
    clock.now += 100
    assert report.seconds == 4.0
    report.seconds = 10
    assert report.rows_per_second == 2.0


def test_the_timeline_stays_short_and_covers_the_run() -> None:
    clock = Clock()
    report = Report(clock=clock)
    for _ in range(20_000):
        clock.now += 0.5
        report.add([skipped()])
    report.finish(complete=True)
    timeline = report.timeline
    assert 60 <= len(timeline) <= 241
    assert timeline[-1] == (10_000.0, 20_000)
    assert timeline == sorted(timeline)
    gaps = [after[0] - before[0] for before, after in zip([(0.0, 0), *timeline], timeline, strict=False)]
    assert max(gaps) < 500, "no stretch of the run is left out"


def test_another_kind_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="kind: search or reverse"):
        Report("sideways")  # type: ignore[arg-type]


# ---- JSON ----------------------------------------------------------------------------------------------------


def test_json_goes_round() -> None:
    report = ended(random_rows(2_000), kind="reverse", total=2_000, examples=True)
    report.seconds = 7.5
    report.requests, report.sent, report.retried, report.quota_used = 12, 1_500, 30, 11
    report.notes["ragged_row"] += 3
    values = json.loads(report.to_json())
    again = Report.from_dict(values)
    assert again.to_dict() == values == report.to_dict()
    assert (values["schema"], values["complete"], values["rows"]) == (1, True, 2_000)
    assert (again.points, again.worst, again.verdict_types) == (report.points, report.worst, report.verdict_types)
    assert str(again) == str(report)
    assert values["rows_per_second"] == pytest.approx(again.rows_per_second, abs=0.001)


def test_json_of_an_unfinished_run_says_so() -> None:
    values = filled(random_rows(10), total=20).to_dict()
    assert (values["complete"], values["total"], values["rows"]) == (False, 20, 10)
    assert not Report.from_dict(values).complete


def test_json_keeps_halves_of_characters() -> None:
    report = filled([failed(0)._replace(row={"a": "caf\udce9"})], examples=True)
    assert Report.from_dict(json.loads(report.to_json())).worst == report.worst


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"schema": 2}', b"\xff\xfe", b'{"schema": 1}', b"[" * 100_000])
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(InvalidRequest, match="report: a report saved as JSON"):
        Report.load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("last_error", None),
        ("kind", "sideways"), ("kind", []), ("complete", "yes"), ("rows", -1), ("rows", 1.5), ("rows", True),
        ("seconds", "1"), ("seconds", float("nan")), ("total", "many"), ("statuses", {"ok": "1"}), ("statuses", []),
        ("scores", {"exact": [1]}), ("scores", {"yesterday": [1] * 20}), ("points", [[1]]), ("points", 5),
        ("points", [["<b>", 2, "exact"]]), ("points", [[2.0, 48.0, "yesterday"]]), ("worst", [{}]),
        ("started", "yesterday"), ("started", 5), ("verdict_types", {"exact": 1}),
        ("verdict_types", {"yesterday": {"street": 1}}),
        ("timeline", [[1, 2, 3]]), ("bins", 10), ("confidence_edges", [0.5]), ("distances", []), ("reasons", None),
    ],
)  # fmt: skip
def test_a_damaged_report_is_refused_without_repeating_it(name: str, value: Any) -> None:
    values = {**ended(random_rows(50)).to_dict(), name: value}
    with pytest.raises(InvalidRequest, match="schema 1") as caught:
        Report.from_dict(values)
    assert "yesterday" not in str(caught.value)
    del values[name]
    with pytest.raises(InvalidRequest):
        Report.from_dict(values)


# ---- files ---------------------------------------------------------------------------------------------------


def test_save_and_load(tmp_path: Path) -> None:
    report = ended(random_rows(300))
    path = tmp_path / "été.JSON"
    report.save(path)
    assert Report.load(str(path)).to_dict() == report.to_dict()
    report.save(str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").read_text("utf-8") == report.to_html()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["report.html", "été.JSON"]


@pytest.mark.parametrize("name", ["report", "report.pdf", ".json", ""])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"path: a name that ends in \.json or \.html"):
        Report().save(tmp_path / name if name else "")
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Report().save(tmp_path / "nowhere" / "report.json")
    with pytest.raises(FileNotFoundError):
        Report.load(tmp_path / "nothing.json")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "report.json"
    ended([row()]).save(path)
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), full)
    with pytest.raises(OSError, match="No space left"):
        ended(random_rows(100)).save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


# ---- size and threads ----------------------------------------------------------------------------------------


def test_memory_is_bounded() -> None:
    report = Report()
    rows = random_rows(2_000)
    tracemalloc.start()
    try:
        for _ in range(10):
            report.add(rows)
        early = tracemalloc.get_traced_memory()[0]
        for _ in range(100):
            report.add(rows)
        late = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert report.rows == 220_000
    assert late - early < 100_000
    assert late < 2_000_000
    assert len(report.to_json()) < 300_000


def test_readers_see_whole_batches_while_it_grows() -> None:
    report = Report()
    rows = [*random_rows(500), not_found(500)]
    seen: list[dict[str, Any]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(report.to_dict())
            str(report)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        report.add(rows)
    stop.set()
    reader.join()
    assert seen
    for values in seen:
        assert values["rows"] % 501 == 0
        assert sum(values["statuses"].values()) == sum(values["verdicts"].values()) == values["rows"]
    assert report.statuses[Status.NOT_FOUND] >= 100
    assert report.origins[Origin.SERVICE]
