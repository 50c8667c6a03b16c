"""Communes of today and of the past: what a former code became, and the names that a commune had.

The data is in `communes.txt.gz`; `COMMUNES.txt` tells where it comes from. It is read when first used.
"""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from ...codes import arrondissements_of, commune_of_arrondissement, is_arrondissement_municipal
from ...errors import InvalidRequest
from .text import words_of

__all__ = [
    "City",
    "city_of",
    "codes_named",
    "departement_of",
    "former_names",
    "name_of",
    "only_commune",
    "same_commune",
    "today_of",
]

_DATA: Final = Path(__file__).with_name("communes.txt.gz")
_WHOLE: Final[dict[str, str]] = {"PARIS": "75", "LYON": "69", "MARSEILLE": "13"}
"""The communes with arrondissements, and the start of their postcodes."""
_ORDINALS: Final = ("ER", "EME", "E", "ERE", "IEME", "ND", "NDE")
_SHORT: Final[dict[str, str]] = {
    "ST": "SAINT",
    "STE": "SAINTE",
    "STS": "SAINTS",
    "STES": "SAINTES",
    "GD": "GRAND",
    "GDE": "GRANDE",
    "PT": "PETIT",
    "PTE": "PETITE",
    "VX": "VIEUX",
    "HT": "HAUT",
    "HTE": "HAUTE",
}
_INSIDE: Final[dict[str, str]] = {"S": "SUR", "SS": "SOUS"}
_LEADING: Final = frozenset(("L", "LA", "LE", "LES", "LAS", "LOS"))


class City(NamedTuple):
    """The name of a commune as a row gives it, read."""

    text: str
    """What to ask: in capitals, abbreviations written out, without CEDEX."""
    key: str
    """What to compare: without articles in front and without spaces."""
    cedex: bool = False
    postcode: str = ""
    """What the name tells of it: that of the arrondissement (`75012` for PARIS 12), or one in front of the name."""


class _Past(NamedTuple):
    today: dict[str, tuple[str, ...]]
    """Code of today, one or several, by former code."""
    names: dict[str, tuple[str, ...]]
    """Keys of the former names, by former code and by code of today: tuples, which Python's collector passes by."""


@cache
def _parts() -> tuple[str, str]:
    former, _, today = gzip.decompress(_DATA.read_bytes()).decode("ascii").partition("\n\n")
    return former, today


@cache
def _past() -> _Past:
    today: dict[str, tuple[str, ...]] = {}
    names: dict[str, dict[str, None]] = {}
    for line in _parts()[0].splitlines():
        code, name, became = line.split(";")
        codes = tuple(became.split(","))
        if code not in codes:
            today[code] = codes
        key = city_of.__wrapped__(name).key
        for one in {code, *codes}:
            names.setdefault(one, {})[key] = None
    return _Past(today, {code: tuple(keys) for code, keys in names.items()})


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    code = ""
    for line in _parts()[1].splitlines():
        told, _, name = line.rpartition(";")
        code = told or f"{code[:2]}{int(code[2:]) + 1:03}"
        names[code] = name
    return names


def name_of(code: str) -> str:
    """The name of a commune of today, in capitals; empty for a code that is not known."""
    return _names().get(code, "")


@lru_cache(maxsize=128)
def _codes(area: str) -> dict[str, tuple[str, ...]]:
    """Codes of today's communes by the names that they have or had (`City.key`), in one département or, for "", all."""
    found: dict[str, list[str]] = {}
    read = city_of.__wrapped__  # all these names would drive out of its memory those that rows hold
    past = _past().names
    for code, name in _names().items():
        if not area or _area(code) == area:
            for key in (read(name).key, *past.get(code, ())):
                found.setdefault(key, []).append(code)
    return {key: tuple(dict.fromkeys(codes)) for key, codes in found.items()}


def codes_named(key: str, near: str) -> tuple[str, ...]:
    """Codes of today's communes that have or had the name (`City.key`), in the département of a postcode or code."""
    if not near:
        return ()
    return _codes(_area(near)).get(key, ())


def only_commune(key: str) -> str:
    """The code of the commune that alone in France has or had a name (`City.key`); empty for several, and for none."""
    codes = _codes("").get(key, ())
    return codes[0] if len(codes) == 1 else ""


def _area(code: str) -> str:
    """The département of a postcode or of a commune's code; Corsica whole, since its postcodes do not tell."""
    area = code[: 3 if code.startswith("97") else 2]
    return "20" if area in ("2A", "2B") else area


def today_of(code: str) -> tuple[str, ...]:
    """What a former code became: one commune of today, or several; none when the code is of today, or unknown."""
    return _past().today.get(code, ())


def former_names(code: str) -> tuple[str, ...]:
    """Keys (`City.key`) of the names that a commune had, and of the communes that are part of it."""
    return _past().names.get(code, ())


@lru_cache(maxsize=8_192)
def same_commune(one: str, other: str) -> bool:
    """Whether two codes are of one commune: the same, an arrondissement of it, or one that became the other."""
    if one == other:
        return True
    if not one or not other:
        return False
    return one in _reach(other) or other in _reach(one)


def _reach(code: str) -> set[str]:
    reached = {code, *today_of(code)}
    try:
        if is_arrondissement_municipal(code):
            reached = {code, commune_of_arrondissement(code)}
        else:
            reached.update(arrondissements_of(code))
    except InvalidRequest:
        pass
    return reached


def departement_of(code: str) -> str:
    """The département in a commune's code: `2A`, `971`, `90`."""
    return code[: 3 if code.startswith(("97", "98")) else 2]


@lru_cache(maxsize=8_192)
def city_of(text: str) -> City:
    """The name of a commune, read: ST and STE, CEDEX, arrondissements, S/ for SUR."""
    words = words_of(text)
    postcode = ""
    if len(words) > 1 and len(words[0]) == 5 and words[0].isdecimal():
        postcode, words = words[0], words[1:]
    given = len(words)
    words = _before_cedex(words)
    cedex = len(words) < given
    if len(words) > 1 and words[-1] == "FRANCE" and words[-2] not in ("DE", "EN"):
        words.pop()
    if len(words) > 1 and words[0] in _WHOLE and (number := _arrondissement(words[1:])):
        whole = words[0]
        return City(whole, whole, cedex, postcode or f"{_WHOLE[whole]}0{int(number):02}")
    while len(words) > 1 and words[-1].isdecimal():
        words.pop()
    words = _written_out(words)
    start = 1 if len(words) > 1 and words[0] in _LEADING else 0
    return City(" ".join(words), "".join(words[start:]), cedex, postcode)


def _before_cedex(words: list[str]) -> list[str]:
    for place, word in enumerate(words):
        if word in ("CEDEX", "CDX", "CEDX"):
            return words[:place]
    return words


def _written_out(words: list[str]) -> list[str]:
    if len(words) < 2:
        return words
    first, *inside, last = words
    inside = [_INSIDE.get(word) or _SHORT.get(word, word) for word in inside]
    return [_SHORT.get(first, first), *inside, last]


def _arrondissement(words: list[str]) -> str:
    """The number of an arrondissement in what follows the name: 12, 12E, 1ER ARRONDISSEMENT; else empty."""
    if words[-1].startswith("ARR") and len(words) > 1:
        words = words[:-1]
    if len(words) == 2 and words[1] in _ORDINALS:
        words = words[:1]
    digits = words[0].rstrip("AERIMNDS")
    known = len(words) == 1 and digits.isdecimal() and words[0][len(digits) :] in ("", *_ORDINALS)
    return digits if known and 1 <= int(digits) <= 20 else ""
