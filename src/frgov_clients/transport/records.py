"""What the models of all services have in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Geometry", "Point", "Record"]


class Record(BaseModel):
    """What all models share: immutable, unknown fields kept, built at the first use so that importing is cheap."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)


class Geometry(Record):
    """Any GeoJSON geometry, in WGS84 degrees, longitude first."""

    type: str
    """`Point`, `LineString`, `Polygon`, `MultiPolygon`, ..."""
    coordinates: list[Any] | None = None
    geometries: list[Geometry] | None = None
    """The parts of a `GeometryCollection`."""


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
