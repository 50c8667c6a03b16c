"""Codes for the made-up worlds of the fakes of the Cerema: the right form, and nobody's."""

from __future__ import annotations

import random
from typing import Final

from ..codes import departements_of_region, is_code_region
from ..codes.luhn import passes_luhn

__all__ = ["DEPARTEMENTS", "REGIONS", "checked", "siren"]

REGIONS: Final = tuple(code for code in map("{:02}".format, range(100)) if is_code_region(code))
DEPARTEMENTS: Final = tuple(code for region in REGIONS for code in departements_of_region(region))


def checked(digits: str) -> str:
    """The digits and the one that makes the Luhn sum right."""
    return next(whole for whole in map(f"{digits}{{}}".format, range(10)) if passes_luhn(whole))


def siren(dice: random.Random, beginning: str = "") -> str:
    """Nine digits that begin so."""
    return checked(beginning + f"{dice.randrange(10**8):08}"[len(beginning) :])
