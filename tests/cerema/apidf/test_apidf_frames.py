"""Lists as frames: the columns that came, with types that do not depend on what came."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pytest
from apidf_parts import FAST, PAIR, SmallApidf, always, feature, mutation, page

from frgov_clients.cerema.apidf import Mutation
from frgov_clients.errors import ConfigurationError, IncompleteResult
from support import COLOURS, play

ROWS = [
    mutation(1, valeurfonc=None, nblocmut=None, datemut=None, vefa=None, autre="a", mixte=1),
    mutation(2, nbdispo="3", autre=None, mixte=2.5, objet={"é": [1]}),
]
TYPES = {
    "idmutation": "Int64",
    "idnatmut": "string",
    "datemut": "datetime64[s]",
    "anneemut": "Int64",
    "coddep": "string",
    "vefa": "boolean",
    "valeurfonc": "float64",
    "l_codinsee": "object",
    "nblocmut": "Int64",
    "sterr": "float64",
    "nbdispo": "Int64",
    "autre": "string",
    "mixte": "float64",
    "objet": "object",
}


def framed(how: str, found: Any, name: str = "dvf_mutations", **options: Any) -> Any:
    with SmallApidf(always(found)) as small, PAIR[0](base_url=small.url, **FAST, **options) as client:
        return getattr(getattr(client, name)(code_insee="01004"), how)()


def test_a_pandas_frame_is_typed() -> None:
    frame = framed("to_pandas", page(ROWS))
    assert {name: str(frame[name].dtype) for name in TYPES} == TYPES
    assert frame["valeurfonc"].isna().tolist() == [True, False]
    assert frame["nbdispo"].isna().tolist() == [True, False]  # a column that only a later row has
    assert frame["datemut"].tolist()[1] == pd.Timestamp("2023-04-05")
    assert frame["l_codinsee"].tolist() == [["01004"], ["01004"]]
    assert frame["coddep"].tolist() == ["01", "01"]
    assert frame["objet"].tolist()[1] == {"é": [1]}
    assert "nbmai5pp" not in frame  # no row has it
    assert list(frame.columns[:3]) == ["idmutation", "idmutinvar", "idnatmut"]  # in the order of the model
    assert list(frame.columns[-3:]) == ["autre", "mixte", "objet"]


def test_a_polars_frame_is_typed() -> None:
    frame = framed("to_polars", page(ROWS))
    wanted = {
        "idmutation": pl.Int64(),
        "datemut": pl.Date(),
        "vefa": pl.Boolean(),
        "valeurfonc": pl.Float64(),
        "l_codinsee": pl.List(pl.String),
        "coddep": pl.String(),
        "mixte": pl.Float64(),
        "objet": pl.String(),
    }
    assert {name: frame.schema[name] for name in wanted} == wanted
    assert frame["datemut"].to_list() == [None, date(2023, 4, 5)]
    assert frame["l_codinsee"].to_list() == [["01004"], ["01004"]]
    assert frame["objet"].to_list() == [None, '{"é":[1]}']


def test_an_empty_list_has_all_columns_with_their_types() -> None:
    pandas, polars = framed("to_pandas", page([])), framed("to_polars", page([]))
    assert list(pandas.columns) == polars.columns == list(Mutation.model_fields)
    assert (len(pandas), polars.height) == (0, 0)
    for name, dtype in TYPES.items():
        if name in pandas:
            assert str(pandas[name].dtype) == dtype
    assert polars.schema["valeurfonc"] == pl.Float64()
    full = framed("to_pandas", page([mutation(1)]))
    assert {name: full[name].dtype for name in full} == {name: pandas[name].dtype for name in full}
    assert pd.concat([pandas, full])["coddep"].tolist() == ["01"]


@pytest.mark.parametrize("colour", COLOURS)
def test_both_colours(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        listed = client.dvf_geomutations(code_insee="01004")
        return await listed.to_pandas(), await listed.to_polars(), await client.dvf_mutation(1)

    rows = page([feature(1), {**feature(2), "geometry": None}], geo=True)
    with SmallApidf(lambda path, _: mutation(1) if path.endswith("/1/") else rows) as small:
        pandas, polars, one = play(colour, PAIR, scenario, base_url=small.url, **FAST)
    assert pandas["idmutation"].tolist() == polars["idmutation"].to_list() == [1, 2]
    assert pandas["geometry"].tolist()[0]["type"] == "MultiPolygon"
    assert pandas["geometry"].tolist()[1] is None
    assert polars["geometry"].to_list()[0].startswith('{"type":"MultiPolygon","coordinates":[[[[5.0,46.0]')
    assert one.idmutation == 1


def test_a_list_that_is_not_whole_gives_no_frame() -> None:
    with pytest.raises(IncompleteResult):
        framed("to_pandas", page([mutation(1)], total=2))


@pytest.mark.parametrize(("how", "library"), [("to_pandas", "pandas"), ("to_polars", "polars")])
def test_a_missing_library_is_named(how: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigurationError, match=rf"frgov-clients\[{library}\]"):
        framed(how, page([mutation(1)]))
    monkeypatch.setitem(sys.modules, "geopandas", None)
    with pytest.raises(ConfigurationError, match=r"frgov-clients\[geo\]"):
        framed("to_geopandas", page([feature(1)], geo=True), "dvf_geomutations")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_geodataframe(count: int) -> None:
    geopandas = pytest.importorskip("geopandas")
    rows = [feature(number) for number in range(count)]
    if count == 3:
        rows[1]["geometry"] = None
    found = framed("to_geopandas", page(rows, geo=True), "dvf_geomutations")
    assert isinstance(found, geopandas.GeoDataFrame)
    assert found.crs.to_epsg() == 4326
    assert found["idmutation"].tolist() == list(range(count))
    assert str(found["valeurfonc"].dtype) == "float64"
    assert [shape is None or shape.geom_type for shape in found.geometry] == [
        True if count == 3 and number == 1 else "MultiPolygon" for number in range(count)
    ]
    if count == 1:
        assert found.geometry[0].bounds == (5.0, 46.0, 5.1, 46.1)

    async def story() -> Any:
        async with PAIR[1](base_url=small.url, **FAST) as client:
            return await client.dvf_geomutations(code_insee="01004").to_geopandas()

    with SmallApidf(always(page(rows, geo=True))) as small:
        assert asyncio.run(story()).equals(found)
