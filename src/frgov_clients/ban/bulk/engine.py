"""The run: rows are read, asked, judged, and handed over in their order.

Rows are read by whoever takes the results, so that a cursor or a generator is used in its own thread; the workers send.
At most so many rows are read and not yet handed over.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from ...transport.effects import Await, Flow, Offload, Wait
from ...transport.waiting import Signal
from .dispatch import Dispatch
from .feeding import HASTE, AsyncRows
from .journal import Journal
from .kinds import Kind
from .model import Geocoded, Progress, ProjectProgress, ProjectStep, Status
from .pace import Pace, Patience
from .reading import Rows, opening
from .report import Report
from .settling import Settling
from .tasks import Block

if TYPE_CHECKING:
    from .ahead import Ahead

__all__ = ["Plan", "Run"]

_BLOCK: Final = 500
"""Rows that are read, judged and handed over together."""
_PROGRESS_EVERY: Final = 0.2
_PATIENCE: Final = 2.0
"""Seconds that the end of a run waits for a thread that reads."""
_CUT_OFF: Final = "this run was interrupted while rows were on their way, which may be lost: begin another one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is to do."""

    client: Any
    """Its pipeline is used, without retries and circuits: the run repeats and waits by itself."""
    rows: Rows | AsyncRows
    kind: Kind
    journal: Journal
    owns_journal: bool
    service: str
    """Whose answers the journal is to know."""
    ladder: bool
    in_flight: int
    memory_rows: int
    lot_rows: int | None
    lot_seconds: float
    attempts: int
    patience: float
    ahead: Ahead | None = None
    """A pass that asks most of it by a project, before the first row is read."""
    progress: Callable[[Progress], object] | None


