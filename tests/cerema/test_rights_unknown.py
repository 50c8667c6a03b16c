"""What could not be seen is never taken for a no, nor for a yes."""

from __future__ import annotations

import pickle

import pytest
from rights_parts import OTHER, SIREN, by_id, group, perimeter, rights, structure, user, without

from frgov_clients import FrgovError
from frgov_clients.cerema.rights import ABSENT, Decision, Establishment, RightsUnknown

NO_LOVAC = by_id(group(niveau_acces="df", lovac=False))
NOT_SEEN = [
    ({"structures": {}}, "structure_inconnue"),
    ({"structures": {456: None}}, "structure_inconnue"),
    ({"structures": by_id(without(structure(), "siret"))}, "structure_inconnue"),
    ({"structures": by_id(without(structure(), "acces_lovac"))}, "structure_inconnue"),
    ({"structures": by_id(structure(siret="2467004880001"))}, "siret_illisible"),
    ({"structures": by_id(structure(siret="24670048800O17"))}, "siret_illisible"),
    ({"structures": by_id(structure(siret="*"))}, "siret_illisible"),
    ({"groups": {}}, "groupe_inconnu"),
    ({"groups": {173: None}}, "groupe_inconnu"),
    ({"groups": {173: ABSENT}}, "groupe_introuvable"),
    ({"groups": by_id(without(group(niveau_acces="df"), "lovac"))}, "groupe_inconnu"),
    ({"groups": by_id(without(group(), "perimetre"))}, "perimetre_inconnu"),
    ({"perimeters": {}}, "perimetre_inconnu"),
    ({"perimeters": {20: None}}, "perimetre_inconnu"),
    ({"perimeters": {20: ABSENT}}, "perimetre_introuvable"),
    ({"perimeters": by_id(without(perimeter(dep=["67"]), "comm"))}, "perimetre_inconnu"),
    ({"rows": without(user(), "cgu_valide")}, "utilisateur_incomplet"),
    ({"rows": without(user(), "date_expiration")}, "utilisateur_incomplet"),
    ({"rows": without(user(), "groupe")}, "utilisateur_incomplet"),
]


@pytest.mark.parametrize(("given", "reason"), NOT_SEEN)
def test_what_was_not_seen_leads_to_unknown(given, reason) -> None:
    found = rights(**given)
    assert found.decision is Decision.UNKNOWN and not found.allowed
    assert found.reasons == (reason,) and found.suspended_cause is None and found.expires_at is None
    with pytest.raises(RightsUnknown, match=reason):
        assert found.visible_communes


def test_a_row_without_its_structure_is_doubly_in_doubt() -> None:
    found = rights(without(user(), "structure"))
    assert found.reasons == ("utilisateur_incomplet", "structure_inconnue")


def test_what_denies_for_certain_denies_whatever_else_is_not_seen() -> None:
    found = rights(user(cgu_valide=None), groups={})
    assert found.reasons == ("cgu vides",) and found.notes == ("groupe_inconnu",)
    assert found.visible_communes == frozenset()
    assert rights(groups=NO_LOVAC, perimeters={}).reasons == ("niveau_acces_invalide",)


def test_a_structure_that_does_not_exist_is_nobodys() -> None:
    assert rights(structures={456: ABSENT}).reasons == ("structure_manquante",)


def test_a_structure_that_is_anothers_for_certain_needs_no_date() -> None:
    other = without(structure(siren="217500016"), "acces_lovac")
    assert rights(structures=by_id(other)).reasons == ("structure_manquante",)


def test_a_whole_country_needs_no_lists() -> None:
    whole = without(perimeter(fr_entiere=True), "comm", "dep", "reg", "epci")
    assert rights(perimeters=by_id(whole)).visible_communes is None


# ---- an establishment without communes: the application's own outage ------------------------------------------

NO_COMMUNES = Establishment(SIREN, [])


