"""`check`, which tells how a service is, and `request`, for what a client has no method for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import RootModel

from frgov_clients import AsyncBanClient, BanClient, CircuitOptions, HeaderKey, RateLimiter, Window
from frgov_clients.errors import BadRequest, FrgovError, InvalidRequest, RateLimited
from frgov_clients.transport.answers import json_model
from frgov_clients.transport.client import AsyncClient, SyncClient
from frgov_clients.transport.common import CommonEndpoints, Health
from frgov_clients.transport.operation import Operation, Reply, Spec
from scripted import Do, Scripted, Step, answer, chunked, dead_url
from support import COLOURS, PROBES, Probe, outcome, play, service_of

BANS = (BanClient, AsyncBanClient)
TOUCHY = CircuitOptions(window=2, minimum=2, failure_rate=1.0)

# ---- check ---------------------------------------------------------------------------------------------------


class _AnyJson(RootModel[Any]):
    pass


class Checked(CommonEndpoints):
    _service = service_of(
        "checked",
        probe=Operation(
            Spec(name="checked.check", method="GET", path="/", quota="calls", decode=json_model(lambda: _AnyJson))
        ),
        quotas={"calls": (Window(limit=5, seconds=60.0),)},
    )


class CheckedClient(SyncClient, Checked):
    pass


class AsyncCheckedClient(AsyncClient, Checked):
    pass


CHECKED = (CheckedClient, AsyncCheckedClient)
HTML = answer(200, b"<!DOCTYPE html><html>Maintenance</html>", Content_Type="text/html")
SICK: list[tuple[Step, bool, bool | None, str]] = [
    (answer(401), True, False, "check the credentials"),
    (answer(403), True, False, "not allowed"),
    (answer(404), True, None, "base_url"),
    (answer(429), True, None, "quota"),
    (answer(500), True, None, "HTTP 500"),
    (answer(503), True, None, "maintenance"),
    (answer(302, Location="https://elsewhere.test/"), True, None, "base_url"),
    (HTML, True, None, "HTML"),
    (answer(200, b""), True, None, "empty"),
    (answer(200, b"{", Content_Length="50"), True, None, "middle of the answer"),
    (chunked(b"{", end=b""), True, None, "middle of the answer"),
    ((Do.RESET,), False, None, "connection broke"),
    ((Do.HANG,), False, None, "no answer"),
]


async def _check(client: Any) -> Health:
    found = await client.check()
    return found.inner if hasattr(found, "inner") else found  # type: ignore[no-any-return]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("step", "reachable", "authorized", "hint"), SICK)
def test_check_tells_and_never_raises(
    colour: str, step: Step, reachable: bool, authorized: bool | None, hint: str
) -> None:
    with Scripted((*step, Do.CLOSE)) as server:
        options = {"base_url": server.url, "retries": 0, "timeout": 0.2, "auth": HeaderKey("api-key", "s3cr3t")}
        health = play(colour, CHECKED, _check, **options)
    assert not health
    assert (health.ok, health.reachable, health.authorized) == (False, reachable, authorized)
    assert (health.service, health.base_url) == ("checked", server.url)
    assert (health.latency is not None) is reachable
    assert hint in health.hint
    assert "s3cr3t" not in repr(health)


@pytest.mark.parametrize("colour", COLOURS)
def test_check_of_a_service_that_works(colour: str) -> None:
    with Scripted(answer(200, b"{}")) as server:
        health = play(colour, CHECKED, _check, base_url=server.url)
        with_key = play(colour, CHECKED, _check, base_url=server.url, auth=HeaderKey("api-key", "k"))
    assert health and health.ok and health.reachable
    assert (health.authorized, with_key.authorized) == (None, True)
    assert health.latency is not None and 0 <= health.latency < 5
    (quota,) = health.quotas["calls"].quotas
    assert (quota.limit, quota.seconds) == (5, 60.0) and quota.left < 5
    assert health.hint == "all is well"


@pytest.mark.parametrize("colour", COLOURS)
def test_check_without_network_circuit_quota_or_client(colour: str) -> None:
    async def refused(client: Any) -> Health:
        return await _check(client)

    async def open_circuit(client: Any) -> Health:
        for _ in range(2):
            await client.check()
        return await _check(client)

    async def quota_used_up(client: Any) -> Health:
        return await _check(client.with_options(max_wait=0))

    async def closed(client: Any) -> Health:
        await client.close()
        return await _check(client)

    quick = {"retries": 0, "timeout": 1}
    empty = RateLimiter([Window(limit=1, seconds=60.0)])
    empty.pause(30.0)
    cases: list[tuple[Any, dict[str, Any], str]] = [
        (refused, {"base_url": dead_url()}, "refused"),
        (open_circuit, {"base_url": dead_url(), "circuit": TOUCHY}, "circuit is open"),
        (quota_used_up, {"limiters": {"calls": empty}}, "quota"),
        (closed, {}, "closed"),
    ]
    for scenario, options, hint in cases:
        health = play(colour, CHECKED, scenario, **quick, **options)
        assert (bool(health), health.reachable, health.latency) == (False, False, None), hint
        assert hint in health.hint


@pytest.mark.parametrize("colour", COLOURS)
def test_check_of_the_geocoder(colour: str) -> None:
    with Scripted() as server:
        assert play(colour, BANS, _check, base_url=server.url)
    assert not play(colour, BANS, _check, base_url=dead_url(), retries=0)


# ---- request -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_a_request_that_has_no_method_of_its_own(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        plain = await client.request("get", "/new/th%C3%AFng", params={"q": "a b"}, quota=None)
        await client.request("POST", "/new", json={"name": "É"})
        return plain

    with Scripted(answer(body=b"yes")) as server:
        reply = play(colour, PROBES, scenario, base_url=server.url + "/base", auth=HeaderKey("api-key", "k"))
    reply = getattr(reply, "inner", reply)
    assert isinstance(reply, Reply)
    assert (reply.status, reply.content) == (200, b"yes")
    get, post = server.requests
    assert (get.method, get.target, get.headers["api-key"]) == ("GET", "/base/new/th%C3%AFng?q=a+b", "k")
    assert (post.method, json.loads(post.body)) == ("POST", {"name": "É"})
    assert post.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    ["https://evil.test/", "//evil.test/", "relative", "", "/a?q=1", "/a#b", "/a b", "/a\r\nx: y", "/\\evil.test"],
)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_request_goes_nowhere_else(colour: str, path: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.request("GET", path)

    with Scripted() as server:
        error = outcome(colour, PROBES, scenario, base_url=server.url, auth=HeaderKey("api-key", "k"))
        assert isinstance(error, InvalidRequest)
        assert error.field == "path" and "evil" not in str(error)
        assert server.requests == []


def test_a_request_is_checked_before_it_is_sent() -> None:
    with Scripted(answer(400)) as server, BanClient(base_url=server.url, dialect="geopf") as ban:
        for method in ("", "GE T", "GET\r\n", "GÉT"):
            with pytest.raises(InvalidRequest, match="method"):
                ban.request(method, "/x")
        with pytest.raises(InvalidRequest, match="quota: one of geocoding, completion, or None"):
            ban.request("GET", "/x", quota="geocodage")
        with pytest.raises(InvalidRequest, match=r"on the wire"):
            ban.with_options(retries=0).request("GET", "/\x00")
        assert server.requests == []
        with pytest.raises(BadRequest) as caught:
            ban.request("GET", "/x")
        assert caught.value.operation == "ban.request"


def test_a_request_spends_the_first_quota_of_the_service() -> None:
    quota = RateLimiter([Window(limit=2, seconds=60.0)])
    options: dict[str, Any] = {"dialect": "geopf", "limiters": {"geocoding": quota}, "max_wait": 0}
    with Scripted() as server, BanClient(base_url=server.url, **options) as ban:
        ban.request("GET", "/x")
        ban.raw.request("GET", "/x")
        ban.request("GET", "/x", quota=None)
        with pytest.raises(RateLimited):
            ban.request("GET", "/x")


def test_only_methods_that_may_be_repeated_are_repeated() -> None:
    with Scripted(answer(503, Retry_After="0"), answer(503), answer()) as server, Probe(base_url=server.url) as client:
        assert client.request("GET", "/x").status == 200
        assert len(server.requests) == 3
    with Scripted(answer(503), answer()) as server, Probe(base_url=server.url) as client:
        with pytest.raises(FrgovError):
            client.request("POST", "/x", json={})
        assert len(server.requests) == 1
