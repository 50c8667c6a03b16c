"""Texts as they are compared: capitals without accents, and nothing but letters, digits and single spaces."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["plain", "word_set", "words_of"]

_LIGATURES: Final = {
    ord("œ"): "oe",
    ord("Œ"): "oe",
    ord("æ"): "ae",
    ord("Æ"): "ae",
    ord("ß"): "ss",
    ord("ø"): "o",
    ord("Ø"): "o",
    ord("ł"): "l",
    ord("Ł"): "l",
    ord("’"): " ",
    ord("‘"): " ",
    ord("`"): " ",
    ord("´"): " ",  # else it would vanish, and glue two words
    ord("°"): " ",
    ord("º"): " ",
    ord("–"): " ",
    ord("—"): " ",
    ord("‐"): " ",
    ord("‑"): " ",
    ord("«"): " ",
    ord("»"): " ",
    ord("“"): " ",
    ord("”"): " ",
    ord("…"): " ",
    ord("\u2028"): " ",
    ord("\u2029"): " ",
    ord("\u0085"): " ",
    ord("\xad"): None,
}
_ASCII: Final = "".join(chr(code).upper() if chr(code).isalnum() else " " for code in range(128))
"""What each character of ASCII becomes; `str.translate` is fastest with a text as its table."""


def plain(text: str) -> str:
    """Capitals, digits and spaces only; control characters, punctuation and emoji part words or vanish."""
    if text.isascii():
        return text.translate(_ASCII)
    try:
        found = text.encode("latin-1").translate(_LATIN)
    except UnicodeEncodeError:
        return _folded(text)
    return _folded(text) if _SEVERAL in found else found.decode("ascii")


def _folded(text: str) -> str:
    """The same for all of Unicode, five times as slow."""
    folded = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join([char if char.isascii() else _replaced(char) for char in folded]).translate(_ASCII)


def _replaced(char: str) -> str:
    """An accent goes; anything else that has no ASCII form parts words."""
    return "" if unicodedata.combining(char) or unicodedata.category(char) == "Cf" else " "


_SEVERAL: Final = b"\0"
"""Stands for what becomes several characters, or none."""
_LATIN: Final = b"".join(told.encode() if len(told := _folded(chr(code))) == 1 else _SEVERAL for code in range(256))


def words_of(text: str) -> list[str]:
    """The words of a text, plain."""
    return plain(text).split()


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is easier to read than to quote."""
    return frozenset(text.split())
