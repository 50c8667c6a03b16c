"""What an answer is worth: the question and the answer compared."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from ..exchange import Answer, Verdict
from .communes import city_of
from .confidence import confidence
from .place import judge_place
from .question import Question
from .streets import CLOSE, DIFFERENT, KIND_MISSING, LEFT_OVER, OTHER_KIND, SAME, SHORTENED, Street, likeness, street_of
from .words import LOOSE_KINDS, SUFFIXES

__all__ = ["REASONS", "Judgement", "better", "is_enough", "judge"]

REASONS: Final[dict[str, str]] = {
    "no_answer": "the service found nothing",
    "number_missing": "the street is known, the number is not",
    "number_differs": "another number of the street",
    "number_unasked": "a number was found where none was asked",
    "suffix_missing": "the number without its bis, ter or letter",
    "suffix_differs": "another bis, ter or letter, or one where none was asked",
    "street_close": "the name of the street differs by a letter, or in how words are joined",
    "street_shortened": "a first name, a title or the kind of street is in one of the two names only",
    "kind_missing": "the question does not say whether it is a rue, a place, ...",
    "words_left_over": "the question has words that the answer has not",
    "kind_differs": "another kind of street of the same name: place for rue",
    "street_differs": "another street, or a place that does not resemble the question",
    "street_missing": "a street was asked, and only the commune was found",
    "commune_close": "the name of the commune differs by a letter",
    "commune_former": "the question names a former commune, which is part of the commune found",
    "commune_by_postcode": "only the postcode says that the commune is right",
    "commune_by_code": "the code of the commune is right, its name is another",
    "commune_unknown": "the question names no commune",
    "commune_differs": "another commune",
    "citycode_differs": "the name of the commune is right, its code is another",
    "postcode_differs": "another postcode",
    "departement_differs": "another département",
    "fields_disagree": "the address ends with another postcode or commune than the fields of the row hold",
    "score_close": "a second answer fits as well",
    "ladder_incomplete": "the service failed on a further step, which might have found better",
}
"""The reasons of a verdict, and what they mean."""

_SCORE_CLOSE: Final = 0.002
_NUMBER: Final = re.compile(r"0*([0-9]+) ?([A-Z]*)")
_RANK: Final = {Verdict.EXACT: 0, Verdict.STREET: 1, Verdict.COMMUNE: 2, Verdict.AMBIGUOUS: 2.5, Verdict.NONE: 9}
_STREET_REASONS: Final = {
    CLOSE: "street_close",
    SHORTENED: "street_shortened",
    KIND_MISSING: "kind_missing",
    LEFT_OVER: "words_left_over",
    OTHER_KIND: "kind_differs",
    DIFFERENT: "street_differs",
}
_FAR: Final = frozenset(("commune_differs", "departement_differs", "street_differs"))
_NO_STREET: Final = frozenset(("street_differs", "street_missing", "kind_differs", "words_left_over"))
_OTHER_CODES: Final = frozenset(("postcode_differs", "departement_differs"))

_SETTLED: Final = (("kind_missing",), ("street_shortened",))
"""With the number found, no other way to ask tells more."""


class Judgement(NamedTuple):
    """What an answer is worth."""

    verdict: Verdict
    reasons: tuple[str, ...]
    confidence: float
    """Probability, 0 to 1, that the answer is right at the level that the verdict says."""


_NO_ANSWER: Final = Judgement(Verdict.NONE, ("no_answer",), 0.0)


def judge(question: Question, answer: Answer | None) -> Judgement:
    """Compare an answer with its question."""
    if answer is None:
        return _NO_ANSWER
    reasons: list[str] = []
    verdict = judge_place(question, answer, reasons)
    if answer.type == "municipality":
        verdict = _municipality(question, answer, verdict, reasons)
    else:
        verdict = _street(question, answer, verdict, reasons)
    score = answer.score
    return _judgement(verdict, tuple(reasons), None if score is None else round(score, 2))


@lru_cache(maxsize=4_096)
def _judgement(verdict: Verdict, reasons: tuple[str, ...], score: float | None) -> Judgement:
    """Shared by all answers that are judged the same: many are alive at a time."""
    return Judgement(verdict, reasons, confidence(verdict, reasons, score))


def _municipality(question: Question, answer: Answer, verdict: Verdict, reasons: list[str]) -> Verdict:
    if question.street.text and question.street.compact != city_of(answer.city).key:
        reasons.append("street_missing")
        if verdict is Verdict.AMBIGUOUS:
            return Verdict.SUSPICIOUS
    if "departement_differs" in reasons:
        return Verdict.SUSPICIOUS
    return Verdict.COMMUNE if verdict is Verdict.EXACT else verdict


# ---- the street and the number -----------------------------------------------------------------------------


def _street(question: Question, answer: Answer, verdict: Verdict, reasons: list[str]) -> Verdict:
    asked, found = question.street, street_of(answer.street)
    if asked.text != found.text:
        level = likeness(asked, found)
        if level and not question.city.key and not question.postcode:
            level = min(level, likeness(_without_city(asked, answer), found))
        if level != SAME:
            reasons.append(_STREET_REASONS[level])
        if level >= LEFT_OVER:
            return Verdict.SUSPICIOUS
    else:
        level = SAME
    number = _number(question, answer, reasons)
    if verdict is Verdict.EXACT and "departement_differs" in reasons and number is not Verdict.EXACT:
        return Verdict.AMBIGUOUS
    if verdict is not Verdict.EXACT:
        return verdict
    if level in (SHORTENED, KIND_MISSING) or (level and "number_missing" in reasons and _kind_left_out(asked, found)):
        return Verdict.AMBIGUOUS
    if answer.score_next is not None and answer.score is not None and answer.score - answer.score_next < _SCORE_CLOSE:
        reasons.append("score_close")
        return Verdict.AMBIGUOUS
    return number


def _kind_left_out(asked: Street, found: Street) -> bool:
    """Whether one says RESIDENCE, LOTISSEMENT, ... and the other nothing: without the number, that is too little."""
    return (not asked.kind and found.kind in LOOSE_KINDS) or (not found.kind and asked.kind in LOOSE_KINDS)


def _without_city(asked: Street, answer: Answer) -> Street:
    city = city_of(answer.city).text
    return street_of(asked.text.removesuffix(city).rstrip())


def _number(question: Question, answer: Answer, reasons: list[str]) -> Verdict:
    asked, found = question.number, answer.housenumber
    if not found:
        if asked:
            reasons.append("number_missing")
        return Verdict.STREET
    if not asked:
        reasons.append("number_unasked")
        return Verdict.STREET
    number, suffix = _read_number(found)
    if number != asked:
        reasons.append("number_differs")
        return Verdict.STREET
    if suffix != question.suffix:
        reasons.append("suffix_differs" if suffix else "suffix_missing")
        return Verdict.STREET
    return Verdict.EXACT


@lru_cache(maxsize=4096)
def _read_number(text: str) -> tuple[str, str]:
    match = _NUMBER.fullmatch(text.upper())
    return (match[1], SUFFIXES.get(match[2], match[2])) if match else (text, "")


# ---- choosing ----------------------------------------------------------------------------------------------


def is_enough(question: Question, judgement: Judgement) -> bool:
    """Whether no further step of the ladder can better it."""
    verdict, reasons, _ = judgement
    if verdict is Verdict.EXACT:
        return True
    if verdict is Verdict.STREET:
        return not reasons or reasons == ("number_missing",)
    if verdict is Verdict.COMMUNE:
        return not question.street.text
    return verdict is Verdict.AMBIGUOUS and reasons in _SETTLED


def better(one: Judgement, other: Judgement) -> bool:
    """Whether `one` is worth more than `other`: by its verdict, then by its confidence.

    A street that nearly fits is worth more than the commune alone, where a street was asked; so is one that fits where
    only the postcode tells, when the postcode is not that of the commune. A street that fits in the wrong place is
    worth more than nothing but a wrong place.
    """
    mine, theirs = _worth(one), _worth(other)
    return mine < theirs or (mine == theirs and one.confidence > other.confidence)


def _worth(judgement: Judgement) -> float:
    verdict, reasons, _ = judgement
    if verdict is Verdict.COMMUNE and "street_missing" in reasons:
        return 6 if "postcode_differs" in reasons else 4
    if verdict is not Verdict.SUSPICIOUS:
        return _RANK[verdict]
    if _FAR.isdisjoint(reasons):
        return 4 if "street_missing" in reasons else 3
    if not _NO_STREET.isdisjoint(reasons):
        return 8
    return 5 if _OTHER_CODES.isdisjoint(reasons) else 7
