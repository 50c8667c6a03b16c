"""What the transport must know of a service: where it lives, its quotas, how it says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ApiError
from .operation import Operation, Reply
from .ratelimit import Observed
from .windows import Window

__all__ = ["Service", "ServiceError", "plain_error"]


@dataclass(frozen=True, slots=True)
class ServiceError:
    """What an error body says, in the service's own words."""

    message: str | None = None
    code: str | None = None
    details: tuple[str, ...] = ()
    body: Any = None
    kind: type[ApiError] | None = None
    """The exception it means, where the status alone misleads (an expired token told with 400)."""


def plain_error(status: int, headers: Mapping[str, str], content: bytes) -> ServiceError:  # noqa: ARG001
    """The reader for a service whose error bodies have no known shape."""
    return ServiceError(body=content[:500].decode("utf-8", "replace") or None)


def _nothing(reply: Reply) -> None:  # noqa: ARG001
    return None


def _never(reply: Reply) -> bool:  # noqa: ARG001
    return False


def _server_error(reply: Reply) -> bool:
    return reply.status >= 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service, as data. Its client declares it once; the pipeline reads it."""

    name: str
    """Lower case; also the middle of its environment variables (`FRGOV_<NAME>_...`)."""
    base_urls: Mapping[str, str]
    """Default base URL of each origin; `default` is the one that `base_url` replaces and credentials go to."""
    probe: Operation[Any]
    """The cheapest request that tells whether the service works; `check` sends it."""
    quotas: Mapping[str, tuple[Window, ...]] = field(default_factory=dict[str, tuple[Window, ...]])
    """Windows of each quota. A quota that is not listed is not limited."""
    read_error: Callable[[int, Mapping[str, str], bytes], ServiceError] = plain_error
    """Reads an error body; must not raise."""
    reset_after: Callable[[Reply], float | None] = _nothing
    """Seconds until the quota is whole again, from the service's own headers; asked after `Retry-After`."""
    observe: Callable[[Reply], Observed | None] = _nothing
    """What the headers of an answer say of the quota."""
    pause_on_429: float = 0.0
    """Seconds that nobody may call after a 429 which does not say how long."""
    vetoes_retry: Callable[[Reply], bool] = _never
    """Whether the service forbids to repeat."""
    is_outage: Callable[[Reply], bool] = _server_error
    """Whether an answer counts as a failure for the circuit. 4xx and 429 prove that the service lives."""
    request_id_headers: tuple[str, ...] = ("x-request-id", "x-correlation-id")
    dialect: Any = None
    """What the endpoints must know of the server they speak to, where several kinds serve one API."""
