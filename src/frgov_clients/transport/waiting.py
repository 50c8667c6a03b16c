"""A one-shot signal that threads and tasks of any event loop can wait for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

__all__ = ["Signal"]


class Signal:
    """Set once, from any thread; wakes every waiter, whatever it runs on (thread, asyncio, trio)."""

    __slots__ = ("_lock", "_wakers", "is_set")

    def __init__(self) -> None:
        self.is_set = False
        self._lock = threading.RLock()  # may be set by the garbage collector, inside our lock
        self._wakers: list[Callable[[], Any]] = []

    def set(self) -> None:
        """Wake all waiters, now and for ever."""
        with self._lock:
            self.is_set = True
            wakers, self._wakers = self._wakers, []
        for wake in wakers:
            wake()

    def _add(self, wake: Callable[[], Any]) -> bool:
        with self._lock:
            if not self.is_set:
                self._wakers.append(wake)
            return not self.is_set

    def _discard(self, wake: Callable[[], Any]) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._wakers.remove(wake)

    def wait(self, seconds: float) -> bool:
        """Block this thread; true when the signal was set in time."""
        gate = threading.Lock()
        gate.acquire()
        wake = gate.release
        if not self._add(wake):
            return True
        try:
            gate.acquire(timeout=max(0.0, min(seconds, threading.TIMEOUT_MAX)))
        finally:
            self._discard(wake)
        return self.is_set

    async def wait_async(self, seconds: float) -> bool:
        """Suspend this task; true when the signal was set in time."""
        loop = _running_asyncio()
        return await (self._wait_trio(seconds) if loop is None else self._wait_asyncio(loop, seconds))

    async def _wait_asyncio(self, loop: asyncio.AbstractEventLoop, seconds: float) -> bool:
        future: asyncio.Future[None] = loop.create_future()
        home = threading.get_ident()

        def finish() -> None:
            if not future.done():
                future.set_result(None)

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # that loop is closed: nobody waits there any more
                if threading.get_ident() == home:
                    finish()
                else:
                    loop.call_soon_threadsafe(finish)

        if not self._add(wake):
            return True
        timer = loop.call_later(max(0.0, seconds), finish)
        try:
            await future
        finally:
            timer.cancel()
            self._discard(wake)
        return self.is_set

    async def _wait_trio(self, seconds: float) -> bool:
        import trio

        token = trio.lowlevel.current_trio_token()
        event = trio.Event()

        def wake() -> None:
            with contextlib.suppress(trio.RunFinishedError):
                token.run_sync_soon(event.set)

        if not self._add(wake):
            return True
        try:
            with trio.move_on_after(max(0.0, seconds)):
                await event.wait()
        finally:
            self._discard(wake)
        return self.is_set


def _running_asyncio() -> asyncio.AbstractEventLoop | None:
    """The running asyncio loop; `None` under trio. asyncio is slow to load, and blocking clients do without it."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
