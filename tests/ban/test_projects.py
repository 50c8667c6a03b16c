"""The requests of the asynchronous projects, in every colour, against the fake geocoder that is held to recordings."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest
from project_parts import CSV, LABEL, PAIR, ask, known, ready

from frgov_clients import BanClient
from frgov_clients.errors import (
    AuthenticationError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    ConnectionLost,
    FrgovError,
    NotFound,
    UnexpectedContent,
)
from frgov_clients.testing.geopf import FakeGeopf, Fault
from scripted import dead_url
from support import COLOURS, outcome


@pytest.mark.parametrize("colour", COLOURS)
def test_the_whole_life_of_a_project(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        project = await ready(client)
        states = [(await client.start_project(project.id, project.token)).status]
        while states[-1] != "completed":
            found = await client.project(project.id, project.token)
            states.append(found.status)
        pieces = []
        async with client.download_project_output(project.id, found.output_file.token) as stream:
            async for piece in stream:
                pieces.append(piece)  # noqa: PERF401 - async
        reset = await client.reset_project(project.id, project.token)
        gone = await client.delete_project(project.id, project.token)
        again = await client.delete_project(project.id, project.token)
        return project, states, b"".join(pieces).decode(), reset, (gone, again)

    async def blocking(client: Any) -> Any:
        project = await ready(client)
        states = [(await client.start_project(project.id, project.token)).status]
        while states[-1] != "completed":
            found = await client.project(project.id, project.token)
            states.append(found.status)
        with client.inner.download_project_output(project.id, found.output_file.token) as stream:
            text = b"".join(stream).decode()
        reset = await client.reset_project(project.id, project.token)
        gone = await client.delete_project(project.id, project.token)
        again = await client.delete_project(project.id, project.token)
        return project, states, text, reset, (gone, again)

    with FakeGeopf(answer=known, polls=2) as fake:
        project, states, text, reset, gone = ask(colour, fake, blocking if colour == "sync" else scenario)
        assert states == ["waiting", "processing", "processing", "completed"]
        rows = [line.split(",") for line in text.splitlines()]
        assert rows[0][:3] == ["k", "q", "c"]
        assert [row[-1] for row in rows[1:]] == ["ok", "not-found"]
        assert LABEL in rows[1]
        assert (reset.status, reset.output_file, gone) == ("idle", None, (None, None))
        assert len(fake.projects) == 0
        posted = next(each for each in fake.requests if each.path.endswith("/pipeline"))
        assert json.loads(posted.body) == {
            "geocodeOptions": {"columns": ["q"], "citycode": "c", "operation": "search"},
            "outputFormat": "csv",
        }
        sent = next(each for each in fake.requests if each.path.endswith("/input-file"))
        assert sent.body == CSV
        assert sent.headers["content-disposition"] == 'attachment; filename="data.csv"'
        assert sent.headers["content-type"] == "application/octet-stream"
        assert sent.headers["content-length"] == str(len(CSV))
        assert {each.headers.get("authorization") for each in fake.requests[1:7]} == {f"Token {project.token}"}
        downloads = [each for each in fake.requests if "/output-file/" in each.path]
        assert [each.headers.get("authorization") for each in downloads] == [None]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("action", "state"), [("start", "completed"), ("abort", "idle"), ("reset", "idle")])
def test_what_the_state_forbids_is_a_conflict(colour: str, action: str, state: str) -> None:
    async def scenario(client: Any) -> Any:
        project = await ready(client)
        if state == "completed":
            await client.start_project(project.id, project.token)
            await client.project(project.id, project.token)
        return await getattr(client, f"{action}_project")(project.id, project.token)

    with FakeGeopf(answer=known, polls=0) as fake:
        error = ask(colour, fake, scenario)
        assert type(error) is Conflict
        assert f"Actual status: {state}" in error.service_message
        assert fake.count(f"/async/projects/{fake.projects.all()[0].id}/{action}") == 1 + (action == "start")


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "fault", [Fault(lost=True), Fault(close=True), Fault(status=503), Fault(html=True), Fault(lost=True, times=2)]
)
def test_a_lost_answer_to_a_start_is_cleared_up_by_the_state(colour: str, fault: Fault) -> None:
    async def scenario(client: Any) -> Any:
        project = await ready(client)
        return await client.start_project(project.id, project.token)

    with FakeGeopf(answer=known, polls=5) as fake:
        rule = Fault(lost=fault.lost, close=fault.close, status=fault.status, html=fault.html, times=fault.times)
        rule.when = lambda request: request.path.endswith("/start")
        fake.faults.append(rule)
        found = ask(colour, fake, scenario)
        assert found.status in {"waiting", "processing"}
        ran = fake.count("/async") and [each for each in fake.requests if each.path.endswith("/start")]
        assert len(ran) == (1 if fault.lost else 2)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_start_that_is_lost_again_and_again_is_an_error(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        project = await ready(client)
        return await client.start_project(project.id, project.token)

    with FakeGeopf(answer=known) as fake:
        fake.faults.append(Fault(close=True, times=None, when=lambda request: request.path.endswith("/start")))
        error = ask(colour, fake, scenario)
        assert isinstance(error, ConnectionLost)
        assert error.operation == "ban.start_project"
        assert fake.projects.all()[0].status == "idle"


@pytest.mark.parametrize("colour", COLOURS)
def test_abort_and_reset_survive_a_lost_answer(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        project = await ready(client)
        await client.start_project(project.id, project.token)
        aborted = await client.abort_project(project.id, project.token)
        await client.start_project(project.id, project.token)
        for _ in range(2):
            await client.project(project.id, project.token)
        return aborted.status, (await client.reset_project(project.id, project.token)).status

    with FakeGeopf(answer=known, polls=1) as fake:
        fake.faults.append(Fault(lost=True, when=lambda request: request.path.endswith("/abort")))
        fake.faults.append(Fault(lost=True, when=lambda request: request.path.endswith("/reset")))
        assert ask(colour, fake, scenario) == ("idle", "idle")


@pytest.mark.parametrize("colour", COLOURS)
def test_start_without_a_file_is_a_conflict(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        project = await client.create_project()
        return await client.start_project(project.id, project.token)

    with FakeGeopf(answer=known) as fake:
        error = ask(colour, fake, scenario)
        assert type(error) is Conflict
        assert error.service_message == "No input file defined"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("project", "token", "kind"), [("nope", "t", NotFound), ("known", "wrong", AuthenticationError)]
)
def test_an_unknown_project_and_a_wrong_token(colour: str, project: str, token: str, kind: type[FrgovError]) -> None:
    async def scenario(client: Any) -> Any:
        made = await client.create_project()
        return await client.project(made.id if project == "known" else project, token)

    with FakeGeopf(answer=known) as fake:
        error = ask(colour, fake, scenario)
        assert type(error) is kind
        assert fake.count("/async", "GET") == 1  # neither is tried again


@pytest.mark.parametrize("colour", COLOURS)
def test_a_project_that_is_not_there_counts_as_deleted_but_a_page_does_not(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        assert await client.delete_project("nothing", "here") is None
        return await client.delete_project("nothing", "here")

    with FakeGeopf(answer=known) as fake:
        fake.faults.append(Fault(method="DELETE", skip=1, status=404, html=True))
        assert type(ask(colour, fake, scenario)) is NotFound
        fake.faults.append(Fault(method="DELETE", html=True))
        assert type(ask(colour, fake, lambda client: client.delete_project("a", "b"), retries=0)) is UnexpectedContent


@pytest.mark.parametrize("colour", COLOURS)
def test_a_running_project_is_not_deleted(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        project = await ready(client)
        await client.start_project(project.id, project.token)
        return await client.delete_project(project.id, project.token)

    with FakeGeopf(answer=known, polls=9) as fake:
        assert type(ask(colour, fake, scenario)) is Conflict
        assert len(fake.projects) == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_an_upload_is_repeated_whole_and_too_large_a_file_is_refused(colour: str, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(CSV)

    async def scenario(client: Any) -> Any:
        project = await client.create_project()
        for source in (path, str(path), lambda: io.BytesIO(CSV), CSV):
            found = await client.upload_project_file(project.id, project.token, source)
            assert found.input_file.size == len(CSV)
        big = b"q\n" + b"x" * (51 * 1024 * 1024)
        return await client.upload_project_file(project.id, project.token, lambda: io.BytesIO(big))

    with FakeGeopf(answer=known) as fake:
        fake.faults.append(Fault(method="PUT", status=503))
        fake.faults.append(Fault(method="PUT", close=True))
        error = ask(colour, fake, scenario)
        assert type(error) is BadRequest
        assert error.service_message == "File too large. Maximum allowed: 50MB"
        assert [each.body for each in fake.requests if each.method == "PUT"][:6] == [CSV] * 6
        assert "names" not in str([dict(each.headers) for each in fake.requests])


def test_a_large_file_never_lies_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        for _ in range(40):
            file.write(b"x" * 1024 * 1024)
    received: list[int] = []

    def swallow(request: httpx.Request) -> httpx.Response:
        received.append(sum(len(piece) for piece in request.stream))  # type: ignore[union-attr]
        return httpx.Response(200, json={"id": "p", "status": "idle"})

    class Swallow(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return swallow(request)

    with BanClient(http_client=httpx.Client(transport=Swallow()), dialect="geopf") as ban:
        ban.upload_project_file("p", "t", b"warm up")
        tracemalloc.start()
        ban.upload_project_file("p", "t", path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert received[1] == 40 * 1024 * 1024
    assert peak < 3 * 1024 * 1024


class Pipe(io.BytesIO):
    """A source whose length is not known."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("colour", COLOURS)
def test_a_source_of_unknown_length_is_sent_in_chunks(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        project = await client.create_project()
        return await client.upload_project_file(project.id, project.token, lambda: Pipe(CSV), filename="a_b-1.csv")

    with FakeGeopf(answer=known) as fake:
        found = ask(colour, fake, scenario)
        assert (found.input_file.name, found.input_file.size) == ("a_b-1.csv", len(CSV))
        assert fake.requests[-1].headers["transfer-encoding"] == "chunked"
        assert fake.projects.all()[0].input.content == CSV  # type: ignore[union-attr]


@pytest.mark.parametrize("colour", COLOURS)
def test_an_action_that_was_never_sent_is_not_looked_up(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.start_project("p", "t")

    error = outcome(colour, PAIR, scenario, base_url=dead_url(), dialect="geopf", retries=0)
    assert type(error) is ConnectionFailed
    assert error.operation == "ban.start_project"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_delete_that_is_not_answered_as_promised_is_not_believed(colour: str) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={}))
    own = httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)
    error = outcome(
        colour, PAIR, lambda client: client.delete_project("p", "t"), dialect="geopf", http_client=own, retries=0
    )
    assert type(error) is UnexpectedContent
