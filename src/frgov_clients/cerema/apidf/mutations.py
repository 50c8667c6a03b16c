"""Transfers of property: DVF+, which is open, and DV3F, which is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Unpack

from ...transport.endpoint import endpoint
from ...transport.operation import Operation, Parts, Spec
from .area import ANYWHERE
from .filters import Dv3fFilters, MutationFilters
from .listing import features, rows
from .tables import ApidfCommon, Table, feature_of, record, table

if TYPE_CHECKING:
    from .models.mutations import Dv3fMutation, Mutation
    from .models.rows import Feature

__all__ = ["MutationEndpoints"]


def _mutation() -> type[Mutation]:
    from .models.mutations import Mutation

    return Mutation


def _dv3f_mutation() -> type[Dv3fMutation]:
    from .models.mutations import Dv3fMutation

    return Dv3fMutation


_DVF: Final[Table[Mutation]] = table("dvf_mutations", "/dvf_opendata/mutations/", _mutation, ANYWHERE)
_DVF_GEO: Final[Table[Feature[Mutation]]] = table(
    "dvf_geomutations", "/dvf_opendata/geomutations/", feature_of(_mutation), ANYWHERE
)
_DVF_ONE: Final[Spec[Mutation]] = record("dvf_mutation", "/dvf_opendata/mutations/{}/", _mutation)
_DV3F: Final[Table[Dv3fMutation]] = table(
    "dv3f_mutations", "/dv3f/mutations/", _dv3f_mutation, ANYWHERE, restricted=True, personal=True
)
_DV3F_GEO: Final[Table[Feature[Dv3fMutation]]] = table(
    "dv3f_geomutations", "/dv3f/geomutations/", feature_of(_dv3f_mutation), ANYWHERE, restricted=True, personal=True
)
_DV3F_ONE: Final[Spec[Dv3fMutation]] = record(
    "dv3f_mutation", "/dv3f/mutations/{}/", _dv3f_mutation, restricted=True, personal=True
)


class MutationEndpoints(ApidfCommon):
    """Transfers of property."""

    @rows
    def dvf_mutations(self, **filters: Unpack[MutationFilters]) -> Parts[Mutation]:
        """Transfers of property since 2010 (DVF+, open). Alsace, Moselle and Mayotte are not in it.

        Args:
            **filters: exactly one place (`code_insee`, `bbox`, or `lon` and `lat`), and what else is wanted; see
                `MutationFilters`. A deed that touches several of the communes asked for comes once.

        Raises:
            InvalidRequest: refused before sending: names the filter and its limit.
            IncompleteResult: (while walking) the list changed, or is not whole.
        """
        return self._listed(_DVF, filters)

    @features
    def dvf_geomutations(self, **filters: Unpack[MutationFilters]) -> Parts[Feature[Mutation]]:
        """`dvf_mutations` with the parcels that changed hands as geometry."""
        return self._listed(_DVF_GEO, filters)

    @endpoint
    def dvf_mutation(self, idmutation: int) -> Operation[Mutation]:
        """One transfer of property, with all its columns.

        Raises:
            NotFound: no such transfer in this edition of the data.
        """
        return self._one(_DVF_ONE, "idmutation", idmutation)

    @rows
    def dv3f_mutations(self, **filters: Unpack[Dv3fFilters]) -> Parts[Dv3fMutation]:
        """Transfers of property with what the tax files know besides (DV3F). Needs a token.

        Args:
            **filters: as for `dvf_mutations`, and kinds of buyer and seller; see `Dv3fFilters`.

        Raises:
            ConfigurationError: the client has no token.
            PermissionDenied: the token does not open this place, or these data.
            InvalidRequest: refused before sending: names the filter and its limit.
            IncompleteResult: (while walking) the list changed, or is not whole.
        """
        return self._listed(_DV3F, filters)

    @features
    def dv3f_geomutations(self, **filters: Unpack[Dv3fFilters]) -> Parts[Feature[Dv3fMutation]]:
        """`dv3f_mutations` with the parcels that changed hands as geometry."""
        return self._listed(_DV3F_GEO, filters)

    @endpoint
    def dv3f_mutation(self, idmutation: int) -> Operation[Dv3fMutation]:
        """One transfer of property in DV3F. Needs a token.

        Raises:
            NotFound: no such transfer in this edition of the data.
        """
        return self._one(_DV3F_ONE, "idmutation", idmutation)
