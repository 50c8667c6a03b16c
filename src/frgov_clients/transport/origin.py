"""A base URL, and what may be sent to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigurationError

__all__ = ["Origin", "is_loopback"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host, port and path prefix of a service, checked once."""

    base: str
    """Without a slash at its end."""
    host: str
    secure: bool
    """https, or a loopback address: credentials may go there."""

    @property
    def authority(self) -> str:
        """Host and port."""
        return self.base.partition("//")[2].partition("/")[0]

    @classmethod
    def parse(cls, url: str, *, option: str = "base_url") -> Origin:
        """Check a base URL.

        Raises:
            ConfigurationError: not an http(s) URL, or with a query, a fragment or credentials in it.
        """
        try:
            parts = urlsplit(url.strip())
            host = parts.hostname or ""
            _ = parts.port
        except ValueError as error:
            raise _wrong(option, "it is not a URL") from error
        if parts.scheme not in {"http", "https"} or not host:
            raise _wrong(option, "it must start with https:// (or http://) and name a host")
        if parts.query or parts.fragment:
            raise _wrong(option, "it must have no query and no fragment")
        if parts.username is not None or parts.password is not None:
            raise _wrong(option, "credentials do not belong in a URL, where they end up in logs")
        if any(character.isspace() or not character.isprintable() for character in url.strip()):
            raise _wrong(option, "it holds a blank or a control character")
        base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
        return cls(base=base, host=host, secure=parts.scheme == "https" or is_loopback(host))


def _wrong(option: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"{option}: {why}", option=option)


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    if host == "localhost":
        return True
    if not host[:1].isdigit() and ":" not in host:
        return False
    import ipaddress  # slow to load, and most hosts are names

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
