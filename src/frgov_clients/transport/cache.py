"""Where answers are kept: the store protocol, the form in which a reply lies in a store, the store in memory.

A store takes bytes and gives bytes back. A store that fails is a store that has nothing: a call never breaks because
of it. The other stores are in `cache_sqlite` (disk) and `cache_redis` (network).
"""

from __future__ import annotations

import json
import logging
import marshal
import threading
import time
import zlib
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, Self, TypeAlias, cast

from ..errors import ConfigurationError
from .fork import renew_after_fork

if TYPE_CHECKING:
    from types import TracebackType

    from cachetools import TLRUCache

__all__ = [
    "Blocking",
    "Cache",
    "Headers",
    "MemoryCache",
    "Store",
    "Stored",
    "Trouble",
    "cache_key",
    "key_space",
    "pack",
    "unpack",
]

logger: Final = logging.getLogger("frgov_clients.cache")

Blocking: TypeAlias = Literal["none", "disk", "network"]
Headers: TypeAlias = tuple[tuple[str, str], ...]


# ---- the protocol ------------------------------------------------------------------------------------------


class Cache(Protocol):
    """What a client needs of a store. Safe for several threads; no method raises because the store is down."""

    @property
    def io(self) -> Blocking:
        """How it may block.

        `none`: never, called in place. `disk`: `get` is called in place, `set` in a worker thread by an async client.
        `network`: always in a worker thread by an async client.
        """
        ...

    def get(self, key: str) -> bytes | None:
        """The value, or `None` when there is none, when it is too old, and when the store can not tell."""
        ...

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep `value` for `ttl` seconds from now. A `ttl` that is not above 0 removes the key."""
        ...


class _Closeable(Protocol):
    def close(self) -> None: ...


class Store:
    """What the stores of this package share: `with` closes them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self: _Closeable, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Trouble:
    """Tells the log that a store fails: once per operation, and again every five minutes while it lasts."""

    def __init__(self, store: str, clock: Callable[[], float] = time.monotonic, every: float = 300.0) -> None:
        self._store = store
        self._clock = clock
        self._every = every
        self._told: dict[str, float] = {}

    def tell(self, operation: str, reason: str) -> None:
        """`reason` must hold neither a key nor a value."""
        now = self._clock()
        if now - self._told.get(operation, float("-inf")) >= self._every:
            self._told[operation] = now
            logger.warning("the %s cache fails at %s (%s): calls go on without it", self._store, operation, reason)


# ---- in memory ---------------------------------------------------------------------------------------------


class _Entry(NamedTuple):
    value: bytes
    ttl: float
    size: int


def _end_of_use(_key: str, entry: _Entry, now: float) -> float:
    return now + entry.ttl


def _size_of(entry: _Entry) -> int:
    return entry.size


