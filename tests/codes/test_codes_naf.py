"""NAF codes: all sub-classes of both nomenclatures, and what is none."""

from __future__ import annotations

import pytest

from frgov_clients import codes
from frgov_clients.codes import InvalidCode


def test_every_subclass_is_taken_and_its_nomenclature_told(naf: list[dict[str, str]]) -> None:
    assert len(naf) == 732 + 747
    for row in naf:
        code = row["code"]
        assert codes.parse_code_naf(code) == code
        assert codes.parse_code_naf(code.replace(".", "").lower()) == code
        assert codes.nomenclature_of_naf(code) == row["nomenclature"]


def test_a_letter_of_no_nomenclature() -> None:
    assert codes.nomenclature_of_naf("62.01W") is None


def test_activity_not_known_yet() -> None:
    assert codes.parse_code_naf("0000Z") == "00.00Z"


@pytest.mark.parametrize("written", ["62.01Z", "6201Z", " 62.01z ", "62 01 Z", "62.01\u00a0Z"])
def test_people_write_it_so(written: str) -> None:
    assert codes.parse_code_naf(written) == "62.01Z"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("85.3K", "before 2008"),
        ("853K", "before 2008"),
        ("1.11Z", "leading zero"),
        ("62.01", "ends with a letter"),
        ("62", "ends with a letter"),
        ("6201", "ends with a letter"),
        ("J", "a section"),
        ("4321AA", "NAFA"),
        ("62.0.1Z", "code_naf: 2 digits"),
        ("6.201Z", "code_naf: 2 digits"),
        ("62.01É", "look-alikes"),
        ("", "empty"),
    ],
)
def test_the_error_tells_the_mistake(value: str, said: str) -> None:
    assert not codes.is_code_naf(value)
    with pytest.raises(InvalidCode) as caught:
        codes.parse_code_naf(value)
    assert said.lower() in str(caught.value).lower()
    with pytest.raises(InvalidCode):
        codes.nomenclature_of_naf(value)
