"""The four lists of a snapshot, and how far each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ...errors import FrgovError

if TYPE_CHECKING:
    from ..models import Group, Perimeter, Structure, User

__all__ = ["Extent", "Kind", "SnapshotPage", "SnapshotProgress"]


class Kind(StrEnum):
    """What records are of. In this order: what is referred to is read after what refers to it."""

    USERS = "users"
    STRUCTURES = "structures"
    GROUPS = "groups"
    PERIMETERS = "perimeters"


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """Some records as they came, in the order of the service."""

    kind: Kind
    number: int
    """From 1 on. With the first page a list begins, or begins anew: forget what came of it before."""
    count: int
    """Records that the service tells of in all."""
    records: tuple[User | Structure | Group | Perimeter, ...]
    raw: tuple[Mapping[str, Any], ...] = field(repr=False)
    """The same as JSON objects, untouched. No `repr` shows them, since they hold e-mail addresses."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of one list came."""

    received: int = 0
    count: int | None = None
    """What the service tells; `None` when it was not asked yet."""
    failure: FrgovError | None = None
    """Why it is not complete; `None` also when the extraction ended before it."""

    @property
    def complete(self) -> bool:
        """Every record that the service told of came, and each once."""
        return self.failure is None and self.received == self.count


@dataclass(frozen=True, slots=True)
class SnapshotProgress:
    """How far an extraction is."""

    extents: Mapping[Kind, Extent]
    waiting: float = 0.0
    """Seconds for which the service has been down; 0 when it is not."""
    failure: FrgovError | None = None
    """Why it is waited for."""

    @property
    def received(self) -> int:
        """Records that came."""
        return sum(each.received for each in self.extents.values())

    @property
    def expected(self) -> int | None:
        """Records in all; `None` until every list was asked for once."""
        counts = [each.count for each in self.extents.values() if each.count is not None]
        return sum(counts) if len(counts) == len(self.extents) else None
