"""What to send and how to read the answer, as values that touch no socket."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

__all__ = [
    "Body",
    "Content",
    "Decoder",
    "FilePart",
    "Got",
    "Multipart",
    "Operation",
    "Page",
    "Parts",
    "Reply",
    "Spec",
    "Streamed",
]

T = TypeVar("T")
IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
DEFAULT_MAX_BYTES: Final = 64 * 1024 * 1024


class Reply(NamedTuple):
    """An answer as it came: status, headers (names in lower case) and the whole body. Printing it shows the status."""

    status: int
    headers: Mapping[str, str]
    content: bytes = b""
    stale: bool = False
    """True when the service failed and an older answer from the cache stands in (`stale_if_error`)."""
    age: float | None = None
    """Seconds since the answer was fetched, when it comes from the cache; `None` when it is fresh."""

    def __repr__(self) -> str:
        return f"Reply(status={self.status}, stale={self.stale}, age={self.age})"


@dataclass(frozen=True, slots=True)
class Content:
    """A body that lies in memory. Never printed: it may hold a password or personal data."""

    data: bytes = field(repr=False)
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Streamed:
    """A body that is made anew for each attempt, in pieces, so that it never lies in memory whole."""

    chunks: Callable[[], Iterable[bytes] | AsyncIterable[bytes]]
    """Makes the pieces. An async client also takes an async iterable, and reads any other in a worker thread."""
    content_type: str = "application/octet-stream"
    length: int | None = None


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of a form. `source` is the bytes, or a function that opens the file anew for each attempt."""

    name: str
    filename: str = field(repr=False)
    source: bytes | Callable[[], IO[bytes]] = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Multipart:
    """A `multipart/form-data` body: repeated fields keep their order."""

    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    files: tuple[FilePart, ...] = ()


Body: TypeAlias = Content | Streamed | Multipart | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spec(Generic[T]):
    """What never changes between two calls of one endpoint: declared once, shared by all its calls.

    Two specs are never equal, whatever they hold: an endpoint is known by its one declaration.
    """

    name: str
    """`service.operation`, as it stands in errors, logs and traces."""
    method: str
    path: str
    """Below the base URL of `origin`; always starts with `/`."""
    decode: Callable[[Reply, Operation[T]], T]
    """Reads an answer; raises `InvalidResponse` or `ApiError` when it is not one."""
    origin: str = "default"
    """Which of the client's base URLs; one circuit each."""
    quota: str | None = "default"
    """Which of the client's quotas this call spends; `None` for none."""
    idempotent: bool | None = None
    """Whether repeating is harmless; `None` follows the method (POST and PATCH are not)."""
    ttl: float = 0.0
    """Seconds during which an answer stays true; 0 when it must never be cached."""
    personal: bool = False
    """The answer speaks of persons: never cached unless the caller says so."""
    accept: str = "application/json"
    statuses: frozenset[int] = frozenset()
    """Statuses of 300 and more that `decode` understands and that are therefore no error."""
    public_params: frozenset[str] = frozenset()
    """Parameters whose values may stand in a log."""
    stream: bool = False
    """The answer is not read but handed over open; its method is declared with `@streamed`."""
    max_bytes: int = DEFAULT_MAX_BYTES
    """The largest answer that is read."""
    keep_partial: bool = False
    """An answer that breaks or stalls in the middle is handed over as far as it came, as `partial` of the error."""
    timeout: float = 10.0
    """Seconds an attempt may take, unless the caller says otherwise. A call may take three times as long in all."""
    kept_headers: tuple[str, ...] = ("content-type",)
    """Headers that `decode` reads, kept in the cache with the body."""

    @property
    def repeatable(self) -> bool:
        """Whether the request may be sent again although it may have arrived."""
        return self.method in IDEMPOTENT_METHODS if self.idempotent is None else self.idempotent


class Operation(NamedTuple, Generic[T]):  # a tuple is made four times as fast as a frozen dataclass
    """One call: a comparable value, made by an endpoint and sent by a client. Printing it shows no value of it."""

    spec: Spec[T]
    params: tuple[tuple[str, str], ...] = ()
    path: str | None = None
    """The path where it holds a variable part, already quoted; else `spec.path`."""
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = None
    cost: int = 1
    """How much of the quota it spends."""
    context: Any = None
    """What `decode` must know of the question to read the answer."""
    max_bytes: int | None = None
    """The largest answer, where it depends on the question; else `spec.max_bytes`."""

    def __repr__(self) -> str:
        return f"Operation({self.spec.name}, cost={self.cost})"

    @property
    def name(self) -> str:
        return self.spec.name


Decoder: TypeAlias = Callable[[Reply, Operation[Any]], T]
"""How an answer is read."""
Got: TypeAlias = tuple[Reply, T]
"""An answer, and what was read from it."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    items: list[T]
    next: Operation[Page[T]] | None = None
    total: int | None = None
    total_is: Literal["exact", "capped", "unknown"] = "unknown"
    """Whether `total` is the whole count, or the largest number that the service tells. An exact one is held against
    the items that came: a walk that does not bring so many raises."""
    keys: Sequence[Hashable] | None = None
    """What tells the entries of this page from all others of the list, also those that `items` leaves out; `None` when
    nothing does. An entry that comes twice raises."""


@dataclass(frozen=True, slots=True)
class Parts(Generic[T]):
    """A list that the service gives only in several, each with pages of its own: they are walked one after the other.

    Each part is held against its own total. An entry that an earlier part had already, told by its key, is left out:
    things that lie on both sides of a border come in both parts.
    """

    firsts: tuple[Operation[Page[T]], ...]
    """The first page of each part."""
    model: Callable[[], type[T]] | None = None
    """Loads the class of the entries, for whoever must know it before the first one comes."""

    @property
    def name(self) -> str:
        return self.firsts[0].name
