"""Where options come from, what is refused, and how they reach the network."""

from __future__ import annotations

import dataclasses
import inspect
import math
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from frgov_clients import AsyncBanClient, BanClient, CircuitOptions, HeaderKey, MemoryCache, Retry, StaticBearer
from frgov_clients.errors import ConfigurationError
from frgov_clients.transport.config import ClientConfig, ClientOptions
from scripted import Scripted, answer
from support import COLOURS, PROBES, Probe, play

HIDDEN = "hidden-7f3a"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FRGOV_") or name.lower().endswith("_proxy") or name in {"SSL_CERT_FILE", "SSL_CERT_DIR"}:
            monkeypatch.delenv(name)


# ---- argument, environment, default --------------------------------------------------------------------------

LAYERS: list[tuple[str, str, str, Any, Any, Any]] = [
    (
        "base_url",
        "FRGOV_BAN_BASE_URL",
        "https://b.test/x",
        "https://b.test/x",
        "https://a.test",
        "https://data.geopf.fr/geocodage",
    ),
    ("timeout", "FRGOV_BAN_TIMEOUT", " 2.5 ", 2.5, 7, None),
    ("connect_timeout", "FRGOV_BAN_CONNECT_TIMEOUT", "1", 1.0, 2, 5.0),
    ("deadline", "FRGOV_BAN_DEADLINE", "inf", math.inf, 60, None),
    ("retries", "FRGOV_BAN_RETRIES", "0", 0, 4, 2),
    ("max_wait", "FRGOV_BAN_MAX_WAIT", "0", 0.0, 3.5, None),
    ("max_in_flight", "FRGOV_BAN_MAX_IN_FLIGHT", "3", 3, 4, 50),
    ("http_backend", "FRGOV_HTTP_BACKEND", "aiohttp", "aiohttp", "httpx", "httpx"),
    ("proxy", "FRGOV_PROXY", "http://p.test:1", "http://p.test:1", "http://q.test:1", None),
    ("ca_bundle", "FRGOV_CA_BUNDLE", "/b.pem", "/b.pem", "/a.pem", None),
    ("system_store", "FRGOV_SYSTEM_STORE", "Yes", True, False, False),
]


@pytest.mark.parametrize(
    ("name", "variable", "text", "read", "given", "default"), LAYERS, ids=[each[0] for each in LAYERS]
)
def test_argument_then_environment_then_default(
    monkeypatch: pytest.MonkeyPatch, name: str, variable: str, text: str, read: Any, given: Any, default: Any
) -> None:
    def found(**options: Any) -> Any:
        return getattr(AsyncBanClient(**options).config, name)

    assert found() == default
    monkeypatch.setenv(variable, text)
    assert found() == read
    assert found(**{name: given}) == given
    monkeypatch.setenv(variable, "  ")
    assert found() == default


def test_every_variable_that_is_documented_is_read_and_the_reverse() -> None:
    from frgov_clients.ban.client import BanOptions
    from frgov_clients.transport import config

    text = inspect.getsource(config) + inspect.getsource(BanOptions)
    documented = {name for name in ClientOptions.__annotations__ if f"_{name.upper()}`" in text}
    assert documented == {each[0] for each in LAYERS}
    assert set(ClientOptions.__annotations__) == {each.name for each in dataclasses.fields(ClientConfig)}


def test_the_geocoder_has_variables_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert BanClient().dialect.name == "geopf"
    assert BanClient(base_url="https://geo.example.test").dialect.name == "addok"
    monkeypatch.setenv("FRGOV_BAN_DIALECT", "addok")
    assert BanClient().dialect.name == "addok"
    assert BanClient(dialect="geopf").dialect.name == "geopf"
    monkeypatch.setenv("FRGOV_BAN_LOOKUP_BASE_URL", "https://l.test")
    assert BanClient()._policies.origins["lookup"].base == "https://l.test"
    assert BanClient(lookup_base_url="https://m.test/")._policies.origins["lookup"].base == "https://m.test"


def test_none_is_as_if_there_were_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRGOV_BAN_TIMEOUT", "3")
    monkeypatch.setenv("FRGOV_PROXY", "http://p.test")
    assert BanClient(timeout=None, proxy=None).config.timeout is None
    assert BanClient(timeout=None, proxy=None).config.proxy is None


def test_the_variables_of_another_service_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRGOV_PROBE_TIMEOUT", "3")
    assert BanClient().config.timeout is None
    assert Probe().config.timeout == 3.0


