"""A plan, as a value: to be read by somebody, exported, compared, and only then carried out.

Neither a plan nor its changes hold an e-mail address; they name users and establishments by the application's ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from ..rights.outcome import Rights
from ..rights.vocabulary import Reason

__all__ = ["Action", "Change", "Plan", "Undecided"]


class Action(StrEnum):
    """What to do."""

    SUSPEND = "suspend"
    """A user of the current establishment who has lost the right, or an establishment without access to LOVAC."""
    REACTIVATE = "reactivate"
    """All causes of the suspension were the portal's, and none holds any more."""
    RESTATE = "restate"
    """Still suspended, for other causes: write the new text."""
    GRANT = "grant"
    """A member from now on."""
    LEAVE = "leave"
    """A member no more."""


Subject = Literal["user", "membership", "establishment"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to change. Without a user, it is the establishment itself."""

    action: Action
    user: str | None
    establishment: str
    """The establishment changed, or the one that the user's rights were judged by."""
    reasons: tuple[Reason, ...] = ()
    """Why, where something is taken away."""
    suspended_cause: str | None = field(default=None, repr=False)
    """The text to store for `suspend` and `restate`, which may hold what a person wrote; `None` for the others."""
    rights: Rights | None = field(default=None, compare=False, repr=False)
    """What it was concluded from; `None` where it is an establishment."""

    @property
    def subject(self) -> Subject:
        """What is changed."""
        if self.user is None:
            return "establishment"
        return "membership" if self.action in {Action.GRANT, Action.LEAVE} else "user"


@dataclass(frozen=True, slots=True)
class Undecided:
    """Somebody's rights, or an establishment, that are not known. Nothing is changed."""

    user: str | None
    establishment: str
    reasons: tuple[Reason, ...]
    """What is not known."""
    rights: Rights | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change. Its text is a summary; `rows` has each change."""

    at: datetime
    """The moment that rights were looked at for."""
    taken_at: datetime
    """As of when the portal's records are."""
    changes: tuple[Change, ...]
    """All of them, in a fixed order."""
    undecided: tuple[Undecided, ...]
    unchanged: tuple[str, ...] = field(repr=False)
    """The users who were looked at and stay as they are, by id."""
    exempt: tuple[str, ...] = field(repr=False)
    """The users who were not looked at, by id."""
    active_users: int
    """Users who were looked at and are not suspended now."""
    active_establishments: int
    """Establishments that are not suspended now."""
    looked_at_users: int
    """Users who were looked at, suspended or not."""
    looked_at_establishments: int
    """Establishments, suspended or not."""
    group_required: bool = False
    """Whether who is in no group was denied."""
    confirmed_at: datetime | None = None
    """When everybody who would lose something was asked for anew (`confirm_plan`); `None`: nobody was."""

    @property
    def grant(self) -> tuple[Change, ...]:
        """Memberships to add."""
        return self._of(Action.GRANT)

    @property
    def leave(self) -> tuple[Change, ...]:
        """Memberships to remove."""
        return self._of(Action.LEAVE)

    @property
    def suspend(self) -> tuple[Change, ...]:
        """Users to suspend."""
        return self._of(Action.SUSPEND)

    @property
    def reactivate(self) -> tuple[Change, ...]:
        """Users whose suspension ends."""
        return self._of(Action.REACTIVATE)

    @property
    def restate(self) -> tuple[Change, ...]:
        """Suspended users whose causes are others now."""
        return self._of(Action.RESTATE)

    @property
    def establishments(self) -> tuple[Change, ...]:
        """What changes of establishments themselves: `suspend`, `reactivate` or `restate`."""
        return tuple(change for change in self.changes if change.user is None)

    @property
    def harmed_users(self) -> frozenset[str]:
        """Users who would lose something: suspended, or out of an establishment."""
        return frozenset(change.user for change in (*self.suspend, *self.leave) if change.user is not None)

    @property
    def harmed_establishments(self) -> frozenset[str]:
        """Establishments that would be suspended."""
        return frozenset(change.establishment for change in self.establishments if change.action is Action.SUSPEND)

    @property
    def gaining_users(self) -> frozenset[str]:
        """Users who would gain something: reactivated, or into an establishment."""
        return frozenset(change.user for change in (*self.reactivate, *self.grant) if change.user is not None)

    @property
    def gaining_establishments(self) -> frozenset[str]:
        """Establishments that would be reactivated."""
        return frozenset(change.establishment for change in self.establishments if change.action is Action.REACTIVATE)

    def rows(self) -> list[dict[str, str | None]]:
        """Each change, then each rights that are not known (`undecided`), flat: for CSV or JSON."""
        return [
            *(_row(each.action, each.subject, each, each.suspended_cause) for each in self.changes),
            *(_row("undecided", "establishment" if each.user is None else "user", each) for each in self.undecided),
        ]

    def __str__(self) -> str:
        users = [each for each in self.undecided if each.user is not None]
        establishments, gaining = self.establishments, len(self.gaining_users)
        confirmed = "" if self.confirmed_at is None else f", confirmed {self.confirmed_at:%Y-%m-%d %H:%M %Z}"
        lines = [
            f"Plan for {self.at:%Y-%m-%d %H:%M %Z}, from records of {self.taken_at:%Y-%m-%d %H:%M %Z}{confirmed}",
            *(_line(action, self._of(action)) for action in Action),
            _line("undecided", users),
            f"  {'unchanged':<11} {len(self.unchanged):>6,} users, {len(self.exempt):,} exempt",
            f"{len(self.harmed_users):,} users would lose something; {self.active_users:,} are active",
            f"{gaining:,} users would gain something; {self.looked_at_users:,} were looked at",
            "Establishments",
            *(_line(action, [each for each in establishments if each.action is action]) for action in _OF_ONE),
            _line("undecided", [each for each in self.undecided if each.user is None]),
        ]
        return "\n".join(lines)

    def _of(self, action: Action) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action is action and change.user is not None)


_OF_ONE: Final = (Action.SUSPEND, Action.REACTIVATE, Action.RESTATE)


def _line(word: str, items: Iterable[Change | Undecided]) -> str:
    """How many, and how many for each reason."""
    found = list(items)
    counts = Counter(reason for item in found for reason in item.reasons)
    why = ", ".join(
        f"{reason} {count:,}" for reason, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    return f"  {word:<11} {len(found):>6,}" + (f"  {why}" if why else "")


def _row(word: str, subject: Subject, item: Change | Undecided, cause: str | None = None) -> dict[str, str | None]:
    return {
        "action": str(word),
        "subject": subject,
        "user": item.user,
        "establishment": item.establishment,
        "reasons": ", ".join(item.reasons),
        "suspended_cause": cause,
    }
