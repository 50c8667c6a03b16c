"""All endpoints of the data API, each declared once for the sync and the async client."""

from __future__ import annotations

from .fichiers_fonciers import FichiersFonciersEndpoints
from .friches import FricheEndpoints
from .indicateurs import IndicateurEndpoints
from .mutations import MutationEndpoints

__all__ = ["ApidfEndpoints"]


class ApidfEndpoints(MutationEndpoints, FichiersFonciersEndpoints, FricheEndpoints, IndicateurEndpoints):
    """What the data API can do."""
