"""SIREN, SIRET, NIC and VAT numbers: official vectors, checks, and the mistakes that people make."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients import codes
from frgov_clients.codes import InvalidCode
from frgov_clients.errors import FrgovError

steady = settings(derandomize=True, database=None, deadline=None, max_examples=200)

SIREN = ["732829320", "130025265", "356000000", "061500542", "404833048", "552100554", "200071843", "120001011"]
SIRET = [
    "73282932000074",
    "13002526500013",
    "12000101100010",
    "20007184300060",
    "21340172201787",
    "21750001600019",
    # La Poste: sums that are multiples of 5, then the head office.
    "35600000049837",
    "35600000009075",
    "35600000000048",
]


def complete(digits: str) -> str:
    """The number with its Luhn check digit, found by the schoolbook definition."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


siren_heads = st.text("0123456789", min_size=8, max_size=8).filter(lambda head: head not in ("00000000", "35600000"))
valid_sirens = siren_heads.map(complete)
valid_sirets = st.tuples(valid_sirens, st.text("0123456789", min_size=4, max_size=4)).map("".join).map(complete)


@pytest.mark.parametrize("siren", SIREN)
def test_valid_siren(siren: str) -> None:
    assert codes.parse_siren(siren) == siren
    assert codes.is_siren(siren)


@pytest.mark.parametrize("siret", SIRET)
def test_valid_siret(siret: str) -> None:
    assert codes.parse_siret(siret) == siret
    assert codes.siren_of(siret) == siret[:9]
    assert codes.nic_of(siret) == siret[9:]
    assert codes.siret_of(siret[:9], siret[9:]) == siret


@pytest.mark.parametrize("siret", ["35600000049838", "73282932000079", "73282932000047", "35600000000049"])
def test_siret_that_does_not_check(siret: str) -> None:
    assert not codes.is_siret(siret)
    assert codes.parse_siret(siret, strict=False) == siret
    assert codes.siren_of(siret, strict=False) == siret[:9]
    with pytest.raises(InvalidCode, match="strict=False"):
        codes.parse_siret(siret)


def test_la_poste_has_its_own_rule() -> None:
    sums = [n for n in range(100_000) if codes.is_siret(f"356000000{n:05d}")]
    assert 35 not in sums  # 00035 has a sum of 22
    assert len(sums) == 20_001  # a fifth of all, and the head office
    assert not codes.is_siret(complete("3560000000004") + "0")


def test_a_siret_needs_a_valid_siren_too() -> None:
    siret = complete("7328293210007")
    with pytest.raises(InvalidCode, match="make a SIREN"):
        codes.parse_siret(siret)


@pytest.mark.parametrize("zeros", ["000000000", "00000000000000", "00000000000018"])
def test_zeros_are_a_placeholder(zeros: str) -> None:
    parse = codes.parse_siren if len(zeros) == 9 else codes.parse_siret
    with pytest.raises(InvalidCode, match="placeholder"):
        parse(zeros)
    assert parse(zeros, strict=False) == zeros


@pytest.mark.parametrize(
    "written",
    [
        "552 100 554 00013",
        " 552\u00a0100\u00a0554\u00a000013 ",
        "552\u202f100\u202f554\u202f00013",
        "552.100.554.00013",
        "552-100-554-00013",
        "552 100 554 \u2013 00013",
        "\u202a55210055400013\u202c",
        "\ufeff55210055400013\n",
        "552100554\t00013",
    ],
)
def test_people_write_separators(written: str) -> None:
    assert codes.parse_siret(written, strict=False) == "55210055400013"


