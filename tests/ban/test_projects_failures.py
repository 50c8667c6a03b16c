"""A file geocoded in the background while everything fails: storms, failed jobs, files that are too large."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from project_cycle_parts import CSV, EXPECTED, OPTIONS, Store, ask, kept, known

from frgov_clients import AsyncBanClient, BanClient
from frgov_clients.ban.project_cycle import ProjectFailed, ProjectOutput
from frgov_clients.errors import (
    AuthenticationError,
    ConfigurationError,
    Conflict,
    DeadlineExceeded,
    InvalidRequest,
    ServerError,
    TransportError,
)
from frgov_clients.testing.geopf import FakeGeopf, Fault
from frgov_clients.testing.geopf_projects import Download
from frgov_clients.transport.auth import StaticBearer
from support import COLOURS, until

# ---- storms ------------------------------------------------------------------------------------------------------

STORMS = {
    "503 at every second request": [Fault(status=503, skip=1, times=1) for _ in range(12)],
    "502 pages for a while": [Fault(skip=4, status=502, html=True, times=9)],
    "connections die while polling": [Fault(method="GET", close=True, times=8)],
    "answers are lost": [Fault(lost=True, skip=skip, times=1) for skip in (1, 1, 2, 1)],
    "HTML with 200": [Fault(html=True, skip=3, times=4)],
    "empty 200": [Fault(empty=True, skip=3, times=4)],
    "429 with a pause": [Fault(status=429, retry_after=0, skip=3, times=4)],
    "the download breaks": [Fault(cut_after_bytes=1000, times=3, when=lambda request: "/output-file/" in request.path)],
    "the download is empty": [Fault(empty=True, times=3, when=lambda request: "/output-file/" in request.path)],
}


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("storm", STORMS)
def test_a_storm_passes(colour: str, storm: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known, polls=3) as fake:
        for rule in STORMS[storm]:
            fake.faults.append(Fault(**{name: getattr(rule, name) for name in rule.__dataclass_fields__}))
        found = ask(colour, fake, tmp_path / "out.csv")
        assert isinstance(found, ProjectOutput), repr(found)
        assert found.path.read_text() == EXPECTED
        assert fake.projects.jobs == 1
        assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("colour", COLOURS)
def test_a_service_that_stays_down_ends_with_the_patience(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known, polls=3) as fake:
        fake.faults.append(Fault(skip=5, status=503, times=None))
        store = Store()
        error = ask(colour, fake, tmp_path / "out.csv", remember=store.remember, patience=0.3)
        assert isinstance(error, DeadlineExceeded)
        assert isinstance(error.__cause__, ServerError | TransportError)
        assert set(store) == {"project"}
        assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("colour", COLOURS)
def test_a_server_that_is_killed_and_comes_back(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known, polls=20) as fake:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(ask(colour, fake, tmp_path / "out.csv")))
        thread.start()
        for number in range(1, 5):
            until(lambda number=number: fake.count() > 4 * number)
            fake.kill_connections()
        thread.join(20)
        assert isinstance(found[0], ProjectOutput), repr(found)
        assert found[0].path.read_text() == EXPECTED


# ---- failures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_a_failed_job_is_a_typed_error_and_is_forgotten(colour: str, tmp_path: Path) -> None:
    store = Store()
    with FakeGeopf(answer=known) as fake:
        error = ask(colour, fake, tmp_path / "out.csv", columns=["nope"], remember=store.remember)
        assert type(error) is ProjectFailed
        assert error.service_message == "At least one given column name is unknown"
        assert (error.service, error.operation, error.retryable) == ("ban", "ban.geocode_project", False)
        assert store == {}
        assert len(fake.projects) == 0
        assert fake.projects.jobs == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_a_failure_does_not_repeat_the_file(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known) as fake:
        said = "cannot read '12 rue Confidentielle' near Durand"
        fake.faults.append(Fault(job_error=said, when=lambda request: request.path.endswith("/start")))
        fake.faults.append(Fault(job_error=said, when=lambda request: request.path.endswith("/start")))
        small = b"q,c\n12 rue Confidentielle Durand,90001\n"
        error = ask(colour, fake, tmp_path / "out.csv", small)
        assert type(error) is ProjectFailed
        assert "cannot read" in str(error)
        large = small * 40_000
        other = ask(colour, fake, tmp_path / "out.csv", large)
        assert type(other) is ProjectFailed
        for each in (error, other):
            assert "Confidentielle" not in f"{each}{each.service_message}{vars(each)}"
            assert "Durand" not in f"{each}{each.service_message}{vars(each)}"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_job_that_somebody_aborts_is_not_started_for_ever(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known, polls=1000) as fake:

        def abort(project: Any) -> None:
            if project.status == "processing":
                fake.projects.all()[0].status = "idle"

        error = ask(colour, fake, tmp_path / "out.csv", watch=abort)
        assert type(error) is ProjectFailed
        assert error.code == "idle"
        assert sum(each.path.endswith("/start") for each in fake.requests) == 3
        assert sum(each.path.endswith("/input-file") for each in fake.requests) == 1  # the file was there already


@pytest.mark.parametrize("colour", COLOURS)
def test_a_project_that_somebody_else_moves_on_is_looked_at_again(colour: str, tmp_path: Path) -> None:
    """Two processes with one memory: both end with the output, and one job is done."""
    with FakeGeopf(answer=known, polls=1000) as fake:
        store = kept(fake, colour, tmp_path / "out.csv")
        project = fake.projects.all()[0]
        project.status, project.input = "idle", None

        def meddle(seen: Any) -> None:
            if seen.status == "idle":
                project.status, project.polls_left = "processing", 2
                project.input = project.input or Download("data.csv", CSV)

        found = ask(colour, fake, tmp_path / "out.csv", remembered=store, remember=store.remember, watch=meddle)
        assert found.path.read_text() == EXPECTED
        assert (fake.projects.created, fake.projects.jobs) == (1, 1)


@pytest.mark.parametrize("colour", COLOURS)
def test_conflicts_without_end_are_an_error(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known) as fake:
        fake.faults.append(Fault(method="PUT", status=409, times=None))
        error = ask(colour, fake, tmp_path / "out.csv")
        assert type(error) is Conflict
        assert fake.count("/async", "PUT") == 6


@pytest.mark.parametrize("colour", COLOURS)
def test_too_large_a_file_is_not_uploaded(colour: str, tmp_path: Path) -> None:
    large = b"q,c\n" + b"x" * (50 * 1024 * 1024)
    store = Store()
    with FakeGeopf(answer=known) as fake:
        error = ask(colour, fake, tmp_path / "out.csv", lambda: io.BytesIO(large), remember=store.remember)
        assert type(error) is InvalidRequest
        assert error.field == "source"
        assert fake.count("/async", "PUT") == 0
        assert (len(fake.projects), store) == (0, {})


@pytest.mark.parametrize("colour", COLOURS)
def test_a_community_sends_more(colour: str, tmp_path: Path) -> None:
    small = {"acme": "1GB", "tiny": "1MB"}
    with FakeGeopf(answer=known, bearer="jwt-of-a-member", communities=small) as fake:
        auth = StaticBearer("jwt-of-a-member")
        found = ask(colour, fake, tmp_path / "out.csv", community="acme", auth=auth)
        assert found.path.read_text() == EXPECTED
        error = ask(colour, fake, tmp_path / "out.csv", CSV * 300, community="tiny", auth=auth)
        assert type(error) is InvalidRequest
        wrong = ask(colour, fake, tmp_path / "out.csv", community="acme", auth=StaticBearer("jwt-wrong"))
        assert type(wrong) is AuthenticationError
        assert type(ask(colour, fake, tmp_path / "out.csv", community="acme")) is ConfigurationError


@pytest.mark.parametrize("colour", COLOURS)
def test_files_that_can_not_be_read_or_written(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known) as fake:
        assert type(ask(colour, fake, tmp_path / "out.csv", tmp_path / "none.csv")) is FileNotFoundError
        assert fake.requests == []
        store = Store()
        error = ask(colour, fake, tmp_path / "no/such/folder.csv", remember=store.remember)
        assert type(error) is FileNotFoundError
        found = ask(colour, fake, tmp_path / "out.csv", remembered=store, remember=store.remember)
        assert found.path.read_text() == EXPECTED
        assert fake.projects.jobs == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_a_store_that_fails_stops_before_anything_is_sent_on(colour: str, tmp_path: Path) -> None:
    def full(name: str, text: str | None) -> None:
        raise OSError(28, "No space left on device")

    with FakeGeopf(answer=known) as fake:
        error = ask(colour, fake, tmp_path / "out.csv", remember=full)
        assert type(error) is OSError
        assert fake.count("/async", "PUT") == 0


def test_what_is_remembered_is_shown_by_no_repr(tmp_path: Path) -> None:
    store = Store()
    with FakeGeopf(answer=known) as fake:
        found = ask("sync", fake, tmp_path / "out.csv", remember=store.remember, keep=True)
        token = json.loads(store["project"])["token"]
        assert token == found.token == fake.projects.all()[0].token
        assert token not in repr(found)


def test_points_go_the_other_way(tmp_path: Path) -> None:
    def at(q: str, filters: Any) -> dict[str, Any] | None:
        return {"label": f"{filters['lon']};{filters['lat']}", "lon": 6.8, "lat": 47.6, "distance": 3}

    with FakeGeopf(answer=at) as fake:
        found = ask(
            "sync",
            fake,
            tmp_path / "out.csv",
            b"k,x,y\n1,6.8,47.6\n2,,\n",
            operation="reverse",
            columns=None,
            filters=None,
            lon="x",
            lat="y",
            result_columns=["result_label", "result_distance", "result_status"],
        )
        assert found.path.read_text().splitlines()[1:] == ["1,6.8,47.6,6.8;47.6,3,ok", "2,,,,,skipped"]


def test_two_calls_of_one_event_loop_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async def both() -> list[Any]:
        async with AsyncBanClient(base_url=fake.url, dialect="geopf", limiters={"geocoding": None}) as ban:
            files = [tmp_path / f"{number}.csv" for number in range(4)]
            return await asyncio.gather(*(ban.geocode_project(CSV, each, **OPTIONS) for each in files))

    with FakeGeopf(answer=known, polls=5) as fake:
        found = asyncio.run(both())
        assert [each.path.read_text() for each in found] == [EXPECTED] * 4


@pytest.mark.parametrize(
    ("told", "code"),
    [({"id": "p", "status": "idle"}, "no-token"), ({"id": "p", "status": "completed", "token": "t"}, "no-output")],
)
def test_a_service_that_breaks_its_promises_is_told(told: dict[str, Any], code: str, tmp_path: Path) -> None:
    own = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(201, json=told)))
    with BanClient(dialect="geopf", http_client=own) as ban, pytest.raises(ProjectFailed) as caught:
        ban.geocode_project(CSV, tmp_path / "out.csv", **OPTIONS)
    assert caught.value.code == code
