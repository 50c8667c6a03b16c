"""Every recorded exchange, through the client in every colour: a typed answer, or the typed error."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest
from ban_helpers import body_of, exchanges

from frgov_clients.ban import AsyncBanClient, BanClient, CompletionResult, CsvResult, SearchResult
from frgov_clients.errors import (
    ApiError,
    BadRequest,
    FrgovError,
    IncompleteResult,
    NotFound,
    PayloadTooLarge,
    ServerError,
    TruncatedResponse,
)
from support import COLOURS, outcome

SERVERS = {"gpf_geocodeur": "geopf", "addok_1.2.1": "addok"}
STATUS = {400: BadRequest, 404: NotFound, 413: PayloadTooLarge, 500: ServerError}
CSV = b"adresse,ville\n4 rue des Balastieres,Andelnans\n"


def recorded() -> list[Any]:
    return [
        pytest.param(server, exchange, id=f"{server}-{exchange['name']}")
        for server in SERVERS
        for exchange in exchanges(server)
        if not exchange["name"].startswith(("batch", "csv"))
    ]


def replaying(exchange: dict[str, Any], colour: str) -> Any:
    """An httpx client of the user's that answers with the recorded exchange, whatever is asked."""
    told = exchange["response"]
    headers = {name: value for name, value in told["headers"].items() if name != "content-length"}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(told["status"], headers=headers, content=body_of(exchange))
    )
    return httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)


async def ask(client: Any, path: str) -> Any:
    if path.startswith("/completion"):
        return await client.completion("belfort")
    if path.startswith("/reverse"):
        return await client.reverse(lon=6.865203, lat=47.602674)
    return await client.search("4 rue des balastieres")


@pytest.mark.parametrize(("server", "exchange"), recorded())
@pytest.mark.parametrize("colour", COLOURS)
def test_an_exchange_is_an_answer_or_its_typed_error(server, exchange, colour):
    path, status = exchange["request"]["path"], exchange["response"]["status"]
    told = exchange["response"].get("json")
    found = outcome(
        colour,
        (BanClient, AsyncBanClient),
        lambda client: ask(client, path),
        http_client=replaying(exchange, colour),
        dialect=SERVERS[server],
        limiters={"geocoding": None, "completion": None},
        retries=0,
    )
    if exchange["name"] == "completion-error-200":
        assert type(found) is ApiError
        assert (found.status, found.service_message) == (200, told["error"])
    elif status >= 400:
        assert type(found) is STATUS[status]
        assert found.status == status
        if isinstance(told, dict):
            assert found.service_message == told.get("message", told.get("title"))
            assert list(found.details) == told.get("detail", []) or [told.get("description")] == list(found.details)
    else:
        assert isinstance(found, CompletionResult if "completion" in path else SearchResult)
        assert json.loads(found.model_dump_json(by_alias=True, exclude_unset=True)) == told
    if isinstance(found, FrgovError):
        assert found.service == "ban"
        assert found.operation is not None
        assert len(found.attempts) == 1


def test_no_exchange_is_left_out():
    names = Counter(exchange["name"].partition("-")[0] for server in SERVERS for exchange in exchanges(server))
    assert sum(names.values()) == 113
    assert sum(names[kind] for kind in ("search", "reverse", "completion", "not", "csv", "batch")) == 113
    assert len(recorded()) == 113 - names["csv"] - names["batch"]


# ---- CSV files -----------------------------------------------------------------------------------------------


def answered(colour: str, content: bytes, status: int = 200, **headers: str) -> Any:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content, headers={"content-type": "text/csv", **headers})

    transport = httpx.MockTransport(handler)
    return outcome(
        colour,
        (BanClient, AsyncBanClient),
        lambda client: client.search_csv(CSV, columns=["adresse", "ville"]),
        http_client=httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport),
        dialect="geopf",
        limiters={"geocoding": None},
        retries=0,
    )


HEAD = b"adresse,ville,longitude,latitude,result_label,result_status\n"
ROW = b"4 rue des Balastieres,Andelnans,6.865203,47.602674,4 Rue des Balasti\xc3\xa8res 90400 Andelnans,ok\n"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_csv_answer_is_counted(colour):
    found = answered(colour, HEAD + ROW, **{"x-rows-count": "1"})
    assert isinstance(found, CsvResult)
    assert [row["result_label"] for row in found.rows()] == ["4 Rue des Balastières 90400 Andelnans"]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_csv_answer_with_rows_in_error_is_not_a_success(colour):
    found = answered(colour, HEAD + ROW.replace(b",ok", b",error"), **{"x-rows-count": "1"})
    assert isinstance(found, IncompleteResult)
    assert found.operation == "ban.search_csv"
    assert found.result.errors == 1


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("content", [b"", HEAD])
def test_a_csv_answer_that_lacks_rows_is_truncated(colour, content):
    assert isinstance(answered(colour, content, **{"x-rows-count": "1"}), TruncatedResponse)


@pytest.mark.parametrize("colour", COLOURS)
def test_an_error_inside_a_success_does_not_repeat_what_was_asked(colour):
    def failing(_):
        told = {"status": "Error", "error": "cannot read '12 rue Secrète' (12+rue+Secr%C3%A8te)"}
        return httpx.Response(200, headers={"x-request-id": "R-17"}, json=told)

    async def scenario(client):
        return await client.completion("12 rue Secrète")

    transport = httpx.MockTransport(failing)
    own = httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)
    error = outcome(colour, (BanClient, AsyncBanClient), scenario, http_client=own, retries=0, dialect="geopf")
    assert type(error) is ApiError
    assert (error.status, error.code, error.request_id, error.retryable) == (200, "Error", "R-17", True)
    assert "cannot read" in str(error)
    assert "Secr" not in f"{error}{error.service_message}{error.body}"
