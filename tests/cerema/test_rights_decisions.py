"""ZLV's own table of decisions: all data known."""

from __future__ import annotations

import pytest
from rights_parts import AT, OTHER, STRASBOURG, by_id, group, perimeter, rights, structure, user

from frgov_clients import InvalidRequest
from frgov_clients.cerema.rights import SUSPENSION_CAUSES, Decision, Establishment, Reason, evaluate_rights

PAST = "2026-08-07T11:59:59+02:00"
EXPIRED = structure(acces_lovac=PAST)
NO_LOVAC = group(niveau_acces="df", lovac=False)


def test_who_has_all_that_is_needed_is_allowed() -> None:
    found = rights()
    assert found.decision is Decision.ALLOW and found.allowed
    assert (found.reasons, found.notes, found.suspended_cause) == ((), (), None)
    assert (found.structure_has_lovac, found.group_has_lovac, found.has_commitment) == (True, True, True)
    [row] = found.decisive
    assert (row.user, row.structure, row.groupe, row.perimetre) == (1, 456, 173, 20)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"rows": user(cgu_valide=None)}, "cgu vides"),
        ({"rows": user(cgu_valide="")}, "cgu vides"),
        ({"rows": user(date_expiration=PAST)}, "droits utilisateur expires"),
        ({"structures": by_id(EXPIRED)}, "droits structure expires"),
        ({"structures": by_id(structure(acces_lovac=None))}, "droits structure expires"),
        ({"groups": by_id(NO_LOVAC)}, "niveau_acces_invalide"),
        ({"groups": by_id(group(niveau_acces=None, lovac=None))}, "niveau_acces_invalide"),
        ({"perimeters": by_id(perimeter(dep=["68"]))}, "perimetre_invalide"),
        ({"perimeters": by_id(perimeter())}, "perimetre_invalide"),
        ({"rows": user(groupe=None), "group_required": True}, "groupe_manquant"),
    ],
)
def test_one_thing_that_does_not_hold_denies(given, cause) -> None:
    found = rights(**given)
    assert found.decision is Decision.DENY
    assert found.reasons == (cause,) and found.suspended_cause == cause
    assert found.visible_communes == frozenset() and found.expires_at is None


def test_all_causes_are_told_in_the_order_in_which_zlv_writes_them() -> None:
    found = rights(
        user(cgu_valide=None, date_expiration=PAST),
        structures=by_id(EXPIRED),
        groups=by_id(NO_LOVAC),
        perimeters=by_id(perimeter(comm=["13055"])),
    )
    text = "cgu vides, droits utilisateur expires, droits structure expires, niveau_acces_invalide, perimetre_invalide"
    assert found.suspended_cause == text
    assert (found.structure_has_lovac, found.group_has_lovac, found.has_commitment) == (False, False, False)


def test_the_causes_of_a_suspension_are_those_of_zlv() -> None:
    assert {*SUSPENSION_CAUSES} == {
        "droits utilisateur expires",
        "droits structure expires",
        "cgu vides",
        "niveau_acces_invalide",
        "perimetre_invalide",
        "groupe_manquant",
    }
    assert [reason for reason in Reason if reason.is_cause] == [*SUSPENSION_CAUSES]
    assert all(reason.meaning for reason in Reason)


@pytest.mark.parametrize("given", [{"niveau_acces": "lovac", "lovac": False}, {"niveau_acces": "df", "lovac": True}])
def test_a_group_has_access_by_its_level_or_by_its_flag(given) -> None:
    assert rights(groups=by_id(group(**given))).allowed


@pytest.mark.parametrize(
    "given", [{"fr_entiere": True}, {"comm": ["67482"]}, {"dep": ["67"]}, {"reg": ["44"]}, {"epci": ["246700488"]}]
)
def test_one_commune_is_enough_of_any_kind_of_perimeter(given) -> None:
    assert rights(perimeters=by_id(perimeter(**given))).allowed


def test_an_epci_counts_for_its_own_establishment_and_where_no_place_is_listed() -> None:
    assert rights(perimeters=by_id(perimeter(epci=[OTHER]))).reasons == ("perimetre_invalide",)
    assert rights(perimeters=by_id(perimeter(epci=["246700488"], dep=["68"]))).reasons == ("perimetre_invalide",)


def test_no_group_is_allowed_with_a_note_and_without_commitment() -> None:
    for none in (None, 0):
        found = rights(user(groupe=none))
        assert found.allowed and found.notes == ("groupe_manquant",)
        assert found.group_has_lovac is None and not found.has_commitment
        assert found.visible_communes is None


def test_a_group_without_a_perimeter_is_no_restriction_and_noted() -> None:
    found = rights(groups=by_id(group(perimetre=None)))
    assert found.allowed and found.notes == ("perimetre_manquant",) and found.visible_communes is None


