"""An extraction from its first page to its result, in both colours."""

from __future__ import annotations

from typing import TypeAlias

from ...errors import InvalidRequest
from ...transport.drivers import AsyncDriver, SyncDriver
from ...transport.jobs import AsyncJob, Job
from .extraction import Extraction
from .kinds import SnapshotPage
from .result import PartialSnapshot, Snapshot

__all__ = ["Outcome", "result_of", "result_of_async"]

Outcome: TypeAlias = Snapshot | PartialSnapshot


class _Extracting(Job[SnapshotPage]):
    def result(self, work: Extraction) -> Outcome:
        found: Outcome = self._run(work.story)
        return found


class _AsyncExtracting(AsyncJob[SnapshotPage]):
    async def result(self, work: Extraction) -> Outcome:
        return await self._run(work.story)


def result_of(work: Extraction, driver: SyncDriver) -> Outcome:
    """Play it with threads."""
    if work.is_awaited:
        raise InvalidRequest.of("into", "a plain function", "An async function is for the async client")
    return _Extracting(work, driver).result(work)


async def result_of_async(work: Extraction, driver: AsyncDriver) -> Outcome:
    """Play it with tasks."""
    return await _AsyncExtracting(work, driver).result(work)
