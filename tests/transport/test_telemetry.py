"""What a call tells to the outside, through hooks, logs and traces, and what it never tells."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from frgov_clients import AsyncBanClient, BanClient, CircuitOptions, HeaderKey, MemoryCache, RateLimiter, Window
from frgov_clients.errors import FrgovError
from frgov_clients.transport.telemetry import (
    CacheHitEvent,
    CircuitEvent,
    Event,
    LimitWaitEvent,
    Observer,
    RequestEvent,
    RetryEvent,
    describe,
)
from scripted import EMPTY_SEARCH, Do, Scripted, answer
from support import COLOURS, PROBES, outcome, play

BANS = (BanClient, AsyncBanClient)
STREET = "rue-du-secret"
SECRET = "key-7f3a"

# ---- events --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_each_request_and_each_retry_is_told(colour: str) -> None:
    told: list[Event] = []

    async def scenario(ban: Any) -> None:
        await ban.search(STREET, limit=3, postcode="75002")

    with Scripted(answer(503, STREET.encode()), (Do.RESET,), answer()) as server:
        options = {"base_url": server.url, "on_event": told.append, "auth": HeaderKey("api-key", SECRET)}
        play(colour, BANS, scenario, **options)
    requests = [event for event in told if isinstance(event, RequestEvent)]
    retries = [event for event in told if isinstance(event, RetryEvent)]
    assert len(told) == len(requests) + len(retries) == 5
    assert {event.operation for event in told if not isinstance(event, CircuitEvent)} == {"ban.search"}
    assert [(event.attempt, event.status, event.error) for event in requests] == [
        (1, 503, "HTTP 503"),
        (2, None, "ConnectionLost"),
        (3, 200, None),
    ]
    assert [(event.attempt, event.error) for event in retries] == [(1, "HTTP 503"), (2, "ConnectionLost")]
    for event in requests:
        assert event.method == "GET"
        assert event.url.startswith(f"{server.url}/search?q=…&limit=3&")
        assert 0 <= event.elapsed < 5
    assert all(event.delay >= 0 for event in retries)
    for text in map(repr, told):
        assert STREET not in text and SECRET not in text and "75002" not in text


@pytest.mark.parametrize("colour", COLOURS)
def test_a_wait_for_the_quota_is_told(colour: str) -> None:
    told: list[Event] = []

    async def scenario(ban: Any) -> None:
        await ban.search(STREET)
        await ban.search(STREET)

    quota = RateLimiter([Window(limit=1, seconds=0.1)])
    with Scripted() as server:
        options: dict[str, Any] = {"base_url": server.url, "dialect": "geopf", "on_event": told.append}
        play(colour, BANS, scenario, limiters={"geocoding": quota}, **options)
    (wait,) = [event for event in told if isinstance(event, LimitWaitEvent)]
    assert (wait.operation, wait.quota) == ("ban.search", "geocoding")
    assert 0.01 < wait.waited < 1


@pytest.mark.parametrize("colour", COLOURS)
def test_an_answer_from_the_cache_is_told(colour: str) -> None:
    told: list[Event] = []

    async def scenario(ban: Any) -> None:
        await ban.search(STREET)
        await ban.search(STREET)

    with Scripted() as server:
        play(colour, BANS, scenario, base_url=server.url, cache=MemoryCache(), on_event=told.append)
    request, hit = told
    assert isinstance(request, RequestEvent)
    assert isinstance(hit, CacheHitEvent)
    assert (hit.operation, hit.stale) == ("ban.search", False) and 0 <= hit.age < 5


@pytest.mark.parametrize("colour", COLOURS)
def test_a_circuit_that_opens_and_closes_is_told(colour: str) -> None:
    told: list[Event] = []

    async def scenario(client: Any) -> None:
        for _ in range(2):
            with pytest.raises(FrgovError):
                await client.get()
        await asyncio_or_trio_sleep(colour, 0.06)
        await client.get()

    with Scripted(answer(500), answer(500), answer()) as server:
        circuit = CircuitOptions(window=2, minimum=2, failure_rate=1.0, cooldown=0.05)
        play(colour, PROBES, scenario, base_url=server.url, retries=0, circuit=circuit, on_event=told.append)
    changes = [event for event in told if isinstance(event, CircuitEvent)]
    assert [(event.before, event.after) for event in changes] == [
        ("closed", "open"),
        ("open", "half-open"),
        ("half-open", "closed"),
    ]
    assert {event.circuit for event in changes} == {f"probe.127.0.0.1:{server.port}"}


async def asyncio_or_trio_sleep(colour: str, seconds: float) -> None:
    if colour == "sync":
        threading.Event().wait(seconds)
    else:
        import anyio

        await anyio.sleep(seconds)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_hook_that_fails_breaks_nothing(colour: str, caplog: pytest.LogCaptureFixture) -> None:
    def hook(event: Event) -> None:
        raise ValueError("hook")

    with Scripted(answer(503), answer(body=b"yes")) as server:
        assert play(colour, PROBES, lambda client: client.get(), base_url=server.url, on_event=hook) == "yes"
    assert [record.getMessage() for record in caplog.records].count("the event hook failed") == 3


def test_nothing_is_told_when_nobody_listens() -> None:
    assert not Observer("probe").active
    assert Observer("probe", print).active


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            RequestEvent("a.b", "GET", "https://x?q=…", 1, 200, None, 0.0123),
            "a.b GET https://x?q=… -> 200 in 12 ms",
        ),
        (
            RequestEvent("a.b", "GET", "https://x", 2, None, "Refused", 1.0),
            "a.b GET https://x -> Refused in 1000 ms",
        ),
        (RetryEvent("a.b", 1, "HTTP 503", 0.25), "a.b retry 1 in 0.25 s after HTTP 503"),
        (LimitWaitEvent("a.b", "calls", 1.5), "a.b waited 1.50 s for quota calls"),
        (CacheHitEvent("a.b", 61.0, stale=True), "a.b from cache, 61 s old, stale"),
        (CacheHitEvent("a.b", 61.0, stale=False), "a.b from cache, 61 s old"),
        (CircuitEvent("a.host", "closed", "open"), "circuit a.host: closed -> open"),
    ],
)
def test_each_event_has_a_line(event: Event, line: str) -> None:
    assert describe(event) == line


# ---- logs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_the_log_holds_no_value_that_was_sent(colour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario(ban: Any) -> None:
        await ban.search(STREET)
        await ban.request("GET", f"/contacts/{STREET}", params={"name\nvalue": STREET}, json={"name": STREET})
        await ban.raw.search(STREET)
        with contextlib.suppress(FrgovError):
            await ban.with_options(retries=0).reverse(lon=2.5, lat=48.5)

    with Scripted(answer(503, STREET.encode()), answer(), answer(), answer(), answer(400, STREET.encode())) as server:
        options = {"base_url": server.url, "auth": HeaderKey("api-key", SECRET), "lookup_base_url": server.url}
        play(colour, BANS, scenario, **options)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("frgov_clients")]
    assert len(ours) == 6
    assert f"ban.request GET {server.url}/{{path}}?name%0Avalue=… -> 200" in ours[3]
    everything = "\n".join(record.getMessage() for record in caplog.records)
    assert not [value for value in (STREET, SECRET, "48.5") if value in everything]


def _run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRGOV_")}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, timeout=60, check=False)


PROGRAM = """
from frgov_clients import BanClient, CircuitOptions
with BanClient(base_url={url!r}, retries=1, circuit=CircuitOptions(window=2, minimum=2)) as ban:
    BanClient()  # a second client does not double the lines
    try:
        ban.search("rue-du-secret")
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize(("level", "expected"), [("debug", 4), ("INFO", 1), ("warning", 1), ("error", 0), ("", 0)])
def test_our_log_goes_to_stderr_only_when_asked(level: str, expected: int) -> None:
    with Scripted(answer(503)) as server:
        done = _run(PROGRAM.format(url=server.url), FRGOV_LOG=level)
    assert (done.returncode, done.stdout) == (0, "ServiceUnavailable\n")
    lines = done.stderr.splitlines()
    assert len(lines) == expected, done.stderr
    assert "rue-du-secret" not in done.stderr
    if expected:
        assert any(f"WARNING circuit ban.127.0.0.1:{server.port}: closed -> open" in line for line in lines)
    if level == "debug":
        assert f"frgov_clients.ban DEBUG ban.search GET {server.url}/search?q=…" in done.stderr


