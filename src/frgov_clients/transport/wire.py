"""Between our values and httpx's: requests, bodies, and our errors for its exceptions."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from functools import lru_cache
from typing import IO, Any, Final, cast
from urllib.parse import urlsplit

import anyio.to_thread
import httpx

from ..errors import (
    AttemptTimeout,
    ConnectionFailed,
    ConnectionLost,
    FrgovError,
    InvalidRequest,
    InvalidResponse,
    ResponseTooLarge,
    TruncatedResponse,
    UnexpectedContent,
)
from .effects import Failure, Request, Send
from .operation import Content, FilePart, Multipart

__all__ = ["ERRORS", "Received", "failure", "make_request", "release", "too_late"]

ERRORS: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, InvalidResponse)
"""What ends an attempt: exceptions of httpx, of TLS in an event loop (httpx lets them through), of our own readers."""


# ---- requests ----------------------------------------------------------------------------------------------

_ALWAYS: Final = (("Accept-Encoding", "gzip, deflate"), ("Connection", "keep-alive"))
_FILES: Final = "frgov_files"


class _InMemory(httpx.ByteStream):
    """A body in one piece. Not read by an async generator, of which trio complains when a call is cancelled in it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._content = content

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _OnePiece(self._content)


class _OnePiece:
    __slots__ = ("_pieces",)

    def __init__(self, content: bytes) -> None:
        self._pieces = iter((content,))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


_EMPTY: Final = _InMemory(b"")


@lru_cache(maxsize=64)
def _host(origin: str) -> str:
    return httpx.URL(origin).netloc.decode("ascii")


def make_request(send: Send, *, is_async: bool) -> httpx.Request:
    """The httpx request of one attempt; bodies are opened anew each time, and `release` closes their files.

    Raises `InvalidRequest` for a header that is not ASCII.
    """
    try:
        return _made(send, is_async=is_async)
    except UnicodeEncodeError:
        msg = "a header (a key, `user_agent`) holds a character that is not ASCII: it can not be sent"
        raise InvalidRequest(msg) from None


def _made(send: Send, *, is_async: bool) -> httpx.Request:
    request, timeout = send.request, send.timeout
    # a task is cancelled when its time is over; a thread can only be given up by each read and write
    each = None if is_async else timeout
    connect = min(send.connect_timeout, 0.9 * timeout)
    extensions: dict[str, Any] = {"timeout": {"connect": connect, "read": each, "write": each, "pool": each}}
    headers = [*request.headers, *_ALWAYS]
    body = request.body
    if body is None:  # the fast path: httpx would look for a body and count its bytes
        headers.append(("Host", _host(request.origin)))
        return httpx.Request(request.method, request.url, headers=headers, extensions=extensions, stream=_EMPTY)
    if isinstance(body, Multipart):
        return _form(request, body, headers, extensions, is_async=is_async)
    headers.append(("Content-Type", body.content_type))
    if isinstance(body, Content):
        made = httpx.Request(request.method, request.url, headers=headers, content=body.data, extensions=extensions)
        made.stream = _InMemory(body.data)
        return made
    length = None if body.length is None else str(body.length)
    headers.append(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", length))
    chunks = body.chunks()
    if not isinstance(chunks, AsyncIterable) and is_async:
        headers.append(("Host", _host(request.origin)))
        stream = _OffLoop(chunks)
        return httpx.Request(request.method, request.url, headers=headers, stream=stream, extensions=extensions)
    if isinstance(chunks, AsyncIterable) and not is_async:
        raise InvalidRequest("the body comes from an async iterable: send it with the async client")
    return httpx.Request(request.method, request.url, headers=headers, content=chunks, extensions=extensions)


def _form(
    request: Request, body: Multipart, headers: list[tuple[str, str]], extensions: dict[str, Any], *, is_async: bool
) -> httpx.Request:
    # fields too are given as parts: without any file, httpx would send another kind of form
    parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in body.fields]
    files: list[IO[bytes]] = []
    extensions[_FILES] = files
    try:
        parts.extend((part.name, (part.filename, _opened(part, files), part.content_type)) for part in body.files)
    except BaseException:
        _close(files)
        raise
    made = httpx.Request(request.method, request.url, headers=headers, files=parts, extensions=extensions)
    stream = cast("httpx.SyncByteStream", made.stream)
    if not files:
        made.stream = _InMemory(b"".join(stream))
    elif is_async:
        made.stream = _OffLoop(stream)
    return made


def _opened(part: FilePart, files: list[IO[bytes]]) -> bytes | IO[bytes]:
    if isinstance(part.source, bytes):
        return part.source
    file = part.source()
    files.append(file)
    return file


def release(request: httpx.Request) -> None:
    """Close the files that were opened for a request."""
    _close(request.extensions.get(_FILES, ()))


def _close(files: Iterable[IO[bytes]]) -> None:
    for file in files:
        file.close()


