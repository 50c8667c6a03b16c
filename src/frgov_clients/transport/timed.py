"""Sockets that know when their attempt must be over.

httpx's timeouts are those of one read or write: a server that sends a byte now and then keeps a thread for ever. A
task is cancelled when its time is up; a thread can not be, so each of its reads gets the time that is left.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from .sending import until

__all__ = ["keep_time"]


def keep_time(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """The transport, its sockets bound to `until`.

    httpx has no public way to choose the network of its connections. Should the inner names change, the transport
    keeps httpx's own timeouts.
    """
    pool: Any = getattr(transport, "_pool", None)
    network = getattr(pool, "_network_backend", None)
    if isinstance(network, httpcore.NetworkBackend):
        pool._network_backend = _Network(network)  # noqa: SLF001
    return transport


def _left(timeout: float | None, too_late: type[Exception]) -> float | None:
    left = until.get() - time.monotonic()
    if left <= 0:
        raise too_late("the time of the attempt is over")
    if left == float("inf"):
        return timeout
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        allowed = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, allowed, local_address, socket_options))

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_unix_socket(path, _left(timeout, httpcore.ConnectTimeout), socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)
