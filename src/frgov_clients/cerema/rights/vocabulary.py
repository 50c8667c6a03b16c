"""The words of rights: what is decided, and why.

The causes of a suspension are Zero Logement Vacant's own, letter for letter: its tables hold them. It has no word for
what is not known, nor for somebody who is in no such structure; those words are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, StrEnum
from typing import Final, Literal, TypeAlias

__all__ = ["ABSENT", "SUSPENSION_CAUSES", "Absent", "AbsentType", "Decision", "Reason", "in_order"]


class Decision(StrEnum):
    """Whether LOVAC may be looked at."""

    ALLOW = "allow"
    """Everything that must hold was seen to hold."""
    DENY = "deny"
    """Something was seen not to hold."""
    UNKNOWN = "unknown"
    """Something could not be seen that might change the answer. Ask again; change nothing meanwhile."""


class Absent(Enum):
    """Stands in a mapping for a record of which the service said that it does not exist (404)."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Said by the service: there is no such record. A key that is missing, or `None`, says only that it was not seen."""
AbsentType: TypeAlias = Literal[Absent.ABSENT]


class Reason(StrEnum):
    """Why. The first six are the causes of a suspension, in the order in which ZLV writes them."""

    CGU_VIDES = "cgu vides"
    UTILISATEUR_EXPIRE = "droits utilisateur expires"
    STRUCTURE_EXPIREE = "droits structure expires"
    NIVEAU_ACCES_INVALIDE = "niveau_acces_invalide"
    PERIMETRE_INVALIDE = "perimetre_invalide"
    GROUPE_MANQUANT = "groupe_manquant"
    UTILISATEUR_MANQUANT = "utilisateur_manquant"
    STRUCTURE_MANQUANTE = "structure_manquante"
    UTILISATEUR_INCONNU = "utilisateur_inconnu"
    UTILISATEUR_INCOMPLET = "utilisateur_incomplet"
    STRUCTURE_INCONNUE = "structure_inconnue"
    SIRET_ILLISIBLE = "siret_illisible"
    GROUPE_INCONNU = "groupe_inconnu"
    GROUPE_INTROUVABLE = "groupe_introuvable"
    PERIMETRE_INCONNU = "perimetre_inconnu"
    PERIMETRE_INTROUVABLE = "perimetre_introuvable"
    COMMUNES_INCONNUES = "communes_inconnues"
    PERIMETRE_MANQUANT = "perimetre_manquant"
    PERIMETRE_ILLISIBLE = "perimetre_illisible"
    STRUCTURE_SANS_SIRET = "structure_sans_siret"

    @property
    def meaning(self) -> str:
        """The reason in a sentence."""
        return _MEANINGS[self]

    @property
    def is_cause(self) -> bool:
        """Whether a user can be suspended for it."""
        return self in _CAUSES


_MEANINGS: Final[dict[Reason, str]] = {
    Reason.CGU_VIDES: "the terms of use were not accepted",
    Reason.UTILISATEUR_EXPIRE: "the user's own access has ended",
    Reason.STRUCTURE_EXPIREE: "the structure's access to LOVAC has ended, or never was",
    Reason.NIVEAU_ACCES_INVALIDE: "the group has no access to LOVAC",
    Reason.PERIMETRE_INVALIDE: "the perimeter covers no commune of the establishment",
    Reason.GROUPE_MANQUANT: "the user is in no group",
    Reason.UTILISATEUR_MANQUANT: "the portal knows no such user",
    Reason.STRUCTURE_MANQUANTE: "the user is in no structure with the SIREN of the establishment",
    Reason.UTILISATEUR_INCONNU: "the user was asked for and not fetched, or was listed and then not found",
    Reason.UTILISATEUR_INCOMPLET: "the user came without a field that rights need",
    Reason.STRUCTURE_INCONNUE: "the structure was not fetched, or came without a field that rights need",
    Reason.SIRET_ILLISIBLE: "a structure of the user has a SIRET that can not be read; whose it is is not known",
    Reason.GROUPE_INCONNU: "the group was not fetched, or came without a field that rights need",
    Reason.GROUPE_INTROUVABLE: "the user is in a group that the service says does not exist",
    Reason.PERIMETRE_INCONNU: "the perimeter was not fetched, or came without a field that rights need",
    Reason.PERIMETRE_INTROUVABLE: "the group has a perimeter that the service says does not exist",
    Reason.COMMUNES_INCONNUES: "no commune of the establishment was given; what a perimeter covers of it is not known",
    Reason.PERIMETRE_MANQUANT: "the group has no perimeter, hence no restriction",
    Reason.PERIMETRE_ILLISIBLE: "the perimeter holds codes that can not be read; what they cover is not known",
    Reason.STRUCTURE_SANS_SIRET: "a structure of the user has no SIRET, so that it matches nothing",
}

SUSPENSION_CAUSES: Final[tuple[Reason, ...]] = tuple(Reason)[:6]
"""What ZLV suspends for; every other word in `suspended_cause` was written by a person."""
_CAUSES: Final = frozenset(SUSPENSION_CAUSES)
_RANK: Final = {reason: rank for rank, reason in enumerate(Reason)}


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Each once, in the order of `Reason`."""
    return tuple(sorted(frozenset(reasons), key=_RANK.__getitem__))
