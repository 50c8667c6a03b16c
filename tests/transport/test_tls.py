"""The shared TLS context: what is trusted, what is added, what is refused."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from frgov_clients.errors import ConfigurationError
from frgov_clients.transport import tls
from frgov_clients.transport.tls import ssl_context

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


class Files:
    """A private authority, a certificate for 127.0.0.1, a client's certificate, and an authority nobody uses."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.server = self.authority.issue_cert("127.0.0.1")
        client = self.authority.issue_cert("client@example.test")
        self.bundle = str(folder / "authority.pem")
        self.other_bundle = str(folder / "other.pem")
        self.certificate = str(folder / "client.pem")
        self.key = str(folder / "client.key")
        self.both = str(folder / "both.pem")
        self.locked_key = str(folder / "locked.key")
        self.authority.cert_pem.write_to_path(self.bundle)
        trustme.CA().cert_pem.write_to_path(self.other_bundle)
        client.cert_chain_pems[0].write_to_path(self.certificate)
        client.private_key_pem.write_to_path(self.key)
        client.private_key_and_cert_chain_pem.write_to_path(self.both)
        Path(self.locked_key).write_bytes(locked(client.private_key_pem.bytes()))


def locked(key: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    return form.load_pem_private_key(key, None).private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"pass phrase")
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    tls._build.cache_clear()
    yield
    tls._build.cache_clear()


@contextlib.contextmanager
def https_server(files: Files, configure: Callable[[ssl.SSLContext], Any] = bool) -> Iterator[str]:
    """A server on loopback whose certificate comes from the private authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    files.server.configure_cert(context)
    configure(context)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(REPLY)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def ask(url: str, context: ssl.SSLContext) -> str:
    with httpx.Client(verify=context, trust_env=False) as client:
        return client.get(url).text


def authorities(context: ssl.SSLContext) -> set[bytes]:
    return set(context.get_ca_certs(binary_form=True))


def public_authorities() -> set[bytes]:
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    return authorities(context)


# ---- what is trusted ---------------------------------------------------------------------------------------


def test_a_private_authority_is_refused_until_it_is_added(files: Files) -> None:
    with https_server(files) as url:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(url, ssl_context())
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(url, ssl_context(ca_bundle=files.other_bundle))
        assert ask(url, ssl_context(ca_bundle=files.bundle)) == "hello"


def test_an_added_authority_takes_nothing_away(files: Files) -> None:
    public = public_authorities()
    plain, extended = authorities(ssl_context()), authorities(ssl_context(ca_bundle=files.bundle))
    assert len(public) > 50
    assert plain >= public
    assert extended - plain == {ssl.PEM_cert_to_DER_cert(Path(files.bundle).read_text())}
    assert extended >= plain


def test_the_environment_adds_too(files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    trustme.CA().cert_pem.write_to_path(str(own))
    places = ssl.get_default_verify_paths()._replace(openssl_cafile=str(own))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: places)
    monkeypatch.setenv("SSL_CERT_FILE", files.bundle)
    context = ssl_context(ca_bundle=files.other_bundle)
    for bundle in (files.bundle, files.other_bundle, own):
        assert ssl.PEM_cert_to_DER_cert(Path(bundle).read_text()) in authorities(context)
    assert authorities(context) >= public_authorities()
    with https_server(files) as url:
        assert ask(url, context) == "hello"


@pytest.mark.parametrize("system_store", [False, True])
def test_a_folder_of_authorities_in_the_environment(
    files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, system_store: bool
) -> None:
    if system_store:
        pytest.importorskip("truststore")
    name = subject_hash(files.bundle)
    (tmp_path / f"{name}.0").write_bytes(Path(files.bundle).read_bytes())
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with https_server(files) as url:
        assert ask(url, ssl_context(system_store=system_store)) == "hello"


def subject_hash(bundle: str) -> str:
    """OpenSSL's name for the certificate in a folder: the SHA-1 of its canonical subject, which its own tool tells."""
    done = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", bundle], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("no openssl program")
    return done.stdout.strip()


def test_host_names_are_verified(files: Files) -> None:
    with https_server(files) as url, pytest.raises(httpx.ConnectError, match=r"localhost|Hostname mismatch"):
        ask(url.replace("127.0.0.1", "localhost"), ssl_context(ca_bundle=files.bundle))


def test_tls_1_2_is_the_oldest_version(files: Files) -> None:
    context = ssl_context(ca_bundle=files.bundle)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    with https_server(files, lambda server: setattr(server, "maximum_version", ssl.TLSVersion.TLSv1_2)) as url:
        assert ask(url, context) == "hello"


def test_an_intermediate_authority_is_enough(tmp_path: Path, files: Files) -> None:
    intermediate = files.authority.create_child_ca()
    bundle = tmp_path / "intermediate.pem"
    intermediate.cert_pem.write_to_path(str(bundle))
    certificate = intermediate.issue_cert("127.0.0.1")
    with https_server(files, certificate.configure_cert) as url:
        assert ask(url, ssl_context(ca_bundle=bundle)) == "hello"


