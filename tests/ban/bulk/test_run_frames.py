"""The results of a run as a frame: the same from both clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import polars as pl
import pytest
from bulk_parts import every_address, near, rows_of, take
from pandas.testing import assert_frame_equal
from polars.testing import assert_frame_equal as assert_polars_equal

from frgov_clients.ban.bulk.sink.cells import result_columns
from frgov_clients.testing.geopf import FakeGeopf

ADDRESSES: list[dict[str, Any]] = [
    *rows_of(3),
    {"id": "L3", "proprietaire": None, "adresse": "3 chemin de nulle part", "cp": "90000", "ville": "BELFORT"},
    {"id": "L4", "proprietaire": "", "adresse": "", "cp": "", "ville": ""},
]
POINTS: list[dict[str, Any]] = [
    {"n": 1, "lon": 6.801, "lat": 47.61},
    {"n": 2, "lon": 47.62, "lat": 6.802},
    {"n": 3, "lon": 6.803, "lat": 47.63},
    {"n": 4, "lon": 2.35, "lat": 50.5},
    {"n": 5, "lon": 0.0, "lat": 0.0},
]
STATUSES = ["ok", "ok", "ok", "not_found", "skipped"]
LABELS = {
    "geocode_many": [
        "1 RUE DES LILAS 90000 BELFORT",
        "1 RUE DE LA PAIX 90000 BELFORT",
        "1 RUE VICTOR HUGO 90000 BELFORT",
    ],
    "reverse_many": [f"{number} Rue des Points 90000 Belfort" for number in (6801, 6802, 6803)],
}
INDEX = pd.Index(["i", "i", "j", "k", "a"], name="parcelle")


@pytest.fixture(params=["geocode_many", "reverse_many"])
def many(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(many: str) -> list[dict[str, Any]]:
    return ADDRESSES if many == "geocode_many" else POINTS


@pytest.fixture
def server(many: str) -> Iterator[FakeGeopf]:
    with FakeGeopf(answer=every_address if many == "geocode_many" else near) as fake:
        yield fake


def added(many: str, prefix: str = "ban_") -> dict[str, str]:
    """The columns of the results, with their types."""
    columns = result_columns("search" if many == "geocode_many" else "reverse")
    return {prefix + column.name: column.type for column in columns}


@pytest.mark.parametrize("size", [0, 40], ids=["one by one", "by a file"])
def test_pandas_beside_a_pandas_frame_keeps_its_index_and_its_types(colour, many, rows, server, size):
    frame = pd.DataFrame(rows, index=INDEX).assign(rank=pd.array([1, 2, 3, None, 5], dtype="Int8"))
    frame = pd.concat([frame, *[frame.iloc[:3]] * (size // 3)])
    before = frame.copy(deep=True)
    result, report = take(colour, server.url, frame, "to_pandas", many=many)
    assert report.complete
    assert_frame_equal(result[list(frame.columns)], before)
    assert_frame_equal(frame, before)
    assert list(result.columns) == [*frame.columns, *added(many)]
    for name, kind in added(many).items():
        assert result[name].dtype == ("string" if kind == "text" else "float64")
    assert list(result["ban_status"][:5]) == STATUSES
    assert list(result["ban_label"][:3]) == LABELS[many]
    assert result["ban_label"][3:5].isna().all()
    assert result["ban_lon"][3:5].isna().all()
    assert list(result["ban_status"][5:]) == ["ok"] * (len(frame) - 5)
    assert_frame_equal(result, take("sync", server.url, frame, "to_pandas", many=many)[0])


@pytest.mark.parametrize("size", [0, 40], ids=["one by one", "by a file"])
def test_polars_beside_a_polars_frame_keeps_its_types(colour, many, rows, server, size):
    frame = pl.DataFrame(rows).with_columns(pl.Series("rank", [1, 2, 3, None, 5], dtype=pl.Int8))
    frame = pl.concat([frame, *[frame[:3]] * (size // 3)])
    result, report = take(colour, server.url, frame, "to_polars", many=many)
    assert report.complete
    assert_polars_equal(result.select(frame.columns), frame)
    assert result.columns == [*frame.columns, *added(many)]
    for name, kind in added(many).items():
        assert result.schema[name] == (pl.String if kind == "text" else pl.Float64)
    assert result["ban_status"].to_list()[:5] == STATUSES
    assert result["ban_label"].to_list()[:5] == [*LABELS[many], None, None]
    assert result["ban_lon"].to_list()[3:5] == [None, None]
    assert_polars_equal(result, take("sync", server.url, frame, "to_polars", many=many)[0])


@pytest.mark.parametrize("way", ["to_pandas", "to_polars"])
def test_rows_become_a_frame_with_their_values(colour, many, rows, server, way):
    result, _ = take(colour, server.url, iter(rows), way, many=many)
    again, _ = take("sync", server.url, iter(rows), way, many=many)
    (assert_frame_equal if way == "to_pandas" else assert_polars_equal)(result, again)
    for name in rows[0]:
        values = result[name].to_list()
        assert [None if pd.isna(value) else value for value in values] == [row[name] for row in rows]
    assert result["ban_status"].to_list() == STATUSES
    assert result["ban_label"].to_list()[:3] == LABELS[many]
    assert set(result.columns) == {*rows[0], *added(many)}
    if way == "to_pandas":
        assert result.index.equals(pd.RangeIndex(5))


def test_a_frame_of_the_other_library_is_taken_as_rows(colour, many, rows, server):
    from_pandas, _ = take(colour, server.url, pd.DataFrame(rows, index=INDEX), "to_polars", many=many)
    from_polars, _ = take(colour, server.url, pl.DataFrame(rows), "to_pandas", many=many)
    for result in (from_pandas, from_polars):
        assert set(result.columns) == {*rows[0], *added(many)}
        assert result["ban_status"].to_list() == STATUSES
        assert result[next(iter(rows[0]))].to_list() == [next(iter(row.values())) for row in rows]
    assert from_polars.index.equals(pd.RangeIndex(5))


@pytest.mark.parametrize("way", ["to_pandas", "to_polars"])
def test_a_frame_has_the_prefix_that_is_asked(colour, many, rows, server, way):
    result, _ = take(colour, server.url, rows, way, many=many, taking={"prefix": "x_"})
    assert set(result.columns) == {*rows[0], *added(many, "x_")}
