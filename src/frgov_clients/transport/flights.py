"""Single flight: concurrent callers who miss the same key share one request."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..errors import FrgovError
from .waiting import Signal

__all__ = ["Flight", "Flights"]

R = TypeVar("R")


@dataclass(slots=True, eq=False)
class Flight(Generic[R]):
    """One request on its way, and what it brought. Neither when its leader was cancelled."""

    landed: Signal = field(default_factory=Signal)
    result: R | None = None
    error: FrgovError | None = None


class Flights(Generic[R]):
    """The flights of one client, by key."""

    def __init__(self) -> None:
        self._by_key: dict[str, Flight[R]] = {}
        # re-entrant: the garbage collector may close the flow of another leader while this thread holds it
        self._lock = threading.RLock()

    def join(self, key: str) -> tuple[Flight[R], bool]:
        """The flight of this key, and whether the caller leads it (and must `land` it)."""
        with self._lock:
            flight = self._by_key.get(key)
            if flight is not None:
                return flight, False
            flight = self._by_key[key] = Flight[R]()
            return flight, True

    def land(self, key: str, flight: Flight[R]) -> None:
        """End a flight, whatever it brought, and wake those who wait for it."""
        with self._lock:
            if self._by_key.get(key) is flight:
                del self._by_key[key]
        flight.landed.set()

    def after_fork(self) -> None:
        self._lock = threading.RLock()
        self._by_key.clear()
