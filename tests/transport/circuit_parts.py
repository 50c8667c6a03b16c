"""Circuits that are driven by hand, and the services and the Redis around them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import httpx
import pybreaker
import redis
import redis.asyncio

from frgov_clients.errors import (
    CircuitOpen,
    FrgovError,
)
from frgov_clients.transport.breaker import Circuit, CircuitOptions
from frgov_clients.transport.breaker_vaults import RedisVault
from frgov_clients.transport.operation import Operation

Handler = Callable[[httpx.Request], httpx.Response]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def attempt(circuit: Circuit, failed: bool | None) -> None:
    """What the pipeline does with a circuit, without sending anything."""
    if (due := circuit.refresh()) is not None:
        due()
    probe = circuit.admit()
    if probe and (take := circuit.take_probe()) is not None and not take():
        circuit.leave(probe=True, failed=None)
        raise circuit.refuse_probe()
    if (tell := circuit.leave(probe=probe, failed=failed)) is not None:
        tell()


def attempts(circuit: Circuit, story: str) -> None:
    """`x` is a failure, `o` a success, `-` an attempt that was cancelled."""
    for letter in story:
        attempt(circuit, {"x": True, "o": False, "-": None}[letter])


def opened(clock: Clock, **options: Any) -> Circuit:
    circuit = Circuit("probe", CircuitOptions(**options), clock=clock)
    attempts(circuit, "x" * circuit.options.minimum)
    assert circuit.state == "open"
    return circuit


def of_colour(colour: str, handler: Any) -> Any:
    """An httpx client of that colour that talks to a function."""
    transport = httpx.MockTransport(handler)
    return httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)


def statuses(*codes: int) -> tuple[Handler, list[int]]:
    """A server that answers these statuses in turn, again and again, and what it has answered."""
    given: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        given.append(codes[len(given) % len(codes)])
        return httpx.Response(given[-1], text="{}")

    return handler, given


async def caught(client: Any, times: int = 1, operation: Operation[Any] | None = None) -> list[type[Exception] | None]:
    """How that many calls in a row ended."""
    found: list[type[Exception] | None] = []
    for _ in range(times):
        try:
            await (client.get() if operation is None else client.send(operation))
        except FrgovError as error:
            found.append(type(error))
        else:
            found.append(None)
    return found


def passes(circuit: Circuit, failed: bool | None = False) -> bool:
    try:
        attempt(circuit, failed)
    except CircuitOpen:
        return False
    return True


class Ear(pybreaker.CircuitBreakerListener):
    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []

    def state_change(self, cb: Any, old_state: Any, new_state: Any) -> None:
        assert cb.name is not None
        self.heard.append((cb.name, old_state.name, new_state.name))


class Watched(redis.Redis):  # type: ignore[misc]
    """A connection that counts its commands, tells who sends them, and fails when it is told to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: list[str] = []
        self.threads: set[int] = set()
        self.down = False

    def execute_command(self, *args: Any, **options: Any) -> Any:
        self.commands.append(str(args[0]))
        self.threads.add(threading.get_ident())
        if self.down:
            raise redis.ConnectionError("Redis is down")
        return super().execute_command(*args, **options)

    def transaction(self, *args: Any, **options: Any) -> Any:
        self.commands.append("transaction")
        if self.down:
            raise redis.ConnectionError("Redis is down")
        return super().transaction(*args, **options)


@contextmanager
def connections(url: str) -> Generator[Callable[[], Watched], None, None]:
    """Makes connections to an empty Redis."""
    made: list[Watched] = []

    def connect() -> Watched:
        made.append(Watched.from_url(url))
        return made[-1]

    connect().flushdb()
    yield connect
    for connection in made:
        connection.down = False
        connection.close()


def member(connection: Any, *, clock: Any = time.monotonic, **options: Any) -> Circuit:
    """The circuit of one process."""
    options.setdefault("cooldown", 30.0)

    def vault(name: str, given: CircuitOptions) -> RedisVault:
        return RedisVault(name, given, connection, clock=clock)

    return Circuit("probe", CircuitOptions(vault=vault, **options), clock=clock)
