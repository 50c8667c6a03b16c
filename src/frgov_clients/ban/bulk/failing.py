"""What a failure means: for the run, for the service, and for a question that travelled in the request."""

from __future__ import annotations

from typing import Final, NamedTuple

from ...errors import (
    AttemptTimeout,
    AuthenticationError,
    BadRequest,
    ClientClosed,
    ConfigurationError,
    FrgovError,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ServiceUnavailable,
    TooManyRequests,
    TransportError,
    TruncatedResponse,
    UnexpectedContent,
    UnexpectedRedirect,
)

__all__ = ["Miss", "is_fatal", "is_outage", "is_refusal"]

_REFUSALS: Final = (
    AuthenticationError,
    PermissionDenied,
    NotFound,
    UnexpectedRedirect,
)
_ALWAYS_FATAL: Final = (ConfigurationError, ClientClosed)
_OUTAGE: Final = (TransportError, ServiceUnavailable, TooManyRequests, UnexpectedContent, TruncatedResponse)
_FLOOR: Final = 64
"""Questions below which a lot is not halved while nothing at all gets through."""


def is_refusal(error: FrgovError) -> bool:
    """Whether the service refuses, or answers what nobody asked: for good, or because of a row of the request."""
    return isinstance(error, _REFUSALS) or (isinstance(error, UnexpectedContent) and not error.retryable)


def is_fatal(error: FrgovError, *, answered: bool, alone: bool, several: bool) -> bool:
    """Whether no row can succeed: the whole run is wrong, not a row of it.

    Once anything was answered, a refusal is due to a row (a firewall that dislikes its text), or passes. Before, it
    counts when `several` were refused; one that is usually a row's own fault counts when the row was `alone`.
    """
    if isinstance(error, _ALWAYS_FATAL):
        return True
    if answered:
        return False
    return (is_refusal(error) and several) or (isinstance(error, BadRequest | InvalidRequest) and alone)


def is_outage(error: FrgovError) -> bool:
    """Whether it tells of the service rather than of what was asked. A plain 500 may be due to one row."""
    return isinstance(error, _OUTAGE) and not is_refusal(error)


class Miss(NamedTuple):
    """A question that was sent and not answered."""

    error: FrgovError | None
    """Why its request failed; `None` where the service says of this row alone that it failed."""
    sent: int
    """Questions in the request."""
    others_got_through: bool
    """Whether anything was answered since this question failed before: without, a bad row looks like an outage."""

    @property
    def word(self) -> str:
        """Why the question failed, in a short word without data."""
        if self.error is None:
            return "row_error"
        status: int = getattr(self.error, "status", 0)
        return f"http_{status}" if status >= 300 else type(self.error).__name__

    @property
    def is_outage(self) -> bool:
        return self.error is not None and is_outage(self.error)

    @property
    def never_arrived(self) -> bool:
        """Whether nothing was sent, so that nothing can be the question's own fault."""
        return self.is_outage and not getattr(self.error, "sent", True)

    @property
    def halves(self) -> bool:
        """Whether the question is to travel with half as many others: one of them, or their number, may be why."""
        if self.never_arrived:
            return False
        apart = self.sent > _FLOOR or self.others_got_through
        return apart or not self.is_outage or isinstance(self.error, AttemptTimeout)

    @property
    def counts(self) -> bool:
        """Whether it can only be the question's own fault."""
        if self.never_arrived:
            return False
        return not self.is_outage or (self.sent == 1 and self.others_got_through)

    def may_retry(self, attempts: int, most: int) -> bool:
        """Whether the question is asked again; `attempts`: those that counted, this one included."""
        return self.never_arrived or attempts < most or (self.error is not None and self.sent > 1)
