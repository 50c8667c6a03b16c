"""The network, the server or the proxy fails: each way has its typed error, in every colour, and leaks nothing."""

from __future__ import annotations

import gzip
import pickle
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from frgov_clients import errors
from frgov_clients.ban.client import AsyncBanClient, BanClient
from frgov_clients.transport.auth import HeaderKey
from scripted import EMPTY_SEARCH, Do, Scripted, Step, answer, chunked, dead_url
from support import COLOURS, PROBES, outcome, play

pytestmark = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # trio says so of httpx's own

BANS = (BanClient, AsyncBanClient)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HALF = EMPTY_SEARCH[:20]
MARKER = "Zyxomma 7 rue de l’Été"
KEY = "k-marker-0123456789"


async def search(ban: Any) -> Any:
    return await ban.search(MARKER)


def fails(colour: str, *steps: Step, scenario: Any = search, **options: Any) -> Any:
    with Scripted(*steps) as server:
        options = {"retries": 0, "timeout": 5.0, **options}
        return outcome(colour, BANS, scenario, base_url=server.url, **options)


def drip(data: bytes, seconds: float) -> list[Any]:
    return [part for byte in data for part in (bytes([byte]), seconds)]


def zipped(data: bytes, **headers: str) -> Step:
    return answer(200, data, Content_Encoding="gzip", **headers)


# ---- every fault has its error -----------------------------------------------------------------------------

