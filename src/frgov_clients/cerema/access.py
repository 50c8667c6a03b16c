"""All that the portal says of one e-mail address, fetched together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import FrgovError

if TYPE_CHECKING:
    from .models import Group, Perimeter, Structure, User
    from .rights import Establishment, Rights
    from .rights.vocabulary import AbsentType

__all__ = ["Access"]


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """The rows of a user, and the structures, groups and perimeters that they name.

    What could not be fetched stands in `failures` and, as `None`, in the mappings; what the service says does not exist
    is `ABSENT` there. `rights` takes neither for a denial.
    """

    users: tuple[User, ...]
    """One for each structure; none when the portal has nobody with this address."""
    structures: Mapping[int, Structure | AbsentType | None]
    groups: Mapping[int, Group | AbsentType | None]
    perimeters: Mapping[int, Perimeter | AbsentType | None]
    failures: Mapping[str, FrgovError]
    """Why something could not be fetched, by `structure 456`, `group 173`, `perimeter 20`."""
    fetched_at: datetime
    """In UTC; before the first request."""

    @property
    def complete(self) -> bool:
        """Whether all could be fetched."""
        return not self.failures

    def rights(
        self, establishment: Establishment, *, at: datetime | None = None, group_required: bool = False
    ) -> Rights:
        """Whether the user may look at the LOVAC data of an establishment: see `evaluate_rights`. `at`: now."""
        from .rights import evaluate_rights

        return evaluate_rights(
            self.users,
            self.structures,
            self.groups,
            self.perimeters,
            establishment,
            at=datetime.now(UTC) if at is None else at,
            group_required=group_required,
        )

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} not fetched" if self.failures else ""
        return f"<Access: {len(self.users)} rows, {len(self.structures)} structures{failed}>"
