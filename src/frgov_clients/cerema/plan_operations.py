"""What a plan asks of the portal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..transport.effects import Flow
from ..transport.endpoint import flow
from .access_operations import AccessEndpoints

if TYPE_CHECKING:
    from .plan import LocalState, Plan

__all__ = ["PlanEndpoints"]


class PlanEndpoints(AccessEndpoints):
    """A look at the portal before something is taken away."""

    @flow
    def confirm_plan(self, plan: Plan, local: LocalState) -> Flow[Plan]:
        """The plan, after everybody who would lose something by it was asked for anew.

        Everything about these users is concluded from the answers, at the moment `plan.at`: who is found to have the
        right after all keeps it. Who can not be asked for, or was in the records and is nowhere now, becomes
        `undecided` (`utilisateur_inconnu`). Other users, and establishments themselves, stay as planned. Two requests
        for each user or a little more: 100 users take less than a minute at the default pace.

        Args:
            plan: of `plan_sync`, or the `plan` of a `PlanRefused`.
            local: what it was made from.

        Raises:
            InvalidRequest: it was made from something else.
            AuthenticationError: the credentials are wrong.
        """
        from .plan.confirming import asked_anew, confirmed

        plan, local, asked = asked_anew(plan, local)
        if not asked:
            return replace(plan, confirmed_at=datetime.now(UTC))
        return confirmed(plan, local, asked, (yield from self._seen([each.email for each in asked])))
