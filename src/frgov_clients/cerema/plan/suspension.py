"""What becomes of a suspension: causes of the portal come and go, causes that a person wrote stay.

The causes of a suspension are one text, separated by commas. A suspension without any was made by hand, and is left
as it is. Another order of the same causes is no change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from ..rights.vocabulary import SUSPENSION_CAUSES, Reason
from .changes import Action

__all__ = ["Step", "next_step"]

_OURS: Final = frozenset[str](SUSPENSION_CAUSES)


class Step(NamedTuple):
    """A change of a suspension."""

    action: Action
    suspended_cause: str | None
    """The text to store; `None`: none."""


def next_step(*, suspended: bool, stored: str | None, causes: Iterable[Reason]) -> Step | None:
    """From the suspension that is stored to the causes that there are now; `None`: no change."""
    now = [str(cause) for cause in causes]
    if not suspended:
        return Step(Action.SUSPEND, ", ".join(now)) if now else None
    before = [cause for part in (stored or "").split(",") if (cause := part.strip())]
    if not before:
        return None
    after = [*(cause for cause in dict.fromkeys(before) if cause not in _OURS), *now]
    if not after:
        return Step(Action.REACTIVATE, None)
    return None if set(after) == set(before) else Step(Action.RESTATE, ", ".join(after))
