"""Postcodes and commune codes as rows hold them, mended."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ...codes import parse_code_commune, parse_code_postal
from ...errors import InvalidRequest

__all__ = ["citycode_of", "postcode_of"]

_FLOAT: Final = re.compile(r"([0-9]{4,5})[.,]0*")
_COUNTRY: Final = re.compile(r"(?:FR?|France)[ \-]*(?=[0-9]{5}$)", re.IGNORECASE)


@lru_cache(maxsize=8_192)
def postcode_of(text: str) -> tuple[str, str]:
    """A postcode and what was mended; an empty one when the text is none.

    `postcode_zero_restored` (1000 for 01000), `postcode_mended` (1000.0, F-90000), `postcode_ignored` (no postcode).
    """
    return _code_of(text, parse_code_postal, "postcode")


@lru_cache(maxsize=8_192)
def citycode_of(text: str) -> tuple[str, str]:
    """A commune's code and what was mended: `citycode_zero_restored`, `citycode_mended`, `citycode_ignored`."""
    return _code_of(text, parse_code_commune, "citycode")


def _code_of(text: str, parse: Callable[[str], str], name: str) -> tuple[str, str]:
    stripped = _COUNTRY.sub("", text.strip())
    if not stripped:
        return "", ""
    as_float = _FLOAT.fullmatch(stripped)
    digits = as_float[1] if as_float else stripped.replace(" ", "")
    if digits.isdecimal() and len(digits) == 4:
        code, repair = _parsed(parse, f"0{digits}"), f"{name}_zero_restored"
    else:
        code = _parsed(parse, digits)
        repair = "" if code == text.strip() else f"{name}_mended"
    return (code, repair) if code else ("", f"{name}_ignored")


def _parsed(parse: Callable[[str], str], text: str) -> str:
    try:
        return parse(text)
    except InvalidRequest:
        return ""
