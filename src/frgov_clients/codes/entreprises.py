"""SIREN, NIC and SIRET: the numbers of a company and of its establishments.

INSEE gives them out in Sirene. They are ordinal numbers without meaning, but for their check digits.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Final, TypeAlias, TypeGuard

from .form import NUMBER_SEPARATORS, Form, PydanticCode, accepts
from .luhn import digit_sum, passes_luhn

__all__ = [
    "NO_SIREN",
    "SIREN_FORM",
    "Nic",
    "Siren",
    "SirenUnchecked",
    "Siret",
    "SiretUnchecked",
    "is_nic",
    "is_siren",
    "is_siret",
    "nic_of",
    "parse_nic",
    "parse_siren",
    "parse_siret",
    "siren_of",
    "siret_of",
]

LA_POSTE: Final = "356000000"
LA_POSTE_HEAD_OFFICE: Final = "35600000000048"
NO_SIREN: Final = "000000000"

_VAT_NUMBER: Final = (
    re.compile(r"FR[0-9A-Z]{2}[0-9]{9}"),
    "that is a VAT number: `siren_of_vat_number` gives its SIREN",
)
SIREN_FORM: Final = Form(
    "siren",
    "9 digits",
    re.compile(r"[0-9]{9}"),
    "404833048",
    NUMBER_SEPARATORS,
    digits=9,
    hints=((re.compile(r"[0-9]{14}"), "14 digits: that is a SIRET, `siren_of` gives its SIREN"), _VAT_NUMBER),
)
_SIRET: Final = Form(
    "siret",
    "14 digits",
    re.compile(r"[0-9]{14}"),
    "13002526500013",
    NUMBER_SEPARATORS,
    digits=14,
    hints=(
        (re.compile(r"[0-9]{9}"), "9 digits: that is a SIREN, which the NIC (5 digits) of an establishment completes"),
        _VAT_NUMBER,
    ),
)
_NIC: Final = Form("nic", "5 digits", re.compile(r"[0-9]{5}"), "00013", NUMBER_SEPARATORS, digits=5)

_LUHN: Final = "a check digit that fits (Luhn)"
_TYPO: Final = "a digit is wrong or two are swapped; `strict=False` takes numbers that do not check"


def parse_siren(value: str, *, strict: bool = True) -> str:
    """The SIREN in 9 digits, its Luhn check digit verified.

    `strict=False` leaves the check out: some old or provisional numbers do not fit.
    Raises `InvalidCode`.
    """
    siren = SIREN_FORM.read(value)
    if strict and siren == NO_SIREN:
        # It passes Luhn, and stands for "no number" in many files.
        raise SIREN_FORM.refusal("a placeholder for a missing number", limit="not only zeros")
    if strict and not passes_luhn(siren):
        raise SIREN_FORM.refusal(_TYPO, limit=_LUHN)
    return siren


def parse_siret(value: str, *, strict: bool = True) -> str:
    """The SIRET (SIREN then NIC) in 14 digits, the check digits of the whole and of its SIREN verified.

    The establishments of La Poste (SIREN 356000000) have a rule of their own: the sum of all digits is a multiple
    of 5; its head office, 35600000000048, passes Luhn instead.
    `strict=False` leaves the checks out. Raises `InvalidCode`.
    """
    siret = _SIRET.read(value)
    if not strict:
        return siret
    siren = siret[:9]
    if siren == LA_POSTE:
        if siret != LA_POSTE_HEAD_OFFICE and digit_sum(siret) % 5:
            raise _SIRET.refusal(_TYPO, limit="digits whose sum is a multiple of 5 (La Poste)")
    elif siren == NO_SIREN:
        raise _SIRET.refusal("a placeholder for a missing number", limit="a SIREN that is not only zeros")
    elif not passes_luhn(siret):
        raise _SIRET.refusal(_TYPO, limit=_LUHN)
    elif not passes_luhn(siren):
        raise _SIRET.refusal(_TYPO, limit="9 first digits that make a SIREN (Luhn)")
    return siret


def parse_nic(value: str) -> str:
    """The NIC, the number of an establishment within its company, in 5 digits.

    Its last digit checks the whole SIRET and says nothing alone. Raises `InvalidCode`.
    """
    return _NIC.read(value)


def is_siren(value: object, *, strict: bool = True) -> TypeGuard[str]:
    """Whether `parse_siren` takes `value`; never raises."""
    return accepts(parse_siren, value, strict=strict)


def is_siret(value: object, *, strict: bool = True) -> TypeGuard[str]:
    """Whether `parse_siret` takes `value`; never raises."""
    return accepts(parse_siret, value, strict=strict)


def is_nic(value: object) -> TypeGuard[str]:
    """Whether `parse_nic` takes `value`; never raises."""
    return accepts(parse_nic, value)


def siren_of(siret: str, *, strict: bool = True) -> str:
    """The SIREN of the company that an establishment belongs to. Raises `InvalidCode` when `siret` is none."""
    return parse_siret(siret, strict=strict)[:9]


def nic_of(siret: str, *, strict: bool = True) -> str:
    """The NIC of an establishment, the 5 last digits of its SIRET. Raises `InvalidCode` when `siret` is none."""
    return parse_siret(siret, strict=strict)[9:]


def siret_of(siren: str, nic: str, *, strict: bool = True) -> str:
    """The SIRET made of a SIREN and a NIC. Raises `InvalidCode` when one of them, or the whole, is none."""
    return parse_siret(parse_siren(siren, strict=strict) + parse_nic(nic), strict=strict)


Siren: TypeAlias = Annotated[str, PydanticCode(SIREN_FORM, parse_siren)]
"""pydantic type: a SIREN, checked."""
SirenUnchecked: TypeAlias = Annotated[str, PydanticCode(SIREN_FORM, partial(parse_siren, strict=False))]
"""pydantic type: a SIREN by its form alone, for data that you did not write."""
Siret: TypeAlias = Annotated[str, PydanticCode(_SIRET, parse_siret)]
"""pydantic type: a SIRET, checked."""
SiretUnchecked: TypeAlias = Annotated[str, PydanticCode(_SIRET, partial(parse_siret, strict=False))]
"""pydantic type: a SIRET by its form alone, for data that you did not write."""
Nic: TypeAlias = Annotated[str, PydanticCode(_NIC, parse_nic)]
"""pydantic type: a NIC."""
