"""Addresses: the national geocoder (Base Adresse Nationale, Géoplateforme), or an addok of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .bulk.columns import Columns
    from .bulk.journal import Journal, JournalError
    from .bulk.model import Geocoded, Progress, ProjectProgress, ProjectStep, Status
    from .bulk.report import Report
    from .bulk.run import AsyncGeocoding, Geocoding
    from .bulk_operations import BulkOptions
    from .client import AsyncBanClient, BanClient, BanOptions
    from .csvfile import CsvResult
    from .dialects import ADDOK, GEOPF, Dialect
    from .exchange import Answer, Verdict
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
    "Answer": ".exchange",
    "AsyncBanClient": ".client",
    "AsyncGeocoding": ".bulk.run",
    "BanClient": ".client",
    "BanOptions": ".client",
    "BulkOptions": ".bulk_operations",
    "Capabilities": ".reference_models",
    "Circle": ".geometry",
    "Columns": ".bulk.columns",
    "Commune": ".reference_models",
    "CompletionResult": ".models",
    "CsvResult": ".csvfile",
    "Dialect": ".dialects",
    "Filters": ".params",
    "Geocoded": ".bulk.model",
    "Geocoding": ".bulk.run",
    "GEOPF": ".dialects",
    "Journal": ".bulk.journal",
    "JournalError": ".bulk.journal",
    "Numero": ".reference_models",
    "ParcelFeature": ".models",
    "PoiFeature": ".models",
    "Polygon": ".geometry",
    "PositionOfInterest": ".models",
    "Progress": ".bulk.model",
    "Project": ".project_models",
    "ProjectFailed": ".project_cycle",
    "ProjectOutput": ".project_cycle",
    "ProjectProgress": ".bulk.model",
    "ProjectStep": ".bulk.model",
    "Report": ".bulk.report",
    "SearchResult": ".models",
    "Status": ".bulk.model",
    "StreetAddress": ".models",
    "Verdict": ".exchange",
    "Voie": ".reference_models",
}

__all__ = [
    "ADDOK",
    "GEOPF",
    "AddressFeature",
    "Answer",
    "AsyncBanClient",
    "AsyncGeocoding",
    "BanClient",
    "BanOptions",
    "BulkOptions",
    "Capabilities",
    "Circle",
    "Columns",
    "Commune",
    "CompletionResult",
    "CsvResult",
    "Dialect",
    "Filters",
    "Geocoded",
    "Geocoding",
    "Journal",
    "JournalError",
    "Numero",
    "ParcelFeature",
    "PoiFeature",
    "Polygon",
    "PositionOfInterest",
    "Progress",
    "Project",
    "ProjectFailed",
    "ProjectOutput",
    "ProjectProgress",
    "ProjectStep",
    "Report",
    "SearchResult",
    "Status",
    "StreetAddress",
    "Verdict",
    "Voie",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
