"""Texts as they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.address.text import _folded, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Étang des Érables", "ETANG DES ERABLES"),
        ("rue de l’Église", "RUE DE L EGLISE"),
        ("Œuvre æ ß", "OEUVRE AE SS"),
        ("n° 3½", "N  31 2"),
        ("a\xadb", "AB"),
        ("a\x85b\0c\nd", "A B C D"),
        ("rue 🏠 b", "RUE   B"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@settings(max_examples=500)
@given(st.text(st.characters(max_codepoint=0x2FF), max_size=20))
def test_the_fast_way_and_the_whole_way_say_the_same(text: str) -> None:
    assert plain(text) == _folded(text)


def test_five_digits_before_a_kind_of_street_are_a_number() -> None:
    from frgov_clients.ban.address import Fields, question_of

    question = question_of(Fields("10650 rue de la Plage", "97160", "Le Moule"))
    assert not isinstance(question, str)
    assert (question.number, question.street.text) == ("10650", "RUE DE LA PLAGE")
    town = question_of(Fields("90000 Belfort"))
    assert not isinstance(town, str)
    assert town.number == ""
