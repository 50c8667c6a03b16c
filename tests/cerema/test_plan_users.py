"""What a plan changes of users and their memberships, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_parts import AWAY, HOME, MEMBER, ROW, plan, suspended, told
from rights_parts import OTHER, SIREN, group, perimeter, structure, user, without

from frgov_clients.cerema.plan import LocalEstablishment
from frgov_clients.cerema.rights import Establishment

NO_CGU = user(cgu_valide=None)
BOTH = replace(MEMBER, establishments=("home", "away"), current="home")
ROW_AWAY = user(2, structure=457, groupe=174)


def test_who_is_allowed_and_a_member_stays_so() -> None:
    found = plan(MEMBER, ROW)
    assert (found.changes, found.undecided, found.unchanged) == ((), (), ("u1",))


def test_who_is_denied_in_the_current_establishment_is_suspended_and_stays_a_member() -> None:
    found = plan(MEMBER, NO_CGU)
    assert told(found) == [("suspend", "u1", "home", "cgu vides")]
    assert found.suspend == found.changes and found.harmed_users == {"u1"}
    assert found.changes[0].rights is not None and found.changes[0].rights.reasons == ("cgu vides",)


def test_who_is_denied_elsewhere_leaves_there_alone() -> None:
    found = plan(BOTH, ROW, user(2, structure=457, groupe=174, cgu_valide=None))
    assert told(found) == [("leave", "u1", "away", None)]
    assert found.leave[0].reasons == ("cgu vides",)


def test_who_has_no_row_there_leaves_and_is_not_suspended() -> None:
    """ZLV changes no suspension when no row matches the current establishment, and drops the membership."""
    found = plan(BOTH, ROW_AWAY)
    assert told(found) == [("leave", "u1", "home", None)]
    assert found.changes[0].reasons == ("structure_manquante",)
    assert plan(suspended("cgu vides"), ROW_AWAY).reactivate == ()


def test_who_is_unknown_to_the_portal_leaves_and_is_not_suspended() -> None:
    found = plan(BOTH)
    assert told(found) == [("leave", "u1", "away", None), ("leave", "u1", "home", None)]
    assert {each.reasons for each in found.leave} == {("utilisateur_manquant",)}


def test_who_is_allowed_elsewhere_becomes_a_member_there() -> None:
    found = plan(MEMBER, ROW, ROW_AWAY)
    assert told(found) == [("grant", "u1", "away", None)]
    assert found.grant[0].rights is not None and found.grant[0].rights.has_commitment
    assert plan(replace(MEMBER, establishments=(), current="home"), ROW).grant[0].establishment == "home"


def test_who_is_in_no_group_stays_a_member_and_becomes_none() -> None:
    assert plan(MEMBER, user(groupe=None)).unchanged == ("u1",)
    assert plan(replace(MEMBER, establishments=()), user(groupe=None)).changes == ()
    found = plan(MEMBER, user(groupe=None), group_required=True)
    assert told(found) == [("suspend", "u1", "home", "groupe_manquant")]


def test_an_establishment_that_the_application_does_not_have_is_not_granted() -> None:
    assert plan(MEMBER, ROW, ROW_AWAY, establishments=(HOME,)).changes == ()


def test_two_establishments_of_one_siren_are_both_looked_at() -> None:
    twin = LocalEstablishment("twin", Establishment(OTHER, ["75056"]))
    found = plan(MEMBER, ROW, ROW_AWAY, establishments=(HOME, AWAY, twin))
    assert [each.establishment for each in found.grant] == ["away", "twin"]


@pytest.mark.parametrize(
    ("rows", "options", "reason"),
    [
        ([user(structure=9)], {}, "structure_inconnue"),
        ([user(groupe=9)], {}, "groupe_inconnu"),
        ([ROW], {"all_perimeters": ()}, "perimetre_inconnu"),
        ([ROW], {"all_structures": (structure(siret="2467004880001"), structure(457, OTHER))}, "siret_illisible"),
        ([without(ROW, "cgu_valide")], {}, "utilisateur_incomplet"),
    ],
)
@pytest.mark.parametrize("local", [MEMBER, suspended("cgu vides"), replace(MEMBER, establishments=(), current="home")])
def test_what_is_not_known_changes_nothing_and_is_listed(local, rows, options, reason) -> None:
    found = plan(local, *rows, **options)
    assert found.changes == () and found.unchanged == ()
    [undecided] = found.undecided
    assert (undecided.user, undecided.establishment, undecided.reasons) == ("u1", "home", (reason,))
    assert undecided.rights is not None


def test_establishments_that_lost_their_communes_cost_nobody_anything() -> None:
    """A table of communes that came empty suspended all who have a perimeter."""
    bare = replace(HOME, establishment=Establishment(SIREN, []))
    restricted = {"all_perimeters": (perimeter(dep=["67"]),), "establishments": (bare, AWAY)}
    for local in (MEMBER, suspended("cgu vides"), replace(MEMBER, establishments=(), current="home")):
        found = plan(local, ROW, **restricted)
        assert found.changes == ()
        assert [each.reasons for each in found.undecided] == [("communes_inconnues",)]
    assert plan(MEMBER, ROW, establishments=(bare, AWAY)).unchanged == ("u1",)
    assert told(plan(MEMBER, NO_CGU, **restricted)) == [("suspend", "u1", "home", "cgu vides")]


def test_what_is_not_known_of_one_establishment_does_not_keep_from_another() -> None:
    found = plan(BOTH, NO_CGU, user(2, structure=457, groupe=9))
    assert told(found) == [("suspend", "u1", "home", "cgu vides")]
    assert [each.establishment for each in found.undecided] == ["away"]


def test_suspension_is_judged_by_the_current_establishment_or_by_the_only_one() -> None:
    assert told(plan(replace(BOTH, current="away"), NO_CGU, ROW_AWAY)) == [("leave", "u1", "home", None)]
    assert told(plan(replace(BOTH, current=None), NO_CGU, ROW_AWAY)) == [("leave", "u1", "home", None)]
    assert told(plan(MEMBER, NO_CGU)) == [("suspend", "u1", "home", "cgu vides")]
    assert told(plan(replace(MEMBER, current="away"), NO_CGU, ROW_AWAY)) == [
        ("grant", "u1", "away", None),
        ("leave", "u1", "home", None),
    ]


def test_all_rows_of_a_user_count_whatever_their_order() -> None:
    """The last row of an address decided alone once, and suspended who was in two structures."""
    other = user(2, structure=457, groupe=174, cgu_valide=None, date_expiration="2020-01-01T00:00:00+01:00")
    assert plan(MEMBER, ROW, other).changes == () and plan(MEMBER, other, ROW).changes == ()


def test_addresses_are_compared_without_capitals_and_blanks_and_otherwise_exactly() -> None:
    local = replace(MEMBER, email="O'Brien+Lovac@example.fr")
    assert plan(local, user(email=" o'brien+lovac@EXAMPLE.fr")).unchanged == ("u1",)
    assert plan(local, user(email="o'brien@example.fr")).leave[0].reasons == ("utilisateur_manquant",)
    assert plan(replace(MEMBER, email="strasse@example.fr"), user(email="straße@example.fr")).leave


def test_who_is_exempt_is_not_looked_at() -> None:
    found = plan(replace(MEMBER, exempt=True), NO_CGU)
    assert (found.changes, found.unchanged, found.exempt, found.active_users) == ((), (), ("u1",), 0)


def test_of_several_users_each_has_changes_of_their_own() -> None:
    users = [replace(MEMBER, id=f"u{number}", email=f"user{number}@example.fr") for number in range(4)]
    rows = [user(number, email=f"user{number}@example.fr") for number in range(3)]
    rows[1] = rows[1].model_copy(update={"cgu_valide": None})
    found = plan(users, *rows)
    assert told(found) == [("suspend", "u1", "home", "cgu vides"), ("leave", "u3", "home", None)]
    assert found.unchanged == ("u0", "u2")


def test_a_group_without_lovac_and_an_ended_structure_are_told_together() -> None:
    found = plan(
        MEMBER,
        ROW,
        all_groups=(group(niveau_acces="df", lovac=False),),
        all_structures=(structure(acces_lovac=None), structure(457, OTHER)),
    )
    assert found.suspend[0].suspended_cause == "droits structure expires, niveau_acces_invalide"
