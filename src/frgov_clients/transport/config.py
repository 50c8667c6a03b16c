"""Options of a client: explicit argument, then environment variable, then the documented default."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, TypeVar, cast
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .breaker import CircuitOptions
from .origin import Origin
from .retry import Retry
from .spelling import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    import redis

    from .auth import Auth
    from .cache import Cache
    from .ratelimit import Limiter
    from .telemetry import Event

__all__ = ["CallOptions", "ClientConfig", "ClientOptions", "read_variable"]

V = TypeVar("V")


class CallOptions(TypedDict, total=False):
    """What `with_options` can change: a sibling keeps the connections, quotas and circuits."""

    timeout: float | None
    """Seconds one attempt may take. Default: 10, more where an endpoint says so. `FRGOV_<SERVICE>_TIMEOUT`."""
    connect_timeout: float
    """Seconds until a connection stands. Default 5. `FRGOV_<SERVICE>_CONNECT_TIMEOUT`."""
    deadline: float | None
    """Seconds a call may take in all: waits, attempts and pauses together; `math.inf` for ever. Default: 30, more
    where an endpoint says so. `FRGOV_<SERVICE>_DEADLINE`."""
    retries: int | Retry
    """How often a failed attempt is repeated, or a `Retry` with tenacity strategies. Default 2; 0 for never.
    `FRGOV_<SERVICE>_RETRIES`."""
    max_wait: float | None
    """Seconds a call may wait for its quota before `RateLimited` is raised. Default: as long as `deadline` allows.
    `FRGOV_<SERVICE>_MAX_WAIT`."""
    cache: Cache | None
    """Where answers are kept: `MemoryCache()`, `SqliteCache(path)`, `RedisCache(...)`. Default: nowhere."""
    cache_ttl: float | None
    """Seconds an answer is kept; default: what each endpoint declares."""
    stale_if_error: float
    """Seconds beyond its time during which a kept answer may stand in when the service fails. Default 0."""
    cache_personal: bool
    """Whether answers that speak of persons may be kept. Default no."""
    max_response_bytes: int | None
    """The largest answer that is read; default: what each endpoint declares (64 MiB)."""


class ClientOptions(CallOptions, total=False):
    """What a client can be made with.

    An option that is left out comes from its environment variable, or else is the default. `None`, where it is
    allowed, says "as if there were no variable".
    """

    base_url: str
    """Where the service lives. `FRGOV_<SERVICE>_BASE_URL`."""
    auth: Auth | None
    """Credentials; they go to `base_url` alone, and only over https (or loopback)."""
    circuit: CircuitOptions | None
    """When to leave a failing service alone; `None` for never."""
    limiters: Mapping[str, Limiter | None]
    """Own limiters by quota name, `None` for no limit. Default: the service's quota, shared in this process."""
    quota_redis: redis.Redis | None
    """A Redis through which processes and machines share the service's quota."""
    max_in_flight: int
    """Requests of this client on the wire at once. Default 50. `FRGOV_<SERVICE>_MAX_IN_FLIGHT`."""
    http_client: httpx.Client | httpx.AsyncClient | None
    """An httpx client of your own; you close it, and it must not be used on both sides of a fork. `proxy`, `ca_bundle`
    and the like are then yours to set on it. Its headers are sent too, where ours do not say otherwise."""
    http_backend: Literal["httpx", "aiohttp"]
    """What carries the requests of an async client: `aiohttp` (extra `[aiohttp]`, asyncio only) is faster with many
    requests in flight. `FRGOV_HTTP_BACKEND`."""
    proxy: str | None
    """Proxy URL. Default: the usual variables (`HTTPS_PROXY`, `NO_PROXY`). Never used for this machine's own
    addresses. `FRGOV_PROXY`."""
    ca_bundle: str | Path | None
    """A file of certificates that are trusted *besides* the usual ones. `FRGOV_CA_BUNDLE`."""
    client_cert: str | tuple[str, str | None] | None
    """Client certificate: a PEM file, or (certificate, key)."""
    system_store: bool
    """Trust what the operating system trusts (extra `[truststore]`). `FRGOV_SYSTEM_STORE`."""
    user_agent: str
    """Put before ours in `User-Agent`: the service can then tell who calls."""
    on_event: Callable[[Event], None] | None
    """Told of every request, retry, limit wait, cache hit and circuit change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """The options of a client, resolved and checked. Printing it shows no secret."""

    base_url: str
    timeout: float | None = None
    connect_timeout: float = 5.0
    deadline: float | None = None
    retries: int | Retry = 2
    max_wait: float | None = None
    cache: Any = None
    cache_ttl: float | None = None
    stale_if_error: float = 0.0
    cache_personal: bool = False
    max_response_bytes: int | None = None
    auth: Auth | None = None
    circuit: CircuitOptions | None = field(default_factory=CircuitOptions)
    limiters: Mapping[str, Limiter | None] = field(default_factory=dict[str, Any])
    quota_redis: Any = field(default=None, repr=False)
    max_in_flight: int = 50
    http_client: Any = field(default=None, repr=False)
    http_backend: Literal["httpx", "aiohttp"] = "httpx"
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: str | Path | None = None
    client_cert: str | tuple[str, str | None] | None = field(default=None, repr=False)
    system_store: bool = False
    user_agent: str = ""
    on_event: Callable[[Event], None] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name, (rule, holds) in _RULES.items():
            value = getattr(self, name)
            if not (holds(value) or (value is None and name in _OPTIONAL)):
                raise ConfigurationError(f"{name} {rule}", option=name)
        origin = Origin.parse(self.base_url)
        if self.auth is not None and not origin.secure:
            msg = "base_url: credentials are only sent over https (or to this machine), and this address is http"
            raise ConfigurationError(msg, option="base_url")

    @classmethod
    def resolve(
        cls, service: str, default_url: str, options: Mapping[str, Any], *, also: Iterable[str] = ()
    ) -> ClientConfig:
        """Merge arguments, environment and defaults. `also`: the client's own options, for the hint to a wrong name.

        Raises:
            TypeError: an option that does not exist.
            ConfigurationError: a value that can not be, from an argument or from a variable.
        """
        _check_names(options, {each.name for each in fields(cls)}, also)
        _check_own_client(options)
        variables = _from_environment(service)
        merged: dict[str, Any] = {"base_url": default_url}
        merged.update({name: value for name, (_, value) in variables.items()}, **options)
        try:
            return cls(**merged)
        except ConfigurationError as error:
            name = getattr(error, "option", "")
            if name in options or name not in variables:
                raise
            msg = f"the environment variable {variables[name][0]} can not be used: {error.message}"
            raise ConfigurationError(msg, option=name) from None

    def changed(self, options: Mapping[str, Any]) -> ClientConfig:
        """The same with some call options replaced."""
        _check_names(options, set(CallOptions.__annotations__))
        return replace(self, **options)


def _check_names(options: Mapping[str, Any], known: set[str], also: Iterable[str] = ()) -> None:
    for name in options:
        if name not in known:
            raise TypeError(f"unknown option {name!r}{did_you_mean(name, known.union(also))}")


def _check_own_client(options: Mapping[str, Any]) -> None:
    if options.get("http_client") is None:
        return
    ignored = [name for name in _NETWORK if options.get(name)]
    if ignored:
        msg = f"{', '.join(ignored)}: has no effect beside `http_client`; set it on your own httpx client"
        raise ConfigurationError(msg, option=ignored[0])


_NETWORK: Final = ("proxy", "ca_bundle", "client_cert", "system_store", "http_backend")
_OPTIONAL: Final = frozenset(
    {
        *("timeout", "deadline", "max_wait", "cache", "cache_ttl", "max_response_bytes", "auth", "circuit"),
        *("quota_redis", "proxy", "on_event"),
    }
)
"""Options that may be `None`, among those that have a rule."""


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0  # NaN is not


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _bounded(value: Any) -> bool:
    return _seconds(value) and 0 < value < math.inf


def _is_proxy(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        return parts.scheme in {"http", "https", "socks5", "socks5h"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_cache(value: Any) -> bool:
    return isinstance(getattr(value, "io", None), str) and not isinstance(value, type)


def _is_auth(value: Any) -> bool:
    return hasattr(value, "identity") and hasattr(value, "sign") and not isinstance(value, type)


def _are_limiters(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        each is None or callable(getattr(each, "try_acquire", None)) for each in cast("Any", value).values()
    )


def _is_header(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


_RULES: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    "base_url": ("must be a text", lambda value: isinstance(value, str)),
    "timeout": ("must be seconds, more than 0 and not infinite", _bounded),
    "connect_timeout": ("must be seconds, more than 0 and not infinite", _bounded),
    "deadline": ("must be seconds, more than 0", lambda value: _seconds(value) and value > 0),
    "retries": ("must be 0 or more, or a Retry", lambda value: _count(value) or isinstance(value, Retry)),
    "max_wait": ("must be seconds, 0 or more", _seconds),
    "cache": ("must be a store, such as MemoryCache() or SqliteCache(path)", _is_cache),
    "cache_ttl": ("must be seconds, 0 or more", _seconds),
    "stale_if_error": ("must be seconds, 0 or more", _seconds),
    "cache_personal": ("must be True or False", lambda value: isinstance(value, bool)),
    "max_response_bytes": ("must be 1 or more", lambda value: _count(value) and value > 0),
    "auth": ("must be credentials, such as HeaderKey(name, key)", _is_auth),
    "limiters": ("must be limiters by name of quota: {name: None} for no limit", _are_limiters),
    "quota_redis": ("must be a redis.Redis", lambda value: hasattr(value, "execute_command")),
    "circuit": ("must be CircuitOptions, or None", lambda value: isinstance(value, CircuitOptions)),
    "max_in_flight": ("must be 1 or more", lambda value: _count(value) and value > 0),
    "http_backend": ("must be httpx or aiohttp", lambda value: value in ("httpx", "aiohttp")),
    "proxy": ("must be the URL of a proxy, such as http://host:port", _is_proxy),
    "system_store": ("must be True or False", lambda value: isinstance(value, bool)),
    "user_agent": ("must be printable ASCII, on one line", _is_header),
    "on_event": ("must be a function", callable),
}
"""What an option must be. No rule and no error repeats the value: it may hold a secret."""


# ---- environment -------------------------------------------------------------------------------------------


def _flag(text: str) -> bool:
    value = text.strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError(text)


_OF_ONE_SERVICE: Mapping[str, Callable[[str], Any]] = {
    "base_url": str,
    "timeout": float,
    "connect_timeout": float,
    "deadline": float,
    "retries": int,
    "max_wait": float,
    "max_in_flight": int,
}
_OF_ALL_SERVICES: Mapping[str, Callable[[str], Any]] = {
    "http_backend": str,
    "proxy": str,
    "ca_bundle": str,
    "system_store": _flag,
}


_READ_AS: Final[Mapping[Callable[[str], Any], str]] = {
    float: "a number, with a decimal point and without a unit",
    int: "a whole number",
    _flag: "1 or 0 (true, yes, on; false, no, off)",
}


def read_variable(name: str, read: Callable[[str], V]) -> V | None:
    """An environment variable, `None` when it is not set or empty. Its value never stands in an error."""
    text = os.environ.get(name, "").strip()
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        msg = f"the environment variable {name} must be {_READ_AS.get(read, 'readable')}"
        raise ConfigurationError(msg) from None


def _from_environment(service: str) -> dict[str, tuple[str, Any]]:
    """The options that variables hold, each with the name of its variable."""
    variables = {name: (f"FRGOV_{name.upper()}", read) for name, read in _OF_ALL_SERVICES.items()}
    for name, read in _OF_ONE_SERVICE.items():
        variables[name] = f"FRGOV_{service.upper()}_{name.upper()}", read
    found = {name: (variable, read_variable(variable, read)) for name, (variable, read) in variables.items()}
    return {name: pair for name, pair in found.items() if pair[1] is not None}
