"""From what a row holds to what is asked."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from ..exchange import Ask
from ..named import named
from .codes import citycode_of, postcode_of
from .communes import City, city_of, codes_named, name_of
from .reading import Line, read_line
from .streets import Street, street_of
from .text import plain, word_set

__all__ = ["LONGEST", "REPAIRS", "SKIPS", "WHOLE", "Fields", "Question", "query_of", "question_of", "written_plain"]

LONGEST: Final = 200
"""Characters of a text that the service reads."""
_LONGEST_FIELD: Final = 1000
"""Characters of a field that are looked at: no address is as long."""
_SHORTEST: Final = 3
_LONGEST_STREET: Final = 150
"""Characters of a street's name that are asked, so that the commune has room."""
_PLAINLY: Final = _LONGEST_STREET - len("9999quater ")
"""Characters up to which nothing is cut, however long the number."""
_ANY: Final = "9999"
"""The number with which a street is read for all."""
_KEPT: Final = 400
"""Characters of a row's fields up to which what was read is kept for the next rows."""
WHOLE: Final = frozenset(("75056", "69123", "13055"))
"""Communes whose addresses carry the codes of their arrondissements: no filter finds them."""
_PLACEHOLDERS: Final = word_set("""
    ADRESSEINCONNUE ADRESSENONCONNUE AUCUN AUCUNE INCONNU INCONNUE NA NAN NC NEANT NONCOMMUNIQUE NONCOMMUNIQUEE NONE
    NONRENSEIGNE NONRENSEIGNEE NR NULL SANSADRESSE SANSOBJET SO VIDE
    """)
NOWHERE: Final = City("", "")
_LETTERS: Final = {"B": "bis", "T": "ter", "Q": "quater"}


SKIPS: Final[dict[str, str]] = {
    "empty": "no field holds a letter or a digit",
    "person_only": "only a person was recognised, who is not asked",
    "too_short": "fewer than 3 characters, which no service looks up",
}
"""The reasons for which nothing is asked."""

REPAIRS: Final[dict[str, str]] = {
    "postcode_zero_restored": "the postcode had lost its leading zero: 1000",
    "postcode_mended": "the postcode was written as a number with decimals, with spaces, or with the country",
    "postcode_ignored": "the field of the postcode holds none",
    "citycode_zero_restored": "the commune's code had lost its leading zero: 1053",
    "citycode_mended": "the commune's code was in small letters, or written as a number with decimals",
    "citycode_ignored": "the field of the commune's code holds none",
    "cedex_left_out": "CEDEX, and the postcode that goes with it, are not asked",
    "complement_left_out": "building, floor, box or residence were left out of the address",
    "complement_asked": "the address was empty, and the complement was asked in its place",
    "person_left_out": "whoever lives there was left out, and is not asked on any step",
    "number_range": "of several numbers, the first is asked",
    "number_chosen": "of several numbers, the one next to the street is asked: a guess",
    "number_at_end": "the number stood behind the street: a guess",
    "number_of_neighbour": "the number of a neighbour is not asked: FACE AU 4",
    "placeholder_ignored": "the address says that there is none: NC, SANS OBJET",
    "shortened": "the text was too long for the service",
}
"""What is mended or left out before asking."""


class Fields(NamedTuple):
    """What a row holds: raw texts, empty where it has none."""

    address: str
    """Number and street, or the whole address in one text."""
    postcode: str = ""
    city: str = ""
    citycode: str = ""
    """INSEE code of the commune."""
    complement: str = ""
    """Building, floor, box, ...: asked only where there is no address."""


class Question(NamedTuple):
    """What a row asks for."""

    ask: Ask
    """The first request."""
    number: str
    """Without its suffix; empty when none is asked."""
    suffix: str
    """One capital: `B` for bis."""
    street: Street
    postcode: str
    """As given and mended; a CEDEX code is kept here, but not asked."""
    city: City
    citycode: str
    written: str
    """The address as it was given, at most 1,000 characters: what the ladder falls back on."""
    repairs: tuple[str, ...]
    """What was mended or left out before asking: see `REPAIRS`."""
    other_postcode: str = ""
    """The postcode at the end of the address, where it does not go with the fields of the row."""
    other_city: City = NOWHERE
    """The commune there; that of `city` where only the postcodes differ."""


def question_of(fields: tuple[str, str, str, str, str]) -> Question | str:
    """What to ask for a row (`Fields`), or the reason for which nothing can be asked (`SKIPS`). Never raises.

    A street is read once, whatever the numbers in it: where only one stands in front, nothing depends on which it is.
    """
    address, postcode, city, citycode, complement = fields
    if len(address) + len(postcode) + len(city) + len(citycode) + len(complement) < _KEPT:
        door, _, rest = address.partition(" ")
        number = door.lstrip("0") if door.isdecimal() and door.isascii() and len(door) < 5 else ""
        if number and (read := _numbered(rest, postcode, city, citycode, complement)):
            ask, _, suffix, street, code, place, insee, _, repairs, *other = read
            asked = named(Ask, (number + ask.q[len(_ANY) :], ask.citycode, "", ""))
            return named(Question, (asked, number, suffix, street, code, place, insee, address, repairs, *other))
    return _question_of(fields)


