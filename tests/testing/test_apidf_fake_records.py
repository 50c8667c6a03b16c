"""What the fake data API sends: the columns and the types of the real one, and nobody in it; and who may see it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from cerema_wire import ask, token_of

from frgov_clients.codes import is_siren
from frgov_clients.testing.apidf import FakeApidf
from frgov_clients.testing.cerema import FakeCerema, Fault

RESTRICTED = ("ff/parcelles", "ff/geotups", "ff/locaux", "ff/proprios", "dv3f/mutations", "dv3f/geomutations")
OPEN = ("dvf_opendata/mutations", "dvf_opendata/geomutations", "cartofriches/friches")


def records(name: str, fields: str = "all") -> list[dict[str, Any]]:
    with FakeApidf() as fake:
        path = f"/{name}/?code_insee=59001,59002,97411&page_size=500&fields={fields}"
        return ask(fake, path, "Token jeton").json["results"]


def test_sales_have_prices_and_surfaces_as_text_and_counts_as_numbers() -> None:
    for name in ("dvf_opendata/mutations", "dv3f/mutations"):
        few, all_of_them = records(name, "")[0], records(name)
        assert few.keys() < all_of_them[0].keys()
        assert len({tuple(each) for each in all_of_them}) == 1
        for each in all_of_them:
            money = each["valeurfonc"]
            assert money is None or re.fullmatch(r"[0-9]+\.[0-9]{2}", money)
            assert all(
                re.fullmatch(r"[0-9]+\.[0-9]{2}", each[field]) for field in ("sterr", "sbati", "sbatapt", "smai5pp")
            )
            assert all(type(each[field]) is int for field in ("idmutation", "anneemut", "nbpar", "nbapt1pp"))
            assert date.fromisoformat(each["datemut"]).year == each["anneemut"]
            assert each["coddep"] == ("974" if each["l_codinsee"][0].startswith("974") else "59")
        assert any(each["valeurfonc"] is None for each in all_of_them)


def test_land_files_have_all_columns_and_lead_from_one_to_another() -> None:
    local, proprio, parcelle = (records(f"ff/{kind}") for kind in ("locaux", "proprios", "parcelles"))
    assert len(local[0]) > 125
    assert len(proprio[0]) == 63
    assert all(len(each["idlocal"]) == 12 and len(each["idpar"]) == 14 for each in local)
    assert all(each["idprodroit"].startswith(each["idprocpte"]) and len(each["idprodroit"]) == 13 for each in proprio)
    assert {each["idprocpte"] for each in local} == {each["idprocpte"] for each in proprio}
    assert {each["idpar"] for each in local} == {each["idpar"] for each in parcelle}
    assert {type(each["loghvac2a"]) for each in local} == {bool}
    communes = {each["idcom"] for each in local}
    sales = [each for each in records("dvf_opendata/mutations") if each["l_codinsee"][0] in communes]
    sold = {each for sale in sales for each in sale["l_idlocmut"]}
    assert sold
    assert sold <= {each["idlocal"] for each in local}
    assert {each for sale in sales for each in sale["l_idpar"]} == {each["idpar"] for each in parcelle}


def test_owners_are_nobody() -> None:
    companies = persons = 0
    for each in records("ff/proprios"):
        if each["dsiren"]:
            companies += 1
            assert re.fullmatch(r"SCI EXEMPLE [0-9]+", each["ddenom"])
            assert is_siren(each["dsiren"])
            assert "+" in each["idprocpte"]  # so that a client has to encode it
        else:
            persons += 1
            assert re.fullmatch(r"NOM[0-9]+/PRENOM[0-9]+", each["ddenom"])
            assert re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", each["jdatnss"])
    assert companies > 5
    assert persons > 50


def test_waste_land_is_as_it_was_seen() -> None:
    for each in records("cartofriches/friches"):
        assert re.fullmatch(r"[0-9]{5}_[0-9]{5}", each["site_id"])
        assert type(each["unite_fonciere_surface"]) is float
        assert re.fullmatch(r"\['[0-9A-Z]{14}'\]", each["unite_fonciere_refcad"])


def test_the_same_is_made_again_and_something_else_for_another_seed() -> None:
    path = "/dvf_opendata/mutations/?code_insee=59001"
    with FakeApidf() as one, FakeApidf(["59001"]) as fewer, FakeApidf(seed=1) as other:
        made = {each["idmutation"]: each for each in ask(one, path).json["results"]}
        for each in ask(fewer, path).json["results"]:
            assert {**each, "l_codinsee": 0} == {**made[each["idmutation"]], "l_codinsee": 0}
        assert ask(other, path).json["results"] != ask(one, path).json["results"]
    with pytest.raises(ValueError, match="collectivities"):
        FakeApidf(["98818"])
    with pytest.raises(ValueError, match="code_commune"):
        FakeApidf(["5900"])


def test_what_is_restricted_wants_a_token_and_the_rest_does_not() -> None:
    with FakeApidf(tokens=["a"], powerless=["b"]) as fake:
        for token, restricted, others in (
            *(("", 401, 200), ("Token a", 200, 200), ("Bearer a", 401, 200)),
            *(("Token b", 403, 200), ("Token c", 401, 401)),
        ):
            for names, status in ((RESTRICTED, restricted), (OPEN, others)):
                for name in names:
                    assert ask(fake, f"/{name}/?code_insee=59001", token).status == status, (token, name)


def test_it_is_answered_beside_the_portal_whose_tokens_it_takes() -> None:
    with FakeApidf() as alone:
        assert ask(alone, "/ff/locaux/?code_insee=59001", "Token jeton").status == 200
    data = FakeApidf()
    with FakeCerema.sample(data=data) as fake:
        token, path = token_of(fake), "/ff/locaux/?code_insee=59001"
        assert ask(fake, path, token).status == ask(fake, "/api/structures", token).status == 200
        assert ask(fake, path, token_of(fake, "v2")).status == 401
        data.faults.append(Fault(path="/ff/", status=503))
        assert [ask(fake, path, token).status for _ in range(2)] == [503, 200]
        fake.revoke_tokens()
        assert ask(fake, path, token).status == 401
        assert (data.count("/ff/"), fake.count("/ff/"), data.count("/api/")) == (5, 5, 0)
