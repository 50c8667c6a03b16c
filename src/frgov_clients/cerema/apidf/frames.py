"""Rows as a frame whose columns have the types that the models declare."""

from __future__ import annotations

import importlib
import json
import types
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

from ...errors import ConfigurationError

if TYPE_CHECKING:
    from ...transport.operation import Operation, Parts

__all__ = ["Frame"]

Kind: TypeAlias = Literal["text", "whole", "number", "flag", "day", "texts", "numbers", "any"]
_OF_TYPE: Final[Mapping[Any, Kind]] = {str: "text", int: "whole", float: "number", bool: "flag", date: "day"}


class Frame:
    """Collects rows column by column, so that no row is kept."""

    def __init__(self, asked: Operation[Any] | Parts[Any]) -> None:
        parts: Any = asked  # every list here is made of parts
        model = parts.model()
        self._has_geometry = "geometry" in model.model_fields
        row = model.model_fields["properties"].annotation if self._has_geometry else model
        self._declared = _kinds(row)
        self._columns: dict[str, list[Any]] = {}
        self._geometries: list[Any] = []
        self._count = 0

    def add(self, row: Any) -> None:
        """One row, or one row with its geometry."""
        if self._has_geometry:
            geometry = row.geometry
            self._geometries.append(None if geometry is None else geometry.model_dump(exclude_none=True))
            row = row.properties
        extra: dict[str, Any] = row.model_extra or {}
        came = row.model_fields_set | extra.keys()
        for name in came - self._columns.keys():
            self._columns[name] = [None] * self._count
        for name, values in self._columns.items():
            values.append((extra[name] if name in extra else getattr(row, name)) if name in came else None)
        self._count += 1

    def to_pandas(self) -> Any:
        """A pandas frame; geometries are GeoJSON."""
        pandas = _library("pandas", "pandas")
        columns = {name: _pandas_column(pandas, kind, values) for name, kind, values in self._ordered()}
        if self._has_geometry:
            columns["geometry"] = pandas.Series(self._geometries, dtype=object)
        return pandas.DataFrame(columns, index=pandas.RangeIndex(self._count))

    def to_polars(self) -> Any:
        """A polars frame; geometries, and what has no fixed type, are JSON."""
        polars = _library("polars", "polars")
        columns = [_polars_column(polars, name, kind, values) for name, kind, values in self._ordered()]
        if self._has_geometry:
            columns.append(_polars_column(polars, "geometry", "any", self._geometries))
        return polars.DataFrame(columns)

    def to_geopandas(self) -> Any:
        """A GeoDataFrame in WGS84; a row without a geometry stays."""
        geopandas = _library("geopandas", "geo")
        shape = importlib.import_module("shapely.geometry").shape
        shapes = [None if geometry is None else shape(geometry) for geometry in self._geometries]
        frame = self.to_pandas().drop(columns="geometry")
        return geopandas.GeoDataFrame(frame, geometry=geopandas.GeoSeries(shapes, index=frame.index, crs="EPSG:4326"))

    def _ordered(self) -> Iterable[tuple[str, Kind, list[Any]]]:
        """Columns as declared, then those that are not; without any row all that are declared."""
        for name, kind in self._declared.items():
            if name in self._columns or not self._count:
                yield name, kind, self._columns.get(name, [])
        for name in sorted(self._columns.keys() - self._declared.keys()):
            yield name, _kind_of_values(self._columns[name]), self._columns[name]


# ---- types -------------------------------------------------------------------------------------------------


def _kinds(model: Any) -> dict[str, Kind]:
    return {name: _kind_of(field.annotation) for name, field in model.model_fields.items()}


def _kind_of(annotation: Any) -> Kind:
    """What a column of this type holds, or nothing."""
    if get_origin(annotation) in {Union, types.UnionType}:
        annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
    if hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is tuple:
        return "numbers" if get_args(annotation)[0] is float else "texts"
    return _OF_TYPE.get(annotation, "any")


def _kind_of_values(values: list[Any]) -> Kind:
    """The same for a column that no model declares."""
    found: set[Any] = {type(value) for value in values if value is not None}
    if found == {int, float}:
        return "number"
    return _OF_TYPE.get(found.pop(), "any") if len(found) == 1 else "any"


def _pandas_column(pandas: Any, kind: Kind, values: list[Any]) -> Any:
    if kind in {"texts", "numbers"}:
        values = [None if value is None else list(value) for value in values]
    if kind == "number":
        values = [float("nan") if value is None else value for value in values]
    dtypes = {"text": "string", "whole": "Int64", "number": "float64", "flag": "boolean", "day": "datetime64[s]"}
    return pandas.Series(values, dtype=dtypes.get(kind, object))


def _polars_column(polars: Any, name: str, kind: Kind, values: list[Any]) -> Any:
    dtypes = {
        "text": polars.String,
        "whole": polars.Int64,
        "number": polars.Float64,
        "flag": polars.Boolean,
        "day": polars.Date,
        "texts": polars.List(polars.String),
        "numbers": polars.List(polars.Float64),
        "any": polars.String,
    }
    if kind in {"texts", "numbers"}:
        values = [None if value is None else list(value) for value in values]
    elif kind == "any":
        values = [value if value is None or isinstance(value, str) else _json(value) for value in values]
    return polars.Series(name, values, dtype=dtypes[kind])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _library(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ConfigurationError(f'This needs {name}: pip install "frgov-clients[{extra}]"') from None
