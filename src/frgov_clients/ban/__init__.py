"""Addresses: the national geocoder (Base Adresse Nationale, Géoplateforme), or an addok of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .client import AsyncBanClient, BanClient, BanOptions
    from .csvfile import CsvResult
    from .dialects import ADDOK, GEOPF, Dialect
    from .geometry import Circle, Polygon
    from .models import (
        AddressFeature,
        CompletionResult,
        ParcelFeature,
        PoiFeature,
        PositionOfInterest,
        SearchResult,
        StreetAddress,
    )
    from .params import Filters
    from .project_cycle import ProjectFailed, ProjectOutput
    from .project_models import Project
    from .reference_models import Capabilities, Commune, Numero, Voie

_HOME: Final = {
    "ADDOK": ".dialects",
    "AddressFeature": ".models",
    "AsyncBanClient": ".client",
    "BanClient": ".client",
    "BanOptions": ".client",
    "Capabilities": ".reference_models",
    "Circle": ".geometry",
    "Commune": ".reference_models",
    "CompletionResult": ".models",
    "CsvResult": ".csvfile",
    "Dialect": ".dialects",
    "Filters": ".params",
    "GEOPF": ".dialects",
    "Numero": ".reference_models",
    "ParcelFeature": ".models",
    "PoiFeature": ".models",
    "Polygon": ".geometry",
    "PositionOfInterest": ".models",
    "Project": ".project_models",
    "ProjectFailed": ".project_cycle",
    "ProjectOutput": ".project_cycle",
    "SearchResult": ".models",
    "StreetAddress": ".models",
    "Voie": ".reference_models",
}

__all__ = [
    "ADDOK",
    "GEOPF",
    "AddressFeature",
    "AsyncBanClient",
    "BanClient",
    "BanOptions",
    "Capabilities",
    "Circle",
    "Commune",
    "CompletionResult",
    "CsvResult",
    "Dialect",
    "Filters",
    "Numero",
    "ParcelFeature",
    "PoiFeature",
    "Polygon",
    "PositionOfInterest",
    "Project",
    "ProjectFailed",
    "ProjectOutput",
    "SearchResult",
    "StreetAddress",
    "Voie",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
