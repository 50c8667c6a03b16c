"""Iterables, cursors and frames as one stream of rows."""

from __future__ import annotations

import dataclasses
import sqlite3
import sys
from collections import UserDict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd
import polars as pl
import pytest

from frgov_clients.ban.bulk.source import Source, open_source
from frgov_clients.ban.bulk.source.frame_rows import FrameRows
from frgov_clients.errors import ConfigurationError, InvalidRequest

DICTS: list[dict[str, Any]] = [{"adresse": "1 rue X", "cp": "90000"}, {"adresse": "2 rue X", "cp": None}, {"cp": 1}]


def drained(source: Source, most: int = 2) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while piece := source.read(most):
        assert len(piece) <= most
        rows += map(dict, piece)
    assert list(source.read(most)) == []
    source.close()
    return rows


# ---- iterables ---------------------------------------------------------------------------------------------


def test_mappings_come_as_they_are() -> None:
    source = open_source(DICTS)
    assert (source.header, source.total, source.share) == (None, 3, None)
    assert source.read(1)[0] is DICTS[0]
    assert source.header == ("adresse", "cp")
    assert drained(source) == DICTS[1:]
    assert open_source(UserDict(row) for row in DICTS).read(1) == [UserDict(DICTS[0])]


def test_a_generator_may_fill_the_same_dictionary_again() -> None:
    def rows() -> Iterator[dict[str, int]]:
        row: dict[str, int] = {}
        for number in range(3):
            row["n"] = number
            yield row

    source = open_source(rows())
    assert source.total is None
    assert drained(source) == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_a_generator_is_read_no_further_than_asked() -> None:
    taken: list[int] = []
    source = open_source({"n": taken.append(number) or number} for number in range(100))
    source.read(5)
    assert len(taken) == 5


def test_records_bring_their_names_or_are_given_them() -> None:
    class Place(NamedTuple):
        adresse: str
        cp: str

    expected = [{"adresse": "1 rue X", "cp": "90000"}]
    assert drained(open_source([Place("1 rue X", "90000")])) == expected
    assert drained(open_source([["1 rue X", "90000"]], header=("adresse", "cp"))) == expected
    source = open_source([(1, 2)], header=("a", "a"))
    assert drained(source) == [{"a": 1, "a_2": 2}]
    assert source.notes == {"header_renamed": 1}


@dataclasses.dataclass
class Thing:
    adresse: str


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (5, "rows"),
        (None, "rows"),
        ({"adresse": "7f3a"}, "put it into a list"),
        (["7f3a"], "mappings"),
        ([("7f3a",)], "header"),
        ([b"7f3a"], "mappings"),
        ([5], "mappings"),
        ([Thing("7f3a")], "mappings"),
    ],
)
def test_what_is_no_row(rows: object, match: str) -> None:
    with pytest.raises(InvalidRequest, match=match) as caught:
        open_source(rows).read(5)
    assert "7f3a" not in str(caught.value)


def test_a_record_with_a_cell_too_many() -> None:
    with pytest.raises(InvalidRequest, match="as many cells"):
        open_source([("7f3a", 2, 3)], header=("a", "b")).read(5)


def test_options_of_csv_are_for_csv() -> None:
    with pytest.raises(InvalidRequest, match="CSV"):
        open_source(DICTS, delimiter=";")


def test_what_the_iterable_raises_passes_through() -> None:
    def rows() -> Iterator[dict[str, int]]:
        yield {"n": 1}
        raise OSError("broken")

    source = open_source(rows())
    assert source.read(5) == [{"n": 1}]
    for _ in range(2):  # and never the end
        with pytest.raises(OSError, match="broken"):
            source.read(5)
    with pytest.raises(OSError, match="broken"):
        source.read(5)


# ---- cursors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factory", [None, sqlite3.Row])
def test_a_cursor(factory: Any) -> None:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = factory
    try:
        cursor = connection.execute("SELECT value AS n, 'x' AS a, NULL AS a FROM json_each('[1,2,3]')")
        source = open_source(cursor)
        assert source.header == ("n", "a", "a_2")
        assert source.total is None
        assert drained(source) == [{"n": number, "a": "x", "a_2": None} for number in (1, 2, 3)]
        rows = open_source(
            connection.execute("SELECT 1 AS n, 2 AS a").fetchall(), header=None if factory else ("n", "a")
        )
        assert drained(rows) == [{"n": 1, "a": 2}]
        with pytest.raises(InvalidRequest, match="Execute a query"):
            open_source(connection.cursor())
    finally:
        connection.close()


