"""Makes `adresses_sales.csv` (addresses as offices write them) and `adresses_sales_attendu.csv` (what they mean).

Every address is a real one of the two addok files beside this script; only the way it is written is made worse.
Always the same result. Run from anywhere: `python examples/data/make_adresses_sales.py`.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCES = ("adresses-addok-48.ndjson.gz", "adresses-addok-90.ndjson.gz")

# Abbreviations of the tax administration's files.
ABBREVIATIONS = {
    "ALLÉE": "ALL",
    "AVENUE": "AV",
    "BOULEVARD": "BD",
    "CHEMIN": "CHE",
    "FAUBOURG": "FG",
    "IMPASSE": "IMP",
    "LOTISSEMENT": "LOT",
    "PLACE": "PL",
    "QUAI": "QU",
    "ROUTE": "RTE",
    "RUE": "R",
    "CAPITAINE": "CAP",
    "COLONEL": "CEL",
    "COMMANDANT": "CDT",
    "DOCTEUR": "DR",
    "GÉNÉRAL": "GAL",
    "MARÉCHAL": "MAL",
    "PRÉSIDENT": "PDT",
    "SAINT": "ST",
    "SAINTE": "STE",
}
KINDS_OF_STREET = ("Allée", "Avenue", "Boulevard", "Chemin", "Faubourg", "Impasse", "Place", "Quai", "Route", "Rue")


@dataclass(frozen=True)
class Row:
    """One address as an office writes it, and what it means."""

    adresse: str = ""
    complement: str = ""
    code_postal: str = ""
    commune: str = ""
    attendu: str = ""
    """The id of the address, the street or the commune; empty when nothing is to be found."""
    niveau: str = "aucun"
    """`housenumber`, `street`, `municipality` or `aucun`."""
    cas: str = ""


@dataclass(frozen=True)
class Address:
    """One real address."""

    number: str
    street: str
    postcode: str
    city: str
    oldcity: str
    id: str
    street_id: str
    city_id: str
    numbers: frozenset[str]

    def row(self, adresse: str | None = None, **changes: str) -> Row:
        """The clean way to write it, and what is changed."""
        row = Row(f"{self.number} {self.street}", "", self.postcode, self.city, self.id, "housenumber")
        return replace(row, **({} if adresse is None else {"adresse": adresse}), **changes)


def plain(text: str) -> str:
    """Upper case without accents, as old systems keep text."""
    decomposed = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).upper()


def abbreviated(text: str) -> str:
    """Upper case without accents, with the tax administration's abbreviations."""
    words = re.split(r"[ '’-]+", text.upper())
    return plain(" ".join(ABBREVIATIONS.get(word, word) for word in words))


def read_addresses() -> list[Address]:
    """One address of each street whose name stands once in its commune."""
    documents: list[dict[str, Any]] = []
    for source in SOURCES:
        with gzip.open(HERE / source, "rt", encoding="utf-8") as lines:
            documents += [json.loads(line) for line in lines]
    streets = [one for one in documents if one["type"] == "street" and one["name"].startswith(KINDS_OF_STREET)]
    count = Counter((plain(one["name"]), one["citycode"][0]) for one in streets)
    picker = random.Random(1)
    return [
        Address(
            number=(number := picker.choice(sorted(one["housenumbers"]))),
            street=one["name"],
            postcode=one["postcode"],
            city=one["city"][0],
            oldcity=one.get("oldcity") or "",
            id=one["housenumbers"][number]["id"],
            street_id=one["id"],
            city_id=one["citycode"][0],
            numbers=frozenset(one["housenumbers"]),
        )
        for one in streets
        if count[plain(one["name"]), one["citycode"][0]] == 1 and "(" not in one["name"] and len(one["name"]) > 10
    ]


