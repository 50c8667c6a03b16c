"""Questions under way, and the rows that wait for their answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from ..exchange import Answer, Ask, Verdict
from ..named import named
from .lot import weight
from .model import Geocoded, Origin, Status

__all__ = ["FIRST", "Block", "Outcome", "Queue", "Task"]

FIRST: Final = ("first",)
"""The step at which each question begins."""


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
    """Rows that are handed over together, once each has its result."""

    __slots__ = ("_results", "first", "left")

    def __init__(self, first: int, rows: Sequence[Mapping[str, Any]]) -> None:
        self.first = first
        self.left = len(rows)
        self._results: list[Any] = list(rows)
        """The rows, each replaced by its result: a million rows pass here, and few objects may live at a time."""

    def __len__(self) -> int:
        return len(self._results)

    def settle(
        self,
        place: int,
        outcome: Outcome,
        repairs: tuple[str, ...] = (),
        reason: str = "",
        origin: Origin = Origin.LOCAL,
    ) -> None:
        """The outcome of one row. The caller holds the lock."""
        results = self._results
        results[place] = named(Geocoded, (self.first + place, results[place], *outcome, repairs, reason, origin))
        self.left -= 1

    def results(self) -> list[Geocoded]:
        """The results, once none is left."""
        assert not self.left
        return self._results


class Task:
    """One question on its way: the step it is at, the best that was found, and the rows that wait for it."""

    __slots__ = (
        "answer",
        "ask",
        "asked",
        "attempts",
        "block",
        "followers",
        "judgement",
        "key",
        "known_by",
        "others",
        "place",
        "question",
        "remembered",
        "step",
        "steps",
        "successes",
        "together",
        "tried",
        "why",
    )

    def __init__(self, key: Hashable, question: Any, block: Block, place: int, most: int) -> None:
        self.key = key
        self.question = question
        self.ask: Ask = question.ask
        """What is asked now."""
        self.known_by = b""
        """By what the journal knows it."""
        self.block = block
        """The first row that waits, and its place there."""
        self.place = place
        self.others: list[tuple[Block, int, tuple[str, ...]]] | None = None
        """Further rows that ask the same, and what was repaired in them."""
        self.followers: list[Task] | None = None
        """Other questions that wait for the same request."""
        self.judgement: Any = None
        """The best so far, its answer and its step."""
        self.answer: Answer | None = None
        self.step = ""
        self.tried: tuple[str, ...] = FIRST
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

    def alone(self) -> list[Task]:
        """The questions that wait for its request, which it leads no longer; itself first."""
        followers, self.followers = self.followers, None
        return [self, *followers] if followers else [self]

    def join(self, block: Block, place: int, repairs: tuple[str, ...]) -> None:
        """One more row that waits for the same."""
        if self.others is None:
            self.others = []
        self.others.append((block, place, repairs))


class Queue:
    """Questions that wait to be sent, the next first. The caller holds a lock."""

    def __init__(self, most_bytes: int | None) -> None:
        self._tasks: deque[Task] = deque()
        self._weak: deque[Task] = deque()
        self._most_bytes = most_bytes

    def __len__(self) -> int:
        return len(self._tasks) + len(self._weak)

    @property
    def pressing(self) -> bool:
        """Whether there are questions whose rows were answered weakly."""
        return bool(self._weak)

    def add(self, tasks: Sequence[Task]) -> None:
        """Questions that are new."""
        self._tasks.extend(tasks)

    def climb(self, tasks: Sequence[Task]) -> None:
        """Questions of rows that were answered weakly.

        They travel first and with no others: rows wait longest for them, and hold back all behind them.
        """
        self._weak.extend(tasks)

    def again(self, tasks: Sequence[Task]) -> None:
        """Questions that failed. They go first, but among new ones, which show that the service does answer."""
        self._tasks.extendleft(reversed(tasks))

    def cut(self, most: int) -> list[Task]:
        """The next lot."""
        tasks, taken, left = self._weak or self._tasks, 0, self._most_bytes
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
        tasks = [*self._weak, *self._tasks]
        self._weak.clear()
        self._tasks.clear()
        return tasks
