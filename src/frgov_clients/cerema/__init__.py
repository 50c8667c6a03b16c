"""The Données foncières of the Cerema: who may see them (the portal), and the data themselves (apidf)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .access import Access
    from .auth import PortalLogin
    from .client import AsyncCeremaClient, CeremaClient, CeremaOptions
    from .models import Group, Perimeter, Permissions, Structure, User
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
    "AsyncCeremaClient": ".client",
    "CeremaClient": ".client",
    "CeremaOptions": ".client",
    "Decision": ".rights",
    "Establishment": ".rights",
    "Extent": ".snapshot.kinds",
    "Group": ".models",
    "Kind": ".snapshot.kinds",
    "PartialSnapshot": ".snapshot.result",
    "Perimeter": ".models",
    "Permissions": ".models",
    "PortalLogin": ".auth",
    "Reason": ".rights",
    "Rights": ".rights",
    "RightsEvaluator": ".rights",
    "RightsUnknown": ".rights",
    "RowRights": ".rights",
    "SUSPENSION_CAUSES": ".rights",
    "Snapshot": ".snapshot.result",
    "SnapshotPage": ".snapshot.kinds",
    "SnapshotProgress": ".snapshot.kinds",
    "Structure": ".models",
    "User": ".models",
    "covers": ".rights",
    "evaluate_rights": ".rights",
    "visible_communes": ".rights",
}

__all__ = [
    "ABSENT",
    "SUSPENSION_CAUSES",
    "Access",
    "AsyncCeremaClient",
    "CeremaClient",
    "CeremaOptions",
    "Decision",
    "Establishment",
    "Extent",
    "Group",
    "Kind",
    "PartialSnapshot",
    "Perimeter",
    "Permissions",
    "PortalLogin",
    "Reason",
    "Rights",
    "RightsEvaluator",
    "RightsUnknown",
    "RowRights",
    "Snapshot",
    "SnapshotPage",
    "SnapshotProgress",
    "Structure",
    "User",
    "covers",
    "evaluate_rights",
    "visible_communes",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
