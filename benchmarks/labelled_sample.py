"""The labelled sample: real addresses, written as people write them, and what each one means."""

from __future__ import annotations

import gzip
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from frgov_clients.ban.address import Fields

KINDS = (
    "clean", "upper_abbreviated", "complement", "typo", "cedex", "wrong_number",
    "complement_number", "wrong_departement", "number_at_end",
)  # fmt: skip
ABSENT = ("absent_same_communes", "absent_elsewhere")
EXTRA = ("kind_left_out", "absent_kind_left_out", "wrong_commune", "fields_disagree")
"""Beyond the usual, reported by themselves: 24 CHANTAL SANDRIN for 24 RUE CHANTAL SANDRIN; another commune's name."""
CONTRADICTORY = ("wrong_departement", "wrong_commune", "fields_disagree")
"""Rows that contradict themselves: which side is right is made up, so that no confidence is fitted on them."""
HELD_OUT = 0.08
"""Share of the streets that the index does not hold."""

_ABBREVIATIONS = {
    "ALLEE": "ALL", "AVENUE": "AV", "BOULEVARD": "BD", "CHEMIN": "CHE", "FAUBOURG": "FG", "IMPASSE": "IMP",
    "LOTISSEMENT": "LOT", "PLACE": "PL", "QUAI": "QU", "QUARTIER": "QUA", "RESIDENCE": "RES", "ROUTE": "RTE",
    "RUE": "R", "SQUARE": "SQ", "CAPITAINE": "CAP", "COLONEL": "CEL", "COMMANDANT": "CDT", "DOCTEUR": "DR",
    "GENERAL": "GAL", "MARECHAL": "MAL", "PRESIDENT": "PDT", "SAINT": "ST", "SAINTE": "STE", "GRAND": "GD",
    "GRANDE": "GDE", "PETIT": "PT", "PETITE": "PTE",
}  # fmt: skip
_AFTER = (
    "BAT A APPT 12", "APPT 3", "Appt 45 2ème étage", "ETG 3", "ESC B PTE 4", "BAT C", "Bâtiment 2", "CHEZ M MARTIN",
    "CHEZ MME PETIT JEANNE", "RES LES LILAS", "Résidence du Parc Bât B", "LOT 4", "1ER ETAGE", "3e étage gauche",
    "LIEU DIT LE BOURG", "LIEU-DIT LA CROIX", "BP 45", "CS 50012", "RDC DROITE", "Entrée 3", "IMM LE BELVEDERE",
    "ETG 02 APT 0214", "LD LES PLAINES", "SCI DU LAC",
)  # fmt: skip
_BEFORE = (
    "BAT A", "APPT 12 BAT C", "CHEZ M MARTIN", "RES LES LILAS", "Résidence du Parc", "BP 45", "1er étage porte 2",
    "LIEU DIT LE BOURG", "IMM LE BELVEDERE", "ESC 2", "LOT 4",
)  # fmt: skip
_NUMBERED = (
    "BUREAU {},", "BUREAU N°{} -", "APPARTEMENT N° {}", "APPT {}", "ESC 2 ETAGE {}", "Maison {} -", "VILLA N°{}",
    "PAVILLON {}", "TOUR {}", "CAVE {},", "CASIER {}", "BATIMENT A {}", "RES LES LILAS {}", "BP {}", "2 ETAGE APT {}",
    "Foyer Les Cèdres chambre {}", "Lotissement Les Pins lot {}",
)  # fmt: skip
_FAR_POSTCODES = ("01000", "13001", "21000", "33000", "35000", "38000", "59000", "67000", "75001", "80000")

_KIND = re.compile(r"^(?:Allée|Avenue|Boulevard|Chemin|Impasse|Place|Route|Rue|Square) (?:des? |du |d')?(?=\w{4})")


class Label(NamedTuple):
    """One row, and what it means."""

    fields: Fields
    kind: str
    number_id: str = ""
    """Empty when the number or the street does not exist in the index."""
    street_id: str = ""
    """Empty when the street does not exist in the index."""
    citycode: str = ""
    """Of the commune of today."""


