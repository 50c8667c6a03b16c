"""Owners are persons: they stand in no text, no log and no cache."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import Any

import pytest
from apidf_parts import FAST, PAIR, TOKEN, SmallApidf, always, feature, mutation, page

from frgov_clients import MemoryCache
from frgov_clients.cerema.apidf import Dv3fMutation, Feature, Friche, Proprio
from frgov_clients.errors import IncompleteResult, InvalidResponse
from support import COLOURS, outcome, play

SECRETS = ("NOM12", "PRENOM34", "22/09/1961", "RUE EXEMPLE", "ECRIT")
OWNER = {
    "idprodroit": "01004+0012301",
    "idprocpte": "01004+00123",
    "ccodro": "P",
    "ddenom": "NOM12/PRENOM34",
    "dnomlp": "NOM12",
    "dprnlp": "PRENOM34",
    "jdatnss": "22/09/1961",
    "dlign4": "3 RUE EXEMPLE",
    "nouvelle_colonne": "ECRIT NOM12",
}


def shown(value: Any) -> str:
    return f"{value!r} {value} {[value]}"


def test_a_row_shows_no_person_and_holds_all() -> None:
    found = Proprio.model_validate(OWNER)
    assert not any(secret in shown(found) for secret in SECRETS)
    assert "01004+0012301" in shown(found)
    assert (found.ddenom, found.jdatnss, found.model_extra) == (
        "NOM12/PRENOM34",
        "22/09/1961",
        {"nouvelle_colonne": "ECRIT NOM12"},
    )
    sale = Dv3fMutation.model_validate({"idmutation": 1, "l_nomv": ["NOM12"], "l_noma": "NOM12", "l_ida": ["NOM12"]})
    assert not any(secret in shown(sale) for secret in SECRETS)
    site = Friche.model_validate({"site_id": "1", "proprio_nom": ["N", "O"], "source_contact": "NOM12@example.fr"})
    assert shown(site).count("site_id='1'") == 3
    assert "['N', 'O']" not in shown(site)
    assert "NOM12" not in shown(site)


@pytest.mark.parametrize("colour", COLOURS)
def test_neither_logs_nor_errors_nor_pages_show_them(colour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []

    async def scenario(client: Any) -> None:
        listed = client.proprios(code_insee="01004", idprocpte="01004+00123")
        texts.append(repr(listed))
        texts.extend([repr(found) async for found in listed.pages()])
        for name in ("whole", "wrong"):
            state["name"] = name
            with pytest.raises((IncompleteResult, InvalidResponse)) as caught:
                await listed.all()
            texts.extend(["".join(traceback.format_exception(caught.value)), repr(caught.value.__dict__)])

    answers = {"fine": page([OWNER]), "whole": page([OWNER], total=2), "wrong": page([{**OWNER, "dnulp": ["NOM12"]}])}
    state = {"name": "fine"}
    events: list[Any] = []
    with SmallApidf(lambda _path, _params: answers[state["name"]]) as small:
        play(colour, PAIR, scenario, base_url=small.url, token=TOKEN, on_event=events.append, **FAST)
    told = "\n".join([*texts, caplog.text, repr(events)])
    assert "01004+0012301" in told
    assert [secret for secret in (*SECRETS, TOKEN) if secret in told] == []
    assert "01004+00123" not in caplog.text  # the account tells who it is about


BROKEN = {
    "short": (page([OWNER], total=2), "tells of 2"),
    "twice": (page([OWNER] * 2), "came twice"),
    "changed": (page([{**OWNER, "idprodroit": "01004+0012302"}], total=3), "list changed"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("colour", COLOURS)
def test_an_error_that_is_kept_holds_no_owner(colour: str, name: str) -> None:
    """A queue of tasks pickles errors, and keeps them."""
    bad, text = BROKEN[name]

    def answer(_path: str, params: Any) -> Any:
        if name == "changed" and "page" not in params:
            return page([OWNER], total=2, following="/ff/proprios/?page=2")
        return bad

    async def scenario(client: Any) -> None:
        await client.proprios(code_insee="01004").all()

    with SmallApidf(answer) as small:
        error = outcome(colour, PAIR, scenario, base_url=small.url, token=TOKEN, **FAST)
    assert isinstance(error, IncompleteResult)
    assert text in str(error)
    assert error.result is None
    for told in (str(error), repr(error), repr(vars(error)), pickle.dumps(error).decode("latin-1")):
        assert [secret for secret in SECRETS if secret in told] == []


def test_an_error_of_open_data_holds_what_came() -> None:
    with (
        SmallApidf(always(page([mutation(1)], total=2))) as small,
        PAIR[0](base_url=small.url, **FAST) as client,
        pytest.raises(IncompleteResult) as caught,
    ):
        client.dvf_mutations(code_insee="01004").all()
    assert [sale.idmutation for sale in caught.value.result.items] == [1]


def test_a_row_with_its_geometry_shows_no_person() -> None:
    sale = feature(1, l_nomv=["NOM12"], l_noma="NOM12", l_idv=["NOM12"], nouvelle_colonne="ECRIT")
    found = Feature[Dv3fMutation].model_validate(
        {**sale, "noms": "NOM12", "geometry": {**sale["geometry"], "x": "ECRIT"}}
    )
    assert not any(secret in shown(found) for secret in SECRETS)
    assert found.geometry is not None
    assert not any(secret in shown(found.geometry) for secret in SECRETS)
    assert shown(found).count("idmutation=1,") == shown(found).count("type='MultiPolygon'") == 3
    assert (found.model_extra, found.geometry.model_extra) == ({"noms": "NOM12"}, {"x": "ECRIT"})


def test_a_refusal_shows_no_owner_and_no_token() -> None:
    def answer(_path: str, params: Any) -> Any:
        return 403, {"detail": f"{TOKEN} may not see {params['idprocpte']}"}

    with SmallApidf(answer) as small, PAIR[0](base_url=small.url, token=TOKEN, **FAST) as client:
        with pytest.raises(Exception, match="HTTP 403") as caught:
            client.proprios(code_insee="01004", idprocpte="01004+00123").all()
        assert TOKEN not in str(caught.value)
        assert "01004+00123" not in str(caught.value)


@pytest.mark.parametrize("personal", [False, True])
def test_what_needs_a_token_is_never_kept(personal: bool) -> None:
    cache = MemoryCache()
    rows = {"/ff/proprios/": [OWNER], "/ff/locaux/": [{"idlocal": "1"}], "/dv3f/mutations/": [mutation(1)]}
    with (
        SmallApidf(lambda path, _params: page(rows.get(path, [mutation(2)]))) as small,
        PAIR[0](base_url=small.url, token=TOKEN, cache=cache, cache_ttl=60, cache_personal=personal, **FAST) as client,
    ):
        for _ in range(2):
            client.proprios(code_insee="01004").all()
            client.locaux(code_insee="01004").all()
            client.dv3f_mutations(code_insee="01004").all()
            client.dvf_mutations(code_insee="01004").all()
    asked = [path for path, _, _ in small.asked]
    assert [asked.count(path) for path in rows] == [2, 2, 2]
    assert asked.count("/dvf_opendata/mutations/") == 1  # open data are kept
