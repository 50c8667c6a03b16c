"""Everything that decides how the calls of one client travel."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .operation import Reply, Spec

if TYPE_CHECKING:
    from .auth import Auth
    from .breaker import Circuit
    from .bulkhead import Bulkhead
    from .cache import Cache
    from .flights import Flights
    from .origin import Origin
    from .ratelimit import Limiter
    from .retry import Retry, RetryBudget
    from .service import Service
    from .telemetry import Observer

__all__ = ["CachePolicy", "Policies"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """Which store, and what may go into it."""

    store: Cache
    flights: Flights[Reply]
    ttl: float | None = None
    """Seconds; `None` takes what each endpoint declares."""
    stale_if_error: float = 0.0
    """Seconds beyond its time during which an old answer may stand in for a service that fails."""
    personal: bool = False
    """Whether answers that speak of persons may be kept."""
    spaces: dict[Spec[Any], str] = field(default_factory=dict[Spec[Any], str], repr=False)
    """The part of the keys that is the same for all calls of an endpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Siblings of a client share the parts that hold state: circuits, limiters, bulkhead, budget, cache."""

    service: Service
    origins: Mapping[str, Origin]
    headers: tuple[tuple[str, str], ...]
    observer: Observer
    circuits: Mapping[str, Circuit]
    limiters: Mapping[str, Limiter]
    bulkhead: Bulkhead
    budget: RetryBudget
    retry: Retry | None = None
    auth: Auth | None = None
    cache: CachePolicy | None = None
    deadline: float | None = None
    timeout: float | None = None
    connect_timeout: float
    max_wait: float | None = None
    max_response_bytes: int | None = None
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def timeout_of(self, spec: Spec[Any]) -> float:
        """Seconds an attempt may take."""
        return spec.timeout if self.timeout is None else self.timeout

    def deadline_of(self, spec: Spec[Any]) -> float:
        """Seconds a call may take in all."""
        return 3 * self.timeout_of(spec) if self.deadline is None else self.deadline

    def without_circuits(self) -> Policies:
        """For work that waits by itself for a service that is down, and whose bad requests close it to nobody."""
        return replace(self, circuits={})

    def without_auth(self, deadline: float) -> Policies:
        """For the requests that fetch a token: no credentials, nothing cached, and what is left of the time."""
        return replace(self, auth=None, cache=None, deadline=deadline)
