"""The number of a street in a line: which of several numbers it is, and where it stands."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

from .words import (
    AFTER_ARTICLE,
    ALIKE,
    COMPLEMENTS,
    FLOORS,
    KIND_WORDS,
    MONTHS,
    NUMBER_SIGNS,
    NUMBERED,
    ORDINALS,
    ROADS,
    STREET_KINDS,
    SUFFIXES,
)

__all__ = ["Door", "door_at_end", "door_in_front", "door_inside"]

_NUMBER: Final = re.compile(r"([0-9]{1,5})(BIS|TER|QUATER|QUINQUIES|SEXIES|[A-Z])?")
_JOINED: Final = re.compile(r"([0-9]+) ?(?:BIS|TER|QUATER|[A-Z])?[-/–]0*([0-9]+)", re.IGNORECASE)
_ELIDED: Final = frozenset("LDRN")
_WIDEST: Final = 20
"""How far apart two numbers may be that nothing joins, to be taken for a range."""
_ON_ROADS: Final = frozenset(("ROUTE", "RTE", "CHEMIN", "CHE", "CH"))
"""Where N may stand for NATIONALE: ROUTE DE PARIS N 6."""
_REGNAL: Final = frozenset(("CHARLES", "FRANCOIS", "HENRI", "JEAN", "LOUIS", "NAPOLEON", "PIE", "PHILIPPE"))
"""RUE HENRI 4 is no number of RUE HENRI."""

_NO_NAMES: Final = AFTER_ARTICLE | ROADS | {"LOT", "LOTISSEMENT", "ZONE"}
"""What a number behind it belongs to: RUE DU LOTISSEMENT 2, CHEMIN RURAL 12."""


class Door(NamedTuple):
    """A number, its suffix, and the words that follow; the number is empty where there is none."""

    number: str
    suffix: str
    rest: list[str]


def door_in_front(words: list[str], text: str, repairs: list[str], *, inside: bool = False) -> Door:
    """The number that the words begin with. `inside` a line, two numbers that nothing joins in `text` are no range."""
    if not words:
        return Door("", "", words)
    first = words[0]
    if first in NUMBER_SIGNS and len(words) > 2 and words[1][0].isdecimal():
        words = words[1:]
        first = words[0]
    if not first[0].isdecimal() or not (match := _NUMBER.fullmatch(first)):
        return Door("", "", words)
    number, suffix = match[1].lstrip("0"), match[2] or ""
    rest = words[1:]
    if rest and not suffix:
        suffix, rest = _suffix(rest)
    if len(number) > 4 and not (len(number) == 5 and rest and rest[0] in KIND_WORDS):
        return Door("", "", words)  # a postcode, perhaps
    if len(rest) > 1 and (several := _several(rest)):
        last, end = several
        if rest[end] in KIND_WORDS and not _is_range(number, rest[: last + 1], text, inside=inside):
            repairs.append("number_chosen")
            return door_in_front(rest[last:], "", repairs)
        repairs.append("number_range")
        rest = rest[end:]
    if not number:
        return Door("", "", rest)
    return Door(number, SUFFIXES.get(suffix, suffix), rest)


def _suffix(rest: list[str]) -> tuple[str, list[str]]:
    word = rest[0]
    if word in SUFFIXES:
        return word, rest[1:]
    if len(word) == 1 and word.isalpha() and len(rest) > 1:
        following = rest[1]
        if word == "R" and (following not in STREET_KINDS or len(following) < 3):
            return "", rest  # RUE R POINCARE, RUE LOT DES LILAS
        if word == "L" and following[0] in "AEIOUH":
            return "", rest  # 4 L ESPLANADE
        if following in KIND_WORDS or (word not in _ELIDED and word != "A" and not following[0].isdecimal()):
            return word, rest[1:]
    return "", rest


def _several(rest: list[str]) -> tuple[int, int] | None:
    """More numbers after the first one, in front of a street: where the last one stands, and what follows it."""
    start = 1 if rest[0] in ("A", "ET") else 0
    place = last = start
    while place < len(rest) - 1 and (match := _NUMBER.fullmatch(rest[place])) and len(match[1]) < 5:
        last = place
        place += 1
        if rest[place] in SUFFIXES and place < len(rest) - 1:
            place += 1
        if rest[place] in ("A", "ET") and place < len(rest) - 1 and rest[place + 1][0].isdecimal():
            place += 1
    many = place > start + 1 or (place > start and start == 1)
    if place > start and (rest[place] in KIND_WORDS or (many and _names_no_day(rest[place]))):
        return last, place
    return None


def _names_no_day(word: str) -> bool:
    return word.isalpha() and word not in MONTHS


def _is_range(number: str, others: list[str], text: str, *, inside: bool) -> bool:
    """Whether numbers are the doors of one house: 12-14, 12 A 14, 12 14; but not 6 4, flat and street."""
    numbers = [int(number or "0"), *(int(match[1]) for word in others if (match := _NUMBER.fullmatch(word)))]
    if any(one > other for one, other in pairwise(numbers)):
        return False
    if others[0] in ("A", "ET") or numbers[0] == numbers[-1]:
        return True
    joined = {(int(one), int(other)) for one, other in _JOINED.findall(text)}
    if joined.issuperset(pairwise(numbers)):
        return True
    return not inside and all(other - one <= _WIDEST and (other - one) % 2 == 0 for one, other in pairwise(numbers))


# ---- further inside, and at the end ------------------------------------------------------------------------


def door_inside(words: list[str], text: str, repairs: list[str], *, place_too: bool) -> Door | None:
    """A number in front of RUE, AVENUE, ...: what stands before it says where in the building.

    With `place_too`, also in front of a name without such a word: BAT A 12 LE BOURG.
    """
    for place in range(1, len(words) - 1):
        if not words[place][0].isdecimal() or _is_owned(words, place):
            continue
        told: list[str] = []
        door = door_in_front(words[place:], text, told, inside=True)
        if door.number and door.rest and (_begins_street(door.rest) or (place_too and _may_begin_street(door.rest))):
            repairs += told
            return door
    return None


def _begins_street(words: list[str]) -> bool:
    return len(words) > 1 and words[0] in STREET_KINDS


def _may_begin_street(words: list[str]) -> bool:
    first = words[0]
    if first in COMPLEMENTS:
        return first in KIND_WORDS and len(words) > 1 and words[1].isalpha() and len(words[1]) > 1
    return first.isalpha()


def _is_owned(words: list[str], place: int) -> bool:
    """Whether a number belongs to what stands before it: APPT 3, BUREAU N 6, LES 4 ROUTES; but not 2EME ETAGE 3."""
    at = place - 1
    if words[at] in NUMBER_SIGNS and at:
        at -= 1
    before = words[at]
    if before in FLOORS:
        return not _is_numbered(words, at)
    if before in NUMBERED or before in ROADS:
        return not at or words[at - 1] not in AFTER_ARTICLE  # RESIDENCE DE LA TOUR 4 RUE
    return before in ("DES", "LES") or (before in COMPLEMENTS and before not in ("RDC", "CEDEX", "ANGLE", "FACE"))


def _is_numbered(words: list[str], floor: int) -> bool:
    """Whether the number of a floor stands in front of it: 2EME ETAGE, 2 E ETAGE; but not ESC 2 ETAGE."""
    at = floor - 1
    if at > 0 and words[at] in ORDINALS:
        at -= 1
    return at >= 0 and words[at][0].isdecimal() and (at == 0 or not _is_owned(words, at))


def door_at_end(words: list[str], text: str) -> Door | None:
    """The number that stands behind a street, and the street: RUE DES LILAS 4, but not RUE DU 8 MAI 1945."""
    if len(words) < 3 or words[0] not in STREET_KINDS:
        return _of_main_street(words)
    end = len(words)
    suffix = ""
    if words[-2][0].isdecimal() and (words[-1] in SUFFIXES or (len(words[-1]) == 1 and words[-1].isalpha())):
        end, suffix = end - 1, words[-1]
    match = _NUMBER.fullmatch(words[end - 1])
    if not match or len(match[1]) > 4 or (suffix and match[2]):
        return None
    number, suffix = match[1].lstrip("0"), suffix or match[2] or ""
    sign = words[end - 2] if words[end - 2] in NUMBER_SIGNS else ""
    name = words[1 : end - 2 if sign else end - 1]
    if not number or not name or name[-1] in AFTER_ARTICLE:
        return None
    signed = bool(sign) and (sign != "N" or "°" in text or "º" in text or words[0] not in _ON_ROADS)
    if not signed and (sign or not _may_have_number(name, number)):
        return None
    return Door(number, SUFFIXES.get(suffix, suffix), [words[0], *name])


def _of_main_street(words: list[str]) -> Door | None:
    """GRANDE RUE 4."""
    if len(words) == 3 and words[:2] == ["GRANDE", "RUE"] and words[2].isdecimal() and len(words[2]) < 5:
        return Door(words[2].lstrip("0"), "", words[:2])
    return None


def _may_have_number(name: list[str], number: str) -> bool:
    """Whether a number behind the name of a street is likely that of a house, and not part of the name."""
    last, before = name[-1], name[-2] if len(name) > 1 else ""
    if len(last) < 2 or last.isdecimal() or last in _NO_NAMES or 1600 <= int(number) < 2100:
        return False
    if last in COMPLEMENTS:
        return before in AFTER_ARTICLE  # RUE DE LA TOUR 4, but not RUE X TOUR 4
    if last in MONTHS and (before[:1].isdecimal() or before in ALIKE):
        return False
    return len(name) > 1 or last not in _REGNAL
