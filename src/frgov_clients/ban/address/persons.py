"""Whoever lives there, in front of an address: left out, since it tells a geocoder nothing and is nobody's business."""

from __future__ import annotations

from typing import Final

from .text import word_set
from .words import AFTER_ARTICLE, COMPLEMENTS, KIND_WORDS, ROADS, STREET_KINDS

__all__ = ["BEFORE_PERSONS", "PERSON_TITLES", "without_person"]

PERSON_TITLES: Final = word_set("""
    CONSORTS DOCTEUR DR EPOUX FAMILLE INDIVISION M MADAME MADEMOISELLE MAITRE ME MLE MLLE MM MME MMES MONSIEUR MR MRS
    VEUVE VVE
    """)
BEFORE_PERSONS: Final = PERSON_TITLES | {"CHEZ"}
_PLACE_NAMES: Final = word_set("""
    BOIS BOURG CHAMP CHATEAU CLOS FERME HAMEAU MAS MOULIN PARC PLAN PONT PRE PRIEURE PUY VILLAGE
    """)
_NAME_GOES_ON: Final = AFTER_ARTICLE | PERSON_TITLES | {"ET", "OU"}


def without_person(words: list[str]) -> list[str] | None:
    """What follows the person that the words begin with: nothing, where a title tells that all of it is a person.

    `None` when no person is recognised: CHEZ BERNARD alone is the name of a hamlet.
    """
    titled = words[0] != "CHEZ" or (len(words) > 1 and words[1] in PERSON_TITLES)
    start = 2 if words[0] == "CHEZ" and titled else 1
    if len(words) <= start:
        return None
    if words[start][0].isdecimal():
        return words[start:]
    for place in range(start + 1, len(words) - 1):
        if _begins_place(words, place):
            return words[place:]
    return [] if titled else None


def _begins_place(words: list[str], place: int) -> bool:
    """Whether the name of a person ends before a word, which is not the last."""
    word, before, following = words[place], words[place - 1], words[place + 1]
    if before in _NAME_GOES_ON:
        return False
    if word[0].isdecimal() or word in STREET_KINDS or word in KIND_WORDS or word in COMPLEMENTS:
        return True
    if word in ROADS:
        return following[0].isdecimal()
    if word == "LE":
        return following in _PLACE_NAMES  # LE GOFF is a name
    return word in ("LES", "LA", "L") or (word in _PLACE_NAMES and following in AFTER_ARTICLE)