# ---- what is refused -----------------------------------------------------------------------------------------

WRONG_VARIABLES = [
    *(("FRGOV_BAN_TIMEOUT", text) for text in ("ten-7f3a", "-17", "nan", "inf", "0")),
    *(("FRGOV_BAN_CONNECT_TIMEOUT", text) for text in ("ten-7f3a", "0", "-17")),
    *(("FRGOV_BAN_DEADLINE", text) for text in ("ten-7f3a", "0", "-17", "nan")),
    *(("FRGOV_BAN_MAX_WAIT", text) for text in ("ten-7f3a", "-17")),
    *(("FRGOV_BAN_RETRIES", text) for text in ("two-7f3a", "-17", "1.5")),
    *(("FRGOV_BAN_MAX_IN_FLIGHT", text) for text in ("many-7f3a", "0", "-17")),
    *(
        ("FRGOV_BAN_BASE_URL", text)
        for text in (
            f"ftp://{HIDDEN}",
            f"https://u:{HIDDEN}@h.test",
            HIDDEN,
            f"https://h.test/?k={HIDDEN}",
            "https://[7f3a",
        )
    ),
    ("FRGOV_SYSTEM_STORE", HIDDEN),
    ("FRGOV_HTTP_BACKEND", HIDDEN),
    ("FRGOV_PROXY", f"ftp://u:{HIDDEN}@p.test"),
    ("FRGOV_BAN_DIALECT", HIDDEN),
    ("FRGOV_LOG", HIDDEN),
]


@pytest.mark.parametrize(("variable", "text"), WRONG_VARIABLES)
@pytest.mark.parametrize("client", [BanClient, AsyncBanClient])
def test_a_wrong_variable_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, client: type, variable: str, text: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigurationError) as caught:
        client()
    assert variable in str(caught.value)
    assert "7f3a" not in str(caught.value) and "17" not in str(caught.value)
    assert caught.value.__cause__ is None and (caught.value.__context__ is None or caught.value.__suppress_context__)


@pytest.mark.parametrize(
    ("variable", "text", "hint"),
    [
        ("FRGOV_BAN_TIMEOUT", "1,5", "a number, with a decimal point"),
        ("FRGOV_BAN_RETRIES", "two", "a whole number"),
        ("FRGOV_SYSTEM_STORE", "oui", "1 or 0"),
    ],
)
def test_a_wrong_variable_says_what_it_should_hold(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, hint: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigurationError, match=f"{variable} must be {hint}"):
        BanClient()


def test_an_argument_hides_a_wrong_variable_only_when_it_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRGOV_BAN_TIMEOUT", "-1")
    assert BanClient(timeout=2).config.timeout == 2
    with pytest.raises(ConfigurationError, match=r"^retries must be"):
        BanClient(timeout=2, retries=-1)


WRONG_ARGUMENTS: list[tuple[str, Any]] = [
    *(("timeout", value) for value in (0, -1, math.nan, math.inf, "7f3a", True)),
    *(("connect_timeout", value) for value in (0, None, math.inf, "7f3a")),
    *(("deadline", value) for value in (0, -0.5, math.nan, "7f3a")),
    *(("retries", value) for value in (-1, 1.5, True, None, "7f3a")),
    *((name, value) for name in ("max_wait", "cache_ttl", "stale_if_error") for value in (-1, math.nan, "7f3a")),
    *(("max_in_flight", value) for value in (0, -1, 2.5, None, "7f3a")),
    *(("max_response_bytes", value) for value in (0, -1, 2.5)),
    *(("user_agent", value) for value in ("a\r\nX-Evil: 7f3a", "a\x00", "é 7f3a", None, b"7f3a")),
    *(
        ("base_url", value)
        for value in ("", "7f3a", f"https://u:{HIDDEN}@h.test", "https://h.test/#7f3a", None, Path("7f3a"))
    ),
    ("cache_personal", "false"),
    ("system_store", "7f3a"),
    ("circuit", False),
    *(("cache", value) for value in (True, "7f3a.sqlite", {}, MemoryCache)),
    *(("auth", value) for value in ("7f3a", HeaderKey)),
    *(("limiters", value) for value in (None, ["7f3a"], {"geocoding": "7f3a"})),
    ("quota_redis", "redis://7f3a"),
    *(
        ("proxy", value)
        for value in (8080, "", "://", f"ftp://{HIDDEN}", f"http://u:{HIDDEN}@[bad", "http://p.test:70000")
    ),
    ("on_event", "7f3a"),
    ("http_backend", "7f3a"),
    ("dialect", "7f3a"),
    ("lookup_base_url", f"https://u:{HIDDEN}@h.test"),
]


