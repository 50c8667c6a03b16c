"""All that the portal says of one e-mail address, fetched together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from ..errors import FrgovError
from ..transport.walk import incomplete
from .emails import checked_email, email_key

if TYPE_CHECKING:
    from .models import Group, Perimeter, Structure, User
    from .rights import Establishment, Rights
    from .rights.vocabulary import AbsentType
    from .snapshot.result import Snapshot

__all__ = ["Access", "Seen"]


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=_Numbered)


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

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot, email: str) -> Access:
        """The same from a snapshot: as of the moment at which that was begun.

        What a record names and the snapshot does not hold is not known: it stands in `failures`.
        Raises `InvalidRequest` for what is no address.
        """
        wanted = email_key(checked_email(email))
        users = tuple(each for each in snapshot.users() if email_key(each.email) == wanted)
        structures = _those(snapshot.structures(), (each.structure for each in users))
        groups = _those(snapshot.groups(), (each.groupe for each in users))
        perimeters = _those(snapshot.perimeters(), (each.perimetre for each in groups.values() if each is not None))
        failures: dict[str, FrgovError] = {
            f"{what} {number}": incomplete("cerema.access", "the snapshot does not hold it")
            for what, missing in (
                ("structure", _missing(structures)),
                ("group", _missing(groups)),
                ("perimeter", _missing(perimeters)),
            )
            for number in missing
        }
        return cls(users, structures, groups, perimeters, failures, snapshot.taken_at)

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


class Seen(NamedTuple):
    """What the portal said of several e-mail addresses, asked for one by one: as in `Access`, which is of one."""

    rows: Mapping[str, tuple[User, ...] | FrgovError]
    """By `email_key`; the error where they could not be fetched."""
    structures: Mapping[int, Structure | AbsentType | None]
    groups: Mapping[int, Group | AbsentType | None]
    perimeters: Mapping[int, Perimeter | AbsentType | None]
    failures: Mapping[str, FrgovError]
    at: datetime
    """In UTC; before the first request."""


def _missing(records: Mapping[int, object]) -> list[int]:
    return [number for number, record in records.items() if record is None]


def _those(records: Iterable[R], numbers: Iterable[int | None]) -> dict[int, R | None]:
    """The records with these numbers."""
    found: dict[int, R | None] = {number: None for number in numbers if number is not None}
    for record in records if found else ():
        if record.id in found:
            found[record.id] = record
    return found
