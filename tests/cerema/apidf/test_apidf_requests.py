"""What each endpoint asks: paths with their slash, parameters, and the place."""

from __future__ import annotations

from typing import Any

import pytest
from apidf_parts import TOKEN, questions

from frgov_clients.cerema.apidf import ApidfClient
from frgov_clients.errors import InvalidRequest
from frgov_clients.transport.operation import Operation

apidf = ApidfClient(base_url="http://127.0.0.1:9", token=TOKEN)
PLACE = {"code_insee": "01004"}


def operation_of(name: str, *args: Any, **kwargs: Any) -> Operation[Any]:
    declared = next(vars(base)[name] for base in ApidfClient.__mro__ if name in vars(base) and base is not ApidfClient)
    return declared.fn(apidf, *args, **kwargs)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("dvf_mutations", "/dvf_opendata/mutations/"),
        ("dvf_geomutations", "/dvf_opendata/geomutations/"),
        ("dv3f_mutations", "/dv3f/mutations/"),
        ("dv3f_geomutations", "/dv3f/geomutations/"),
        ("parcelles", "/ff/parcelles/"),
        ("geoparcelles", "/ff/geoparcelles/"),
        ("locaux", "/ff/locaux/"),
        ("proprios", "/ff/proprios/"),
        ("tups", "/ff/tups/"),
        ("geotups", "/ff/geotups/"),
        ("friches", "/cartofriches/friches/"),
        ("geofriches", "/cartofriches/geofriches/"),
    ],
)
def test_every_list_by_place(name: str, path: str) -> None:
    asked = questions(getattr(apidf, name)(**PLACE, fields="all", ordering=["-idcom", "idpar"], page_size=20))
    params = {"code_insee": "01004", "fields": "all", "ordering": "-idcom,idpar", "page_size": "20"}
    assert asked == [(path, params)]
    with pytest.raises(InvalidRequest, match="exactly one place") as refused:
        getattr(apidf, name)(code_insee=None)
    assert refused.value.field == "code_insee"


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("dvf_mutation", 12, "/dvf_opendata/mutations/12/"),
        ("dv3f_mutation", "12", "/dv3f/mutations/12/"),
        ("parcelle", "01004000AB0012", "/ff/parcelles/01004000AB0012/"),
        ("local", "010041234567", "/ff/locaux/010041234567/"),
        ("proprio", "01004+0012301", "/ff/proprios/01004+0012301/"),
        ("tup", "uf010040001234", "/ff/tups/uf010040001234/"),
        ("friche", "59350_10190", "/cartofriches/friches/59350_10190/"),
    ],
)
def test_every_row_by_its_identifier(name: str, value: Any, path: str) -> None:
    assert operation_of(name, value).path == path
    for bad in ("../x", "a/b", "", "é" * 14, "0" * 65, None, True, -1):
        with pytest.raises(InvalidRequest):
            operation_of(name, bad)


def test_identifiers_have_their_length() -> None:
    for name, value in (("parcelle", "01004000AB001"), ("local", "01"), ("proprio", "0" * 14)):
        with pytest.raises(InvalidRequest, match="characters"):
            operation_of(name, value)


def test_the_filters_that_zero_logement_vacant_used() -> None:
    assert questions(apidf.locaux(code_insee="67482", fields="all", dteloc=["1", "2"])) == [
        ("/ff/locaux/", {"code_insee": "67482", "dteloc": "1,2", "fields": "all", "page_size": "500"})
    ]
    asked = apidf.proprios(code_insee="67482", fields="all", idprocpte="67482+00012", ordering="dnulp")
    assert questions(asked)[0][1]["idprocpte"] == "67482+00012"


