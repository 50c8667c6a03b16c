"""Rights to the LOVAC data, decided from what the portal says: values in, values out, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..._lazy import lazy_names

if TYPE_CHECKING:
    from .coverage import covers, visible_communes
    from .establishment import Establishment
    from .evaluation import RightsEvaluator, evaluate_rights
    from .outcome import Rights, RightsUnknown, RowRights
    from .vocabulary import ABSENT, SUSPENSION_CAUSES, Decision, Reason

_HOME: Final = {
    "ABSENT": ".vocabulary",
    "Decision": ".vocabulary",
    "Establishment": ".establishment",
    "Reason": ".vocabulary",
    "Rights": ".outcome",
    "RightsEvaluator": ".evaluation",
    "RightsUnknown": ".outcome",
    "RowRights": ".outcome",
    "SUSPENSION_CAUSES": ".vocabulary",
    "covers": ".coverage",
    "evaluate_rights": ".evaluation",
    "visible_communes": ".coverage",
}

__all__ = [
    "ABSENT",
    "SUSPENSION_CAUSES",
    "Decision",
    "Establishment",
    "Reason",
    "Rights",
    "RightsEvaluator",
    "RightsUnknown",
    "RowRights",
    "covers",
    "evaluate_rights",
    "visible_communes",
]


__getattr__, __dir__ = lazy_names(__name__, _HOME)
