"""How e-mail addresses are compared: one way for filters, rights and plans."""

from __future__ import annotations

__all__ = ["email_key"]


def email_key(email: str) -> str:
    """What tells e-mail addresses apart: neither capitals nor blanks around them.

    `str.casefold` would do more: by it `straße@example.fr` is `strasse@example.fr`, which is somebody else.
    """
    return email.strip().lower()