class _OffLoop(httpx.AsyncByteStream):
    """Pieces of a body (a file, perhaps), read in a worker thread.

    No async generator: one that is left half-way, when a call is cancelled, would be trio's to complain of.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anyio.to_thread.run_sync(next, self._chunks, None)
        if chunk is None:
            raise StopAsyncIteration
        return chunk


# ---- answers ----------------------------------------------------------------------------------------------


class Received:
    """Collects the body of an answer, up to a size and a time: a server can neither flood nor stall us."""

    __slots__ = ("_chunks", "_kept", "_left", "_until")

    def __init__(self, send: Send) -> None:
        self._chunks: list[bytes] = []
        self._left = send.max_bytes
        self._until = time.monotonic() + send.timeout
        self._kept = send.keep_partial

    def add(self, chunk: bytes) -> Failure | None:
        """Keep a piece; the reason to stop reading, if there is one."""
        self._left -= len(chunk)
        if self._left < 0:
            return Failure(ResponseTooLarge("the answer is larger than `max_response_bytes`"), sent=True)
        self._chunks.append(chunk)
        if time.monotonic() > self._until:
            slow = Failure(AttemptTimeout("the answer came too slowly (`timeout`)", sent=True), sent=True)
            return self.left_in(slow)
        return None

    def left_in(self, failure: Failure) -> Failure:
        """The failure, with what had come, where the operation can use it."""
        if self._kept and self._chunks and isinstance(failure.error, AttemptTimeout | TruncatedResponse):
            failure.error.partial = self.content
        return failure

    @property
    def content(self) -> bytes:
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


# ---- failures ----------------------------------------------------------------------------------------------


def failure(error: Exception, *, answered: bool, origin: str = "") -> Failure:
    """Our error for what ended an attempt at `origin`. `answered` says that the headers of the answer had come."""
    if isinstance(error, InvalidResponse):
        return Failure(error, sent=True)
    ours, sent = _translate(error, answered=answered)
    if isinstance(ours, ConnectionFailed) and origin:
        ours = ConnectionFailed(f"no connection to {urlsplit(origin).netloc}: {ours.message}")
    ours.__cause__ = _root(error)  # the exceptions of httpx carry the request, and the request its secrets
    return Failure(ours, sent)


def _translate(error: Exception, *, answered: bool) -> tuple[FrgovError, bool]:  # noqa: PLR0911 - a table
    match error:
        case httpx.ConnectTimeout() if not _aiohttp_after_sending(error):
            return ConnectionFailed("none in time; check `base_url`, the network and the proxy"), False
        case httpx.PoolTimeout():
            return ConnectionFailed("none was free in time"), False
        case httpx.ProxyError():
            return ConnectionFailed("the proxy refused; check `proxy` and the proxy variables"), False
        case httpx.ConnectError():
            return ConnectionFailed(_why_no_connection(error)), False
        case httpx.TimeoutException() if not _aiohttp_broke(error):
            return AttemptTimeout("no answer in time (`timeout`)", sent=True), True
        case httpx.DecodingError():
            return UnexpectedContent("the answer is compressed in a way that does not unpack"), True
        case httpx.RemoteProtocolError() if not answered and "disconnected" not in str(error):
            return UnexpectedContent("the answer is not HTTP, or its headers are broken or far too long"), True
        case httpx.UnsupportedProtocol() | httpx.LocalProtocolError() | httpx.InvalidURL():
            return InvalidRequest("the request can not be put on the wire (a control character in a header?)"), False
        case _ if answered:
            return TruncatedResponse("the connection broke in the middle of the answer"), True
        case _:
            return ConnectionLost("the connection broke before the answer", sent=True), True


def _aiohttp_after_sending(error: Exception) -> bool:
    """httpx-aiohttp calls every timeout and every broken connection a connect timeout: look at what it was."""
    cause = type(error.__cause__)
    return cause.__module__.startswith("aiohttp") and cause.__name__ not in {
        "ClientConnectorError",
        "ClientConnectorDNSError",
        "ClientConnectorCertificateError",
        "ClientConnectorSSLError",
        "ConnectionTimeoutError",
    }


def _aiohttp_broke(error: Exception) -> bool:
    """A connection that broke, which httpx-aiohttp calls a connect timeout."""
    cause = error.__cause__
    return type(cause).__module__.startswith("aiohttp") and not isinstance(cause, TimeoutError)


def _root(error: BaseException) -> BaseException | None:
    """The last cause outside httpx, httpcore and anyio: an OSError, an SSL error."""
    found: BaseException | None = None
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError | EOFError):
            found = seen
        several: tuple[BaseException, ...] = getattr(seen, "exceptions", ())  # addresses that were tried
        seen = several[0] if several else seen.__cause__ or seen.__context__
    return None if found is None else found.with_traceback(None)


def _why_no_connection(error: Exception) -> str:
    root = _root(error)
    if isinstance(root, socket.gaierror):
        return "the host name is not known; check `base_url`, the network and the proxy"
    if isinstance(root, ssl.SSLCertVerificationError):
        why = root.verify_message
        return f"the certificate is not trusted ({why}); behind an inspecting proxy, set `ca_bundle` or `system_store`"
    if isinstance(root, ssl.SSLError):
        return f"TLS could not be set up ({root.reason or 'no reason given'}); does the server speak http:// only?"
    if isinstance(root, ConnectionRefusedError):
        return "refused: nothing listens there, or at the proxy; check `base_url` and the proxy"
    return "check the network and the proxy"


def too_late() -> Failure:
    """The time of an attempt is over; how far it had come is not known."""
    return Failure(AttemptTimeout("no answer in time (`timeout`)", sent=True), sent=True)
