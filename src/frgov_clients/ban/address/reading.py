"""One line of an address taken apart: number, street, what is no street, postcode and commune at its end."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .complements import begins_with_complement, corner, floor_in_front, is_beside, without_complements
from .doors import Door, door_at_end, door_in_front, door_inside
from .persons import BEFORE_PERSONS, PERSON_TITLES, without_person
from .text import plain
from .words import AFTER_ARTICLE, COMPLEMENTS, FLOORS, STREET_KINDS

__all__ = ["Line", "read_line"]

_POSTCODE: Final = re.compile(r"(?<= )(?<!\bCS )(?<!\bTSA )(?<!\bBP )([0-9]{5})(?: |$)")

_LEADS: Final = BEFORE_PERSONS | {"ANGLE"}


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
    """`complement_left_out`, `number_range`, ..."""


def read_line(text: str) -> Line:
    """Take a line apart."""
    line = plain(text)
    postcode = city = ""
    if _POSTCODE.search(line, 1):
        line, postcode, city = _without_tail(line)
    if " B P " in line:
        line = line.replace(" B P ", " BP ")
    if " C O " in line or line.startswith("C O "):
        line = f" {line}".replace(" C O ", " CHEZ ")
    words = line.split()
    repairs: list[str] = []
    number, suffix, rest = _door(words, text, repairs)
    if not COMPLEMENTS.isdisjoint(words):
        rest = without_complements(rest, bool(number), repairs)
    if not number and len(rest) > 2 and (door := door_at_end(rest, text)):
        number, suffix, rest = door
        repairs.append("number_at_end")
    if repairs and not BEFORE_PERSONS.isdisjoint(words) and _leaves_person(words, rest):
        repairs.append("person_left_out")
    return Line(number, suffix, " ".join(rest), postcode, city, tuple(dict.fromkeys(repairs)) if repairs else ())


def _leaves_person(words: list[str], rest: list[str]) -> bool:
    """Whether what is left out holds a person: BAT A CHEZ M X, but not RES DU DR X."""
    after = zip(["", *words], words, strict=False)
    return any(word in BEFORE_PERSONS and word not in rest and before not in AFTER_ARTICLE for before, word in after)


def _without_tail(line: str) -> tuple[str, str, str]:
    """A line without the last postcode in it and what follows, which is the commune."""
    *_, match = _POSTCODE.finditer(line, 1)
    if line[: match.start()].isspace():
        return line, "", ""
    return line[: match.start()], match[1], line[match.end() :].strip()


def _door(words: list[str], text: str, repairs: list[str]) -> Door:
    """The number of the street, and the street with what follows it."""
    floor = False
    if words and (words[0] in _LEADS or not FLOORS.isdisjoint(words[1:3])):
        words, floor = _without_front(words, repairs)
    door = door_in_front(words, text, repairs, inside=floor)
    rest = door.rest
    if door.number and len(rest) > 1 and rest[0] == "CHEZ" and rest[1] in PERSON_TITLES:
        return _without_tenant(door, text, repairs)
    if len(rest) > 2 and (rest[0] not in STREET_KINDS if door.number else words[0] not in STREET_KINDS):
        place_too = not door.number and begins_with_complement(words)
        inner = door_inside(words, text, repairs, place_too=place_too)
        if inner and is_beside(words):
            repairs.append("number_of_neighbour")
            return Door("", "", inner.rest)
        if inner:
            repairs.append("number_chosen" if door.number else "complement_left_out")
            return inner
    return door


def _without_front(words: list[str], repairs: list[str]) -> tuple[list[str], bool]:
    """A line without the person, the corner or the floor that it begins with; whether it was a floor."""
    if words[0] in BEFORE_PERSONS and (left := without_person(words)) is not None:
        repairs.append("person_left_out")
        words = left
    if words and words[0] == "ANGLE" and (street := corner(words)) is not words:
        repairs.append("complement_left_out")
        return street, False
    floor = floor_in_front(words)
    if floor:
        repairs.append("complement_left_out")
    return words[floor:] if floor else words, bool(floor)


def _without_tenant(door: Door, text: str, repairs: list[str]) -> Door:
    """12 CHEZ M MARTIN LE BOURG is asked as 12 LE BOURG, 12 CHEZ M MARTIN not at all."""
    left = without_person(door.rest) or []
    repairs.append("person_left_out")
    if left and left[0][0].isdecimal():
        return door_in_front(left, text, repairs, inside=True)
    return door._replace(rest=left) if left else Door("", "", [])
