"""How requests leave this machine: the user's own httpx client, proxies, TLS."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import trustme

from frgov_clients import AsyncBanClient, BanClient, HeaderKey
from frgov_clients.errors import ConfigurationError, ConnectionFailed, TransportError, UnexpectedRedirect
from frgov_clients.transport import tls
from scripted import Scripted, answer, dead_url
from support import COLOURS, PROBES, AsyncProbe, Probe, outcome, play

HIDDEN = "hidden-7f3a"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FRGOV_") or name.lower().endswith("_proxy") or name in {"SSL_CERT_FILE", "SSL_CERT_DIR"}:
            monkeypatch.delenv(name)


# ---- an httpx client of the user's ---------------------------------------------------------------------------


def own_client(colour: str, **options: Any) -> Any:
    return httpx.Client(**options) if colour == "sync" else httpx.AsyncClient(**options)


@pytest.mark.parametrize("colour", COLOURS)
def test_the_users_own_client_is_used_and_not_closed(colour: str) -> None:
    seen: list[httpx.Request] = []
    hooked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"yes")

    async def later(request: httpx.Request) -> None:
        hooked.append(request.method)

    own = own_client(
        colour,
        transport=httpx.MockTransport(handle),
        headers={"X-Gateway": "7", "User-Agent": "mine", "Accept": "text/plain"},
        event_hooks={"request": [(lambda request: hooked.append(request.method)) if colour == "sync" else later]},
    )

    async def scenario(client: Any) -> Any:
        first = await client.get()
        await client.with_options(retries=0).get()
        await client.close()
        assert not own.is_closed
        return first

    assert play(colour, PROBES, scenario, http_client=own, base_url="https://api.test", user_agent="me") == "yes"
    assert not own.is_closed
    assert hooked == ["GET", "GET"]
    assert seen[0].headers["X-Gateway"] == "7"
    assert seen[0].headers["User-Agent"].startswith("me frgov-clients/")  # where ours say something, they win
    assert seen[0].headers["Accept"] == "application/json"
    assert str(seen[0].url) == "https://api.test/thing?q=x"


@pytest.mark.parametrize("colour", COLOURS)
def test_the_users_own_client_does_not_follow_redirects_for_us(colour: str) -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(302, headers={"Location": "https://elsewhere.test/"})

    own = own_client(colour, transport=httpx.MockTransport(handle), follow_redirects=True)
    error = outcome(colour, PROBES, lambda client: client.get(), http_client=own, base_url="https://api.test")
    assert isinstance(error, UnexpectedRedirect)
    assert seen == ["https://api.test/thing?q=x"]


@pytest.mark.parametrize(
    ("client", "wrong"),
    [(BanClient, httpx.AsyncClient), (AsyncBanClient, httpx.Client), (BanClient, object), (AsyncBanClient, object)],
)
def test_a_client_of_the_wrong_kind_is_refused_at_once(client: Any, wrong: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match=r"http_client of .* must be an httpx\.\w+, not \w+"):
        client(http_client=wrong())


@pytest.mark.parametrize(
    "option", [{"proxy": "http://p.test"}, {"ca_bundle": "/a.pem"}, {"client_cert": "/a.pem"}, {"system_store": True}]
)
def test_what_the_users_own_client_would_ignore_is_refused(monkeypatch: pytest.MonkeyPatch, option: Any) -> None:
    own = httpx.Client()
    with pytest.raises(ConfigurationError, match="has no effect beside `http_client`"):
        BanClient(http_client=own, **option)
    monkeypatch.setenv("FRGOV_PROXY", "http://p.test")  # meant for the clients that make their own connections
    BanClient(http_client=own)
    own.close()


def test_aiohttp_is_for_async_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="http_backend: aiohttp serves async clients only"):
        BanClient(http_backend="aiohttp")
    monkeypatch.setenv("FRGOV_HTTP_BACKEND", "aiohttp")
    with Scripted(answer(body=b"yes")) as server, Probe(base_url=server.url) as client:
        assert client.get() == "yes"  # the variable speaks to the async clients beside it


# ---- proxies -------------------------------------------------------------------------------------------------


class ForwardProxy:
    """A proxy on loopback: forwards plain requests and tunnels, whatever the host, to one server."""

    def __init__(self, target: int) -> None:
        self.first_lines: list[str] = []
        self.authorizations: list[str] = []
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            lines = head.decode("latin-1").split("\r\n")
            self.first_lines.append(lines[0])
            self.authorizations += [line for line in lines if line.lower().startswith("proxy-authorization:")]
            with socket.create_connection(("127.0.0.1", self._target)) as onward:
                if lines[0].startswith("CONNECT "):
                    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                else:
                    onward.sendall(head)
                back = threading.Thread(target=_copy, args=(onward, connection), daemon=True)
                back.start()
                _copy(connection, onward)
                back.join(5)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


class Authority:
    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.bundle = folder / "ca.pem"
        self.ca.cert_pem.write_to_path(self.bundle)
        self.identity = folder / "me.pem"
        self.ca.issue_cert("me@example.test").private_key_and_cert_chain_pem.write_to_path(self.identity)

    def server(self, *names: str, asks_for_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        if asks_for_certificate:
            self.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("how", ["argument", "FRGOV_PROXY", "HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_plain_request_goes_to_the_proxy_whole(monkeypatch: pytest.MonkeyPatch, colour: str, how: str) -> None:
    with Scripted(answer(body=b"yes")) as server, ForwardProxy(server.port) as proxy:
        options: dict[str, Any] = {"base_url": "http://service.test/base"}
        if how == "argument":
            options["proxy"] = f"http://user:pass@{proxy.address}"
        else:
            monkeypatch.setenv(how, f"http://user:pass@{proxy.address}")
        assert play(colour, PROBES, lambda client: client.get(), **options) == "yes"
        assert proxy.first_lines == ["GET http://service.test/base/thing?q=x HTTP/1.1"]
        assert len(proxy.authorizations) == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_a_secure_request_goes_through_a_tunnel(colour: str, authority: Authority) -> None:
    secured = authority.server("service.test")
    with Scripted(answer(body=b"yes"), tls=secured) as server, ForwardProxy(server.port) as proxy:
        options = {
            "base_url": "https://service.test",
            "proxy": f"http://{proxy.address}",
            "ca_bundle": authority.bundle,
        }
        auth = HeaderKey("api-key", HIDDEN)
        assert play(colour, PROBES, lambda client: client.get(), **options, auth=auth) == "yes"
        assert proxy.first_lines == ["CONNECT service.test:443 HTTP/1.1"]
        assert server.requests[0].headers["api-key"] == HIDDEN


@pytest.mark.parametrize("colour", COLOURS)
def test_a_socks_proxy_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, colour: str) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("ALL_PROXY", f"socks5://u:{HIDDEN}@proxy.test")
    error = outcome(colour, PROBES, lambda client: client.get(), base_url="http://service.test", retries=0)
    assert isinstance(error, ConfigurationError)
    assert "httpx[socks]" in str(error) and HIDDEN not in str(error)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_failed_connection_says_where(colour: str) -> None:
    url = dead_url()
    error = outcome(colour, PROBES, lambda client: client.get(), base_url=f"{url}/path", retries=0)
    assert isinstance(error, ConnectionFailed)
    assert f"no connection to {url[7:]}: refused" in str(error)


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_hosts_may_be_left_out_and_this_machine_always_is(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with Scripted(answer(body=b"yes")) as server, ForwardProxy(server.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        with Probe(base_url=server.url) as client:
            assert client.get() == "yes"
        monkeypatch.setenv(variable, ".test,other.example")
        client = Probe(base_url="http://service.test", retries=0, connect_timeout=1)
        with client, pytest.raises(ConnectionFailed):
            client.get()
        assert proxy.first_lines == []


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_wrong_proxy_of_the_environment_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, colour: str, variable: str
) -> None:
    monkeypatch.setenv(variable, f"ftp://u:{HIDDEN}@proxy.test")
    error = outcome(colour, PROBES, lambda client: client.get(), base_url="https://service.test")
    assert isinstance(error, ConfigurationError), error
    assert "proxy" in str(error) and HIDDEN not in str(error)


# ---- TLS -----------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh_contexts() -> Iterator[None]:
    tls._build.cache_clear()
    yield
    tls._build.cache_clear()


@pytest.mark.parametrize("how", ["argument", "variable"])
@pytest.mark.parametrize("colour", COLOURS)
def test_an_authority_of_ones_own(monkeypatch: pytest.MonkeyPatch, colour: str, how: str, authority: Authority) -> None:
    with Scripted(answer(body=b"yes"), tls=authority.server("127.0.0.1")) as server:
        refusal = outcome(colour, PROBES, lambda client: client.get(), base_url=server.url, retries=0)
        assert isinstance(refusal, ConnectionFailed)
        assert "ca_bundle" in str(refusal)
        options = {"ca_bundle": authority.bundle} if how == "argument" else {}
        if how == "variable":
            monkeypatch.setenv("FRGOV_CA_BUNDLE", str(authority.bundle))
        assert play(colour, PROBES, lambda client: client.get(), base_url=server.url, **options) == "yes"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_certificate_of_ones_own(colour: str, authority: Authority) -> None:
    with Scripted(answer(body=b"yes"), tls=authority.server("127.0.0.1", asks_for_certificate=True)) as server:
        options: dict[str, Any] = {"base_url": server.url, "ca_bundle": authority.bundle, "retries": 0}
        assert isinstance(outcome(colour, PROBES, lambda client: client.get(), **options), TransportError)
        options["client_cert"] = str(authority.identity)
        assert play(colour, PROBES, lambda client: client.get(), **options) == "yes"


@pytest.mark.usefixtures("fresh_contexts")
@pytest.mark.parametrize("colour", COLOURS)
def test_the_store_of_the_system(monkeypatch: pytest.MonkeyPatch, colour: str, authority: Authority) -> None:
    def system_context() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(authority.bundle))

    monkeypatch.setattr(tls, "_system_context", system_context)
    with Scripted(answer(body=b"yes"), tls=authority.server("127.0.0.1")) as server:
        assert isinstance(
            outcome(colour, PROBES, lambda client: client.get(), base_url=server.url, retries=0), ConnectionFailed
        )
        assert play(colour, PROBES, lambda client: client.get(), base_url=server.url, system_store=True) == "yes"


@pytest.mark.parametrize("option", ["ca_bundle", "client_cert"])
def test_a_file_that_can_not_be_read_is_told_at_the_first_request(option: str) -> None:
    for run in (
        lambda: Probe(base_url="https://service.test", **{option: "/nowhere/x.pem"}).get(),  # type: ignore[arg-type]
        lambda: asyncio.run(AsyncProbe(base_url="https://service.test", **{option: "/nowhere/x.pem"}).get()),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConfigurationError, match=f"^{option}|probe.get: {option}"):
            run()
