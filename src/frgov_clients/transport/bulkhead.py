"""How many requests of one client may be in flight at once, for threads and tasks together."""

from __future__ import annotations

import threading
from collections import deque

from ..errors import ConfigurationError
from .waiting import Signal

__all__ = ["Bulkhead"]


class Bulkhead:
    """A counting gate, first come first served, that never blocks by itself.

    `enter` answers `None` (inside) or a signal, set when the slot is there; whoever stops waiting calls `give_up`,
    and whoever got a slot calls `leave` once.
    """

    __slots__ = ("__weakref__", "_free", "_lock", "_waiting", "size")

    def __init__(self, size: int) -> None:
        if size < 1:
            msg = "max_in_flight must be at least 1"
            raise ConfigurationError(msg)
        self.size = size
        self._free = size
        self._waiting: deque[Signal] = deque()
        self._lock = threading.RLock()  # an abandoned call may leave from the garbage collector, inside our lock

    @property
    def in_flight(self) -> int:
        return self.size - self._free

    def enter(self) -> Signal | None:
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return None
            signal = Signal()
            self._waiting.append(signal)
            return signal

    def leave(self) -> None:
        """Give the slot back: to the first who waits, if anyone does."""
        with self._lock:
            if not self._waiting:
                self._free = min(self.size, self._free + 1)  # in a forked child, calls of the parent may end too
                return
            signal = self._waiting.popleft()
        signal.set()

    def give_up(self, signal: Signal) -> None:
        """Stop waiting. A slot that was handed over at the same moment is passed on."""
        with self._lock:
            try:
                self._waiting.remove(signal)
            except ValueError:
                handed = True
            else:
                handed = False
        if handed:
            self.leave()

    def after_fork(self) -> None:
        self._lock = threading.RLock()
        self._free = self.size
        self._waiting.clear()
