"""Where a commune lies, from its code alone."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from ...codes import (
    arrondissements_of,
    commune_of_arrondissement,
    departement_of_commune,
    is_arrondissement_municipal,
    parse_code_commune,
    region_of_departement,
)

__all__ = ["Place", "place_of"]


class Place(NamedTuple):
    """A commune, or an arrondissement of Paris, Lyon or Marseille."""

    code: str
    departement: str
    region: str | None
    """`None` in a collectivity overseas."""
    whole: str | None
    """The commune, when this is an arrondissement of it."""
    parts: tuple[str, ...]
    """Its arrondissements."""


def place_of(code: str) -> Place:
    """The place of an INSEE code. Raises `InvalidCode`."""
    return _place(code if type(code) is str else parse_code_commune(code))


@lru_cache(maxsize=1 << 16)
def _place(given: str) -> Place:
    """Kept, since establishments and perimeters have most communes in common: there are 35,000."""
    code = parse_code_commune(given)
    departement = departement_of_commune(code)
    whole = commune_of_arrondissement(code) if is_arrondissement_municipal(code) else None
    return Place(code, departement, region_of_departement(departement), whole, arrondissements_of(code))
