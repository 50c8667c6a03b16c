"""The workers of a run: they cut lots from one queue, send them, and ask again what did not come."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from ...errors import FrgovError
from ...transport.effects import Flow, Offload, Wait
from ...transport.waiting import Signal
from ..exchange import Answer
from .asking import ask_lot
from .failing import Miss, is_fatal, is_outage, is_refusal
from .journal import Journal
from .lot import Found, Gap
from .model import Origin
from .pace import Pace, Patience
from .report import Report
from .settling import Settling
from .tasks import Queue, Task

__all__ = ["Dispatch"]

_LINGER: Final = 0.25
"""Seconds that a question waits for others to travel with."""
_log: Final = logging.getLogger("frgov_clients.ban")


class Dispatch:
    """What waits to be sent, and who sends it."""

    def __init__(
        self,
        client: Any,
        kind: str,
        settling: Settling,
        journal: Journal,
        report: Report,
        *,
        pace: Pace,
        patience: Patience,
        attempts: int,
        workers: int,
        lock: threading.RLock,
        abort: Callable[[BaseException], None],
    ) -> None:
        """`abort` is called with the error that ends the run."""
        self._client = client
        self._kind = kind
        self._settling = settling
        self._journal = journal
        self._report = report
        self._pace = pace
        self._patience = patience
        self._attempts = attempts
        self._workers = workers
        self._lock = lock
        self._abort = abort
        self._queue = Queue(client.dialect.csv.max_bytes)
        self._leading: dict[bytes, Task] = {}
        """The question that each request is made for: others may wait for the same."""
        self._looking: dict[int, set[bytes]] = {}
        """For each look into the journal that is under way, the keys of what was answered since it began."""
        self._more = Signal()
        self._due = math.inf
        """When the questions that are there leave, be they few."""
        self._idle = 0
        """Workers that wait for questions."""
        self._refusals = 0
        self._stopped = False
        self.drained = False
        """Whether the input is read to its end."""
        self.starving = False
        """Whether the caller waits and can bring no more: smaller lots may leave."""

    def put(self, tasks: Sequence[Task], *, weak: bool = False) -> None:
        """Settle what is known, and queue the rest; `weak` for further steps of rows that were answered weakly."""
        while tasks:
            to_send, meanwhile = self._looked_up(tasks)
            with self._lock:
                if self._patience.gave_up:
                    self._give_up(to_send)
                    return
                tasks = [task for task in to_send if task.known_by in meanwhile]  # the journal has them by now
                leaders = [task for task in to_send if task.known_by not in meanwhile and self._leads(task)]
                (self._queue.climb if weak else self._queue.add)(leaders)
                if leaders:
                    self.wake()

    def _looked_up(self, tasks: Sequence[Task]) -> tuple[list[Task], set[bytes]]:
        """What the journal did not know, and the keys of what was answered since it was asked."""
        meanwhile: set[bytes] = set()
        with self._lock:
            self._looking[id(meanwhile)] = meanwhile
        try:
            return self._settling.unknown(tasks), meanwhile
        finally:
            with self._lock:
                del self._looking[id(meanwhile)]

    def _leads(self, task: Task) -> bool:
        leader = self._leading.setdefault(task.known_by, task)
        if leader is task:
            return True
        task.remembered = Origin.DUPLICATE
        if leader.followers is None:
            leader.followers = []
        leader.followers.append(task)
        return False

    def _followed(self, task: Task) -> list[Task]:
        """All that waited for a request, which is over."""
        del self._leading[task.known_by]
        return task.alone()

    def wake(self) -> None:
        """Have the workers look at the queue."""
        with self._lock:
            more, self._more = self._more, Signal()
        more.set()

    def stop(self) -> None:
        """Cut nothing more."""
        with self._lock:
            self._stopped = True
        self.wake()

    @property
    def waiting(self) -> float:
        """Seconds until a service that is down is asked again."""
        with self._lock:
            return self._patience.wait

    # ---- sending -------------------------------------------------------------------------------------------

    def worker(self) -> Flow[None]:
        """Cut a lot, send it, learn from it; until the run is over."""
        try:
            while (tasks := (yield from self._take())) is not None:
                yield from self._ask(tasks)
        except Exception as error:  # noqa: BLE001 - raised where the results are taken
            self._abort(error)

    def _take(self) -> Flow[list[Task] | None]:
        with self._lock:
            self._idle += 1
        while True:
            with self._lock:  # who stops the run wakes those that wait already
                if self._stopped:
                    return None
                seconds = 60.0
                if self._queue and not (seconds := self._patience.wait):
                    weak = self._queue.pressing
                    if tasks := self._queue.cut(self._share() or self._overdue()):
                        if not weak:  # these leave on their own, and new ones go on waiting
                            self._due = math.inf
                        self._idle -= 1
                        return tasks
                    seconds = self._due - time.monotonic()
                signal = self._more
            yield Wait(signal, seconds)

    def _share(self) -> int:
        """How many questions the next lot takes; 0 while it is better to wait for more."""
        queued, size = len(self._queue), self._pace.size
        if not (self.drained or self.starving or self._queue.pressing or queued >= size):
            return 0
        # when the end is in sight let all workers end at the same time; before it leave those that wait their part
        parts = 2 * self._workers if self.drained else self._idle
        return min(size, max(self._pace.smallest, -(-queued // parts)))

    def _overdue(self) -> int:
        """How many leave although more might travel with them; 0 until those that are there have waited for long."""
        now = time.monotonic()
        self._due = min(self._due, now + _LINGER)
        return self._pace.size if now >= self._due else 0

    def _ask(self, tasks: list[Task]) -> Flow[None]:
        for task in tasks:
            task.asked = True
        began = time.monotonic()
        came = yield from ask_lot(self._client, [task.ask for task in tasks], self._kind)
        seconds = time.monotonic() - began
        with self._lock:
            self._report.requests += came.requests
            self._report.quota_used += came.requests
            self._report.sent += len(tasks)
            if came.miscounted:
                self._report.notes["rows_count_differs"] += 1
        yield Offload(partial(self._received, tasks, came.found, came.error, seconds))

    def _received(
        self, tasks: Sequence[Task], found: Sequence[Found], error: FrgovError | None, seconds: float
    ) -> None:
        if error is not None:
            self._report.last_error = str(error)
        gaps: list[tuple[Task, Gap]] = []
        kept: dict[bytes, Answer | None] = {}
        for task, one in zip(tasks, found, strict=True):
            if isinstance(one, Gap):
                gaps.append((task, one))
            else:
                kept[task.known_by] = one
        climbing = self._learned(kept, seconds) if kept else []
        if gaps:
            self._missed(gaps, len(tasks), error)
        if climbing:
            self.put(climbing, weak=True)

    def _learned(self, kept: dict[bytes, Answer | None], seconds: float) -> list[Task]:
        """Keep the answers to requests, and settle all that waited for them; returns what is to be asked next."""
        self._journal.keep(kept)  # before anything is made of it
        with self._lock:
            for meanwhile in self._looking.values():
                meanwhile.update(kept)
            if self._patience.outage:
                _log.warning("the service answers again")
            self._patience.success()
            self._pace.learn(len(kept), seconds)
            waited: list[Task] = []
            answers: list[Answer | None] = []
            for key, one in kept.items():
                followed = self._followed(self._leading[key])
                waited += followed
                answers += [one] * len(followed)
        return self._settling.learn(zip(waited, answers, strict=True))

    # ---- what did not come ---------------------------------------------------------------------------------

    def _missed(self, gaps: Sequence[tuple[Task, Gap]], sent: int, error: FrgovError | None) -> None:
        """Ask again, in smaller lots; a question that fails again and again is given up."""
        outage = error is not None and is_outage(error)
        retry: list[Task] = []
        with self._lock:
            if error is not None:
                self._refusals += is_refusal(error)
                if self._is_fatal(error, sent):
                    raise error
            rows_alone = error is None and self._are_bad(gaps)
            if outage or (2 * len(gaps) > sent and not rows_alone):
                self._trouble(error)
            for task, gap in gaps:
                if gap is Gap.SKIPPED:
                    for each in self._followed(task):
                        self._settling.skip(each, "refused_by_service")
                elif self._note_failure(task, error, sent).may_retry(task.attempts, self._attempts):
                    retry.append(task)
                else:
                    self._fail(task)
            self._report.retried += len(retry)
            if self._patience.gave_up:
                self._give_up(retry)
            else:
                self._queue.again(retry)
                self.wake()

    def _are_bad(self, gaps: Sequence[tuple[Task, Gap]]) -> bool:
        """Whether it is the rows rather than the service: each failed before, and others got through since.

        The caller holds the lock.
        """
        return all(0 <= task.successes < self._patience.successes for task, _ in gaps)

    def _trouble(self, error: FrgovError | None) -> None:
        """Wait for the service, and tell it once. The caller holds the lock."""
        patience = self._patience
        told, over = patience.outage, patience.gave_up
        patience.trouble(None if error is None else error.retry_after)
        why = "rows in error" if error is None else str(error)
        if patience.gave_up and not over:
            _log.warning("the service did not answer for too long: what is left is not asked any more (%s)", why)
        elif patience.outage and not told:
            _log.warning("the service does not answer, and is waited for (%s)", why)

    def _is_fatal(self, error: FrgovError, sent: int) -> bool:
        """Whether the run is wrong rather than a row: refused by all workers and once more, and never answered."""
        several = self._refusals > self._workers
        return is_fatal(error, answered=self._settling.knows, alone=sent == 1, several=several)

    def _note_failure(self, task: Task, error: FrgovError | None, sent: int) -> Miss:
        """Keep what a failure tells of a question. The caller holds the lock."""
        before, task.successes = task.successes, self._patience.successes
        miss = Miss(error, sent, others_got_through=task.successes > max(before, 0))
        task.why = miss.word
        if miss.halves:
            task.together = max(1, sent // 2)
        if miss.counts:
            task.attempts += 1
        return miss

    def _give_up(self, tasks: Sequence[Task]) -> None:
        """Nothing got through for too long: what waits is not asked any more. The caller holds the lock."""
        self._report.gave_up = True
        for task in (*tasks, *self._queue.clear()):
            self._fail(task)

    def _fail(self, task: Task) -> None:
        waited = self._followed(task) if self._leading.get(task.known_by) is task else [task]
        for each in waited:
            self._settling.fail(each, task.why or "service_down")