@lru_cache(maxsize=4_096)
def _numbered(rest: str, postcode: str, city: str, citycode: str, complement: str) -> Question | None:
    """The question of one number; `None` when it is no number of the street, or where another may be read otherwise.

    Of several numbers the street has one, and which one depends on them; texts are cut, or too short, by their length.
    """
    if _ANY in rest:
        return None
    read = _question_of((f"{_ANY} {rest}", postcode, city, citycode, complement))
    if isinstance(read, str) or read.number != _ANY or len(read.ask.q) < _SHORTEST + len(_ANY):
        return None
    if len(read.ask.q) > _PLAINLY or len(read.street.text) > _PLAINLY:
        return None
    return None if "number_range" in read.repairs or "number_chosen" in read.repairs else read


def _question_of(fields: tuple[str, str, str, str, str]) -> Question | str:
    address, postcode, city, citycode, complement = fields
    repairs: list[str] = []
    if len(address) > _LONGEST_FIELD:
        address = address[:_LONGEST_FIELD]
        repairs.append("shortened")
    line = _read(address, complement, repairs)
    code, insee = line.postcode, ""
    if postcode:
        given, repair = postcode_of(postcode[:64])
        code = given or code
        if repair:
            repairs.append(repair)
    if citycode:
        insee, repair = citycode_of(citycode[:64])
        if repair:
            repairs.append(repair)
    place = _commune(city, line.city, insee)
    if place.cedex:
        repairs.append("cedex_left_out")
    code = code or place.postcode
    street = street_of(line.street)
    q = query_of(line.number, line.suffix, street.text, "" if place.cedex else code, place.text)
    if len(q) < _SHORTEST:
        return "too_short" if q else "person_only" if "person_left_out" in line.repairs else "empty"
    if len(q) > LONGEST or len(street.text) > _LONGEST_STREET:
        q = q[:LONGEST].rstrip()
        repairs.append("shortened")
    ask = Ask(q, insee if insee not in WHOLE else "")
    told = tuple(dict.fromkeys(repairs)) if repairs else ()
    other = _other_place(line, code, place) if line.postcode and (city or postcode) else ("", NOWHERE)
    return Question(ask, line.number, line.suffix, street, code, place, insee, address, told, *other)


def _other_place(line: Line, code: str, place: City) -> tuple[str, City]:
    """Postcode and commune at the end of the address, where the fields of the row hold others."""
    told = city_of(line.city)
    codes_differ = code != line.postcode and not told.cedex and not place.cedex
    if line.city and not _is_same(told.key, place.key):
        named = codes_named(told.key, line.postcode)
        if named and set(named).isdisjoint(codes_named(place.key, code or line.postcode)):
            return line.postcode, told
    if not codes_differ:
        return "", NOWHERE
    return line.postcode, place if line.city else NOWHERE


def _is_same(told: str, given: str) -> bool:
    """Whether two names may be of one commune: BELFORT, and BELFORT BAT C behind a postcode."""
    return told.startswith(given) or given.startswith(told)


def _read(address: str, complement: str, repairs: list[str]) -> Line:
    """The address taken apart; the complement in its place when it is empty."""
    line = read_line(address)
    if not line.number and len(line.street) < 24 and line.street.replace(" ", "") in _PLACEHOLDERS:
        line = line._replace(street="")
        repairs.append("placeholder_ignored")
    if not line.street and not line.number and complement:
        asked = read_line(complement[:_LONGEST_FIELD])
        if asked.street:
            repairs.append("complement_asked")
            postcode, city = asked.postcode or line.postcode, asked.city or line.city
            line = asked._replace(postcode=postcode, city=city)
    repairs += line.repairs
    return line


def _commune(city: str, found: str, citycode: str) -> City:
    """The commune by its name: from its column, from the end of the address, or by its code."""
    place = city_of(city[:_LONGEST_FIELD]) if city else NOWHERE
    if not place.text and found:
        place = city_of(found)
    if not place.text and citycode and (name := name_of(citycode)):
        place = city_of(name)
    return place


def query_of(number: str, suffix: str, street: str, postcode: str, city: str) -> str:
    """The text to ask. It begins with a letter or a digit, as its parts do; a street that is too long is cut."""
    head = street
    if number:
        door = number + _LETTERS.get(suffix, suffix) if suffix else number
        street = street.removeprefix("L ")  # 4 L ESPLANADE is read as 4L by the service
        head = f"{door} {street}" if street else door
    tail = f"{postcode} {city}" if postcode and city else postcode or city
    if len(head) > _LONGEST_STREET:
        head = head[:_LONGEST_STREET].rpartition(" ")[0] or head[:_LONGEST_STREET]
    return f"{head} {tail}" if head and tail else head or tail


def written_plain(text: str) -> str:
    """A text as it was given, in capitals and single spaces."""
    return " ".join(plain(text).split())
