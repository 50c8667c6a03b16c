"""How e-mail addresses are compared: one way for filters, rights and plans."""

from __future__ import annotations

from ..errors import InvalidRequest

__all__ = ["checked_email", "email_key"]


def email_key(email: str) -> str:
    """What tells e-mail addresses apart: neither capitals nor blanks around them.

    `str.casefold` would do more: by it `straße@example.fr` is `strasse@example.fr`, which is somebody else.
    """
    return email.strip().lower()


def checked_email(email: object) -> str:
    """An e-mail address as it can be searched for. Raises `InvalidRequest`."""
    text = email.strip() if isinstance(email, str) else ""
    name, at, host = text.rpartition("@")
    if not (name and at and host) or len(text) > 254 or any(char.isspace() or not char.isprintable() for char in text):
        raise InvalidRequest.of("email", "an e-mail address, with its @ and without blanks")
    return text
