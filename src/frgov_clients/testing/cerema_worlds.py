"""Who is in the fake portal: records in the form of the recorded payloads, and the small world that these tell of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

__all__ = ["World", "group", "perimeter", "sample", "structure", "user"]

Record: TypeAlias = dict[str, Any]


class World(NamedTuple):
    """The records of a portal."""

    users: list[Record]
    structures: list[Record]
    groups: list[Record]
    perimeters: list[Record]


def sample() -> World:
    """The records of the payloads, and the structure 457 that one of them refers to."""
    users = [
        user(123, 456, "2024-10-02T16:21:33.571000+02:00", "2024-07-01T00:00:00+02:00", gestionnaire=True, groupe=173),
        user(124, 457, None, "2025-01-15T00:00:00+01:00", exterieur=True, date_expiration="2025-12-31T00:00:00+01:00"),
        user(125, 456, "2026-03-11T12:36:01.255000+01:00", "2026-03-11T00:00:00+01:00", groupe=173),
    ]
    users[2]["email"] = "autre@example.fr"
    df, lovac = "2027-12-04T00:00:00+01:00", "2027-12-31T00:00:00+01:00"
    structures = [
        structure(1, "DEPARTEMENT DE LA GIRONDE", "22330001300016", "7220", "df_non_ano", df, df),
        structure(456, "EUROMETROPOLE DE STRASBOURG", "24670048800017", "7344", "lovac", acces_lovac=lovac),
        structure(457, "BUREAU D'ETUDES EXEMPLE", "12345678200010", "5710", "df_ano", df, naf="71.12B"),
    ]
    groups = [group(173, "Aucune restriction", 456, 20, "lovac")]
    perimeters = [perimeter(2, fr_entiere=True), perimeter(20, dep=["67"], comm=["67482", "67043"])]
    return World(users, structures, groups, perimeters)


def user(number: int, structure: int | None, cgu_valide: str | None, date_rattachement: str, **fields: Any) -> Record:
    """A user, whose fields that are not given are those of nobody in particular."""
    record = {
        "id_user": number,
        "email": "user@example.fr",
        "structure": structure,
        "gestionnaire": False,
        "exterieur": False,
        "cgu_valide": cgu_valide,
        "date_rattachement": date_rattachement,
        "date_expiration": None,
        "groupe": None,
        "str_mandataire": None,
    }
    return record | fields


def structure(
    number: int,
    raison_sociale: str,
    siret: str | None,
    formjur: str,
    niveau_acces: str,
    acces_df_ano: str | None = None,
    acces_df_non_ano: str | None = None,
    acces_lovac: str | None = None,
    *,
    naf: str = "84.11Z",
    mandataire: bool = False,
) -> Record:
    """A structure; a date says when that access ends."""
    return {
        "id_structure": number,
        "raison_sociale": raison_sociale,
        "siret": siret,
        "naf": naf,
        "formjur": formjur,
        "mandataire": mandataire,
        "niveau_acces": niveau_acces,
        "acces_df_ano": acces_df_ano,
        "acces_df_non_ano": acces_df_non_ano,
        "acces_lovac": acces_lovac,
    }


def group(number: int, nom: str, structure: int, perimetre: int | None, niveau_acces: str) -> Record:
    """A group, with the flags that go with its level."""
    return {
        "id_groupe": number,
        "nom": nom,
        "structure": structure,
        "perimetre": perimetre,
        "niveau_acces": niveau_acces,
        "df_ano": niveau_acces == "df",
        "df_non_ano": False,
        "lovac": niveau_acces == "lovac",
    }


def perimeter(number: int, *, fr_entiere: bool = False, **lists: Sequence[str]) -> Record:
    """A perimeter of these `reg`, `dep`, `epci` and `comm`."""
    none: dict[str, Sequence[str]] = {"reg": [], "dep": [], "epci": [], "comm": []}
    return {"perimetre_id": number, "origine": "groupe", "fr_entiere": fr_entiere, **none, **lists}
