"""What each record of the portal says of rights, looked at once however many users share it.

A field that the service did not send is not known: were the portal to drop `cgu_valide` one day, nobody would be
suspended for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from ...errors import InvalidRequest
from .coverage import EVERYWHERE, Coverage
from .vocabulary import ABSENT, AbsentType, Reason

if TYPE_CHECKING:
    from ..models import Group, Perimeter, Structure, User

__all__ = ["NOBODYS", "NOT_SEEN", "GroupSays", "StructureSays", "UserSays", "group_says", "structure_says", "user_says"]

_USER_FIELDS: Final = frozenset(("cgu_valide", "date_expiration", "structure", "groupe"))
_LEVELS: Final = frozenset(("niveau_acces", "lovac"))
_PERIMETER_FIELDS: Final = frozenset(("fr_entiere", "comm", "dep", "reg", "epci"))


class UserSays(NamedTuple):
    """What a user's own row says."""

    causes: tuple[Reason, ...]
    incomplete: bool
    """A field that rights need did not come."""


class StructureSays(NamedTuple):
    """What a structure says."""

    siren: str | None = None
    """`None`: it has none and is nobody's establishment, unless there is a `doubt`."""
    has_lovac: bool | None = None
    """`None`: not known."""
    ends: datetime | None = None
    """When the access to LOVAC ends."""
    doubt: Reason | None = None
    """Why it is not known whose the structure is; `None`: it is known, be it nobody's."""
    notes: tuple[Reason, ...] = ()


NOBODYS: Final = StructureSays()
"""No structure, or one that does not exist."""
NOT_SEEN: Final = StructureSays(doubt=Reason.STRUCTURE_INCONNUE)
"""A structure that was not fetched."""


class GroupSays(NamedTuple):
    """What a group and its perimeter say."""

    causes: tuple[Reason, ...] = ()
    unknown: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    has_lovac: bool | None = None
    perimetre: int | None = None
    coverage: Coverage | None = None
    """`None`: not known."""


def user_says(user: User, at: datetime) -> UserSays:
    """What the row says at that moment, which is in UTC."""
    causes: list[Reason] = []
    if user.cgu_valide is None and "cgu_valide" in user.model_fields_set:
        causes.append(Reason.CGU_VIDES)
    if user.date_expiration is not None and user.date_expiration <= at:
        causes.append(Reason.UTILISATEUR_EXPIRE)
    return UserSays(tuple(causes), incomplete=not user.model_fields_set >= _USER_FIELDS)


def structure_says(structure: Structure | AbsentType | None, at: datetime) -> StructureSays:
    """What a structure says at that moment, which is in UTC."""
    if structure is ABSENT:
        return NOBODYS
    if structure is None:
        return NOT_SEEN
    _check("structures", structure, "Structure")
    told = structure.model_fields_set
    ends = structure.acces_lovac
    has_lovac = (ends is not None and ends > at) if "acces_lovac" in told else None
    if "siret" not in told:
        return StructureSays(None, has_lovac, ends, Reason.STRUCTURE_INCONNUE)
    if structure.siret is None:
        return StructureSays(None, has_lovac, ends, notes=(Reason.STRUCTURE_SANS_SIRET,))
    siren = structure.siren
    # A digit that was lost or mistyped: that is somebody's SIRET, and may be the establishment's.
    return StructureSays(siren, has_lovac, ends, None if siren is not None else Reason.SIRET_ILLISIBLE)


def group_says(group: Group | AbsentType | None, perimeters: Mapping[int, Perimeter | AbsentType | None]) -> GroupSays:
    """What a group says that a user is in, by itself and by its perimeter."""
    if group is ABSENT:
        return GroupSays(unknown=(Reason.GROUPE_INTROUVABLE,))
    if group is None:
        return GroupSays(unknown=(Reason.GROUPE_INCONNU,))
    _check("groups", group, "Group")
    has_lovac = _has_lovac(group)
    causes = (Reason.NIVEAU_ACCES_INVALIDE,) if has_lovac is False else ()
    unknown = (Reason.GROUPE_INCONNU,) if has_lovac is None else ()
    if group.perimetre is None and "perimetre" in group.model_fields_set:
        return GroupSays(causes, unknown, (Reason.PERIMETRE_MANQUANT,), has_lovac, None, EVERYWHERE)
    perimeter = None if group.perimetre is None else perimeters.get(group.perimetre)
    coverage, doubts = _coverage(perimeter)
    notes = (Reason.PERIMETRE_ILLISIBLE,) if coverage is not None and coverage.unreadable else ()
    return GroupSays(causes, unknown + doubts, notes, has_lovac, group.perimetre, coverage)


def _check(name: str, record: object, model: str) -> None:
    from .. import models

    if not isinstance(record, getattr(models, model)):
        raise InvalidRequest.of(name, f"{model} records by their number, None or ABSENT")


def _has_lovac(group: Group) -> bool | None:
    if group.niveau_acces == "lovac" or group.lovac is True:
        return True
    return False if group.model_fields_set >= _LEVELS else None


def _coverage(perimeter: Perimeter | AbsentType | None) -> tuple[Coverage | None, tuple[Reason, ...]]:
    if perimeter is ABSENT:
        return None, (Reason.PERIMETRE_INTROUVABLE,)
    if perimeter is not None:
        _check("perimeters", perimeter, "Perimeter")
    if perimeter is None or not (perimeter.fr_entiere or perimeter.model_fields_set >= _PERIMETER_FIELDS):
        return None, (Reason.PERIMETRE_INCONNU,)
    return Coverage.of(perimeter), ()