@pytest.mark.parametrize(
    ("asked", "path", "params"),
    [
        (apidf.conso_espace(code_insee="01004", annee=2020), "conso_espace/communes/01004/", {"annee": "2020"}),
        (apidf.conso_espace(coddep="2a", annee_min=2011), "conso_espace/departements/2A/", {"annee_min": "2011"}),
        (
            apidf.prix("communes", ["59350", "59009"], annee="2024"),
            "dv3f/prix/annuel/",
            {"code": "59350,59009", "echelle": "communes", "annee": "2024"},
        ),
        (apidf.prix("aav", "001", periode="triennal"), "dv3f/prix/triennal/", {"code": "001", "echelle": "aav"}),
        (apidf.prix("france", annee=2024), "dv3f/prix/annuel/", {"echelle": "france", "annee": "2024"}),
        (apidf.activite("epci", "243500139"), "dv3f/activite/", {"code": "243500139", "echelle": "epci"}),
        (apidf.activite("france"), "dv3f/activite/", {"echelle": "france"}),
        (apidf.activite("regions", "84"), "dv3f/activite/", {"code": "84", "echelle": "regions"}),
        (apidf.accessibilite(["001", "002"]), "dv3f/accessibilite/", {"code": "001,002"}),
        (apidf.valorisation("aav", "004"), "dv3f/valorisation/aav/004/", {}),
    ],
)
def test_indicators(asked: Any, path: str, params: dict[str, str]) -> None:
    assert questions(asked) == [(f"/indicateurs/{path}", {**params, "page_size": "500"})]


def test_indicators_that_take_one_code_are_asked_for_one_by_one() -> None:
    asked = questions(apidf.conso_espace(code_insee=["01004", "01033", "01004"]))
    assert [path for path, _ in asked] == [
        "/indicateurs/conso_espace/communes/01004/",
        "/indicateurs/conso_espace/communes/01033/",
    ]
    assert len(questions(apidf.valorisation("epci", ["243500139", "200093201"]))) == 2


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: apidf.conso_espace(), "code_insee"),
        (lambda: apidf.conso_espace(code_insee="01004", coddep="01"), "code_insee"),
        (lambda: apidf.conso_espace(coddep="20"), "coddep"),
        (lambda: apidf.prix("cantons", "01"), "echelle"),  # type: ignore[arg-type]
        (lambda: apidf.prix("communes", "1004"), "code"),
        (lambda: apidf.prix("communes", "01004", periode="mensuel"), "periode"),  # type: ignore[arg-type]
        (lambda: apidf.prix("france", "FR"), "code"),
        (lambda: apidf.prix("communes"), "code"),
        (lambda: apidf.activite("epci", None), "code"),
        (lambda: apidf.prix("epci", "24350013"), "code"),
        (lambda: apidf.accessibilite("0001"), "code"),
        (lambda: apidf.accessibilite([]), "code"),
        (lambda: apidf.valorisation("communes", "01004"), "echelle"),  # type: ignore[arg-type]
        (lambda: apidf.activite("communes", "01004", annee="20"), "annee"),
    ],
)
def test_indicators_refuse(call: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        call()
    assert refused.value.field == field


untyped: Any = apidf
"""For calls that a type checker refuses."""


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: untyped.conso_espace("01004"), "conso_espace() takes its arguments by name: code_insee=..."),
        (lambda: untyped.dvf_mutations("01004"), "dvf_mutations() takes its arguments by name: code_insee=..."),
        (lambda: untyped.geofriches("01004"), "geofriches() takes its arguments by name: code_insee=..."),
        (
            lambda: untyped.prix("communes", "01004", 2022),
            "prix() takes echelle and code by position, and the others by name: periode=...",
        ),
    ],
)
def test_what_is_given_without_its_name(call: Any, text: str) -> None:
    with pytest.raises(TypeError) as refused:
        call()
    assert str(refused.value) == text


def test_a_parcel_or_an_account_is_no_place() -> None:
    for name, value in (("idpar", "01004000AB0012"), ("idprocpte", "01004+00123")):
        with pytest.raises(InvalidRequest) as refused:
            untyped.locaux(**{name: value})
        text = "code_insee: exactly one place: communes in code_insee, no other is taken here. "
        text += f"`{name}` alone is no place: its first 5 characters are the code of the commune"
        assert str(refused.value) == text
    with pytest.raises(InvalidRequest) as refused:
        untyped.proprios()
    assert str(refused.value) == "code_insee: exactly one place: communes in code_insee, no other is taken here"
    with pytest.raises(InvalidRequest) as refused:
        apidf.parcelles(code_insee="01004", lon=5.3, lat=46.0, idpar="01004000AB0012")
    assert str(refused.value) == "code_insee: exactly one place: code_insee, bbox, or lon and lat"
