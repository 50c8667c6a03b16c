"""The result as a value: to read, to compare, to keep; never to be taken for true or false."""

from __future__ import annotations

import copy
import pickle

import pytest
from rights_parts import AT, STRASBOURG, by_id, group, perimeter, rights, structure, user

from frgov_clients.cerema.rights import RightsEvaluator


def test_it_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match=r"`rights\.allowed` and `rights\.denied`; unknown is neither"):
        bool(rights(user(cgu_valide=None)))


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, (True, False)), ({"rows": []}, (False, True)), ({"groups": {173: None}}, (False, False))],
)
def test_unknown_is_neither_allowed_nor_denied(given, told) -> None:
    found = rights(**given)
    assert (found.allowed, found.denied) == told


def test_equal_data_give_equal_rights_that_can_be_kept() -> None:
    one = rights()
    assert one == rights() and hash(one) == hash(rights())
    assert one != rights(user(cgu_valide=None))
    for again in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
        assert again == one and again.visible_communes == one.visible_communes
    with pytest.raises(AttributeError):
        one.decision = "deny"


def test_it_explains_itself_without_naming_the_person() -> None:
    rows = [user(1, email="O'Brien+lovac@example.fr", cgu_valide=None), user(2, email="o'brien+lovac@example.fr")]
    found = rights([*rows, user(3, email=rows[0].email, structure=457)], perimeters=by_id(perimeter(dep=["68"])))
    assert found.explain() == (
        "deny: cgu vides, perimetre_invalide [246700488 at 2026-08-07T10:00Z, 2 rows; 1 in other structures]\n"
        "- row 1: deny, cgu vides, perimetre_invalide; structure 456 has LOVAC until 2027-12-31, group 173 has LOVAC,"
        " perimeter 20\n"
        "- row 2: deny, perimetre_invalide; structure 456 has LOVAC until 2027-12-31, group 173 has LOVAC,"
        " perimeter 20\n"
        "  cgu vides: the terms of use were not accepted\n"
        "  perimetre_invalide: the perimeter covers no commune of the establishment"
    )
    assert str(found) == found.explain().splitlines()[0]
    assert repr(found) == f"<Rights {found}>"
    for text in (found.explain(), repr(found), repr(found.rows)):
        assert "brien" not in text.lower() and "example" not in text


def test_it_explains_what_is_not_known() -> None:
    text = rights(user(groupe=None), structures={}).explain()
    assert "unknown: structure_inconnue [" in text
    assert "structure 456 not known, no group, no perimeter" in text


def test_what_is_a_doubt_is_not_told_as_a_note_again() -> None:
    """Of two rows one is noted for what leaves the other in doubt."""
    area = {"comm": ["33063"], "reg": ["42"]}
    found = rights(
        [user(1), user(2, groupe=174, cgu_valide=None)],
        groups=by_id(group(), group(174, perimetre=21)),
        perimeters=by_id(perimeter(**area), perimeter(21, comm=["67482"], reg=["42"])),
    )
    assert found.rows[1].notes == ("perimetre_illisible",)
    assert found.explain() == (
        "unknown: perimetre_illisible [246700488 at 2026-08-07T10:00Z, 2 rows]\n"
        "- row 1: unknown, perimetre_illisible; structure 456 has LOVAC until 2027-12-31, group 173 has LOVAC,"
        " perimeter 20\n"
        "- row 2: deny, cgu vides; structure 456 has LOVAC until 2027-12-31, group 174 has LOVAC, perimeter 21\n"
        "  perimetre_illisible: the perimeter holds codes that can not be read; what they cover is not known"
    )


def test_an_evaluator_answers_as_the_function_does() -> None:
    evaluator = RightsEvaluator(by_id(structure()), by_id(group()), by_id(perimeter(dep=["67"])), at=AT)
    for rows in (user(), [user(1, cgu_valide=None), user(2)], user(groupe=None), user(groupe=9), user(structure=9), []):
        expected = rights(rows, structures=by_id(structure()))
        assert evaluator.rights(rows, STRASBOURG) == expected
        assert evaluator.rights(rows, STRASBOURG) == expected
