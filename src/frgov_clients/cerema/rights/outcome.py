"""What came of looking at somebody's rights, as values. None of them shows an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple, NoReturn

from ...errors import FrgovError
from .coverage import Coverage
from .establishment import Establishment
from .moments import instant
from .vocabulary import Decision, Reason, in_order

__all__ = ["Rights", "RightsUnknown", "RowRights"]


class RightsUnknown(FrgovError):
    """Asked for what may be seen, where the rights are not known. Ask the service again; show nothing meanwhile."""

    retryable = True


class RowRights(NamedTuple):
    """What one row of a user says: one e-mail address in one structure."""

    user: int
    """`id_user`."""
    structure: int | None
    groupe: int | None
    perimetre: int | None
    matches: bool
    """Whether the structure is known to be the establishment's. False: it is not known; others are left out."""
    causes: tuple[Reason, ...]
    """What was seen not to hold."""
    unknown: tuple[Reason, ...]
    """What could not be seen."""
    notes: tuple[Reason, ...]
    """What is worth knowing and decides nothing."""
    structure_has_lovac: bool | None
    """`None`: not known."""
    group_has_lovac: bool | None
    """`None`: not known, or there is no group."""
    ends: datetime | None
    """The earliest of the ends of the user's and the structure's access."""
    coverage: Coverage | None
    """`None`: not known."""

    @property
    def decision(self) -> Decision:
        """A row that may be of another structure tells nothing for certain, not even that it denies."""
        if not self.matches:
            return Decision.UNKNOWN
        if self.causes:
            return Decision.DENY
        return Decision.UNKNOWN if self.unknown else Decision.ALLOW

    @property
    def has_commitment(self) -> bool:
        """Structure and group both have access to LOVAC, for certain: what ZLV calls `hasCommitment`."""
        return self.matches and self.structure_has_lovac is True and self.group_has_lovac is True


@dataclass(frozen=True, slots=True, repr=False)
class Rights:
    """Whether somebody may look at the LOVAC data of an establishment, and why."""

    decision: Decision
    reasons: tuple[Reason, ...]
    """All of them. Empty for `allow`; causes for `deny`; what is not known for `unknown`."""
    notes: tuple[Reason, ...]
    """What decided nothing: no group, no perimeter, a second structure that is not known, ..."""
    establishment: Establishment
    at: datetime
    """The moment that rights were looked at for, in UTC."""
    rows: tuple[RowRights, ...]
    """The user's rows in the establishment's structures, and in structures that are not known."""
    elsewhere: int = 0
    """How many rows of the user are in other structures, which decide nothing here."""

    @property
    def allowed(self) -> bool:
        """Whether the decision is `allow`: ask this before showing something.

        Not allowed is not denied: during an outage it is neither. Ask `denied` before taking something away.
        """
        return self.decision is Decision.ALLOW

    @property
    def denied(self) -> bool:
        """Whether the decision is `deny`: ask this before taking something away. What is unknown is not denied."""
        return self.decision is Decision.DENY

    def __bool__(self) -> NoReturn:
        """Refused: `if rights:` would be true of a denial, and `if not rights:` would take an outage for one."""
        raise TypeError(
            "rights are `allow`, `deny` or `unknown`, neither true nor false: compare `rights.decision`,"
            " or ask `rights.allowed` and `rights.denied`; unknown is neither of the two"
        )

    @property
    def decisive(self) -> tuple[RowRights, ...]:
        """The rows that the decision comes from. Rights of several structures add up: one that allows is enough."""
        return tuple(row for row in self.rows if row.decision is self.decision)

    @property
    def suspended_cause(self) -> str | None:
        """The causes of a denial as ZLV stores them in `suspended_cause`.

        `None` where nobody is suspended: allowed, unknown, or no row of the user in such a structure.
        """
        return ", ".join(reason for reason in self.reasons if reason.is_cause) or None

    @property
    def structure_has_lovac(self) -> bool | None:
        """Whether a structure of the establishment that decides has access to LOVAC; `None`: none is known."""
        return _any(tuple(row.structure_has_lovac for row in self.decisive if row.matches))

    @property
    def group_has_lovac(self) -> bool | None:
        """Whether a group that decides has access to LOVAC; `None`: none is known."""
        return _any(tuple(row.group_has_lovac for row in self.decisive))

    @property
    def has_commitment(self) -> bool:
        """Whether a row that decides has access to LOVAC by its structure and by its group, for certain."""
        return any(row.has_commitment for row in self.decisive)

    @property
    def expires_at(self) -> datetime | None:
        """When an `allow` ends unless it is prolonged; `None` for the other decisions."""
        ends = [row.ends for row in self.decisive if row.ends is not None] if self.allowed else []
        return max(ends, key=instant, default=None)

    @property
    def visible_communes(self) -> frozenset[str] | None:
        """The communes of the establishment whose data may be seen.

        `None`: no restriction. An empty set: nothing, which is so for every denial. With several rows that allow, what
        they cover together. Raises `RightsUnknown`, for nothing may be concluded then.
        """
        if self.decision is Decision.UNKNOWN:
            words = ", ".join(self.reasons)
            raise RightsUnknown(f"rights are not known ({words}): ask the service again, show nothing meanwhile")
        if self.decision is Decision.DENY:
            return _NOTHING
        seen: list[frozenset[str]] = []
        for row in self.decisive:
            part = row.coverage.visible_in(self.establishment) if row.coverage is not None else _NOTHING
            if part is None:
                return None
            seen.append(part)
        return seen[0] if len(seen) == 1 else _NOTHING.union(*seen)

    def explain(self) -> str:
        """A few lines to read: what was looked at, and what each row says."""
        return "\n".join([str(self), *map(_line, self.rows), *_meanings(chain(self.reasons, self.notes))])

    def __str__(self) -> str:
        words = f": {', '.join(self.reasons)}" if self.reasons else ""
        notes = f" (note: {', '.join(self.notes)})" if self.notes else ""
        others = f"; {self.elsewhere} in other structures" if self.elsewhere else ""
        count = f"{len(self.rows)} row{'s' * (len(self.rows) != 1)}{others}"
        return f"{self.decision}{words}{notes} [{self.establishment.siren} at {self.at:%Y-%m-%dT%H:%MZ}, {count}]"

    def __repr__(self) -> str:
        return f"<Rights {self}>"


_NOTHING: Final = frozenset[str]()


def _any(told: tuple[bool | None, ...]) -> bool | None:
    if True in told:
        return True
    return False if False in told else None


def _line(row: RowRights) -> str:
    access = {True: "has LOVAC", False: "has no LOVAC", None: "not known"}
    ends = f" until {row.ends:%Y-%m-%d}" if row.ends is not None else ""
    structure = f"structure {row.structure} {access[row.structure_has_lovac]}{ends}"
    group = "no group" if row.groupe is None else f"group {row.groupe} {access[row.group_has_lovac]}"
    perimeter = "no perimeter" if row.perimetre is None else f"perimeter {row.perimetre}"
    words = ", ".join(row.causes + row.unknown) or "nothing against it"
    return f"- row {row.user}: {row.decision}, {words}; {structure}, {group}, {perimeter}"


def _meanings(reasons: chain[Reason]) -> list[str]:
    return [f"  {reason}: {reason.meaning}" for reason in in_order(reasons)]
