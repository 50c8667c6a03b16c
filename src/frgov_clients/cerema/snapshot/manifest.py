"""`snapshot.json`, which says that a folder holds a whole snapshot, and the names of the files in the folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from ...errors import IncompleteResult
from ...transport.draft import Draft
from .kinds import Extent, Kind

__all__ = ["CHECKPOINT", "MANIFEST", "Entry", "changed", "entry_of", "file_of", "kinds_in", "read", "records", "write"]

T = TypeVar("T")
MANIFEST: Final = "snapshot.json"
CHECKPOINT: Final = "snapshot.partial.json"
FORMAT: Final = 1
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """What is told of one file."""

    count: int
    size: int
    sha256: str


def file_of(folder: Path, kind: Kind, *, complete: bool) -> Path:
    """Where the records of a kind lie, one JSON object a line."""
    return folder / (f"{kind}.jsonl" if complete else f"{kind}.partial.jsonl")


def entry_of(path: Path) -> Entry:
    """What is to be told of a file."""
    count, size, digest = 0, 0, hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            count += piece.count(b"\n")
            size += len(piece)
            digest.update(piece)
    return Entry(count, size, digest.hexdigest())


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


def kinds_in(folder: Path) -> set[Kind]:
    """Of which kinds a complete snapshot lies in a folder, if there is one."""
    try:
        said: Any = json.loads((folder / MANIFEST).read_bytes())
        return {Kind(name) for name in said["kinds"]}
    except (OSError, LookupError, TypeError, ValueError, RecursionError):
        return set()


def changed(path: Path) -> IncompleteResult:
    """The error of a file that is not what it was."""
    return IncompleteResult(f"{path.name} is missing or was changed since the snapshot was made: make it again")


def records(path: Path, entry: Entry, read: Callable[[bytes], T]) -> Iterator[T]:
    """Each record of a file, which is held against its entry while it is read.

    Raises:
        IncompleteResult: at the end at the latest: it is not the file that the entry tells of.
    """
    count, digest = 0, hashlib.sha256()
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size != entry.size:
                raise changed(path)
            for line in stream:
                count += 1
                digest.update(line)
                try:
                    yield read(line)
                except ValueError:
                    raise changed(path) from None  # its text may quote the record
    except FileNotFoundError:
        raise changed(path) from None
    if (count, digest.hexdigest()) != (entry.count, entry.sha256):
        raise changed(path)


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
            "entries": entries,
        }
    except FileNotFoundError:
        begun = ". The extraction is not complete: run it again" if (folder / CHECKPOINT).exists() else ""
        raise IncompleteResult(f"there is no snapshot in this folder{begun}") from None
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise IncompleteResult(f"{MANIFEST} is not what a snapshot has: make the snapshot again") from None
    for kind, entry in entries.items():
        path = file_of(folder, kind, complete=True)
        if not path.is_file() or entry_of(path) != entry:
            raise changed(path)
    return found
