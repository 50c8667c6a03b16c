"""Communes of today and of the past."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from frgov_clients.ban import address
from frgov_clients.ban.address.communes import city_of, codes_named, former_names, name_of, same_commune, today_of


@pytest.mark.parametrize(
    ("text", "expected", "key"),
    [
        ("Belfort", "BELFORT", "BELFORT"),
        ("BELFORT CEDEX 9", "BELFORT", "BELFORT"),
        ("St-Étienne-du-Valdonnez", "SAINT ETIENNE DU VALDONNEZ", "SAINTETIENNEDUVALDONNEZ"),
        ("Ste Croix", "SAINTE CROIX", "SAINTECROIX"),
        ("Les Abymes", "LES ABYMES", "ABYMES"),
        ("L'Isle s/ Sorgue", "L ISLE SUR SORGUE", "ISLESURSORGUE"),
        ("PT CROIX", "PETIT CROIX", "PETITCROIX"),
        ("SAINT DENIS 93", "SAINT DENIS", "SAINTDENIS"),
        ("90000 Belfort France", "BELFORT", "BELFORT"),
        ("Le", "LE", "LE"),
        ("", "", ""),
        ("😀", "", ""),
    ],
)
def test_names(text: str, expected: str, key: str) -> None:
    assert city_of(text)[:2] == (expected, key)


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("PARIS 12", "75012"),
        ("Paris 1er Arrondissement", "75001"),
        ("PARIS 20EME ARR", "75020"),
        ("Lyon 3e", "69003"),
        ("MARSEILLE 08", "13008"),
        ("PARIS 21", ""),
        ("PARIS PLAGE", ""),
        ("90000 BELFORT", "90000"),
    ],
)
def test_postcodes_in_names(text: str, postcode: str) -> None:
    assert city_of(text).postcode == postcode


def test_what_former_communes_became() -> None:
    assert today_of("48066") == ("48116",)
    assert today_of("90073") == ("90068",)
    assert today_of("90010") == today_of("99999") == ()
    assert {"FRAISSINETDELOZERE", "PONTDEMONTVERT"} <= {*former_names("48116")}
    assert former_names("99999") == ()


def test_names_of_today() -> None:
    assert name_of("90010") == "BELFORT"
    assert name_of("97101") == "LES ABYMES"
    assert name_of("2A004") == "AJACCIO"
    assert name_of("48066") == name_of("") == ""


def test_codes_by_name() -> None:
    assert codes_named("BELFORT", "90000") == ("90010",)
    assert codes_named("FRAISSINETDELOZERE", "48220") == ("48116",)
    assert codes_named("AJACCIO", "20090") == codes_named("AJACCIO", "2A004") == ("2A004",)
    assert codes_named("BELFORT", "48000") == codes_named("BELFORT", "") == codes_named("", "48000") == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("90010", "90010", True),
        ("48066", "48116", True),
        ("75056", "75112", True),
        ("75111", "75112", False),
        ("69381", "69123", True),
        ("90010", "90011", False),
        ("90010", "", False),
        ("", "", True),
        ("nonsense", "90010", False),
    ],
)
def test_the_same_commune(one: str, other: str, same: bool) -> None:
    assert same_commune(one, other) is same_commune(other, one) is same


def test_the_data_is_small_and_says_where_it_comes_from() -> None:
    folder = Path(address.__file__).parent
    data = folder / "communes.txt.gz"
    assert data.stat().st_size < 300_000
    assert "Licence Ouverte 2.0" in (folder / "COMMUNES.txt").read_text(encoding="utf-8")
    former, _, today = gzip.decompress(data.read_bytes()).decode("ascii").partition("\n\n")
    assert len(today.splitlines()) > 34_000
    assert all(line.count(";") == 2 for line in former.splitlines())
