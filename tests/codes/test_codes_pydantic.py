"""The types inside pydantic: parsing, errors, schema; and that pydantic costs nothing where it is not used."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from frgov_clients import codes
from frgov_clients.codes import (
    CodeCommune,
    CodeDepartement,
    CodeNaf,
    CodePostal,
    CodeRegion,
    Nic,
    Siren,
    SirenUnchecked,
    Siret,
    SiretUnchecked,
    VatNumber,
)

TYPES: dict[str, tuple[Any, str, str, str]] = {
    "Siren": (Siren, "404 833 048", "404833048", "404833049"),
    "SirenUnchecked": (SirenUnchecked, "404 833 049", "404833049", "40483304"),
    "Siret": (Siret, "130 025 265 00013", "13002526500013", "13002526500014"),
    "SiretUnchecked": (SiretUnchecked, "130 025 265 00014", "13002526500014", "1300252650001"),
    "Nic": (Nic, " 00013", "00013", "13"),
    "VatNumber": (VatNumber, "fr83 404833048", "FR83404833048", "FR84404833048"),
    "CodeNaf": (CodeNaf, "6201z", "62.01Z", "62.01"),
    "CodeCommune": (CodeCommune, "2a004", "2A004", "20004"),
    "CodeDepartement": (CodeDepartement, "2a", "2A", "20"),
    "CodeRegion": (CodeRegion, " 84", "84", "82"),
    "CodePostal": (CodePostal, "20 000", "20000", "2A004"),
}


class Etablissement(BaseModel):
    siret: Siret
    naf: CodeNaf | None = None
    commune: Annotated[CodeCommune, Field(description="where it is")]
    others: list[Siren] = []
    shares: dict[CodeDepartement, float] = {}


@pytest.mark.parametrize("name", TYPES)
def test_each_type_normalises_and_refuses(name: str) -> None:
    kind, written, normal, wrong = TYPES[name]
    adapter = TypeAdapter[str](kind)
    assert adapter.validate_python(written) == normal
    assert adapter.validate_json(json.dumps(written)) == normal
    assert adapter.validate_python(normal, strict=True) == normal
    assert adapter.dump_json(normal) == json.dumps(normal).encode()
    for value in (wrong, 1, None):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_each_type_has_a_schema_of_its_normal_form(name: str, mode: Literal["validation", "serialization"]) -> None:
    kind, _, normal, _ = TYPES[name]
    adapter = TypeAdapter[str](kind)
    schema = adapter.json_schema(mode=mode)
    assert schema["type"] == "string"
    assert re.search(schema["pattern"], normal)
    assert not re.search(schema["pattern"], f"x{normal}") and not re.search(schema["pattern"], f"{normal}0000")
    (example,) = schema["examples"]
    assert adapter.validate_python(example) == example


def test_a_model_goes_round() -> None:
    model = Etablissement.model_validate(
        {
            "siret": "130 025 265 00013",
            "naf": "8411z",
            "commune": "75107",
            "others": ["404 833 048"],
            "shares": {"2a": 0.5},
        }
    )
    assert model.model_dump() == {
        "siret": "13002526500013",
        "naf": "84.11Z",
        "commune": "75107",
        "others": ["404833048"],
        "shares": {"2A": 0.5},
    }
    assert Etablissement.model_validate_json(model.model_dump_json()) == model
    assert Etablissement.model_validate({"siret": "13002526500013", "naf": None, "commune": "75107"}).naf is None


def test_the_schema_of_a_model() -> None:
    properties = Etablissement.model_json_schema()["properties"]
    assert properties["siret"]["pattern"] == "^(?:[0-9]{14})$"
    assert properties["commune"]["description"] == "where it is"
    assert {"type": "null"} in properties["naf"]["anyOf"]
    assert properties["others"]["items"]["pattern"] == "^(?:[0-9]{9})$"


def test_the_error_of_a_model_names_field_and_rule() -> None:
    with pytest.raises(ValidationError) as caught:
        Etablissement.model_validate({"siret": 13002526500013, "commune": "1004"})
    siret, commune = caught.value.errors()
    assert siret["loc"] == ("siret",) and "leading zeros" in siret["msg"]
    assert commune["loc"] == ("commune",) and "a leading zero lost?" in commune["msg"]
    assert isinstance(siret.get("ctx", {})["error"], codes.InvalidCode)


def test_importing_codes_imports_no_pydantic() -> None:
    script = "import sys, frgov_clients.codes; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "frgov_clients.codes" in loaded
    assert not loaded & {"pydantic", "pydantic_core", "httpx", "asyncio", "frgov_clients.transport"}
