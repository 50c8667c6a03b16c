"""Every exception the package raises, in one tree.

```
FrgovError
├── TransportError            no answer came
│   ├── ConnectionFailed      nothing was sent: DNS, refused, TLS, proxy, no free connection
│   ├── ConnectionLost        sent, and the connection died before the answer
│   ├── AttemptTimeout        sent, and the answer did not come in time
│   ├── DeadlineExceeded      the total time of the call is used up
│   ├── CircuitOpen           not sent: the service has been failing
│   └── RateLimited           not sent: our own limiter would make the call wait too long
├── ApiError                  an answer that says no (one subclass per family of status)
├── InvalidResponse           an answer that is not what the service promises
│   ├── UnexpectedContent     HTML, an empty body, not the promised type
│   ├── TruncatedResponse     cut before its end
│   ├── ResponseTooLarge      larger than the caller allows
│   └── IncompleteResult      complete on the wire, incomplete in substance
├── InvalidRequest            refused before sending: names the field and the limit
├── JournalError              (`ban`) what a run keeps for the next one can not be read or written
├── RightsUnknown             (`cerema`) asked what may be seen, where the rights are not known
├── PlanRefused               (`cerema`) what would be changed is not to be trusted: it carries the plan, if any
├── ConfigurationError        a client that can not work as configured
└── ClientClosed              used after `close()`
```

Each has `retryable`, `retry_after`, `service`, `operation` and `attempts`; each pickles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

__all__ = [
    "ApiError",
    "Attempt",
    "AttemptTimeout",
    "AuthenticationError",
    "BadRequest",
    "CircuitOpen",
    "ClientClosed",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "ConnectionLost",
    "DeadlineExceeded",
    "FrgovError",
    "IncompleteResult",
    "InvalidRequest",
    "InvalidResponse",
    "NotFound",
    "PayloadTooLarge",
    "PermissionDenied",
    "RateLimited",
    "ResponseTooLarge",
    "ServerError",
    "ServiceUnavailable",
    "TooManyRequests",
    "TransportError",
    "TruncatedResponse",
    "UnexpectedContent",
    "UnexpectedRedirect",
    "UnprocessableRequest",
]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a call that failed, kept on the final error."""

    number: int
    """1 for the first try."""
    outcome: str
    """What happened, without personal data: `HTTP 503`, `AttemptTimeout`, ..."""
    elapsed: float
    """Seconds between sending and the outcome."""
    waited: float
    """Seconds slept before the next try; 0 when there was none."""


