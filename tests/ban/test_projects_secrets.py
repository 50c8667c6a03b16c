"""What is never sent, and what is never told: bad input, tokens over plain http, tokens in errors and logs."""

from __future__ import annotations

import io
import logging
import pickle
from typing import Any

import httpx
import pytest
from project_parts import CSV, PAIR, ask, known

from frgov_clients import BanClient
from frgov_clients.ban import Project
from frgov_clients.errors import (
    AuthenticationError,
    ConfigurationError,
    FrgovError,
    InvalidRequest,
    PermissionDenied,
)
from frgov_clients.testing.geopf import FakeGeopf
from frgov_clients.transport.auth import StaticBearer
from support import COLOURS, outcome

# ---- refused before anything is sent -----------------------------------------------------------------------------

REFUSED: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = [
    ("community", "create_project", (), {"community": "a b\r\nX: y"}),
    ("project_id", "project", ("../x", "t"), {}),
    ("project_id", "project", ("", "t"), {}),
    ("token", "project", ("p", "se cret"), {}),
    ("token", "start_project", ("p", None), {}),
    ("token", "delete_project", ("p", "é"), {}),
    ("file_token", "download_project_output", ("p", "a/b"), {}),
    ("filename", "upload_project_file", ("p", "t", CSV), {"filename": 'a"b.csv'}),
    ("source", "upload_project_file", ("p", "t", "k,q\n1,secret"), {}),
    ("source", "upload_project_file", ("p", "t", io.BytesIO(CSV)), {}),
    ("columns", "set_project_pipeline", ("p", "t"), {}),
    ("columns", "set_project_pipeline", ("p", "t"), {"columns": "q"}),
    ("columns", "set_project_pipeline", ("p", "t"), {"columns": []}),
    ("result_columns", "set_project_pipeline", ("p", "t"), {"columns": ["q"], "result_columns": [3]}),
    ("filters", "set_project_pipeline", ("p", "t"), {"columns": ["q"], "filters": {"cicode": "c"}}),
    ("filters", "set_project_pipeline", ("p", "t"), {"columns": ["q"], "filters": {"citycode": ""}}),
    ("operation", "set_project_pipeline", ("p", "t"), {"columns": ["q"], "operation": "find"}),
    ("output_format", "set_project_pipeline", ("p", "t"), {"columns": ["q"], "output_format": "xlsx"}),
    ("lat/lon", "set_project_pipeline", ("p", "t"), {"operation": "reverse", "lon": "x"}),
    ("index", "set_project_pipeline", ("p", "t"), {"columns": ["q"], "indexes": "adress"}),
    ("columns", "geocode_project", (CSV, "out.csv"), {}),
    ("poll", "geocode_project", (CSV, "out.csv"), {"columns": ["q"], "poll": (0, 1)}),
]


@pytest.mark.parametrize(("field", "method", "given", "named"), REFUSED)
def test_bad_input_is_refused_before_sending(field: str, method: str, given: Any, named: Any) -> None:
    with FakeGeopf(answer=known) as fake, BanClient(base_url=fake.url, dialect="geopf") as ban:
        with pytest.raises(InvalidRequest) as caught:
            getattr(ban, method)(*given, **named)
        assert caught.value.field == field
        assert "secret" not in str(caught.value)
        assert fake.requests == []


METHODS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("create_project", (), {}),
    ("project", ("p", "t"), {}),
    ("upload_project_file", ("p", "t", CSV), {}),
    ("set_project_pipeline", ("p", "t"), {"columns": ["q"]}),
    ("start_project", ("p", "t"), {}),
    ("abort_project", ("p", "t"), {}),
    ("reset_project", ("p", "t"), {}),
    ("delete_project", ("p", "t"), {}),
    ("download_project_output", ("p", "t"), {}),
    ("geocode_project", (CSV, "out.csv"), {"columns": ["q"]}),
]


