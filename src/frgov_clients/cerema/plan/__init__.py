"""What would change in an application when its users and establishments follow the rights of the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .changes import Action, Change, Plan, Undecided
    from .guard import PlanRefused, Refusal
    from .local import LocalEstablishment, LocalState, LocalUser
    from .planning import plan_sync
    from .remote import RemoteRights

_HOME: Final = {
    "Action": ".changes",
    "Change": ".changes",
    "LocalEstablishment": ".local",
    "LocalState": ".local",
    "LocalUser": ".local",
    "Plan": ".changes",
    "PlanRefused": ".guard",
    "Refusal": ".guard",
    "RemoteRights": ".remote",
    "Undecided": ".changes",
    "plan_sync": ".planning",
}

__all__ = [
    "Action",
    "Change",
    "LocalEstablishment",
    "LocalState",
    "LocalUser",
    "Plan",
    "PlanRefused",
    "Refusal",
    "RemoteRights",
    "Undecided",
    "plan_sync",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
