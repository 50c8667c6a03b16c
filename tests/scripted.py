"""A server on loopback that answers by a script."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

EMPTY_SEARCH = b'{"type": "FeatureCollection", "features": []}'


class Do(Enum):
    """What a step may do besides sending bytes."""

    CLOSE = "close the connection in order"
    RESET = "reset the connection"
    HANG = "say nothing more until the test is over"


Part = bytes | float | Do | threading.Event
"""Bytes to send, seconds to wait, an end, or an event to wait for."""
Step = Sequence[Part]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def answer(status: int = 200, body: bytes = EMPTY_SEARCH, **headers: str) -> Step:
    """A whole answer. `Retry_After="1"` becomes the header `Retry-After: 1`."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if not {"content_length", "transfer_encoding"} & {name.lower() for name in headers}:
        lines.append(f"Content-Length: {len(body)}")
    if "content_type" not in {name.lower() for name in headers}:
        lines.append("Content-Type: application/json")
    return ("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body,)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", **headers: str) -> Step:
    """An answer in chunks; without its `end` it is cut."""
    head = b"".join(answer(200, b"", Transfer_Encoding="chunked", **headers))  # type: ignore[arg-type]
    return (head, *(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks), end)


class Scripted:
    """A server on loopback. The n-th request gets the n-th step; the last step is repeated."""

    def __init__(self, *steps: Step, tls: ssl.SSLContext | None = None) -> None:
        self.steps = steps or (answer(),)
        self.requests: list[Seen] = []
        self.connections = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    @property
    def open_connections(self) -> int:
        return len(self._open)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            stack.enter_context(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(connection)
            stack.callback(self._open.discard, connection)
            reader = stack.enter_context(connection.makefile("rb"))
            while (request := _read_request(reader)) is not None:
                with self._lock:
                    step = self.steps[min(len(self.requests), len(self.steps) - 1)]
                    self.requests.append(request)
                    self.in_flight += 1
                    self.most_in_flight = max(self.most_in_flight, self.in_flight)
                if not self._perform(connection, step):
                    return

    def _perform(self, connection: socket.socket, step: Step) -> bool:
        """Whether the connection may serve another request."""
        for number, part in enumerate(step):
            if number == len(step) - 1:  # the client may send its next request before this thread runs again
                with self._lock:
                    self.in_flight -= 1
            if isinstance(part, bytes):
                connection.sendall(part)
            elif isinstance(part, threading.Event):
                part.wait(10)
            elif isinstance(part, Do):
                if part is Do.HANG:
                    self._over.wait(20)
                elif part is Do.RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if part is Do.CLOSE:
                    connection.shutdown(socket.SHUT_RDWR)
                return False
            else:
                self._over.wait(part)
        return True


def _read_request(reader: Any) -> Seen | None:
    first = reader.readline()
    if not first.strip():
        return None
    method, target, _ = first.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while size := int(reader.readline().partition(b";")[0] or b"0", 16):
            body += reader.read(size)
            reader.readline()
        reader.readline()
    else:
        body = reader.read(int(headers.get("content-length", "0")))
    return Seen(method, target, headers, body)


def dead_url() -> str:
    """An address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


FINE: Step = answer(200, b"fine")
DOWN: Step = answer(503, b"")
