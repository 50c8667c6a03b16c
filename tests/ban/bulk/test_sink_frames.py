"""Results as frames."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pandas as pd
import polars as pl
import pytest

from frgov_clients.ban.bulk.model import Geocoded, Status
from frgov_clients.ban.bulk.sink.frames import to_pandas, to_polars
from frgov_clients.ban.bulk.source import open_source
from frgov_clients.ban.exchange import Answer, Verdict
from frgov_clients.errors import ConfigurationError, InvalidRequest

ANSWER = Answer("4 Rue X", "housenumber", "1", 6.8, 47.5, 0.9, citycode="01053")


def geocoded(rows: Any) -> list[Geocoded]:
    """Every second row is found, the first among them."""
    return [
        Geocoded(place, row, Status.SKIPPED, Verdict.NONE)
        if place % 2
        else Geocoded(place, row, Status.OK, Verdict.EXACT, ANSWER)
        for place, row in enumerate(rows)
    ]


def test_pandas_beside_the_frame() -> None:
    frame = pd.DataFrame(
        [[1, "a", True], [2, "b", False], [3, "c", True]], columns=["n", "t", "t"], index=["i", "i", "j"]
    ).astype({"n": "int8"})
    result = to_pandas(iter(geocoded(open_source(frame).read(5))), frame)
    assert list(result.columns[:4]) == ["n", "t", "t", "ban_status"]
    pd.testing.assert_frame_equal(result.iloc[:, :3], frame)
    assert list(result["ban_citycode"].fillna("-")) == ["01053", "-", "01053"]
    assert list(result["ban_lon"].fillna(0)) == [6.8, 0, 6.8]
    assert result["ban_lon"].dtype == result["ban_score"].dtype == "float64"
    assert result["ban_citycode"].dtype == result["ban_verdict"].dtype == "string"
    assert list(result["ban_verdict"]) == ["exact", "none", "exact"]
    assert list(frame.columns) == ["n", "t", "t"]


def test_polars_beside_the_frame() -> None:
    frame = pl.DataFrame({"n": [1, 2, 3], "l": [["a"], None, []]}, schema={"n": pl.Int8, "l": pl.List(pl.String)})
    result = to_polars(iter(geocoded(open_source(frame).read(5))), frame)
    assert result.select("n", "l").equals(frame)
    assert result.columns[:3] == ["n", "l", "ban_status"]
    assert result["ban_citycode"].to_list() == ["01053", None, "01053"]
    assert result["ban_lon"].to_list() == [6.8, None, 6.8]
    assert (result.schema["ban_lon"], result.schema["ban_oldcity"]) == (pl.Float64, pl.String)


ROWS: list[dict[str, Any]] = [{"a": 1, "b": "x"}, {"a": None, "c": [1]}, {"a": 3, "b": None}]


def test_frames_made_of_rows() -> None:
    pandas = to_pandas(geocoded(ROWS), kind="reverse", prefix="x_")
    assert sorted(pandas.columns[:3]) == ["a", "b", "c"]
    assert list(pandas["a"].fillna(0)) == [1, 0, 3]
    assert list(pandas["c"]) == [None, [1], None]
    assert "x_distance" in pandas.columns
    polars = to_polars(geocoded(ROWS))
    assert polars["a"].to_list() == [1, None, 3]
    assert polars["b"].to_list() == ["x", None, None]
    assert polars["c"].to_list() == [None, [1], None]
    assert polars.height == len(pandas) == 3


ORDER = """
import sys
from frgov_clients.ban.bulk.model import Geocoded, Status
from frgov_clients.ban.bulk.sink import frames
from frgov_clients.ban.exchange import Verdict
row = {"id": 1, "adresse": "4 rue X", "cp": "90000", "ville": "Belfort", "a": 1, "b": 2}
print(*list(getattr(frames, sys.argv[1])([Geocoded(0, row, Status.SKIPPED, Verdict.NONE)]).columns)[:6])
"""


@pytest.mark.parametrize("way", ["to_pandas", "to_polars"])
def test_the_columns_of_a_frame_made_of_rows_stand_as_in_the_rows(way: str) -> None:
    orders = set()
    for seed in "123":
        program = [sys.executable, "-c", ORDER, way]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        orders.add(subprocess.run(program, capture_output=True, text=True, check=True, env=environment).stdout)
    assert orders == {"id adresse cp ville a b\n"}


def test_values_of_several_types_become_text_in_polars() -> None:
    assert to_polars(geocoded([{"a": 1}, {"a": "x"}, {"a": None}]))["a"].to_list() == ["1", "x", None]


@pytest.mark.parametrize("make", [to_pandas, to_polars])
def test_a_name_that_only_a_later_row_has_gives_way(make: Any) -> None:
    rows = [{"a": 1}, {"a": 2, "ban_label": "mine", "ban_label_2": "too"}, {"ban_label": "again"}, {"ban_label": None}]
    notes: Counter[str] = Counter()
    frame = make(geocoded(rows), notes=notes)
    assert frame["ban_label_3"].to_list()[1:3] == ["mine", "again"]
    assert frame["ban_label_2"].to_list()[1] == "too"
    assert list(frame["ban_status"]) == [one.status for one in geocoded(rows)]
    assert notes == {"key_renamed": 2}


def test_no_result_at_all() -> None:
    assert len(to_pandas([])) == to_polars([]).height == 0
    assert "ban_label" in to_pandas([]).columns
    assert "ban_label" in to_polars([]).columns
    assert to_pandas([], pd.DataFrame({"a": []})).columns[0] == "a"
    assert to_polars([], pl.DataFrame({"a": []})).columns[0] == "a"


def test_results_that_are_not_those_of_the_frame() -> None:
    results = geocoded(ROWS)
    for make, frame in ((to_pandas, pd.DataFrame(ROWS)), (to_polars, pl.DataFrame(ROWS))):
        with pytest.raises(InvalidRequest, match="2 for 3"):
            make(results[:2], frame)
        with pytest.raises(InvalidRequest, match="in its order"):
            make(results[::-1], frame)
        with pytest.raises(InvalidRequest, match="prefix='ban2_'"):
            make(geocoded([{"ban_label": "mine"}]))
        for wrong in (5, pl.DataFrame(ROWS).lazy(), pd.DataFrame(ROWS) if make is to_polars else pl.DataFrame(ROWS)):
            with pytest.raises(InvalidRequest, match="frame"):
                make(results, wrong)


@pytest.mark.parametrize(("make", "library"), [(to_pandas, "pandas"), (to_polars, "polars")])
def test_frames_need_their_library(make: Any, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigurationError, match="pip install"):
        make([])