class FrgovError(Exception):
    """Root of every error of this package.

    The text never holds a secret, nor a value that the caller sent.
    """

    retryable: bool = False
    """True when the same call may succeed later without being changed."""
    retry_after: float | None = None
    """Seconds to wait before trying again, when known."""
    service: str | None = None
    """The service: `ban`, `insee`, ..."""
    operation: str | None = None
    """The operation: `ban.search`, ..."""
    attempts: tuple[Attempt, ...] = ()
    """The tries that were made, the last one included; empty when nothing was sent."""

    def __init__(self, message: str = "", /, **attributes: Any) -> None:
        super().__init__(message)
        self.__dict__.update(attributes)

    @property
    def message(self) -> str:
        """The text without the name of the operation."""
        return str(self.args[0]) if self.args else ""

    def twin(self) -> Self:
        """The same error for another caller: an exception object collects the traceback of each `raise`."""
        copy = type(self)(self.message)
        copy.__dict__.update(self.__dict__)
        return copy

    def __str__(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        tries = f" (after {len(self.attempts)} attempts)" if len(self.attempts) > 1 else ""
        return f"{where}{self.message}{tries}"


# ---- no answer ---------------------------------------------------------------------------------------------


class TransportError(FrgovError):
    """No answer came."""

    retryable = True
    sent: bool = False
    """True when the request may have reached the server."""


class ConnectionFailed(TransportError):
    """No connection: name not resolved, refused, TLS or proxy failure. Nothing was sent."""


class ConnectionLost(TransportError):
    """The connection died after the request was sent and before the answer was complete."""

    sent = True


class AttemptTimeout(TransportError):
    """One attempt took longer than `timeout`."""

    sent = True
    partial: bytes = b""
    """What had come until then, for an operation that can use it."""


class DeadlineExceeded(TransportError):
    """All attempts together took longer than `deadline`; `__cause__` is the last failure, if any."""


class CircuitOpen(TransportError):
    """Not sent: the service failed too often lately. `retry_after` says when the next probe is allowed."""


class RateLimited(TransportError):
    """Not sent: our own limiter would make this call wait longer than allowed (`retry_after` seconds).

    The service did not say anything; its own refusal (429) is `TooManyRequests`.
    """


# ---- an answer that says no ------------------------------------------------------------------------------


class ApiError(FrgovError):
    """The service answered with an error."""

    status: int = 0
    """HTTP status. 200 when the service hides an error in a success."""
    code: str | None = None
    """The service's own stable code, when it has one."""
    service_message: str | None = None
    """The service's own words, the caller's values masked."""
    details: tuple[str, ...] = ()
    """Further messages of the service (one per wrong field, for example)."""
    body: Any = None
    """The parsed error body (or its first characters when it is not JSON), the caller's values masked."""
    request_id: str | None = None
    """What to quote to the service's support."""


class BadRequest(ApiError):
    """400: the service refuses the parameters."""


class AuthenticationError(ApiError):
    """401: the credentials are missing, wrong or expired."""


class PermissionDenied(ApiError):
    """403: known, but not allowed."""


class NotFound(ApiError):
    """404 or 410: no such thing (or no such path: check `base_url`)."""


class Conflict(ApiError):
    """409 or 412: the state of the thing does not allow it."""


class PayloadTooLarge(ApiError):
    """413 or 414: the request is too long for the service."""


class UnprocessableRequest(ApiError):
    """422: well-formed, and refused."""


class TooManyRequests(ApiError):
    """429: the service's quota is used up. `retry_after` is what the service said, if it said anything.

    The refusal of our own limiter is `RateLimited`.
    """

    retryable = True


class ServerError(ApiError):
    """5xx: the service failed."""

    retryable = True


class ServiceUnavailable(ServerError):
    """502, 503, 504: down, overloaded or in maintenance."""


class UnexpectedRedirect(ApiError):
    """3xx: redirects are never followed, so that credentials and data go to the configured host alone."""

    location: str | None = None
    """Where the service points to, without its query."""


STATUS_ERRORS: Final[dict[int, type[ApiError]]] = {
    400: BadRequest,
    401: AuthenticationError,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    413: PayloadTooLarge,
    414: PayloadTooLarge,
    422: UnprocessableRequest,
    429: TooManyRequests,
    502: ServiceUnavailable,
    503: ServiceUnavailable,
    504: ServiceUnavailable,
}
"""The one table from HTTP status to exception."""


def error_for_status(status: int) -> type[ApiError]:
    """The exception class of an HTTP status."""
    found = STATUS_ERRORS.get(status)
    if found is not None:
        return found
    if 300 <= status < 400:
        return UnexpectedRedirect
    return ServerError if status >= 500 else ApiError


# ---- an answer that is not one -----------------------------------------------------------------------------


class InvalidResponse(FrgovError):
    """An answer that is not what the service promises. Never read it as an empty result."""

    status: int = 0
    request_id: str | None = None


class UnexpectedContent(InvalidResponse):
    """HTML instead of JSON, an empty body, a type that was not asked for: a proxy or a maintenance page."""

    retryable = True


class TruncatedResponse(InvalidResponse):
    """The answer ends before its announced end."""

    retryable = True
    partial: bytes = b""
    """What had come until then, for an operation that can use it."""


class ResponseTooLarge(InvalidResponse):
    """The answer is larger than `max_response_bytes`."""


class IncompleteResult(InvalidResponse):
    """Complete on the wire, incomplete in substance: rows in error, a list that stops early."""

    result: Any = None
    """What did arrive, to be looked at, never to be taken for the whole."""


# ---- refused here ------------------------------------------------------------------------------------------


class InvalidRequest(FrgovError, ValueError):
    """Refused before sending. `field` is the parameter, `limit` what it must be."""

    field: str | None = None
    limit: str | None = None

    _template: ClassVar[str] = "{field}: {limit}"

    @classmethod
    def of(cls, field: str, limit: str, hint: str = "") -> InvalidRequest:
        """The usual form: field, limit, and what to do about it."""
        text = cls._template.format(field=field, limit=limit) + (f". {hint[0].upper()}{hint[1:]}" if hint else "")
        return cls(text, field=field, limit=limit)

    def renamed(self, field: str, shown: str = "") -> InvalidRequest:
        """The refusal of a code as that of the parameter it stands in; `shown`: at which place of it."""
        message = self.message.replace(self.field or "", shown or field, 1)
        return InvalidRequest(message, field=field, limit=self.limit)


class ConfigurationError(FrgovError, ValueError):
    """The client can not work as it is configured."""


class ClientClosed(FrgovError, RuntimeError):
    """The client was used after `close()`."""
