"""All users of the portal against all communes of the country, within a time that no mistake of order would keep."""

from __future__ import annotations

import random
import time

from rights_parts import AT, group, perimeter, structure, user

from frgov_clients.cerema.rights import Decision, Establishment, RightsEvaluator

DEPARTEMENTS = [f"{number:02}" for number in range(1, 96) if number not in {20, 75}]
COMMUNES = [f"{departement}{number:03}" for number in range(1, 380) for departement in DEPARTEMENTS][:35_000]
SIRENS = [str(200_000_000 + number) for number in range(1_000)]
CORPUS = [("comm", 2_783), ("epci", 1_195), ("dep", 622), ("reg", 265), ("fr_entiere", 124), ("", 29)]
"""How many perimeters of each kind the portal holds."""


def perimeters():
    choose = random.Random(0)
    draw = {
        "comm": lambda: choose.sample(COMMUNES, 30),
        "epci": lambda: [choose.choice(SIRENS)],
        "dep": lambda: [choose.choice(DEPARTEMENTS)],
        "reg": lambda: [choose.choice(["11", "44", "76", "84"])],
        "fr_entiere": lambda: True,
    }
    kinds = [kind for kind, count in CORPUS for _ in range(count)]
    return {number: perimeter(number, **({kind: draw[kind]()} if kind else {})) for number, kind in enumerate(kinds, 1)}


def test_thirteen_thousand_users_take_a_moment():
    users = [
        user(number, email=f"user{number}@example.fr", structure=1 + number % 1_000, groupe=1 + number % 5_018)
        for number in range(13_064)
    ]
    structures = {number: structure(number, siren) for number, siren in enumerate(SIRENS, 1)}
    whole = structure(1, "217500016")
    groups = {number: group(number, perimetre=number) for number in range(1, 5_019)}
    known = perimeters()
    started = time.perf_counter()
    small = {siren: Establishment(siren, COMMUNES[place::1_000]) for place, siren in enumerate(SIRENS)}
    country = Establishment("217500016", COMMUNES)
    evaluator = RightsEvaluator(structures, groups, known, at=AT)
    found = [evaluator.rights(one, small[SIRENS[number % 1_000]]) for number, one in enumerate(users)]
    evaluator = RightsEvaluator(dict.fromkeys(structures, whole), groups, known, at=AT)
    found += [evaluator.rights(one, country) for one in users]
    visible = [rights.visible_communes for rights in found]
    took = time.perf_counter() - started
    assert {rights.decision for rights in found} == {Decision.ALLOW, Decision.DENY}
    assert None in visible and frozenset() in visible and max(len(seen or ()) for seen in visible) > 3_000
    assert took < 60  # loaded machines included; a mistake of order takes minutes
