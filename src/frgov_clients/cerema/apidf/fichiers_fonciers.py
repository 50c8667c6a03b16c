"""The tax files on property (Fichiers fonciers): parcels, premises, owners, units of property. They need a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Unpack

from ...transport.endpoint import endpoint
from ...transport.operation import Operation, Parts, Spec
from .area import ANYWHERE, COMMUNES
from .filters import LocalFilters, ParcelleFilters, ProprioFilters, TupFilters
from .listing import features, rows
from .tables import ApidfCommon, Table, feature_of, of_length, record, table

if TYPE_CHECKING:
    from .models.locaux import Local
    from .models.parcelles import Parcelle
    from .models.proprios import Proprio
    from .models.rows import Feature
    from .models.tups import Tup

__all__ = ["FichiersFonciersEndpoints"]


def _parcelle() -> type[Parcelle]:
    from .models.parcelles import Parcelle

    return Parcelle


def _local() -> type[Local]:
    from .models.locaux import Local

    return Local


def _proprio() -> type[Proprio]:
    from .models.proprios import Proprio

    return Proprio


def _tup() -> type[Tup]:
    from .models.tups import Tup

    return Tup


_CLOSED: Final[dict[str, Any]] = {"restricted": True}
_OWNERS: Final[dict[str, Any]] = {"restricted": True, "personal": True}

_PARCELLES: Final[Table[Parcelle]] = table("parcelles", "/ff/parcelles/", _parcelle, ANYWHERE, **_CLOSED)
_GEOPARCELLES: Final[Table[Feature[Parcelle]]] = table(
    "geoparcelles", "/ff/geoparcelles/", feature_of(_parcelle), ANYWHERE, **_CLOSED
)
_PARCELLE: Final[Spec[Parcelle]] = record("parcelle", "/ff/parcelles/{}/", _parcelle, **_CLOSED)
_LOCAUX: Final[Table[Local]] = table("locaux", "/ff/locaux/", _local, COMMUNES, **_CLOSED)
_LOCAL: Final[Spec[Local]] = record("local", "/ff/locaux/{}/", _local, **_CLOSED)
_PROPRIOS: Final[Table[Proprio]] = table("proprios", "/ff/proprios/", _proprio, COMMUNES, **_OWNERS)
_PROPRIO: Final[Spec[Proprio]] = record("proprio", "/ff/proprios/{}/", _proprio, **_OWNERS)
_TUPS: Final[Table[Tup]] = table("tups", "/ff/tups/", _tup, ANYWHERE, **_CLOSED)
_GEOTUPS: Final[Table[Feature[Tup]]] = table("geotups", "/ff/geotups/", feature_of(_tup), ANYWHERE, **_CLOSED)
_TUP: Final[Spec[Tup]] = record("tup", "/ff/tups/{}/", _tup, **_CLOSED)


class FichiersFonciersEndpoints(ApidfCommon):
    """Parcels, premises, owners and units of property.

    Each method may raise `ConfigurationError` (the client has no token), `PermissionDenied` (the token does not open
    this place, or these data) and `InvalidRequest` (a filter that can not be), each walk `IncompleteResult`.
    """

    @rows
    def parcelles(self, **filters: Unpack[ParcelleFilters]) -> Parts[Parcelle]:
        """Parcels.

        Args:
            **filters: exactly one place (`code_insee`, `bbox`, or `lon` and `lat`), and what else is wanted; see
                `ParcelleFilters`.
        """
        return self._listed(_PARCELLES, filters)

    @features
    def geoparcelles(self, **filters: Unpack[ParcelleFilters]) -> Parts[Feature[Parcelle]]:
        """`parcelles` with their geometries."""
        return self._listed(_GEOPARCELLES, filters)

    @endpoint
    def parcelle(self, idpar: str) -> Operation[Parcelle]:
        """One parcel, by its 14 characters. Raises `NotFound` when there is none."""
        return self._one(_PARCELLE, "idpar", of_length("idpar", idpar, 14))

    @rows
    def locaux(self, **filters: Unpack[LocalFilters]) -> Parts[Local]:
        """Premises: dwellings, outbuildings, business premises.

        Args:
            **filters: `code_insee`, and what else is wanted; see `LocalFilters`.
        """
        return self._listed(_LOCAUX, filters, one_parcel=True)

    @endpoint
    def local(self, idlocal: str) -> Operation[Local]:
        """One of the premises, by its 12 characters. Raises `NotFound` when there is none."""
        return self._one(_LOCAL, "idlocal", of_length("idlocal", idlocal, 12))

    @rows
    def proprios(self, **filters: Unpack[ProprioFilters]) -> Parts[Proprio]:
        """Rights on property, with their owners: personal data, which no cache keeps and no `repr` shows.

        `idprocpte` of a parcel or of premises gives its owners; `ordering="dnulp"` puts them in their order.

        Args:
            **filters: `code_insee`, and what else is wanted; see `ProprioFilters`.
        """
        return self._listed(_PROPRIOS, filters)

    @endpoint
    def proprio(self, idprodroit: str) -> Operation[Proprio]:
        """One right on property, by its 13 characters: personal data. Raises `NotFound` when there is none."""
        return self._one(_PROPRIO, "idprodroit", of_length("idprodroit", idprodroit, 13))

    @rows
    def tups(self, **filters: Unpack[TupFilters]) -> Parts[Tup]:
        """Units of property: single parcels, co-ownerships, adjoining parcels of one owner.

        Args:
            **filters: exactly one place (`code_insee`, `bbox`, or `lon` and `lat`), and what else is wanted; see
                `TupFilters`.
        """
        return self._listed(_TUPS, filters)

    @features
    def geotups(self, **filters: Unpack[TupFilters]) -> Parts[Feature[Tup]]:
        """`tups` with their geometries."""
        return self._listed(_GEOTUPS, filters)

    @endpoint
    def tup(self, idtup: str) -> Operation[Tup]:
        """One unit of property. Raises `NotFound` when there is none."""
        return self._one(_TUP, "idtup", idtup)
