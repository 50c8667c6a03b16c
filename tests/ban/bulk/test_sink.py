"""Results written beside the caller's columns: whole or not at all, and nothing of the caller's changed."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections import UserDict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sink_parts import ANSWER, FOUND, LOST, alone, found, lost, names_in, prefixed, read_back

from frgov_clients.ban.bulk.sink import RESULT_COLUMNS, CsvSink, JsonLinesSink, sink_for
from frgov_clients.ban.bulk.sink.cells import cell_text, result_columns, values_of
from frgov_clients.ban.bulk.source import open_source
from frgov_clients.errors import InvalidRequest

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
