"""Which columns hold the address, and how its parts are taken out of a row."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from frgov_clients.ban.bulk.columns import Columns, columns_from, guess_columns, point_reader, reader
from frgov_clients.ban.bulk.columns.reader import array_items, text_of
from frgov_clients.ban.bulk.source import open_source
from frgov_clients.errors import InvalidRequest


def guess(text: str, kind: Any = "search") -> Columns:
    source = open_source(text.encode())
    rows = source.read(100)
    assert source.header is not None
    return guess_columns(source.header, rows, kind)


SEARCHES = {
    "nom,adresse,postcode,city\nX,6 Rue Albert,54600,Villers\n": Columns(("adresse",), "postcode", "city"),
    "Adresse;Code Postal;Ville;Code INSEE\n1 rue X;1000;Bourg;1053\n": Columns(
        ("Adresse",), "Code Postal", "Ville", "Code INSEE"
    ),
    "id,address_dgfip,geo_code\n1,1 RUE X,2A004\n": Columns(("address_dgfip",), citycode="geo_code"),
    "adresse,commune\n1 rue X,90010\n": Columns(("adresse",), citycode="commune"),
    "adresse,commune\n1 rue X,Belfort\n": Columns(("adresse",), city="commune"),
    "adresse,commune,nom_commune\n1 rue X,90010,Belfort\n": Columns(
        ("adresse",), city="nom_commune", citycode="commune"
    ),
    "id;numero;rep;nom_voie;code_postal;code_insee;nom_commune;x;y\n1;4;bis;Rue X;90000;90010;Belfort;1;2\n": Columns(
        ("numero", "rep", "nom_voie"), "code_postal", "nom_commune", "code_insee"
    ),
    "cle;voie_nom;numero;suffixe;commune_insee;commune_nom;long;lat\n9;Rue X;4;;90010;Belfort;6.8;47.6\n": Columns(
        ("numero", "suffixe", "voie_nom"), None, "commune_nom", "commune_insee"
    ),
    "N° voie;Type voie;Libellé voie;CP;Commune\n4;RUE;DU BAC;90000;BELFORT\n": Columns(
        ("N° voie", "Type voie", "Libellé voie"), "CP", "Commune"
    ),
    "numeroVoieEtablissement,typeVoieEtablissement,libelleVoieEtablissement,codePostalEtablissement,"
    "libelleCommuneEtablissement,codeCommuneEtablissement,complementAdresseEtablissement\n"
    "4,RUE,DU BAC,90000,BELFORT,90010,BAT A\n": Columns(
        ("numeroVoieEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement"),
        "codePostalEtablissement",
        "libelleCommuneEtablissement",
        "codeCommuneEtablissement",
        "complementAdresseEtablissement",
    ),
    "Adresse_brute,Code_postal_(brut),Adresse_(BAN),Code_INSEE_(BAN)\n1 rue X,69008,1 Rue X,69388\n": Columns(
        ("Adresse_brute",), "Code_postal_(brut)"
    ),
    "adresse1;adresse2;adresse3;cp\nRES X;4 RUE X;;90000\n": Columns(("adresse1", "adresse2", "adresse3"), "cp"),
    "adresse;adresse_2;cp\n4 RUE X;BAT A;90000\n": Columns(("adresse",), "cp", complement="adresse_2"),
    "adresse,numero,voie\nRue du Bac,4,Rue du Bac\nRue X,5,Rue X\n": Columns(("numero", "voie")),
    "adresse,numero,voie\n4 Rue du Bac,4,Rue du Bac\n": Columns(("adresse",)),
    "dlign3,dlign4,dlign5,dlign6,ccopos,idcom,idcomtxt\nBAT A,4 RUE X,,90000 BELFORT,90000,75056,PARIS\n": Columns(
        ("dlign4", "dlign5", "dlign6"), "ccopos", complement="dlign3"
    ),
    "code_postal,cp,adresse\nnon,90000,1 rue X\n": Columns(("adresse",), "cp"),
    "adresse,adresse_complete\n,1 rue du Bac\n": Columns(("adresse_complete",)),
    "rue,numero_fiscal,voie\n0123,5,du Bac\n": Columns(("voie",)),
    "adresse,cp,ville\n": Columns(("adresse",), "cp", "ville"),
    "adresse,code_postal\n1 rue X,1000.0\n2 rue X,\n": Columns(("adresse",), "code_postal"),
}


@pytest.mark.parametrize(("text", "expected"), SEARCHES.items())
def test_the_columns_of_an_address_are_found(text: str, expected: Columns) -> None:
    assert guess(text) == expected


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("lat,lon,name\n48.67,6.14,X\n", "lon", "lat"),
        ("Longitude;Latitude\n6,14;48,67\n", "Longitude", "Latitude"),
        ("x,y\n6.14,48.67\n", "x", "y"),
        ("x,y,long,lat\n652000.1,6860000.2,6.1,48.6\n", "long", "lat"),
        ("longitude_dgfip,latitude_dgfip\n-61.5,16.2\n", "longitude_dgfip", "latitude_dgfip"),
        ("ff_x,x_4326,y_4326\n1,6.1,48.6\n", "x_4326", "y_4326"),
    ],
)
def test_the_columns_of_a_point_are_found(text: str, lon: str, lat: str) -> None:
    assert guess(text, "reverse") == Columns(lon=lon, lat=lat)


@pytest.mark.parametrize("text", ["x,y\n652000.1,6860000.2\n", "x,y\n3,5\n"])
def test_metres_are_no_degrees(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"lon and lat.*degrees.*There are: x, y"):
        guess(text, "reverse")


def test_what_is_missing_is_told_with_the_columns_there_are() -> None:
    with pytest.raises(InvalidRequest, match=r"columns: address.*There are: cp, ville$"):
        guess("cp,ville\n90000,Belfort\n")
    with pytest.raises(InvalidRequest, match="and 10 more"):
        guess_columns([f"colonne {chr(97 + place // 26)}{chr(97 + place % 26)}" for place in range(40)], [])
    with pytest.raises(InvalidRequest, match="There are: none"):
        guess_columns([], [])


@pytest.mark.parametrize("name", ["12 rue Untel", "90000", "x@untel.fr", "BELFORT 90000", "Untel " * 20, "l1\nUntel"])
def test_a_header_that_is_data_is_not_repeated(name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"look like data.*header") as caught:
        guess_columns(["Untel Zoé", name], [])
    assert "Untel" not in str(caught.value)


# ---- as the caller says ------------------------------------------------------------------------------------


HEADER = ("numero", "voie", "code_postal", "lon", "lat")


def test_the_caller_decides() -> None:
    chosen = Columns(("numero", "voie"), "code_postal")
    assert columns_from(chosen, HEADER) == chosen
    assert columns_from({"address": ["numero", "voie"], "postcode": "code_postal"}, HEADER) == chosen
    assert columns_from({"address": "voie"}, HEADER) == Columns(("voie",))
    assert columns_from({"postcode": ["code_postal"]}, HEADER) == Columns(postcode="code_postal")
    assert columns_from({"lon": "lon", "lat": "lat"}, HEADER, kind="reverse") == Columns(lon="lon", lat="lat")
    assert columns_from(None, HEADER, [{"voie": "Rue X", "numero": "4", "code_postal": "90000"}]) == chosen
    assert chosen.names == ("numero", "voie", "code_postal")
    assert columns_from(Columns("voie"), HEADER) == Columns(("voie",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"address": "voies"}, "columns.address: none of the 5 columns is so called; did you mean 'voie'"),
        ({"address": "voie", "postcode": "cp"}, "columns.postcode: none of the 5"),
        ({"adress": "voie"}, "did you mean 'address'"),
        ({"adresse": "voie"}, "did you mean 'address'|parts named"),
        ({"postcode": ["code_postal", "voie"]}, "the name of one column"),
        ({"address": [5]}, "as text"),
        ({"address": 5}, "as text"),
        ({}, "address"),
        ("voie", "a mapping"),
    ],
)
def test_what_the_caller_may_not_say(given: Any, match: str) -> None:
    with pytest.raises(InvalidRequest, match=match):
        columns_from(given, HEADER)


def test_a_reverse_needs_a_point() -> None:
    with pytest.raises(InvalidRequest, match="lon and lat"):
        columns_from({"lon": "lon"}, HEADER, kind="reverse")
    with pytest.raises(InvalidRequest, match="lon and lat"):
        point_reader(Columns(("voie",)))


def test_no_name_of_a_header_that_is_data_is_proposed() -> None:
    with pytest.raises(InvalidRequest) as caught:
        columns_from({"address": "Untel Zoe"}, ("Untel Zoé", "12 rue X"))
    assert "Untel" not in str(caught.value)


# ---- the parts of a row ------------------------------------------------------------------------------------


@pytest.mark.parametrize("light", [True, False])
def test_the_parts_of_a_row(light: bool) -> None:
    text = "num;voie;cp;ville;insee;compl\n8.0; rue X ;1000.0;Bourg;1053;BAT A\n;rue Y;;;;\n9;z;1;2;3;4;trop\n"
    source = open_source(text.encode())
    rows: list[Any] = list(source.read(5)) if light else [dict(row) for row in source.read(5)]
    read = reader(Columns(("num", "voie"), "cp", "ville", "insee", "compl"))
    assert [read(row) for row in rows] == [
        ("8  rue X ", "1000", "Bourg", "1053", "BAT A"),
        ("rue Y", "", "", "", ""),
        ("9 z", "1", "2", "3", "4"),
    ]
    assert reader(Columns(("voie",), citycode="insee"))(rows[0]) == (" rue X ", "", "", "1053", "")
    assert reader(Columns(city="ville"))(rows[0]) == ("", "", "Bourg", "", "")
    assert point_reader(Columns(lon="num", lat="cp"))(rows[0]) == ("8.0", "1000.0")


def test_a_row_may_lack_a_column() -> None:
    read = reader(Columns(("a", "b"), "cp"))
    assert read({"b": None, "cp": 1000}) == ("", "1000", "", "", "")
    assert point_reader(Columns(lon="x", lat="y"))({"x": 1.5}) == (1.5, None)


VALUES = [
    (1000, "1000"),
    (1000.0, "1000"),
    (6.5, "6.5"),
    (float("nan"), ""),
    (None, ""),
    (pd.NA, ""),
    (pd.NaT, ""),
    (decimal.Decimal("1000.0"), "1000"),
    (np.float32(75001), "75001"),
    (np.int64(3), "3"),
    (np.array(["x", "y"]), "x y"),
    (["12 RUE X", None, "", "90000 BELFORT"], "12 RUE X 90000 BELFORT"),
    (("a", ["b"]), "a b"),
    (b"caf\xc3\xa9", "café"),
    (dt.date(2020, 1, 2), "2020-01-02"),
    ('{"12 RUE X","90000 BELFORT"}', "12 RUE X 90000 BELFORT"),
    ('["12 RUE X", null, 90000]', "12 RUE X 90000"),
    ("rue {X}", "rue {X}"),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_values_as_text(value: Any, text: str) -> None:
    assert text_of(value) == text
    assert reader(Columns(("a",)))({"a": value})[0] == text


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("{}", []),
        ("{12 RUE X,NULL,null,BELFORT}", ["12 RUE X", "BELFORT"]),
        (r'{"a \"b\" \\ c","NULL", d\,e }', ['a "b" \\ c', "NULL", "d,e"]),
        ('{"l1\nl2"}', ["l1\nl2"]),
        ("{{a,b},{c}}", ["a", "b", "c"]),
        ('[0:1]={a,"b"}', ["a", "b"]),
        ("[]", []),
        ("{oups", None),
        ("oups}", None),
        ('{"a"x}', None),
        ('{"a', None),
        ('{"key": 1}', None),
        ('["a"', None),
        ("[rue X]", None),
        ("[" * 100_000 + "]" * 100_000, None),
        ("{" + '"a' * 50_000 + "}", None),
    ],
)
def test_arrays_in_texts(text: str, items: list[str] | None) -> None:
    assert array_items(text) == items


# ---- few rows, or some that are unreadable -----------------------------------------------------------------


@pytest.mark.parametrize("text", ["?", "R", "2", "#N/A", "12"])
def test_a_row_without_an_address_does_not_hide_its_column(text: str) -> None:
    rows = [{"adresse": text, "cp": "", "ville": ""}]
    assert guess_columns(list(rows[0]), rows) == Columns(("adresse",), "cp", "ville")


def test_many_rows_without_a_letter_are_no_addresses() -> None:
    rows = [{"adresse": str(number), "ville": "Belfort"} for number in range(9)]
    with pytest.raises(InvalidRequest, match="address, one column or several"):
        guess_columns(list(rows[0]), rows)


def test_some_points_that_are_unreadable() -> None:
    rows = [{"lon": "6.86" if number > 2 else "?", "lat": "47.6"} for number in range(10)]
    assert guess_columns(["lon", "lat"], rows, "reverse") == Columns(lon="lon", lat="lat")


def test_few_points_that_are_readable() -> None:
    rows = [{"lon": "6.86" if number > 7 else "989500,2", "lat": "47.6"} for number in range(10)]
    with pytest.raises(InvalidRequest) as caught:
        guess_columns(["lon", "lat"], rows, "reverse")
    assert "2 of 10 values of lon are degrees (WGS84): convert the others, or name the columns" in str(caught.value)
