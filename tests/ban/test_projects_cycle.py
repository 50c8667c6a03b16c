"""A file geocoded in the background: every restart, and never an answer that is not its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from project_cycle_parts import CSV, EXPECTED, OPTIONS, PAIR, ROWS, Store, ask, kept, known

from frgov_clients import BanClient
from frgov_clients.ban.operations import BanEndpoints
from frgov_clients.ban.project_cycle import ProjectOutput
from frgov_clients.testing.geopf import FakeGeopf, Fault
from frgov_clients.transport.effects import Opened, Send
from support import COLOURS, cancelled_when, outcome


@pytest.mark.parametrize("colour", COLOURS)
def test_a_file_goes_in_and_its_output_comes_back(colour: str, tmp_path: Path) -> None:
    store, states = Store(), []
    with FakeGeopf(answer=known, polls=3) as fake:
        found = ask(
            colour, fake, tmp_path / "out.csv", remember=store.remember, watch=lambda each: states.append(each.status)
        )
        assert isinstance(found, ProjectOutput)
        assert found.path.read_text() == EXPECTED
        assert found.size == len(EXPECTED)
        assert states == ["idle", "processing", "processing", "processing", "completed"]
        assert store == {}
        assert len(fake.projects) == 0  # no address is left in the service
        assert (fake.projects.created, fake.projects.jobs, fake.rows) == (1, 1, ROWS)
        assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("colour", COLOURS)
def test_an_output_that_is_kept_is_given_again_without_a_request(colour: str, tmp_path: Path) -> None:
    store, target = Store(), tmp_path / "out.csv"
    with FakeGeopf(answer=known) as fake:
        first = ask(colour, fake, target, remember=store.remember, keep=True)
        asked = len(fake.requests)
        assert ask(colour, fake, target, remembered=store, remember=store.remember, keep=True) == first
        assert len(fake.requests) == asked
        target.unlink()
        assert ask(colour, fake, target, remembered=store, remember=store.remember) == first
        assert target.read_text() == EXPECTED
        assert (fake.projects.created, fake.projects.jobs, len(fake.projects), store) == (1, 1, 0, {})


# ---- killed between any two steps -----------------------------------------------------------------------------

KILLED = object()


def drive(client: BanClient, story: Any, most: int, *, late: bool) -> Any:
    """Play a flow as the driver does, and stop dead at its effect number `most`: before it is done, or just after."""
    step, answer = story.send, None
    for number in range(10_000):
        try:
            effect = step(answer)
        except StopIteration as stop:
            return stop.value
        if number == most and not late:
            story.close()
            return KILLED
        try:
            driver = client._driver
            answer = driver._open().exchange(effect) if type(effect) is Send else driver._perform(effect)
            step = story.send
        except Exception as error:  # noqa: BLE001
            answer, step = error, story.throw
        if number == most:
            if isinstance(answer, Opened):
                answer.stream.close()  # type: ignore[attr-defined]
            story.close()
            return KILLED
    raise AssertionError("it never ends")


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_restart_goes_on_from_every_single_step(late: bool, tmp_path: Path) -> None:
    """Nothing is geocoded twice, and nothing is left behind but a project that was made and never known."""
    make: Any = BanEndpoints.geocode_project
    steps = 0
    for most in range(1000):
        target, store = tmp_path / f"{late}{most}.csv", Store()
        with (
            FakeGeopf(answer=known, polls=2) as fake,
            BanClient(base_url=fake.url, dialect="geopf", limiters={"geocoding": None}) as ban,
        ):
            options = {**OPTIONS, "remember": store.remember}
            found = drive(ban, make.fn(ban, CSV, target, **options, remembered=None), most, late=late)
            if found is not KILLED:
                break
            steps += 1
            over = target.exists() and not store
            if target.exists():
                assert target.read_text() == EXPECTED  # whole or not at all
            again = drive(ban, make.fn(ban, CSV, target, **options, remembered=Store(store)), -1, late=False)
            assert isinstance(again, ProjectOutput)
            assert target.read_text() == EXPECTED
            # only when all was done, cleaned up and forgotten, and the news of it was lost, is it done again
            assert fake.rows == (2 if over else 1) * ROWS
            # the second effect makes the project and the third remembers it: between them nobody knows its token
            unknown = int((most, late) in {(1, True), (2, False)})
            assert fake.projects.created == (2 if over or unknown else 1)
            assert len(fake.projects) == unknown
            assert store == {}
            assert list(tmp_path.glob("*.part")) == []
    assert steps > 12


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_cancelled_call_is_resumed(colour: str, tmp_path: Path) -> None:
    store, target = Store(), tmp_path / "out.csv"
    with FakeGeopf(answer=known, polls=10_000) as fake:

        async def cancelled(client: Any) -> None:
            await cancelled_when(
                lambda: "project" in store and fake.projects.all()[0].status == "processing",
                lambda: client.geocode_project(CSV, target, **OPTIONS, remember=store.remember),
            )

        outcome(colour, PAIR, cancelled, base_url=fake.url, dialect="geopf", limiters={"geocoding": None})
        assert set(store) == {"project"}
        assert fake.projects.all()[0].status == "processing"  # the job goes on without us
        fake.projects.all()[0].polls_left = 0
        found = ask(colour, fake, target, remembered=store, remember=store.remember)
        assert found.path.read_text() == EXPECTED
        assert (fake.projects.created, fake.projects.jobs) == (1, 1)


# ---- projects that are lost, or somebody else's ----------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("how", ["forgotten", "another token"])
def test_a_lost_project_is_made_anew(colour: str, how: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with FakeGeopf(answer=known, polls=1000) as fake:
        store = kept(fake, colour, target)
        if how == "forgotten":
            fake.projects.forget()
        else:
            fake.projects.all()[0].token = "x" * 24
        fake.projects.polls = 1
        found = ask(colour, fake, target, remembered=store, remember=store.remember)
        assert found.path.read_text() == EXPECTED
        assert fake.projects.created == 2
        assert store == {}


@pytest.mark.parametrize("colour", COLOURS)
def test_projects_that_are_lost_again_and_again_are_an_error(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known, polls=1000) as fake:
        fake.faults.append(
            Fault(method="GET", status=404, times=None, when=lambda request: request.path.count("/") == 3)
        )
        error = ask(colour, fake, tmp_path / "out.csv")
        assert error.status == 404
        assert fake.projects.created == 3


@pytest.mark.parametrize("colour", COLOURS)
def test_a_page_of_a_proxy_is_no_lost_project(colour: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known, polls=3) as fake:
        fake.faults.append(Fault(method="GET", status=404, html=True))
        store = Store()
        error = ask(colour, fake, tmp_path / "out.csv", remember=store.remember)
        assert error.status == 404
        assert fake.projects.created == 1
        found = ask(colour, fake, tmp_path / "out.csv", remembered=store, remember=store.remember)
        assert found.path.read_text() == EXPECTED
        assert fake.projects.created == 1


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "changed",
    [
        {"source": CSV.replace(b"7 rue", b"8 rue")},
        {"columns": ["c", "q"]},
        {"result_columns": ["result_status", "result_label"]},
    ],
    ids=["another file", "other columns", "other results"],
)
def test_what_was_remembered_for_another_question_is_not_used(
    colour: str, changed: dict[str, Any], tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    with FakeGeopf(answer=lambda q, filters: {"label": q, "lon": 1.0, "lat": 2.0}, polls=1000) as fake:
        store = kept(fake, colour, target)
        fake.projects.all()[0].status = "completed"  # its output would be taken for ours
        fake.projects.polls = 0
        found = ask(colour, fake, target, remembered=store, remember=store.remember, **changed)
        assert isinstance(found, ProjectOutput)
        assert fake.projects.created == 2
        assert len(fake.projects) == 0  # the other one is deleted too


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"id": 1}', "null"])
def test_what_can_not_be_read_is_as_if_nothing_were_remembered(text: str, tmp_path: Path) -> None:
    with FakeGeopf(answer=known) as fake:
        assert isinstance(ask("sync", fake, tmp_path / "out.csv", remembered={"project": text}), ProjectOutput)
        assert fake.projects.created == 1
