"""From what an application knows and what the portal says to what would change. Nothing is changed here.

Suspension is one state of a user, and judged by the current establishment alone; membership is judged for each
establishment. Who has no row in such a structure is not suspended for it: the membership ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..emails import email_key
from ..rights.moments import read_moment
from ..rights.outcome import Rights
from ..rights.vocabulary import Decision, Reason
from .changes import Action, Change, Plan, Undecided
from .guard import all_there, check_filled, check_plan, check_remote, read_limits, read_sides
from .local import LocalEstablishment, LocalState, LocalUser
from .remote import RemoteIndex, RemoteRights, index
from .suspension import next_step

if TYPE_CHECKING:
    from ..models import User
    from ..rights.evaluation import RightsEvaluator

__all__ = ["Planning", "assembled", "plan_sync"]

_DAY = timedelta(days=1)


def plan_sync(
    local: LocalState,
    remote: RemoteRights,
    *,
    at: datetime,
    max_share: float | None = 0.10,
    at_least: int = 5,
    max_age: timedelta | None = _DAY,
    group_required: bool = False,
) -> Plan:
    """What would change in an application whose users and establishments follow the rights of the portal.

    Rights are those of `evaluate_rights`, at the moment `at`. What is not known is listed as `undecided` and never
    changed.

    - `grant`: allowed by structure and by group, in an establishment of `local` that the user is not a member of.
    - `leave`: a member without a row in such a structure, or denied where it is not the current establishment.
    - `suspend`: denied in the current establishment. The membership stays, so that a suspension can end.
    - `reactivate`: allowed there again, when all causes of the suspension are the portal's.
    - `restate`: still suspended, for other causes. Causes that a person wrote stay, and come first.
    - Establishments are suspended when none of their structures has access to LOVAC, and reactivated likewise; one
      that the portal does not know stays as it is.

    Raises `PlanRefused` when the records of the portal are incomplete, empty, or further than `max_age` from `at`; and,
    with the plan, when more than `max_share`, and more than `at_least`, would change at once. Four numbers are held
    against these limits, each by itself: active users who would lose something, users of all who would gain something,
    and the same of establishments. `max_share=None` gives any plan: a person has looked at it. That is needed for the
    first plan of an application without memberships, by which nearly everybody gains one.
    """
    read_sides(local, remote)
    moment = read_moment("at", at)
    read_limits(max_share, at_least, max_age)
    taken_at = check_remote(remote, at=moment, max_age=max_age)
    with all_there():
        records = index(remote, at=moment, group_required=group_required)
    check_filled(records)
    users = Planning(local, records.rows, records.evaluator).of_users(local.users)
    establishments = (each for own in local.establishments for each in _of_establishment(own, records))
    found = [*users, *establishments]
    plan = assembled(found, local, at=moment, taken_at=taken_at, group_required=group_required)
    check_plan(plan, max_share=max_share, at_least=at_least)
    return plan


class Planning:
    """Users of an application, against their rows in the portal."""

    def __init__(self, local: LocalState, rows: Mapping[str, Sequence[User]], evaluator: RightsEvaluator) -> None:
        self._rows, self._evaluator = rows, evaluator
        self._by_id = {each.id: each for each in local.establishments}
        self._by_siren: defaultdict[str, list[str]] = defaultdict(list)
        for each in local.establishments:
            self._by_siren[each.establishment.siren].append(each.id)

    def of_users(self, users: Iterable[LocalUser]) -> Iterator[Change | Undecided]:
        """What would change of these users, and what of them is not known. Those who are exempt are not looked at."""
        for user in users:
            if not user.exempt:
                yield from self._of_user(user)

    def _of_user(self, user: LocalUser) -> Iterator[Change | Undecided]:
        judged_by = user.judged_by
        for establishment, rights in self._looked_at(user):
            if rights.decision is Decision.UNKNOWN:
                yield Undecided(user.id, establishment, rights.reasons, rights)
                continue
            yield from self._of_membership(user, establishment, rights)
            # Denied without a cause means that no row matches: that is no cause to suspend, nor to reactivate.
            if establishment == judged_by and (rights.allowed or rights.suspended_cause is not None):
                yield from _of_suspension(user, establishment, rights)

    def _looked_at(self, user: LocalUser) -> Iterator[tuple[str, Rights]]:
        """The establishments that the user is in or could be in, with the rights there."""
        rows = self._rows.get(email_key(user.email), [])
        wanted = {*user.establishments, *filter(None, [user.judged_by])}
        for row in rows:
            siren = None if row.structure is None else self._evaluator.says_of_structure(row.structure).siren
            if siren is not None:
                wanted.update(self._by_siren.get(siren, ()))
        for name in sorted(wanted):
            yield name, self._evaluator.rights(rows, self._by_id[name].establishment)

    def _of_membership(self, user: LocalUser, establishment: str, rights: Rights) -> Iterator[Change]:
        is_member = establishment in user.establishments
        if not is_member and rights.allowed and rights.has_commitment:
            yield Change(Action.GRANT, user.id, establishment, rights=rights)
        if is_member and not rights.allowed and (rights.suspended_cause is None or establishment != user.judged_by):
            yield Change(Action.LEAVE, user.id, establishment, rights.reasons, rights=rights)


def assembled(
    found: Iterable[Change | Undecided],
    local: LocalState,
    *,
    at: datetime,
    taken_at: datetime,
    group_required: bool,
) -> Plan:
    """What was found, as one plan."""
    found = tuple(found)
    looked_at = [user for user in local.users if not user.exempt]
    touched = {each.user for each in found}
    return Plan(
        at=at,
        taken_at=taken_at,
        changes=tuple(sorted((each for each in found if isinstance(each, Change)), key=_place)),
        undecided=tuple(sorted((each for each in found if isinstance(each, Undecided)), key=_names)),
        unchanged=tuple(sorted(user.id for user in looked_at if user.id not in touched)),
        exempt=tuple(sorted(user.id for user in local.users if user.exempt)),
        active_users=sum(user.suspended_at is None for user in looked_at),
        active_establishments=sum(each.suspended_at is None for each in local.establishments),
        looked_at_users=len(looked_at),
        looked_at_establishments=len(local.establishments),
        group_required=group_required,
    )


def _of_establishment(own: LocalEstablishment, records: RemoteIndex) -> Iterator[Change | Undecided]:
    numbers = records.numbers.get(own.establishment.siren, [])
    access = {records.evaluator.says_of_structure(number).has_lovac for number in numbers}
    if not access:
        return
    if True not in access and None in access:
        yield Undecided(None, own.id, (Reason.STRUCTURE_INCONNUE,))
        return
    causes = () if True in access else (Reason.STRUCTURE_EXPIREE,)
    step = next_step(suspended=own.suspended_at is not None, stored=own.suspended_cause, causes=causes)
    if step is not None:
        yield Change(step.action, None, own.id, causes, step.suspended_cause)


def _of_suspension(user: LocalUser, establishment: str, rights: Rights) -> Iterator[Change]:
    step = next_step(suspended=user.suspended_at is not None, stored=user.suspended_cause, causes=rights.reasons)
    if step is not None:
        yield Change(step.action, user.id, establishment, rights.reasons, step.suspended_cause, rights)


def _names(item: Change | Undecided) -> tuple[str, str]:
    return item.user or "", item.establishment


def _place(change: Change) -> tuple[int, str, str]:
    return _ORDER[change.action], *_names(change)


_ORDER = {action: place for place, action in enumerate(Action)}
