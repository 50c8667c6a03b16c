"""Where credentials go, and where they never appear."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from login_parts import QUICK, SECRET, Gate, Limited, both, finish, login
from pydantic import SecretStr

from frgov_clients import AsyncBanClient, BanClient
from frgov_clients.errors import (
    AuthenticationError,
    ConfigurationError,
    FrgovError,
    ServerError,
)
from frgov_clients.transport.auth import (
    ClientCredentials,
    HeaderKey,
    MemoryTokenStore,
    PasswordLogin,
    StaticBearer,
    Token,
)
from frgov_clients.transport.operation import Operation
from support import COLOURS, PROBES, AsyncProbe, Probe, ProbeEndpoints, play, service_of, spec_of


@pytest.mark.parametrize("make", [lambda: HeaderKey("api-key", SECRET), lambda: StaticBearer(SECRET), login])
def test_another_origin_of_the_same_service_gets_none(make: Any) -> None:
    seen: dict[str, list[str]] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        seen.setdefault(str(request.url.host), []).append(str(request.headers) + request.content.decode())
        return httpx.Response(500)

    transport = httpx.MockTransport(handler)
    with (
        BanClient(http_client=httpx.Client(transport=transport), auth=make(), retries=0) as ban,
        pytest.raises(ServerError),
    ):
        ban.lookup("90004")

    async def story() -> None:
        async with AsyncBanClient(http_client=httpx.AsyncClient(transport=transport), auth=make(), retries=0) as ban:
            with pytest.raises(ServerError):
                await ban.lookup("90004")

    asyncio.run(story())
    assert list(seen) == ["plateforme.adresse.data.gouv.fr"]
    for request in seen["plateforme.adresse.data.gouv.fr"]:
        assert SECRET not in request
        assert "authorization" not in request


class TwoEndpoints(ProbeEndpoints):
    _service = service_of("two", {"default": "http://127.0.0.1:9", "other": "http://127.0.0.2:9"})


class Two(TwoEndpoints, Probe):
    pass


class AsyncTwo(TwoEndpoints, AsyncProbe):
    pass


@pytest.mark.parametrize("colour", COLOURS)
def test_a_401_of_another_origin_is_told_as_it_is(colour: str) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        await client.get()
        with pytest.raises(AuthenticationError):
            await client.send(Operation(spec_of(origin="other")))
        await client.get()

    play(colour, (Two, AsyncTwo), story, http_client=gate.client(colour), auth=login(), retries=0)
    assert gate.calls == ["Bearer T1", None, "Bearer T1"]
    assert len(gate.logins) == 1


def test_the_token_of_one_base_url_is_not_for_another() -> None:
    store = MemoryTokenStore()
    given = iter("ABCD")

    def call(operation: Any) -> Any:
        return Token(next(given))
        yield

    first, second = login(store=store), login(store=store)
    assert finish(first.credential(call, 1.0, "https://one.example")).access == "A"
    assert finish(first.credential(call, 1.0, "https://two.example")).access == "B"
    assert finish(first.credential(call, 1.0, "https://one.example")).access == "A"
    assert finish(second.credential(call, 1.0, "https://two.example")).access == "B"


@pytest.mark.parametrize("url", ["http://api.example.org", "http://192.168.1.4:8000", "http://localhost.example.org"])
def test_credentials_never_over_http(url: str) -> None:
    for auth in (HeaderKey("api-key", SECRET), StaticBearer(SECRET), login()):
        for kind in PROBES:
            with pytest.raises(ConfigurationError, match="https") as refused:
                kind(base_url=url, auth=auth)
            assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://api.example.org", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"]
)
def test_credentials_over_https_or_to_this_machine(url: str) -> None:
    assert Probe(base_url=url, auth=login()).config.auth is not None


@pytest.mark.parametrize("path", ["token", "//evil.example/token", "@evil.example/", ".evil.example/token", ""])
def test_the_path_of_a_login_can_not_name_another_host(path: str) -> None:
    for make in (
        lambda: PasswordLogin("camille", SECRET, path=path),
        lambda: PasswordLogin("camille", SECRET, path="/token", refresh_path=path),
        lambda: ClientCredentials("id", SECRET, path=path),
    ):
        with pytest.raises(ConfigurationError, match="one slash"):
            make()


def test_two_credentials_never_share_a_quota_or_a_cached_answer() -> None:
    auths: list[Any] = [
        HeaderKey("api-key", "one"),
        HeaderKey("api-key", "two"),
        HeaderKey("x-key", "one"),
        StaticBearer("one"),
        StaticBearer("one", scheme="Token"),
        PasswordLogin("camille", "one", path="/token"),
        PasswordLogin("camille", "two", path="/token"),
        PasswordLogin("dominique", "one", path="/token"),
        PasswordLogin("camille", "one", path="/other"),
        ClientCredentials("camille", "one", path="/token"),
        ClientCredentials("camille", "one", path="/token", scope="read"),
    ]
    assert len({auth.identity for auth in auths}) == len(auths)
    assert HeaderKey("api-key", "one").identity == auths[0].identity  # the same in every process

    limiters = [Limited(auth=auth)._policies.limiters["calls"] for auth in auths]
    assert len({id(limiter) for limiter in limiters}) == len(auths)
    assert Limited(auth=HeaderKey("api-key", "one"))._policies.limiters["calls"] is limiters[0]


# ---- where secrets never appear -----------------------------------------------------------------------------


AUTHS: list[Callable[[], Any]] = [
    lambda: HeaderKey("api-key", SECRET),
    lambda: StaticBearer(SecretStr(SECRET)),
    lambda: PasswordLogin("camille", SECRET, path="/token", refresh_path="/refresh"),
    lambda: ClientCredentials("id", SECRET, path="/token"),
    lambda: Token(SECRET, refresh=SECRET, expires_at=1.0),
]


@pytest.mark.parametrize("make", AUTHS)
def test_no_secret_in_a_repr_or_a_pickle(make: Callable[[], Any]) -> None:
    auth = make()
    for text in (repr(auth), str(auth), f"{auth!r:>200}", repr([auth]), ascii(auth)):
        assert SECRET not in text
        assert type(auth).__name__ in text
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            write(auth)
    if not isinstance(auth, Token):
        client = Probe(auth=auth)
        for text in (repr(client.config), repr(client._policies), repr(client), repr(auth.identity)):
            assert SECRET not in text
        with pytest.raises(TypeError):
            pickle.dumps(client.config)


def test_no_secret_in_the_operation_that_logs_in() -> None:
    for auth in (both(), ClientCredentials("id", SECRET, path="/token")):
        operation = auth._login()
        assert SECRET not in repr(operation)
        assert SECRET in operation.body.data.decode()  # type: ignore[union-attr]
    refresh = both()._refresh
    assert refresh is not None
    assert SECRET not in repr(refresh(Token("x", refresh=SECRET)))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("make", AUTHS[:-1])
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_no_secret_in_an_error_or_a_log(colour: str, make: Any, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """The service repeats what it was sent, as some do."""
    caplog.set_level(logging.DEBUG)
    auth = make()
    events: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        given = request.content.decode() + " " + request.headers.get("authorization", "")
        return httpx.Response(status, json={"message": f"refused: {given}", "detail": [given.count(SECRET) * SECRET]})

    async def story(client: Any) -> FrgovError:
        with pytest.raises(FrgovError) as failed:
            await client.get()
        return failed.value

    transport = httpx.MockTransport(handler)
    http_client: Any = httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)
    error = play(colour, PROBES, story, http_client=http_client, auth=auth, retries=QUICK, on_event=events.append)
    logged = "".join(record.getMessage() + repr(record.args) for record in caplog.records)
    again = pickle.loads(pickle.dumps(error))
    told = [logged, repr(events), str(error), repr(error), repr(error.__dict__), str(again), repr(again.__dict__)]
    chain: BaseException | None = error
    while chain is not None:
        told += [repr(chain), repr(getattr(chain, "__notes__", "")), repr(chain.__dict__)]
        chain = chain.__cause__ or chain.__context__
    if isinstance(auth, HeaderKey | StaticBearer):
        told = told[:2]  # what the service says of a header is masked by `answers`, tested with it
    assert not [text for text in told if SECRET in text]


def test_the_scheme_is_no_secret_and_its_word_is_not_masked() -> None:
    said = f"Invalid token: {SECRET}"
    own = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(401, text=said)))
    with Probe(http_client=own, auth=StaticBearer(SECRET, scheme="Token"), retries=0) as client:
        with pytest.raises(AuthenticationError) as caught:
            client.send(Operation(spec_of()))
        assert caught.value.body == "Invalid token: …"
