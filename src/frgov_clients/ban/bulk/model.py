"""What came of a row, and how far a run has come, as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, NamedTuple, TypeAlias

from ..exchange import Answer, Verdict

__all__ = ["Geocoded", "KindName", "Origin", "Progress", "ProjectProgress", "ProjectStep", "Status"]

KindName: TypeAlias = Literal["search", "reverse"]
"""From texts to addresses, or from points to addresses."""


class Status(StrEnum):
    """How a row ended. Every row of the input ends in exactly one of these."""

    OK = "ok"
    """The service gave an address; `verdict` says what it is worth."""
    NOT_FOUND = "not_found"
    """The service looked, and knows nothing like it."""
    SKIPPED = "skipped"
    """Nothing was asked: the row holds no usable text or point; `reason` says why."""
    FAILED = "failed"
    """The service could not be asked, after several attempts; `reason` says why. Ask again later."""


class Origin(StrEnum):
    """Where the answer of a row comes from."""

    SERVICE = "service"
    """It was asked for this row."""
    DUPLICATE = "duplicate"
    """Another row of the same run asks the same."""
    JOURNAL = "journal"
    """An earlier run asked it."""
    LOCAL = "local"
    """Nothing was asked: the row was skipped, or the run had been given up."""


class Geocoded(NamedTuple):
    """What came of one row of the input. Its `repr` tells the address found, and no value of the row."""

    position: int
    """Place of the row in the input, from 0."""
    row: Mapping[str, Any]
    """The row as it was given."""
    status: Status
    verdict: Verdict
    answer: Answer | None = None
    reasons: tuple[str, ...] = ()
    """Why this verdict: short stable words (`number_missing`, `commune_differs`, ...)."""
    confidence: float | None = None
    """Probability that the answer is right at the level the verdict says, measured on labelled addresses."""
    step: str = ""
    """The step of the ladder that gave the answer."""
    steps: tuple[str, ...] = ()
    """All steps that were tried, in their order."""
    repairs: tuple[str, ...] = ()
    """What was mended in the row before it was asked (`postcode_zero_restored`, `lonlat_swapped`, ...)."""
    reason: str = ""
    """Why it was skipped or failed; empty otherwise."""
    origin: Origin = Origin.SERVICE

    def __repr__(self) -> str:
        words = [f"position {self.position}:", self.status, self.verdict]
        if self.confidence is not None:
            words.append(f"({self.confidence:g})")
        if self.answer is not None:
            words.append(repr(self.answer.label))
        return f"<Geocoded {' '.join([*words, *self.reasons, self.reason]).rstrip()}>"


class ProjectStep(StrEnum):
    """What is being done about the asynchronous project of a run, in the order of these."""

    COLLECTING = "collecting"
    """The input is read for questions that are new."""
    SENDING = "sending"
    """Their file is written and sent."""
    WAITING = "waiting"
    """The service has the file, and has not begun."""
    WORKING = "working"
    """The service works on it."""
    FETCHING = "fetching"
    """The answers are fetched, and kept in the journal."""


class ProjectProgress(NamedTuple):
    """How far the asynchronous project of a run has come; of several, one after the other, all together."""

    step: ProjectStep
    rows_read: int
    """While it is `collecting`, the rows of the input that were read; then the questions that the service has read."""
    rows_total: int | None
    """All of them, where that is known."""


class Progress(NamedTuple):
    """How far a run has come."""

    done: int
    """Rows whose result is known and handed over."""
    total: int | None
    """Rows in all, where the input tells."""
    seconds: float
    rows_per_second: float
    """Without the time of a project."""
    seconds_left: float | None
    """`None` while the total is not known, and during a project."""
    sent: int
    """Questions that were sent to the service."""
    requests: int
    failed: int
    waiting: float = 0.0
    """Seconds until the service is asked again, when it is down; 0 otherwise."""
    project: ProjectProgress | None = None
    """The project that asks what is new (`project_rows`), before the first row is handed over; `None` afterwards."""
