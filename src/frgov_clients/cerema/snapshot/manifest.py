"""`snapshot.json`, which says that a folder holds a whole snapshot, and the names of the files in the folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from ...errors import IncompleteResult
from ...transport.draft import Draft
from .kinds import Extent, Kind

__all__ = ["CHECKPOINT", "MANIFEST", "Entry", "entry_of", "file_of", "read", "write"]

MANIFEST: Final = "snapshot.json"
CHECKPOINT: Final = "snapshot.partial.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What is told of one file."""

    count: int
    size: int
    sha256: str


def file_of(folder: Path, kind: Kind, *, complete: bool) -> Path:
    """Where the records of a kind lie, one JSON object a line."""
    return folder / (f"{kind}.jsonl" if complete else f"{kind}.partial.jsonl")


def entry_of(path: Path, count: int) -> Entry:
    """What is to be told of a file."""
    with path.open("rb") as stream:
        return Entry(count, path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def write(
    folder: Path, entries: Mapping[Kind, Entry], *, base_url: str, started_at: datetime, finished_at: datetime
) -> None:
    """Say that all files are there."""
    said = {
        "format": FORMAT,
        "complete": True,
        "base_url": base_url,
        "started_at": started_at.isoformat(),
        "finished_at": finished_at.isoformat(),
        "kinds": {kind: asdict(entry) for kind, entry in entries.items()},
    }
    with Draft(folder / MANIFEST, known=True) as stream:
        stream.write(json.dumps(said, indent=1).encode() + b"\n")


def read(folder: Path) -> dict[str, Any]:
    """The attributes of the snapshot in a folder, whose files were held against what is told of them.

    Raises:
        IncompleteResult: there is none, it is not complete, or a file was changed since.
    """
    try:
        said: Any = json.loads((folder / MANIFEST).read_bytes())
        if said["format"] != FORMAT or said["complete"] is not True:
            raise ValueError("of another format")  # noqa: TRY301
        entries = {Kind(name): Entry(**each) for name, each in cast("dict[str, Any]", said["kinds"]).items()}
        found = {
            "base_url": str(said["base_url"]),
            "started_at": datetime.fromisoformat(said["started_at"]),
            "finished_at": datetime.fromisoformat(said["finished_at"]),
            "extents": {kind: Extent(int(entry.count), int(entry.count)) for kind, entry in entries.items()},
            "folder": folder,
        }
    except FileNotFoundError:
        begun = ". The extraction is not complete: run it again" if (folder / CHECKPOINT).exists() else ""
        raise IncompleteResult(f"there is no snapshot in this folder{begun}") from None
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise IncompleteResult(f"{MANIFEST} is not what a snapshot has: make the snapshot again") from None
    for kind, entry in entries.items():
        path = file_of(folder, kind, complete=True)
        if not path.is_file() or entry_of(path, entry.count) != entry:
            raise IncompleteResult(f"{path.name} is missing or was changed since the snapshot was made: make it again")
    return found
