"""The data API of the Cerema (apidf): sales, parcels, premises, owners, brownfield sites, indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .client import ApidfClient, ApidfOptions, AsyncApidfClient
    from .filters import (
        BBox,
        Dv3fFilters,
        FricheFilters,
        LocalFilters,
        MutationFilters,
        ParcelleFilters,
        ProprioFilters,
        TupFilters,
    )
    from .indicateurs import Echelle
    from .listing import AsyncFeatures, AsyncRows, Features, Rows
    from .models.friches import Friche
    from .models.indicateurs import ConsoEspace, Indicateur, Prix
    from .models.locaux import Local
    from .models.mutations import Dv3fMutation, Mutation
    from .models.parcelles import Parcelle
    from .models.proprios import Proprio
    from .models.rows import Feature
    from .models.tups import Tup

_HOME: Final = {
    "ApidfClient": ".client",
    "ApidfOptions": ".client",
    "AsyncApidfClient": ".client",
    "AsyncFeatures": ".listing",
    "AsyncRows": ".listing",
    "BBox": ".filters",
    "ConsoEspace": ".models.indicateurs",
    "Dv3fFilters": ".filters",
    "Dv3fMutation": ".models.mutations",
    "Echelle": ".indicateurs",
    "Feature": ".models.rows",
    "Features": ".listing",
    "Friche": ".models.friches",
    "FricheFilters": ".filters",
    "Indicateur": ".models.indicateurs",
    "Local": ".models.locaux",
    "LocalFilters": ".filters",
    "Mutation": ".models.mutations",
    "MutationFilters": ".filters",
    "Parcelle": ".models.parcelles",
    "ParcelleFilters": ".filters",
    "Prix": ".models.indicateurs",
    "Proprio": ".models.proprios",
    "ProprioFilters": ".filters",
    "Rows": ".listing",
    "Tup": ".models.tups",
    "TupFilters": ".filters",
}

__all__ = [
    "ApidfClient",
    "ApidfOptions",
    "AsyncApidfClient",
    "AsyncFeatures",
    "AsyncRows",
    "BBox",
    "ConsoEspace",
    "Dv3fFilters",
    "Dv3fMutation",
    "Echelle",
    "Feature",
    "Features",
    "Friche",
    "FricheFilters",
    "Indicateur",
    "Local",
    "LocalFilters",
    "Mutation",
    "MutationFilters",
    "Parcelle",
    "ParcelleFilters",
    "Prix",
    "Proprio",
    "ProprioFilters",
    "Rows",
    "Tup",
    "TupFilters",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
