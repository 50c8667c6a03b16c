"""Results written beside the caller's columns: whole or not at all, and nothing of the caller's changed."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import subprocess
import sys
from collections import UserDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.bulk.model import Geocoded, Origin, Status
from frgov_clients.ban.bulk.sink import RESULT_COLUMNS, CsvSink, JsonLinesSink, Sink, sink_for
from frgov_clients.ban.bulk.sink.cells import cell_text, result_columns, values_of
from frgov_clients.ban.bulk.source import open_source
from frgov_clients.ban.exchange import Answer, Verdict
from frgov_clients.errors import InvalidRequest

ANSWER = Answer(
    "4 Rue X 90000 Belfort",
    "housenumber",
    "90010_0001_00004",
    0.00001,
    47.5,
    0.9,
    0.5,
    "4",
    "Rue X",
    "90000",
    "Belfort",
    "90010",
    "90011",
    "Ancienne",
    distance=12.0,
)


def found(index: int, row: Mapping[str, Any]) -> Geocoded:
    return Geocoded(
        index,
        row,
        Status.OK,
        Verdict.EXACT,
        ANSWER,
        ("number_agrees", "city_agrees"),
        0.998,
        "filtered",
        ("filtered",),
        ("postcode_zero_restored",),
    )


def lost(index: int, row: Mapping[str, Any]) -> Geocoded:
    return Geocoded(index, row, Status.SKIPPED, Verdict.NONE, reason="empty", origin=Origin.LOCAL)


FOUND = {
    "status": "ok",
    "verdict": "exact",
    "confidence": "0.998",
    "reasons": "number_agrees|city_agrees",
    "label": "4 Rue X 90000 Belfort",
    "type": "housenumber",
    "id": "90010_0001_00004",
    "score": "0.9",
    "housenumber": "4",
    "street": "Rue X",
    "postcode": "90000",
    "city": "Belfort",
    "citycode": "90010",
    "oldcitycode": "90011",
    "oldcity": "Ancienne",
    "lon": "0.00001",
    "lat": "47.5",
    "step": "filtered",
    "repairs": "postcode_zero_restored",
    "reason": "",
    "origin": "service",
}
LOST = {**dict.fromkeys(FOUND, ""), "status": "skipped", "verdict": "none", "reason": "empty", "origin": "local"}


def prefixed(values: Mapping[str, Any], prefix: str = "ban_") -> dict[str, Any]:
    return {prefix + name: value for name, value in values.items()}


def read_back(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode(encoding)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def alone(path: Path) -> bool:
    """Whether the file is there, and nothing else."""
    return names_in(path.parent) == [path.name]


# ---- what is written ---------------------------------------------------------------------------------------


def test_the_columns_of_a_result() -> None:
    for kind, count in (("search", 21), ("reverse", 22)):
        columns = result_columns(kind)  # type: ignore[arg-type]
        for result in (found(0, {}), lost(0, {})):
            values = values_of(result, kind)  # type: ignore[arg-type]
            assert len(values) == len(columns) == count
            for column, value in zip(columns, values, strict=True):
                assert isinstance(value, str) if column.type == "text" else value is None or isinstance(value, float)
    assert [column.name for column in RESULT_COLUMNS if column.only] == ["distance"]


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.CSV", "out.tsv", "out.tab.gz"])
def test_csv_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = [{"b": "4 rue X", "a": "é🏠"}, {"b": "", "a": None}]
    with sink_for(path, ("b", "a")) as sink:
        sink.write([found(0, rows[0])])
        assert not path.exists()
        sink.write([lost(1, rows[1])])
    assert sink.rows == 2
    back = read_back(path, "\t" if ".t" in name else ",")
    assert back == [{"b": "4 rue X", "a": "é🏠"} | prefixed(FOUND), {"b": "", "a": ""} | prefixed(LOST)]
    assert list(back[0]) == ["b", "a", *prefixed(FOUND)]
    assert alone(path)


def test_reverse_has_the_distance(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with sink_for(path, ("a",), kind="reverse", prefix="x_", delimiter=";", encoding="utf-8-sig") as sink:
        sink.write([found(0, {"a": "1"}), lost(1, {"a": "2"})])
    back = read_back(path, ";", "utf-8-sig")
    assert [row["x_distance"] for row in back] == ["12.0", ""]
    assert path.read_bytes().startswith(b"\xef\xbb\xbfa;x_status;")


HARD = [
    "l1\nl2",
    "l1\r\nl2",
    "a\rb",
    "\t",
    'say "x"',
    "🏠",
    "a\0b",
    "  x ",
    "=1+1",
    "",
    "000123",
    "x" * 200_000,
    "1,5;2",
]


@pytest.mark.parametrize("surplus", [[], ["9", "x,y"]])
def test_a_file_comes_back_cell_by_cell(tmp_path: Path, surplus: list[str]) -> None:
    given_path, path = tmp_path / "in.csv", tmp_path / "out.csv.gz"
    header = [f"c{place}" for place in range(len(HARD))]
    with given_path.open("w", newline="") as text:
        csv.writer(text).writerows([header, HARD, HARD[::-1] + surplus, HARD])
    source = open_source(given_path)
    with sink_for(path, source.header) as sink:
        sink.write([found(place, row) for place, row in enumerate(source.read(10))])
    source.close()
    expected = [HARD, HARD[::-1], HARD]
    back = read_back(path)
    assert [list(row.values())[: len(HARD)] for row in back] == expected
    assert {row["ban_label"] for row in back} == {ANSWER.label}
    assert [row.get("surplus") for row in back] == (["", '9,"x,y"', ""] if surplus else [None] * 3)
    assert names_in(tmp_path) == ["in.csv", "out.csv.gz"]


def test_mappings_with_more_or_less_than_the_header(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    rows: list[Any] = [{"surplus": "0"}, {"a": 1, "surplus": 2, "z": [1], 5: "x"}, UserDict({"a": "u"})]
    with CsvSink(path, ("a", "surplus")) as sink:
        sink.write([lost(place, row) for place, row in enumerate(rows)])
    back = read_back(path)
    assert [(row["a"], row["surplus"]) for row in back] == [("", "0"), ("1", "2"), ("u", "")]
    assert [row["surplus_2"] for row in back] == ["", '{"z": [1], "5": "x"}', ""]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (1000.0, "1000.0"),
        (0.00001, "0.00001"),
        (-2.5e-7, "-0.00000025"),
        (1e300, "1e+300"),
        (np.float64(1.5), "1.5"),
        (np.int64(5), "5"),
        (np.array([1, 2]), "[1, 2]"),
        (True, "True"),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (dt.datetime(2020, 1, 2, 3, tzinfo=dt.UTC), "2020-01-02T03:00:00+00:00"),
        (b"caf\xc3\xa9\xff", "café\\xff"),
        (["é", None, float("nan")], '["é", null, null]'),
        ({"k": {1}}, '{"k": [1]}'),
        (("a", dt.date(2020, 1, 2)), '["a", "2020-01-02"]'),
    ],
)
def test_values_in_cells(value: Any, text: str) -> None:
    assert cell_text(value) == text


def test_half_a_surrogate_pair_is_written_as_its_number(tmp_path: Path) -> None:
    path, lines = tmp_path / "out.csv", tmp_path / "out.jsonl"
    for target in (path, lines):
        with sink_for(target, ("a",)) as sink:
            sink.write([lost(0, {"a": "\ud83d"})])
    assert read_back(path)[0]["a"] == "\\ud83d"
    assert json.loads(lines.read_text())["a"] == "\ud83d"
    with CsvSink(path, ("a",), encoding="cp1252") as sink:
        sink.write([lost(0, {"a": "é🏠"})])
    assert read_back(path, encoding="cp1252")[0]["a"] == "é\\U0001f3e0"


@settings(max_examples=100, deadline=None)
@given(
    cells=st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=8)] * 3), max_size=6),
    delimiter=st.sampled_from(",;\t|"),
)
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, cells: list[Any], delimiter: str) -> None:
    path = tmp_path_factory.mktemp("any") / "out.csv"
    with CsvSink(path, ("a", "b", "c"), delimiter=delimiter) as sink:
        sink.write([lost(0, dict(zip("abc", row, strict=True))) for row in cells])
    source = open_source(path, delimiter=delimiter)
    assert [tuple(row.values())[:3] for row in source.read(10)] == cells
    source.close()


# ---- JSON lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out.jsonl", "out.ndjson", "out.jsonl.gz"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows: list[dict[Any, Any]] = [
        {"a": "é\n", "n": 5, "l": [1, {"x": None}], "d": dt.date(2020, 1, 2), "f": float("nan")},
        {"s": {2}, "m": UserDict({"k": 1}), "np": np.array([1.5]), 7: "seven"},
    ]
    with sink_for(path, None) as sink:
        sink.write([found(0, rows[0]), lost(1, rows[1])])
    content = path.read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    first, second = (json.loads(line, parse_constant=pytest.fail) for line in text.splitlines())
    ban, lost_ban = first.pop("ban"), second.pop("ban")
    assert first == {"a": "é\n", "n": 5, "l": [1, {"x": None}], "d": "2020-01-02", "f": None}
    assert second == {"s": [2], "m": {"k": 1}, "np": [1.5], "7": "seven"}
    assert list(ban) == list(FOUND)
    assert (ban["lon"], ban["score"], ban["reasons"]) == (0.00001, 0.9, ["number_agrees", "city_agrees"])
    assert (lost_ban["lon"], lost_ban["label"], lost_ban["reasons"], lost_ban["reason"]) == (None, None, [], "empty")
    assert sink.rows == 2


def test_json_lines_keep_the_rows_of_a_file(tmp_path: Path) -> None:
    source = open_source(b"a,b\n1,2\n3,4,5\n")
    path = tmp_path / "out.jsonl"
    with JsonLinesSink(path, source.header or ()) as sink:
        sink.write([lost(place, row) for place, row in enumerate(source.read(5))])
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert [{key: entry[key] for key in entry if key != "ban"} for entry in entries] == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4", "surplus": "5"},
    ]


# ---- refused -----------------------------------------------------------------------------------------------


def test_no_column_of_the_callers_is_overwritten(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="prefix='ban3_'"):
        sink_for(tmp_path / "out.csv", ("a", "ban_label", "ban2_status"))
    with pytest.raises(InvalidRequest, match="prefix='ban2_'"):
        sink_for(tmp_path / "out.csv", ("label",), prefix="")
    with pytest.raises(InvalidRequest, match="prefix='ban2_'"):
        sink_for(tmp_path / "out.jsonl", ("a", "ban"))
    with sink_for(tmp_path / "ok.csv", ("ban_other", "BAN_LABEL")):
        pass
    assert names_in(tmp_path) == ["ok.csv"]


def test_a_key_that_only_a_later_row_has_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    rows = [{"a": 1}, {"a": 2, "ban": "mine", "z": 3}, {"ban": {"status": "of before"}, "ban_2": 5}]
    with sink_for(path, ("a",)) as sink:
        sink.write([lost(place, row) for place, row in enumerate(rows)])
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert [entry.pop("ban")["status"] for entry in entries] == ["skipped"] * 3
    assert entries == [{"a": 1}, {"a": 2, "ban_2": "mine", "z": 3}, {"ban_3": {"status": "of before"}, "ban_2": 5}]
    assert list(entries[1]) == ["a", "ban_2", "z"]
    assert sink.notes == {"key_renamed": 2}
    assert rows[1]["ban"] == "mine"


@pytest.mark.parametrize("name", ["out", "out.xlsx", "out.parquet", "out.gz", "out.csv.zip", ".csv.bak"])
def test_unknown_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"\.csv.*to_pandas"):
        sink_for(tmp_path / name, ("a",))


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="CSV"):
        sink_for(tmp_path / "out.jsonl", ("a",), delimiter=";")
    with pytest.raises(InvalidRequest, match="delimiter"):
        sink_for(tmp_path / "out.csv", ("a",), delimiter=";;")
    with pytest.raises(InvalidRequest, match="encoding"):
        sink_for(tmp_path / "out.csv", ("a",), encoding="klingon")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidRequest, match="folder"):
        sink_for(tmp_path / "folder.csv", ("a",))
    with pytest.raises(FileNotFoundError):
        sink_for(tmp_path / "absent" / "out.csv", ("a",))
    assert names_in(tmp_path) == ["folder.csv"]


# ---- whole or not at all -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl"])
def test_an_exception_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("before")
    sink = sink_for(path, ("a",))

    def interrupted() -> None:
        with sink:
            sink.write([lost(0, {"a": "1"})] * 10_000)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "before"
    assert alone(path)
    sink.abort()
    with pytest.raises(ValueError, match="closed"):
        sink.write([lost(0, {"a": "1"})])


def test_a_write_that_failed_is_not_forgotten(tmp_path: Path) -> None:
    sink = JsonLinesSink(tmp_path / "out.jsonl", ())
    with pytest.raises(TypeError):
        sink.write([lost(0, 1)])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="given up"):
        sink.close()
    assert (names_in(tmp_path), sink.rows) == ([], 0)


def test_closing_twice_and_giving_up_afterwards_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    sink = CsvSink(path, ("a",))
    sink.close()
    sink.close()
    sink.abort()
    assert path.read_text().startswith("a,ban_status")
    assert alone(path)


def test_the_file_has_the_rights_that_new_files_have_or_those_it_had(tmp_path: Path) -> None:
    path, plain = tmp_path / "out.csv", tmp_path / "plain"
    plain.touch()
    CsvSink(path, ("a",)).close()
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(0o640)
    CsvSink(path, ("a",)).close()
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "out.csv", tmp_path / "link.csv"
    link.symlink_to(path)
    CsvSink(link, ("a",)).close()
    assert link.is_symlink()
    assert path.is_file()


def test_the_input_may_be_the_output(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n2\n")
    source = open_source(path)
    with sink_for(path, source.header) as sink:
        while rows := source.read(1):
            sink.write([lost(0, row) for row in rows])
    source.close()
    assert [row["a"] for row in read_back(path)] == ["1", "2"]


FULL_DISK = """
import random, resource, sys
from frgov_clients.ban.exchange import Verdict
from frgov_clients.ban.bulk.model import Geocoded, Status
from frgov_clients.ban.bulk.sink import sink_for
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), most))
row = {"a": "x" * 50, "b": 1} | ({"more": 1} if "long" in sys.argv else {})
batch = [Geocoded(0, row, Status.SKIPPED, Verdict.NONE)] * 1000
try:
    with sink_for(sys.argv[1], ("a", "b")) as sink:
        for _ in range(20):
            for result in batch:
                row["a"] = str(random.random())
                sink.write([result])
