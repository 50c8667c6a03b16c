"""What no plan is made from, and which plan is not given without a person's word."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from math import floor
from types import UnionType
from typing import TYPE_CHECKING, Final, TypeGuard

from ...errors import FrgovError, IncompleteResult, InvalidRequest
from ..rights.moments import read_moment
from .changes import Plan
from .local import LocalState

if TYPE_CHECKING:
    from .remote import RemoteIndex, RemoteRights

__all__ = [
    "PlanRefused",
    "Refusal",
    "all_there",
    "check_filled",
    "check_plan",
    "check_remote",
    "read_limits",
    "read_sides",
]


class Refusal(StrEnum):
    """Why there is no plan."""

    INCOMPLETE = "incomplete"
    """The records of the portal are not all there: nothing can be concluded from what is missing."""
    OUTDATED = "outdated"
    """The records are too far from the moment that is planned for."""
    EMPTY = "empty"
    """No user or no structure: the portal is never empty."""
    TOO_MANY = "too_many"
    """Too many would lose something at once, or gain it."""


class PlanRefused(FrgovError):
    """What would be changed is not to be trusted: see `why`.

    For `too_many`, `plan` is what was planned, for a person to look at.
    """

    why: Refusal = Refusal.INCOMPLETE
    plan: Plan | None = None
    harmed: int = 0
    """How many users, or establishments, would lose something; 0 when it is refused for those who gain."""
    active: int = 0
    """Of how many that are active."""
    gaining: int = 0
    """How many users, or establishments, would gain something; 0 when it is refused for those who lose."""
    looked_at: int = 0
    """Of how many in all."""
    limit: int = 0
    """How many may."""


_RECORDS: Final = ("users", "structures", "groups", "perimeters")


def read_sides(local: object, remote: object) -> None:
    """Raises `InvalidRequest` for what is no application, or nothing like a snapshot."""
    if not isinstance(local, LocalState):
        raise InvalidRequest.of("local", "a LocalState", "the application comes first, then the portal")
    if not hasattr(remote, "complete"):
        raise InvalidRequest.of("remote", "a Snapshot, or records with the same attributes")


def read_limits(max_share: object, at_least: object, max_age: object) -> None:
    """Raises `InvalidRequest`."""
    if max_share is not None and not (_is_number(max_share, int | float) and 0 <= max_share <= 1):
        raise InvalidRequest.of("max_share", "0 to 1, or None for no limit")
    if not _is_number(at_least, int) or at_least < 0:
        raise InvalidRequest.of("at_least", "a whole number, 0 or more")
    if max_age is not None and not (isinstance(max_age, timedelta) and max_age >= timedelta()):
        raise InvalidRequest.of("max_age", "a timedelta, or None for no limit")


def check_remote(remote: RemoteRights, *, at: datetime, max_age: timedelta | None) -> datetime:
    """When the records were taken, in UTC. Raises `PlanRefused` for a part, and for what is too old."""
    complete: object = remote.complete
    if complete is not True:
        raise PlanRefused("the records of the portal are not complete: extract them to the end", why=Refusal.INCOMPLETE)
    if not (hasattr(remote, "taken_at") and all(callable(getattr(remote, name, None)) for name in _RECORDS)):
        raise InvalidRequest.of("remote", f"with `taken_at`, and the methods {', '.join(_RECORDS)}")
    taken_at = read_moment("taken_at", remote.taken_at)
    if max_age is not None and abs(at - taken_at) > max_age:
        text = f"the records of the portal are further than {max_age} from `at`: extract them anew, or raise `max_age`"
        raise PlanRefused(text, why=Refusal.OUTDATED)
    return taken_at


@contextmanager
def all_there() -> Generator[None, None, None]:
    """Raises `PlanRefused` when reading the records meets some that are missing, such as those of a kind left out."""
    try:
        yield
    except IncompleteResult as error:
        text = f"the records of the portal are not all there: {error.message}"
        raise PlanRefused(text, why=Refusal.INCOMPLETE) from error


def check_filled(records: RemoteIndex) -> None:
    """Raises `PlanRefused` when there is nobody, or no structure."""
    if not records.rows or not records.structures:
        raise PlanRefused("the records of the portal are empty: it never is", why=Refusal.EMPTY)


def check_plan(plan: Plan, *, max_share: float | None, at_least: int) -> None:
    """Raises `PlanRefused` when more would lose something, or gain something, than the limits allow."""
    if max_share is None:
        return
    share = Fraction(str(max_share))  # as it is written: 0.29 of 100 is 29, and in binary a little less
    for changed, among, words, fields in _counts(plan):
        limit = max(at_least, floor(share * among))
        if changed > limit:
            text = f"{changed:,} of {among:,} {words}, and {limit:,} may: look at `plan` of this error;"
            raise PlanRefused(
                f"{text} `max_share=None` gives it all the same",
                why=Refusal.TOO_MANY,
                plan=plan,
                limit=limit,
                **dict(zip(fields, (changed, among), strict=True)),
            )


def _counts(plan: Plan) -> Iterator[tuple[int, int, str, tuple[str, str]]]:
    """How many would change, of how many, in words, and where the error keeps the two numbers. Losses come first."""
    lost, gained = ("harmed", "active"), ("gaining", "looked_at")
    users, establishments = plan.active_users, plan.active_establishments
    yield len(plan.harmed_users), users, "active users would be suspended or lose an establishment", lost
    yield len(plan.harmed_establishments), establishments, "active establishments would be suspended", lost
    users, establishments = plan.looked_at_users, plan.looked_at_establishments
    yield len(plan.gaining_users), users, "users would be reactivated or gain an establishment", gained
    yield len(plan.gaining_establishments), establishments, "establishments would be reactivated", gained


def _is_number(value: object, kind: type[int] | UnionType) -> TypeGuard[float]:
    return isinstance(value, kind) and not isinstance(value, bool)
