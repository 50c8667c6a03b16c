"""No value of the caller is told: not in a text, a repr, a pickle, a traceback, a log at DEBUG."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import Any

import httpx
import pytest

from frgov_clients import BanClient, errors
from frgov_clients.transport.auth import HeaderKey
from frgov_clients.transport.effects import Request, Send
from frgov_clients.transport.masking import mask
from frgov_clients.transport.operation import Content, FilePart, Multipart, Operation
from frgov_clients.transport.retry import Retry
from scripted import Do, Scripted, Step, answer, dead_url
from support import COLOURS, PROBES, outcome, spec_of

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
KEY = "k-marker-0123456789"
MARKER = "Zyxomma 7 rue de l’Été"

SECRETS = ("Zyxomma", "k-marker", "l’Été", "%C3%89t%C3%A9", "\\u00c9t", "passe-marker", "corps-marker", "&#x27")


def echo(request: str) -> str:
    """What a service says that repeats the question in all spellings."""
    from html import escape
    from json import dumps
    from urllib.parse import quote, quote_plus

    return " | ".join((request, quote(request), quote_plus(request), escape(request), dumps(request)[1:-1]))


LEAKS: dict[str, Step] = {
    "error body": answer(400, f'{{"message": "{echo(MARKER)}", "detail": ["{MARKER}"]}}'.encode()),
    "error page": answer(404, f"<html><title>{echo(MARKER)}</title>{MARKER}</html>".encode(), Content_Type="text/html"),
    "redirect": answer(302, b"", Location="https://elsewhere.test/?q=Zyxomma"),
    "wrong shape": answer(200, f'{{"features": "{MARKER}"}}'.encode()),
    "html": answer(200, f"<html>{MARKER}</html>".encode(), Content_Type="text/html"),
    "cut": (HEAD + b"Content-Length: 900\r\n\r\n" + MARKER.encode(), Do.CLOSE),
    "lost": (Do.CLOSE,),
    "reset": (Do.RESET,),
    "late": (Do.HANG,),
    "not http": (f"{MARKER}\r\n\r\n".encode(), Do.CLOSE),
    "down": answer(503, f"{MARKER}".encode(), Retry_After="900"),
}


def strictly(reply: Any, operation: Any) -> Any:
    from frgov_clients.ban.models import SearchResult
    from frgov_clients.transport.answers import json_model

    return json_model(lambda: SearchResult)(reply, operation)


def everything_said(error: BaseException) -> str:
    """Texts, reprs, notes, attributes and pickles of an error and of all that hangs on it."""
    said: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        said += [str(seen), repr(seen), repr(vars(seen)), repr(pickle.dumps(vars(seen)))]
        said += ["".join(traceback.format_exception(seen)), *getattr(seen, "__notes__", ())]
        seen = seen.__cause__
    return "\n".join(line for text in said for line in text.splitlines() if not line.startswith("    "))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("fault", [*LEAKS, "refused"])
def test_no_value_of_the_caller_is_told(fault: str, colour: str, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("httpx", "httpcore", "frgov_clients", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    events: list[Any] = []
    options: dict[str, Any] = {
        "auth": HeaderKey("api-key", KEY),
        "timeout": 0.2,
        "retries": Retry(attempts=2, wait=lambda state: 0.0),
        "on_event": events.append,
    }

    async def ask(client: Any) -> Any:
        json_body = Content(b'{"nom": "corps-marker"}')
        form = Multipart((("passe", "passe-marker"),), (FilePart("f", "corps-marker.csv", b"corps-marker"),))
        for body in (None, json_body, form):
            operation = Operation(
                spec_of("PUT", "/thing", decode=strictly),
                params=(("q", MARKER),),
                path="/thing/Zyxomma%20%27",
                headers=(("X-Passe", "passe-marker"),),
                body=body,
            )
            with pytest.raises(errors.FrgovError) as error:
                await client.send(operation)
            said.append(everything_said(error.value))
            said.append(repr(operation) + repr(client.inner if hasattr(client, "inner") else client))

    said: list[str] = []
    with Scripted(LEAKS.get(fault, answer())) as server:
        url = dead_url() if fault == "refused" else server.url
        result = outcome(colour, PROBES, ask, base_url=url, **options)
        assert result is None, repr(result)
    assert len(said) == 6
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "frgov_clients" in {record.name.partition(".")[0] for record in caplog.records}
    for secret in SECRETS:
        assert secret not in "\n".join(said)
        assert secret not in repr(events)
        assert secret not in logged


@pytest.mark.parametrize(
    "operation",
    [
        Operation(spec_of(), params=(("q", "Zyxomma"),)),
        Operation(spec_of(path="/contacts"), path="/contacts/Zyxomma"),
        Operation(spec_of("POST"), body=Content(b'{"to": [{"name": "Zyxomma"}], "n": 1}')),
        Operation(spec_of("POST"), body=Content(b"name=Zyxomma&n=1", "application/x-www-form-urlencoded")),
        Operation(spec_of("POST"), body=Multipart((("name", "Zyxomma"),))),
    ],
)
def test_the_service_may_repeat_what_was_sent_and_the_error_does_not(operation: Operation[Any]) -> None:
    assert mask("unknown: Zyxomma, see /contacts", operation) == "unknown: …, see /contacts"


def test_public_parameters_are_told() -> None:
    operation = Operation(spec_of(public_params=frozenset({"limit"})), params=(("limit", "1000"), ("q", "1000 rue")))
    assert mask("limit 1000 is too much for 1000 rue", operation) == "limit 1000 is too much for …"


def test_a_word_of_what_was_asked_is_masked_however_it_is_written() -> None:
    operation = Operation(spec_of(), params=(("q", "4 RUE ZYXOMMA 90000 BELFORT"), ("limit", "10")))
    said = "unknown token zyxomma near Belfort (code 17)"
    assert mask(said, operation) == "unknown token … near … (code 17)"


def test_a_request_does_not_show_what_it_carries() -> None:
    request = Request(
        "GET", "https://x.test/a?q=marker-q", (("Authorization", "Bearer marker-key"),), None, "https://x.test"
    )
    shown = repr(Send(request, 1.0, 1.0, 10))
    assert "https://x.test" in shown
    assert "marker" not in shown


CELLS = b"nom;adresse\nMarie Zyxomma;12 rue Quuxbar\n"


@pytest.mark.parametrize("kind", ["json", "html", "text"])
@pytest.mark.parametrize("size", [0, 2_000_000])
def test_a_refusal_that_repeats_a_file_does_not_tell_its_cells(kind: str, size: int) -> None:
    said = {
        "json": b'{"code": 400, "message": "cannot read Marie Zyxomma", "detail": ["12 rue Quuxbar"]}',
        "html": b"<html><title>blocked</title>Marie Zyxomma;12 rue Quuxbar</html>",
        "text": b"blocked: Marie Zyxomma;12 rue Quuxbar",
    }[kind]
    transport = httpx.MockTransport(lambda _: httpx.Response(400, content=said))
    ban = BanClient(http_client=httpx.Client(transport=transport), retries=0, limiters={"geocoding": None})
    with ban, pytest.raises(errors.BadRequest) as caught:
        ban.search_csv(CELLS + (b"xxx;" + b"y" * 96 + b"\n") * (size // 101), columns=["adresse"], strict=False)
    told = f"{caught.value!s}{caught.value!r}{vars(caught.value)}{pickle.dumps(caught.value)!r}"
    assert caught.value.status == 400
    for cell in ("Zyxomma", "Quuxbar", "Marie"):
        assert cell not in told
    if kind == "json" and not size:
        assert caught.value.service_message == "cannot read … …"


def test_headers_that_repeat_the_question_do_not_tell_it() -> None:
    headers = {"content-type": "text/zyxomma; q=Zyxomma Quuxbar", "x-request-id": "for-Zyxomma"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"Zyxomma", headers=headers))
    ban = BanClient(http_client=httpx.Client(transport=transport), retries=0, limiters={"geocoding": None})
    with ban, pytest.raises(errors.UnexpectedContent) as caught:
        ban.search("Zyxomma")
    assert "Zyxomma" not in f"{caught.value!s}{vars(caught.value)}"
