"""What somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["did_you_mean"]

_OTHER_NAMES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("zipcode", "zip", "codepostal", "cp"), ("postcode",)),
    **dict.fromkeys(("inseecode", "codeinsee", "insee", "codecommune"), ("citycode", "code_insee")),
    **dict.fromkeys(("department", "departement", "codedepartement"), ("depcode", "coddep")),
    **dict.fromkeys(("commune", "ville"), ("city", "code_insee")),
    **dict.fromkeys(("longitude", "lng", "long", "x"), ("lon",)),
    **dict.fromkeys(("latitude", "y"), ("lat",)),
    **dict.fromkeys(("inbbox", "boundingbox", "emprise"), ("bbox",)),
    **dict.fromkeys(("query", "text", "address", "adresse"), ("q",)),
}
"""What other libraries and other services call it, and no comparison of letters would find."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'postcode'?`, to end the refusal of a name that does not exist; empty when nothing is near."""
    import difflib

    names = sorted(known)
    others = _OTHER_NAMES.get(name.lower().replace("_", ""), ())
    close = [other for other in others if other in names] or difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
