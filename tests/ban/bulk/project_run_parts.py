"""What the tests of runs with a project share."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from bulk_parts import SETTINGS, rows_of

from frgov_clients.ban import BanClient
from frgov_clients.testing.geopf import FakeGeopf
from frgov_clients.transport.effects import Opened, Send

ROWS = 1200


def assert_nothing_left(fake: FakeGeopf, folder: Path) -> None:
    """Neither in the service nor on the disk."""
    assert len(fake.projects) == 0
    assert [path.name for path in folder.iterdir() if path.suffix != ".csv"] == ["journal.sqlite"]
    with sqlite3.connect(folder / "journal.sqlite") as connection:
        assert connection.execute("SELECT * FROM notes").fetchall() == []
    connection.close()


def uploads(fake: FakeGeopf) -> list[Any]:
    return [each for each in fake.requests if each.path.endswith("/input-file")]


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


def interrupted(fake: FakeGeopf, options: dict[str, Any]) -> None:
    """Leave a project that was started, and is not over."""
    fake.projects.polls = 10_000
    with BanClient(base_url=fake.url, **SETTINGS) as ban:
        run = ban.geocode_many(rows_of(ROWS), **options)._run_of
        drive(ban, run.open(), -1, late=False)
        story = run._plan.ahead.play(run.report, lambda: None)
        driver, effect = ban._driver, next(story)
        while not fake.requests or not fake.requests[-1].path.endswith("/start"):
            answer = driver._open().exchange(effect) if type(effect) is Send else driver._perform(effect)
            effect = story.send(answer)
        story.close()
        drive(ban, run.close(), -1, late=False)
    fake.projects.polls = 1
    (project,) = fake.projects.all()
    assert project.status == "waiting"
    project.polls_left = 0
