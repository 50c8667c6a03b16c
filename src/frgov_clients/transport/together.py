"""Several flows at once: in threads for a blocking driver, in tasks for an async one."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from typing import Any, NoReturn, cast

from .effects import Flow

__all__ = ["in_tasks", "in_threads"]


def in_threads(drive: Callable[[Flow[Any]], Any], flows: Sequence[Flow[Any]], at_most: int) -> list[Any]:
    """The results in order. After a failure nothing new begins, and what is under way is waited for."""
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    over = threading.Event()  # set by the thread that fails: it would begin the next one before we hear of it

    def play(flow: Flow[Any]) -> Any:
        if over.is_set():
            return None
        try:
            return drive(flow)
        except BaseException:
            over.set()
            raise

    with ThreadPoolExecutor(max(1, at_most)) as pool:
        futures = [pool.submit(copy_context().run, play, flow) for flow in flows]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            failed = next((each for each in futures if each in done and each.exception() is not None), None)
            return [each.result() for each in ([failed] if failed is not None else futures)]
        finally:
            for each in futures:
                each.cancel()


async def in_tasks(drive: Callable[[Flow[Any]], Awaitable[Any]], flows: Sequence[Flow[Any]], at_most: int) -> list[Any]:
    """The results in order. A failure cancels the others."""
    import anyio

    results: list[Any] = [None] * len(flows)
    places = anyio.Semaphore(max(1, at_most))

    async def play(number: int, flow: Flow[Any]) -> None:
        async with places:
            results[number] = await drive(flow)

    try:
        async with anyio.create_task_group() as group:
            for number, flow in enumerate(flows):
                group.start_soon(play, number, flow)
    except BaseExceptionGroup as several:
        _raise_first(several)
    return results


def _raise_first(several: BaseExceptionGroup[BaseException]) -> NoReturn:
    """One call has one error: the first, as in threads."""
    first: Any = several
    while isinstance(first, BaseExceptionGroup):
        first = cast("BaseExceptionGroup[BaseException]", first).exceptions[0]
    raise first from first.__cause__
