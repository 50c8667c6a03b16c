"""A loopback server that answers every request with the same recorded answer, as fast as Python can.

It runs in a process of its own, on another core than the client where there is one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cores import use_other_core

RECORDED = Path(__file__).parent.parent / "tests" / "data" / "ban" / "gpf_geocodeur.jsonl"
THREE_FEATURES = "reverse-limit3"  # about 2 kB
ONE_FEATURE = "search-housenumber"  # about 0.7 kB


def answer(name: str) -> bytes:
    """The body of a recorded exchange."""
    with RECORDED.open(encoding="utf-8") as lines:
        for line in lines:
            exchange = json.loads(line)
            if exchange["name"] == name:
                return json.dumps(exchange["response"]["json"], ensure_ascii=False).encode()
    raise LookupError(name)


class _Fixed(asyncio.Protocol):
    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self._transport: Any = None
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        requests = self._seen.count(b"\r\n\r\n")
        if requests:
            self._seen = self._seen.rpartition(b"\r\n\r\n")[2]
            self._transport.write(self._reply * requests)


async def serve(listener: socket.socket, name: str) -> None:
    body = answer(name)
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {len(body)}\r\n\r\n"
    reply = head.encode() + body
    server = await asyncio.get_running_loop().create_server(lambda: _Fixed(reply), sock=listener)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)  # until the parent is gone


@contextlib.contextmanager
def running(name: str = THREE_FEATURES) -> Iterator[str]:
    """Start the server with that answer; its base URL. It ends with this process, however that ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "benchmarks.server", str(listener.fileno()), name]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.terminate()
        child.wait(timeout=10)


if __name__ == "__main__":
    use_other_core()
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2]))
