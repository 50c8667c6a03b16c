"""A snapshot in a folder: `users.jsonl`, `structures.jsonl`, `groups.jsonl`, `perimeters.jsonl`, and `snapshot.json`.

Until it is complete the files are called `users.partial.jsonl` and so on, and `snapshot.partial.json` says where to go
on; an older snapshot in the same folder stays what it is. `snapshot.json` comes last: without it nothing is complete.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from pydantic_core import to_json

from ...errors import IncompleteResult, InvalidRequest
from ...transport.effects import Flow, Offload
from ...transport.lockfile import FileLock
from .checkpoint import Checkpoint, Question, Taken
from .kinds import Extent, Kind, SnapshotPage
from .listwalk import Resumed
from .manifest import CHECKPOINT, MANIFEST, Entry, entry_of, file_of, kinds_in, write
from .result import PartialSnapshot, Snapshot

__all__ = ["FolderTarget"]


class FolderTarget:
    """Writes pages into a folder."""

    is_awaited = False

    def __init__(self, folder: Path, question: Question, max_age: float | None) -> None:
        self._folder, self._question, self._max_age = folder, question, max_age
        self._checkpoint = Checkpoint(folder / CHECKPOINT, question)
        self._lock = FileLock(folder / ".snapshot.lock")
        self._files: dict[Kind, IO[bytes]] = {}
        self._written: set[Kind] = set()
        """Whose files hold what is not on the disk yet."""

    def open(self) -> Mapping[Kind, Resumed]:
        if self._folder.exists() and not self._folder.is_dir():
            raise InvalidRequest.of("folder", "the path of a folder", "There is a file of that name")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # addresses of persons will lie in it
        if not self._lock.take():
            raise InvalidRequest.of("folder", "one that no other extraction writes to at the moment")
        if not set(self._question.kinds) >= kinds_in(self._folder):
            hint = "take another folder, or extract all of them"
            raise InvalidRequest.of("folder", "one without a snapshot of more kinds", hint)
        self._checkpoint.read(self._max_age)
        taken = self._checkpoint.taken
        for kind in set(Kind) - set(self._question.kinds):  # of an interrupted extraction of more kinds
            file_of(self._folder, kind, complete=False).unlink(missing_ok=True)
        for kind in self._question.kinds:
            self._files[kind] = self._begun(kind, taken.get(kind))
            if kind in taken and taken[kind].size != self._files[kind].tell():
                del taken[kind]  # the file is gone, or shorter than it was
                _cut(self._files[kind], 0)
        self._checkpoint.write()  # what it said of files that were cut is no longer so
        return self._checkpoint.resumed(self._question.kinds)

    def _begun(self, kind: Kind, taken: Taken | None) -> IO[bytes]:
        """The file, at the place where it goes on: what a killed process wrote after its last checkpoint goes."""
        path, size = file_of(self._folder, kind, complete=False), 0 if taken is None else taken.size
        whole = file_of(self._folder, kind, complete=True)
        if size and not path.exists() and not (self._folder / MANIFEST).exists() and whole.exists():
            whole.replace(path)  # killed while the files got their names
        number = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        stream = os.fdopen(number, "r+b")
        if hasattr(os, "fchmod") and os.fstat(number).st_mode & 0o077:  # one that was there may be open to others
            with contextlib.suppress(PermissionError):  # it is somebody else's, or the file system knows no rights
                os.fchmod(number, 0o600)
        _cut(stream, min(size, os.fstat(number).st_size))
        return stream

    def take(self, pages: Sequence[SnapshotPage]) -> Flow[None]:
        yield Offload(partial(self._write, pages))

    def _write(self, pages: Sequence[SnapshotPage]) -> None:
        for page in pages:
            stream = self._files[page.kind]
            if page.number == 1:
                self._checkpoint.forget(page.kind)
                _cut(stream, 0)
            stream.write(b"".join([to_json(record) + b"\n" for record in page.raw]))
            self._checkpoint.add(page).size = stream.tell()
            self._written.add(page.kind)
        if self._checkpoint.is_due():
            self._save()

    def _save(self) -> None:
        for kind in self._written:
            self._files[kind].flush()
            os.fsync(self._files[kind].fileno())
        self._written.clear()
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
        entries = {kind: self._entry(kind, each.received) for kind, each in extents.items()}
        snapshot = Snapshot(**told, entries=entries)
        self._name(snapshot)
        return snapshot

    def _entry(self, kind: Kind, received: int) -> Entry:
        path = file_of(self._folder, kind, complete=False)
        entry = entry_of(path)
        if entry.count != received:
            raise IncompleteResult(f"{path.name} was changed while it was written: begin anew, with `resume=False`")
        return entry

    def _name(self, snapshot: Snapshot) -> None:
        """Give the files their names. Killed in the middle, the next extraction finds all it needs."""
        (self._folder / MANIFEST).unlink(missing_ok=True)
        for kind in snapshot.entries:
            file_of(self._folder, kind, complete=False).replace(file_of(self._folder, kind, complete=True))
        write(
            self._folder,
            snapshot.entries,
            base_url=snapshot.base_url,
            started_at=snapshot.started_at,
            finished_at=snapshot.finished_at,
        )
        self._checkpoint.remove()

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
