"""What goes up: bodies are made anew for each attempt and closed after it; what can not be sent is refused."""

from __future__ import annotations

import io
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from frgov_clients.errors import InvalidRequest
from frgov_clients.transport.operation import Content, FilePart, Multipart, Operation, Streamed
from scripted import DOWN, FINE, Do, Scripted, answer
from support import AT_ONCE, COLOURS, PROBES, PUT, at_rest, outcome, play, spec_of


@pytest.mark.parametrize("colour", COLOURS)
def test_a_streamed_body_is_made_anew_for_each_attempt(colour: str) -> None:
    made: list[int] = []

    def chunks() -> Iterator[bytes]:
        made.append(1)
        yield from (b"one ", b"", b"two ", b"three")

    async def scenario(client: Any) -> Any:
        await client.put(Streamed(chunks, "text/csv"))
        return await client.put(Streamed(chunks, length=13))

    with Scripted(DOWN, (Do.CLOSE,), FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url, retries=AT_ONCE) == "fine"
        assert [request.body for request in server.requests] == [b"one two three"] * 4
        assert len(made) == 4
        assert server.requests[0].headers["content-type"] == "text/csv"
        assert server.requests[0].headers["transfer-encoding"] == "chunked"
        assert server.requests[3].headers["content-length"] == "13"
        assert "transfer-encoding" not in server.requests[3].headers


@pytest.mark.parametrize("colour", COLOURS)
def test_a_body_that_can_not_be_read_is_the_callers_error(colour: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one"
        raise FileNotFoundError("gone")

    async def scenario(client: Any) -> Any:
        with pytest.raises(FileNotFoundError):
            await client.put(Streamed(chunks))
        assert await client.get() == "fine"
        return at_rest(client)

    with Scripted(FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url)


def form(request: Any) -> list[tuple[str, str | None, str | None, bytes]]:
    """The parts of a form: name, file name, type, content."""
    from email.parser import BytesParser
    from email.policy import HTTP

    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get("content-type"),
            part.get_payload(decode=True),  # type: ignore[misc]
        )
        for part in message.iter_parts()
    ]


@pytest.mark.parametrize("colour", COLOURS)
def test_the_files_of_a_form_are_opened_anew_and_closed(colour: str) -> None:
    opened: list[io.BytesIO] = []

    def source() -> io.BytesIO:
        opened.append(io.BytesIO(b"a,b\r\n"))
        return opened[-1]

    fields = (("columns", "a"), ("indexes", "x"), ("columns", "b"), ("nom", "Été"))
    body = Multipart(fields, (FilePart("data", "d.csv", source, "text/csv"), FilePart("more", "m.bin", b"\0\xff")))

    async def scenario(client: Any) -> Any:
        return await client.put(body)

    with Scripted((Do.CLOSE,), DOWN, FINE) as server:
        assert play(colour, PROBES, scenario, base_url=server.url, retries=AT_ONCE) == "fine"
        assert len(opened) == 4  # once for each attempt, and once to mask it in what the 503 says
        assert all(file.closed for file in opened)
        for request in server.requests:
            assert form(request) == [
                ("columns", None, None, b"a"),
                ("indexes", None, None, b"x"),
                ("columns", None, None, b"b"),
                ("nom", None, None, "Été".encode()),
                ("data", "d.csv", "text/csv", b"a,b\r\n"),
                ("more", "m.bin", "application/octet-stream", b"\0\xff"),
            ]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_form_without_files_is_still_that_kind_of_form(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.put(Multipart((("a", "1"),)))

    with Scripted(FINE) as server:
        play(colour, PROBES, scenario, base_url=server.url)
        assert server.requests[0].headers["content-type"].startswith("multipart/form-data")
        assert form(server.requests[0]) == [("a", None, None, b"1")]


@pytest.mark.parametrize("colour", COLOURS)
def test_files_that_were_opened_are_closed_when_another_can_not_be(colour: str) -> None:
    first = io.BytesIO(b"x")

    def gone() -> Any:
        raise FileNotFoundError("gone")

    async def scenario(client: Any) -> Any:
        await client.put(Multipart((), (FilePart("a", "a", lambda: first), FilePart("b", "b", gone))))

    with Scripted(FINE) as server:
        assert isinstance(outcome(colour, PROBES, scenario, base_url=server.url), FileNotFoundError)
        assert first.closed
        assert server.requests == []


@pytest.mark.parametrize("colour", COLOURS)
def test_an_early_refusal_of_a_large_body_is_read(colour: str) -> None:
    """The service may say 413 before it has everything, and hang up."""

    async def scenario(client: Any) -> Any:
        return await client.send(Operation(PUT, body=Content(b"x" * 100_000, "text/plain")))

    with Scripted(answer(413, b"")) as server:
        error = outcome(colour, PROBES, scenario, base_url=server.url)
        assert "HTTP 413" in str(error)
        assert server.requests[0].headers["content-type"] == "text/plain"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("value", ["clé-secrète", "a\r\nX-Evil: 1", "a\x00b"])
def test_a_header_that_can_not_be_sent_is_refused_without_showing_it(value: str, colour: str) -> None:
    async def send(client: Any) -> Any:
        return await client.send(Operation(spec_of(), headers=(("X-Key", value),)))

    with Scripted() as server:
        error = outcome(colour, PROBES, send, base_url=server.url)
        assert type(error) is InvalidRequest
        assert value not in "".join(traceback.format_exception(error))
        assert server.requests == []


@pytest.mark.parametrize("colour", COLOURS)
def test_a_body_may_come_from_an_async_iterable(colour: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in (b"one ", b"two ", b"three"):
            yield piece

    async def scenario(client: Any) -> Any:
        await client.put(Streamed(chunks))
        return await client.put(Streamed(chunks, length=13))

    with Scripted(DOWN, FINE) as server:
        found = outcome(colour, PROBES, scenario, base_url=server.url, retries=AT_ONCE)
        if colour == "sync":
            assert isinstance(found, InvalidRequest)
            assert "async client" in str(found)
            assert server.requests == []
        else:
            assert found == "fine"
            assert [request.body for request in server.requests] == [b"one two three"] * 3
