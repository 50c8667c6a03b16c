"""Typed sync and async clients for French public data services, over one dependable transport.

Names load when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ._lazy import lazy_names

__version__: Final = "0.1.0"

if TYPE_CHECKING:
    from .ban import AsyncBanClient, BanClient
    from .cerema import AsyncCeremaClient, CeremaClient
    from .cerema.apidf import ApidfClient, AsyncApidfClient
    from .errors import ApiError, FrgovError, InvalidRequest, InvalidResponse, TransportError
    from .transport.auth import Auth, ClientCredentials, HeaderKey, PasswordLogin, RedisTokenStore, StaticBearer
    from .transport.breaker import CircuitOptions
    from .transport.breaker_vaults import shared_circuits
    from .transport.cache import Cache, MemoryCache
    from .transport.cache_redis import RedisCache
    from .transport.cache_sqlite import SqliteCache
    from .transport.common import Health
    from .transport.ratelimit import AiolimiterAdapter, Limiter, RateLimiter
    from .transport.ratelimit_redis import RedisRateLimiter
    from .transport.retry import Retry
    from .transport.telemetry import CacheHitEvent, CircuitEvent, Event, LimitWaitEvent, RequestEvent, RetryEvent
    from .transport.windows import Window

_HOME: Final = {
    "AsyncBanClient": ".ban",
    "BanClient": ".ban",
    "ApidfClient": ".cerema.apidf",
    "AsyncApidfClient": ".cerema.apidf",
    "AsyncCeremaClient": ".cerema",
    "CeremaClient": ".cerema",
    "ApiError": ".errors",
    "FrgovError": ".errors",
    "InvalidRequest": ".errors",
    "InvalidResponse": ".errors",
    "TransportError": ".errors",
    "ClientCredentials": ".transport.auth",
    "HeaderKey": ".transport.auth",
    "PasswordLogin": ".transport.auth",
    "RedisTokenStore": ".transport.auth",
    "StaticBearer": ".transport.auth",
    "CircuitOptions": ".transport.breaker",
    "shared_circuits": ".transport.breaker_vaults",
    "MemoryCache": ".transport.cache",
    "RedisCache": ".transport.cache_redis",
    "SqliteCache": ".transport.cache_sqlite",
    "Health": ".transport.common",
    "AiolimiterAdapter": ".transport.ratelimit",
    "RateLimiter": ".transport.ratelimit",
    "RedisRateLimiter": ".transport.ratelimit_redis",
    "Retry": ".transport.retry",
    "Auth": ".transport.auth",
    "Cache": ".transport.cache",
    "CacheHitEvent": ".transport.telemetry",
    "CircuitEvent": ".transport.telemetry",
    "Event": ".transport.telemetry",
    "LimitWaitEvent": ".transport.telemetry",
    "RequestEvent": ".transport.telemetry",
    "RetryEvent": ".transport.telemetry",
    "Limiter": ".transport.ratelimit",
    "Window": ".transport.windows",
    "ban": ".ban:",
    "cerema": ".cerema:",
    "codes": ".codes:",
    "errors": ".errors:",
    "testing": ".testing:",
}

__all__ = [
    "AiolimiterAdapter",
    "ApiError",
    "ApidfClient",
    "AsyncApidfClient",
    "AsyncBanClient",
    "AsyncCeremaClient",
    "Auth",
    "BanClient",
    "Cache",
    "CacheHitEvent",
    "CeremaClient",
    "CircuitEvent",
    "CircuitOptions",
    "ClientCredentials",
    "Event",
    "FrgovError",
    "HeaderKey",
    "Health",
    "InvalidRequest",
    "InvalidResponse",
    "LimitWaitEvent",
    "Limiter",
    "MemoryCache",
    "PasswordLogin",
    "RateLimiter",
    "RedisCache",
    "RedisRateLimiter",
    "RedisTokenStore",
    "RequestEvent",
    "Retry",
    "RetryEvent",
    "SqliteCache",
    "StaticBearer",
    "TransportError",
    "Window",
    "__version__",
    "shared_circuits",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