@pytest.mark.parametrize(("option", "value"), WRONG_ARGUMENTS, ids=str)
def test_a_wrong_argument_is_named_and_its_value_is_not(option: str, value: Any) -> None:
    for client in (BanClient, AsyncBanClient):
        with pytest.raises(ConfigurationError, match=rf"^{option}\b") as caught:
            client(**{option: value})
        assert "7f3a" not in str(caught.value)


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("timout", "timeout"),
        ("retry", "retries"),
        ("dialekt", "dialect"),
        ("lookup_url", "lookup_base_url"),
        ("zzz", None),
    ],
)
def test_an_unknown_option_is_refused_with_the_right_one(option: str, hint: str | None) -> None:
    for client in (BanClient, AsyncBanClient):
        with pytest.raises(TypeError) as caught:
            client(**{option: 1})  # type: ignore[arg-type]
        expected = f"unknown option {option!r}" + (f"; did you mean {hint!r}?" if hint else "")
        assert str(caught.value) == expected


def test_quotas_are_named_as_the_service_names_them() -> None:
    with pytest.raises(ConfigurationError, match="has no quota geocodage; it has completion, geocoding"):
        BanClient(limiters={"geocodage": None})
    assert BanClient(limiters={"geocoding": None})._policies.limiters.keys() == {"completion"}


def test_credentials_are_only_sent_over_https_or_to_this_machine() -> None:
    key = HeaderKey("api-key", HIDDEN)
    with pytest.raises(ConfigurationError, match="base_url: credentials are only sent over https"):
        BanClient(base_url="http://geo.example.test", auth=key)
    for url in ("http://127.0.0.1:8000", "http://localhost", "http://[::1]:80", "https://geo.example.test"):
        assert BanClient(base_url=url, auth=key).config.auth is key


# ---- what it looks like --------------------------------------------------------------------------------------


def test_a_configuration_is_frozen_and_prints_no_secret() -> None:
    client = BanClient(
        auth=StaticBearer(SecretStr(HIDDEN)),
        proxy=f"http://user:{HIDDEN}@proxy.test:3128",
        client_cert=(f"/etc/{HIDDEN}.pem", None),
        cache=MemoryCache(),
        circuit=CircuitOptions(cooldown=3),
        on_event=print,
    )
    config = client.config
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.timeout = 3  # type: ignore[misc]
    for text in (repr(config), str(config), repr(client), repr(client._policies), repr(client.raw)):
        assert HIDDEN not in text
    assert "base_url='https://data.geopf.fr/geocodage'" in repr(config)
    assert "retries=2" in repr(config) and "cooldown=3" in repr(config)


@pytest.mark.parametrize("secret", [HIDDEN, SecretStr(HIDDEN)])
def test_a_secret_may_be_wrapped(secret: str | SecretStr) -> None:
    with Scripted() as server:
        with Probe(base_url=server.url, auth=HeaderKey("api-key", secret)) as client:
            client.get()
        with Probe(base_url=server.url, auth=StaticBearer(secret)) as client:
            client.get()
        assert server.requests[0].headers["api-key"] == HIDDEN
        assert server.requests[1].headers["authorization"] == f"Bearer {HIDDEN}"


def test_a_retry_policy_may_be_given_whole() -> None:
    with Scripted(answer(503), answer(body=b"yes")) as server:
        with Probe(base_url=server.url, retries=Retry(attempts=2)) as client:
            assert client.get() == "yes"
        assert len(server.requests) == 2


def test_who_calls_is_told() -> None:
    with Scripted() as server:
        with Probe(base_url=server.url, user_agent="zlv/3.1 (contact@example.test)") as client:
            client.get()
        with Probe(base_url=server.url) as client:
            client.get()
        assert server.requests[0].headers["user-agent"].startswith("zlv/3.1 (contact@example.test) frgov-clients/")
        assert server.requests[1].headers["user-agent"].startswith("frgov-clients/")


def test_a_deadline_may_be_infinite() -> None:
    with Scripted(answer(body=b"yes")) as server:
        for colour in COLOURS:
            assert play(colour, PROBES, lambda client: client.get(), base_url=server.url, deadline=math.inf) == "yes"
