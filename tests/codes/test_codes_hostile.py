"""What is no text, or no honest text, is refused by every parser, always in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients import codes
from frgov_clients.codes import InvalidCode

GOOD = {
    "siren": "404833048",
    "siret": "13002526500013",
    "nic": "00013",
    "vat_number": "FR83404833048",
    "code_naf": "62.01Z",
    "code_commune": "33063",
    "code_departement": "33",
    "code_region": "75",
    "code_postal": "33000",
}
every_code = pytest.mark.parametrize("name", GOOD)
steady = settings(derandomize=True, database=None, deadline=None, max_examples=150)


def parser(name: str) -> Callable[[Any], str]:
    return cast("Callable[[Any], str]", getattr(codes, f"parse_{name}"))


def predicate(name: str) -> Callable[[Any], bool]:
    return cast("Callable[[Any], bool]", getattr(codes, f"is_{name}"))


@every_code
def test_the_good_one_passes(name: str) -> None:
    assert parser(name)(GOOD[name]) == GOOD[name]
    assert predicate(name)(GOOD[name])


@every_code
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (404833048, "leading zeros"),
        (1.0, "leading zeros"),
        (Decimal(1), "leading zeros"),
        (float("nan"), "NaN"),
        (None, "None"),
        (b"404833048", "not bytes"),
        (["404833048"], "not list"),
    ],
)
def test_only_text(name: str, value: object, said: str) -> None:
    assert not predicate(name)(value)
    with pytest.raises(InvalidCode) as caught:
        parser(name)(value)
    assert said in str(caught.value) and str(caught.value).startswith(f"{name}: ")


@every_code
def test_a_boolean_is_not_told_of_leading_zeros(name: str) -> None:
    with pytest.raises(InvalidCode, match=r"not bool\Z"):
        parser(name)(True)


@every_code
@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\uff10", "\U0001d7ce", "\U0001fbf0"])
def test_digits_of_other_scripts(name: str, zero: str) -> None:
    foreign = "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in GOOD[name])
    assert not predicate(name)(foreign)
    with pytest.raises(InvalidCode, match="look-alikes"):
        parser(name)(foreign)


@every_code
@pytest.mark.parametrize("junk", ["\0", "🏠", "\u0301", "\ud800", "²", "٫", "_", "+", "/", "'", "\x1b[0m", "%00", "O"])
def test_junk_anywhere(name: str, junk: str) -> None:
    good = GOOD[name]
    for place in (0, 1, len(good)):
        assert not predicate(name)(good[:place] + junk + good[place:])
    assert not predicate(name)(junk)


@every_code
@pytest.mark.parametrize("unit", ["1", " ", "-", "é", "\0", "1.0"])
def test_a_megabyte_is_refused_at_once_and_not_repeated(name: str, unit: str) -> None:
    value = unit * (1_000_000 // len(unit))
    started = time.perf_counter()
    with pytest.raises(InvalidCode) as caught:
        parser(name)(value)
    assert time.perf_counter() - started < 1
    assert len(str(caught.value)) < 300


@every_code
def test_a_class_of_text_comes_out_plain(name: str) -> None:
    def lie(*_: object) -> str:
        return "nothing"

    lying = type("Lying", (str,), {"translate": lie, "upper": lie, "__str__": lie})
    kind = Enum("kind", {"MEMBER": GOOD[name]}, type=str)
    for value in (lying(GOOD[name]), kind["MEMBER"]):
        parsed = parser(name)(value)
        assert parsed == GOOD[name] and type(parsed) is str


@steady
@given(st.text(max_size=80) | st.text("0123456789AB .-FRZ\u00a0\u0661", max_size=20))
def test_any_text_is_parsed_or_refused_and_nothing_else(text: str) -> None:
    for name in GOOD:
        parse, accepted = parser(name), predicate(name)
        try:
            code = parse(text)
        except InvalidCode:
            assert not accepted(text)
        else:
            assert accepted(text)
            assert code.isascii() and code == code.upper()
            assert parse(code) == code
