"""Brownfield sites: the national inventory Cartofriches, which is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack

from ...transport.endpoint import endpoint
from ...transport.operation import Operation, Parts, Spec
from .area import FRICHES
from .filters import FricheFilters
from .listing import features, rows
from .tables import ApidfCommon, Table, feature_of, record, table

if TYPE_CHECKING:
    from .models.friches import Friche
    from .models.rows import Feature

__all__ = ["FricheEndpoints"]


def _friche() -> type[Friche]:
    from .models.friches import Friche

    return Friche


_FRICHES: Final[Table[Friche]] = table("friches", "/cartofriches/friches/", _friche, FRICHES)
_GEOFRICHES: Final[Table[Feature[Friche]]] = table(
    "geofriches", "/cartofriches/geofriches/", feature_of(_friche), FRICHES
)
_FRICHE: Final[Spec[Friche]] = record("friche", "/cartofriches/friches/{}/", _friche)


class FricheEndpoints(ApidfCommon):
    """Brownfield sites."""

    @rows
    def friches(self, **filters: Unpack[FricheFilters]) -> Parts[Friche]:
        """Brownfield sites.

        Args:
            **filters: exactly one place (`code_insee`, `coddep`, `bbox`, or `lon` and `lat`), and what else is wanted;
                see `FricheFilters`.

        Raises:
            InvalidRequest: refused before sending: names the filter and its limit.
            IncompleteResult: (while walking) the list changed, or is not whole.
        """
        return self._listed(_FRICHES, filters)

    @features
    def geofriches(self, **filters: Unpack[FricheFilters]) -> Parts[Feature[Friche]]:
        """`friches` with their geometries."""
        return self._listed(_GEOFRICHES, filters)

    @endpoint
    def friche(self, site_id: str) -> Operation[Friche]:
        """One site with all its columns. Raises `NotFound` when there is none."""
        return self._one(_FRICHE, "site_id", site_id)
