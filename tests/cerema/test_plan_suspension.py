"""Causes of the portal come and go, causes that a person wrote stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_parts import AWAY, HOME, MEMBER, ROW, SUSPENDED, plan, suspended, told
from rights_parts import OTHER, structure, user, without

NO_CGU = user(cgu_valide=None)
MANUAL = "compte partagé"


@pytest.mark.parametrize(
    ("stored", "row", "change"),
    [
        ("cgu vides", ROW, ("reactivate", None)),
        ("droits utilisateur expires, droits structure expires", ROW, ("reactivate", None)),
        (" perimetre_invalide ,niveau_acces_invalide,groupe_manquant,", ROW, ("reactivate", None)),
        (MANUAL, ROW, None),
        (f"cgu vides, {MANUAL}", ROW, ("restate", MANUAL)),
        ("", ROW, None),
        (None, ROW, None),
        ("cgu vides", NO_CGU, None),
        ("droits utilisateur expires", NO_CGU, ("restate", "cgu vides")),
        (MANUAL, NO_CGU, ("restate", f"{MANUAL}, cgu vides")),
        (f"cgu vides, {MANUAL}", NO_CGU, None),
        ("", NO_CGU, None),
        ("CGU VIDES", ROW, None),
    ],
)
def test_a_suspension_becomes_what_it_is_for_now(stored, row, change) -> None:
    found = plan(suspended(stored), row)
    assert told(found) == ([] if change is None else [(change[0], "u1", "home", change[1])])
    assert bool(found.unchanged) is (change is None)
    assert found.harmed_users == frozenset() and found.active_users == 0


def test_the_order_of_causes_is_no_change() -> None:
    row = user(cgu_valide=None, date_expiration="2020-01-01T00:00:00+01:00")
    assert plan(suspended("droits utilisateur expires, cgu vides"), row).changes == ()


def test_a_cause_that_is_left_of_an_earlier_suspension_counts_for_nothing() -> None:
    assert plan(replace(MEMBER, suspended_cause=MANUAL), ROW).changes == ()
    assert plan(replace(MEMBER, suspended_cause=MANUAL), NO_CGU).suspend[0].suspended_cause == "cgu vides"


# ---- establishments -------------------------------------------------------------------------------------------

ENDED = "2026-01-01T00:00:00+01:00"


def of_home(*structures, **fields):
    home = replace(HOME, **fields)
    found = plan((), all_structures=(*structures, structure(457, OTHER)), establishments=(home, AWAY))
    assert found.changes == found.establishments
    return [(str(each.action), each.establishment, each.suspended_cause) for each in found.establishments]


def test_an_establishment_without_access_is_suspended() -> None:
    for ended in (ENDED, None):
        assert of_home(structure(acces_lovac=ended)) == [("suspend", "home", "droits structure expires")]
    assert of_home(structure()) == []


def test_of_several_structures_one_with_access_is_enough() -> None:
    assert of_home(structure(), structure(458, acces_lovac=ENDED)) == []
    assert of_home(structure(458, acces_lovac=ENDED), structure()) == []
    assert len(of_home(structure(acces_lovac=None), structure(458, acces_lovac=ENDED))) == 1


def test_an_establishment_that_the_portal_does_not_know_stays_as_it_is() -> None:
    assert of_home() == []
    for siret in (None, "2467004880001"):
        assert of_home(structure(siret=siret, acces_lovac=None)) == []
    assert of_home(suspended_at=SUSPENDED, suspended_cause="droits structure expires") == []


@pytest.mark.parametrize(
    ("stored", "change"),
    [
        ("droits structure expires", ("reactivate", "home", None)),
        (MANUAL, None),
        (f"{MANUAL}, droits structure expires", ("restate", "home", MANUAL)),
        (None, None),
    ],
)
def test_an_establishment_with_access_again_is_reactivated_unless_a_person_suspended_it(stored, change) -> None:
    found = of_home(structure(), suspended_at=SUSPENDED, suspended_cause=stored)
    assert found == ([] if change is None else [change])


def test_an_establishment_whose_access_is_not_known_is_undecided() -> None:
    unknown = without(structure(), "acces_lovac")
    found = plan((), all_structures=(unknown, structure(458, acces_lovac=ENDED)), establishments=(HOME,))
    assert found.changes == ()
    assert [(each.user, each.establishment, each.reasons) for each in found.undecided] == [
        (None, "home", ("structure_inconnue",))
    ]
    assert plan((), all_structures=(unknown, structure(458)), establishments=(HOME,)).undecided == ()