def test_a_wrong_level_is_told() -> None:
    done = _run("import frgov_clients; frgov_clients.BanClient()", FRGOV_LOG="loud")
    assert done.returncode == 1
    assert "FRGOV_LOG must be debug, info, warning or error" in done.stderr


def _echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=EMPTY_SEARCH)


def _mine(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "httpx"]


def test_the_line_of_httpx_is_silenced_for_us_alone_in_threads(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    transport = httpx.MockTransport(_echo)
    with httpx.Client(transport=transport) as own, BanClient(http_client=own, base_url="https://x.test") as ban:

        def work(number: int) -> None:
            own.get(f"https://mine.test/{number}")
            ban.search(STREET)
            own.get(f"https://mine.test/{number}")

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(work, range(24)))
    lines = _mine(caplog)
    assert len(lines) == 48
    assert all("https://mine.test/" in line for line in lines)


def test_the_line_of_httpx_is_silenced_for_us_alone_in_tasks(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.001)
        return _echo(request)

    async def story() -> None:
        transport = httpx.MockTransport(slow)
        async with httpx.AsyncClient(transport=transport) as own:
            ban = AsyncBanClient(http_client=own, base_url="https://x.test")
            await asyncio.gather(
                *(ban.search(STREET) for _ in range(20)), *(own.get(f"https://mine.test/{n}") for n in range(20))
            )

    asyncio.run(story())
    lines = _mine(caplog)
    assert len(lines) == 20
    assert all("https://mine.test/" in line for line in lines)


@pytest.mark.parametrize("colour", COLOURS)
def test_our_own_connections_leave_no_line_of_the_library(colour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Scripted(answer(302, Location=f"/?q={STREET}", Set_Cookie=SECRET)) as server:
        outcome(colour, BANS, lambda ban: ban.search(STREET), base_url=server.url)
        lines = [record.getMessage() for record in caplog.records if record.name.startswith(("httpx", "httpcore"))]
        assert {line.partition(".")[0] for line in lines} <= {"close"}  # which tells nothing
        httpx.get(server.url)
    assert "httpcore.http11" in {record.name for record in caplog.records}  # the user's own keeps its log


def test_opentelemetry_is_never_loaded_for_us() -> None:
    program = "import sys; from frgov_clients import BanClient; BanClient(base_url={url!r}).search('rue')\n"
    program += "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    with Scripted() as server:
        done = _run(program.format(url=server.url))
    assert (done.stdout, done.stderr) == ("[]\n", "")
