"""The snapshot: whole, or told that it is not, and gone on with."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cerema_parts import ACCOUNT, PORTALS, lines, told

from frgov_clients.cerema.client import CeremaClient
from frgov_clients.cerema.snapshot.kinds import Kind, SnapshotPage
from frgov_clients.cerema.snapshot.result import PartialSnapshot, Snapshot
from frgov_clients.errors import (
    AuthenticationError,
    ClientClosed,
    ConnectionLost,
    FrgovError,
    IncompleteResult,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ServiceUnavailable,
)
from frgov_clients.testing.cerema import FakeCerema, Fault
from support import COLOURS, outcome

FILES = ["groups.jsonl", "perimeters.jsonl", "snapshot.json", "structures.jsonl", "users.jsonl"]
PARTIAL = [name.replace(".", ".partial.") for name in FILES]


def crowd(**options: Any) -> FakeCerema:
    return FakeCerema.crowd(230, 40, 60, 110, page_size=10, **options)


def taken(colour: str, fake: FakeCerema, *args: Any, **options: Any) -> Any:
    async def scenario(client: Any) -> Any:
        return await client.snapshot(*args, **options)

    return outcome(colour, PORTALS, scenario, base_url=fake.url, limiters={"portal": None}, retries=0, **ACCOUNT)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != ".snapshot.lock")


@pytest.mark.parametrize("colour", COLOURS)
def test_everything_once_and_in_the_order_of_the_service(colour: str, tmp_path: Path) -> None:
    with crowd() as fake:
        found = taken(colour, fake, tmp_path / "new" / "folder", in_flight=5)
        expected = [told(table) for table in (fake.users, fake.structures, fake.groups, fake.perimeters)]
        requests = [each for each in fake.requests if each.method == "GET"]
    assert isinstance(found, Snapshot)
    assert found.complete
    assert found.counts == {"users": 230, "structures": 40, "groups": 60, "perimeters": 110}
    folder = tmp_path / "new" / "folder"
    assert names(folder) == FILES
    assert [lines(folder / f"{kind}.jsonl") for kind in Kind] == expected
    assert len(requests) == 23 + 4 + 6 + 11
    assert (folder / "users.jsonl").stat().st_mode & 0o077 == 0  # addresses of persons are for nobody else
    again = Snapshot.load(folder)
    assert (again.counts, again.taken_at, again.base_url) == (found.counts, found.started_at, found.base_url)
    assert [each.id for each in again.users()] == [each["id_user"] for each in expected[0]]
    assert [each.id for each in again.structures()] == [each["id_structure"] for each in expected[1]]
    assert [each.id for each in again.groups()] == [each["id_groupe"] for each in expected[2]]
    assert [each.id for each in again.perimeters()] == [each["perimetre_id"] for each in expected[3]]
    assert str(found).startswith("Complete snapshot of http://127.0.0.1:")


@pytest.mark.parametrize("colour", COLOURS)
def test_into_a_function(colour: str) -> None:
    seen: list[SnapshotPage] = []
    with crowd() as fake:
        found = taken(colour, fake, into=seen.append, page_size=50)
        expected = told(fake.users)
    assert isinstance(found, Snapshot)
    assert [record for page in seen if page.kind == "users" for record in page.raw] == expected
    assert [record.id for page in seen if page.kind == "users" for record in page.records] == [
        each["id_user"] for each in expected
    ]
    assert [page.number for page in seen if page.kind == "users"] == [1, 2, 3, 4, 5]
    assert {page.count for page in seen if page.kind == "users"} == {230}
    assert "@" not in repr(seen)
    with pytest.raises(IncompleteResult, match="went to a callback"):
        list(found.users())


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_into_an_async_function(colour: str) -> None:
    seen: list[int] = []

    async def into(page: SnapshotPage) -> None:
        import anyio

        await anyio.lowlevel.checkpoint()
        seen.extend(record.id for record in page.records)

    with crowd() as fake:
        assert taken(colour, fake, into=into, kinds="structures").counts == {"structures": 40}
    assert len(seen) == len(set(seen)) == 40


def test_an_async_function_is_for_the_async_client() -> None:
    async def into(page: SnapshotPage) -> None:
        raise AssertionError

    with crowd() as fake:
        error = taken("sync", fake, into=into)
    assert isinstance(error, InvalidRequest)
    assert error.field == "into"


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_not_complete_says_so_by_its_type_and_its_files_and_goes_on(colour: str, tmp_path: Path) -> None:
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/utilisateurs", skip=9, times=None, status=503))
        part = taken(colour, fake, tmp_path, in_flight=1, patience=0)
        assert isinstance(part, PartialSnapshot)
        assert not part.complete
        assert names(tmp_path) == PARTIAL
        assert part.counts["users"] == 90
        assert isinstance(part.failures["users"], ServiceUnavailable)
        assert "INCOMPLETE" in str(part)
        assert "90 of 230 users" in str(part)
        with pytest.raises(IncompleteResult, match="INCOMPLETE") as caught:
            part.require_complete()
        assert caught.value.result is part
        with pytest.raises(IncompleteResult, match="not complete: run it again"):
            Snapshot.load(tmp_path)
        fake.faults.clear()
        before = len(fake.requests)
        whole = taken(colour, fake, tmp_path)
        assert isinstance(whole, Snapshot)
        asked = [each.query.get("page") for each in fake.requests[before:] if each.path == "/api/utilisateurs"]
        assert sorted(asked, key=lambda page: int(page or 1)) == [str(page) for page in range(9, 24)]
        assert lines(tmp_path / "users.jsonl") == told(fake.users)
    assert names(tmp_path) == FILES
    assert whole.started_at == part.started_at


def test_one_list_that_is_refused_does_not_stop_the_others(tmp_path: Path) -> None:
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/groupes", times=None, status=403))
        part = taken("sync", fake, tmp_path)
    assert isinstance(part, PartialSnapshot)
    assert part.counts == {"users": 230, "structures": 40, "groups": 0, "perimeters": 110}
    assert isinstance(part.failures["groups"], PermissionDenied)
    assert list(part.failures) == ["groups"]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_service_that_is_down_is_waited_for(colour: str, tmp_path: Path) -> None:
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/structures", skip=1, times=2, status=503, retry_after=0))
        fake.faults.append(Fault(path="/api/perimetres", skip=2, times=1, close=True))
        assert isinstance(taken(colour, fake, tmp_path, patience=20), Snapshot)


@pytest.mark.parametrize("colour", COLOURS)
def test_it_is_gone_on_with_as_soon_as_the_service_is_back(colour: str, tmp_path: Path) -> None:
    """More requests fail in a row than a circuit of the client lets pass; it would stay open for 30 s."""
    started = time.monotonic()
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/", method="GET", skip=4, times=12, status=503))
        assert isinstance(taken(colour, fake, tmp_path, in_flight=12, patience=20), Snapshot)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("colour", COLOURS)
def test_wrong_credentials_raise_and_leave_no_snapshot(colour: str, tmp_path: Path) -> None:
    with FakeCerema.crowd(30, 5, 5, 5, page_size=10, accounts={"username": "another"}) as fake:
        error = taken(colour, fake, tmp_path)
    assert isinstance(error, AuthenticationError)
    with pytest.raises(IncompleteResult):
        Snapshot.load(tmp_path)


@pytest.mark.parametrize("colour", COLOURS)
def test_credentials_that_are_refused_in_the_middle_keep_what_came(colour: str, tmp_path: Path) -> None:
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/utilisateurs", skip=12, times=None, status=401))
        assert isinstance(taken(colour, fake, tmp_path, in_flight=1), AuthenticationError)
        fake.faults.clear()
        before = fake.count("/api/utilisateurs")
        assert isinstance(taken(colour, fake, tmp_path), Snapshot)
        assert fake.count("/api/utilisateurs") - before == 12  # with the last one that came, once more


@pytest.mark.parametrize("colour", COLOURS)
def test_a_token_that_is_refused_in_the_middle_is_replaced(colour: str, tmp_path: Path) -> None:
    def watch(progress: Any) -> None:
        if progress.received > 50 and not revoked:
            revoked.append(progress)
            fake.revoke_tokens()

    revoked: list[Any] = []
    with crowd() as fake:
        assert isinstance(taken(colour, fake, tmp_path, progress=watch), Snapshot)
        assert revoked
        assert fake.tokens.given == 2


@pytest.mark.parametrize("colour", COLOURS)
def test_a_list_that_changes_while_it_is_read_is_begun_anew(colour: str, tmp_path: Path) -> None:
    added: list[int] = []

    def watch(progress: Any) -> None:
        if progress.extents[Kind.USERS].received >= 50 and not added:
            added.append(10**6)
            fake.users.add(fake.users.get(1) | {"id_user": 10**6})

    with crowd() as fake:
        found = taken(colour, fake, tmp_path, progress=watch, in_flight=2)
        assert isinstance(found, Snapshot)
        assert found.counts["users"] == 231
        assert lines(tmp_path / "users.jsonl") == told(fake.users)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(count=99, times=None),
        Fault(entries_of=1, times=None),
        Fault(without=1, times=None),
        Fault(next="none", times=None),
        Fault(next="host", times=None),
        Fault(html=True, times=None),
    ],
    ids=["count", "duplicate", "short", "no next", "host", "html"],
)
def test_a_list_that_never_fits_is_never_complete(fault: Fault, tmp_path: Path) -> None:
    fault.path, fault.skip = "/api/groupes", 1
    with crowd() as fake:
        fake.faults.append(fault)
        part = taken("sync", fake, tmp_path, patience=0)
    assert isinstance(part, PartialSnapshot)
    assert list(part.failures) == ["groups"]
    assert isinstance(part.failures["groups"], FrgovError)
    assert names(tmp_path) == PARTIAL


def test_an_older_snapshot_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    with crowd() as fake:
        first = taken("sync", fake, tmp_path)
        fake.users.add(fake.users.get(1) | {"id_user": 10**6})
        fake.faults.append(Fault(path="/api/perimetres", skip=3, times=None, status=500))
        part = taken("sync", fake, tmp_path, patience=0)
        assert isinstance(part, PartialSnapshot)
        assert Snapshot.load(tmp_path).counts == first.counts
        fake.faults.clear()
        second = taken("sync", fake, tmp_path)
    assert Snapshot.load(tmp_path).counts == second.counts == {**first.counts, "users": 231}
    assert names(tmp_path) == FILES


@pytest.mark.parametrize("change", ["page_size", "kinds", "resume", "max_age", "base_url", "cut", "garbage", "gone"])
def test_what_does_not_fit_is_begun_anew(change: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "page_size": {"page_size": 20},
        "kinds": {"kinds": ["users"]},
        "resume": {"resume": False},
        "max_age": {"max_age": 0},
    }.get(change, {})
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/utilisateurs", skip=9, times=None, status=503))
        assert isinstance(taken("sync", fake, tmp_path, in_flight=1, patience=0), PartialSnapshot)
        fake.faults.clear()
        match change:
            case "base_url":
                with crowd() as other:
                    found = taken("sync", other, tmp_path)
                    assert other.count("/api/utilisateurs") == 23
                    assert isinstance(found, Snapshot)
                    return
            case "cut":
                (tmp_path / "users.partial.jsonl").write_bytes(b"")
            case "garbage":
                (tmp_path / "snapshot.partial.json").write_bytes(b'{"format": 1, "taken": [')
            case "gone":
                (tmp_path / "users.partial.jsonl").unlink()
        before = fake.count("/api/utilisateurs")
        found = taken("sync", fake, tmp_path, **options)
        assert isinstance(found, Snapshot)
        assert fake.count("/api/utilisateurs") - before == (12 if change == "page_size" else 23)
        assert lines(tmp_path / "users.jsonl") == told(fake.users)


def test_two_at_once_do_not_share_a_folder(tmp_path: Path) -> None:
    inside, over = threading.Event(), threading.Event()

    def watch(progress: Any) -> None:
        inside.set()
        assert over.wait(20)

    with crowd() as fake:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(taken("sync", fake, tmp_path, progress=watch)))
        thread.start()
        try:
            assert inside.wait(20)
            error = taken("sync", fake, tmp_path)
        finally:
            over.set()
            thread.join()
        assert isinstance(error, InvalidRequest)
        assert error.field == "folder"
        assert isinstance(found[0], Snapshot)
        assert lines(tmp_path / "users.jsonl") == told(fake.users)


@pytest.mark.parametrize("change", ["cut", "changed", "gone", "manifest"])
def test_a_snapshot_that_was_touched_is_no_snapshot(change: str, tmp_path: Path) -> None:
    with crowd() as fake:
        assert isinstance(taken("sync", fake, tmp_path), Snapshot)
    file = tmp_path / "groups.jsonl"
    match change:
        case "cut":
            file.write_bytes(file.read_bytes()[:-10])
        case "changed":
            file.write_bytes(file.read_bytes().replace(b"lovac", b"LOVAC", 1))
        case "gone":
            file.unlink()
        case "manifest":
            (tmp_path / "snapshot.json").write_text('{"format": 1, "complete": false}')
    with pytest.raises(IncompleteResult):
        Snapshot.load(tmp_path)


def test_a_snapshot_of_some_kinds_has_no_others(tmp_path: Path) -> None:
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/groupes", skip=2, times=None, status=403))
        assert isinstance(taken("sync", fake, tmp_path), PartialSnapshot)
        some = taken("sync", fake, tmp_path, kinds=["perimeters", "users"])
    assert list(some.counts) == ["users", "perimeters"]
    assert names(tmp_path) == ["perimeters.jsonl", "snapshot.json", "users.jsonl"]
    with pytest.raises(IncompleteResult, match="without its structures"):
        some.structures()


def test_a_snapshot_of_some_kinds_does_not_replace_one_of_more(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with crowd() as fake:
        assert isinstance(taken("sync", fake, tmp_path), Snapshot)
        error = taken("sync", fake, tmp_path, kinds=["groups"])
        assert isinstance(error, InvalidRequest)
        assert error.field == "folder"
        assert names(tmp_path) == sorted([*FILES, "mine.txt"])
        assert Snapshot.load(tmp_path).counts["users"] == 230
        assert isinstance(taken("sync", fake, tmp_path / "other", kinds=["groups"]), Snapshot)
        assert isinstance(taken("sync", fake, tmp_path / "other"), Snapshot)


def test_an_empty_portal_is_a_whole_one(tmp_path: Path) -> None:
    with FakeCerema() as fake:
        found = taken("sync", fake, tmp_path)
    assert isinstance(found, Snapshot)
    assert set(found.counts.values()) == {0}
    assert list(Snapshot.load(tmp_path).users()) == []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "folder"),
        ({"folder": "x", "into": print}, "folder"),
        ({"folder": "x", "checkpoint": "y"}, "checkpoint"),
        ({"folder": "x", "kinds": []}, "kinds"),
        ({"folder": "x", "kinds": ["user"]}, "kinds"),
        ({"folder": "x", "in_flight": 0}, "in_flight"),
        ({"folder": "x", "patience": -1}, "patience"),
        ({"folder": "x", "max_age": float("nan")}, "max_age"),
        ({"folder": "x", "page_size": 0}, "page_size"),
    ],
)
def test_bad_input_is_refused_before_anything_is_made(
    options: dict[str, Any], field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        CeremaClient(base_url="http://127.0.0.1:9", **ACCOUNT) as client,
        pytest.raises(InvalidRequest) as caught,
    ):
        client.snapshot(**options)
    assert caught.value.field == field
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with crowd() as fake:
        error = taken("sync", fake, tmp_path / "file")
    assert isinstance(error, InvalidRequest)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_function_that_fails_ends_it_and_is_gone_on_with(colour: str, tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []

    def into(page: SnapshotPage) -> None:
        if len(seen) == 20 and not seen[-1][0].endswith("!"):
            seen.append(("!", 0))
            raise ValueError("mine")
        seen.append((page.kind, page.number))

    with crowd() as fake:
        state = tmp_path / "state.json"
        assert isinstance(taken(colour, fake, into=into, checkpoint=state), ValueError)
        assert state.exists()
        assert isinstance(taken(colour, fake, into=into, checkpoint=state), Snapshot)
    assert not state.exists()
    seen.remove(("!", 0))
    assert len(seen) == len(set(seen)) == 44
    for kind in Kind:
        numbers = [number for name, number in seen if name == kind]
        assert numbers == sorted(numbers)


@pytest.mark.parametrize("colour", COLOURS)
def test_progress_is_told(colour: str, tmp_path: Path) -> None:
    told_of: list[Any] = []
    with crowd() as fake:
        taken(colour, fake, tmp_path, progress=told_of.append)
    received = [each.received for each in told_of]
    assert received == sorted(received)
    assert (told_of[-1].received, told_of[-1].expected, told_of[-1].waiting) == (440, 440, 0.0)


def test_it_is_told_for_how_long_the_portal_is_down(tmp_path: Path) -> None:
    told_of: list[Any] = []

    def watch(progress: Any) -> None:
        told_of.append(progress)
        if progress.waiting > 0.5:
            fake.faults.clear()

    with crowd() as fake:
        fake.faults.append(Fault(path="/api/perimetres", skip=2, times=None, status=503, retry_after=1))
        assert isinstance(taken("sync", fake, tmp_path, progress=watch, patience=30), Snapshot)
    assert max(each.waiting for each in told_of) > 0.5
    assert told_of[-1].waiting == 0


@pytest.mark.parametrize("in_flight", [1, 4])
def test_pages_that_moved_between_two_extractions_are_noticed(in_flight: int, tmp_path: Path) -> None:
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/utilisateurs", skip=9, times=None, status=503))
        assert isinstance(taken("sync", fake, tmp_path, in_flight=1, patience=0), PartialSnapshot)
        fake.faults.clear()
        fake.users.add(fake.users.get(1) | {"id_user": 10**6})
        fake.users.remove(5)  # as many as before, and each page holds others
        assert isinstance(taken("sync", fake, tmp_path, in_flight=in_flight), Snapshot)
        assert lines(tmp_path / "users.jsonl") == told(fake.users)


@pytest.mark.parametrize("change", ["another snapshot", "emptied", "a line", "gone", "more lines"])
def test_what_is_read_is_what_was_written(change: str, tmp_path: Path) -> None:
    """Also when the file changes after the snapshot was loaded."""
    file = tmp_path / "users.jsonl"
    with crowd() as fake:
        taken("sync", fake, tmp_path)
        found = Snapshot.load(tmp_path)
        assert len(list(found.users())) == 230
        content = file.read_bytes()
        match change:
            case "another snapshot":
                fake.users.remove(1)
                taken("sync", fake, tmp_path)
            case "emptied":
                file.write_bytes(b"")
            case "a line":
                file.write_bytes(content.replace(b'"id_user"', b'"id_usex"', 1))
            case "gone":
                file.unlink()
            case "more lines":
                file.write_bytes(content.replace(b"}\n{", b"}  ", 1).replace(b" ", b"", 1))
    with pytest.raises(IncompleteResult, match=r"users\.jsonl is missing or was changed") as caught:
        list(found.users())
    assert "example.fr" not in str(caught.value) + repr(caught.value.__cause__)
    assert len(list(found.groups())) == 60


def test_a_file_that_is_touched_while_it_is_written_makes_no_snapshot(tmp_path: Path) -> None:
    def watch(progress: Any) -> None:
        if progress.received > 100 and not touched:
            touched.append(1)
            os.truncate(tmp_path / "users.partial.jsonl", 10)

    touched: list[int] = []
    with crowd() as fake:
        error = taken("sync", fake, tmp_path, progress=watch)
    assert isinstance(error, IncompleteResult)
    assert "changed while it was written" in str(error)
    with pytest.raises(IncompleteResult):
        Snapshot.load(tmp_path)


def test_files_that_were_open_to_others_are_closed_to_them_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "users.partial.jsonl").touch(0o666)
    (tmp_path / "users.partial.jsonl").chmod(0o666)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    with crowd() as fake:
        assert isinstance(taken("sync", fake, tmp_path), Snapshot)
        assert (tmp_path / "users.jsonl").stat().st_mode & 0o077 == 0
        (tmp_path / "users.partial.jsonl").symlink_to(elsewhere)
        assert isinstance(taken("sync", fake, tmp_path), OSError)
    assert elsewhere.read_text() == "mine"


def test_another_account_begins_anew(tmp_path: Path) -> None:
    with crowd(accounts={"username": "password", "other": "password"}) as fake:
        fake.faults.append(Fault(path="/api/perimetres", skip=9, times=None, status=503))
        assert isinstance(taken("sync", fake, tmp_path, patience=0), PartialSnapshot)
        fake.faults.clear()
        before = fake.count("/api/utilisateurs")
        with CeremaClient(
            base_url=fake.url, limiters={"portal": None}, username="other", password="password"
        ) as client:
            assert client.snapshot(tmp_path).complete
        assert fake.count("/api/utilisateurs") - before == 23


@pytest.mark.parametrize("colour", COLOURS)
def test_what_no_later_attempt_mends_raises(colour: str, tmp_path: Path) -> None:
    async def closed(client: Any) -> Any:
        await client.close()
        return await client.snapshot(tmp_path / "closed")

    with crowd() as fake:
        error = outcome(colour, PORTALS, closed, base_url=fake.url, **ACCOUNT)
        assert isinstance(error, ClientClosed)
    with crowd(generations=()) as fake:
        assert isinstance(taken(colour, fake, tmp_path / "no login"), NotFound)
    assert not (tmp_path / "closed").exists()


@pytest.mark.parametrize("colour", COLOURS)
def test_the_cause_of_an_outage_is_told_not_the_circuit(colour: str, tmp_path: Path) -> None:
    told_of: list[Any] = []
    with crowd() as fake:
        fake.faults.append(Fault(path="/api/", times=None, close=True, skip=3))
        part = taken(colour, fake, tmp_path, in_flight=8, patience=3, progress=told_of.append)
    assert isinstance(part, PartialSnapshot)
    assert {type(each) for each in part.failures.values()} == {ConnectionLost}
    assert {type(each.failure) for each in told_of if each.waiting} == {ConnectionLost}


def test_a_checkpoint_is_for_one_at_a_time_and_its_path_is_looked_at_first(tmp_path: Path) -> None:
    inside, over, seen = threading.Event(), threading.Event(), []

    def into(page: SnapshotPage) -> None:
        seen.append(page)
        inside.set()
        assert over.wait(20)

    state = tmp_path / "state.json"
    with crowd() as fake:
        thread = threading.Thread(target=lambda: taken("sync", fake, into=into, checkpoint=state))
        thread.start()
        try:
            assert inside.wait(20)
            noted = state.read_bytes()
            error = taken("sync", fake, into=print, checkpoint=state)
            assert state.read_bytes() == noted
        finally:
            over.set()
            thread.join()
        assert isinstance(error, InvalidRequest)
        assert error.field == "checkpoint"
        before = len(seen)
        assert isinstance(taken("sync", fake, into=seen.append, checkpoint=tmp_path), OSError)
        assert isinstance(taken("sync", fake, into=seen.append, checkpoint=tmp_path / "no" / "where"), OSError)
        assert len(seen) == before


def test_the_error_that_mattered_is_told(tmp_path: Path) -> None:
    state = tmp_path / "state" / "state.json"
    state.parent.mkdir()

    def into(page: SnapshotPage) -> None:
        for file in state.parent.iterdir():
            file.unlink()
        state.parent.rmdir()
        raise ValueError("mine")

    with crowd() as fake:
        error = taken("sync", fake, into=into, checkpoint=state)
    assert isinstance(error, ValueError)
    assert str(error) == "mine"