class Maker:
    """Draws addresses without repeating one, and writes them badly."""

    def __init__(self, addresses: list[Address]) -> None:
        self._random = random.Random(20150327)
        self._left = addresses.copy()
        self._random.shuffle(self._left)

    def take(self, count: int, accept: Callable[[Address], bool] = lambda _: True) -> Iterator[Address]:
        """That many addresses that were not taken before. Unless `accept` says more: a plain number, no merger."""
        chosen = [one for one in self._left if accept(one)][:count]
        if len(chosen) < count:
            raise SystemExit(f"only {len(chosen)} of {count} addresses fit")
        taken = {one.street_id for one in chosen}
        self._left = [one for one in self._left if one.street_id not in taken]
        return iter(chosen)

    def plain_numbers(self, count: int, city: str = "") -> Iterator[Address]:
        """Addresses with a usual number in a commune that never merged."""
        return self.take(
            count,
            lambda one: (
                one.number.isdigit() and int(one.number) < 200 and not one.oldcity and (not city or one.city == city)
            ),
        )

    def misspelt(self, street: str) -> str:
        """The street with one slip in its longest word: a letter lost, doubled, or two exchanged."""
        word = max(re.findall(r"[^\W\d]+", street), key=len)
        at = self._random.randrange(1, len(word) - 2)
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
        return street.replace(word, self._random.choice([slip for slip in slips if slip != word]))

    def rows(self) -> Iterator[Row]:
        """All rows, one way of writing after the other."""
        yield from self._writings()
        yield from self._complements()
        yield from self._numbers()
        yield from self._places()
        yield from self._spreadsheets()
        yield from self._nothing()

    def _writings(self) -> Iterator[Row]:
        for one in self.plain_numbers(14):
            yield one.row(cas="propre")
        for one in self.plain_numbers(16):
            yield one.row(plain(f"{one.number} {one.street}"), commune=plain(one.city), cas="majuscules")
        for one in self.plain_numbers(18):
            yield one.row(
                f"{one.number:0>4} {abbreviated(one.street)}", commune=abbreviated(one.city), cas="abréviations"
            )
        for one in self.plain_numbers(16):
            yield one.row(f"{one.number} {self.misspelt(one.street)}", cas="faute de frappe")
        for one in self.take(4, lambda one: one.number.isdigit() and bool(re.search(r" 1945$", one.street))):
            yield one.row(f"{one.number} {one.street.removesuffix('1945')}45", cas="date abrégée")
        for one in self.plain_numbers(4):
            yield one.row(f"  {one.number} ,{one.street.replace(' ', '  ')}. ", cas="espaces et ponctuation")

    def _complements(self) -> Iterator[Row]:
        inside = ("BAT A APPT 12", "Appt 3 - 2ème étage", "ESC B PTE 4", "RDC GAUCHE", "Bâtiment C", "ETG 02 APT 0214")
        for words, one in zip(inside, self.plain_numbers(len(inside)), strict=True):
            yield one.row(complement=words, cas="complément à part")
        for words, one in zip(inside, self.plain_numbers(len(inside)), strict=True):
            yield one.row(f"{one.number} {one.street} {words}", cas="complément à la fin")
        for words, one in zip(inside[:4], self.plain_numbers(4), strict=True):
            yield one.row(f"{words} {one.number} {one.street}", cas="complément au début")
        for box, one in zip(("BP 45", "CS 50012", "B.P. 7", "TSA 30018"), self.plain_numbers(4), strict=True):
            yield one.row(f"{one.number} {one.street} {box}", cas="boîte postale")
        for code, city in (("90000", "BELFORT"), ("90020", "BELFORT"), ("48000", "MENDE"), ("48005", "MENDE")):
            for one in self.plain_numbers(1, city.title()):
                yield one.row(
                    plain(f"{one.number} {one.street}"), code_postal=code, commune=f"{city} CEDEX", cas="cedex"
                )

    def _numbers(self) -> Iterator[Row]:
        for one in self.plain_numbers(10):
            number = next(n for n in range(901, 999) if str(n) not in one.numbers)
            yield one.row(f"{number} {one.street}", attendu=one.street_id, niveau="street", cas="numéro inconnu")
        for one in self.plain_numbers(8):
            yield one.row(one.street, attendu=one.street_id, niveau="street", cas="sans numéro")
        for one in self.take(8, lambda one: one.number.endswith(("bis", "ter")) and not one.oldcity):
            digits, suffix = one.number[:-3], one.number[-3:]
            written = self._random.choice(
                [f"{digits} {suffix}", f"{digits}{suffix.upper()},", f"{digits} {suffix[0].upper()}"]
            )
            yield one.row(f"{written} {one.street}", cas="bis et ter")
        for one in self.take(5, lambda one: one.number.isdigit() and str(int(one.number) + 2) in one.numbers):
            between = self._random.choice(["-", "/", " à "])
            yield one.row(f"{one.number}{between}{int(one.number) + 2} {one.street}", cas="plage de numéros")

    def _places(self) -> Iterator[Row]:
        for one in self.take(10, lambda one: bool(one.oldcity) and one.oldcity != one.city and one.number.isdigit()):
            yield one.row(commune=one.oldcity.upper(), cas="commune fusionnée")
        for words, one in zip(("", "MAIRIE", "LE BOURG", "", "Mairie", ""), self.plain_numbers(6), strict=True):
            yield one.row(words, attendu=one.city_id, niveau="municipality", cas="commune seule")
        for one in self.plain_numbers(5):
            yield one.row(code_postal="", cas="code postal absent")
        for one in self.take(4, lambda one: one.postcode[2] != one.postcode[3] and one.number.isdigit()):
            code = one.postcode
            yield one.row(code_postal=code[:2] + code[3] + code[2] + code[4], cas="code postal faux")
        for one in self.plain_numbers(5):
            text = f"{one.number} {one.street} {one.postcode} {one.city}"
            yield one.row(text, code_postal="", commune="", cas="tout dans une colonne")

    def _spreadsheets(self) -> Iterator[Row]:
        for one in self.plain_numbers(5):
            yield one.row(f"{one.number}\n{one.street}", cas="retour à la ligne")
        for one in self.plain_numbers(3):
            yield one.row(f'"{one.number}" {one.street}', cas="guillemet au début")
        for one in self.plain_numbers(5):
            yield one.row(code_postal=f"{one.postcode}.0", cas="nombre décimal")
        for one in self.plain_numbers(3):
            yield one.row(cas="doublon")
            yield one.row(cas="doublon")

    @staticmethod
    def _nothing() -> Iterator[Row]:
        yield from (Row(cas="vide"), Row(cas="vide"))
        yield from (Row(text, cas="trop court") for text in ("R", "2", "?"))
        yield from (Row(text, cas="pas une adresse") for text in ("NC", "Sans objet", "adresse inconnue", "#N/A"))
        yield Row("10 Downing Street", "", "SW1A 2AA", "London", cas="étranger")
        yield Row("Rue de la Loi 16", "", "1000", "Bruxelles", cas="étranger")
        yield Row("55 rue du Faubourg Saint-Honoré", "", "75008", "Paris", cas="hors du territoire")
        yield Row("1 quai du Port", "", "13002", "Marseille", cas="hors du territoire")


def main(directory: Path = HERE) -> None:
    """Write both files."""
    rows = list(Maker(read_addresses()).rows())
    random.Random(48_90).shuffle(rows)
    with (
        (directory / "adresses_sales.csv").open("w", encoding="utf-8", newline="") as dirty_file,
        (directory / "adresses_sales_attendu.csv").open("w", encoding="utf-8", newline="") as expected_file,
    ):
        dirty, expected = (csv.writer(file, delimiter=";", lineterminator="\n") for file in (dirty_file, expected_file))
        dirty.writerow(["id_local", "adresse", "complement", "code_postal", "commune"])
        expected.writerow(["id_local", "attendu", "niveau", "cas"])
        for number, row in enumerate(rows, 1):
            name = f"L{number:03}"
            dirty.writerow([name, row.adresse, row.complement, row.code_postal, row.commune])
            expected.writerow([name, row.attendu, row.niveau, row.cas])
        dirty.writerow([""] * 5)  # as spreadsheets leave them at the end
    print(f"{len(rows)} addresses, and an empty row")


if __name__ == "__main__":
    main()
