"""Communes, départements, regions, postcodes: against the whole COG 2026."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from frgov_clients import codes
from frgov_clients.codes import InvalidCode

ELSEWHERE = {
    "03250": "42620",
    "04058": "05110",
    "04066": "05110",
    "04150": "05130",
    "04154": "05160",
    "04170": "06260",
    "04194": "06260",
    "04234": "05130",
    "07136": "48250",
    "15105": "43450",
    "24189": "33220",
    "24335": "33220",
    "26374": "05700",
    "39102": "01590",
    "39274": "01410",
    "39283": "01590",
    "51478": "52100",
    "51522": "52100",
    "71085": "21340",
    "74109": "01200",
    "83105": "13780",
    "86042": "37160",
    "91479": "94390",
    "97701": "97133",
    "97801": "97150",
    "98901": "98799",
}
"""Communes with a postcode of another département's number."""

ASSOCIATED_ELSEWHERE = {"02285": "59", "39012": "25", "51494": "52", "52210": "70", "79224": "49"}
"""Associated communes of a commune in another département, which keep their code."""


def naive_departement(postcode: str) -> str:
    """What one would guess from a postcode, Corsica and overseas included."""
    if postcode.startswith("20"):
        return "2A" if postcode[:3] in ("200", "201") else "2B"
    return postcode[: 3 if postcode.startswith(("97", "98")) else 2]


def test_every_commune_is_taken_and_gives_its_departement(communes: list[dict[str, str]]) -> None:
    assert Counter(row["type"] for row in communes) == {
        "commune-actuelle": 34_969,
        "commune-deleguee": 2_105,
        "commune-associee": 471,
        "arrondissement-municipal": 45,
    }
    moved = {}
    for row in communes:
        code = row["code"]
        assert codes.parse_code_commune(code) == code
        if codes.departement_of_commune(code) != row["departement"]:
            moved[code] = row["departement"]
    assert moved == ASSOCIATED_ELSEWHERE


def test_every_commune_is_in_the_region_of_its_departement(communes: list[dict[str, str]]) -> None:
    for row in communes:
        region = codes.region_of_departement(row["departement"])
        # The file gives collectivities overseas their own code for want of a region.
        assert region == (None if len(row["region"]) == 3 else row["region"])


def test_a_postcode_does_not_tell_the_departement(communes: list[dict[str, str]]) -> None:
    elsewhere = {
        row["code"]: postcode
        for row in communes
        if row["type"] == "commune-actuelle"
        for postcode in row["codes_postaux"].split()
        if naive_departement(postcode) != row["departement"]
    }
    assert elsewhere == ELSEWHERE
    for code, postcode in elsewhere.items():
        assert codes.departement_of_commune(code) != naive_departement(postcode)


def test_every_postcode_is_taken(communes: list[dict[str, str]]) -> None:
    postcodes = {postcode for row in communes for postcode in row["codes_postaux"].split()}
    assert len(postcodes) == 6_310
    assert all(codes.parse_code_postal(postcode) == postcode for postcode in postcodes)


def test_postcodes_that_are_no_commune_are_refused(communes: list[dict[str, str]]) -> None:
    known = {row["code"] for row in communes}
    postcodes = {postcode for row in communes for postcode in row["codes_postaux"].split()}
    refused = {postcode for postcode in postcodes if not codes.is_code_commune(postcode)}
    assert not refused & known
    assert {"33000", "97100", "20000", "20200", "75001", "75020"} <= refused


def test_departements_are_those_of_the_cog(departements: list[dict[str, str]]) -> None:
    official = {row["code"] for row in departements}
    texts = ("".join(letters) for size in (1, 2, 3) for letters in product("0123456789AB", repeat=size))
    assert {text for text in texts if codes.is_code_departement(text)} == official


def test_regions_are_those_of_the_cog(departements: list[dict[str, str]], regions: list[dict[str, str]]) -> None:
    official = {row["code"] for row in regions if row["zone"] != "com"}
    assert len(official) == 18
    assert {text for text in (f"{n:02d}" for n in range(100)) if codes.is_code_region(text)} == official
    for region in official:
        members = tuple(row["code"] for row in departements if row["region"] == region)
        assert codes.departements_of_region(region) == members
        assert {codes.region_of_departement(member) for member in members} == {region}


