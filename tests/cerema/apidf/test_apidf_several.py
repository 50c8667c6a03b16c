"""Several values of one filter: as what they may be given, and which of them is wrong."""

from __future__ import annotations

import collections
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from apidf_parts import TOKEN, questions
from hypothesis import given
from hypothesis import strategies as st

from frgov_clients.cerema.apidf import ApidfClient
from frgov_clients.cerema.apidf.filters import _RULES, filter_params
from frgov_clients.errors import InvalidRequest

apidf = ApidfClient(base_url="http://127.0.0.1:9", token=TOKEN)
CODES = ["01004", "01005"]


def asked(code_insee: Any) -> list[str]:
    return [params["code_insee"] for _, params in questions(apidf.dvf_mutations(code_insee=code_insee))]


@pytest.mark.parametrize(
    "several",
    [
        CODES,
        tuple(CODES),
        "01004, 01005",
        set(CODES),
        frozenset(CODES),
        dict.fromkeys(reversed(CODES)).keys(),
        collections.deque(CODES),
        (code for code in CODES),
        map(str, CODES),
        np.array(CODES),
        np.array(CODES, dtype=object),
        pd.Series(CODES, index=[7, 3]),
        pd.Index(CODES),
        pl.Series(CODES),
    ],
    ids=lambda several: type(several).__name__,
)
def test_whatever_holds_texts_will_do(several: Any) -> None:
    found = asked(several)
    assert found == ["01004,01005"]
    assert filter_params({"codtypbien": np.array(["111", "121", "111"])})[0] == ("codtypbien", "111,121")


def test_what_is_written_is_plain_text() -> None:
    """An array has texts of its own kind, and a word may be a member of an enumeration."""
    for name, value in (("codtypbien", np.array(["111"])), ("filtre", np.str_("0")), ("typetup", np.str_("UF"))):
        assert {type(text) for pair in filter_params({name: value}) for text in pair} == {str}


@pytest.mark.parametrize(
    ("several", "text"),
    [
        (1004, "code_insee: text, or a list of texts. A number has lost its leading zeros"),
        (np.int64(1004), "code_insee: text, or a list of texts. A number has lost its leading zeros"),
        (b"01004", "code_insee: text, or a list of texts. It is bytes"),
        ({"01004": 1}, "code_insee: text, or a list of texts. It is dict"),
        (pd.DataFrame({"01004": ["01005"]}), "code_insee: text, or a list of texts. It is DataFrame"),
        (np.array("01004"), "code_insee: text, or a list of texts. It is ndarray"),
        (iter([]), "code_insee: at least one value. An empty list would filter nothing"),
        (pd.Series([], dtype=str), "code_insee: at least one value. An empty list would filter nothing"),
        ([1004], "code_insee[0]: text without commas, not empty. A number has lost its leading zeros"),
        (pd.Series(["01005", None]), "code_insee[1]: text without commas, not empty. A value is missing: leave it out"),
        ([None, "01005"], "code_insee[0]: text without commas, not empty. A value is missing: leave it out"),
        (["01004", math.nan], "code_insee[1]: text without commas, not empty. A value is missing: leave it out"),
        ([["01004"]], "code_insee[0]: text without commas, not empty. It is list"),
        (["01004", True], "code_insee[1]: text without commas, not empty. It is bool"),
        (["01004", "01005,01006"], "code_insee[1]: text without commas, not empty"),
        ([*CODES * 10, "1005"], "code_insee[20]: 5 characters"),
        ("01004,01005,1005", "code_insee[2]: 5 characters"),
        ("1005", "code_insee: 5 characters"),
        ({"01004", "1005"}, "code_insee: 5 characters"),
        ({"01004", 1005}, "code_insee: text without commas, not empty. A number has lost its leading zeros"),
    ],
)
def test_which_one_is_wrong(several: Any, text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        apidf.dvf_mutations(code_insee=several)
    assert str(refused.value).startswith(text)
    assert refused.value.field == "code_insee"
    assert "1005" not in str(refused.value)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: filter_params({"codtypbien": ["111", "1 1"]}), r"codtypbien\[1\]: one code as text"),
        (lambda: filter_params({"idpar": ["0" * 14, "0" * 13]}), r"idpar\[1\]: 14 characters"),
        (lambda: filter_params({"ordering": ["idpar", "idpar desc"]}), r"ordering\[1\]: the name of a column"),
        (lambda: apidf.prix("epci", ["243500139", "24350013"]), r"code\[1\]: 9 digits for an EPCI"),
        (lambda: apidf.accessibilite(["001", "0001"]), r"code\[1\]: 3 characters for an AAV"),
        (lambda: apidf.friches(coddep=["01", "20"]), r"coddep\[1\]: "),
    ],
)
def test_which_value_of_other_filters_is_wrong(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{text}"):
        call()


STRANGE: list[Any] = [
    object(),
    [object()],
    {},
    {"a": "b"},
    set(),
    [[]],
    [None],
    b"111",
    1j,
    True,
    Fraction(10**400),
    Decimal("sNaN"),
    10**5000,
    np.array([1, 2]),
    np.array(["a b", "c d"]),
    np.array("111"),
    np.bool_(True),
    pd.NA,
    pd.NaT,
    pd.DataFrame({"a": ["b"]}),
    pd.Series([1, 2]),
    int,
]


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: type(value).__name__)
def test_a_value_of_another_type_is_refused(value: Any) -> None:
    for name in _RULES.keys() - ({"vefa"} if isinstance(value, bool) else set[str]()):
        with pytest.raises(InvalidRequest) as refused:
            filter_params({name: value})
        assert refused.value.field == name


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: type(value).__name__)
def test_so_are_places_identifiers_and_kinds(value: Any) -> None:
    for call in (
        lambda: apidf.friches(code_insee=value),
        lambda: apidf.friches(coddep=value),
        lambda: apidf.friches(bbox=value),
        lambda: apidf.friches(lon=value, lat=48.0),
        lambda: apidf.friches(bbox=(2.0, 48.0, 2.1, value)),
        lambda: apidf.prix(value, "01004"),
        lambda: apidf.prix("communes", value),
        lambda: apidf.prix("communes", "01004", periode=value),
        lambda: apidf.valorisation(value, "001"),
        lambda: apidf.local(value),
        lambda: apidf.tup(value),
    ):
        with pytest.raises(InvalidRequest):
            call()


def test_numbers_of_arrays_are_numbers() -> None:
    assert dict(filter_params({"page_size": np.int64(20)}))["page_size"] == "20"


@given(st.lists(st.text(alphabet="0123456789AB", min_size=1, max_size=6), min_size=1))
def test_several_are_each_once_in_their_order(codes: list[str]) -> None:
    for given_ in (codes, iter(codes), pd.Series(codes)):
        assert filter_params({"codtypbien": given_})[0][1].split(",") == list(dict.fromkeys(codes))
    assert filter_params({"codtypbien": set(codes)})[0][1].split(",") == sorted(set(codes))
