"""A plan once more, after the portal was asked anew for each user who would lose something by it.

Records can miss somebody: one more user and one fewer, while a list is read, move its pages without changing its
count. A single address can be asked for by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import FrgovError, InvalidRequest
from ..emails import email_key
from ..rights.evaluation import RightsEvaluator
from ..rights.vocabulary import Reason
from .changes import Change, Plan, Undecided
from .local import LocalState, LocalUser
from .planning import Planning, assembled

if TYPE_CHECKING:
    from ..access import Seen
    from ..models import User

__all__ = ["asked_anew", "confirmed"]


def asked_anew(plan: object, local: object) -> tuple[Plan, LocalState, list[LocalUser]]:
    """The users to ask for. Raises `InvalidRequest` for what is no plan, or the plan of another application."""
    if not isinstance(plan, Plan):
        raise InvalidRequest.of("plan", "a Plan, such as `plan_sync` gives")
    if not isinstance(local, LocalState):
        raise InvalidRequest.of("local", "the LocalState that the plan was made from")
    users = {each.id for each in local.users}
    establishments = {each.id for each in local.establishments}
    if not all(
        each.establishment in establishments and (each.user is None or each.user in users) for each in _all_of(plan)
    ):
        raise InvalidRequest.of("local", "the LocalState that the plan was made from", "the plan names others")
    return plan, local, [each for each in local.users if each.id in plan.harmed_users]


def confirmed(plan: Plan, local: LocalState, asked: list[LocalUser], seen: Seen) -> Plan:
    """The plan, with everything about these users concluded from what was seen of them."""
    before: dict[str | None, list[Change | Undecided]] = {each.id: [] for each in asked}
    found: list[Change | Undecided] = []
    for each in _all_of(plan):
        before.get(each.user, found).append(each)
    rows = {key: answer for key, answer in seen.rows.items() if not isinstance(answer, FrgovError)}
    evaluator = RightsEvaluator(
        seen.structures, seen.groups, seen.perimeters, at=plan.at, group_required=plan.group_required
    )
    planning = Planning(local, rows, evaluator)
    for user in asked:
        is_known = _is_known(rows.get(email_key(user.email)), before[user.id])
        found += planning.of_users([user]) if is_known else _undecided(user, before[user.id])
    made = assembled(found, local, at=plan.at, taken_at=plan.taken_at, group_required=plan.group_required)
    return replace(made, confirmed_at=seen.at)


def _all_of(plan: Plan) -> Iterator[Change | Undecided]:
    yield from plan.changes
    yield from plan.undecided


def _is_known(rows: tuple[User, ...] | None, before: list[Change | Undecided]) -> bool:
    """Whether the answer can be relied on: it came, and does not lack what was in the records."""
    was_listed = any(each.rights is not None and (each.rights.rows or each.rights.elsewhere) for each in before)
    return rows is not None and (len(rows) > 0 or not was_listed)


def _undecided(user: LocalUser, before: list[Change | Undecided]) -> Iterator[Undecided]:
    for establishment in dict.fromkeys(each.establishment for each in before):
        yield Undecided(user.id, establishment, (Reason.UTILISATEUR_INCONNU,))
