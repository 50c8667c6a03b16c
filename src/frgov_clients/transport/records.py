"""What the models of all services have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Discreet", "Geometry", "Point", "Record"]


class Record(BaseModel):
    """What all models share: immutable, unknown fields kept, built at the first use so that importing is cheap."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)


class Discreet(Record):
    """A record whose `repr` leaves out what is empty and what is not known here, which may speak of a person."""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        known = type(self).model_fields
        return [(name, value) for name, value in super().__repr_args__() if name in known and value not in (None, ())]


class Geometry(Record):
    """Any GeoJSON geometry, in WGS84 degrees, longitude first. `repr` tells how many positions it has, not which."""

    type: str
    """`Point`, `LineString`, `Polygon`, `MultiPolygon`, ..."""
    coordinates: list[Any] | None = None
    geometries: list[Geometry] | None = None
    """The parts of a `GeometryCollection`."""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("type", self.type), ("positions", _positions(self))]


def _positions(geometry: Geometry) -> int:
    return _count(geometry.coordinates or []) + sum(map(_positions, geometry.geometries or ()))


def _count(shape: list[Any]) -> int:
    """How many positions lie in nested lists; a list that does not begin with another one is one."""
    if not shape:
        return 0
    return sum(map(_count, shape)) if isinstance(shape[0], list) else 1


class Point(Record):
    """A GeoJSON point, in WGS84 degrees."""

    type: Literal["Point"]
    coordinates: Annotated[tuple[Annotated[float, Field(allow_inf_nan=False)], ...], Field(min_length=2)]
    """Longitude, latitude, and sometimes an altitude."""

    @property
    def lon(self) -> float:
        """Longitude, degrees east."""
        return self.coordinates[0]

    @property
    def lat(self) -> float:
        """Latitude, degrees north."""
        return self.coordinates[1]
