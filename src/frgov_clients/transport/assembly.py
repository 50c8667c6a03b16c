"""From a service and a configuration to the policies of a client."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .breaker import Circuit, CircuitState
from .bulkhead import Bulkhead
from .config import ClientConfig
from .flights import Flights
from .fork import renew_after_fork
from .operation import Reply
from .origin import Origin
from .policies import CachePolicy, Policies
from .ratelimit import Limiter, shared_limiter
from .retry import Retry, RetryBudget
from .service import Service
from .telemetry import CircuitEvent, Observer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["assemble", "reassemble"]


def assemble(service: Service, config: ClientConfig) -> Policies:
    """The policies of a new client."""
    origins = {name: Origin.parse(url, option=f"{name}_base_url") for name, url in service.base_urls.items()}
    origins["default"] = Origin.parse(config.base_url)
    observer = Observer(service.name, config.on_event)
    return Policies(
        service=service,
        origins=origins,
        headers=(("User-Agent", _user_agent(config.user_agent)),),
        observer=observer,
        circuits=_circuits(service, config, origins, observer),
        limiters=_limiters(service, config, origins["default"]),
        bulkhead=renew_after_fork(Bulkhead(config.max_in_flight)),
        budget=renew_after_fork(RetryBudget()),
        **_of_each_call(config, None),
    )


def reassemble(policies: Policies, config: ClientConfig) -> Policies:
    """The policies of a sibling: its own call options, and everything that holds state in common."""
    from dataclasses import replace

    return replace(policies, **_of_each_call(config, policies.cache))


def _of_each_call(config: ClientConfig, before: CachePolicy | None) -> dict[str, Any]:
    return {
        "retry": _retry(config.retries),
        "auth": config.auth,
        "cache": _cache(config, before),
        "deadline": config.deadline,
        "timeout": config.timeout,
        "connect_timeout": config.connect_timeout,
        "max_wait": config.max_wait,
        "max_response_bytes": config.max_response_bytes,
    }


def _retry(retries: int | Retry) -> Retry | None:
    if isinstance(retries, Retry):
        return retries
    return Retry(attempts=retries + 1) if retries else None


def _cache(config: ClientConfig, before: CachePolicy | None) -> CachePolicy | None:
    if config.cache is None:
        return None
    shared = before is not None and before.store is config.cache
    return CachePolicy(
        store=config.cache,
        flights=before.flights if shared and before is not None else renew_after_fork(Flights[Reply]()),
        ttl=config.cache_ttl,
        stale_if_error=config.stale_if_error,
        personal=config.cache_personal,
    )


def _circuits(
    service: Service, config: ClientConfig, origins: Mapping[str, Origin], observer: Observer
) -> dict[str, Circuit]:
    if config.circuit is None:
        return {}

    def tell(name: str, before: CircuitState, after: CircuitState) -> None:
        observer(CircuitEvent(name, before, after))

    return {
        name: renew_after_fork(Circuit(f"{service.name}.{origin.authority}", config.circuit, on_change=tell))
        for name, origin in origins.items()
    }


def _limiters(service: Service, config: ClientConfig, origin: Origin) -> dict[str, Limiter]:
    """The user's own limiters, or the service's quotas, kept once for this process (or once for all of Redis)."""
    unknown = set(config.limiters) - set(service.quotas)
    if unknown and service.quotas:
        known = ", ".join(sorted(service.quotas))
        msg = f"limiters: {service.name} has no quota {', '.join(sorted(unknown))}; it has {known}"
        raise ConfigurationError(msg)
    identity = config.auth.identity if config.auth is not None else ""
    found: dict[str, Limiter] = {}
    for name, windows in service.quotas.items():
        if name in config.limiters:
            continue
        if config.quota_redis is not None:
            from .ratelimit_redis import RedisRateLimiter

            shared_name = f"{service.name}:{origin.host}:{name}:{identity}"
            found[name] = RedisRateLimiter(config.quota_redis, windows, name=shared_name)
        else:
            found[name] = shared_limiter((service.name, origin.base, identity, name), windows)
    found.update({name: limiter for name, limiter in config.limiters.items() if limiter is not None})
    return found


def _user_agent(own: str) -> str:
    from .. import __version__

    ours = f"frgov-clients/{__version__} (Python {'.'.join(map(str, sys.version_info[:3]))})"
    return f"{own} {ours}" if own else ours
