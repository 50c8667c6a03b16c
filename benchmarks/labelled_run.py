"""Asks the real geocoder for a labelled sample, up the ladder, and remembers its answers."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from frgov_clients import BanClient
from frgov_clients.ban.address import Judgement, Question, better, is_enough, judge, ladder, question_of
from frgov_clients.ban.bulk.model import Answer, Ask, Verdict

from .labelled_sample import Label

PIECE = 5_000


class Result(NamedTuple):
    """What came of one row."""

    label: Label
    question: Question | None
    answer: Answer | None
    judgement: Judgement
    step: str
    steps: tuple[str, ...]


class Asker:
    """Asks each question once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.known: dict[Ask, Answer | None] = {}

    def ask(self, asks: Sequence[Ask]) -> None:
        new = [one for one in dict.fromkeys(asks) if one not in self.known]
        with BanClient(base_url=self._url, dialect="addok", timeout=300, deadline=300) as ban:
            for start in range(0, len(new), PIECE):
                piece = new[start : start + PIECE]
                text = io.StringIO()
                writer = csv.writer(text, lineterminator="\n")
                writer.writerow(("k", "q", "insee"))
                writer.writerows((number, one.q, one.citycode) for number, one in enumerate(piece))
                result = ban.search_csv(text.getvalue().encode(), columns=["q"], filters={"citycode": "insee"})
                for row in result.rows():
                    self.known[piece[int(row["k"])]] = _answer(row)


def _answer(row: dict[str, str]) -> Answer | None:
    if not row["result_label"]:
        return None
    kind, street = row["result_type"], row.get("result_street") or row.get("result_name", "")
    return Answer(
        row["result_label"],
        kind,
        row["result_id"],
        float(row["longitude"]),
        float(row["latitude"]),
        float(row["result_score"]),
        None,
        row["result_housenumber"],
        "" if kind == "municipality" else street,
        row["result_postcode"],
        row["result_city"],
        row["result_citycode"],
        row["result_oldcitycode"],
        row["result_oldcity"],
        row["result_district"],
        row["result_context"],
    )


class _Row:
    __slots__ = ("answer", "judgement", "label", "left", "question", "step", "steps")

    def __init__(self, label: Label) -> None:
        self.label = label
        read = question_of(label.fields)
        self.question = None if isinstance(read, str) else read
        self.answer: Answer | None = None
        self.judgement = Judgement(Verdict.NONE, (), 0.0)
        self.step = ""
        self.steps: list[str] = []
        self.left: list[Any] = []

    def take(self, name: str, answer: Answer | None) -> None:
        assert self.question is not None
        judged = judge(self.question, answer, name)
        self.steps.append(name)
        if len(self.steps) == 1 or better(judged, self.judgement):
            self.judgement, self.answer, self.step = judged, answer, name


def run(asker: Asker, sample: Sequence[Label]) -> list[Result]:
    """Ask for all rows, then the next step for the weak ones until none is left."""
    rows = [_Row(label) for label in sample]
    asked = [row for row in rows if row.question]
    asker.ask([row.question.ask for row in asked if row.question])
    weak: list[_Row] = []
    for row in asked:
        assert row.question is not None
        row.take("first", asker.known[row.question.ask])
        if not is_enough(row.question, row.judgement):
            row.left = list(ladder(row.question))[1:]
            weak.append(row)
    while weak := [row for row in weak if row.left]:
        asker.ask([row.left[0].ask for row in weak])
        for row in weak:
            step = row.left.pop(0)
            row.take(step.name, asker.known[step.ask])
            assert row.question is not None
            if is_enough(row.question, row.judgement):
                row.left = []
    return [Result(row.label, row.question, row.answer, row.judgement, row.step, tuple(row.steps)) for row in rows]


def is_right(result: Result) -> bool:
    """Whether the answer is right at the level that its verdict says."""
    answer, label = result.answer, result.label
    if answer is None or not label.street_id:
        return False
    if result.judgement.verdict is Verdict.EXACT:
        return answer.id == label.number_id
    if result.judgement.verdict is Verdict.STREET:
        return answer.id == label.street_id or answer.id.startswith(f"{label.street_id}_")
    return False


def agrees(result: Result) -> bool:
    """Whether the answer is what the row means, whatever its verdict: number, street or commune, as far as it goes."""
    answer, label = result.answer, result.label
    if answer is None:
        return False
    if answer.type == "municipality":
        return answer.citycode == label.citycode
    if not label.street_id:
        return False
    if answer.type == "housenumber" and label.number_id:
        return answer.id == label.number_id
    return answer.id == label.street_id or answer.id.startswith(f"{label.street_id}_")


def accepted(result: Result) -> bool:
    return result.judgement.verdict in (Verdict.EXACT, Verdict.STREET)


def steps_of(results: Sequence[Result]) -> Counter[str]:
    return Counter(result.step for result in results if accepted(result))
