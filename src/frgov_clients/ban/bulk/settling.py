"""From answers to outcomes: what the journal knows, what an answer is worth, and which rows have waited for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final

from ..exchange import Answer, Verdict
from ..named import named
from .journal import Journal
from .kinds import Kind
from .model import Origin, Status
from .tasks import Block, Outcome, Task

__all__ = ["FAILED", "SKIPPED", "Settling"]

SKIPPED: Final = Outcome(Status.SKIPPED, Verdict.NONE)
FAILED: Final = Outcome(Status.FAILED, Verdict.NONE)


class Settling:
    """The questions of a run that have no outcome yet.

    A question is known by what its row holds: rows that hold the same wait for one outcome.
    What the service said is in the journal before anything is made of it here, so that a question which is not waited
    for any more is known there.
    """

    def __init__(
        self,
        kind: Kind,
        journal: Journal,
        *,
        ladder: bool,
        most: int,
        lock: threading.RLock,
        tell: Callable[[], None],
    ) -> None:
        """`most`: the largest lot; `tell` is called, locked, when a block is complete."""
        self._kind = kind
        self._journal = journal
        self._ladder = ladder
        self._began = 0.0
        self._most = most
        self._lock = lock
        self._tell = tell
        self._waiting: dict[Hashable, Task] = {}
        self.knows = False
        """Whether anything was ever answered, in this run or before."""

    def begin(self) -> None:
        """Answers from now on are those of this run."""
        self._began = time.time()

    def admit(self, block: Block, keys: Sequence[Hashable], questions: Sequence[Any]) -> list[Task]:
        """Have the rows of a block wait for their questions (`Kind.questions`); returns those that nobody asked."""
        waiting = self._waiting
        fresh: list[Task] = []
        with self._lock:
            for place, (key, question) in enumerate(zip(keys, questions, strict=True)):
                if isinstance(question, str):
                    block.settle(place, SKIPPED, reason=question)
                    continue
                task = waiting.get(key)
                if task is None:
                    task = waiting[key] = Task(key, question, block, place, self._most)
                    fresh.append(task)
                else:
                    task.join(block, place, question.repairs)
            if not block.left:
                self._tell()
        return fresh

    def unknown(self, tasks: Sequence[Task]) -> list[Task]:
        """Settle what the journal knows, as far up the ladder as it knows it; returns what has to be sent."""
        todo, to_send = list(tasks), list[Task]()
        while todo:
            keys = self._journal.keys([task.ask for task in todo])
            answered: list[tuple[Task, Answer | None]] = []
            for task, key, one in zip(todo, keys, self._journal.known(keys), strict=True):
                task.known_by = key
                if one is None:
                    to_send.append(task)
                    continue
                if one.asked_at >= self._began:
                    task.remembered = Origin.DUPLICATE
                answered.append((task, one.answer))
            todo = self.learn(answered)
        return to_send

    def learn(self, answered: Iterable[tuple[Task, Answer | None]]) -> list[Task]:
        """Judge answers; returns the questions whose next step of the ladder is to be asked."""
        climbing, settled = list[Task](), list[Task]()
        for task, answer in answered:
            self.knows = True
            (climbing if self._climbs(task, answer) else settled).append(task)
        with self._lock:
            for task in settled:
                verdict, reasons, confidence = task.judgement
                found = task.answer
                status, step = (Status.NOT_FOUND, "") if found is None else (Status.OK, task.step)
                outcome = named(Outcome, (status, verdict, found, reasons, confidence, step, task.tried))
                self._settle(task, outcome, "", Origin.SERVICE if task.asked else task.remembered)
        return climbing

    def _climbs(self, task: Task, answer: Answer | None) -> bool:
        kind, question, step = self._kind, task.question, task.tried[-1]
        best = judgement = kind.judge(question, answer)
        if task.judgement is None or kind.better(judgement, task.judgement):
            task.judgement, task.answer, task.step = judgement, answer, step
        else:
            best = task.judgement
        if not self._ladder or kind.is_enough(question, best):
            return False
        if task.steps is None:
            task.steps = kind.ladder(question)
        if len(task.tried) == len(task.steps):
            return False
        following = task.steps[len(task.tried)]
        task.tried = (*task.tried, following.name)
        task.ask = following.ask
        return True

    def settle(self, task: Task, outcome: Outcome, reason: str = "") -> None:
        """Give all rows that waited for a question its outcome."""
        origin = Origin.SERVICE if task.asked else task.remembered
        if outcome.status is Status.FAILED and not task.asked:
            origin = Origin.LOCAL
        with self._lock:
            self._settle(task, outcome, reason, origin)

    def _settle(self, task: Task, outcome: Outcome, reason: str, origin: Origin) -> None:
        """The lock is held."""
        del self._waiting[task.key]
        block = task.block
        block.settle(task.place, outcome, task.question.repairs, reason, origin)
        complete = not block.left
        if task.others is not None:
            if origin is Origin.SERVICE:
                origin = Origin.DUPLICATE
            for block, place, repairs in task.others:
                block.settle(place, outcome, repairs, reason, origin)
                complete = complete or not block.left
        if complete:
            self._tell()

    def fail(self, task: Task, reason: str) -> None:
        """A question that could not be asked, or not all the way: what its first steps found is kept."""
        if not self._kept(task):
            self.settle(task, FAILED._replace(steps=task.tried), reason)

    def skip(self, task: Task, reason: str) -> None:
        """A question in which the service sees nothing to look for."""
        if not self._kept(task):
            self.settle(task, SKIPPED, reason)

    def _kept(self, task: Task) -> bool:
        best, found = task.judgement, task.answer
        if found is None:
            return False
        reasons = (*best.reasons, "ladder_incomplete")
        self.settle(task, Outcome(Status.OK, best.verdict, found, reasons, best.confidence, task.step, task.tried))
        return True
