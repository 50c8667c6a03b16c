"""A small portal and a small application, for the tests of plans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rights_parts import AT, OTHER, SIREN, group, perimeter, structure, user

from frgov_clients.cerema.models import Group, Perimeter, Structure, User
from frgov_clients.cerema.plan import LocalEstablishment, LocalState, LocalUser, Plan, plan_sync
from frgov_clients.cerema.rights import Establishment

SUSPENDED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Remote:
    """Records as a snapshot gives them."""

    rows: tuple[User, ...]
    all_structures: tuple[Structure, ...] = (structure(), structure(457, OTHER))
    all_groups: tuple[Group, ...] = (group(), group(174, structure=457))
    all_perimeters: tuple[Perimeter, ...] = (perimeter(fr_entiere=True),)
    complete: Any = True
    taken_at: datetime = AT - timedelta(hours=2)

    def users(self) -> Iterable[User]:
        return iter(self.rows)

    def structures(self) -> Iterable[Structure]:
        return iter(self.all_structures)

    def groups(self) -> Iterable[Group]:
        return iter(self.all_groups)

    def perimeters(self) -> Iterable[Perimeter]:
        return iter(self.all_perimeters)


HOME = LocalEstablishment("home", Establishment(SIREN, ["67482", "67043"]))
AWAY = LocalEstablishment("away", Establishment(OTHER, ["75056"]))
MEMBER = LocalUser("u1", "User@Example.fr ", ["home"])
ROW = user()
NOBODY = user(9, email="nobody@example.fr")
"""So that the portal is not empty."""


def plan(local: LocalUser | Iterable[LocalUser] = MEMBER, *rows: User, **options: Any) -> Plan:
    """The plan for some users of two establishments."""
    given = {name: options.pop(name) for name in Remote.__annotations__ if name in options}
    establishments = options.pop("establishments", (HOME, AWAY))
    users = (local,) if isinstance(local, LocalUser) else tuple(local)
    remote = Remote((*rows, NOBODY), **given)
    return plan_sync(LocalState(users, establishments), remote, **({"at": AT} | options))


def told(found: Plan) -> list[tuple[str | None, ...]]:
    """Each change in short."""
    return [(str(each.action), each.user, each.establishment, each.suspended_cause) for each in found.changes]


def suspended(cause: str | None, **fields: Any) -> LocalUser:
    return replace(MEMBER, suspended_at=SUSPENDED, suspended_cause=cause, **fields)