@pytest.mark.parametrize(
    ("parse", "value", "said"),
    [
        (codes.parse_siren, "61500542", "9 digits. 8 digits: a leading zero lost?"),
        (codes.parse_siren, "61500542.0", "spreadsheet"),
        (codes.parse_siren, "404833048.0", "spreadsheet"),
        (codes.parse_siret, "6150054200018.0", "spreadsheet"),
        (codes.parse_siren, "4,04833E+08", "spreadsheet"),
        (codes.parse_siren, "40483304800022", "`siren_of`"),
        (codes.parse_siren, "FR83404833048", "VAT number"),
        (codes.parse_siren, "", "empty"),
        (codes.parse_siren, " \u00a0", "empty"),
        (codes.parse_siren, "404833049", "Luhn"),
        (codes.parse_siren, "40483304A", "siren: 9 digits"),
        (codes.parse_siren, "404/833/048", "siren: 9 digits"),
        (codes.parse_siret, "6150054200018", "13 digits: a leading zero lost?"),
        (codes.parse_siret, "404833048", "that is a SIREN"),
        (codes.parse_siret, "[ND]", "siret: 14 digits"),
        (codes.parse_nic, "22", "2 digits: a leading zero lost?"),
        (codes.parse_nic, "000022", "6 digits"),
        (codes.parse_vat_number, "83404833048", "put FR in front"),
        (codes.parse_vat_number, "404833048", "`vat_number`"),
        (codes.parse_vat_number, "DE123456789", "another country"),
        (codes.parse_vat_number, "FR84404833048", "key that fits"),
        (codes.parse_vat_number, "FR83404833049", "make a SIREN"),
        (codes.parse_vat_number, "FRIO404833048", "but I and O"),
        (codes.parse_vat_number, "FR12000000000", "placeholder"),
    ],
)
def test_the_error_tells_the_mistake(parse: object, value: str, said: str) -> None:
    assert callable(parse)
    with pytest.raises(InvalidCode) as caught:
        parse(value)
    assert said.lower() in str(caught.value).lower()
    assert value.strip() == "" or value not in str(caught.value)


@pytest.mark.parametrize(
    ("siren", "number"),
    [
        ("404833048", "FR83404833048"),
        ("303265045", "FR40303265045"),
        ("356000000", "FR39356000000"),
        ("542065479", "FR82542065479"),
    ],
)
def test_vat_number(siren: str, number: str) -> None:
    assert codes.vat_number(siren) == number
    assert codes.vat_key(siren) == number[2:4]
    assert codes.parse_vat_number(number) == number
    assert codes.siren_of_vat_number(number) == siren


def test_vat_number_as_people_write_it() -> None:
    assert codes.parse_vat_number("fr 83 404 833 048") == "FR83404833048"
    assert codes.vat_number("404 833 048") == "FR83404833048"


def test_vat_key_with_letters_is_taken_by_its_form() -> None:
    assert codes.parse_vat_number("FRK7399859412") == "FRK7399859412"
    assert not codes.is_vat_number("FRK7399859413")
    assert codes.parse_vat_number("FRK7399859413", strict=False) == "FRK7399859413"


def test_vat_number_of_monaco_holds_no_siren() -> None:
    number = "FR53000004605"
    assert codes.parse_vat_number(number) == number
    assert not codes.is_vat_number("FR54000004605")
    with pytest.raises(InvalidCode, match="Monaco"):
        codes.siren_of_vat_number(number)


def test_vat_number_of_an_unchecked_siren() -> None:
    with pytest.raises(InvalidCode):
        codes.vat_key("404833049")
    assert codes.vat_number("404833049", strict=False) == "FR86404833049"


@steady
@given(siren_heads)
def test_a_siren_has_exactly_one_check_digit(head: str) -> None:
    assert [siren for siren in (f"{head}{key}" for key in range(10)) if codes.is_siren(siren)] == [complete(head)]


@steady
@given(valid_sirens | valid_sirets, st.data())
def test_any_wrong_digit_is_seen(number: str, data: st.DataObject) -> None:
    accepted = codes.is_siren if len(number) == 9 else codes.is_siret
    assert accepted(number)
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    changed = number[:place] + wrong + number[place + 1 :]
    if not changed.startswith("356000000"):
        assert not accepted(changed)


@steady
@given(valid_sirets, st.lists(st.sampled_from(" \u00a0\u202f-\t\u200b"), min_size=15, max_size=15))
def test_separators_change_nothing_and_parsing_twice_neither(siret: str, separators: list[str]) -> None:
    written = "".join(mark + digit for mark, digit in zip(separators, siret, strict=False)) + separators[-1]
    once = codes.parse_siret(written)
    assert once == siret
    assert codes.parse_siret(once) == once


@steady
@given(valid_sirens)
def test_a_vat_number_gives_its_siren_back(siren: str) -> None:
    number = codes.vat_number(siren)
    assert int(number[2:4]) == int(siren + "12") % 97
    if not siren.startswith("000"):
        assert codes.siren_of_vat_number(number) == siren


def test_the_error_is_one_of_the_package_and_pickles() -> None:
    with pytest.raises(InvalidCode) as caught:
        codes.parse_siren("404833049")
    error = caught.value
    assert issubclass(InvalidCode, FrgovError) and issubclass(InvalidCode, ValueError) and not error.retryable
    assert error.field == "siren" and error.limit == "a check digit that fits (Luhn)"
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is InvalidCode and str(copy) == str(error) and copy.field == "siren"