def test_the_async_client_shares_the_context(files: Files) -> None:
    import anyio

    async def ask_async(url: str) -> str:
        async with httpx.AsyncClient(verify=ssl_context(ca_bundle=files.bundle), trust_env=False) as client:
            return (await client.get(url)).text

    with https_server(files) as url:
        assert ask(url, ssl_context(ca_bundle=files.bundle)) == "hello"
        assert anyio.run(ask_async, url) == "hello"


# ---- the system's store ------------------------------------------------------------------------------------


def test_the_system_store_and_an_added_authority(files: Files) -> None:
    truststore = pytest.importorskip("truststore")
    context = ssl_context(ca_bundle=files.bundle, system_store=True)
    assert type(context) is truststore.SSLContext
    with https_server(files) as url:
        assert ask(url, context) == "hello"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(url, ssl_context(system_store=True))


def test_the_system_store_needs_truststore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'frgov-clients\[truststore\]'"):
        ssl_context(system_store=True)


# ---- the client's certificate ------------------------------------------------------------------------------


def require_client(authority: trustme.CA) -> Callable[[ssl.SSLContext], Any]:
    def configure(context: ssl.SSLContext) -> None:
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)

    return configure


@pytest.mark.parametrize("form", ["two files", "one file", "one file in a tuple"])
def test_a_client_certificate_is_shown(files: Files, form: str) -> None:
    client_cert: Any = {
        "two files": (files.certificate, files.key),
        "one file": files.both,
        "one file in a tuple": (files.both, None),
    }[form]
    with https_server(files, require_client(files.authority)) as url:
        assert ask(url, ssl_context(ca_bundle=files.bundle, client_cert=client_cert)) == "hello"
        with pytest.raises(httpx.TransportError):
            ask(url, ssl_context(ca_bundle=files.bundle))


# ---- what is refused ---------------------------------------------------------------------------------------


def missing(files: Files) -> str:
    return files.bundle + ".missing"


BAD: dict[str, tuple[str, Callable[[Files], dict[str, Any]]]] = {
    "missing bundle": ("ca_bundle", lambda f: {"ca_bundle": missing(f)}),
    "a folder": ("ca_bundle", lambda f: {"ca_bundle": Path(f.bundle).parent}),
    "no certificate in it": ("ca_bundle", lambda f: {"ca_bundle": f.key}),
    "a null byte": ("ca_bundle", lambda f: {"ca_bundle": "a\0b"}),
    "missing certificate": ("client_cert", lambda f: {"client_cert": (missing(f), f.key)}),
    "missing key": ("client_cert (key)", lambda f: {"client_cert": (f.certificate, missing(f))}),
    "no key": ("client_cert", lambda f: {"client_cert": f.certificate}),
    "another key": ("client_cert", lambda f: {"client_cert": (f.bundle, f.key)}),
    "an encrypted key": ("client_cert", lambda f: {"client_cert": (f.certificate, f.locked_key)}),
}


@pytest.mark.parametrize("case", BAD)
def test_unusable_files_are_refused_by_the_name_of_their_option(files: Files, case: str) -> None:
    option, arguments = BAD[case]
    with pytest.raises(ConfigurationError) as caught:
        ssl_context(**arguments(files))
    assert str(caught.value).startswith(f"{option}: ")
    assert str(Path(files.key).parent) not in str(caught.value)


def test_an_unusable_environment_is_refused_by_its_name(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", missing(files))
    with pytest.raises(ConfigurationError, match=r"^SSL_CERT_FILE: "):
        ssl_context()


# ---- one per configuration ---------------------------------------------------------------------------------


def test_the_same_configuration_is_the_same_object(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(files.bundle).parent)
    one = ssl_context(ca_bundle=files.bundle, client_cert=files.both)
    assert one is ssl_context(ca_bundle=Path("authority.pem"), client_cert=(files.both, None))
    others = [ssl_context(), ssl_context(ca_bundle=files.bundle), ssl_context(client_cert=files.both)]
    monkeypatch.setenv("SSL_CERT_FILE", files.bundle)
    others.append(ssl_context())
    assert len({id(context) for context in (one, *others)}) == 5


def test_a_renewed_file_makes_a_new_context(files: Files, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Path(files.other_bundle).read_bytes())
    before = ssl_context(ca_bundle=bundle)
    bundle.write_bytes(Path(files.bundle).read_bytes())
    os.utime(bundle, (1, 1))
    with https_server(files) as url:
        assert ask(url, ssl_context(ca_bundle=bundle)) == "hello"
    assert ssl_context(ca_bundle=bundle) is not before


def test_threads_that_come_together_build_once() -> None:
    together = threading.Barrier(8)

    def build(_: int) -> int:
        together.wait(10)
        return id(ssl_context())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(build, range(8)))) == 1
    assert tls._build.cache_info().misses == 1


def run_script(script: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=30).stdout


def test_importing_the_module_does_not_import_ssl() -> None:
    script = """
import sys
import frgov_clients.transport.tls
print({"ssl", "certifi", "truststore"} & set(sys.modules))
"""
    assert run_script(script) == "set()\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_during_the_building_leaves_no_lock_behind() -> None:
    script = """
import os
from frgov_clients.transport import tls
tls._building.acquire()  # as another thread would, at this moment
child = os.fork()
if child == 0:
    os._exit(0 if tls.ssl_context() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run_script(script) == "0\n"
