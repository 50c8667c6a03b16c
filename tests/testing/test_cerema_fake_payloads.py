"""The fake portal sends what was recorded."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cerema_wire import ask, token_of

from frgov_clients.codes import is_code_commune, is_siren, is_siret
from frgov_clients.testing.cerema import FakeCerema

DATA = Path(__file__).resolve().parents[1] / "data/cerema"

ASKED = {
    "structures_page1": "/api/structures",
    "utilisateurs_page1": "/api/utilisateurs",
    "utilisateurs_page2": "/api/utilisateurs?page=2",
    "groupe_173": "/api/groupes/173/",
    "perimetre_2_fr_entiere": "/api/perimetres/2/",
    "perimetre_20": "/api/perimetres/20/",
    "permissions_example": "/api/permissions?email=user@example.fr",
}


def recorded(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ASKED)
def test_the_small_world_is_answered_as_it_was_recorded(name: str) -> None:
    with FakeCerema.sample(page_size=2) as fake:
        if name == "structures_page1":
            fake.structures.remove(457)  # a user refers to it, and no payload holds it
        told = ask(fake, ASKED[name], token_of(fake))
        here = told.body.decode().replace(fake.url, "http://portaildf.cerema.fr")
        assert told.status == 200
        assert json.dumps(json.loads(here)) == json.dumps(recorded(name))  # the order of the fields too


def test_what_is_logged_in_and_refused_has_the_recorded_form() -> None:
    with FakeCerema.sample() as fake:
        keyword, token = token_of(fake).split()
        assert (keyword, len(token)) == ("Token", len(recorded("auth_v1_response")["token"]))
        assert token_of(fake, "v2").count(".") == 2
        assert ask(fake, "/api/utilisateurs").json == recorded("error_detail")


def kinds(record: dict[str, Any]) -> dict[str, str]:
    return {name: type(value).__name__ for name, value in record.items()}


def test_the_records_of_a_crowd_have_the_recorded_fields_and_types() -> None:
    small, large = FakeCerema.sample(), FakeCerema.crowd(300, 50, 60, 100)
    for few, many in (
        (small.users, large.users),
        (small.structures, large.structures),
        (small.groups, large.groups),
        (small.perimeters, large.perimeters),
    ):
        known: dict[str, set[str]] = {}
        for record in few:
            for name, kind in kinds(record).items():
                known.setdefault(name, set()).add(kind)
        for record in many:
            assert list(record) == list(next(iter(few)))
            for name, kind in kinds(record).items():
                nullable = {"str", "NoneType"} if name in {"siret", "date_expiration", "acces_df_non_ano"} else set()
                assert kind in known[name] | nullable, name


def test_a_crowd_is_quick_and_the_same_again_and_of_the_real_kinds() -> None:
    begun = time.process_time()
    crowd = FakeCerema.crowd()
    assert time.process_time() - begun < 3.0  # 0.4 s, unless every line of it is traced
    assert [len(each) for each in (crowd.users, crowd.structures, crowd.groups, crowd.perimeters)] == [
        *(13_064, 1_000, 1_500, 5_018)
    ]
    assert Counter(map(kind_of, crowd.perimeters)) == {
        "comm": 2_783,
        "epci": 1_195,
        "dep": 622,
        "reg": 265,
        "all": 124,
        "none": 29,
    }
    assert all(is_code_commune(code) for each in crowd.perimeters for code in each["comm"])
    assert all(is_siren(code) for each in crowd.perimeters for code in each["epci"])
    assert len({code for each in crowd.perimeters for code in each["dep"]}) == 101
    assert all(is_siret(each["siret"]) for each in crowd.structures if each["siret"])
    assert {each["siret"] for each in crowd.structures} >= {"", None}
    emails = {each["email"] for each in crowd.users}
    assert all(email.endswith("@example.fr") for email in emails)
    assert 11_000 < len(emails) < 13_000  # some are in several structures
    again = FakeCerema.crowd()
    assert list(again.users) == list(crowd.users)
    assert list(FakeCerema.crowd(seed=1).users) != list(crowd.users)


def kind_of(perimeter: dict[str, Any]) -> str:
    if perimeter["fr_entiere"]:
        return "all"
    return next((kind for kind in ("reg", "dep", "epci", "comm") if perimeter[kind]), "none")


@pytest.mark.parametrize("sizes", [(0, 0, 0, 0), (5, 0, 0, 0), (5, 3, 0, 0), (5, 3, 2, 0), (40, 3, 20, 7)])
def test_references_in_a_crowd_lead_to_records(sizes: tuple[int, int, int, int]) -> None:
    crowd = FakeCerema.crowd(*sizes)
    assert (len(crowd.users), len(crowd.perimeters)) == (sizes[0], sizes[3])
    for user in crowd.users:
        assert user["structure"] is None or user["structure"] in crowd.structures
        group = crowd.groups.get(user["groupe"])
        assert (group is None) == (user["groupe"] is None)
        assert group is None or not len(crowd.structures) or group["structure"] == user["structure"]
    for group in crowd.groups:
        assert group["perimetre"] is None or group["perimetre"] in crowd.perimeters
