"""What an extraction ends with: a `Snapshot`, which is whole, or a `PartialSnapshot`, which is not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from ...errors import FrgovError, IncompleteResult
from .kinds import Extent, Kind
from .manifest import Entry, file_of, read, records

if TYPE_CHECKING:
    from ..models import Group, Perimeter, Structure, User

__all__ = ["PartialSnapshot", "Snapshot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What both have in common."""

    base_url: str
    """The portal that was asked."""
    started_at: datetime
    """When the first page was asked for, however often the extraction was interrupted: nothing in it is older."""
    finished_at: datetime
    extents: Mapping[Kind, Extent]
    folder: Path | None = None
    """Where the records lie; `None` when they went to a callback."""

    @property
    def counts(self) -> dict[str, int]:
        """Records by kind."""
        return {str(kind): each.received for kind, each in self.extents.items()}

    @property
    def taken_at(self) -> datetime:
        """As of when it can be relied on: `started_at`."""
        return self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(_Outcome):
    """All records of the portal, each once, as the service counted them.

    One record that was removed and another that was added while they were read leave the count as it was: then one may
    be missing. What is read of the files is held against what was written: a later snapshot in the same folder ends the
    use of this one.
    """

    entries: Mapping[Kind, Entry] = field(default_factory=dict[Kind, Entry], repr=False)
    """What is known of the files."""

    @property
    def complete(self) -> Literal[True]:
        """A snapshot is."""
        return True

    def require_complete(self) -> Snapshot:
        """Itself."""
        return self

    def __str__(self) -> str:
        told = ", ".join(f"{count:,} {kind}" for kind, count in self.counts.items())
        return f"Complete snapshot of {self.base_url}, {self.taken_at:%Y-%m-%d %H:%M %Z}: {told}"

    # ---- reading ----------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Snapshot:
        """The snapshot that lies in a folder, its files held against what was written.

        Raises:
            IncompleteResult: there is none, it is not complete, or a file was changed since.
        """
        return cls(**read(Path(folder)))

    def users(self) -> Iterator[User]:
        """Each user, from the file: as many as somebody has structures."""
        from ..models import User

        return self._read(Kind.USERS, User)

    def structures(self) -> Iterator[Structure]:
        """Each structure, from the file."""
        from ..models import Structure

        return self._read(Kind.STRUCTURES, Structure)

    def groups(self) -> Iterator[Group]:
        """Each group, from the file."""
        from ..models import Group

        return self._read(Kind.GROUPS, Group)

    def perimeters(self) -> Iterator[Perimeter]:
        """Each perimeter, from the file."""
        from ..models import Perimeter

        return self._read(Kind.PERIMETERS, Perimeter)

    def _read(self, kind: Kind, model: Any) -> Iterator[Any]:
        if kind not in self.extents:
            raise IncompleteResult(f"the snapshot was made without its {kind}")
        if self.folder is None:
            raise IncompleteResult("the records of this snapshot went to a callback; it kept none")
        model.model_rebuild()
        return records(file_of(self.folder, kind, complete=True), self.entries[kind], model.model_validate_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialSnapshot(_Outcome):
    """What came before an extraction had to end. Nothing can be concluded from what is not in it.

    The same call again goes on where it ended.
    """

    @property
    def complete(self) -> Literal[False]:
        """It is not."""
        return False

    @property
    def failures(self) -> dict[str, FrgovError]:
        """Why it ended, by kind."""
        return {str(kind): each.failure for kind, each in self.extents.items() if each.failure is not None}

    def require_complete(self) -> NoReturn:
        """Raises `IncompleteResult`, with the first failure as its cause."""
        cause = next(iter(self.failures.values()), None)
        raise IncompleteResult(str(self), result=self, service="cerema", operation="cerema.snapshot") from cause

    def __str__(self) -> str:
        told = ", ".join(
            f"{each.received:,} of {'?' if each.count is None else f'{each.count:,}'} {kind}"
            for kind, each in self.extents.items()
        )
        why = "; ".join(dict.fromkeys(str(failure) for failure in self.failures.values()))
        return f"INCOMPLETE snapshot of {self.base_url}: {told}" + (f" ({why})" if why else "")