class Run:
    """One geocoding of many rows, as `transport.jobs` runs it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.report = Report(kind=plan.kind.name)
        self._lock = threading.RLock()
        self._news = Signal()
        self._settling = Settling(
            plan.kind,
            plan.journal,
            ladder=plan.ladder,
            most=plan.memory_rows,
            lock=self._lock,
            tell=self._tell,
        )
        most = plan.lot_rows or max(1, plan.memory_rows // (2 * plan.in_flight))
        self._dispatch = Dispatch(
            plan.client,
            plan.kind.name,
            self._settling,
            plan.journal,
            self.report,
            pace=Pace(min(most, plan.client.dialect.csv.max_rows or most), plan.lot_seconds),
            patience=Patience(plan.patience),
            attempts=plan.attempts,
            workers=plan.in_flight,
            lock=self._lock,
            abort=self._abort,
        )
        self._blocks: deque[Block] = deque()
        self._ahead = plan.ahead
        self._reading = threading.Lock()
        """Held by the thread that takes rows in; one whose caller was cancelled may still be at it."""
        self._held: Sequence[Mapping[str, Any]] | None = None
        self._read_rows = 0
        self._outstanding = 0
        self._handed = 0
        """Rows that were given to the caller."""
        self._fatal: BaseException | None = None
        self._passed = 0.0
        """Seconds that the pass ahead took: they tell nothing of the rows."""
        self._told = 0.0
        self._told_step: ProjectStep | None = None

    @property
    def kind(self) -> Kind:
        return self._plan.kind

    @property
    def rows(self) -> Rows | AsyncRows:
        """The input."""
        return self._plan.rows

    @property
    def journal_path(self) -> Path | None:
        """The file of the journal, if it has one."""
        return self._plan.journal.path

    @property
    def is_awaited(self) -> bool:
        """Whether its rows can only be read in an event loop."""
        return isinstance(self._plan.rows, AsyncRows)

    # ---- as a job ------------------------------------------------------------------------------------------

    def open(self) -> Flow[None]:
        """Open the input and the journal, which may take time; a run that is never begun leaves both alone."""
        yield from opening(self._plan.rows)
        yield Offload(self._open_journal)
        self.report.begin(self._plan.rows.total)
        self._settling.begin()

    def _open_journal(self) -> None:
        journal = self._plan.journal
        if self._plan.owns_journal:
            journal.open()
        journal.serve(self._plan.service)

    def workers(self) -> Sequence[Flow[None]]:
        flows = [self._dispatch.worker() for _ in range(self._plan.in_flight)]
        rows = self._plan.rows
        return [*flows, self._feed(rows)] if isinstance(rows, AsyncRows) else flows

    def next_batch(self, received: int | None = None) -> Flow[Sequence[Geocoded] | None]:
        """The results of the next rows, in their order; `None` after the last.

        `received`: how many the caller has. An interrupt may have come between the end of this and the caller's next
        step: then the rows in between are lost, and the run with them.
        """
        if received not in (None, self._handed):
            self._abort(RuntimeError(_CUT_OFF))
        yield from self._go_ahead()
        dispatch, source = self._dispatch, self._plan.rows
        has_read = False
        while True:
            block = None
            with self._lock:
                if self._fatal is not None:
                    raise self._fatal
                may_read = not dispatch.drained and self._outstanding < self._plan.memory_rows
                late = may_read and source.late
                pile = len(self._blocks) > 1 and not self._blocks[1].left  # rows that are done need not fill the memory
                if self._blocks and not self._blocks[0].left and (has_read or late or pile or not may_read):
                    self._handed += len(self._blocks[0])  # first: an interrupt may come at any place
                    block = self._blocks.popleft()
                    self._outstanding -= len(block)
                elif dispatch.drained and not self._blocks:
                    self._end()
                    return None
                signal = self._news
            if block is not None:
                with self._whole():
                    return self._handed_over(block.results())
            if may_read and not late:
                if isinstance(source, AsyncRows):
                    yield from source.meanwhile(_BLOCK, HASTE)
                has_read = (yield from self._read()) or has_read
                continue
            dispatch.starving = True
            dispatch.wake()
            if late and isinstance(source, AsyncRows):
                yield from source.meanwhile(_BLOCK, 1.0, signal)
            else:
                yield Wait(signal, 1.0)
            dispatch.starving = False
            self._show()

    def _go_ahead(self) -> Flow[None]:
        """Play the pass ahead, if there is one, before the first row is read."""
        if self._ahead is not None:
            yield from self._ahead.play(self.report, self._show)
            self._ahead = None
            self._passed = self.report.seconds

    def stop(self) -> None:
        self._dispatch.stop()

    def close(self) -> Flow[None]:
        if not self.report.complete:
            self.report.finish(complete=False)
        try:
            if self._reading.locked():  # by a thread whose caller was cancelled: the file must not go under its hands
                yield Offload(partial(self._reading.acquire, timeout=_PATIENCE))
            self._plan.rows.close()
        finally:
            if self._plan.owns_journal:
                yield Offload(self._plan.journal.close)

    # ---- rows in -------------------------------------------------------------------------------------------

    def _feed(self, rows: AsyncRows) -> Flow[None]:
        yield Await(partial(rows.feed, self._tell))

    def _read(self) -> Flow[bool]:
        """Take in the next rows; false when there are none now.

        Who waits here may be cancelled: the thread that was sent takes its rows in to the end, and is waited for by the
        next one who comes; what was read and not taken in is held for that one.
        """
        source = self._plan.rows
        with self._lock:
            signal = self._news
        if self._reading.locked():
            yield Wait(signal, 1.0)
            return False
        if source.ours:
            yield Offload(self._take_in_next)
            return True
        if self._held is None:
            with self._whole():
                self._held = source.take() if isinstance(source, AsyncRows) else source.read(_BLOCK)
            if self._held is None:
                return False
        yield Offload(self._take_in_held)
        return True

    def _take_in_next(self) -> None:
        with self._reading, self._whole():
            self._take_in(cast("Rows", self._plan.rows).read(_BLOCK))
        self._tell()

    def _take_in_held(self) -> None:
        with self._reading, self._whole():
            rows, self._held = self._held, None
            if rows is not None:
                self._take_in(rows)
        self._tell()

    @contextmanager
    def _whole(self) -> Generator[None]:
        """What fails or is interrupted in here may lose rows: nobody may go on behind them."""
        try:
            yield
        except BaseException as error:
            self._abort(error if isinstance(error, Exception) else RuntimeError(_CUT_OFF))
            raise

    def _take_in(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            self.report.total = self._read_rows
            self._dispatch.drained = True
            self._dispatch.wake()
            return
        block = Block(self._read_rows, rows)
        keys, questions = self._plan.kind.questions(self._plan.rows.header, rows)
        with self._lock:
            self._read_rows += len(rows)
            self._outstanding += len(rows)
            self._blocks.append(block)
        self._dispatch.put(self._settling.admit(block, keys, questions))

    # ---- results out ---------------------------------------------------------------------------------------

    def _handed_over(self, results: Sequence[Geocoded]) -> Sequence[Geocoded]:
        if self._plan.ahead is not None:
            results = self._plan.ahead.credited(results)
        self.report.add(results)
        self._show()
        return results

    def _show(self) -> None:
        now = time.monotonic()
        project = self._project
        step = None if project is None else project.step
        # a step may take hours, and nothing is told meanwhile
        if self._plan.progress is not None and (now - self._told >= _PROGRESS_EVERY or step is not self._told_step):
            self._told, self._told_step = now, step
            self._plan.progress(self._progress())

    @property
    def _project(self) -> ProjectProgress | None:
        return None if self._ahead is None else self._ahead.progress

    def _progress(self) -> Progress:
        report = self.report
        seconds = report.seconds - self._passed
        share = report.rows / report.total if report.total else self._plan.rows.share
        if self._project is not None:
            share = None
        return Progress(
            done=report.rows,
            total=report.total,
            seconds=report.seconds,
            rows_per_second=report.rows / seconds if seconds > 0 else 0.0,
            seconds_left=seconds * max(0.0, 1 - share) / share if share else None,
            sent=report.sent,
            requests=report.requests,
            failed=report.statuses[Status.FAILED],
            waiting=self._dispatch.waiting,
            project=self._project,
        )

    def _end(self) -> None:
        """All rows are handed over. Called again when the caller asks for more."""
        if self.report.total == self.report.rows and self._told != float("inf"):
            self._told = float("inf")
            self.report.notes.update(self._plan.rows.notes)
            self.report.finish(complete=True)
            if self._plan.progress is not None:
                self._plan.progress(self._progress())

    def _tell(self) -> None:
        with self._lock:
            news, self._news = self._news, Signal()
        news.set()

    def _abort(self, error: BaseException) -> None:
        with self._lock:
            self._fatal = self._fatal or error
        self._dispatch.stop()
        self._tell()
