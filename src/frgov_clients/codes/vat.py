"""The French VAT number (numéro de TVA intracommunautaire): `FR`, a key of two characters, a SIREN.

A key of digits is (12 + 3 × (SIREN mod 97)) mod 97.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias, TypeGuard

from .entreprises import NO_SIREN, SIREN_FORM, parse_siren
from .form import NUMBER_SEPARATORS, Form, PydanticCode, accepts
from .luhn import passes_luhn

__all__ = ["VatNumber", "is_vat_number", "parse_vat_number", "siren_of_vat_number", "vat_key", "vat_number"]

_FORM: Final = Form(
    "vat_number",
    "FR, a key of 2 characters (digits, or letters but I and O), then 9 digits",
    re.compile(r"FR[0-9A-HJ-NP-Z]{2}[0-9]{9}"),
    "FR83404833048",
    NUMBER_SEPARATORS,
    hints=(
        (re.compile(r"(?=.?[0-9])[0-9A-HJ-NP-Z]{2}[0-9]{9}"), "put FR in front"),
        (re.compile(r"[0-9]{9}"), "that is a SIREN: `vat_number` gives its VAT number"),
        (re.compile(r"(?!FR)[A-Z]{2}[0-9A-Z]{2,12}"), "of another country than France"),
    ),
)
_MONACO: Final = "000"
"""Companies of Monaco have French VAT numbers over a number of their own, which starts so and is no SIREN."""


def _key(number: str) -> str:
    return f"{(12 + 3 * (int(number) % 97)) % 97:02d}"


def vat_key(siren: str, *, strict: bool = True) -> str:
    """The two digits that stand before a SIREN in its VAT number: `"83"` for 404833048.

    `strict=False` takes a SIREN that fails its check. Raises `InvalidCode`.
    """
    return _key(parse_siren(siren, strict=strict))


def vat_number(siren: str, *, strict: bool = True) -> str:
    """The VAT number of a company: `"FR83404833048"` for 404833048.

    It is the number that the company has if it is subject to VAT, which its SIREN does not tell.
    `strict=False` takes a SIREN that fails its check. Raises `InvalidCode`.
    """
    number = parse_siren(siren, strict=strict)
    return f"FR{_key(number)}{number}"


def parse_vat_number(value: str, *, strict: bool = True) -> str:
    """The French VAT number in 13 characters, its key and its SIREN verified.

    A key with a letter can not be computed from the SIREN: it is taken by its form, and the SIREN is verified.
    The number of a company of Monaco (`000` after the key) holds no SIREN: only its key is verified.
    `strict=False` keeps to the form. Raises `InvalidCode`.
    """
    text = _FORM.read(value)
    if not strict:
        return text
    key, number = text[2:4], text[4:]
    if number == NO_SIREN:
        raise _FORM.refusal("a placeholder for a missing number", limit="9 last digits that are not only zeros")
    if not number.startswith(_MONACO) and not passes_luhn(number):
        raise _FORM.refusal("a digit is wrong or two are swapped", limit="9 last digits that make a SIREN (Luhn)")
    if key.isdecimal() and key != _key(number):
        raise _FORM.refusal("a digit is wrong or two are swapped", limit="a key that fits its SIREN")
    return text


def siren_of_vat_number(value: str, *, strict: bool = True) -> str:
    """The SIREN in a French VAT number. Raises `InvalidCode`, also for Monaco, whose numbers hold none."""
    number = parse_vat_number(value, strict=strict)[4:]
    if number.startswith(_MONACO):
        raise SIREN_FORM.refusal("the VAT number of a company of Monaco holds no SIREN")
    return number


def is_vat_number(value: object, *, strict: bool = True) -> TypeGuard[str]:
    """Whether `parse_vat_number` takes `value`; never raises."""
    return accepts(parse_vat_number, value, strict=strict)


VatNumber: TypeAlias = Annotated[str, PydanticCode(_FORM, parse_vat_number)]
"""pydantic type: a French VAT number, checked."""
