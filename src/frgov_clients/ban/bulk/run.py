"""What `geocode_many` and `reverse_many` give back: the results as a stream, and the ways to take them whole."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ...errors import InvalidRequest
from ...transport.drivers import AsyncDriver, SyncDriver
from ...transport.effects import Flow, Offload
from ...transport.endpoint import AsyncCalls, SyncCalls, flow
from ...transport.jobs import AsyncJob, Job
from .model import Geocoded
from .report import Report

if TYPE_CHECKING:
    from .columns import Columns
    from .engine import Run

__all__ = ["AsyncGeocoding", "Geocoding"]

R = TypeVar("R")
_log: Final = logging.getLogger("frgov_clients.ban")
PREFIX: Final = "ban_"


def _all(run: Run) -> Flow[list[Geocoded]]:
    found: list[Geocoded] = []
    while (batch := (yield from run.next_batch())) is not None:
        found += batch
    return found


def _write(run: Run, path: str | os.PathLike[str], options: dict[str, Any]) -> Flow[Report]:
    from .sink import check_target, sink_for

    check_target(path, run.rows.given, run.journal_path)
    batch: Sequence[Geocoded] | None = ()
    if not run.rows.header:  # the first rows tell it; a file tells it at once, and what is wrong with the path too
        batch = yield from run.next_batch()
    rows = run.rows
    options |= {"kind": run.kind.name, "input_delimiter": rows.delimiter}
    sink = yield Offload(partial(sink_for, path, rows.header, **options))
    target = sink.path
    try:
        while batch is not None:
            yield Offload(partial(sink.write, batch))
            batch = yield from run.next_batch()
        yield Offload(partial(sink.close, replace=not run.report.gave_up))
    except BaseException:
        sink.abort()
        raise
    run.report.written = sink.path
    run.report.notes.update(sink.notes)
    if sink.path != target:
        _log.warning("the run was given up: %s is kept as it was, see %s", target.name, sink.path.name)
    return run.report


def _frame(run: Run, library: str, options: dict[str, Any]) -> Flow[Any]:
    from .sink import checked_names, frames

    given = run.rows.given
    frame = given if type(given).__module__.partition(".")[0] == library else None
    results: Sequence[Geocoded] = ()
    if not run.rows.header:
        results = (yield from run.next_batch()) or ()
    checked_names(run.rows.header, options["prefix"], run.kind.name)  # rather than after the whole run
    results = [*results, *(yield from _all(run))]
    make = frames.to_pandas if library == "pandas" else frames.to_polars
    return (yield Offload(partial(make, results, frame, kind=run.kind.name, notes=run.report.notes, **options)))


class _Methods:
    """What the runs of both clients have: declared once, as their endpoints are."""

    _run_of: Run
    _begun: bool

    def __repr__(self) -> str:
        report, name = self._run_of.report, type(self).__name__
        if self._begun:
            return f"<{name}: {report.rows:,} rows done, {'complete' if report.complete else 'not complete'}>"
        return f"<{name}, not begun: iterate over it, or call all(), write(path), to_pandas() or to_polars()>"

    @property
    def report(self) -> Report:
        """Counts, rates and verdicts, up to now."""
        return self._run_of.report

    @property
    def columns(self) -> Columns | None:
        """Which column holds what; `None` until the first rows were read."""
        return self._run_of.kind.columns

    @flow
    def all(self) -> Flow[list[Geocoded]]:
        """All results in memory, in the order of the rows."""
        return _all(self._run_of)

    @flow
    def write(self, path: str | os.PathLike[str], *, prefix: str = PREFIX) -> Flow[Report]:
        """Write the rows with their results: `.csv`, `.tsv` or `.tab`, `.jsonl` or `.ndjson`, each also with `.gz`.

        The user's columns come first, untouched; a `.csv` has the delimiter of a CSV input. The file appears under its
        name when it is complete. A run that was given up, since the service did not answer, replaces no file that is
        there: it writes `out.partial.csv` beside `out.csv`. `report.written` is the file.

        Raises:
            InvalidRequest: a column of the input already has the name of a result (choose another `prefix`); the path
                is that of the input or of the journal, or has another suffix.
            OSError: the file can not be written.
        """
        return _write(self._run_of, path, {"prefix": prefix})

    @flow
    def to_pandas(self, *, prefix: str = PREFIX) -> Flow[Any]:
        """A pandas data frame: the input's columns, then the results (extra `[pandas]`)."""
        return _frame(self._run_of, "pandas", {"prefix": prefix})

    @flow
    def to_polars(self, *, prefix: str = PREFIX) -> Flow[Any]:
        """A polars data frame: the input's columns, then the results (extra `[polars]`)."""
        return _frame(self._run_of, "polars", {"prefix": prefix})


class Geocoding(_Methods, Job[Geocoded], SyncCalls):
    """One run over many rows, of a blocking client. Use it once.

        with ban.geocode_many("in.csv") as run:
            for row in run:
                ...
        print(run.report)

    The `with` may be left out. Leaving the loop early stops the run; what was answered is in the journal.
    """

    def __init__(self, work: Run, driver: SyncDriver) -> None:
        if work.is_awaited:
            raise InvalidRequest.of("rows", "an iterable", "An async iterable is for the async client")
        super().__init__(work, driver)
        self._run_of = work

    def _play(self, story: Flow[R]) -> R:
        return self._run(lambda: story)


class AsyncGeocoding(_Methods, AsyncJob[Geocoded], AsyncCalls):
    """One run over many rows, of an async client. Use it once.

        async with ban.geocode_many("in.csv") as run:
            async for row in run:
                ...
        print(run.report)

    The block is needed to iterate, not for `all`, `write` and the frames.
    """

    def __init__(self, work: Run, driver: AsyncDriver) -> None:
        super().__init__(work, driver)
        self._run_of = work

    async def _play(self, story: Flow[R]) -> R:
        return await self._run(lambda: story)
