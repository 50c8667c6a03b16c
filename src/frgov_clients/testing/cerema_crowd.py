"""A large world for the fake portal, made up: codes have the right form, and nobody in it exists."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from .cerema_codes import DEPARTEMENTS, REGIONS, checked, siren
from .cerema_worlds import Record, World, group, perimeter, structure, user

__all__ = ["crowd"]

_Dice: TypeAlias = random.Random

_OVER: Final = "2024-06-30T00:00:00+02:00"
_LASTING: Final = "2099-12-31T00:00:00+01:00"

_KINDS: Final = (
    ("COMMUNE", "7210", "84.11Z"),
    ("COMMUNAUTE DE COMMUNES", "7346", "84.11Z"),
    ("COMMUNAUTE D'AGGLOMERATION", "7348", "84.11Z"),
    ("DEPARTEMENT", "7220", "84.11Z"),
    ("SERVICE DE L'ETAT", "7172", "84.12Z"),
    ("AGENCE D'URBANISME", "9220", "94.99Z"),
    ("BUREAU D'ETUDES", "5710", "71.12B"),
)
_KIND_SHARES: Final = (45, 20, 10, 5, 5, 5, 10)


def crowd(users: int, structures: int, groups: int, perimeters: int, *, seed: int) -> World:
    """So many records of each kind, the same for the same numbers and seed; references lead to records."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    communes = _communes()
    epci = [siren(dice, str(dice.choice((200, 243)))) for _ in range(1_055)]
    return World(
        list(_users(dice, users, structures, groups)),
        [_structure(dice, number) for number in range(1, structures + 1)],
        [_group(dice, number, structures, perimeters) for number in range(1, groups + 1)],
        _perimeters(dice, perimeters, communes, epci),
    )


# ---- territories -----------------------------------------------------------------------------------------------


def _communes() -> list[str]:
    """Some 25,000 codes, those of a département together."""
    codes: list[str] = []
    for departement in DEPARTEMENTS:
        if departement == "75":  # one commune
            codes.append("75056")
            continue
        digits = 5 - len(departement)
        codes += [f"{departement}{number:0{digits}}" for number in range(1, 33 if digits == 2 else 263)]
    return codes


def _perimeters(dice: _Dice, count: int, communes: Sequence[str], epci: Sequence[str]) -> list[Record]:
    """Perimeters of every kind in the proportions of the real ones."""

    def some_communes(mean: float) -> list[str]:
        start = dice.randrange(len(communes))
        return list(communes[start : start + 1 + int(dice.expovariate(1 / mean))])

    makers: tuple[tuple[int, Callable[[], dict[str, Any]]], ...] = (
        (2_783, lambda: {"comm": some_communes(12)}),
        (1_195, lambda: {"epci": [dice.choice(epci)]}),
        (622, lambda: {"dep": [dice.choice(DEPARTEMENTS)], "comm": some_communes(2.1)}),
        (265, lambda: {"reg": [dice.choice(REGIONS)]}),
        (124, lambda: {"fr_entiere": True}),
        (29, dict[str, Any]),
    )
    whole = sum(share for share, _ in makers)
    places: list[int] = []
    owed = 0
    for kind, (share, _) in enumerate(makers):
        owed += share * count
        places += [kind] * (owed // whole - len(places))
    dice.shuffle(places)
    return [perimeter(number, **makers[kind][1]()) for number, kind in enumerate(places, 1)]


# ---- persons and bodies ----------------------------------------------------------------------------------------


def _structure(dice: _Dice, number: int) -> Record:
    (name, formjur, naf), *_ = dice.choices(_KINDS, _KIND_SHARES)
    niveau_acces, *_ = dice.choices(("lovac", "df_non_ano", "df_ano"), (60, 25, 15))
    end, *_ = dice.choices((_LASTING, _OVER, None), (85, 10, 5))
    siret: str | None = checked(siren(dice) + f"{dice.randrange(1, 30):04}")
    if dice.random() < 0.02:
        siret = dice.choice(("", None))
    return structure(
        number,
        f"{name} EXEMPLE {number}",
        siret,
        formjur,
        niveau_acces,
        acces_df_ano=None if niveau_acces == "lovac" else end,
        acces_df_non_ano=end if niveau_acces == "df_non_ano" else None,
        acces_lovac=end if niveau_acces == "lovac" else None,
        naf=naf,
        mandataire=name == "BUREAU D'ETUDES",
    )


def _group(dice: _Dice, number: int, structures: int, perimeters: int) -> Record:
    niveau_acces, *_ = dice.choices(("lovac", "df", "dvf"), (70, 20, 10))
    name = dice.choice(("Aucune restriction", "Habitat", "Urbanisme", "Observatoire"))
    place = (number - 1) % structures + 1 if structures else 0
    return group(number, name, place, dice.randint(1, perimeters) if perimeters else None, niveau_acces)


def _users(dice: _Dice, count: int, structures: int, groups: int) -> list[Record]:
    """Users; one in twelve is the one before in another structure. Large structures have the low numbers."""
    found: list[Record] = []
    for number in range(1, count + 1):
        place = 1 + int(structures * dice.random() ** 2)
        again = bool(found) and dice.random() < 0.08
        found.append(
            user(
                number,
                place if structures else None,
                None if dice.random() < 0.15 else f"2025-{dice.randint(1, 12):02}-14T09:{number % 60:02}:00+01:00",
                f"2024-{dice.randint(1, 12):02}-01T00:00:00+01:00",
                email=found[-1]["email"] if again else f"agent{number}@example.fr",
                gestionnaire=dice.random() < 0.1,
                exterieur=dice.random() < 0.1,
                date_expiration=dice.choices((None, _LASTING, _OVER), (80, 12, 8))[0],
                groupe=_group_of(dice, place, structures, groups),
            )
        )
    return found


def _group_of(dice: _Dice, place: int, structures: int, groups: int) -> int | None:
    """One of the groups of the structure, which has every so-manieth; some users are in none."""
    numbers = range(place, groups + 1, structures) if structures else range(1, groups + 1)
    return dice.choice(numbers) if numbers and dice.random() < 0.9 else None
