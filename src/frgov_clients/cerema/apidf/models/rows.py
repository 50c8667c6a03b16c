"""What all rows have in common, and a row with its geometry."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast

from pydantic import model_validator

from ....transport.records import Discreet, Geometry

__all__ = ["Feature", "Row", "feature_key", "key_columns_of", "row_key"]


class Row(Discreet):
    """One row of a table. Columns that are not known here are kept (`model_extra`); `repr` leaves out what is empty,
    what is not known here, and what speaks of a person."""

    key_columns: ClassVar[tuple[str, ...]] = ()
    """The columns that tell one row from all others; none where no column does."""


R = TypeVar("R", bound=Row)


class Feature(Discreet, Generic[R]):
    """A row with its geometry; `repr` shows of both what they show of themselves."""

    type: Literal["Feature"] = "Feature"
    id: int | str | None = None
    """What the row is told by, as the service writes it; it stands in `properties` too."""
    properties: R
    geometry: Geometry | None = None
    """`None` where the service has none."""

    @model_validator(mode="before")
    @classmethod
    def _with_its_key(cls, value: Any) -> Any:
        """The service takes the identifier out of the properties: put it back where the row has it."""
        if not isinstance(value, dict):
            return value
        feature = cast("dict[str, Any]", value)
        names = key_columns_of(cls)
        properties = feature.get("properties")
        if len(names) == 1 and isinstance(properties, dict) and feature.get("id") is not None:
            return {**feature, "properties": {names[0]: feature["id"], **cast("dict[str, Any]", properties)}}
        return feature


def row_key(row: Row) -> Hashable:
    """What tells a row from all others; `None` when nothing does."""
    key = tuple(getattr(row, name) for name in type(row).key_columns)
    return None if not key or None in key else key


def feature_key(feature: Feature[Any]) -> Hashable:
    """What tells a row with its geometry from all others; `None` when nothing does."""
    return row_key(feature.properties)


def key_columns_of(model: type[Row | Feature[Any]]) -> tuple[str, ...]:
    """The columns that tell rows apart, also of a class of rows with geometries."""
    row: Any = model.model_fields["properties"].annotation if issubclass(model, Feature) else model
    return getattr(row, "key_columns", ())
