"""What an extraction leaves for the next one, in one small file that is replaced whole."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from ...transport.draft import Draft
from .kinds import Kind, SnapshotPage
from .listwalk import Resumed

__all__ = ["Checkpoint", "Question", "Taken"]

FORMAT: Final = 1
EVERY: Final = 1.0
"""Seconds between two."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of whom: an extraction goes on with what another has left only when they are the same."""

    base_url: str
    identity: str
    """A fingerprint of who asks: another account may see other records."""
    page_size: int | None
    kinds: tuple[Kind, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "base_url": self.base_url,
            "identity": self.identity,
            "page_size": self.page_size,
            "kinds": list(self.kinds),
        }


@dataclass(slots=True)
class Taken:
    """What was taken of one list."""

    count: int = 0
    page_length: int = 0
    pages: int = 0
    size: int = 0
    """Bytes of its file."""
    ids: array[int] = field(default_factory=lambda: array("q"))

    def add(self, page: SnapshotPage) -> None:
        if page.number == 1:
            self.page_length = len(page.records)
        self.count, self.pages = page.count, page.number
        self.ids.extend(record.id for record in page.records)

    @property
    def resumed(self) -> Resumed:
        last = self.ids[(self.pages - 1) * self.page_length :]
        return Resumed(self.count, self.page_length, self.pages, frozenset(self.ids), frozenset(last))


class Checkpoint:
    """The file, and what is to stand in it."""

    def __init__(self, path: Path | None, question: Question) -> None:
        self._path, self._question = path, question
        self.started_at = datetime.now(UTC)
        self.taken: dict[Kind, Taken] = {}
        self._written = time.monotonic()

    def read(self, max_age: float | None) -> None:
        """Take up what lies there, when it answers the same question and is not too old; nothing for `None`."""
        if max_age is None:
            return
        try:
            found: Any = json.loads(self._path.read_bytes()) if self._path is not None else None
            if found is None or found["format"] != FORMAT or found["question"] != self._question.as_json():
                return
            started_at = datetime.fromisoformat(found["started_at"])
            if not 0 <= (datetime.now(UTC) - started_at).total_seconds() <= max_age:
                return
            taken = {Kind(name): _taken(each) for name, each in cast("dict[str, Any]", found["taken"]).items()}
        except (OSError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
            return  # none, or none of ours: begin anew
        self.started_at, self.taken = started_at, taken

    def add(self, page: SnapshotPage) -> Taken:
        """Take note of a page; what was noted of its list."""
        taken = self.taken.setdefault(page.kind, Taken())
        taken.add(page)
        return taken

    def forget(self, kind: Kind) -> None:
        """A list begins, or begins anew. What stands in the file of it is taken out at once, before its records go."""
        if self.taken.pop(kind, None) is not None:
            self.write()

    def is_due(self) -> bool:
        """Whether it is time to write it again."""
        return time.monotonic() - self._written >= EVERY

    def write(self) -> None:
        """Replace the file."""
        self._written = time.monotonic()
        if self._path is None:
            return
        said = {
            "format": FORMAT,
            "complete": False,
            "question": self._question.as_json(),
            "started_at": self.started_at.isoformat(),
            "taken": {kind: _as_json(each) for kind, each in self.taken.items()},
        }
        with Draft(self._path, known=True) as stream:
            stream.write(json.dumps(said).encode())

    def remove(self) -> None:
        """The extraction is complete."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def resumed(self, kinds: Iterable[Kind]) -> dict[Kind, Resumed]:
        """Where each list goes on."""
        return {kind: self.taken[kind].resumed for kind in kinds if kind in self.taken and self.taken[kind].pages}


def _as_json(taken: Taken) -> dict[str, Any]:
    return {
        "count": taken.count,
        "page_length": taken.page_length,
        "pages": taken.pages,
        "size": taken.size,
        "ids": taken.ids.tolist(),
    }


def _taken(said: dict[str, Any]) -> Taken:
    numbers = {name: int(said[name]) for name in ("count", "page_length", "pages", "size")}
    ids: Sequence[int] = said["ids"]
    found = Taken(**numbers, ids=array("q", ids))
    expected = min(found.count, found.pages * found.page_length)
    last = max(1, -(-found.count // found.page_length)) if found.page_length else 1 - bool(found.count)
    if min(numbers.values()) < 0 or found.pages > last or not len(found.ids) == len(set(found.ids)) == expected:
        raise ValueError("not what was written")
    return found