def test_overseas_is_as_in_the_cog(departements: list[dict[str, str]]) -> None:
    for row in departements:
        assert codes.is_outre_mer(row["code"]) == (row["zone"] != "metro")
        assert codes.is_collectivite_outre_mer(row["code"]) == (row["zone"] == "com")


def test_arrondissements_are_those_of_the_cog(communes: list[dict[str, str]]) -> None:
    parts: dict[str, list[str]] = {}
    for row in communes:
        is_part = row["type"] == "arrondissement-municipal"
        assert codes.is_arrondissement_municipal(row["code"]) == is_part
        if is_part:
            parts.setdefault(row["commune"], []).append(row["code"])
            assert codes.commune_of_arrondissement(row["code"]) == row["commune"]
    assert {whole: codes.arrondissements_of(whole) for whole in parts} == {k: tuple(v) for k, v in parts.items()}
    assert {whole: len(members) for whole, members in parts.items()} == {"75056": 20, "69123": 9, "13055": 16}


def test_no_arrondissement_elsewhere() -> None:
    assert codes.arrondissements_of("31555") == ()
    with pytest.raises(InvalidCode, match="75101 to 75120"):
        codes.commune_of_arrondissement("75056")
    for code in ("75121", "75100"):
        with pytest.raises(InvalidCode):
            codes.is_arrondissement_municipal(code)


@pytest.mark.parametrize(
    ("parse", "written", "code"),
    [
        (codes.parse_code_commune, " 2a004 ", "2A004"),
        (codes.parse_code_commune, "01 004", "01004"),
        (codes.parse_code_departement, "2b", "2B"),
        (codes.parse_code_departement, "01\n", "01"),
        (codes.parse_code_region, " 84", "84"),
        (codes.parse_code_postal, "75002  ", "75002"),
        (codes.parse_code_postal, "75\u00a0002", "75002"),
    ],
)
def test_people_write_it_so(parse: object, written: str, code: str) -> None:
    assert callable(parse)
    assert parse(written) == code
    assert parse(code) == code


@pytest.mark.parametrize(
    ("parse", "value", "said"),
    [
        (codes.parse_code_commune, "1004", "4 digits: a leading zero lost?"),
        (codes.parse_code_commune, "1004.0", "spreadsheet"),
        (codes.parse_code_commune, "33000", "that is a postcode"),
        (codes.parse_code_commune, "97100", "that is a postcode"),
        (codes.parse_code_commune, "75001", "75101 to 75120, in Paris"),
        (codes.parse_code_commune, "20004", "Corsica is 2A and 2B"),
        (codes.parse_code_commune, "99131", "foreign countries"),
        (codes.parse_code_commune, "98501", "code of a département"),
        (codes.parse_code_commune, "96001", "code of a département"),
        (codes.parse_code_commune, "2C004", "5 characters"),
        (codes.parse_code_commune, "02A04", "5 characters"),
        (codes.parse_code_departement, "1", "1 digit: a leading zero lost?"),
        (codes.parse_code_departement, "20", "Corsica is 2A and 2B"),
        (codes.parse_code_departement, "97", "3 digits"),
        (codes.parse_code_departement, "985", "976"),
        (codes.parse_code_departement, "001", "3 digits"),
        (codes.parse_code_departement, "74109", "`departement_of_commune`"),
        (codes.parse_code_region, "82", "now in 84"),
        (codes.parse_code_region, "4", "leading zero"),
        (codes.parse_code_region, "988", "in no region"),
        (codes.parse_code_region, "05", "18 regions"),
        (codes.parse_code_postal, "1400", "4 digits: a leading zero lost?"),
        (codes.parse_code_postal, "00000", "placeholder"),
        (codes.parse_code_postal, "2A004", "code of a commune"),
        (codes.parse_code_postal, "F-75002", "5 digits"),
    ],
)
def test_the_error_tells_the_mistake(parse: object, value: str, said: str) -> None:
    assert callable(parse)
    with pytest.raises(InvalidCode) as caught:
        parse(value)
    assert said.lower() in str(caught.value).lower()


@pytest.mark.parametrize("code", ["75001", "20004", "33000"])
def test_codes_of_the_past_by_their_form(code: str) -> None:
    assert codes.parse_code_commune(code, strict=False) == code
    assert codes.is_code_commune(code, strict=False)
    with pytest.raises(InvalidCode):
        codes.departement_of_commune(code)
