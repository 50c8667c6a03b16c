"""One line of an address taken apart: number, street, what is no street, postcode and commune at its end."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .text import plain, word_set
from .words import COMPLEMENTS, COMPLEMENTS_BEFORE_NUMBER, KIND_ABBREVIATIONS, KINDS, MONTHS, SUFFIXES

__all__ = ["Line", "read_line"]

_POSTCODE: Final = re.compile(r"(?<= )(?<!\bCS )(?<!\bTSA )(?<!\bBP )([0-9]{5})(?: |$)")
_NUMBER: Final = re.compile(r"([0-9]{1,5})(BIS|TER|QUATER|QUINQUIES|SEXIES|[A-Z])?")
_AFTER_ARTICLE: Final = word_set("A AU AUX D DE DES DU L LA LE LES SUR")
_KIND_WORDS: Final = KINDS | frozenset(KIND_ABBREVIATIONS)
_STRONG: Final = word_set("""
    ALL ALLEE ALLEES AV AVE AVENUE BD BLD BOULEVARD BVD CH CHE CHEMIN CHS CHAUSSEE COURS CRS ESP ESPLANADE FAUBOURG FG
    FBG IMP IMPASSE MONTEE MTE PASSAGE PAS PASS PL PLACE PROM PROMENADE QU QUAI R ROUTE RTE RUE RUELLE RLE SENTE
    SENTIER SQ SQUARE TRA TRAVERSE VENELLE VEN VOIE
    """)
"""Kinds that make a number in front of them the number of a street, wherever it stands."""
_ELIDED: Final = frozenset("LDRN")
_RESIDENCE: Final = frozenset(
    ("RES", "RESIDENCE", "RESID", "REZ", "LOT", "LIEU", "LD", "CHEZ", "BLOC", "ENTREE", "PORTE")
)
"""Complements that begin names of streets as well: 12 RES LES LILAS."""


class Line(NamedTuple):
    """What a line says."""

    number: str = ""
    suffix: str = ""
    """One letter: B for BIS."""
    street: str = ""
    """Plain, not written out."""
    postcode: str = ""
    city: str = ""
    repairs: tuple[str, ...] = ()
    """`complement_left_out`, `number_range`."""


def read_line(text: str) -> Line:
    """Take a line apart."""
    line = plain(text)
    postcode = city = ""
    if _POSTCODE.search(line, 1):
        line, postcode, city = _without_tail(line)
    if " B P " in line:
        line = line.replace(" B P ", " BP ")
    words = line.split()
    repairs: list[str] = []
    number, suffix, rest = _number(words, repairs)
    if not number and len(rest) > 2:
        number, suffix, rest = _number_inside(rest, repairs)
    if not COMPLEMENTS.isdisjoint(words):
        rest = _without_complements(rest, bool(number), repairs)
    return Line(number, suffix, " ".join(rest), postcode, city, tuple(dict.fromkeys(repairs)) if repairs else ())


def _without_tail(line: str) -> tuple[str, str, str]:
    """A line without the last postcode in it and what follows, which is the commune."""
    *_, match = _POSTCODE.finditer(line, 1)
    if line[: match.start()].isspace():
        return line, "", ""
    return line[: match.start()], match[1], line[match.end() :].strip()


def _number(words: list[str], repairs: list[str]) -> tuple[str, str, list[str]]:
    """The number that the words begin with, and what follows it."""
    if not words:
        return "", "", words
    first = words[0]
    if first in ("N", "NO", "NUM", "NUMERO", "NR") and len(words) > 2 and words[1][0].isdecimal():
        words = words[1:]
        first = words[0]
    if not first[0].isdecimal():
        return "", "", words
    match = _NUMBER.fullmatch(first)
    if not match:
        return "", "", words
    number, suffix = match[1].lstrip("0"), match[2] or ""
    rest = words[1:]
    if rest and not suffix:
        suffix, rest = _suffix(rest)
    if len(number) > 4 and not (len(number) == 5 and rest and rest[0] in _KIND_WORDS):
        return "", "", words  # a postcode, perhaps
    if len(rest) > 1:
        rest = _range(rest, repairs)
    if not number:
        return "", "", rest
    return number, SUFFIXES.get(suffix, suffix), rest


def _suffix(rest: list[str]) -> tuple[str, list[str]]:
    word = rest[0]
    if word in SUFFIXES:
        return word, rest[1:]
    if len(word) == 1 and word.isalpha() and len(rest) > 1:
        following = rest[1]
        if word == "R" and (following not in _STRONG or len(following) < 3):
            return "", rest  # RUE R POINCARE, RUE LOT DES LILAS
        if following in _KIND_WORDS or (word not in _ELIDED and word != "A" and not following[0].isdecimal()):
            return word, rest[1:]
    return "", rest


def _range(rest: list[str], repairs: list[str]) -> list[str]:
    """12-14 RUE, 12 A 14 RUE: what follows the last number."""
    start = 1 if rest[0] in ("A", "ET") else 0
    place = start
    while place < len(rest) - 1 and (match := _NUMBER.fullmatch(rest[place])) and len(match[1]) < 5:
        place += 1
        if rest[place] in SUFFIXES and place < len(rest) - 1:
            place += 1
    several = place > start + 1 or (place > start and start == 1)
    if place > start and (rest[place] in _KIND_WORDS or (several and _names_no_day(rest, place))):
        repairs.append("number_range")
        return rest[place:]
    return rest


def _names_no_day(words: list[str], place: int) -> bool:
    return words[place].isalpha() and words[place] not in MONTHS


def _number_inside(words: list[str], repairs: list[str]) -> tuple[str, str, list[str]]:
    """A number in front of RUE, AVENUE, ...: what stands before it says where in the building."""
    if words[0] in _STRONG:
        return "", "", words
    begun = words[0] in COMPLEMENTS
    for place in range(1, len(words) - 1):
        if words[place][0].isdecimal() and not _is_of_complement(words, place):
            number, suffix, rest = _number(words[place:], [])
            if number and rest and (_begins_street(rest) or (begun and _may_begin_street(rest))):
                repairs.append("complement_left_out")
                return number, suffix, rest
    return "", "", words


def _begins_street(words: list[str]) -> bool:
    return len(words) > 1 and words[0] in _STRONG


def _may_begin_street(words: list[str]) -> bool:
    return words[0].isalpha() and words[0] not in COMPLEMENTS


def _is_of_complement(words: list[str], place: int) -> bool:
    """Whether a number belongs to the complement in front of it: APPT 3, but not 2EME ETAGE 3."""
    before = words[place - 1]
    if before in ("ETAGE", "ETG") and place > 1 and words[place - 2][0].isdecimal():
        return False
    return before in COMPLEMENTS and before not in ("RDC", "CEDEX")


def _without_complements(words: list[str], numbered: bool, repairs: list[str]) -> list[str]:
    """The words up to the first that says where in the building."""
    start = 0
    if words and words[0] in COMPLEMENTS and (words[0] not in _RESIDENCE or not numbered) and _counts(words, 0):
        for place in range(1, len(words) - 1):
            if words[place] in _STRONG and words[place - 1] not in _AFTER_ARTICLE:
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
            return words[start : _with_ordinal(words, place, start)]
        named = named or (word not in _AFTER_ARTICLE and (place > start or word not in _KIND_WORDS))
    return words[start:]


def _with_ordinal(words: list[str], place: int, start: int) -> int:
    """Where the complement begins: at 2EME in 2EME ETAGE, but at ETG in ETG 2."""
    following = words[place + 1] if place + 1 < len(words) else ""
    if words[place] not in ("ETAGE", "ETAGES", "ETG") or following[:1].isdecimal():
        return place
    if place - 1 > start + 1 and words[place - 1][0].isdecimal():
        return place - 1
    if place - 2 > start + 1 and words[place - 1] in ("E", "EME", "ER"):
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
    return words[place - 1] not in _AFTER_ARTICLE and _counts(words, place)


def _counts(words: list[str], place: int) -> bool:
    """Whether the word is a complement by what follows it."""
    word = words[place]
    if word in COMPLEMENTS_BEFORE_NUMBER:
        following = words[place + 1] if place + 1 < len(words) else ""
        return following[:1].isdecimal() or following == "NO" or (len(following) == 1 and following not in _KIND_WORDS)
    if word == "LIEU":
        return words[place + 1 : place + 2] == ["DIT"]
    return True