@pytest.mark.parametrize("lists", [{"dep": ["67"]}, {"comm": ["67482"]}, {"reg": ["44"]}, {"epci": [OTHER]}, {}])
def test_of_no_communes_nothing_is_denied(lists) -> None:
    found = rights(establishment=NO_COMMUNES, perimeters=by_id(perimeter(**lists)))
    assert found.decision is Decision.UNKNOWN and found.reasons == ("communes_inconnues",)
    assert found.suspended_cause is None and found.notes == ()


def test_where_there_is_no_restriction_no_commune_is_needed() -> None:
    for lists in ({"fr_entiere": True}, {"epci": [SIREN]}):
        found = rights(establishment=NO_COMMUNES, perimeters=by_id(perimeter(**lists)))
        assert found.allowed and found.visible_communes is None
    assert rights(user(groupe=None), establishment=NO_COMMUNES).allowed
    assert rights(establishment=NO_COMMUNES, groups=by_id(group(perimetre=None))).allowed


def test_what_denies_for_certain_needs_no_commune() -> None:
    found = rights(user(cgu_valide=None), establishment=NO_COMMUNES)
    assert found.reasons == ("cgu vides",) and found.notes == ("communes_inconnues",)
    assert rights(user(structure=457), establishment=NO_COMMUNES).reasons == ("structure_manquante",)


def test_codes_that_can_not_be_read_are_a_doubt_of_their_own() -> None:
    found = rights(establishment=NO_COMMUNES, perimeters=by_id(perimeter(reg=["42"])))
    assert found.reasons == ("communes_inconnues", "perimetre_illisible") and found.notes == ()


# ---- several rows ---------------------------------------------------------------------------------------------


def test_a_row_that_allows_needs_no_other() -> None:
    found = rights([user(1), user(2, structure=9)])
    assert found.allowed and found.notes == ("structure_inconnue",)
    assert found.visible_communes == {"67482", "67043", "67218"}


def test_a_row_in_doubt_keeps_a_denial_from_being_certain() -> None:
    found = rights([user(1, cgu_valide=None), user(2, structure=9)])
    assert found.decision is Decision.UNKNOWN and found.reasons == ("structure_inconnue",)
    found = rights([user(1, cgu_valide=None), user(2, groupe=9)])
    assert found.decision is Decision.UNKNOWN and found.reasons == ("groupe_inconnu",)


def test_a_row_in_doubt_that_could_not_allow_leaves_a_denial_certain() -> None:
    """Its own cause is not told, since it may be of another structure."""
    rows = [user(1, cgu_valide=None), user(2, structure=9, date_expiration="2020-01-01T00:00:00+01:00")]
    found = rights(rows)
    assert found.reasons == ("cgu vides",)


@pytest.mark.parametrize("other", [structure(458, siret="2467004880001"), without(structure(458), "siret")])
def test_a_structure_that_is_not_known_to_be_whose_is_neither_denied_nor_counted(other) -> None:
    rows = [user(1, cgu_valide=None), user(2, structure=458)]
    found = rights(rows, structures=by_id(structure(), other))
    assert found.decision is Decision.UNKNOWN
    assert found.structure_has_lovac is None and not found.has_commitment
    ended = other.model_copy(update={"acces_lovac": None})
    assert rights(rows, structures=by_id(structure(), ended)).reasons == ("cgu vides",)  # it could not allow anyway
    alone = rights(user(2, structure=458), structures=by_id(ended))
    assert alone.decision is Decision.UNKNOWN and alone.structure_has_lovac is None
    allowed = rights([user(1), user(2, structure=458)], structures=by_id(structure(), other))
    assert allowed.allowed and len(allowed.notes) == 1


def test_alone_such_a_row_does_not_say_whether_it_is_here_that_it_denies() -> None:
    """Suspended for `cgu vides`, or a member no more: the two are not the same change."""
    found = rights(user(structure=9, cgu_valide=None))
    assert found.decision is Decision.UNKNOWN and found.reasons == ("structure_inconnue",)


def test_the_error_is_of_the_tree_and_pickles() -> None:
    with pytest.raises(FrgovError) as caught:
        assert rights(groups={}).visible_communes
    assert caught.value.retryable and str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
