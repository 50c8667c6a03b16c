"""Filters: what is written on the wire, and what is refused before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from apidf_parts import TOKEN, questions
from hypothesis import given
from hypothesis import strategies as st

from frgov_clients.cerema.apidf import ApidfClient
from frgov_clients.cerema.apidf.filters import filter_params
from frgov_clients.errors import InvalidRequest

apidf = ApidfClient(base_url="http://127.0.0.1:9", token=TOKEN)


@pytest.mark.parametrize(
    ("given_", "wire"),
    [
        ({"anneemut": 2023}, {"anneemut": "2023"}),
        ({"anneemut_min": "2010", "anneemut_max": 2010}, {"anneemut_min": "2010", "anneemut_max": "2010"}),
        ({"codtypbien": "11,12"}, {"codtypbien": "11,12"}),
        ({"codtypbien": ("111", "121", "111")}, {"codtypbien": "111,121"}),
        ({"vefa": False}, {"vefa": "false"}),
        ({"sbati_min": 50.50, "sbati_max": Decimal("1E3")}, {"sbati_min": "50.5", "sbati_max": "1000"}),
        ({"valeurfonc_max": 10_000_000.0}, {"valeurfonc_max": "10000000"}),
        ({"sbati_min": np.float64(50.5), "sbati_max": np.int64(90)}, {"sbati_min": "50.5", "sbati_max": "90"}),
        ({"anneemut": np.int64(2023)}, {"anneemut": "2023"}),
        ({"sterr_min": 1e-7}, {"sterr_min": "0.0000001"}),
        ({"idcomtxt": " Saint-Étienne "}, {"idcomtxt": "Saint-Étienne"}),
        ({"typetup": "UF", "segmtab": None}, {"typetup": "UF"}),
        ({"idpar": ["01004000AB0012", "01004000AB0013"]}, {"idpar": "01004000AB0012,01004000AB0013"}),
        ({"page_size": 1}, {"page_size": "1"}),
    ],
)
def test_what_is_written(given_: dict[str, Any], wire: dict[str, str]) -> None:
    assert dict(filter_params(given_)) == {"page_size": "500", **wire}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anneemut", 2009),
        ("anneemut", "23"),
        ("anneemut", 2023.0),
        ("anneemut", True),
        ("anneemut_min", "２０２３"),
        ("codtypbien", 111),
        ("codtypbien", []),
        ("codtypbien", "11,,12"),
        ("codtypbien", ["11,12"]),
        ("codtypbien", ["1 1"]),
        ("idprocpte", "a,b"),
        ("vefa", "non"),
        ("vefa", 1),
        ("sbati_min", -1),
        ("sbati_min", float("nan")),
        ("sbati_min", float("inf")),
        ("sbati_min", "50"),
        ("sbati_min", True),
        ("idpar", "01004000AB001"),
        ("idpar", [f"01004000AB00{number}" for number in range(10, 21)]),
        ("idcomtxt", "a\nb"),
        ("idcomtxt", " "),
        ("typetup", "simple"),
        ("fields", "idpar"),
        ("fields", True),
        ("ordering", "idpar desc"),
        ("ordering", "--idpar"),
        ("page_size", 501),
        ("page_size", 0),
        ("page_size", "10"),
    ],
)
def test_what_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        filter_params({name: value})
    assert refused.value.field == name


def test_a_range_that_is_always_empty_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="sbati_min: not more than sbati_max"):
        filter_params({"sbati_min": 100, "sbati_max": 99.5})
    filter_params({"sbati_min": 100, "sbati_max": 100})


def test_premises_take_one_parcel() -> None:
    with pytest.raises(InvalidRequest, match="idpar"):
        apidf.locaux(code_insee="01004", idpar="01004000AB0012,01004000AB0013")
    assert questions(apidf.locaux(code_insee="01004", idpar="01004000AB0012"))[0][1]["idpar"] == "01004000AB0012"


@pytest.mark.parametrize(
    ("method", "wrong", "hint"),
    [
        ("dvf_mutations", "code_inse", "code_insee"),
        ("dvf_mutations", "anemut_min", "anneemut_min"),
        ("dvf_mutations", "commune", "code_insee"),
        ("dvf_mutations", "in_bbox", "bbox"),
        ("friches", "departement", "coddep"),
        ("dvf_mutations", "codtypproa", ""),
        ("locaux", "bbox", ""),
        ("parcelles", "coddep", ""),
        ("dvf_mutations", "timeout", "with_options"),
    ],
)
def test_a_filter_that_does_not_exist_is_refused(method: str, wrong: str, hint: str) -> None:
    with pytest.raises(TypeError, match=rf"unexpected keyword argument '{wrong}'.*{hint}"):
        getattr(apidf, method)(code_insee="01004", **{wrong: "x"})


@given(st.text(max_size=30))
def test_a_refusal_never_repeats_the_value(text: str) -> None:
    for name in ("codtypbien", "idprocpte", "anneemut", "sbati_min", "typetup", "idpar", "ordering", "page_size"):
        with pytest.raises(InvalidRequest) as refused:
            filter_params({name: f"§{text}"})
        assert "§" not in str(refused.value)
        assert refused.value.__cause__ is None