async def called(client: Any, method: str, given: Any, named: Any) -> Any:
    if method == "download_project_output" and not hasattr(client, "inner"):
        async with client.download_project_output(*given):
            return None
    return await getattr(client, method)(*given, **named)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("method", "given", "named"), METHODS)
def test_no_token_goes_over_plain_http_and_addok_has_no_projects(
    colour: str, method: str, given: Any, named: Any
) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    transport = httpx.MockTransport(never)
    for base, dialect, kind in (
        ("http://geocodage.example.fr", "geopf", ConfigurationError),
        ("http://127.0.0.1:9", "addok", InvalidRequest),
    ):
        own = httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)
        error = outcome(
            colour,
            PAIR,
            lambda client: called(client, method, given, named),
            base_url=base,
            dialect=dialect,
            http_client=own,
        )
        assert type(error) is kind
        assert getattr(error, "option", None) == ("base_url" if kind is ConfigurationError else None)


# ---- communities, and the secrecy of tokens ------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_a_community_needs_the_token_of_a_member(colour: str) -> None:
    with FakeGeopf(answer=known, bearer="jwt-of-a-member", communities={"acme": "1GB"}) as fake:
        assert type(ask(colour, fake, lambda client: client.create_project(community="acme"))) is ConfigurationError
        assert fake.requests == []
        wrong = ask(
            colour, fake, lambda client: client.create_project(community="acme"), auth=StaticBearer("jwt-wrong")
        )
        assert type(wrong) is AuthenticationError
        member = StaticBearer("jwt-of-a-member")
        other = ask(colour, fake, lambda client: client.create_project(community="other"), auth=member)
        assert type(other) is PermissionDenied

        async def scenario(client: Any) -> Any:
            project = await client.create_project(community="acme")
            return await client.project(project.id, project.token)

        found = ask(colour, fake, scenario, auth=member)
        assert found.params == {"maxInputFileSize": "1GB", "concurrency": 4}
        assert [each.headers["authorization"].partition(" ")[0] for each in fake.requests[-2:]] == ["Bearer", "Token"]


TOKEN = "Sup3rSecretProjectToken1"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 503])
def test_a_token_stands_in_no_error_log_or_event(colour: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Even where the service repeats it."""

    def echo(request: httpx.Request) -> httpx.Response:
        told = {"code": status, "message": f"no: {request.headers['authorization']} {request.url}", "detail": [TOKEN]}
        return httpx.Response(status, headers={"x-request-id": TOKEN}, json=told)

    seen: list[Any] = []
    caplog.set_level(logging.DEBUG)
    transport = httpx.MockTransport(echo)
    for method, given, named in METHODS[1:8]:
        own = httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)
        error = outcome(
            colour,
            PAIR,
            lambda client, call=(method, given, named): called(
                client, call[0], ("Proj3ctIdent", TOKEN, *call[1][2:]), call[2]
            ),
            base_url="https://geocodage.example.fr",
            dialect="geopf",
            http_client=own,
            retries=0,
            on_event=seen.append,
        )
        if method == "delete_project" and status == 404:
            assert error is None
            continue
        assert isinstance(error, FrgovError)
        text = f"{error!r} {error} {vars(error)} {pickle.dumps(error)!r} {error.__cause__!r}"
        assert TOKEN not in text
        assert "Proj3ctIdent" not in text
    assert seen
    assert TOKEN not in f"{seen}{caplog.text}"
    assert "Proj3ctIdent" not in f"{seen}{caplog.text}"


def test_a_token_stands_in_no_repr() -> None:
    project = Project.model_validate(
        {"id": "p", "status": "idle", "token": TOKEN, "outputFile": {"name": "a", "size": 1, "token": TOKEN}}
    )
    assert TOKEN not in repr(project)
    assert project.token == TOKEN


def test_the_raw_view_has_what_is_one_request() -> None:
    with FakeGeopf(answer=known) as fake, BanClient(base_url=fake.url, dialect="geopf") as ban:
        assert ban.raw.create_project().status == 201
        with pytest.raises(AttributeError):
            ban.raw.start_project("p", "t")  # type: ignore[attr-defined]
