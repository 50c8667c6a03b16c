"""Answers kept in Redis, shared by several machines."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..errors import ConfigurationError
from .cache import Blocking, Store, Trouble, encoded

if TYPE_CHECKING:
    from redis import Redis

__all__ = ["RedisCache"]

T = TypeVar("T")
_LONGEST: Final = 10 * 365 * 86400.0
_SLOW: Final = 0.05
_BATCH: Final = 500


class RedisCache(Store):
    """Keeps answers in Redis (or what speaks its protocol); Redis itself drops them when their time is over.

    Takes the URL of a server, or a synchronous `redis.Redis` client of yours, which you close yourself and which must
    not decode replies (`decode_responses`). A client made from a URL waits half a second at most for the server.

    When Redis does not answer, a read is a miss and a write is dropped, with one warning in the log. A failure that
    made the call wait is followed by `pause` seconds during which Redis is not asked, so that a dead server delays
    one call and not all of them.
    """

    io: Blocking = "network"

    def __init__(
        self,
        redis_client_or_url: Redis | str,
        prefix: str = "frgov:cache:",
        *,
        pause: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ConfigurationError`: the redis package is missing, the URL is wrong, or the client can not be used."""
        self._redis: Any = redis_client_or_url
        self._owned = isinstance(redis_client_or_url, str)
        if isinstance(redis_client_or_url, str):
            self._redis = _connect(redis_client_or_url)
        _refuse_unusable(self._redis)
        self._prefix = encoded(prefix)
        self._pause = pause
        self._clock = clock
        self._asleep_until = float("-inf")
        self._trouble = Trouble("redis", clock)

    def get(self, key: str) -> bytes | None:
        """The value, by one `GET`."""
        value = self._ask("reading", self._redis.get, self._prefix + encoded(key))
        return value if isinstance(value, bytes) else None

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep `value` for `ttl` seconds (ten years at most), by one `SET … PX`."""
        if not ttl > 0:
            self.delete(key)
            return
        milliseconds = max(1, int(min(ttl, _LONGEST) * 1000))
        self._ask("writing", self._redis.set, self._prefix + encoded(key), value, px=milliseconds)

    def delete(self, key: str) -> None:
        """Remove the key, if it is there."""
        self._ask("deleting", self._redis.delete, self._prefix + encoded(key))

    def clear(self) -> None:
        """Remove every key that begins with the prefix. Raises the error of the redis package when it can not."""
        batch: list[bytes] = []
        for key in self._redis.scan_iter(match=_literal(self._prefix) + b"*", count=_BATCH):
            batch.append(key)
            if len(batch) >= _BATCH:
                self._redis.delete(*batch)
                batch.clear()
        if batch:
            self._redis.delete(*batch)

    def close(self) -> None:
        """Close the connections, unless the client is yours."""
        if self._owned:
            self._redis.close()

    def _ask(self, operation: str, command: Callable[..., T], *args: Any, **options: Any) -> T | None:
        started = self._clock()
        if started < self._asleep_until:
            return None
        try:
            return command(*args, **options)
        except Exception as error:  # noqa: BLE001 - whatever a client library raises: a cache is never a failure
            now = self._clock()
            if now - started > _SLOW:
                self._asleep_until = now + self._pause
            self._trouble.tell(operation, type(error).__name__)  # the text of a redis error may quote the key
            return None


def _connect(url: str) -> Any:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise ConfigurationError("RedisCache needs the redis package: pip install 'frgov-clients[redis]'") from None
    factory: Any = redis.Redis  # `from_url` is not completely typed
    try:
        return factory.from_url(
            url,
            socket_connect_timeout=0.5,
            socket_timeout=0.5,
            retry=Retry(NoBackoff(), 1),  # once more, for a pooled connection that the server has closed meanwhile
        )
    except ValueError:
        # not chained: the original text may quote the URL, and with it the password
        raise ConfigurationError("RedisCache: the URL must look like redis://host:6379/0 or rediss://…") from None


def _refuse_unusable(client: Any) -> None:
    if inspect.iscoroutinefunction(getattr(client, "execute_command", None)):
        raise ConfigurationError("RedisCache takes a synchronous redis.Redis, for async clients too, not redis.asyncio")
    pool = getattr(client, "connection_pool", None)
    if getattr(pool, "connection_kwargs", {}).get("decode_responses"):
        raise ConfigurationError("RedisCache keeps bytes: its redis client must not have decode_responses=True")


def _literal(prefix: bytes) -> bytes:
    """The prefix as a SCAN pattern that matches itself alone."""
    return b"".join(b"\\" + bytes((byte,)) if byte in b"\\*?[]^-" else bytes((byte,)) for byte in prefix)
