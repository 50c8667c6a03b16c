"""What is no street in a line: building, floor, box, residence, corner, neighbour."""

from __future__ import annotations

from typing import Final

from .text import word_set
from .words import (
    AFTER_ARTICLE,
    COMPLEMENTS,
    COMPLEMENTS_BEFORE_NUMBER,
    FLOORS,
    KIND_WORDS,
    NUMBER_SIGNS,
    NUMBERED,
    ORDINALS,
    STREET_KINDS,
)

__all__ = ["begins_with_complement", "corner", "floor_in_front", "is_beside", "without_complements"]

_RESIDENCE: Final = frozenset(
    ("RES", "RESIDENCE", "RESID", "REZ", "LOT", "LOTISSEMENT", "LIEU", "LD", "CHEZ", "BLOC", "ENTREE", "PORTE")
)
"""Complements that begin names of streets as well: 12 RES LES LILAS."""
_NEIGHBOURS: Final = word_set("APRES AVANT DERRIERE DEVANT ENTRE FACE PRES PROCHE VIS")
_NEIGHBOURS_AFTER_A: Final = word_set("COTE DROIT HAUTEUR NIVEAU PROXIMITE")
_BETWEEN: Final = AFTER_ARTICLE | NUMBER_SIGNS | {"VIS"}
_SIDES: Final = word_set("D DROIT DROITE G GAUCHE")
_NO_LETTERS: Final = frozenset("ADLNR")
"""Single letters that are often words of a name: LA TOUR D AUVERGNE."""


def floor_in_front(words: list[str]) -> int:
    """How many words a floor takes that a line begins with: 2 ETAGE, 2 EME ETAGE GAUCHE, 1ER ETAGE."""
    if len(words) < 3 or not words[0][0].isdecimal():
        return 0
    end = 2 if words[1] in FLOORS else 3 if words[1] in ORDINALS and words[2] in FLOORS else 0
    while end and end < len(words) and words[end] in _SIDES:
        end += 1
    return end if end < len(words) else 0


def is_beside(words: list[str]) -> bool:
    """Whether the number in a line is that of a neighbour: FACE AU 4 RUE X, EN FACE DU N 4, A COTE DU 4."""
    led = words[0] in ("A", "AU", "EN") and len(words) > 1
    first = words[1 if led else 0]
    if first not in _NEIGHBOURS and not (led and first in _NEIGHBOURS_AFTER_A):
        return False
    following = next((word for word in words[2 if led else 1 :] if word not in _BETWEEN), "")
    return following[:1].isdecimal()


def corner(words: list[str]) -> list[str]:
    """The first of two streets: RUE X of ANGLE DE LA RUE X ET DE LA RUE Y."""
    kinds = [place for place in range(1, len(words) - 1) if words[place] in STREET_KINDS]
    if not kinds:
        return words
    start = kinds[0]
    end = next((place for place in kinds if place > start + 1), len(words))
    while end > start + 2 and (words[end - 1] in AFTER_ARTICLE or words[end - 1] == "ET"):
        end -= 1
    return words[start - 1 if words[start - 1][0].isdecimal() else start : end]


def begins_with_complement(words: list[str]) -> bool:
    """Whether a line begins with what is no street: BAT A, BUREAU 6; but not MAISON FORESTIERE."""
    return words[0] in COMPLEMENTS and _counts(words, 0)


def without_complements(words: list[str], numbered: bool, repairs: list[str]) -> list[str]:
    """The words up to the first that says where in the building."""
    start = 0
    if words and (words[0] not in _RESIDENCE or not numbered) and begins_with_complement(words):
        for place in range(1, len(words) - 1):
            if words[place] in STREET_KINDS and words[place - 1] not in AFTER_ARTICLE:
                repairs.append("complement_left_out")
                start = place
                break
        else:
            return _place(words)
    named = False
    for place in range(start, len(words)):
        word = words[place]
        if named and word in COMPLEMENTS and _is_complement(words, place):
            repairs.append("complement_left_out")
            return words[start : _beginning(words, place, start)]
        named = named or (word not in AFTER_ARTICLE and (place > start or word not in KIND_WORDS))
    return words[start:]


def _beginning(words: list[str], place: int, start: int) -> int:
    """Where the complement begins: at 2EME in 2EME ETAGE, but at ETG in ETG 2; at EN in EN FACE DU 4."""
    following = words[place + 1] if place + 1 < len(words) else ""
    before = words[place - 1]
    if words[place] == "FACE" and before == "EN" and place - 1 > start + 1:
        return place - 1
    if words[place] not in FLOORS or following[:1].isdecimal():
        return place
    if place - 1 > start + 1 and before[0].isdecimal():
        return place - 1
    if place - 2 > start + 1 and before in ORDINALS:
        return place - 2
    return place


def _place(words: list[str]) -> list[str]:
    """LIEU DIT LE BOURG is asked as LE BOURG."""
    if words[0] in ("LIEUDIT", "LD", "LDT") and len(words) > 1:
        return words[1:]
    if words[0] == "LIEU" and words[1:2] == ["DIT"] and len(words) > 2:
        return words[2:]
    return words


def _is_complement(words: list[str], place: int) -> bool:
    return words[place - 1] not in AFTER_ARTICLE and _counts(words, place)


def _counts(words: list[str], place: int) -> bool:
    """Whether the word is a complement by what follows it."""
    word = words[place]
    if word in COMPLEMENTS_BEFORE_NUMBER:
        following = words[place + 1] if place + 1 < len(words) else ""
        return following[:1].isdecimal() or following == "NO" or (len(following) == 1 and following not in KIND_WORDS)
    if word in NUMBERED:
        return _has_number(words[place + 1 :])
    if word == "LIEU":
        return words[place + 1 : place + 2] == ["DIT"]
    return word != "FACE" or (place > 0 and words[place + 1 : place + 2] in (["A"], ["AU"], ["AUX"], ["DU"]))


def _has_number(words: list[str]) -> bool:
    """BUREAU 6, BUREAU N 6, TOUR B: what follows such a word numbers it."""
    if not words:
        return False
    first = words[0]
    if first in NUMBER_SIGNS:
        return len(words) > 1 and words[1][0].isdecimal()
    if len(words) == 1 and first == "A":
        return True
    return first[0].isdecimal() or (len(first) == 1 and first not in _NO_LETTERS)
