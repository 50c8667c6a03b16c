"""What an asynchronous project is to do with its file, as the service reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from ..errors import InvalidRequest

if TYPE_CHECKING:
    from .dialects import Dialect
    from .values import Values

__all__ = ["pipeline_of", "same_pipeline"]


def pipeline_of(
    dialect: Dialect,
    *,
    columns: Sequence[str] | None,
    filters: Mapping[str, str] | None,
    result_columns: Sequence[str] | None,
    operation: str,
    indexes: Values | None,
    lon: str | None,
    lat: str | None,
    output_format: str,
) -> dict[str, Any]:
    """The pipeline as the service reads it. Raises `InvalidRequest` for what it would not heed."""
    from .params import indexes_of

    options: dict[str, Any] = {}
    if operation not in {"search", "reverse"}:
        raise InvalidRequest.of("operation", "search or reverse")
    if output_format not in {"csv", "geojson"}:
        raise InvalidRequest.of("output_format", "csv or geojson")
    if operation == "search" and columns is None:
        raise InvalidRequest.of("columns", "required for search: the names of the columns that make up the address")
    for field, names in (("columns", columns), ("result_columns", result_columns)):
        if names is not None:
            options[field] = _names(field, names)
    for name, column in (filters or {}).items():
        if name not in dialect.csv.filters:
            raise InvalidRequest.of("filters", f"some of {', '.join(sorted(dialect.csv.filters))}")
        options[name] = _names("filters", [column])[0]
    if (lon is None) != (lat is None):
        raise InvalidRequest.of("lat/lon", "both or none")
    options |= {name: _names(name, [value])[0] for name, value in (("lon", lon), ("lat", lat)) if value is not None}
    if indexes is not None:
        options["indexes"] = list(indexes_of(indexes, dialect))
    return {"geocodeOptions": {**options, "operation": operation}, "outputFormat": output_format}


def _names(field: str, names: Sequence[str]) -> list[str]:
    found = list(names) if isinstance(cast("object", names), Sequence) and not isinstance(names, str) else []
    if not found or not all(isinstance(cast("object", name), str) and name for name in found):
        raise InvalidRequest.of(field, "the names of columns, as a list of texts")
    return found


def same_pipeline(asked: Mapping[str, Any], found: Mapping[str, Any] | None) -> bool:
    """Whether a project holds this pipeline already; the service adds what was left out."""
    if found is None or found.get("outputFormat") != asked["outputFormat"]:
        return False
    options = dict(found.get("geocodeOptions") or {})
    added = {"indexes": ["address"]}
    return {**added, **options} == {**added, **asked["geocodeOptions"]}
