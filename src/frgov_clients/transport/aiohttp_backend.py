"""aiohttp under an async client (extra `[aiohttp]`), through httpx-aiohttp, without what breaks our promises.

Left alone, aiohttp sends a request again in silence when its connection breaks, reads what a server sends unasked as
the next answer, and takes a body cut by a reset for a whole one; and httpx-aiohttp calls every broken connection a
connect timeout, which would pass for "nothing was sent". Imported only where the extra was chosen.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from ..errors import ConfigurationError, UnexpectedContent
from .lanes import KEEPALIVE

__all__ = ["aiohttp_transport"]


def aiohttp_transport(context: ssl.SSLContext, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """A transport of one event loop.

    Raises:
        ConfigurationError: the running loop is not one of asyncio.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        msg = "http_backend: aiohttp needs asyncio; leave it at httpx under trio"
        raise ConfigurationError(msg, option="http_backend") from None

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=_Connector(limit=0, ssl=context, keepalive_timeout=KEEPALIVE),  # the bulkhead limits
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            middlewares=(_one_try,),
        )

    return _Honest(verify=context, proxy=proxy, client=session)


class _Honest(AiohttpTransport):
    """Tells a connection that could not be made from one that broke, and a whole body from a cut one."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if isinstance(request.stream, httpx.ByteStream):
            await request.aread()  # otherwise an empty body is sent in chunks, at half the speed
        try:
            response = await super().handle_async_request(request)
        except httpx.TimeoutException as error:
            cause = error.__cause__
            if isinstance(cause, aiohttp.ClientProxyConnectionError):
                raise httpx.ProxyError(str(cause)) from cause
            if isinstance(cause, aiohttp.ClientConnectorError):
                raise httpx.ConnectError(str(cause)) from cause
            raise
        if request.method != "HEAD" and not _has_an_end(response):
            await response.aclose()
            msg = "an answer that does not say where it ends: over aiohttp it could be cut; leave http_backend at httpx"
            raise UnexpectedContent(msg, status=response.status_code)
        return response


def _has_an_end(response: httpx.Response) -> bool:
    """Whether a connection that breaks can be told from one that was closed at the end of the answer."""
    if response.status_code in {204, 304} or "content-length" in response.headers:
        return True
    coding: str = response.headers.get("transfer-encoding", "")
    return coding.strip().lower() == "chunked"


class _Connector(aiohttp.TCPConnector):
    """Takes no connection on which something came that nobody asked for: it would be read as the next answer."""

    async def _get(self, key: Any, traces: Any) -> Any:  # aiohttp has no public way to choose
        connection: Any = await super()._get(key, traces)
        while _said_more(connection):
            connection.close()
            connection = await super()._get(key, traces)
        return connection


def _said_more(connection: Any) -> bool:
    return connection is not None and connection.protocol is not None and bool(connection.protocol.should_close)


async def _one_try(request: Any, handler: Any) -> Any:
    """A middleware of aiohttp: what it raises is not tried again behind our back."""
    try:
        return await handler(request)
    except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError):
        raise
    except aiohttp.SocketTimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise httpx.ReadError(str(error)) from error
    except aiohttp.ClientResponseError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
