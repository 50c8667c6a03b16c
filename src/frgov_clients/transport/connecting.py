"""Where requests go: our own connections to each host, or the user's httpx client."""

from __future__ import annotations

import importlib.util
import ssl
import urllib.request
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import httpx

from ..errors import ConfigurationError
from .config import ClientConfig
from .lanes import KEEPALIVE, AsyncLanes, Lanes
from .origin import is_loopback
from .sending import AsyncExchange, Exchange
from .tls import ssl_context

__all__ = ["async_connections", "connections"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How connections are made."""

    proxy: str | None
    ca_bundle: str | None
    client_cert: str | tuple[str, str | None] | None
    system_store: bool
    backend: Literal["httpx", "aiohttp"]

    def options(self, url: httpx.URL) -> dict[str, Any]:
        """Arguments of a transport to one host that carries one request at a time."""
        return {
            "verify": self.context(url),
            "proxy": self.proxy_for(url),
            "limits": httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE),
        }

    def context(self, url: httpx.URL) -> ssl.SSLContext:
        """One for the whole process: making it costs 20 ms. A plain http host needs none."""
        if url.scheme == "http" and self.proxy is None:
            return _no_tls()
        return ssl_context(ca_bundle=self.ca_bundle, client_cert=self.client_cert, system_store=self.system_store)

    def proxy_for(self, url: httpx.URL) -> httpx.Proxy | None:
        """The proxy that was given, or else the one of the environment (`HTTPS_PROXY`, `NO_PROXY`)."""
        chosen = self.proxy
        if is_loopback(url.host):
            return None
        if chosen is None and not urllib.request.proxy_bypass(url.host):
            proxies = urllib.request.getproxies()
            chosen = proxies.get(url.scheme) or proxies.get("all")
        if chosen is None:
            return None
        if chosen.startswith("socks") and importlib.util.find_spec("socksio") is None:
            msg = "proxy: SOCKS needs the socksio package: pip install 'httpx[socks]' (check ALL_PROXY too)"
            raise ConfigurationError(msg)
        try:
            return httpx.Proxy(chosen if "://" in chosen else f"http://{chosen}")
        except (ValueError, httpx.InvalidURL):
            msg = "proxy: it must be a URL such as http://host:port (check HTTPS_PROXY too)"
            raise ConfigurationError(msg) from None


@lru_cache(maxsize=1)
def _no_tls() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


# ---- what a driver sends through -----------------------------------------------------------------------------


class OwnConnections(Exchange):
    """Our connections, by host."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._hosts: dict[str, Lanes] = {}

    def send(self, request: httpx.Request, origin: str) -> httpx.Response:
        lanes = self._hosts.get(origin)
        if lanes is None:
            from .timed import keep_time  # httpcore, which a client of the user's may do without

            options = self._network.options(request.url)
            lanes = self._hosts.setdefault(origin, Lanes(lambda: keep_time(httpx.HTTPTransport(**options))))
        return lanes.handle_request(request)

    def close(self) -> None:
        for lanes in tuple(self._hosts.values()):
            lanes.close()


class OwnAsyncConnections(AsyncExchange):
    """Our connections, by host, in one event loop."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._hosts: dict[str, httpx.AsyncBaseTransport] = {}

    async def send(self, request: httpx.Request, origin: str) -> httpx.Response:
        transport = self._hosts.get(origin)
        if transport is None:
            transport = self._hosts[origin] = self._transport(request.url)
        return await transport.handle_async_request(request)

    def _transport(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        if self._network.backend == "aiohttp":
            try:
                from .aiohttp_backend import aiohttp_transport
            except ImportError:
                msg = "http_backend: aiohttp needs the extra: pip install 'frgov-clients[aiohttp]'"
                raise ConfigurationError(msg, option="http_backend") from None
            return aiohttp_transport(self._network.context(url), self._network.proxy_for(url))
        options = self._network.options(url)
        return AsyncLanes(lambda: httpx.AsyncHTTPTransport(**options))

    async def close(self) -> None:
        for transport in tuple(self._hosts.values()):
            await transport.aclose()


class _YourClient(Exchange):
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def send(self, request: httpx.Request, origin: str) -> httpx.Response:  # noqa: ARG002 - it knows its hosts
        return self._client.send(_merged(request, self._client), stream=True, follow_redirects=False)

    def close(self) -> None:
        """Not ours to close."""


class _YourAsyncClient(AsyncExchange):
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, request: httpx.Request, origin: str) -> httpx.Response:  # noqa: ARG002
        return await self._client.send(_merged(request, self._client), stream=True, follow_redirects=False)

    async def close(self) -> None:
        """Not ours to close."""


def _merged(request: httpx.Request, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
    """With the headers that the user gave to the client of their own; ours win."""
    for name, value in client.headers.multi_items():
        if name not in request.headers:
            request.headers[name] = value
    return request


# ---- from a configuration ------------------------------------------------------------------------------------


def connections(config: ClientConfig) -> Exchange:
    """What a blocking client sends through; nothing is opened before the first request."""
    own: Any = config.http_client
    if own is None:
        return OwnConnections(_network(config))
    if not isinstance(own, httpx.Client):
        raise TypeError(_wrong_kind(own, "httpx.Client", "a blocking client"))
    return _YourClient(own)


def async_connections(config: ClientConfig) -> AsyncExchange:
    """What an async client sends through; nothing is opened before the first request."""
    own: Any = config.http_client
    if own is None:
        return OwnAsyncConnections(_network(config))
    if not isinstance(own, httpx.AsyncClient):
        raise TypeError(_wrong_kind(own, "httpx.AsyncClient", "an async client"))
    return _YourAsyncClient(own)


def _network(config: ClientConfig) -> Network:
    return Network(
        proxy=config.proxy,
        ca_bundle=None if config.ca_bundle is None else str(config.ca_bundle),
        client_cert=config.client_cert,
        system_store=config.system_store,
        backend=config.http_backend,
    )


def _wrong_kind(own: object, wanted: str, client: str) -> str:
    return f"http_client of {client} must be an {wanted}, not {type(own).__module__}.{type(own).__name__}"
