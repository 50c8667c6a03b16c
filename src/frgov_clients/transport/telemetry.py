"""What happens inside a call, told outside: events for hooks, log lines, one span per call.

Nothing here holds a query value, a header value or a body: an address is personal data once a name stands
beside it, and a key in a log is a leak.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Generator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from urllib.parse import quote_plus

from ..errors import ConfigurationError, FrgovError
from .effects import Failure, Flow, Opened, Send
from .operation import Operation

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from .origin import Origin

__all__ = [
    "CacheHitEvent",
    "CircuitEvent",
    "Event",
    "LimitWaitEvent",
    "Observer",
    "RequestEvent",
    "RetryEvent",
    "in_our_call",
    "log_to_stderr_if_asked",
    "quiet_httpx",
    "redacted_query",
    "traced",
    "tracing_is_on",
]

T = TypeVar("T")

_log = logging.getLogger("frgov_clients")
_log.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One attempt is over."""

    operation: str
    method: str
    url: str
    """Without the values of the query."""
    attempt: int
    status: int | None
    """HTTP status, `None` when no answer came."""
    error: str | None
    """The kind of failure, `None` when there was none."""
    elapsed: float
    """Seconds on the wire."""


@dataclass(frozen=True, slots=True)
class RetryEvent:
    """A failed attempt will be repeated after `delay` seconds."""

    operation: str
    attempt: int
    error: str
    delay: float


@dataclass(frozen=True, slots=True)
class LimitWaitEvent:
    """A call waited `waited` seconds for its quota."""

    operation: str
    quota: str
    waited: float


@dataclass(frozen=True, slots=True)
class CacheHitEvent:
    """An answer came from the cache, `age` seconds old."""

    operation: str
    age: float
    stale: bool


@dataclass(frozen=True, slots=True)
class CircuitEvent:
    """A circuit changed its state."""

    circuit: str
    before: str
    after: str


Event: TypeAlias = RequestEvent | RetryEvent | LimitWaitEvent | CacheHitEvent | CircuitEvent


class Observer:
    """Hands events to the user's hook and to the log; costs one attribute read when nobody listens."""

    def __init__(self, service: str, hook: Callable[[Event], None] | None = None) -> None:
        self._hook = hook
        self._log = logging.getLogger(f"frgov_clients.{service}")

    @property
    def active(self) -> bool:
        return self._hook is not None or self._log.isEnabledFor(logging.DEBUG)

    def __call__(self, event: Event) -> None:
        level = logging.WARNING if isinstance(event, CircuitEvent) else logging.DEBUG
        if self._log.isEnabledFor(level):
            self._log.log(level, "%s", describe(event))
        if self._hook is not None:
            try:
                self._hook(event)
            except Exception:  # noqa: BLE001 - a hook that fails must not break the call it watches
                self._log.exception("the event hook failed")


def describe(event: Event) -> str:
    """One line for a log."""
    match event:
        case RequestEvent():
            what = f"-> {event.status}" if event.error is None else f"-> {event.error}"
            return f"{event.operation} {event.method} {event.url} {what} in {event.elapsed * 1000:.0f} ms"
        case RetryEvent():
            return f"{event.operation} retry {event.attempt} in {event.delay:.2f} s after {event.error}"
        case LimitWaitEvent():
            return f"{event.operation} waited {event.waited:.2f} s for quota {event.quota}"
        case CacheHitEvent():
            return f"{event.operation} from cache, {event.age:.0f} s old{', stale' if event.stale else ''}"
        case CircuitEvent():
            return f"circuit {event.circuit}: {event.before} -> {event.after}"


def redacted_query(operation: Operation[Any]) -> str:
    """The query string with `…` for every value that the endpoint does not declare public."""
    shown = operation.spec.public_params
    pairs = (f"{quote_plus(name)}={quote_plus(value) if name in shown else '…'}" for name, value in operation.params)
    query = "&".join(pairs)
    return f"?{query}" if query else ""


# ---- logging -----------------------------------------------------------------------------------------------

_TALKERS: Final = (
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
)
in_our_call: Final[ContextVar[bool]] = ContextVar("frgov_clients_call", default=False)


def _not_ours(record: logging.LogRecord) -> bool:  # noqa: ARG001 - the shape of a filter
    return not in_our_call.get()


def quiet_httpx() -> None:
    """Drop what httpx and httpcore log of our requests: whole URLs, headers of answers, the password of a proxy.

    The user's own httpx keeps its log.
    """
    for name in _TALKERS:
        logger = logging.getLogger(name)
        if _not_ours not in logger.filters:
            logger.addFilter(_not_ours)


def log_to_stderr_if_asked() -> None:
    """`FRGOV_LOG=debug` (or info, warning): show our own log without touching the application's."""
    wanted = os.environ.get("FRGOV_LOG", "").strip().upper()
    if not wanted or any(handler.name == "FRGOV_LOG" for handler in _log.handlers):
        return
    level = logging.getLevelNamesMapping().get(wanted)
    if level is None:
        msg = "FRGOV_LOG must be debug, info, warning or error"
        raise ConfigurationError(msg)
    handler = logging.StreamHandler()
    handler.name = "FRGOV_LOG"
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(level)


# ---- OpenTelemetry -----------------------------------------------------------------------------------------


def tracing_is_on() -> bool:
    """True when the application itself has loaded OpenTelemetry: we never load it for nothing."""
    return "opentelemetry.trace" in sys.modules


def traced(operation: Operation[Any], origin: Origin, story: Flow[T]) -> Flow[T]:
    """The same call inside one CLIENT span, its retries included. No query, no body, no header.

    A flow of several requests has one span for each of them, a list in pages one for each page.
    """
    with _span(operation, origin.host) as current:
        return (yield from _watched(story, origin.base + (operation.path or operation.spec.path), current))


@contextlib.contextmanager
def _span(operation: Operation[Any], host: str) -> Generator[Span, None, None]:
    from opentelemetry import trace

    attributes = {
        "http.request.method": operation.spec.method,
        "server.address": host,
        "url.template": operation.spec.path,
        "frgov.operation": operation.name,
    }
    tracer = trace.get_tracer("frgov_clients")
    with tracer.start_as_current_span(
        operation.name,
        kind=trace.SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,  # its text and stack are not ours to publish
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except FrgovError as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(trace.Status(trace.StatusCode.ERROR, type(error).__name__))
            raise


def _watched(story: Flow[T], url: str, current: Span) -> Flow[T]:
    """Pass every effect on, and note what each answer of the service was."""
    resent = -1
    try:
        effect = story.send(None)
        while True:
            own = isinstance(effect, Send) and effect.request.url.partition("?")[0] == url  # else it fetches a token
            if own:
                resent += 1
            try:
                answer = yield effect
            except BaseException as error:  # noqa: BLE001 - the story decides what it means
                effect = story.throw(error)
                continue
            if own and not isinstance(answer, Failure):
                reply = answer.reply if isinstance(answer, Opened) else answer
                current.set_attribute("http.response.status_code", reply.status)
            effect = story.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        if resent > 0:
            current.set_attribute("http.request.resend_count", resent)
