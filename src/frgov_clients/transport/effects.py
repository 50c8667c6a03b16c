"""What a flow asks its driver to do. A flow itself never blocks, sleeps or opens a socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar

from .operation import Body, Reply

if TYPE_CHECKING:
    from ..errors import FrgovError
    from .waiting import Signal

__all__ = [
    "Await",
    "ByteStream",
    "Effect",
    "Failure",
    "Flow",
    "Offload",
    "Opened",
    "Request",
    "Send",
    "Sleep",
    "Together",
    "Wait",
]

T = TypeVar("T")


class Request(NamedTuple):
    """One request, complete: what the driver puts on the wire."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Body = None
    origin: str = ""
    """The base URL it belongs to: connections are kept by it."""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.origin})"  # headers hold credentials, the query what was asked


@dataclass(frozen=True, slots=True)
class Failure:
    """A send that brought no complete answer, already turned into one of our errors by the driver."""

    error: FrgovError
    sent: bool
    """False when no byte can have reached the server."""


class Send(NamedTuple):
    """Send a request. The driver answers a `Reply`, an open stream, or a `Failure`."""

    request: Request
    timeout: float
    """Seconds until the attempt must be over."""
    connect_timeout: float
    max_bytes: int
    stream: bool = False
    keep_partial: bool = False


class ByteStream(Protocol):
    """An open answer, as the pipeline sees it; `streams` has the two kinds that users read."""

    def on_close(self, do: Callable[[], None]) -> None:
        """Call `do` once, when the stream is closed."""
        ...

    def belongs_to(self, service: str, operation: str) -> None:
        """Whose names stand in the errors that reading it raises."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A streamed answer: its status and headers are here, its body is still on the wire."""

    reply: Reply
    stream: ByteStream


class Sleep(NamedTuple):
    """Sleep that many seconds."""

    seconds: float


class Wait(NamedTuple):
    """Wait until the signal is set; the driver answers whether it was set before the time ran out."""

    signal: Signal
    seconds: float


class Offload(NamedTuple):
    """Call a function that may block (Redis, a file). Its exception is raised in the flow."""

    call: Callable[[], Any]


class Together(NamedTuple):
    """Play several flows at once, at most so many at a time. The driver answers their results, in their order.

    The first that fails ends the others: those not begun are left, those under way are cancelled (tasks) or awaited
    (threads can not be cancelled), and its error is raised in the flow.
    """

    flows: Sequence[Flow[Any]]
    at_most: int


class Await(NamedTuple):
    """Await something that exists only in the async client (a user's own `AsyncLimiter`)."""

    call: Callable[[], Awaitable[Any]]


Effect: TypeAlias = "Send | Sleep | Wait | Offload | Together | Await"
Flow: TypeAlias = Generator[Effect, Any, T]
