"""Questions under way, and the rows that wait for their answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from .lot import weight
from .model import Answer, Ask, Geocoded, Origin, Status, Verdict

__all__ = ["Block", "Outcome", "Queue", "Task"]


class Outcome(NamedTuple):
    """What came of a question: the same for all rows that ask it. In the order of `Geocoded`."""

    status: Status
    verdict: Verdict
    answer: Answer | None = None
    reasons: tuple[str, ...] = ()
    confidence: float | None = None
    step: str = ""
    steps: tuple[str, ...] = ()


class Block:
    """Rows that are handed over together, once each has its outcome."""

    __slots__ = ("first", "left", "outcomes", "rows")

    def __init__(self, first: int, rows: Sequence[Mapping[str, Any]]) -> None:
        self.first = first
        self.rows = rows
        self.left = len(rows)
        self.outcomes: list[tuple[Outcome, tuple[str, ...], str, Origin] | None] = [None] * len(rows)
        """Outcome, repairs, reason and origin of each row."""

    def settle(
        self,
        place: int,
        outcome: Outcome,
        repairs: tuple[str, ...] = (),
        reason: str = "",
        origin: Origin = Origin.LOCAL,
    ) -> None:
        """The outcome of one row. The caller holds the lock."""
        self.outcomes[place] = (outcome, repairs, reason, origin)
        self.left -= 1

    def results(self) -> list[Geocoded]:
        """The rows with their outcomes; all are known."""
        made: list[Geocoded] = []
        for index, (row, known) in enumerate(zip(self.rows, self.outcomes, strict=True), start=self.first):
            assert known is not None
            outcome, repairs, reason, origin = known
            made.append(Geocoded(index, row, *outcome, repairs, reason, origin))
        return made


class Task:
    """One question on its way: the step it is at, the best that was found, and the rows that wait for it."""

    __slots__ = (
        "answer",
        "ask",
        "asked",
        "attempts",
        "judgement",
        "key",
        "places",
        "question",
        "remembered",
        "step",
        "steps",
        "successes",
        "together",
        "tried",
        "why",
    )

    def __init__(self, key: Any, question: Any, ask: Ask, most: int) -> None:
        self.key = key
        self.question = question
        self.ask = ask
        """What is asked now."""
        self.places: list[tuple[Block, int, tuple[str, ...]]] = []
        """The rows that wait: block, place in it, and what was repaired."""
        self.judgement: Any = None
        """The best so far, and its answer and step."""
        self.answer: Answer | None = None
        self.step = ""
        self.tried: tuple[str, ...] = ("first",)
        self.steps: Sequence[Any] | None = None
        """The ladder, made when the first answer is weak."""
        self.asked = False
        """Whether anything was sent for it in this run."""
        self.remembered = Origin.JOURNAL
        self.together = most
        """The most questions that may travel with it: halved at each failure."""
        self.attempts = 0
        self.successes = -1
        self.why = ""


class Queue:
    """Questions that wait to be sent, the next first. The caller holds a lock."""

    def __init__(self, most_bytes: int | None) -> None:
        self._tasks: deque[Task] = deque()
        self._most_bytes = most_bytes

    def __len__(self) -> int:
        return len(self._tasks)

    def add(self, tasks: Sequence[Task]) -> None:
        """Questions that are new."""
        self._tasks.extend(tasks)

    def again(self, tasks: Sequence[Task]) -> None:
        """Questions that were asked before: rows wait longest for them."""
        self._tasks.extendleft(reversed(tasks))

    def cut(self, most: int) -> list[Task]:
        """The next lot."""
        tasks, taken, left = self._tasks, 0, self._most_bytes
        for task in islice(tasks, most):
            most = min(most, task.together)
            if left is not None:
                left -= weight(task.ask)
            if taken >= most or (left is not None and left < 0 and taken):
                break
            taken += 1
        return [tasks.popleft() for _ in range(taken)]

    def clear(self) -> list[Task]:
        """All of them, to be given up."""
        tasks = list(self._tasks)
        self._tasks.clear()
        return tasks
