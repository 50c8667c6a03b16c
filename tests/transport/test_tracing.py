"""One span for each request that a call needs, when the application itself traces with OpenTelemetry."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from frgov_clients import AsyncBanClient, BanClient, HeaderKey, MemoryCache
from frgov_clients.transport.auth import PasswordLogin
from frgov_clients.transport.operation import Content
from scripted import EMPTY_SEARCH, Do, Scripted, answer
from support import COLOURS, PROBES, AsyncProbe, Probe, outcome, play

BANS = (BanClient, AsyncBanClient)
STREET = "rue-du-secret"
SECRET = "key-7f3a"


def _echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=EMPTY_SEARCH)


class Traces:
    """What the application's own OpenTelemetry would export."""

    def __init__(self) -> None:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("application")

    @property
    def spans(self) -> list[Any]:
        return [
            span for span in self.exporter.get_finished_spans() if span.instrumentation_scope.name == "frgov_clients"
        ]

    @property
    def text(self) -> str:
        return " ".join(span.to_json() for span in self.exporter.get_finished_spans())


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traces]:
    from opentelemetry import trace

    found = Traces()
    monkeypatch.setattr(trace, "get_tracer", found.provider.get_tracer)
    yield found
    assert not trace.get_current_span().get_span_context().is_valid  # nothing stays open
    found.provider.shutdown()


@pytest.mark.parametrize("view", ["plain", "raw"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_call_is_one_span_however_often_it_is_sent(traces: Traces, colour: str, view: str) -> None:
    async def scenario(ban: Any) -> None:
        await (ban.raw if view == "raw" else ban).search(STREET)

    with Scripted(answer(503, STREET.encode()), (Do.RESET,), answer(200, EMPTY_SEARCH)) as server:
        options = {"base_url": server.url, "auth": HeaderKey("api-key", SECRET)}
        play(colour, BANS, scenario, **options)
    (span,) = traces.spans
    assert (span.name, span.kind.name, span.status.status_code.name) == ("ban.search", "CLIENT", "UNSET")
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "url.template": "/search",
        "frgov.operation": "ban.search",
        "http.response.status_code": 200,
        "http.request.resend_count": 2,
    }
    assert STREET not in traces.text and SECRET not in traces.text


@pytest.mark.parametrize("colour", COLOURS)
def test_a_call_that_fails_is_a_span_in_error(traces: Traces, colour: str) -> None:
    with Scripted(answer(404, STREET.encode())) as server:
        outcome(colour, BANS, lambda ban: ban.search(STREET), base_url=server.url)
    outcome(colour, BANS, lambda ban: ban.search(STREET), base_url=server.url, retries=0)
    answered, unanswered = traces.spans
    assert answered.attributes["error.type"] == "NotFound"
    assert answered.attributes["http.response.status_code"] == 404
    assert unanswered.attributes["error.type"] == "ConnectionFailed"
    assert "http.response.status_code" not in unanswered.attributes
    for span in traces.spans:
        assert (span.status.status_code.name, span.events) == ("ERROR", ())
        assert "http.request.resend_count" not in span.attributes
    assert STREET not in traces.text


@pytest.mark.parametrize("colour", COLOURS)
def test_the_span_stands_below_the_one_that_was_open(traces: Traces, colour: str) -> None:
    async def scenario(client: Any) -> None:
        with traces.tracer.start_as_current_span("outer") as outer:
            await client.get()
            await client.list_numbers().all()
        assert {span.parent.span_id for span in traces.spans} == {outer.get_span_context().span_id}

    pages = (answer(body=b'{"items": [1], "next": 2}'), answer(body=b'{"items": [2]}'))
    with Scripted(answer(), *pages) as server:
        play(colour, PROBES, scenario, base_url=server.url)
    assert [span.name for span in traces.spans] == ["probe.get"] * 3  # one call, two pages


def test_tasks_keep_their_own_parents(traces: Traces) -> None:
    async def one(client: AsyncProbe, number: int) -> None:
        with traces.tracer.start_as_current_span(f"task {number}"):
            await client.get(str(number))

    async def story() -> None:
        async with AsyncProbe(base_url=server.url) as client:
            await asyncio.gather(*(one(client, number) for number in range(10)))

    with Scripted() as server:
        asyncio.run(story())
    parents = {span.parent.span_id for span in traces.spans}
    assert len(traces.spans) == len(parents) == 10


def test_what_the_http_library_traces_stands_below_ours(traces: Traces) -> None:
    from opentelemetry import trace

    seen: list[int] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(trace.get_current_span().get_span_context().span_id)
        return _echo(request)

    with httpx.Client(transport=httpx.MockTransport(handle)) as own, Probe(http_client=own) as client:
        client.get()
    assert seen == [traces.spans[0].context.span_id]


@pytest.mark.parametrize("colour", COLOURS)
def test_every_way_to_ask_is_traced(traces: Traces, colour: str) -> None:
    async def scenario(client: Any) -> None:
        await client.request("POST", f"/people/{STREET}", json={"name": STREET})
        await client.post(Content(STREET.encode()))
        stream = await client.download()
        async with stream:
            _ = [piece async for piece in stream]

    with Scripted() as server:
        play(colour, PROBES, scenario, base_url=server.url)
        play(colour, BANS, lambda ban: ban.check(), base_url=server.url)
    found = [(span.name, span.attributes["url.template"]) for span in traces.spans]
    assert found == [
        ("probe.request", "/{path}"),
        ("probe.post", "/thing"),
        ("probe.get", "/file"),
        ("ban.check", "/search"),
    ]
    assert {span.attributes["http.response.status_code"] for span in traces.spans} == {200}
    assert STREET not in traces.text


def test_the_request_for_a_token_is_not_a_resend(traces: Traces) -> None:
    token = answer(body=json.dumps({"access_token": SECRET}).encode())
    with Scripted(token, answer(), answer()) as server:
        login = PasswordLogin("somebody", SECRET, path="/login")
        with Probe(base_url=server.url, auth=login) as client:
            client.get()
            client.get()
    assert [span.name for span in traces.spans] == ["probe.get"] * 2
    assert all("http.request.resend_count" not in span.attributes for span in traces.spans)
    assert SECRET not in traces.text


def test_an_answer_from_the_cache_has_no_status_of_its_own(traces: Traces) -> None:
    with Scripted() as server, BanClient(base_url=server.url, cache=MemoryCache()) as ban:
        ban.search(STREET)
        ban.search(STREET)
    assert ["http.response.status_code" in span.attributes for span in traces.spans] == [True, False]


def test_a_cancelled_call_ends_its_span(traces: Traces) -> None:
    async def story() -> None:
        async with AsyncProbe(base_url=server.url) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.get()

    with Scripted((Do.HANG,)) as server:
        asyncio.run(story())
    (span,) = traces.spans
    assert span.status.status_code.name == "UNSET"
    assert "error.type" not in span.attributes