FAULTS: dict[str, tuple[Step, type[errors.FrgovError], str]] = {
    "html instead of json": (
        answer(200, b"<!doctype html><title>Maintenance</title>", Content_Type="text/html"),
        errors.UnexpectedContent,
        "HTML instead of JSON: a proxy, a maintenance page or a wrong `base_url`",
    ),
    "plain text": (answer(200, b"Bonjour"), errors.UnexpectedContent, "instead of JSON"),
    "empty body": (answer(200, b""), errors.UnexpectedContent, "empty body"),
    "blank body": (answer(200, b" \r\n"), errors.UnexpectedContent, "empty body"),
    "204": (answer(204, b""), errors.UnexpectedContent, "HTTP 204 with an empty body"),
    "length too long": ((HEAD + b"Content-Length: 900\r\n\r\n" + EMPTY_SEARCH, Do.CLOSE), errors.TruncatedResponse, ""),
    "length too short": (
        (HEAD + b"Content-Length: 20\r\n\r\n" + EMPTY_SEARCH, Do.CLOSE),
        errors.TruncatedResponse,
        "ends before its end",
    ),
    "chunks cut": ((*chunked(EMPTY_SEARCH, end=b""), Do.CLOSE), errors.TruncatedResponse, "middle of the answer"),
    "chunk cut": ((*chunked(end=b"ff\r\n{"), Do.CLOSE), errors.TruncatedResponse, "middle of the answer"),
    "wrong chunk": (chunked(EMPTY_SEARCH, end=b"what\r\n"), errors.TruncatedResponse, ""),
    "cut without a length": ((HEAD + b"\r\n" + HALF, Do.CLOSE), errors.TruncatedResponse, "JSON ends before its end"),
    "closed before the answer": ((Do.CLOSE,), errors.ConnectionLost, "before the answer"),
    "reset before the answer": ((Do.RESET,), errors.ConnectionLost, "before the answer"),
    "closed in the headers": ((HEAD, Do.CLOSE), errors.ConnectionLost, "before the answer"),
    "reset in the body": (
        (HEAD + b"Content-Length: 900\r\n\r\n", 0.05, Do.RESET),
        errors.TruncatedResponse,
        "middle of the answer",
    ),
    "not http": ((b"220 mail.example.test ESMTP\r\n\r\n", Do.CLOSE), errors.UnexpectedContent, "not HTTP"),
    "a header without end": ((HEAD + b"X-A: " + b"a" * 300_000, Do.CLOSE), errors.UnexpectedContent, "far too long"),
    "headers without end": (
        (HEAD + b"".join(b"X-%d: b\r\n" % n for n in range(20_000)), Do.CLOSE),
        errors.UnexpectedContent,
        "far too long",
    ),
    "a zero in a header": ((HEAD + b"X: \x00\r\nContent-Length: 0\r\n\r\n",), errors.UnexpectedContent, "broken"),
    "two lengths": (
        (HEAD + b"Content-Length: 45\r\nContent-Length: 4\r\n\r\n" + EMPTY_SEARCH,),
        errors.UnexpectedContent,
        "broken",
    ),
    "101": ((b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",), errors.UnexpectedContent, ""),
    "304": (answer(304, b""), errors.UnexpectedRedirect, "HTTP 304"),
    "302": (answer(302, b"", Location="https://elsewhere.test/x?q=1#f"), errors.UnexpectedRedirect, "not followed"),
    "999": (answer(999, b""), errors.ServerError, "HTTP 999"),
    "not gzip": (zipped(b"{}"), errors.UnexpectedContent, "does not unpack"),
    "gzip cut": (zipped(gzip.compress(EMPTY_SEARCH)[:-12]), errors.TruncatedResponse, "ends before its end"),
    "gzip without its sum": (zipped(gzip.compress(EMPTY_SEARCH)[:-8]), errors.TruncatedResponse, "ends before its end"),
    "gzip with a wrong sum": (
        zipped(gzip.compress(EMPTY_SEARCH)[:-8] + b"\0" * 8),
        errors.UnexpectedContent,
        "does not unpack",
    ),
    "a coding nobody asked for": (
        answer(200, EMPTY_SEARCH, Content_Encoding="br"),
        errors.UnexpectedContent,
        "not asked for",
    ),
    "zipped twice": (
        answer(200, gzip.compress(gzip.compress(EMPTY_SEARCH)), Content_Encoding="gzip, gzip"),
        errors.UnexpectedContent,
        "not asked for",
    ),
    "not utf-8": (
        answer(200, b'{"type": "FeatureCollection", "features": [], "a": "\xe9"}'),
        errors.InvalidResponse,
        "",
    ),
    "another shape": (answer(200, b'{"features": 1}'), errors.InvalidResponse, "features"),
    "nested too deep": (answer(200, b"[" * 100_000), errors.InvalidResponse, ""),
    "400": (
        answer(400, b'{"code": 400, "message": "non", "detail": ["q trop court"]}'),
        errors.BadRequest,
        "q trop court",
    ),
    "401": (answer(401, b""), errors.AuthenticationError, "check the credentials"),
    "403": (answer(403, b""), errors.PermissionDenied, ""),
    "404": (answer(404, b""), errors.NotFound, "base_url"),
    "413": (answer(413, b""), errors.PayloadTooLarge, "send less"),
    "429": (answer(429, b""), errors.TooManyRequests, "retry_after"),
    "500": (answer(500, b"<html><title>Oups</title></html>"), errors.ServerError, "an HTML page (Oups)"),
    "503": (answer(503, b""), errors.ServiceUnavailable, "try again later"),
}


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_error(fault: str, colour: str) -> None:
    step, kind, words = FAULTS[fault]
    error = fails(colour, step)
    assert type(error) is kind, repr(error)
    assert words in str(error)
    assert (error.service, error.operation) == ("ban", "ban.search")
    assert [each.number for each in error.attempts] == [1]
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


FINE: dict[str, Step] = {
    "as promised": answer(),
    "after early hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer()[0],),
    "in chunks": chunked(HALF, EMPTY_SEARCH[20:]),
    "until the end of the connection": (HEAD + b"\r\n" + EMPTY_SEARCH, Do.CLOSE),
    "odd bytes in a header": (HEAD + b"X-Odd: \xff\xfe\xe9\r\nContent-Length: 45\r\n\r\n" + EMPTY_SEARCH,),
    "gzip": zipped(gzip.compress(EMPTY_SEARCH)),
    "gzip in capitals": answer(200, gzip.compress(EMPTY_SEARCH), Content_Encoding="GZIP"),
    "gzip in two files": zipped(gzip.compress(HALF) + gzip.compress(EMPTY_SEARCH[20:])),
    "gzip with padding": zipped(gzip.compress(EMPTY_SEARCH) + b"\0" * 64),
    "deflate": answer(200, zlib.compress(EMPTY_SEARCH), Content_Encoding="deflate"),
    "bare deflate": answer(200, zlib.compress(EMPTY_SEARCH)[2:-4], Content_Encoding="deflate"),
    "identity": answer(200, EMPTY_SEARCH, Content_Encoding="identity"),
    "byte by byte": (answer()[0][:-5], *drip(answer()[0][-5:], 0.01)),
    "gzip byte by byte": (
        zipped(gzip.compress(EMPTY_SEARCH))[0][:-30],
        *drip(gzip.compress(EMPTY_SEARCH)[-30:], 0.001),
    ),
}


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("way", FINE)
def test_odd_and_right_answers_are_read(way: str, colour: str) -> None:
    assert fails(colour, FINE[way]).features == []


@pytest.mark.parametrize("colour", COLOURS)
def test_an_empty_result_is_only_the_complete_empty_answer(colour: str) -> None:
    """Promise 1: cut anywhere, in any way of framing, the empty answer is never read."""
    whole = b"".join(answer())
    body = len(EMPTY_SEARCH)
    with Scripted(*((whole[: len(whole) - cut], Do.CLOSE) for cut in range(1, body + 1))) as server:

        async def all_cuts(ban: Any) -> None:
            for _ in range(body):
                with pytest.raises(errors.TruncatedResponse):
                    await search(ban)

        play(colour, BANS, all_cuts, base_url=server.url, retries=0, circuit=None)
        assert len(server.requests) == body


@pytest.mark.parametrize("colour", COLOURS)
def test_a_success_that_hides_an_error(colour: str) -> None:
    async def complete(ban: Any) -> Any:
        return await ban.completion("mairie")

    step = answer(200, b'{"status": "Error", "error": "service indisponible"}')
    error = fails(colour, step, scenario=complete, dialect="geopf", limiters={"completion": None})
    assert type(error) is errors.ApiError
    assert (error.status, error.retryable, error.operation) == (200, True, "ban.completion")
    assert "service indisponible" in str(error)


@pytest.mark.parametrize("colour", COLOURS)
def test_the_request_id_is_kept(colour: str) -> None:
    for step in (answer(500, b"", X_Request_Id="r-77"), answer(200, b"<html>", X_Request_Id="r-77")):
        assert fails(colour, step).request_id == "r-77"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_client_of_ones_own_may_read_the_answer_before_us(colour: str) -> None:
    no_keepalive = httpx.Limits(max_keepalive_connections=0)

    def own() -> Any:
        if colour == "sync":
            return httpx.Client(limits=no_keepalive, event_hooks={"response": [httpx.Response.read]})
        return httpx.AsyncClient(limits=no_keepalive, event_hooks={"response": [httpx.Response.aread]})

    assert fails(colour, zipped(gzip.compress(EMPTY_SEARCH)), http_client=own()).features == []
    error = fails(colour, zipped(b"{}"), http_client=own())
    assert type(error) is errors.UnexpectedContent
    assert "does not unpack" in str(error)


# ---- time --------------------------------------------------------------------------------------------------

SLOW: dict[str, Step] = {
    "nothing": (Do.HANG,),
    "headers and nothing": (HEAD + b"Content-Length: 45\r\n\r\n", Do.HANG),
    "byte by byte": (HEAD + b"Content-Length: 45\r\n\r\n", *drip(EMPTY_SEARCH, 0.1)),
}


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("way", SLOW)
def test_an_attempt_ends_in_time(way: str, colour: str) -> None:
    started = time.monotonic()
    error = fails(colour, SLOW[way], timeout=0.3)
    assert type(error) is errors.AttemptTimeout
    assert error.sent
    assert 0.25 < time.monotonic() - started < 2.0


@pytest.mark.parametrize("colour", COLOURS)
def test_the_deadline_cuts_an_attempt_short(colour: str) -> None:
    started = time.monotonic()
    error = fails(colour, (Do.HANG,), timeout=10.0, deadline=0.3, retries=5)
    assert type(error) is errors.DeadlineExceeded
    assert isinstance(error.__cause__, errors.AttemptTimeout)
    assert 0.25 < time.monotonic() - started < 2.0


# ---- size --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("framing", ["length", "chunks", "gzip"])
def test_more_than_allowed_is_not_read(framing: str, colour: str) -> None:
    many = b" " * 10_000_000
    step = {
        "length": answer(200, many),
        "chunks": chunked(*[many[:100_000]] * 100),
        "gzip": zipped(gzip.compress(many, 1)),
    }
    error = fails(colour, step[framing], max_response_bytes=1_000_000)
    assert type(error) is errors.ResponseTooLarge
    assert not error.retryable


@pytest.mark.parametrize("colour", COLOURS)
def test_as_much_as_allowed_is_read(colour: str) -> None:
    assert fails(colour, answer(), max_response_bytes=len(EMPTY_SEARCH)).features == []
    assert type(fails(colour, answer(), max_response_bytes=len(EMPTY_SEARCH) - 1)) is errors.ResponseTooLarge


@pytest.mark.parametrize("colour", COLOURS)
def test_a_bomb_is_defused_in_little_memory(colour: str) -> None:
    """200 KB that unpack to 200 MB: never more in memory than allowed, and a few pieces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()
    assert len(bomb) < 300_000
    with Scripted(zipped(bomb)) as server:
        fails(colour, answer())  # everything is loaded
        tracemalloc.start()
        error = outcome(colour, BANS, search, base_url=server.url, retries=0, max_response_bytes=2_000_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert type(error) is errors.ResponseTooLarge
    assert peak < 6_000_000


# ---- no connection -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_nothing_listens(colour: str) -> None:
    error = outcome(colour, BANS, search, base_url=dead_url(), retries=0)
    assert type(error) is errors.ConnectionFailed
    assert not error.sent
    assert "refused" in str(error)


class Unresolvable(httpx.BaseTransport, httpx.AsyncBaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no such name", request=request) from socket.gaierror(-2, "Name or service not known")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_name_that_nobody_knows(colour: str) -> None:
    kind = httpx.Client if colour == "sync" else httpx.AsyncClient
    own = kind(transport=Unresolvable())
    error = outcome(colour, BANS, search, base_url="https://geo.invalid", http_client=own, retries=0)
    assert type(error) is errors.ConnectionFailed
    assert "host name is not known" in str(error)
    assert isinstance(error.__cause__, socket.gaierror)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_server_without_tls(colour: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak_plainly() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=speak_plainly)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        error = outcome(colour, BANS, search, base_url=url, retries=0)
        thread.join(5)
    assert type(error) is errors.ConnectionFailed
    assert "TLS could not be set up" in str(error)
    assert isinstance(error.__cause__, ssl.SSLError)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("colour", COLOURS)
def test_a_certificate_that_is_not_trusted_until_it_is(colour: str, authority: trustme.CA, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    with Scripted(answer(), tls=context) as server:
        error = outcome(colour, BANS, search, base_url=server.url, retries=0)
        assert type(error) is errors.ConnectionFailed
        assert "not trusted" in str(error) and "ca_bundle" in str(error)
        assert server.requests == []
        assert outcome(colour, BANS, search, base_url=server.url, ca_bundle=str(bundle)).features == []


@pytest.mark.parametrize("colour", COLOURS)
def test_credentials_do_not_follow_a_redirect(colour: str) -> None:
    async def ask(client: Any) -> Any:
        return await client.get()

    with Scripted(answer(200, b"stolen")) as thief:
        for status in (301, 302, 303, 307, 308):
            elsewhere = f"{thief.url}/x?key={KEY}"
            with Scripted(answer(status, b"", Location=elsewhere)) as server:
                auth = HeaderKey("api-key", KEY)
                error = outcome(colour, PROBES, ask, base_url=server.url, auth=auth)
                assert type(error) is errors.UnexpectedRedirect
                assert error.location == f"{thief.url}/x"
                assert [request.headers["api-key"] for request in server.requests] == [KEY]
        assert thief.requests == []
        assert thief.connections == 0
