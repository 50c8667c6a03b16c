"""Callers who all start at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def in_threads(number: int, work: Callable[[], Any]) -> list[Any]:
    """What each of that many threads got, or raised."""
    barrier = threading.Barrier(number)
    results: list[Any] = []

    def ready() -> None:
        barrier.wait(10)
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - it is what the test looks at
            results.append(error)

    workers = [threading.Thread(target=ready) for _ in range(number)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive()
    return results
