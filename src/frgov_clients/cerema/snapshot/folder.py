"""A snapshot in a folder: `users.jsonl`, `structures.jsonl`, `groups.jsonl`, `perimeters.jsonl`, and `snapshot.json`.

Until it is complete the files are called `users.partial.jsonl` and so on, and `snapshot.partial.json` says where to go
on; an older snapshot in the same folder stays what it is. `snapshot.json` comes last: without it nothing is complete.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, cast

from pydantic_core import to_json

from ...errors import IncompleteResult, InvalidRequest
from ...transport.draft import Draft
from ...transport.effects import Flow, Offload
from ...transport.lockfile import FileLock
from .checkpoint import Checkpoint, Question, Taken
from .kinds import Extent, Kind, SnapshotPage
from .listwalk import Resumed
from .result import PartialSnapshot, Snapshot, file_of

__all__ = ["FolderTarget", "load"]

MANIFEST: Final = "snapshot.json"
CHECKPOINT: Final = "snapshot.partial.json"
FORMAT: Final = 1


class FolderTarget:
    """Writes pages into a folder."""

    is_awaited = False

    def __init__(self, folder: Path, question: Question, max_age: float) -> None:
        self._folder, self._question, self._max_age = folder, question, max_age
        self._checkpoint = Checkpoint(folder / CHECKPOINT, question)
        self._lock = FileLock(folder / ".snapshot.lock")
        self._files: dict[Kind, IO[bytes]] = {}

    def open(self) -> Mapping[Kind, Resumed]:
        if self._folder.exists() and not self._folder.is_dir():
            raise InvalidRequest.of("folder", "the path of a folder")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # addresses of persons will lie in it
        if not self._lock.take():
            raise InvalidRequest.of("folder", "one that no other extraction writes to at the moment")
        self._checkpoint.read(self._max_age)
        taken = self._checkpoint.taken
        for kind in self._question.kinds:
            self._files[kind] = self._begun(kind, taken.get(kind))
            if kind in taken and taken[kind].size != self._files[kind].tell():
                del taken[kind]  # the file is gone, or shorter than it was
                _cut(self._files[kind], 0)
        return self._checkpoint.resumed(self._question.kinds)

    def _begun(self, kind: Kind, taken: Taken | None) -> IO[bytes]:
        """The file, at the place where it goes on: what a killed process wrote after its last checkpoint goes."""
        path, size = file_of(self._folder, kind, complete=False), 0 if taken is None else taken.size
        whole = file_of(self._folder, kind, complete=True)
        if size and not path.exists() and not (self._folder / MANIFEST).exists() and whole.exists():
            whole.replace(path)  # killed while the files got their names
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        stream = os.fdopen(number, "r+b")
        _cut(stream, min(size, os.fstat(number).st_size))
        return stream

    def take(self, pages: Sequence[SnapshotPage]) -> Flow[None]:
        yield Offload(partial(self._write, pages))

    def _write(self, pages: Sequence[SnapshotPage]) -> None:
        for page in pages:
            stream = self._files[page.kind]
            if page.number == 1:
                _cut(stream, 0)
            stream.writelines(to_json(record) + b"\n" for record in page.raw)
            self._checkpoint.add(page).size = stream.tell()
        if self._checkpoint.is_due():
            self._save()

    def _save(self) -> None:
        for stream in self._files.values():
            stream.flush()
            os.fsync(stream.fileno())
        self._checkpoint.write()

    def finish(self, extents: Mapping[Kind, Extent]) -> Snapshot | PartialSnapshot:
        self._save()
        told: dict[str, Any] = {
            "base_url": self._question.base_url,
            "started_at": self._checkpoint.started_at,
            "finished_at": datetime.now(UTC),
            "extents": extents,
            "folder": self._folder,
        }
        if not all(each.complete for each in extents.values()):
            return PartialSnapshot(**told)
        self._close_files()
        snapshot = Snapshot(**told)
        self._name(snapshot)
        return snapshot

    def _name(self, snapshot: Snapshot) -> None:
        """Give the files their names. Killed in the middle, the next extraction finds all it needs."""
        manifest = self._folder / MANIFEST
        entries = {kind: self._entry(kind) for kind in self._question.kinds}
        manifest.unlink(missing_ok=True)
        for kind in Kind:
            if kind in entries:
                file_of(self._folder, kind, complete=False).replace(file_of(self._folder, kind, complete=True))
            else:  # of an older snapshot of more kinds, which this one replaces
                file_of(self._folder, kind, complete=True).unlink(missing_ok=True)
        said = {
            "format": FORMAT,
            "complete": True,
            "base_url": snapshot.base_url,
            "started_at": snapshot.started_at.isoformat(),
            "finished_at": snapshot.finished_at.isoformat(),
            "kinds": entries,
        }
        with Draft(manifest, known=True) as stream:
            stream.write(json.dumps(said, indent=1).encode() + b"\n")
        self._checkpoint.remove()

    def _entry(self, kind: Kind) -> dict[str, Any]:
        path, taken = file_of(self._folder, kind, complete=False), self._checkpoint.taken.get(kind, Taken())
        return {"count": len(taken.ids), "bytes": taken.size, "sha256": _digest(path)}

    def close(self) -> None:
        if self._files:  # not complete: keep what came; on a full disk the last checkpoint stays
            with contextlib.suppress(OSError):
                self._save()
            self._close_files()
        self._lock.release()

    def _close_files(self) -> None:
        files, self._files = self._files, {}
        for stream in files.values():
            with contextlib.suppress(OSError):
                stream.close()


def _cut(stream: IO[bytes], size: int) -> None:
    stream.seek(size)
    stream.truncate()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load(folder: Path) -> Snapshot:
    """See `Snapshot.load`."""
    try:
        said: Any = json.loads((folder / MANIFEST).read_bytes())
        if said["format"] != FORMAT or said["complete"] is not True:
            raise ValueError("of another format")  # noqa: TRY301
        kinds = {Kind(name): each for name, each in cast("dict[str, Any]", said["kinds"]).items()}
        extents = {kind: Extent(int(each["count"]), int(each["count"])) for kind, each in kinds.items()}
        started_at, finished_at = (datetime.fromisoformat(said[name]) for name in ("started_at", "finished_at"))
        base_url = str(said["base_url"])
    except FileNotFoundError:
        begun = " The extraction is not complete: run it again" if (folder / CHECKPOINT).exists() else ""
        raise IncompleteResult(f"there is no snapshot in this folder.{begun}") from None
    except (LookupError, TypeError, ValueError, AttributeError):
        raise IncompleteResult(f"{MANIFEST} is not what a snapshot has: make the snapshot again") from None
    for kind, entry in kinds.items():
        path = file_of(folder, kind, complete=True)
        if not path.is_file() or path.stat().st_size != entry["bytes"] or _digest(path) != entry["sha256"]:
            raise IncompleteResult(f"{path.name} is missing or was changed since the snapshot was made: make it again")
    return Snapshot(base_url=base_url, started_at=started_at, finished_at=finished_at, extents=extents, folder=folder)
