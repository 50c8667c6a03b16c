"""The establishment: what it takes, what it refuses, and that it is a value."""

from __future__ import annotations

import copy
import pickle

import pytest

from frgov_clients import InvalidRequest
from frgov_clients.cerema.rights import Establishment


def test_codes_are_read_and_places_derived() -> None:
    found = Establishment("246 700 488", ["67482", "2a004", "97411", "98818", "75104", "67482"], "24670048800017", "x")
    assert found.siren == "246700488" and found.siret == "24670048800017" and found.name == "x"
    assert found.communes == {"67482", "2A004", "97411", "98818", "75104"}
    assert dict(found.by_departement) == {
        "67": {"67482"},
        "2A": {"2A004"},
        "974": {"97411"},
        "988": {"98818"},
        "75": {"75104"},
    }
    assert dict(found.by_region) == {"44": {"67482"}, "94": {"2A004"}, "04": {"97411"}, "11": {"75104"}}


def test_it_is_a_value() -> None:
    one, two = Establishment("246700488", ["67482", "67043"]), Establishment("246700488", iter(["67043", "67482"]))
    assert one == two and hash(one) == hash(two) and len({one, two}) == 1
    assert one != Establishment("246700488", ["67482"])
    for again in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
        assert again == one and again.by_departement == one.by_departement
    with pytest.raises(AttributeError):
        one.siren = "217500016"
    with pytest.raises(TypeError):
        one.by_departement["68"] = frozenset()
    assert repr(one) == "<Establishment 246700488, 2 communes>"


def test_a_number_that_does_not_check_is_taken_by_its_form() -> None:
    assert Establishment("123456789", []).siren == "123456789"
    assert Establishment("005580113", []).siren == "005580113"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"siren": 246700488}, "siren"),
        ({"siren": "24670048800017"}, "siren"),
        ({"siren": "000000000"}, "siren"),
        ({"siren": "*"}, "siren"),
        ({"siren": None}, "siren"),
        ({"siret": "21750001600019"}, "siret"),
        ({"siret": "246700488"}, "siret"),
        ({"communes": "67482"}, "communes"),
        ({"communes": ["67482", "67000"]}, "communes"),
        ({"communes": ["67482", 67043]}, "communes"),
        ({"communes": ["67482", ["67043"]]}, "communes"),
        ({"communes": ["67482", "20004"]}, "communes"),
    ],
)
def test_what_is_no_code_is_refused_by_name_and_place(given, field) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Establishment(**({"siren": "246700488", "communes": ["67482"]} | given))
    assert caught.value.field == field and caught.value.limit
    assert str(caught.value).startswith(field)
    if isinstance(given.get("communes"), list):
        assert "communes[1]" in str(caught.value)
    for value in ("67000", "20004", "24670048800017", "21750001600019"):
        assert value not in str(caught.value)
