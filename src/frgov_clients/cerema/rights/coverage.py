"""What a perimeter covers.

A perimeter is the whole country, or the communes, départements and regions of its lists together. Intercommunalities
count only where these three lists are empty, and then for the establishment whose SIREN stands there, as a whole: which
communes an intercommunality has is not asked.

Paris, Lyon and Marseille: a commune covers its arrondissements. An arrondissement covers itself alone, since who may
see a part may not see the whole; all of them together cover the commune.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...codes import parse_code_departement, parse_code_region
from ...errors import InvalidRequest
from .establishment import Establishment, read_establishment, read_siren
from .places import Place, place_of

if TYPE_CHECKING:
    from ..models import Perimeter

__all__ = ["EVERYWHERE", "Coverage", "covers", "visible_communes"]


@dataclass(frozen=True, slots=True, repr=False)
class Coverage:
    """A perimeter, made ready to be asked often."""

    everywhere: bool = False
    communes: frozenset[str] = frozenset()
    """Those listed, the arrondissements of those, and communes of which all arrondissements are listed."""
    departements: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    epci: frozenset[str] = frozenset()
    """SIREN; empty where places are listed."""
    unreadable: int = 0
    """How many codes are none. They cover nothing."""

    @classmethod
    def of(cls, perimeter: Perimeter) -> Coverage:
        """The coverage of a perimeter as the service gave it."""
        if perimeter.fr_entiere:
            return EVERYWHERE
        communes, no_communes = _readable(perimeter.comm, lambda code: place_of(code).code)
        departements, no_departements = _readable(perimeter.dep, parse_code_departement)
        regions, no_regions = _readable(perimeter.reg, parse_code_region)
        lists_places = bool(perimeter.comm or perimeter.dep or perimeter.reg)
        epci, no_epci = _readable(() if lists_places else perimeter.epci, lambda siren: read_siren("epci", siren))
        unreadable = no_communes + no_departements + no_regions + no_epci
        return cls(
            False,
            _with_arrondissements(communes),
            departements,
            regions,
            epci,
            unreadable,
        )

    def is_open_to(self, siren: str | None) -> bool:
        """Whether there is no restriction for the establishment with this SIREN."""
        return self.everywhere or siren in self.epci

    def holds(self, place: Place) -> bool:
        """Whether one of the lists of places holds it."""
        return place.code in self.communes or place.departement in self.departements or place.region in self.regions

    def reaches(self, establishment: Establishment) -> bool:
        """Whether the establishment, or one of its communes at least, is covered."""
        return (
            self.is_open_to(establishment.siren)
            or not self.departements.isdisjoint(establishment.by_departement)
            or not self.regions.isdisjoint(establishment.by_region)
            or not self.communes.isdisjoint(establishment.communes)
        )

    def visible_in(self, establishment: Establishment) -> frozenset[str] | None:
        """See `visible_communes`."""
        if self.is_open_to(establishment.siren):
            return None
        parts = [
            *(establishment.by_departement.get(code, _NOTHING) for code in self.departements),
            *(establishment.by_region.get(code, _NOTHING) for code in self.regions),
            self.communes & establishment.communes,
        ]
        full = [part for part in parts if part]
        # Often it is one département: its communes are then shared, not copied for each user.
        return full[0] if len(full) == 1 else _NOTHING.union(*full)


_NOTHING: Final = frozenset[str]()
EVERYWHERE: Final = Coverage(everywhere=True)
"""No restriction."""


def covers(perimeter: Perimeter, commune: str, *, siren: str | None = None) -> bool:
    """Whether a perimeter covers a commune, given by its INSEE code.

    `siren` is the establishment's that the commune is looked at for; a perimeter that lists only intercommunalities
    covers nothing without it. Raises `InvalidCode`, or `InvalidRequest` when `siren` is none or `perimeter` is `None`.
    """
    coverage = Coverage.of(_known(perimeter))
    place = place_of(commune)
    return coverage.is_open_to(None if siren is None else read_siren("siren", siren)) or coverage.holds(place)


def visible_communes(perimeter: Perimeter, establishment: Establishment) -> frozenset[str] | None:
    """The communes of an establishment that a perimeter covers.

    `None`: no restriction, all that is the establishment's, whatever its list of communes says. An empty set: nothing.
    The two must never be taken for each other; `if not visible` does. Of an establishment without communes nothing can
    be covered, which says nothing of its rights.

    A perimeter that is `None` is refused (`InvalidRequest`): it may stand for none, which restricts nothing, or for one
    that could not be fetched, which allows nothing. `Rights.visible_communes` knows which.
    """
    return Coverage.of(_known(perimeter)).visible_in(read_establishment(establishment))


def _known(perimeter: object) -> Perimeter:
    from ..models import Perimeter

    if not isinstance(perimeter, Perimeter):
        hint = "None does not tell a perimeter that was not set from one that was not fetched: use `evaluate_rights`"
        raise InvalidRequest.of("perimeter", "a Perimeter", hint if perimeter is None else "")
    return perimeter


def _readable(codes: Iterable[str], read: Callable[[str], str]) -> tuple[frozenset[str], int]:
    """The codes in their normal form, and how many are none."""
    found: set[str] = set()
    unreadable = 0
    for code in codes:
        try:
            found.add(read(code))
        except InvalidRequest:
            unreadable += 1
    return frozenset(found), unreadable


def _with_arrondissements(communes: frozenset[str]) -> frozenset[str]:
    """With the parts of the whole ones, and the wholes whose parts are all there."""
    places = [place for place in map(place_of, communes) if place.parts or place.whole]
    wholes = {place.whole for place in places if place.whole is not None}
    complete = {whole for whole in wholes if communes.issuperset(place_of(whole).parts)}
    return communes.union(complete, *(place.parts for place in places))
