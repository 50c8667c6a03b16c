"""One way to compare e-mail addresses."""

from __future__ import annotations

import pytest

from frgov_clients.cerema.emails import email_key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("User@Example.FR", " user@example.fr\n", True),
        ("user@example.fr", "user+lovac@example.fr", False),
        ("strasse@example.fr", "straße@example.fr", False),
        ("STRASSE@example.fr", "straße@example.fr", False),
        ("Élu@example.fr", "élu@example.fr", True),
        ("elu@example.fr", "élu@example.fr", False),
    ],
)
def test_addresses_are_the_same_but_for_capitals_and_blanks_around_them(one, other, same) -> None:
    assert (email_key(one) == email_key(other)) is same
    assert email_key(email_key(one)) == email_key(one)