def test_who_is_in_another_structure_has_no_rights_here_and_is_not_to_be_suspended() -> None:
    found = rights(user(structure=457))
    assert found.decision is Decision.DENY and found.reasons == ("structure_manquante",)
    assert found.suspended_cause is None and found.rows == () and found.elsewhere == 1
    assert rights(user(structure=None)).reasons == ("structure_manquante",)


def test_who_is_unknown_to_the_portal_has_no_rights() -> None:
    found = rights([])
    assert found.decision is Decision.DENY and found.reasons == ("utilisateur_manquant",)
    assert found.suspended_cause is None


@pytest.mark.parametrize("siret", [None, "", " "])
def test_a_structure_without_a_siret_matches_nothing_and_is_noted(siret) -> None:
    found = rights(structures=by_id(structure(siret=siret)))
    assert found.reasons == ("structure_manquante",) and found.notes == ("structure_sans_siret",)


def test_no_siren_stands_for_all() -> None:
    assert not rights(structures=by_id(structure(siret="*"))).allowed


def test_a_siren_keeps_its_leading_zeros() -> None:
    small = Establishment("005580113", ["67482"])
    assert rights(structures=by_id(structure(siren="005580113")), establishment=small).allowed
    assert not rights(structures=by_id(structure(siret="558011300017")), establishment=small).allowed


def test_codes_that_can_not_be_read_show_nothing_and_deny_nothing() -> None:
    found = rights(perimeters=by_id(perimeter(comm=["99999", "67482"], reg=["42"])))
    assert found.allowed and found.notes == ("perimetre_illisible",)
    assert found.visible_communes == {"67482"}
    found = rights(perimeters=by_id(perimeter(comm=["33063"], reg=["42"])))  # Alsace, until 2015
    assert found.decision is Decision.UNKNOWN and found.reasons == ("perimetre_illisible",)
    assert found.suspended_cause is None and found.notes == () and found.rows[0].notes == ()


# ---- several rows ---------------------------------------------------------------------------------------------


def test_rows_of_other_structures_decide_nothing() -> None:
    found = rights([user(1, structure=457, cgu_valide=None), user(2)])
    assert found.allowed and found.elsewhere == 1 and [row.user for row in found.rows] == [2]


def test_of_two_structures_of_one_siren_one_that_allows_is_enough() -> None:
    structures = by_id(structure(), structure(458, acces_lovac=None))
    found = rights([user(2, structure=458), user(1)], structures=structures)
    assert found.allowed and [row.user for row in found.decisive] == [1]


def test_two_rows_that_deny_tell_the_causes_of_both() -> None:
    structures = by_id(structure(), structure(458, acces_lovac=None))
    found = rights([user(2, structure=458), user(1, cgu_valide=None)], structures=structures)
    assert found.suspended_cause == "cgu vides, droits structure expires"
    assert [row.user for row in found.decisive] == [1, 2]


def test_rows_that_allow_see_together_what_each_sees_and_last_as_long_as_the_longest() -> None:
    structures = by_id(structure(), structure(458, acces_lovac="2028-06-30T00:00:00+02:00"))
    groups = by_id(group(), group(174, perimetre=21))
    perimeters = by_id(perimeter(comm=["67482"]), perimeter(21, comm=["67043", "13055"]))
    rows = [user(1), user(2, structure=458, groupe=174, date_expiration="2028-01-01T00:00:00+01:00")]
    found = rights(rows, structures=structures, groups=groups, perimeters=perimeters)
    assert found.visible_communes == {"67482", "67043"}
    assert found.expires_at is not None and found.expires_at.year == 2028 and found.expires_at.month == 1
    open_too = by_id(perimeter(comm=["67482"]), perimeter(21, fr_entiere=True))
    assert rights(rows, structures=structures, groups=groups, perimeters=open_too).visible_communes is None


def test_the_rows_of_one_address_are_asked_together_and_of_two_refused() -> None:
    same = [user(1, email="O'Brien+lovac@Example.fr"), user(2, email=" o'brien+LOVAC@example.fr ")]
    assert rights(same).allowed
    with pytest.raises(InvalidRequest) as caught:
        rights([user(1), user(2, email="user+lovac@example.fr")])
    assert caught.value.field == "user" and "example" not in str(caught.value)
    with pytest.raises(InvalidRequest):  # who is another person, though Unicode folds the one into the other
        rights([user(1, email="strasse@example.fr"), user(2, email="straße@example.fr")])


@pytest.mark.parametrize("wrong", [None, "user@example.fr", [{"id_user": 1}], 5])
def test_what_is_no_user_is_refused(wrong) -> None:
    with pytest.raises(InvalidRequest, match="user"):
        evaluate_rights(wrong, {}, {}, {}, STRASBOURG, at=AT)
