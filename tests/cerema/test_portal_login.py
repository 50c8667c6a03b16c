"""Both ways to log in to the portal, and what happens when a token is refused."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from typing import Any

import pytest
from cerema_parts import ACCOUNT, PORTALS, payload

from frgov_clients import StaticBearer
from frgov_clients.cerema.auth import PortalLogin
from frgov_clients.cerema.client import CeremaClient
from frgov_clients.errors import (
    AuthenticationError,
    ConfigurationError,
    FrgovError,
    InvalidResponse,
    NotFound,
    ServiceUnavailable,
)
from frgov_clients.testing.cerema import FakeCerema, Fault
from frgov_clients.transport.tokens import MemoryTokenStore
from scripted import Scripted, answer
from support import COLOURS, outcome, play

LOGINS = {"v1": "/api/api-token-auth/", "v2": "/api/token/"}
REFRESH = "/api/token/refresh/"


async def structure(client: Any) -> int:
    return (await client.structure(456)).id  # type: ignore[no-any-return]


async def twice(client: Any) -> int:
    await structure(client)
    return await structure(client)


def got(colour: str, fake: FakeCerema, scenario: Any = structure, **options: Any) -> Any:
    options = {"limiters": {"portal": None}, **ACCOUNT, **options}
    return outcome(colour, PORTALS, scenario, base_url=fake.url, **options)


def logins(fake: FakeCerema) -> list[str]:
    return [each.path for each in fake.requests if each.method == "POST"]


def schemes(fake: FakeCerema) -> list[str]:
    return [each.headers["authorization"].partition(" ")[0] for each in fake.requests if each.method == "GET"]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("version", "served", "paths", "scheme"),
    [
        ("v1", ("v1", "v2"), [LOGINS["v1"]], "Token"),
        ("v2", ("v1", "v2"), [LOGINS["v2"]], "Bearer"),
        ("auto", ("v1", "v2"), [LOGINS["v2"]], "Bearer"),
        ("auto", ("v2",), [LOGINS["v2"]], "Bearer"),
        ("auto", ("v1",), [LOGINS["v2"], LOGINS["v1"]], "Token"),
    ],
)
def test_it_logs_in_once_the_way_that_is_served(
    colour: str, version: Any, served: Any, paths: list[str], scheme: str
) -> None:
    with FakeCerema.sample(generations=served) as fake:
        assert got(colour, fake, twice, auth_version=version) == 456
        assert logins(fake) == paths
        assert schemes(fake) == [scheme] * 2
        bodies = [json.loads(each.body) for each in fake.requests if each.method == "POST"]
    assert bodies == [ACCOUNT] * len(paths)
    assert not any(each.headers.get("authorization") for each in fake.requests if each.method == "POST")


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("refusal", ["text", "drf"])
@pytest.mark.parametrize("version", ["v1", "v2", "auto"])
def test_wrong_credentials_are_told_once_and_as_such(colour: str, refusal: Any, version: Any) -> None:
    with FakeCerema.sample(login_refusal=refusal) as fake:
        error = got(colour, fake, password="not this one", auth_version=version)
        assert isinstance(error, AuthenticationError), error
        assert logins(fake) == {"auto": [LOGINS["v2"], LOGINS["v1"]]}.get(version, [LOGINS.get(version)])
        assert not schemes(fake)  # nothing was asked without a token
    assert "not this one" not in str(error) + repr(error) + str(vars(error))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_way_that_worked_is_tried_first_the_next_time(colour: str) -> None:
    async def scenario(client: Any) -> int:
        await structure(client)
        fake.revoke_tokens()
        return await structure(client)

    with FakeCerema.sample(generations=("v1",)) as fake:
        assert got(colour, fake, scenario) == 456
        assert logins(fake) == [LOGINS["v2"], LOGINS["v1"], LOGINS["v1"]]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_token_that_is_refused_in_the_middle_of_a_walk_is_replaced(colour: str, version: Any) -> None:
    async def scenario(client: Any) -> int:
        seen = 0
        async for _ in client.perimeters():
            seen += 1
            if seen == 15:
                fake.revoke_tokens()
        return seen

    with FakeCerema.crowd(5, 5, 5, 40, page_size=10) as fake:
        assert got(colour, fake, scenario, auth_version=version) == 40
        assert fake.count("/api/perimetres") == 5  # four pages, one of them twice
        assert logins(fake)[-1] == LOGINS[version]


@pytest.mark.parametrize("colour", COLOURS)
def test_after_a_second_refusal_it_is_an_error(colour: str) -> None:
    with FakeCerema.sample() as fake:
        fake.faults.append(Fault(path="/api/structures", status=401, times=None))
        error = got(colour, fake)
        assert isinstance(error, AuthenticationError)
        assert fake.count("/api/structures") == 2
        assert len(error.attempts) == 2


@pytest.mark.parametrize("colour", COLOURS)
def test_a_token_that_ends_is_renewed_without_the_password(colour: str) -> None:
    async def scenario(client: Any) -> int:
        fake.faults.append(Fault(path="/api/structures", status=401))
        return await structure(client)

    with FakeCerema.sample() as fake:
        assert got(colour, fake, scenario) == 456
        assert logins(fake) == [LOGINS["v2"], REFRESH]
        assert set(json.loads(fake.requests[-2].body)) == {"refresh"}


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("renews", ["not served", "refused", "elsewhere"])
def test_where_no_token_is_renewed_it_logs_in_again(colour: str, renews: str) -> None:
    async def scenario(client: Any) -> int:
        await structure(client)
        fake.revoke_tokens()
        return await structure(client)

    options = {"refresh_path": "/api/jwt/renew/"} if renews == "elsewhere" else {}
    with FakeCerema.sample(refresh=renews != "not served") as fake:
        assert got(colour, fake, scenario, **options) == 456
        renewal = options.get("refresh_path", REFRESH)
        assert logins(fake) == [LOGINS["v2"], renewal, LOGINS["v2"]]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("fault", [Fault(html=True, times=None), Fault(empty=True, times=None)], ids=["html", "empty"])
def test_a_page_in_place_of_a_renewed_token_does_not_lock_out(colour: str, fault: Fault) -> None:
    """As a portal answers that has no such route and a single page for every path."""

    async def scenario(client: Any) -> int:
        await structure(client)
        fake.revoke_tokens()
        return await structure(client)

    with FakeCerema.sample() as fake:
        fake.faults.append(replace(fault, path=REFRESH))
        assert got(colour, fake, scenario, retries=0) == 456
        assert logins(fake) == [LOGINS["v2"], REFRESH, LOGINS["v2"]]


@pytest.mark.parametrize("colour", COLOURS)
def test_an_outage_of_the_login_is_no_refusal_of_the_credentials(colour: str) -> None:
    with FakeCerema.sample() as fake:
        fake.faults.append(Fault(path="/api/token/", status=503, times=None))
        error = got(colour, fake, retries=0)
        assert isinstance(error, ServiceUnavailable)
        assert logins(fake) == [LOGINS["v2"]]  # V1 is not tried for it


@pytest.mark.parametrize("colour", COLOURS)
def test_a_maintenance_page_is_no_token(colour: str) -> None:
    with FakeCerema.sample() as fake:
        fake.faults.append(Fault(path="/api/token/", html=True, times=None))
        assert isinstance(got(colour, fake, retries=0), InvalidResponse)


@pytest.mark.parametrize("colour", COLOURS)
def test_neither_way_served_says_that_the_address_is_wrong(colour: str) -> None:
    with FakeCerema.sample(generations=()) as fake:
        error = got(colour, fake)
        assert isinstance(error, NotFound)
        assert "base_url" in str(error)


@pytest.mark.parametrize("name", ["auth_v1_response", "auth_v2_response"])
def test_recorded_answers_of_the_login(name: str) -> None:
    recorded = payload(name)
    steps = [answer(200, json.dumps(recorded).encode()), answer(200, b'{"id_structure": 1}')]
    with (
        Scripted(*steps) as server,
        CeremaClient(base_url=server.url, auth_version="v1" if "v1" in name else "v2", **ACCOUNT) as client,
    ):
        assert client.structure(1).id == 1
        token = recorded.get("token") or recorded["access"]
        assert server.requests[1].headers["authorization"].partition(" ")[2] == token
        assert server.requests[0].target in LOGINS.values()


def test_threads_that_begin_together_log_in_once() -> None:
    with FakeCerema.sample(latency=0.02) as fake, CeremaClient(base_url=fake.url, **ACCOUNT) as client:
        threads = [threading.Thread(target=client.structure, args=(456,)) for _ in range(5)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(logins(fake)) == 1


def test_processes_can_share_tokens() -> None:
    store = MemoryTokenStore()
    with FakeCerema.sample() as fake:
        for _ in range(2):
            with CeremaClient(base_url=fake.url, token_store=store, **ACCOUNT) as client:
                client.structure(456)
        assert len(logins(fake)) == 1


@pytest.mark.parametrize(
    ("life", "logged_in"),
    [({"exp": 1_000_000_300, "iat": 1_000_000_000}, 1), ({"exp": 1_000_000_001, "iat": 1_000_000_000}, 1), ({}, 1)],
)
def test_the_life_of_a_token_is_told_by_itself_whatever_our_clock_says(life: dict[str, int], logged_in: int) -> None:
    """Its clock stands in 2001; ours must not take it for expired at each call."""
    from base64 import urlsafe_b64encode

    token = f"x.{urlsafe_b64encode(json.dumps(life).encode()).decode().rstrip('=')}.y"
    login = answer(200, json.dumps({"access": token, "refresh": "r"}).encode())
    with Scripted(login, *[answer(200, b'{"id_structure": 1}')] * 3) as server:
        with CeremaClient(base_url=server.url, **ACCOUNT) as client:
            for _ in range(3):
                client.structure(1)
        assert [each.method for each in server.requests].count("POST") == logged_in


# ---- configuration --------------------------------------------------------------------------------------------


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeCerema.sample() as fake:
        for name, value in {"BASE_URL": fake.url + "/api/", "USERNAME": "username", "PASSWORD": "password"}.items():
            monkeypatch.setenv(f"FRGOV_CEREMA_{name}", value)
        monkeypatch.setenv("FRGOV_CEREMA_AUTH_VERSION", "V1")
        with CeremaClient() as client:
            assert client.structure(456).id == 456
            assert client.config.base_url == fake.url
        assert logins(fake) == [LOGINS["v1"]]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({}, "FRGOV_CEREMA_USERNAME"),
        ({"username": "a"}, "FRGOV_CEREMA_PASSWORD"),
        ({**ACCOUNT, "auth_version": "v3"}, "auth_version must be one of auto, v1, v2"),
        ({**ACCOUNT, "auth_version": 2}, "auth_version must be one of auto, v1, v2"),
        ({**ACCOUNT, "token_store": "x"}, "token_store must be a store"),
        ({**ACCOUNT, "base_url": "http://portaildf.cerema.fr"}, "only sent over https"),
        ({**ACCOUNT, "auth": StaticBearer("t", scheme="Token")}, "username, password: has no effect beside `auth`"),
        ({**ACCOUNT, "refresh_path": "https://example.org/"}, "start with one slash"),
    ],
)
def test_a_client_that_can_not_work_is_not_made(
    options: dict[str, Any], match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USERNAME", "PASSWORD", "AUTH_VERSION", "BASE_URL"):
        monkeypatch.delenv(f"FRGOV_CEREMA_{name}", raising=False)
    with pytest.raises(ConfigurationError, match=match):
        CeremaClient(**{"base_url": "http://127.0.0.1:9", **options})


def test_a_token_of_ones_own_needs_no_account() -> None:
    with FakeCerema.sample(any_keyword=True) as fake:
        with CeremaClient(base_url=fake.url, **ACCOUNT, auth_version="v1") as client:
            client.structure(456)
        token = fake.requests[-1].headers["authorization"].partition(" ")[2]
        with CeremaClient(base_url=fake.url, auth=StaticBearer(token)) as client:
            assert client.structure(456).id == 456
            assert fake.requests[-1].headers["authorization"] == f"Bearer {token}"


def test_a_password_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "s3cr3t-of-the-portal"
    with FakeCerema.sample(accounts={"username": secret}) as fake:
        with CeremaClient(base_url=fake.url, username="username", password=secret) as client:
            client.structure(456)
            told = repr(client) + repr(client.config) + repr(vars(client))
        token = fake.requests[-1].headers["authorization"].partition(" ")[2]
        wrong = outcome("sync", PORTALS, structure, base_url=fake.url, username="username", password=secret + "x")
    told += caplog.text + repr(wrong) + str(vars(wrong)) + repr(PortalLogin("username", secret))
    assert secret not in told
    assert token not in told


@pytest.mark.parametrize("colour", COLOURS)
def test_it_can_be_checked(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.check()

    with FakeCerema.sample() as fake:
        good = play(colour, PORTALS, scenario, base_url=fake.url, **ACCOUNT)
        wrong = play(colour, PORTALS, scenario, base_url=fake.url, username="username", password="x")
    assert (good.ok, good.authorized, good.reachable) == (True, True, True)
    assert (wrong.ok, wrong.authorized, wrong.reachable) == (False, False, True)


def test_an_unknown_option_is_told_before_a_missing_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRGOV_CEREMA_USERNAME", raising=False)
    with pytest.raises(TypeError, match="unknown option 'user'; did you mean 'username'"):
        CeremaClient(user="a")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "token", [b"[" * 100_000, b'{"access": "x.' + b"W1tb" * 50_000 + b'.y"}', b'{"access": 1}', b"[]"]
)
def test_a_hostile_answer_of_the_login_is_an_error_of_ours_or_a_token(token: bytes) -> None:
    with Scripted(answer(200, token), answer(200, b'{"id_structure": 1}')) as server:
        found = outcome("sync", PORTALS, structure, base_url=server.url, retries=0, **ACCOUNT)
    assert isinstance(found, FrgovError | int)
