"""The two drivers: each performs the effects of a flow, one in a thread, one in an event loop.

They know no HTTP library: it loads with the first request (`connecting`).
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ..errors import ClientClosed, ConfigurationError
from .config import ClientConfig
from .effects import Await, Effect, Failure, Flow, Offload, Opened, Send, Sleep, Together, Wait
from .fork import renew_after_fork
from .operation import Reply
from .telemetry import quiet_httpx

__all__ = ["AsyncDriver", "SyncDriver", "async_driver", "sync_driver"]

T = TypeVar("T")


class Connections(Protocol):
    """What a blocking driver sends through."""

    def exchange(self, send: Send) -> Reply | Failure | Opened: ...
    def close(self) -> None: ...


class AsyncConnections(Protocol):
    """What an async driver sends through, in one event loop."""

    async def exchange(self, send: Send) -> Reply | Failure | Opened: ...
    async def close(self) -> None: ...


class SyncDriver:
    """Performs effects in the calling thread. All threads share its connections, made at the first request."""

    def __init__(self, connect: Callable[[], Connections]) -> None:
        self._connect = connect
        self._connections: Connections | None = None
        self._lock = threading.Lock()
        self.closed = False
        quiet_httpx()
        renew_after_fork(self)

    def drive(self, flow: Flow[T]) -> T:
        step: Callable[[Any], Effect] = flow.send
        answer: Any = None
        try:
            while True:
                effect = step(answer)
                try:
                    answer = self._open().exchange(effect) if type(effect) is Send else self._perform(effect)
                    step = flow.send
                except Exception as error:  # noqa: BLE001 - the flow decides what it means
                    answer, step = error, flow.throw
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        finally:
            flow.close()  # runs the flow's own cleanup when the thread is interrupted

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case Sleep(seconds):
                return time.sleep(seconds)
            case Wait(signal, seconds):
                return signal.wait(seconds)
            case Offload(call):
                return call()
            case Together(flows, at_most):
                from .together import in_threads

                return in_threads(self.drive, flows, at_most)
            case Await():
                msg = "this limiter only works in an event loop (aiolimiter): use it with the async client"
                raise ConfigurationError(msg)
            case Send():
                return self._open().exchange(effect)

    def _open(self) -> Connections:
        connections = self._connections
        if connections is None:
            with self._lock:
                if self.closed:
                    raise _closed()
                connections = self._connections = self._connections or self._connect()
        return connections

    def close(self) -> None:
        """Close our connections; an httpx client of the user's stays open."""
        with self._lock:
            self.closed = True
            connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

    def after_fork(self) -> None:
        """Parent and child must not talk over one connection."""
        self._lock = threading.Lock()
        self._connections = None


class AsyncDriver:
    """Performs effects in the running event loop, asyncio or trio. Each loop has connections of its own."""

    def __init__(self, connect: Callable[[], AsyncConnections]) -> None:
        self._connect = connect
        self._by_loop: weakref.WeakKeyDictionary[Any, AsyncConnections] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self.closed = False
        quiet_httpx()
        renew_after_fork(self)

    async def drive(self, flow: Flow[T]) -> T:
        step: Callable[[Any], Effect] = flow.send
        answer: Any = None
        try:
            while True:
                effect = step(answer)
                try:
                    answer = await (self._open().exchange(effect) if type(effect) is Send else self._perform(effect))
                    step = flow.send
                except Exception as error:  # noqa: BLE001 - the flow decides what it means
                    answer, step = error, flow.throw
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        finally:
            flow.close()  # runs the flow's own cleanup when the task is cancelled

    async def _perform(self, effect: Effect) -> Any:
        import anyio.to_thread  # with the first event loop, not with the package

        match effect:
            case Sleep(seconds):
                return await anyio.sleep(seconds)
            case Wait(signal, seconds):
                return await signal.wait_async(seconds)
            case Offload(call):
                return await anyio.to_thread.run_sync(call)
            case Together(flows, at_most):
                from .together import in_tasks

                return await in_tasks(self.drive, flows, at_most)
            case Await(call):
                return await call()
            case Send():
                return await self._open().exchange(effect)

    def _open(self) -> AsyncConnections:
        loop = running_loop()
        connections = self._by_loop.get(loop)
        if connections is None:
            with self._lock:
                if self.closed:
                    raise _closed()
                for other in [each for each in self._by_loop if has_ended(each)]:
                    del self._by_loop[other]  # open connections hold their loop: it would never be forgotten
                connections = self._by_loop[loop] = self._connect()
        return connections

    async def close(self) -> None:
        """Close our connections of this loop; an httpx client of the user's stays open.

        The connections of a loop that has ended are gone with it.
        """
        with self._lock:
            self.closed = True
            connections = self._by_loop.pop(running_loop(), None)
            self._by_loop.clear()
        if connections is not None:
            await connections.close()

    def after_fork(self) -> None:
        """Parent and child must not talk over one connection."""
        self._lock = threading.Lock()
        self._by_loop = weakref.WeakKeyDictionary()


def sync_driver(config: ClientConfig) -> SyncDriver:
    """The driver of a blocking client. What can be wrong with its options is told now, not at the first request."""

    def connect() -> Connections:
        from .connecting import connections

        return connections(config)

    if _is_special(config):
        connect()
    return SyncDriver(connect)


def async_driver(config: ClientConfig) -> AsyncDriver:
    """The driver of an async client."""

    def connect() -> AsyncConnections:
        from .connecting import async_connections

        return async_connections(config)

    if _is_special(config):
        connect()
    return AsyncDriver(connect)


def _is_special(config: ClientConfig) -> bool:
    return config.http_client is not None or config.http_backend != "httpx"


def running_loop() -> Any:
    """What runs the current task: an asyncio loop, or the token of a trio run."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        import trio

        return trio.lowlevel.current_trio_token()


def has_ended(loop: Any) -> bool:
    """Whether what `running_loop` gave will never run again."""
    if hasattr(loop, "is_closed"):
        return bool(loop.is_closed())
    import trio

    try:
        loop.run_sync_soon(_nothing)
    except trio.RunFinishedError:
        return True
    return False


def _nothing() -> None:
    pass


def _closed() -> ClientClosed:
    return ClientClosed("the client is closed: make a new one, or leave its `with` block later")