def test_a_cursor_of_mappings() -> None:
    class Cursor:
        description = (("a", None), ("b", None))

        def __init__(self) -> None:
            self.rows = [{"a": 1, "b": 2}]

        def fetchmany(self, most: int) -> list[dict[str, int]]:
            given, self.rows = self.rows[:most], self.rows[most:]
            return given

    assert drained(open_source(Cursor())) == [{"a": 1, "b": 2}]


# ---- frames ------------------------------------------------------------------------------------------------


def test_a_pandas_frame_with_everything_missing_in_it() -> None:
    frame = pd.DataFrame(
        [
            [1000.0, "x", pd.Timestamp("2020-01-02"), 1, ["a"], "c1"],
            [None, None, pd.NaT, None, None, float("nan")],
        ],
        columns=["cp", "t", "t", 5, "liste", "o"],
        index=["i", "i"],
    ).astype({5: "Int64", "o": "object"})
    source = open_source(frame)
    assert (source.header, source.total, source.share) == (("cp", "t", "t_2", "5", "liste", "o"), 2, 0)
    assert source.notes == {"header_renamed": 1}
    rows = drained(source, 1)
    assert rows[0] == {"cp": 1000.0, "t": "x", "t_2": pd.Timestamp("2020-01-02"), "5": 1, "liste": ["a"], "o": "c1"}
    assert set(rows[1].values()) == {None}
    assert source.share == 1
    assert list(frame.columns) == ["cp", "t", "t", 5, "liste", "o"]


def test_a_polars_frame() -> None:
    frame = pl.DataFrame({"a": [1, None], "b": [["x", "y"], None], "c": [1.5, float("nan")], "d": ["é", None]})
    source = open_source(frame)
    assert (source.header, source.total) == (("a", "b", "c", "d"), 2)
    assert drained(source, 1) == [{"a": 1, "b": ["x", "y"], "c": 1.5, "d": "é"}, dict.fromkeys("abcd")]


def test_an_arrow_table() -> None:
    arrow = pytest.importorskip("pyarrow")
    table = arrow.Table.from_arrays([arrow.array([1, None]), arrow.array([["x"], None])], names=["a", "a"])
    source = open_source(table)
    assert (source.header, source.total) == (("a", "a_2"), 2)
    assert drained(source, 1) == [{"a": 1, "a_2": ["x"]}, {"a": None, "a_2": None}]


def test_empty_frames() -> None:
    assert drained(open_source(pl.DataFrame({"a": []}))) == []
    assert drained(open_source(pd.DataFrame({"a": []}))) == []
    assert open_source(pd.DataFrame()).header == ()


def test_a_frame_whose_columns_are_called_like_methods() -> None:
    frame = pd.DataFrame({"description": ["x"], "fetchmany": ["y"], "readline": ["z"]})
    assert drained(open_source(frame)) == [{"description": "x", "fetchmany": "y", "readline": "z"}]


def test_lazy_frames_and_series_are_refused() -> None:
    frame = pl.DataFrame({"a": [1]})
    with pytest.raises(InvalidRequest, match="Collect"):
        open_source(frame.lazy())
    for series in (frame["a"], pd.Series([1])):
        with pytest.raises(InvalidRequest, match="frame"):
            open_source(series)


def test_a_frame_of_an_unknown_library_is_refused() -> None:
    class DataFrame:
        columns = ("a",)

    with pytest.raises(InvalidRequest, match="narwhals"):
        open_source(DataFrame())


def test_frames_need_narwhals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "narwhals.stable.v1", None)
    with pytest.raises(ConfigurationError, match="pip install"):
        FrameRows(pd.DataFrame({"a": [1]}))


def test_rows_with_other_columns_than_the_first_are_counted() -> None:
    rows = [
        {"adresse": "1 rue X", "cp": "90000"},
        {"adresse": "2 rue X", "code_postal": "90000"},
        {"adresse": "3 rue X"},
    ]
    source = open_source(iter(rows))
    assert source.read(10) == rows
    assert source.notes == {"other_columns": 2}
