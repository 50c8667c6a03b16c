"""The establishment that rights are asked for: an administration and its communes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ...codes import InvalidCode, parse_siren, parse_siret
from ...codes.entreprises import NO_SIREN
from ...errors import InvalidRequest
from .places import Place, place_of

__all__ = ["Establishment", "read_establishment", "read_siren"]


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Establishment:
    """An administration as an application knows it, with the communes that are its own.

    `siren` and `siret` are read by their form: leading zeros stay, the check digit is not looked at, since some old
    numbers do not fit. `communes` are INSEE codes; arrondissements of Paris, Lyon and Marseille are welcome. None at
    all says that they are not known: rights are then `unknown` (`communes_inconnues`) where a perimeter restricts.
    Raises `InvalidRequest`, which says at which place a wrong commune stands.
    """

    siren: str
    communes: frozenset[str]
    siret: str | None
    name: str | None
    by_departement: Mapping[str, frozenset[str]] = field(compare=False)
    """The communes in each of its départements, by code."""
    by_region: Mapping[str, frozenset[str]] = field(compare=False)
    """The communes in each of its regions, by code. Collectivities overseas are in none."""

    def __init__(self, siren: str, communes: Iterable[str], siret: str | None = None, name: str | None = None) -> None:
        number = read_siren("siren", siren)
        by_departement: defaultdict[str, set[str]] = defaultdict(set)
        by_region: defaultdict[str, set[str]] = defaultdict(set)
        for place in _places(communes):
            by_departement[place.departement].add(place.code)
            if place.region is not None:
                by_region[place.region].add(place.code)
        fields: dict[str, Any] = {
            "siren": number,
            "communes": frozenset[str]().union(*by_departement.values()),
            "siret": None if siret is None else _read_siret(siret, number),
            "name": name,
            "by_departement": _frozen(by_departement),
            "by_region": _frozen(by_region),
        }
        for key, value in fields.items():
            object.__setattr__(self, key, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return Establishment, (self.siren, tuple(sorted(self.communes)), self.siret, self.name)

    def __repr__(self) -> str:
        communes = len(self.communes)
        return f"<Establishment {self.siren}, {communes} commune{'s' * (communes != 1)}>"


def read_establishment(value: object) -> Establishment:
    """The value of a parameter `establishment`. Raises `InvalidRequest`."""
    if not isinstance(value, Establishment):
        raise InvalidRequest.of("establishment", "an Establishment", "make it of a SIREN and the communes")
    return value


def read_siren(name: str, value: str) -> str:
    """A SIREN by its form, for the parameter `name`; the placeholder 000000000 would match another placeholder."""
    try:
        siren = parse_siren(value, strict=False)
    except InvalidCode as error:
        raise error.renamed(name) from None
    if siren == NO_SIREN:
        raise InvalidRequest.of(name, "a SIREN that is not only zeros", "that stands for a missing number")
    return siren


def _read_siret(value: str, siren: str) -> str:
    siret = parse_siret(value, strict=False)
    if not siret.startswith(siren):
        raise InvalidRequest.of("siret", "a SIRET that begins with the SIREN", "one of them is of another company")
    return siret


def _places(communes: Iterable[str]) -> Iterator[Place]:
    if isinstance(communes, str | bytes):
        raise InvalidRequest.of("communes", "several INSEE codes", "put a single one into a list")
    for position, code in enumerate(communes):
        try:
            yield place_of(code)
        except InvalidCode as error:
            raise error.renamed("communes", f"communes[{position}]") from None


def _frozen(sets: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType({code: frozenset(communes) for code, communes in sets.items()})
