"""What the words in a report mean, for those who read it without the guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...address import POINT_REASONS, REASONS, REPAIRS, SKIPS, STEPS
from ..model import Origin
from ..source import NOTES

__all__ = ["FAILURES", "ORIGINS", "REPORT_NOTES", "SKIPPED_ROWS", "meanings_of"]

ORIGINS: Final[dict[str, str]] = {
    Origin.SERVICE: "asked for this row",
    Origin.DUPLICATE: "another row of the run asks the same",
    Origin.JOURNAL: "an earlier run asked it",
    Origin.LOCAL: "nothing was asked: the row was skipped, or the run had been given up",
}
"""Where the result of a row comes from."""

REPORT_NOTES: Final[dict[str, str]] = {
    **NOTES,
    "key_renamed": "values that a later row calls as the result is called: their name got a number",
    "rows_count_differs": "answers for which the service counts other rows than it gives",
}
"""What is counted under `notes`, by places in the file and not by rows."""

_PASSED_OVER: Final = {"refused_by_service": "the service itself saw nothing to look for in the text"}
SKIPPED_ROWS: Final[dict[str, str]] = {**SKIPS, **_PASSED_OVER}
"""Why nothing was asked for a row, or nothing looked up."""

FAILURES: Final[dict[str, str]] = {
    "service_down": "the run had been given up before this row was asked",
    "row_error": "the service reported an error on this row, each time it was asked",
}
"""Why a row failed, where it is neither the status of an answer nor the name of an error."""


def meanings_of(kind: str) -> dict[str, Mapping[str, str]]:
    """The words of each count of a report of this `kind`, by the name of the count."""
    points = {word: text.partition(": ")[2] for word, text in POINT_REASONS.items()}
    reverse = kind == "reverse"
    return {
        "reasons": points if reverse else REASONS,
        "repairs": points if reverse else REPAIRS,
        "skipped": {**points, **_PASSED_OVER} if reverse else SKIPPED_ROWS,
        "steps": STEPS,
        "origins": ORIGINS,
        "notes": REPORT_NOTES,
        "failed": FAILURES,
    }
