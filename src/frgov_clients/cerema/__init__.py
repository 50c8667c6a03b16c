"""The Données foncières of the Cerema: who may see them (the portal), and the data themselves (apidf)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .access import Access
    from .apidf import ApidfClient, AsyncApidfClient
    from .auth import PortalLogin
    from .client import AsyncCeremaClient, CeremaClient, CeremaOptions
    from .models import Group, LovacPermissions, Perimeter, Permissions, Structure, User
    from .plan import (
        Action,
        Change,
        LocalEstablishment,
        LocalState,
        LocalUser,
        Plan,
        PlanRefused,
        Refusal,
        RemoteRights,
        Undecided,
        plan_sync,
    )
    from .rights import (
        ABSENT,
        SUSPENSION_CAUSES,
        Decision,
        Establishment,
        Reason,
        Rights,
        RightsEvaluator,
        RightsUnknown,
        RowRights,
        covers,
        evaluate_rights,
        visible_communes,
    )
    from .snapshot.kinds import Extent, Kind, SnapshotPage, SnapshotProgress
    from .snapshot.result import PartialSnapshot, Snapshot

_HOME: Final = {
    "ABSENT": ".rights",
    "Access": ".access",
    "Action": ".plan",
    "ApidfClient": ".apidf",
    "AsyncApidfClient": ".apidf",
    "AsyncCeremaClient": ".client",
    "CeremaClient": ".client",
    "CeremaOptions": ".client",
    "Change": ".plan",
    "Decision": ".rights",
    "Establishment": ".rights",
    "Extent": ".snapshot.kinds",
    "Group": ".models",
    "Kind": ".snapshot.kinds",
    "LocalEstablishment": ".plan",
    "LocalState": ".plan",
    "LocalUser": ".plan",
    "LovacPermissions": ".models",
    "PartialSnapshot": ".snapshot.result",
    "Perimeter": ".models",
    "Permissions": ".models",
    "Plan": ".plan",
    "PlanRefused": ".plan",
    "PortalLogin": ".auth",
    "Reason": ".rights",
    "Refusal": ".plan",
    "RemoteRights": ".plan",
    "Rights": ".rights",
    "RightsEvaluator": ".rights",
    "RightsUnknown": ".rights",
    "RowRights": ".rights",
    "SUSPENSION_CAUSES": ".rights",
    "Snapshot": ".snapshot.result",
    "SnapshotPage": ".snapshot.kinds",
    "SnapshotProgress": ".snapshot.kinds",
    "Structure": ".models",
    "Undecided": ".plan",
    "User": ".models",
    "covers": ".rights",
    "evaluate_rights": ".rights",
    "plan_sync": ".plan",
    "visible_communes": ".rights",
}

__all__ = [
    "ABSENT",
    "SUSPENSION_CAUSES",
    "Access",
    "Action",
    "ApidfClient",
    "AsyncApidfClient",
    "AsyncCeremaClient",
    "CeremaClient",
    "CeremaOptions",
    "Change",
    "Decision",
    "Establishment",
    "Extent",
    "Group",
    "Kind",
    "LocalEstablishment",
    "LocalState",
    "LocalUser",
    "LovacPermissions",
    "PartialSnapshot",
    "Perimeter",
    "Permissions",
    "Plan",
    "PlanRefused",
    "PortalLogin",
    "Reason",
    "Refusal",
    "RemoteRights",
    "Rights",
    "RightsEvaluator",
    "RightsUnknown",
    "RowRights",
    "Snapshot",
    "SnapshotPage",
    "SnapshotProgress",
    "Structure",
    "Undecided",
    "User",
    "covers",
    "evaluate_rights",
    "plan_sync",
    "visible_communes",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
