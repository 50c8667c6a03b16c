"""Lookup by identifier. That service was not recorded: the payloads are made after its documentation."""

from __future__ import annotations

import httpx
import pytest

from frgov_clients import HeaderKey
from frgov_clients.ban import AsyncBanClient, BanClient, Commune, Numero, Voie
from frgov_clients.errors import InvalidRequest, NotFound, UnexpectedContent
from support import COLOURS, outcome

BODIES = {
    "90001": {"id": "90001", "type": "commune", "codeCommune": "90001", "nomCommune": "Andelnans"},
    "90001_0003": {"id": "90001_0003", "type": "voie", "nomVoie": "Rue des Balastières"},
    "90001_0003_00004_bis": {"id": "90001_0003_00004_bis", "type": "numero", "numero": 4, "suffixe": "bis"},
}


def looked_up(colour: str, identifier: str, status: int = 200, body: object = None):
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, json=BODIES.get(identifier) if body is None else body)

    transport = httpx.MockTransport(handler)
    own = httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)
    found = outcome(
        colour,
        (BanClient, AsyncBanClient),
        lambda client: client.lookup(identifier),
        http_client=own,
        auth=HeaderKey("x-key", "marker-secret"),
        retries=0,
    )
    return found, seen


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("identifier", "kind"), list(zip(BODIES, (Commune, Voie, Numero), strict=True)))
def test_an_identifier_tells_its_kind(colour, identifier, kind):
    found, seen = looked_up(colour, identifier)
    assert type(found) is kind
    assert found.id == identifier
    assert str(seen[0].url) == f"https://plateforme.adresse.data.gouv.fr/lookup/{identifier}"


def test_credentials_stay_with_the_base_url():
    _, seen = looked_up("sync", "90001")
    assert "x-key" not in seen[0].headers


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_not_there_is_not_found(colour):
    found, _ = looked_up(colour, "90001", 404, {"code": 404, "message": "La commune n’existe pas"})
    assert isinstance(found, NotFound)
    assert found.service_message == "La commune n’existe pas"


def test_a_record_without_its_identifier_is_no_record():
    found, _ = looked_up("sync", "90001", 200, {"nomCommune": "Andelnans"})
    assert type(found).__name__ == "InvalidResponse"
    assert not isinstance(found, UnexpectedContent)


@pytest.mark.parametrize(
    "wrong", ["", "9", "9000", "2C004", "90001_", "90001_0003_4", "../x", "90001/../..", 90001, None]
)
def test_what_is_no_identifier_is_refused(wrong):
    found, seen = looked_up("sync", wrong)
    assert isinstance(found, InvalidRequest)
    assert found.field == "id"
    assert seen == []
