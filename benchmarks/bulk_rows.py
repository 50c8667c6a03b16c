"""Addresses to geocode: those of the documents of two départements, and more numbers in their streets."""

from __future__ import annotations

import csv
import gzip
import json
import random
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent.parent / "examples" / "data"
DOCUMENTS = [DATA / f"adresses-addok-{departement}.ndjson.gz" for departement in ("48", "90")]
HEADER = ("reference", "numero", "voie", "code_postal", "commune")
_NUMBERS = 257
"""Numbers of a street, where more are needed than exist."""


class Street(NamedTuple):
    """One street, as the service writes it."""

    name: str
    postcode: str
    city: str
    citycode: str
    id: str
    oldcitycode: str
    oldcity: str
    numbers: tuple[str, ...]


class Address(NamedTuple):
    """One row of a file: the columns of `HEADER`."""

    reference: str
    number: str
    street: str
    postcode: str
    city: str

    @property
    def text(self) -> str:
        """In one line, as one would write it."""
        return f"{self.number} {self.street} {self.postcode} {self.city}"


@cache
def streets() -> tuple[Street, ...]:
    """All streets with at least one number: 3,898."""
    found: list[Street] = []
    for path in DOCUMENTS:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for one in map(json.loads, lines):
                if one.get("housenumbers"):
                    postcode, city, citycode = (_first(one[name]) for name in ("postcode", "city", "citycode"))
                    old = (one.get("oldcitycode", ""), one.get("oldcity", ""))
                    numbers = tuple(one["housenumbers"])
                    found.append(Street(one["name"], postcode, city, citycode, one["id"], *old, numbers))
    return tuple(found)


def _first(value: str | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


def known(seed: int = 1) -> list[Address]:
    """Every number of the documents (48,093), in a random order: streets and communes alternate from row to row."""
    found = [(number, street) for street in streets() for number in street.numbers]
    random.Random(seed).shuffle(found)
    return [_address(place, number, street) for place, (number, street) in enumerate(found)]


def invented(count: int) -> Iterator[Address]:
    """So many distinct addresses in the same streets, most with a number that does not exist; at most 1,001,786."""
    everywhere = list(streets())
    random.Random(2).shuffle(everywhere)
    place = 0
    for number in range(1, _NUMBERS + 1):
        for street in everywhere:
            if place == count:
                return
            yield _address(place, str(number), street)
            place += 1


def once(count: int) -> Iterator[Address]:
    """So many addresses, nearly each with a name of street of its own: little that was read before helps.

    The names are made of two that exist: "Rue du Pont Neuf et de la Comète".
    """
    everywhere = streets()
    kinds = sorted({one.name for one in everywhere})
    picker = random.Random(4)
    pairs = picker.sample(range(len(kinds) ** 2), count)
    for place, pair in enumerate(pairs):
        first, second = divmod(pair, len(kinds))
        street = picker.choice(everywhere)
        name = f"{kinds[first]} et {kinds[second].partition(' ')[2] or kinds[second]}"
        yield _address(place, picker.choice(street.numbers), street._replace(name=name))


def _address(place: int, number: str, street: Street) -> Address:
    return Address(f"L{place:07}", number, street.name, street.postcode, street.city)


def write(path: Path, rows: Iterable[Address]) -> Path:
    """A file with a header, as a spreadsheet exports it here."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(rows)
    return path


@cache
def compact(text: str) -> str:
    """Capitals and digits alone: what two ways to write the same have in common."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFD", text).upper()))
