"""What a list can be filtered by. All that are given must agree; what is left out filters nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Required, TypeAlias, TypedDict

from ...errors import InvalidRequest
from .area import PLACES, Params
from .values import Read, Values, choice, count, decimal, flag, identifiers, one, ordering, several, words, year

__all__ = [
    "BBox",
    "Dv3fFilters",
    "FricheFilters",
    "LocalFilters",
    "MutationFilters",
    "ParcelleFilters",
    "ProprioFilters",
    "TupFilters",
    "filter_params",
]

BBox: TypeAlias = tuple[float, float, float, float]
"""`(lon_min, lat_min, lon_max, lat_max)`, WGS84 degrees."""
LARGEST_PAGE: Final = 500


class Paged(TypedDict, total=False):
    """How the rows come."""

    fields: Literal["all"] | None
    """`all` for every column; otherwise the service gives a selection."""
    ordering: Values | None
    """Columns to sort by, with `-` in front from the greatest down."""
    page_size: int
    """Rows of a request, 500 at most and by default."""


class Communes(TypedDict):
    """The place, where only communes are taken."""

    code_insee: Required[Values]
    """INSEE codes of communes or arrondissements municipaux; more than 10 are asked for in groups."""


class Territory(TypedDict, total=False):
    """The place: exactly one of `code_insee`, `bbox`, or `lon` and `lat`."""

    code_insee: Values | None
    """INSEE codes of communes or arrondissements municipaux; more than 10 are asked for in groups."""
    bbox: BBox | None
    """At most 0.02° a side (1° for friches), unless `tiled`."""
    tiled: bool
    """Ask for a larger `bbox` in tiles, 400 at most."""
    lon: float | None
    """With `lat`: what contains this point. WGS84 degrees."""
    lat: float | None
    """See `lon`."""


class MutationFilters(Territory, Paged, total=False):
    """Filters of the transfers of property."""

    anneemut: int | str | None
    """Year, 2010 or later."""
    anneemut_min: int | str | None
    anneemut_max: int | str | None
    codtypbien: Values | None
    """Kinds of property; the first levels of a code are enough (`11` for all houses)."""
    idnatmut: Values | None
    """Natures: 1 sale, 2 sale of a building not yet built, ..."""
    vefa: bool | None
    """Buildings that were not yet built."""
    sbati_min: float | None
    """m²."""
    sbati_max: float | None
    sterr_min: float | None
    """m²."""
    sterr_max: float | None
    valeurfonc_min: float | None
    """Euros."""
    valeurfonc_max: float | None
    segmtab: Values | None
    """How surely it is building land."""


class Dv3fFilters(MutationFilters, total=False):
    """Filters of the transfers of property in DV3F."""

    codtypproa: Values | None
    """Kinds of buyer; the first levels of a code are enough."""
    codtypprov: Values | None
    """Kinds of seller; the first levels of a code are enough."""
    filtre: str | None
    """Leaves out transfers of a particular kind."""


class ParcelleFilters(Territory, Paged, total=False):
    """Filters of parcels. Surfaces in m²."""

    catpro3: Values | None
    """Kinds of owner; the first levels of a code are enough."""
    ctpdl: str | None
    """Kind of co-ownership."""
    dcntarti_min: float | None
    dcntarti_max: float | None
    dcntnaf_min: float | None
    dcntnaf_max: float | None
    dcntpa_min: float | None
    dcntpa_max: float | None
    idcomtxt: str | None
    """A part of the name of the commune."""
    idpar: Values | None
    """Parcels, 14 characters each, at most 10."""
    jannatmin_min: int | str | None
    jannatmin_max: int | str | None
    nlocal_min: int | None
    nlocal_max: int | None
    nlogh_min: int | None
    nlogh_max: int | None
    slocal_min: float | None
    slocal_max: float | None
    sprincp_min: float | None
    sprincp_max: float | None
    stoth_min: float | None
    stoth_max: float | None


class LocalFilters(Communes, Paged, total=False):
    """Filters of premises."""

    catpro3: Values | None
    """Kinds of owner; the first levels of a code are enough."""
    dteloc: Values | None
    """1 houses, 2 flats, 3 outbuildings, ..."""
    idpar: str | None
    """Parcel, 14 characters."""
    idprocpte: str | None
    """Account of the owners."""
    idsec: str | None
    """Section of the land register."""
    locprop: Values | None
    """Where the owner is."""
    loghlls: str | None
    """Social housing."""
    proba_rprs: Values | None
    """Main or second home: what is more likely."""
    slocal_min: float | None
    """m²."""
    slocal_max: float | None
    typeact: Values | None
    """Kinds of business premises; the first levels of a code are enough."""


class ProprioFilters(Communes, Paged, total=False):
    """Filters of owners."""

    catpro3: Values | None
    """Kinds of owner; the first levels of a code are enough."""
    ccodro: Values | None
    """Kinds of right."""
    gtoper: str | None
    """1 natural persons, 2 legal persons."""
    idprocpte: str | None
    """Account of the owners."""
    locprop: Values | None
    """Where the owner is."""
    typedroit: str | None
    """`P` owners, `G` managers."""


class TupFilters(Territory, Paged, total=False):
    """Filters of units of property."""

    catpro3: Values | None
    """Kinds of owner; the first levels of a code are enough."""
    idtup: Values | None
    """Units, at most 10."""
    typetup: Literal["SIMPLE", "PDLMP", "UF"] | None
    """Single parcels, co-ownerships, adjoining parcels of one owner."""


class FricheFilters(Territory, Paged, total=False):
    """Filters of brownfield sites."""

    coddep: Values | None
    """Départements, instead of another place; each is a request of its own."""
    surface_min: float | None
    """m²."""
    surface_max: float | None
    urba_zone_type: str | None
    """`U`, `AU`, `A`, `N`, ..."""


_SURFACES: Final = ("sbati", "sterr", "valeurfonc", "dcntarti", "dcntnaf", "dcntpa", "slocal", "sprincp", "stoth")
_RULES: Final[Mapping[str, Read]] = {
    **{f"{name}_{end}": decimal for name in (*_SURFACES, "nlocal", "nlogh", "surface") for end in ("min", "max")},
    **dict.fromkeys(("anneemut", "anneemut_min", "anneemut_max"), year(2010)),
    **dict.fromkeys(("jannatmin_min", "jannatmin_max", "annee", "annee_min", "annee_max"), year()),
    **dict.fromkeys(("codtypbien", "idnatmut", "segmtab", "codtypproa", "codtypprov", "catpro3"), several),
    **dict.fromkeys(("dteloc", "locprop", "proba_rprs", "typeact", "ccodro"), several),
    **dict.fromkeys(("filtre", "ctpdl", "idprocpte", "idsec", "loghlls", "gtoper", "typedroit", "urba_zone_type"), one),
    "vefa": flag,
    "idcomtxt": words,
    "idpar": identifiers(14),
    "idtup": identifiers(0),
    "typetup": choice("SIMPLE", "PDLMP", "UF"),
    "fields": choice("all"),
    "ordering": ordering,
    "page_size": count(LARGEST_PAGE),
}
_ONE_PARCEL: Final = identifiers(14, most=1)


def filter_params(given: Mapping[str, Any], *, one_parcel: bool = False) -> Params:
    """Everything but the place, in a fixed order.

    Raises:
        InvalidRequest: names the filter and what it must be.
    """
    rules = {**_RULES, "idpar": _ONE_PARCEL} if one_parcel else _RULES
    asked = {"page_size": LARGEST_PAGE, **{name: value for name, value in given.items() if value is not None}}
    params = tuple((name, rules[name](name, asked[name])) for name in sorted(asked.keys() - PLACES))
    _check_ranges(dict(params))
    return params


def _check_ranges(params: Mapping[str, str]) -> None:
    for name, least in params.items():
        most = params.get(f"{name[:-4]}_max") if name.endswith("_min") else None
        if most is not None and float(least) > float(most):
            raise InvalidRequest.of(name, f"not more than {name[:-4]}_max", "such a range is always empty")