except OSError as error:
    print("OSError", error.errno)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of a file")
@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl"])
@pytest.mark.parametrize("limit", [1000, 100_000])
@pytest.mark.parametrize("kind", ["short", "long"])
def test_a_disk_that_is_full(tmp_path: Path, name: str, limit: int, kind: str) -> None:
    path = tmp_path / name
    path.write_text("before")
    program = [sys.executable, "-W", "error", "-c", FULL_DISK, str(path), str(limit), kind]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("OSError 27\n", "")
    assert path.read_text() == "before"
    assert alone(path)


ALMOST_FULL = """
import os, resource, sys
from frgov_clients.ban.bulk.sink import sink_for
sink_for(sys.argv[1], ("a", "b")).close()
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(sys.argv[1]) - 2, most))
try:
    sink_for(sys.argv[1], ("a", "b")).close()
except OSError as error:
    print(error.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of a file")
@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz"])
def test_a_disk_that_takes_all_but_the_last_bytes(tmp_path: Path, name: str) -> None:
    program = [sys.executable, "-W", "error", "-c", ALMOST_FULL, str(tmp_path / name)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("27\n", "")
    assert read_back(tmp_path / name) == []
    assert alone(tmp_path / name)


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl"])
def test_a_disk_that_fails_at_the_end(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", broken)
    sink = sink_for(tmp_path / name, ("a",))
    sink.write([lost(0, {"a": 1})])
    with pytest.raises(OSError, match="Input/output"):
        sink.close()
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("surplus", [{}, {"z": 1}])
def test_a_name_that_was_taken_meanwhile(tmp_path: Path, surplus: dict[str, int]) -> None:
    sink = CsvSink(tmp_path / "out.csv", ("a",))
    sink.write([lost(0, {"a": 1, **surplus})])
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        sink.close()
    assert names_in(tmp_path) == ["out.csv"]


def test_a_second_pass_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    sink = CsvSink(tmp_path / "out.csv", ("a",))
    sink.write([lost(0, {"a": 1, "z": 2})])
    monkeypatch.setattr(sink, "_with_surplus", broken)
    with pytest.raises(OSError, match="No space"):
        sink.close()
    assert names_in(tmp_path) == []


def test_a_sink_of_ones_own_says_how_it_writes(tmp_path: Path) -> None:
    sink = Sink(tmp_path / "out", "utf-8")
    with pytest.raises(NotImplementedError), sink:
        sink.write([])
    assert names_in(tmp_path) == []