class Address(NamedTuple):
    """One number of one street."""

    number: str
    name: str
    postcode: str
    city: str
    oldcity: str
    citycode: str
    today: str
    number_id: str
    street_id: str
    numbers: frozenset[str]


def read_documents(paths: Sequence[Path]) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            documents += [json.loads(line) for line in lines]
    return documents


def split(documents: list[dict[str, Any]], seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the index holds, and the streets that are kept out of it."""
    picker = random.Random(seed)
    held: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for one in documents:
        (held if one["type"] == "street" and picker.random() < HELD_OUT else kept).append(one)
    return kept, held


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).upper()


def abbreviated(text: str) -> str:
    """As the tax administration writes it."""
    return " ".join(_ABBREVIATIONS.get(word, word) for word in re.split(r"[ '’-]+", plain(text)))


class Writer:
    """Writes addresses in the ways of one kind each."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._elsewhere: list[tuple[str, str]] = []

    def know(self, streets: Sequence[dict[str, Any]]) -> None:
        """Postcodes and communes that may stand in the place of the right ones."""
        self._elsewhere = sorted({(one["postcode"], one["city"][0]) for one in streets})

    def addresses(self, streets: Sequence[dict[str, Any]], count: int) -> Iterator[Address]:
        """Streets at random, each time with one of their numbers; none twice before all were taken."""
        order: list[dict[str, Any]] = []
        for _ in range(count):
            if not order:
                order = list(streets)
                self._random.shuffle(order)
            one = order.pop()
            number = self._random.choice(sorted(one["housenumbers"]))
            yield Address(
                number, one["name"], one["postcode"], one["city"][0], one.get("oldcity") or "",
                self._random.choice(one["citycode"]),
                one["citycode"][0], one["housenumbers"][number]["id"], one["id"], frozenset(one["housenumbers"]),
            )  # fmt: skip

    def write(self, kind: str, one: Address, form: int) -> Label:
        ways: dict[str, Callable[[Address], Fields]] = {
            "upper_abbreviated": self._upper,
            "complement": self._complement,
            "typo": self._typo,
            "cedex": self._cedex,
            "wrong_number": self._wrong_number,
            "complement_number": self._complement_number,
            "wrong_departement": self._wrong_departement,
            "number_at_end": self._number_at_end,
            "wrong_commune": self._wrong_commune,
            "fields_disagree": self._fields_disagree,
            "kind_left_out": self._kind_left_out,
            "absent_kind_left_out": self._kind_left_out,
        }
        fields = ways.get(kind, self._clean)(one)
        known = not kind.startswith("absent")
        return Label(
            fields if kind == "fields_disagree" else self._formed(fields, one, form),
            kind,
            one.number_id if known and kind != "wrong_number" else "",
            one.street_id if known else "",
            one.today,
        )

    def _formed(self, fields: Fields, one: Address, form: int) -> Fields:
        """In turn: columns with the commune's code, columns without, one single text."""
        if form % 3 == 0:
            return fields._replace(citycode=one.citycode)
        if form % 3 == 1:
            return fields
        text = f"{fields.address} {fields.complement} {fields.postcode} {fields.city}"
        return Fields(" ".join(text.split()))

    def _clean(self, one: Address) -> Fields:
        return Fields(f"{one.number} {one.name}", one.postcode, one.oldcity or one.city)

    def _upper(self, one: Address) -> Fields:
        number, letters = re.fullmatch(r"(\d*)(.*)", one.number).groups()  # type: ignore[union-attr]
        number = number.zfill(4) if self._random.random() < 0.5 else number
        suffix = f" {letters.upper()}" if letters else ""
        return Fields(f"{number}{suffix} {abbreviated(one.name)}", one.postcode, abbreviated(one.oldcity or one.city))

    def _complement(self, one: Address) -> Fields:
        fields = self._clean(one)
        way = self._random.random()
        if way < 0.25:
            return fields._replace(complement=self._random.choice(_AFTER))
        if way < 0.75:
            return fields._replace(address=f"{fields.address} {self._random.choice(_AFTER)}")
        return fields._replace(address=f"{self._random.choice(_BEFORE)} {fields.address}")

    def _typo(self, one: Address) -> Fields:
        """One letter of a word of four or more: lost, doubled, changed, or exchanged with the next."""
        words = list(re.finditer(r"[^\W\d]{4,}", one.name)) or list(re.finditer(r"[^\W\d]{2,}", one.name))
        word = self._random.choice(words)
        at = self._random.randrange(word.start(), word.end() - 1)
        name, letter = one.name, self._random.choice("abcdefghijklmnopqrstuvwxyz")
        slip = self._random.choice(
            (name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:], name[:at] + letter + name[at + 1 :],
             name[:at] + name[at + 1] + name[at] + name[at + 2 :])
        )  # fmt: skip
        return self._clean(one)._replace(address=f"{one.number} {slip}")

    def _cedex(self, one: Address) -> Fields:
        code = one.postcode
        if self._random.random() < 0.5:
            code = f"{code[:3]}{self._random.randrange(1, 100):02}"
        number = self._random.choice(("", "", " 9", " 04"))
        fields = self._clean(one)
        return fields._replace(postcode=code, city=f"{plain(fields.city)} CEDEX{number}")

    def _wrong_number(self, one: Address) -> Fields:
        number = self._random.choice([n for n in range(1, 1000) if str(n) not in one.numbers])
        return self._clean(one)._replace(address=f"{number} {one.name}")

    def _kind_left_out(self, one: Address) -> Fields:
        name = _KIND.sub("", one.name)
        return self._clean(one)._replace(address=f"{one.number} {name}")

    def _complement_number(self, one: Address) -> Fields:
        before = self._random.choice(_NUMBERED).format(self._random.randrange(1, 40))
        return self._clean(one)._replace(address=f"{before} {one.number} {one.name}")

    def _wrong_departement(self, one: Address) -> Fields:
        return self._clean(one)._replace(postcode=self._random.choice(_FAR_POSTCODES))

    def _number_at_end(self, one: Address) -> Fields:
        between = self._random.choice((" ", ", ", " N°"))
        return self._clean(one)._replace(address=f"{one.name}{between}{one.number}")

    def _other(self, one: Address) -> tuple[str, str]:
        """Postcode and name of another commune."""
        return self._random.choice([place for place in self._elsewhere if place[1] not in (one.city, one.oldcity)])

    def _wrong_commune(self, one: Address) -> Fields:
        return self._clean(one)._replace(city=self._other(one)[1])

    def _fields_disagree(self, one: Address) -> Fields:
        """One place at the end of the address, another in the columns; either may be the right one."""
        fields = self._clean(one)
        postcode, city = self._other(one)
        if self._random.random() < 0.5:
            text = f"{fields.address} {fields.postcode} {fields.city}"
            return Fields(text, postcode, city)
        return fields._replace(address=f"{fields.address} {postcode} {city}")


