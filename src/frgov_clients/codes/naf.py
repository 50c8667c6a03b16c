"""NAF: the code of a company's main activity (its "code APE"), of NAF rev. 2 and of NAF 2025.

NAF 2025 (décret n° 2025-736) replaces NAF rev. 2 on 1 January 2027; Sirene has published both since December 2025.
Both are written `dd.ddL`. The last letter tells them apart: INSEE chose other letters for NAF 2025 in all its
747 sub-classes (01.11Z became 01.11Y).
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, TypeAlias, TypeGuard

from .form import LOST_ZERO, Form, PydanticCode, accepts

__all__ = ["CodeNaf", "NafNomenclature", "is_code_naf", "nomenclature_of_naf", "parse_code_naf"]

NafNomenclature: TypeAlias = Literal["NAFRev2", "NAF2025"]
"""The nomenclatures as Sirene names them in `nomenclatureActivitePrincipale…`."""

_FORM: Final = Form(
    "code_naf",
    "2 digits, a dot, 2 digits, a letter, as in 62.01Z",
    re.compile(r"[0-9]{2}\.[0-9]{2}[A-Z]"),
    "62.01Z",
    {},
    hints=(
        (re.compile(r"[0-9]{2}\.?[0-9][A-Z]"), "3 digits: a code of before 2008, or a leading zero lost"),
        (re.compile(r"[0-9]\.[0-9]{2}[A-Z]"), LOST_ZERO),
        (re.compile(r"[0-9]{2}(\.?[0-9]{1,2})?"), "a division, group or class: a sub-class ends with a letter"),
        (re.compile(r"[0-9]{2}\.?[0-9]{2}[A-Z]{2}"), "a code of crafts (NAFA): NAF is all but its last letter"),
        (re.compile(r"[A-Z]"), "a section: a sub-class has 4 digits and a letter"),
    ),
)
_UNDOTTED: Final = re.compile(r"[0-9]{4}[A-Z]")
_NOMENCLATURES: Final[dict[str, NafNomenclature]] = {
    **dict.fromkeys("ABCDEFZ", "NAFRev2"),
    **dict.fromkeys("GHJKLY", "NAF2025"),
}


def parse_code_naf(value: str) -> str:
    """The NAF code in the form `62.01Z`; `6201Z` and `62.01z` are taken too. Raises `InvalidCode`.

    Codes of NAF rev. 2 and of NAF 2025 are taken, and `00.00Z` (activity not known yet). Older ones (`85.3K`) are not.
    That the sub-class exists is not verified.
    """
    text = _FORM.clean(value)
    return _FORM.check(f"{text[:2]}.{text[2:]}" if _UNDOTTED.fullmatch(text) else text)


def is_code_naf(value: object) -> TypeGuard[str]:
    """Whether `parse_code_naf` takes `value`; never raises."""
    return accepts(parse_code_naf, value)


def nomenclature_of_naf(code: str) -> NafNomenclature | None:
    """Which nomenclature a code is of, by its letter: A to F and Z for NAF rev. 2; G, H, J, K, L, Y for NAF 2025.

    `None` for a letter that neither uses as published (a later edition of NAF 2025 may). Raises `InvalidCode`.
    """
    return _NOMENCLATURES.get(parse_code_naf(code)[-1])


CodeNaf: TypeAlias = Annotated[str, PydanticCode(_FORM, parse_code_naf)]
"""pydantic type: a code of NAF rev. 2 or NAF 2025."""
