"""Where pybreaker keeps the state of a circuit. Imported when a circuit first opens: pybreaker is slow to load."""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pybreaker

from ..errors import ConfigurationError
from .breaker import Unreachable

if TYPE_CHECKING:
    import redis

    from .breaker import CircuitOptions, CircuitState, Vault

__all__ = ["LocalCircuit", "RedisVault", "shared_circuits"]

R = TypeVar("R")
_log = logging.getLogger("frgov_clients.circuit")
RETRY_AFTER: Final = 5.0
"""Seconds during which a Redis that failed is not asked again."""
SLACK: Final = 2
"""Milliseconds by which Redis may keep a key too long."""
DROP: Final = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class LocalCircuit:
    """pybreaker's own circuit in memory: keeps the state as this process knows it, and tells the listeners."""

    def __init__(self, name: str, options: CircuitOptions, state: CircuitState) -> None:
        self.storage = pybreaker.CircuitMemoryStorage(state)
        self.breaker = pybreaker.CircuitBreaker(
            reset_timeout=options.cooldown,
            state_storage=self.storage,
            listeners=list(options.listeners),
            name=name,
        )

    def write(self, state: CircuitState) -> None:
        """Change the state and tell the listeners; one that fails is logged and breaks nothing."""
        breaker = self.breaker
        change = {"open": breaker.open, "half-open": breaker.half_open, "closed": breaker.close}[state]
        try:
            change()
        except Exception:  # noqa: BLE001 - a listener must not break the call it watches
            _log.exception("a listener of the circuit %s failed", breaker.name)
            self.storage.state = state  # pybreaker keeps it only after the listeners have returned


class RedisVault:
    """The state in pybreaker's Redis storage, for several processes, and a key that lets one of them probe.

    That key exists while nobody (else) may probe: during the cooldown, and while somebody probes. Redis itself counts
    the time, so that the clocks of the machines need not agree. When Redis fails, each process decides alone: one
    warning is logged, and Redis is asked again after 5 s.
    """

    def __init__(
        self,
        name: str,
        options: CircuitOptions,
        connection: redis.Redis,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._cooldown = max(1, round(options.cooldown * 1000) - SLACK)
        self._redis: Any = connection
        self._gate = f"frgov:circuit:{name}:gate"
        self._token = ""
        self._clock = clock
        self._ask_again_at = -math.inf
        self._failing = False
        self._made: pybreaker.CircuitRedisStorage | None = None

    @property
    def _storage(self) -> pybreaker.CircuitRedisStorage:
        if self._made is None:  # it writes to Redis when it is made
            loud: Any = _Loud(self._redis)
            self._made = pybreaker.CircuitRedisStorage(pybreaker.STATE_CLOSED, loud, namespace=f"frgov:{self._name}")
        return self._made

    def read(self) -> float | None:
        def read() -> float | None:
            if self._storage.state not in {pybreaker.STATE_OPEN, pybreaker.STATE_HALF_OPEN}:
                return None
            left: int = self._redis.pttl(self._gate)  # negative when there is no such key
            return (left + SLACK) / 1000 if left >= 0 else 0.0

        return self._ask(read)

    def write(self, state: CircuitState) -> None:
        def write() -> None:
            if state == "open":
                self._redis.set(self._gate, "cooldown", px=self._cooldown)
                self._storage.opened_at = datetime.now(UTC)
            self._storage.state = state
            if state == "closed":
                self._redis.delete(self._gate)

        self._ask(write)

    def take_probe(self) -> bool:
        def take() -> bool:
            token = uuid.uuid4().hex  # a new one each time, lest a late `drop_probe` ends the probe of another
            taken = bool(self._redis.set(self._gate, token, nx=True, px=self._cooldown))
            if taken:
                self._token = token
            return taken

        return self._ask(take)

    def drop_probe(self) -> None:
        token = self._token
        self._ask(lambda: self._redis.eval(DROP, 1, self._gate, token))

    def _ask(self, do: Callable[[], R]) -> R:
        if self._clock() < self._ask_again_at:
            raise Unreachable
        try:
            answer = do()
        except Exception as error:  # noqa: BLE001 - whatever the client's library raises
            self._ask_again_at = self._clock() + RETRY_AFTER
            if not self._failing:
                self._failing = True
                text = "circuit %s: Redis fails (%s); this process decides alone, without the others, meanwhile"
                _log.warning(text, self._name, getattr(error, "kind", type(error).__name__))
            raise Unreachable from None
        self._failing = False
        return answer


class _RedisFailed(Exception):
    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class _Loud:
    """A connection whose failures pybreaker lets through: it takes those of redis for a closed circuit."""

    def __init__(self, connection: Any) -> None:
        self._redis = connection

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._redis, name)

        def call(*args: Any, **options: Any) -> Any:
            try:
                return method(*args, **options)
            except Exception as error:  # noqa: BLE001 - whatever the client's library raises
                raise _RedisFailed(type(error).__name__) from None

        return call


def shared_circuits(connection: redis.Redis) -> Callable[[str, CircuitOptions], Vault]:
    """For `CircuitOptions(vault=shared_circuits(redis.Redis(...)))`: processes share their circuits.

    A `redis.Redis` of yours, also for async clients (they call it in a worker thread), with a short `socket_timeout`
    and a modest `retry` (that of redis-py may take seconds). Reckon with one `GET` per `refresh`,
    whatever the number of calls.

    Raises:
        ConfigurationError: the connection is one of `redis.asyncio`, or does not answer bytes (`decode_responses`).
    """
    import inspect

    given: Any = connection
    if inspect.iscoroutinefunction(getattr(given, "execute_command", None)):
        raise ConfigurationError("shared_circuits takes a synchronous redis.Redis, for async clients too")
    if getattr(getattr(given, "connection_pool", None), "connection_kwargs", {}).get("decode_responses"):
        raise ConfigurationError("shared_circuits: the redis connection must not have decode_responses=True")

    def make(name: str, options: CircuitOptions) -> Vault:
        return RedisVault(name, options, connection)

    return make
