"""The small HTTP server under the fakes: requests in, answers out, connections that can be broken."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from http.client import responses
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from .faults import Received

__all__ = ["Answer", "Form", "Server", "Upload", "broken", "cut", "html_answer", "json_answer", "read_form"]

KEPT_BODY: Final = 1024 * 1024
_COMPACT: Final = (",", ":")


class Answer(NamedTuple):
    """What to send. A body of several pieces goes out in chunks."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Iterable[bytes] = b""


broken: Final = Answer(0)
"""The connection is closed and nothing is sent."""


def json_answer(status: int, body: Any, *headers: tuple[str, str]) -> Answer:
    """An answer in JSON, written as the service writes it."""
    content = json.dumps(body, ensure_ascii=False, separators=_COMPACT).encode()
    return Answer(status, (("content-type", "application/json; charset=utf-8"), *headers), content)


def html_answer(status: int, words: str, *headers: tuple[str, str]) -> Answer:
    """A page, as frameworks and proxies send it."""
    page = '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n'
    page += f"<pre>{words}</pre>\n</body>\n</html>\n"
    return Answer(status, (("content-type", "text/html; charset=utf-8"), *headers), page.encode())


def cut(answer: Answer, length: int) -> Answer:
    """The same answer, whose body breaks off after `length` bytes; one in chunks stays whole."""
    if not isinstance(answer.body, bytes):
        return answer
    told = answer.headers
    if not any(name == "content-length" for name, _ in told):
        told = (*told, ("content-length", str(len(answer.body))))
    return answer._replace(headers=told, body=answer.body[:length])


# ---- forms ---------------------------------------------------------------------------------------------------


class Upload(NamedTuple):
    """The file of a form."""

    name: str
    content: bytes


class Form(NamedTuple):
    """A `multipart/form-data` body. A field that comes several times holds a list."""

    fields: dict[str, Any]
    files: dict[str, Upload]


_PARAMETER: Final = re.compile(r';\s*(\w+)="((?:[^"\\]|\\.)*)"')


def read_form(content_type: str, body: bytes) -> Form:
    """Take a form apart; what is no form has no fields."""
    form = Form({}, {})
    found = re.search(r'boundary="?([^";]+)', content_type)
    if not content_type.startswith("multipart/form-data") or found is None:
        return form
    mark = b"--" + found[1].encode()
    start = body.find(mark)
    while start >= 0:
        start += len(mark)
        end = body.find(b"\r\n" + mark, start)
        if body[start : start + 2] == b"--" or end < 0:
            break
        head_end = body.find(b"\r\n\r\n", start, end)
        _add(form, body[start:head_end].decode("utf-8", "replace"), body[head_end + 4 : end])
        start = end + 2
    return form


def _add(form: Form, head: str, content: bytes) -> None:
    line = next((line for line in head.split("\r\n") if line.lower().startswith("content-disposition:")), "")
    told = dict(_PARAMETER.findall(line))
    name = told.get("name", "")
    if "filename" in told:
        form.files[name] = Upload(told["filename"], content)
        return
    value = content.decode("utf-8", "replace")
    before = form.fields.get(name)
    if before is None:
        form.fields[name] = value
    else:
        form.fields[name] = [*before, value] if isinstance(before, list) else [before, value]


def _is_cut(answer: Answer, body: bytes) -> bool:
    return any(name == "content-length" and int(value) != len(body) for name, value in answer.headers)


# ---- connections -----------------------------------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, lets the fake answer them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm: ClassVar[bool] = True
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride] - it serves no other

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            pass  # the client has gone away
        except Exception as error:  # noqa: BLE001 - a fault of the fake itself, which the test must see
            self.server.failures.append(error)

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.request)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.server.closed(self.request)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
        """Say nothing: a test looks at `requests`."""

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces: list[bytes] = []
        while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _serve(self) -> None:
        body = self._body()
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))  # of a repeated parameter the last counts
        headers = {name.lower(): value for name, value in self.headers.items()}
        kept = body if len(body) <= KEPT_BODY else b""
        request = Received(self.command, unquote(parts.path), query, headers, kept, len(body))
        answer = self.server.respond(request, body)
        if answer is broken:
            self.close_connection = True
            return
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        head = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
        head += [f"{name}: {value}" for name, value in answer.headers]
        body = answer.body
        if not isinstance(body, bytes):
            head.append("transfer-encoding: chunked")
        elif answer.status != 204 and not any(name == "content-length" for name, _ in answer.headers):
            head.append(f"content-length: {len(body)}")
        start = "\r\n".join(head).encode("latin-1") + b"\r\n\r\n"
        if self.command == "HEAD":
            self.wfile.write(start)
            return
        if isinstance(body, bytes):
            self.wfile.write(start + body)
            self.close_connection = self.close_connection or _is_cut(answer, body)
            return
        self.wfile.write(start)
        for piece in body:
            if not piece:
                self.close_connection = True
                return
            self.wfile.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - the names that the base class calls


class Server(ThreadingTCPServer):
    """Answers on a free port of loopback, a thread for each connection."""

    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = False
    block_on_close = True

    def __init__(self, respond: Callable[[Received, bytes], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond
        self.failures: list[BaseException] = []
        """What went wrong inside the fake itself."""
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def kill_connections(self) -> None:
        """Reset every open connection, as a server does that is killed."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Close everything, and wait until every thread has ended."""
        self.shutdown()
        self.kill_connections()
        self.server_close()
        self._thread.join()
