"""A snapshot into a function of the caller."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from ...errors import InvalidRequest
from ...transport.effects import Await, Flow, Offload
from ...transport.lockfile import FileLock
from .checkpoint import Checkpoint, Question
from .kinds import Extent, Kind, SnapshotPage
from .listwalk import Resumed
from .result import PartialSnapshot, Snapshot

__all__ = ["CallbackTarget", "Into"]

Into: TypeAlias = Callable[[SnapshotPage], Awaitable[object] | object]


class CallbackTarget:
    """Gives pages to a function, one after the other; what it has returned from is noted in the checkpoint."""

    def __init__(self, into: Into, checkpoint: Path | None, question: Question, max_age: float | None) -> None:
        call = getattr(type(into), "__call__", None)  # noqa: B004 - an object may have an async one
        self.is_awaited: bool = inspect.iscoroutinefunction(into) or inspect.iscoroutinefunction(call)
        self._into, self._question, self._max_age = into, question, max_age
        self._checkpoint = Checkpoint(checkpoint, question)
        self._lock = None if checkpoint is None else FileLock(checkpoint.with_name(f".{checkpoint.name}.lock"))
        self._opened = self._complete = False

    def open(self) -> Mapping[Kind, Resumed]:
        if self._lock is not None and not self._lock.take():
            raise InvalidRequest.of("checkpoint", "one that no other extraction writes to at the moment")
        self._checkpoint.read(self._max_age)
        self._opened = True
        self._checkpoint.write()  # what is wrong with the path is told before the work
        return self._checkpoint.resumed(self._question.kinds)

    def take(self, pages: Sequence[SnapshotPage]) -> Flow[None]:
        for page in pages:
            call: Any = partial(self._into, page)
            yield Await(call) if self.is_awaited else Offload(call)
            if page.number == 1:
                yield Offload(partial(self._checkpoint.forget, page.kind))
            self._checkpoint.add(page)
            if self._checkpoint.is_due():
                yield Offload(self._checkpoint.write)

    def finish(self, extents: Mapping[Kind, Extent]) -> Snapshot | PartialSnapshot:
        told: dict[str, Any] = {
            "base_url": self._question.base_url,
            "started_at": self._checkpoint.started_at,
            "finished_at": datetime.now(UTC),
            "extents": extents,
        }
        if not all(each.complete for each in extents.values()):
            return PartialSnapshot(**told)
        self._complete = True
        self._checkpoint.remove()
        return Snapshot(**told)

    def close(self) -> None:
        if self._opened and not self._complete:  # a refused one has nothing to say
            with contextlib.suppress(OSError):  # the last one stays
                self._checkpoint.write()
        if self._lock is not None:
            self._lock.release()
