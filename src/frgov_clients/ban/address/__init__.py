"""What is known of French addresses: from a row to a question, from an answer to a verdict. No I/O."""

from __future__ import annotations

from .points import POINT_REASONS, Point, judge_reverse, point_of
from .question import REPAIRS, SKIPS, Fields, Question, question_of
from .steps import STEPS, Step, ladder
from .verdict import REASONS, Judgement, better, is_enough, judge

__all__ = [
    "POINT_REASONS",
    "REASONS",
    "REPAIRS",
    "SKIPS",
    "STEPS",
    "Fields",
    "Judgement",
    "Point",
    "Question",
    "Step",
    "better",
    "is_enough",
    "judge",
    "judge_reverse",
    "ladder",
    "point_of",
    "question_of",
]