class MemoryCache(Store):
    """Keeps answers in the memory of this process; the least recently used go first when it is full.

    `max_bytes` counts keys, values and about 300 bytes of bookkeeping per entry. A value larger than that is not kept.
    """

    io: Blocking = "none"
    OVERHEAD: Final = 300

    def __init__(
        self,
        max_entries: int = 10_000,
        max_bytes: int = 64 * 1024 * 1024,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_entries < 1 or max_bytes < 1:
            raise ConfigurationError("MemoryCache: max_entries and max_bytes must be at least 1")
        from cachetools import TLRUCache

        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: TLRUCache[str, _Entry, float] = TLRUCache(max_bytes, _end_of_use, clock, _size_of)
        renew_after_fork(self)

    def get(self, key: str) -> bytes | None:
        """The value, which thereby becomes the most recently used one."""
        with self._lock:
            try:
                return self._entries[key].value
            except KeyError:
                return None

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep `value` for `ttl` seconds, in the place of the least recently used ones where it needs some."""
        size = len(key) + len(value) + self.OVERHEAD
        entries = self._entries
        with self._lock:
            if not ttl > 0 or size > self._max_bytes:
                entries.pop(key, None)
                return
            if key not in entries:
                while len(entries) >= self._max_entries:
                    entries.popitem()
            entries[key] = _Entry(value, ttl, size)

    def delete(self, key: str) -> None:
        """Remove the key, if it is there."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._entries.clear()

    def close(self) -> None:
        """Remove everything."""
        self.clear()

    def __len__(self) -> int:
        """How many entries are still good."""
        with self._lock:
            return len(self._entries)

    @property
    def size(self) -> int:
        """How many bytes the entries take, bookkeeping included."""
        with self._lock:
            return int(self._entries.currsize)

    def after_fork(self) -> None:
        if self._lock.locked():  # another thread was changing the entries: they may be half changed
            self._entries.clear()
        self._lock = threading.Lock()


# ---- the envelope ------------------------------------------------------------------------------------------


class Stored(NamedTuple):
    """A reply read back from a store."""

    content: bytes
    headers: Headers
    age: float
    """Seconds since it was stored."""
    fresh: bool
    """False when only `stale_if_error` may still use it."""


_MAGIC: Final = b"FrgC\x01"
"""Four letters and the version of the envelope: a blob of another version is a miss."""
_HEADER: Final = Struct("!5sIddIQ")
_SUMMED: Final = 9
"""Where the checksummed part begins: after the magic and the checksum."""
_CLOCK_SLACK: Final = 60.0
_REMEMBERED: Final = 1024
"""Header blocks up to this many bytes are parsed once and remembered: they come back with nearly every reply."""


def pack(content: bytes, headers: Headers, ttl: float, now: float) -> bytes:
    """The bytes that a store keeps for a reply that stays true for `ttl` seconds; `now` is the wall clock."""
    block = json.dumps(headers, separators=(",", ":")).encode()
    header = _HEADER.pack(_MAGIC, 0, now, ttl, len(block), len(content))
    checksum = zlib.crc32(content, zlib.crc32(block, zlib.crc32(header[_SUMMED:])))
    return b"".join((_MAGIC, checksum.to_bytes(4, "big"), header[_SUMMED:], block, content))


def unpack(blob: bytes, now: float) -> Stored | None:
    """Read what `pack` wrote. Never raises: a truncated, foreign or damaged blob is `None`, a miss.

    So is a blob from more than a minute in the future: a clock was wrong, and its age means nothing.
    """
    if len(blob) < _HEADER.size:
        return None
    magic, checksum, stored_at, ttl, block_length, length = _HEADER.unpack_from(blob)
    start = _HEADER.size + block_length
    if magic != _MAGIC or len(blob) != start + length or zlib.crc32(blob[_SUMMED:]) != checksum:
        return None
    age = now - stored_at
    if not age >= -_CLOCK_SLACK:
        return None
    read = _remembered_headers if block_length <= _REMEMBERED else _read_headers
    headers = read(blob[_HEADER.size : start])
    if headers is None:
        return None
    age = max(age, 0.0)
    return Stored(blob[start:], headers, age, age < ttl)


def _read_headers(block: bytes) -> Headers | None:
    try:
        pairs: Any = json.loads(block)
        headers = tuple((name, value) for name, value in pairs)
    except (ValueError, TypeError, RecursionError):
        return None
    well_formed = all(isinstance(name, str) and isinstance(value, str) for name, value in headers)
    return cast("Headers", headers) if well_formed else None


_remembered_headers: Final = lru_cache(maxsize=256)(_read_headers)


# ---- the key -----------------------------------------------------------------------------------------------


def key_space(*parts: str) -> str:
    """What all calls of one endpoint have in common, and separates what must never be mixed: host, account, path."""
    return sha256(repr(parts).encode()).hexdigest()


def cache_key(space: str, question: tuple[Any, ...], body: tuple[str, bytes] | None) -> str:
    """64 hexadecimal digits, the same in every process, from which nothing of the request can be read."""
    return sha256(key_material(space, question, body)).hexdigest()


def key_material(space: str, question: tuple[Any, ...], body: tuple[str, bytes] | None) -> bytes:
    """What is hashed: marshal's second format puts lengths before everything, so that it reads in one way only.

    It is written by C, in a third of the time of `repr`. Were it ever to change, kept answers would be asked again.
    """
    try:
        return marshal.dumps((space, question, body), 2)
    except ValueError:  # a text of a class of its own (an enum, a numpy string)
        return marshal.dumps((space, _plain(question), _plain(body)), 2)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]


def encoded(text: str) -> bytes:
    """Any `str` as bytes, no two alike: halves of surrogate pairs, which UTF-8 forbids, are kept too."""
    return text.encode("utf-8", "surrogatepass")
