"""Threads that do something at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["crowd"]


def crowd(work: Callable[[int, threading.Barrier], None], count: int = 8) -> None:
    """Run `work(number, together)` in so many threads, which meet at `together.wait(30)`; fails where one fails."""
    failures: list[BaseException] = []
    together = threading.Barrier(count)

    def one(number: int) -> None:
        try:
            work(number, together)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)
            together.abort()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)
