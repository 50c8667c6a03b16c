"""The one TLS configuration: which authorities are trusted, and who we are.

Building a context reads some 300 certificates (tens of milliseconds), so a process builds one per configuration and
all its clients, sync and async, share it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from ..errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

__all__ = ["ClientCert", "ssl_context"]

ClientCert: TypeAlias = str | tuple[str, str | None]
"""A PEM file with certificate and key, or the certificate and the key in two files. The key must not be encrypted."""


class _File(NamedTuple):
    """A file as it is now: one that is renewed on disk (a short-lived certificate) makes a new configuration."""

    option: str
    path: str
    changed_at: int
    size: int


class _Configuration(NamedTuple):
    ca_bundle: _File | None
    environment_bundle: _File | None
    environment_folder: str | None
    certificate: _File | None
    key: _File | None
    system_store: bool


def ssl_context(
    *, ca_bundle: str | Path | None = None, client_cert: ClientCert | None = None, system_store: bool = False
) -> ssl.SSLContext:
    """The context of this configuration: always the same object while its files do not change.

    Trusted are certifi's authorities, those of the system, those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, and those of
    `ca_bundle` (a PEM file): each adds to the others. With `system_store`, the operating system judges instead of
    certifi (package truststore), and the last three still add to it. TLS 1.2 is the oldest version spoken, and
    certificates and host names are always verified.

    `ConfigurationError`: a file can not be read or holds no certificate, or truststore is not installed. It names the
    option, never what the file holds.
    """
    certificate, key = client_cert if isinstance(client_cert, tuple) else (client_cert, None)
    configuration = _Configuration(
        _file("ca_bundle", ca_bundle),
        _file("SSL_CERT_FILE", os.environ.get("SSL_CERT_FILE") or None),
        os.environ.get("SSL_CERT_DIR") or None,
        _file("client_cert", certificate),
        _file("client_cert (key)", key),
        system_store,
    )
    with _building:
        return _build(configuration)


def _file(option: str, path: str | Path | None) -> _File | None:
    if path is None:
        return None
    place = Path(path).expanduser().absolute()
    try:
        found = place.stat()
    except (OSError, ValueError) as error:
        raise _unusable(option, error) from None
    return _File(option, str(place), found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=16)
def _build(configuration: _Configuration) -> ssl.SSLContext:
    import ssl

    context = _system_context() if configuration.system_store else _certifi_context(configuration)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an intermediate authority in `ca_bundle` is enough
    _add_environment(context, configuration)
    for bundle in (configuration.environment_bundle, configuration.ca_bundle):
        if bundle is not None:
            _add_authorities(context, bundle)
    if configuration.certificate is not None:
        _add_identity(context, configuration.certificate, configuration.key)
    return context


def _certifi_context(configuration: _Configuration) -> ssl.SSLContext:
    import ssl

    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    if configuration.environment_bundle is None or sys.platform == "win32":  # else it is all added below, once
        context.load_default_certs()
    return context


def _system_context() -> ssl.SSLContext:
    import ssl

    try:
        import truststore
    except ImportError:
        raise ConfigurationError(
            "system_store needs the truststore package: pip install 'frgov-clients[truststore]'"
        ) from None
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _add_environment(context: ssl.SSLContext, configuration: _Configuration) -> None:
    """OpenSSL lets `SSL_CERT_FILE` and `SSL_CERT_DIR` replace its own places: put those back beside them."""
    import ssl

    own = ssl.get_default_verify_paths()
    places = (
        {"cafile": own.openssl_cafile} if configuration.environment_bundle else {},
        {"capath": own.openssl_capath} if configuration.environment_bundle or configuration.environment_folder else {},
        {"capath": configuration.environment_folder} if configuration.environment_folder else {},
    )
    for place in filter(None, places):
        with contextlib.suppress(OSError):  # a system without it
            context.load_verify_locations(**place)


def _add_authorities(context: ssl.SSLContext, bundle: _File) -> None:
    try:
        context.load_verify_locations(cafile=bundle.path)
    except OSError as error:  # ssl.SSLError is one
        raise _unusable(bundle.option, error) from None


def _add_identity(context: ssl.SSLContext, certificate: _File, key: _File | None) -> None:
    try:
        # an empty password: without one, OpenSSL would ask for it on the terminal
        context.load_cert_chain(certificate.path, key.path if key else None, password="")
    except (OSError, ValueError) as error:
        raise _unusable("client_cert", error) from None


def _unusable(option: str, error: Exception) -> ConfigurationError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return ConfigurationError(f"{option}: {_HINTS.get(option, _HINTS['client_cert'])} ({reason})")


_HINTS: Final = {
    "ca_bundle": "must be a readable PEM file of certificates",
    "SSL_CERT_FILE": "this environment variable must name a readable PEM file of certificates",
    "client_cert": "must be readable PEM files: a certificate and its key, the key not encrypted",
}


_building = threading.Lock()


def _renew_lock() -> None:
    global _building  # noqa: PLW0603 - another thread may have been building at the moment of the fork
    _building = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
