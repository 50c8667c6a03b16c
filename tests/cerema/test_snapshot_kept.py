"""What an extraction keeps for the next one: when, for whom, and what of it is believed."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from cerema_parts import ACCOUNT, lines, told

from frgov_clients.cerema import AsyncCeremaClient, CeremaClient, PartialSnapshot, Snapshot, SnapshotPage
from frgov_clients.cerema.snapshot import checkpoint, folder
from frgov_clients.errors import InvalidRequest
from frgov_clients.testing.cerema import FakeCerema, Fault
from support import cancelled_when


def crowd(**options: Any) -> FakeCerema:
    return FakeCerema.crowd(100, 10, 10, 20, page_size=10, **options)


def client(fake: FakeCerema) -> CeremaClient:
    return CeremaClient(base_url=fake.url, limiters={"portal": None}, **ACCOUNT)


def part(fake: FakeCerema, where: Path) -> PartialSnapshot:
    fake.faults.append(Fault(path="/api/utilisateurs", skip=5, times=None, status=503))
    with client(fake) as cerema:
        found = cerema.snapshot(where, in_flight=1, patience=0)
    fake.faults.clear()
    assert isinstance(found, PartialSnapshot)
    assert found.counts["users"] == 50
    return found


@pytest.mark.parametrize(
    "touched",
    [
        {"pages": 6},
        {"pages": 4},
        {"count": 40},
        {"page_length": 9},
        {"size": 10**9},
        {"ids": []},
        {"ids": [1] * 50},
        {"ids": [*range(1, 50), 10**30]},
        {"ids": "all"},
        {"pages": -5, "ids": []},
        {"count": float("inf")},
        {"size": None},
    ],
)
def test_a_note_that_contradicts_itself_is_none(touched: dict[str, Any], tmp_path: Path) -> None:
    with crowd() as fake:
        part(fake, tmp_path)
        note = tmp_path / "snapshot.partial.json"
        said = json.loads(note.read_bytes())
        said["taken"]["users"] |= touched
        note.write_text(json.dumps(said))
        before = fake.count("/api/utilisateurs")
        with client(fake) as cerema:
            assert cerema.snapshot(tmp_path).complete
        assert fake.count("/api/utilisateurs") - before == 10
        assert lines(tmp_path / "users.jsonl") == told(fake.users)


def test_what_moved_is_noticed_however_often_it_is_interrupted(tmp_path: Path) -> None:
    """The page at which an extraction goes on is looked at before anything that comes after it is kept."""
    with crowd() as fake:
        part(fake, tmp_path)
        fake.users.add(fake.users.get(1) | {"id_user": 10**6})
        fake.users.remove(5)
        fake.faults.append(Fault(path="/api/utilisateurs", status=503, delay=0.5))
        with client(fake) as cerema:
            cerema.snapshot(tmp_path, in_flight=3, patience=0)
            assert cerema.snapshot(tmp_path).complete
        assert lines(tmp_path / "users.jsonl") == told(fake.users)


@pytest.mark.parametrize("kind", ["users", "groups"])
@pytest.mark.parametrize("touched", [{"pages": 70}, {"page_length": 0, "ids": [], "size": 0}])
def test_a_note_of_more_than_there_is_ends_like_any_other(kind: str, touched: dict[str, Any], tmp_path: Path) -> None:
    with crowd() as fake:
        part(fake, tmp_path)
        note = tmp_path / "snapshot.partial.json"
        said = json.loads(note.read_bytes())
        said["taken"][kind] |= touched
        note.write_text(json.dumps(said))
        with client(fake) as cerema:
            assert cerema.snapshot(tmp_path).complete
        assert lines(tmp_path / "users.jsonl") == told(fake.users)
        assert lines(tmp_path / "groups.jsonl") == told(fake.groups)


@pytest.mark.parametrize("spoilt", [b"", b"[" * 100_000, b"[]", b'{"format": 1}', b'{"format": 2}', b"\xff\xfe"])
def test_a_note_that_is_none_is_not_gone_on_with(spoilt: bytes, tmp_path: Path) -> None:
    with crowd() as fake:
        part(fake, tmp_path)
        (tmp_path / "snapshot.partial.json").write_bytes(spoilt)
        with client(fake) as cerema:
            assert cerema.snapshot(tmp_path).complete
        assert lines(tmp_path / "users.jsonl") == told(fake.users)


def test_records_are_on_the_disk_before_the_note_that_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, write = os.fsync, checkpoint.Checkpoint.write

    def synced(number: int) -> None:
        done.append("records")
        sync(number)

    def noted(self: checkpoint.Checkpoint) -> None:
        done.append("note")
        write(self)

    monkeypatch.setattr(checkpoint, "EVERY", 1e9)
    monkeypatch.setattr(folder.os, "fsync", synced)
    monkeypatch.setattr(checkpoint.Checkpoint, "write", noted)
    with crowd() as fake, client(fake) as cerema:
        cerema.snapshot(tmp_path)
    assert done[0] == "note"  # nothing is there yet
    assert done[1 : done.index("note", 1)] == ["records"] * 5  # one is of the first note itself


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    with crowd() as fake, client(fake) as cerema:
        cerema.snapshot(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_full_disk_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    monkeypatch.setattr(checkpoint.Checkpoint, "write", full)
    with crowd() as fake, client(fake) as cerema, pytest.raises(OSError, match="No space left") as caught:
        cerema.snapshot(tmp_path)
    assert caught.value.__context__ is None  # not one failure while another is dealt with
    monkeypatch.undo()
    with crowd() as fake, client(fake) as cerema:
        assert cerema.snapshot(tmp_path).complete


def test_pages_that_a_function_took_are_noted_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    state, noted = tmp_path / "state.json", list[int]()

    def into(page: SnapshotPage) -> None:
        taken = json.loads(state.read_bytes())["taken"]
        noted.append(sum(each["pages"] for each in taken.values()))

    with crowd() as fake, client(fake) as cerema:
        assert cerema.snapshot(into=into, checkpoint=state).complete
    assert noted == list(range(14))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_extraction_that_waits_for_the_portal_ends_when_it_is_cancelled(backend: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with AsyncCeremaClient(base_url=fake.url, limiters={"portal": None}, **ACCOUNT) as cerema:
            await cancelled_when(
                lambda: fake.count("/api/structures"), lambda: cerema.snapshot(tmp_path, patience=600, in_flight=2)
            )

    with crowd() as fake:
        fake.faults.append(Fault(path="/api/", method="GET", times=None, status=503, retry_after=300))
        started = time.monotonic()
        anyio.run(story, backend=backend)
        assert time.monotonic() - started < 20


def test_a_function_that_fails_during_an_outage_ends_it_at_once(tmp_path: Path) -> None:
    def progress(state: Any) -> None:
        if state.waiting:
            raise ValueError("enough")

    with crowd() as fake, client(fake) as cerema:
        fake.faults.append(Fault(path="/api/", method="GET", times=None, status=503, retry_after=300))
        started = time.monotonic()
        with pytest.raises(ValueError, match="enough"):
            cerema.snapshot(tmp_path, patience=600, progress=progress)
        assert time.monotonic() - started < 20
        assert threading.active_count() < 30


# ---- one at a time ------------------------------------------------------------------------------------------


def test_a_folder_is_free_again_after_a_refusal(tmp_path: Path) -> None:
    with crowd() as fake, client(fake) as cerema:
        assert isinstance(cerema.snapshot(tmp_path), Snapshot)
        for _ in range(2):
            with pytest.raises(InvalidRequest):
                cerema.snapshot(tmp_path, kinds="users")
        assert isinstance(cerema.snapshot(tmp_path), Snapshot)
