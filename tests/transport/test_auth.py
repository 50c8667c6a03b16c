"""Credentials: which are sent, how tokens are fetched and renewed, what a login may answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from login_parts import SECRET, Gate, both, finish, login, run
from pydantic import SecretStr

from frgov_clients.errors import (
    AuthenticationError,
    ConfigurationError,
    FrgovError,
)
from frgov_clients.transport.auth import (
    ClientCredentials,
    HeaderKey,
    PasswordLogin,
    StaticBearer,
    Token,
    TokenAuth,
)
from frgov_clients.transport.operation import Operation
from support import COLOURS, GET, POST, PROBES, play, spec_of


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the wall clock of the tokens to that many seconds from now."""
    began = time.time()

    def move(seconds: float) -> None:
        fake = SimpleNamespace(time=lambda: began + seconds, monotonic=time.monotonic)
        monkeypatch.setattr("frgov_clients.transport.tokens.time", fake)

    move(0)
    return move


# ---- credentials that never change --------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (HeaderKey("api-key", SECRET), "api-key", SECRET),
        (HeaderKey("api-key", SecretStr(SECRET)), "api-key", SECRET),
        (StaticBearer(SecretStr(SECRET)), "authorization", f"Bearer {SECRET}"),
        (StaticBearer(SECRET, scheme="Token"), "authorization", f"Token {SECRET}"),
    ],
)
def test_a_header_on_each_request(colour: str, auth: Any, header: str, value: str) -> None:
    seen: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get(header))
        return httpx.Response(401 if len(seen) == 3 else 200, text="fine")

    async def story(client: Any) -> None:
        assert [await client.get(), await client.get()] == ["fine"] * 2
        with pytest.raises(AuthenticationError):  # another try would say the same
            await client.get()

    transport = httpx.MockTransport(handler)
    http_client: Any = httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)
    play(colour, PROBES, story, http_client=http_client, auth=auth)
    assert seen == [value] * 3


@pytest.mark.parametrize("wrong", ["", " ", "key\n", " key", "key ", "clé", "k\x00", "k\u200b"])
def test_keys_that_can_not_stand_in_a_header(wrong: str) -> None:
    for make in (lambda: HeaderKey("api-key", wrong), lambda: StaticBearer(SecretStr(wrong))):
        with pytest.raises(ConfigurationError) as refused:
            make()
        assert not wrong.strip() or wrong.strip() not in str(refused.value).replace("api-key", "")


def test_a_variable_that_is_not_set() -> None:
    missing: Any = None
    for make in (
        lambda: HeaderKey("api-key", missing),
        lambda: StaticBearer(missing),
        lambda: PasswordLogin("camille", missing, path="/token"),
        lambda: ClientCredentials("id", missing, path="/token"),
    ):
        with pytest.raises(ConfigurationError, match="is empty"):
            make()


# ---- logging in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_one_login_for_many_calls(colour: str) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        assert [await client.get() for _ in range(5)] == ["fine"] * 5

    run(colour, gate, story, auth=login())
    assert gate.calls == ["Bearer T1"] * 5
    (sent,) = gate.logins
    assert json.loads(sent.content) == {"username": "camille", "password": SECRET}
    assert sent.headers["content-type"] == "application/json"
    assert "authorization" not in sent.headers


@pytest.mark.parametrize("colour", COLOURS)
def test_client_credentials_are_a_form(colour: str) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        await client.get()

    run(colour, gate, story, auth=ClientCredentials("id", SecretStr("a&b=é"), path="/token", scope="read"))
    assert gate.calls == ["Bearer T1"]
    form = parse_qs(gate.logins[0].content.decode())
    assert form["client_secret"] == ["a&b=é"]
    assert form == {**form, "grant_type": ["client_credentials"], "client_id": ["id"], "scope": ["read"]}


