"""`frgov cerema snapshot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..cerema import CeremaClient, PartialSnapshot, Snapshot, SnapshotProgress
from ..transport.ratelimit import RateLimiter
from ..transport.windows import Window
from .outcomes import Code, Stop, stoppable
from .progress import Shown, progress_for
from .screen import json_line, say

if TYPE_CHECKING:
    from .cerema import SnapshotArguments

__all__ = ["run"]


def run(arguments: SnapshotArguments) -> None:
    """Extract, and leave with 3 when it is not complete."""
    progress = progress_for(describe, quiet=arguments.quiet)
    try:
        with stoppable(), CeremaClient(**arguments.client_options, **_pace(arguments.per_second)) as portal, progress:
            found = portal.snapshot(
                arguments.output,
                kinds=arguments.kind,
                page_size=arguments.page_size,
                in_flight=arguments.in_flight,
                resume=arguments.resume,
                progress=progress,
                patience=60.0 if arguments.patience is None else arguments.patience,
            )
    except KeyboardInterrupt:
        line = f"Interrupted. What came is in {arguments.output}: run the same command again to go on."
        raise Stop(Code.INTERRUPTED, line) from None
    if arguments.json:
        print(json_line(_told(found)))
    elif not arguments.quiet and found.complete:
        print(found)
    if isinstance(found, PartialSnapshot):
        again = all(failure.retryable for failure in found.failures.values())
        say(f"{found}.{' Run the same command again to go on.' if again else ''}")
        raise typer.Exit(Code.NOT_WHOLE)


def _pace(per_second: float) -> dict[str, Any]:
    whole = max(1, int(per_second))
    return {"limiters": {"portal": RateLimiter([Window(limit=whole, seconds=whole / per_second)])}}


def describe(progress: SnapshotProgress | None) -> Shown:
    """`8,100 of 13,064 users, 120 of 1,000 structures`."""
    if progress is None:
        return Shown("waiting for the first answers", "", 0, None)
    parts = [
        f"{each.received:,} of {each.count:,} {kind}"
        for kind, each in progress.extents.items()
        if each.count is not None
    ]
    line = ", ".join(parts) or "waiting for the first answers"
    if progress.waiting > 1:
        why = "" if progress.failure is None else f" ({progress.failure.message[:100]})"
        line += f"; the portal has been down for {progress.waiting:.0f} s{why}"
    expected = progress.expected
    beside = f"{progress.received:,} of {'?' if expected is None else f'{expected:,}'} records"
    return Shown(line, beside, progress.received, expected)


def _told(found: Snapshot | PartialSnapshot) -> dict[str, Any]:
    return {
        "complete": found.complete,
        "folder": str(Path(str(found.folder))),
        "base_url": found.base_url,
        "started_at": found.started_at.isoformat(),
        "finished_at": found.finished_at.isoformat(),
        "kinds": {
            kind: {
                "received": each.received,
                "count": each.count,
                "complete": each.complete,
                "failure": None if each.failure is None else str(each.failure),
            }
            for kind, each in found.extents.items()
        },
    }
