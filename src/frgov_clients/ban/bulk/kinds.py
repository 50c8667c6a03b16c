"""The two kinds of run: what is read from a row, what is asked for it, and what an answer is worth."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from ..exchange import Answer, Ask
from .columns import Columns, columns_from, point_reader, reader, text_of
from .model import KindName

__all__ = ["GivenColumns", "Kind", "ReverseKind", "SearchKind", "Step"]

GivenColumns = Columns | Mapping[str, str | Sequence[str]] | None
"""Which column holds what: `Columns`, the same as a mapping, or `None` to guess."""


Questions: TypeAlias = tuple[Sequence[Hashable], Sequence[Any]]
"""Of each row what it holds (rows with the same ask the same); of each its question, or why nothing is asked."""


class Step(Protocol):
    """One rung of the ladder."""

    @property
    def name(self) -> str: ...
    @property
    def ask(self) -> Ask: ...


class Kind(Protocol):
    """What the run must know of its questions."""

    name: KindName
    columns: Columns | None
    """Which column holds what; known once the first rows were seen."""

    def questions(self, header: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Questions:
        """What is asked for each of the rows."""
        ...

    def ladder(self, question: Any) -> Sequence[Step]:
        """What to ask, one after the other, while the answers are weak."""
        ...

    def judge(self, question: Any, answer: Answer | None, /) -> Any:
        """What an answer is worth: `verdict`, `reasons`, `confidence`."""
        ...

    def is_enough(self, question: Any, judgement: Any) -> bool:
        """Whether no further step can better it."""
        ...

    def better(self, one: Any, other: Any) -> bool:
        """Whether one judgement is worth more than another."""
        ...


class SearchKind:
    """From texts to addresses."""

    name: KindName = "search"

    def __init__(self, given: GivenColumns) -> None:
        from ..address import better, is_enough, judge, ladder, question_of

        self.columns: Columns | None = None
        self._given = given
        self._read: Callable[[Mapping[str, Any]], tuple[str, str, str, str, str]] | None = None
        self._question_of = question_of
        self.ladder = ladder
        self.judge = judge
        self.is_enough = is_enough
        self.better = better

    def questions(self, header: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Questions:
        read = self._read
        if read is None:
            self.columns = columns_from(self._given, header, rows, "search")
            read = self._read = reader(self.columns)
        parts = [read(row) for row in rows]
        return parts, [self._question_of(one) for one in parts]


class ReverseKind:
    """From points to addresses."""

    name: KindName = "reverse"

    def __init__(self, given: GivenColumns) -> None:
        from ..address import better, judge_reverse, point_of

        self.columns: Columns | None = None
        self._given = given
        self._read: Callable[[Mapping[str, Any]], tuple[object, object]] | None = None
        self._point_of = point_of
        self.judge = judge_reverse
        self.better = better

    def questions(self, header: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Questions:
        read = self._read
        if read is None:
            self.columns = columns_from(self._given, header, rows, "reverse")
            read = self._read = point_reader(self.columns)
        point_of, code = self._point_of, self.columns.citycode if self.columns else None
        points = [(*read(row), "" if code is None else text_of(row.get(code))) for row in rows]
        questions = [point_of(lon, lat, citycode) for lon, lat, citycode in points]
        return ["" if isinstance(one, str) else (one.ask, one.citycode) for one in questions], questions

    def ladder(self, question: Any) -> Sequence[Step]:  # noqa: ARG002
        return ()

    def is_enough(self, question: Any, judgement: Any) -> bool:  # noqa: ARG002
        return True