@pytest.mark.parametrize("colour", COLOURS)
def test_a_token_is_renewed_a_little_before_it_expires(colour: str, at: Any) -> None:
    gate = Gate(life=3600)

    async def story(client: Any) -> None:
        await client.get()
        at(3580)
        await client.get()
        assert len(gate.logins) == 1
        at(3592)
        await client.get()

    run(colour, gate, story, auth=login())
    assert gate.calls == ["Bearer T1", "Bearer T1", "Bearer T2"]


def test_a_token_without_an_end_is_kept(at: Any) -> None:
    gate = Gate(life=None)

    async def story(client: Any) -> None:
        await client.get()
        at(10**8)
        await client.get()

    run("sync", gate, story, auth=login())
    assert len(gate.logins) == 1


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("retries", [0, 5])
@pytest.mark.parametrize("operation", [Operation(GET), Operation(POST)])
def test_exactly_one_more_try_after_a_401(colour: str, retries: int, operation: Operation[str]) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        await client.send(operation)
        gate.revoke()
        assert await client.send(operation) == "fine"
        assert len(gate.logins) == 2
        gate.login_answers = ['{"access_token": "refused"}'] * 9
        gate.revoke()
        with pytest.raises(AuthenticationError) as failed:
            await client.send(operation)
        assert (failed.value.operation, len(failed.value.attempts)) == (operation.name, 2)

    run(colour, gate, story, auth=login(), retries=retries)
    assert gate.calls == ["Bearer T1", "Bearer T1", "Bearer T2", "Bearer T2", "Bearer refused"]
    assert len(gate.logins) == 3


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("why", ["expired", "revoked"])
def test_a_refresh_token_is_used_before_the_password(colour: str, why: str, at: Any) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        for turn in range(3):
            await client.get()
            at(3600 * (turn + 1)) if why == "expired" else gate.revoke()
        await client.get()

    at(0)
    run(colour, gate, story, auth=both())
    assert (len(gate.logins), gate.refreshes) == (1, ["R1", "R2", "R3"])
    assert gate.calls[-1] == "Bearer T4"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_dead_refresh_token_leads_to_a_new_login(colour: str, status: int) -> None:
    gate = Gate(refreshing=status)

    async def story(client: Any) -> None:
        await client.get()
        gate.revoke()
        assert await client.get() == "fine"

    run(colour, gate, story, auth=both())
    assert (len(gate.logins), gate.refreshes) == (2, ["R1"])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_outage_of_the_refresh_is_an_outage(status: int) -> None:
    """The password is not sent around a service that is down."""
    gate = Gate(refreshing=status)

    async def story(client: Any) -> None:
        await client.get()
        gate.revoke()
        with pytest.raises(FrgovError) as failed:
            await client.get()
        assert (failed.value.operation, getattr(failed.value, "status", 0)) == ("auth.refresh", status)
        gate.refreshing = 200
        assert await client.get() == "fine"

    run("sync", gate, story, auth=both())
    assert len(gate.logins) == 1


def test_a_refresh_that_gives_no_new_refresh_token_keeps_the_old_one() -> None:
    operation: Any = Operation(spec_of(path="/x"))
    auth = TokenAuth("x", lambda: operation, refresh=lambda old: operation)
    answers = [Token("A", "R"), Token("B"), Token("C")]

    def call(operation: Any) -> Any:
        return answers.pop(0)
        yield

    for access in ("A", "B", "C"):
        token = finish(auth.credential(call, 1.0))
        assert (token.access, token.refresh) == (access, "R")
        assert finish(auth.rejected(token)) is True


def test_a_token_that_the_service_gives_again_is_taken() -> None:
    """Some services answer the same token until it expires: a 401 by mistake must not mean a login for each call."""
    gate = Gate()
    gate.login_answers = ['{"access_token": "same"}'] * 9
    gate.valid = set()

    async def story(client: Any) -> None:
        with pytest.raises(AuthenticationError):
            await client.get()
        gate.valid = {"Bearer same"}
        for _ in range(5):
            await client.get()

    run("sync", gate, story, auth=login())
    assert len(gate.logins) <= 3