def make_sample(
    kept: list[dict[str, Any]], held: list[dict[str, Any]], elsewhere: list[dict[str, Any]], count: int, seed: int
) -> list[Label]:
    """`count` rows of each kind."""
    writer = Writer(seed)
    streets_kept = [one for one in kept if one["type"] == "street"]
    writer.know(streets_kept)
    later = KINDS[6:]  # behind the others, whose rows stay the same
    sources = {kind: streets_kept for kind in KINDS[:6]}  # noqa: C420 - a dict of lists
    sources["kind_left_out"] = [one for one in streets_kept if _KIND.search(one["name"])]
    sources["absent_kind_left_out"] = [one for one in held if one["type"] == "street" and _KIND.search(one["name"])]
    sources["absent_same_communes"] = [one for one in held if one["type"] == "street"]
    sources["absent_elsewhere"] = [one for one in elsewhere if one["type"] == "street"]
    sources |= dict.fromkeys((*later, "wrong_commune", "fields_disagree"), streets_kept)
    sources["number_at_end"] = [one for one in streets_kept if _KIND.search(one["name"])]
    rows: list[Label] = []
    for kind, streets in sources.items():
        if streets:
            many = enumerate(writer.addresses(streets, count))
            rows += [writer.write(kind, one, form) for form, one in many]
    return rows
