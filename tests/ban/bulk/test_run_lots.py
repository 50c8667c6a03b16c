"""How questions are cut into requests: what rows wait for leaves first, and no worker waits for another's lot."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from bulk_parts import geocode, rows_of

from frgov_clients.ban.bulk.dispatch import Dispatch
from frgov_clients.ban.bulk.pace import Pace, Patience
from frgov_clients.ban.bulk.report import Report
from frgov_clients.ban.bulk.tasks import Block, Task
from frgov_clients.ban.dialects import GEOPF
from frgov_clients.ban.exchange import Ask
from frgov_clients.testing.geopf_http import read_form
from frgov_clients.transport.effects import Offload


def lots_of(fake: Any) -> list[list[str]]:
    """The texts of each file that was sent, in the order in which they came."""
    files = [read_form(one.headers["content-type"], one.body).files for one in fake.requests if one.method == "POST"]
    contents = [upload.content.decode() for parts in files for upload in parts.values()]
    return [[line.split(",")[1] for line in content.splitlines()[1:]] for content in contents]


def test_weak_rows_are_asked_again_at_once_and_with_no_others(colour, fake):
    """The rows behind them can not be handed over: they would hold the run up for as many lots as there are steps."""
    rows = rows_of(1600)
    for row in rows[:20]:
        row["adresse"] = row["adresse"].replace("rue", "chemin de nulle part")
    results, report = geocode(colour, fake.url, rows, in_flight=1)
    lots = lots_of(fake)
    weak = ["NULLE PART" in lot[0] for lot in lots]
    assert all(("NULLE PART" in text) is weak[place] for place, lot in enumerate(lots[1:], 1) for text in lot)
    assert weak == sorted(weak, reverse=True), "fresh questions went before those that rows wait for"
    assert sum(weak) > 3
    assert (report.complete, len(results)) == (True, 1600)


WORKERS = 4


def shares(rate: float, *, drained: bool = False, starving: bool = False) -> list[int]:
    """How many questions each of the workers takes, when a thousand come while all of them wait."""
    pace = Pace(800, 25.0)
    for _ in range(2):
        pace.learn(200, 200 / rate)
    settling: Any = SimpleNamespace(unknown=list, knows=True)
    dispatch = Dispatch(
        SimpleNamespace(dialect=GEOPF),
        "search",
        settling,
        None,  # type: ignore[arg-type]  # nothing is answered here
        Report(kind="search"),
        pace=pace,
        patience=Patience(10.0),
        attempts=3,
        workers=WORKERS,
        lock=threading.RLock(),
        abort=pytest.fail,
    )
    workers: list[Any] = [dispatch.worker() for _ in range(WORKERS)]
    for worker in workers:
        next(worker)
    block = Block(0, [{}] * 1000)
    tasks = [Task(place, SimpleNamespace(ask=Ask(f"{place} RUE PASTEUR")), block, place, 800) for place in range(1000)]
    for task in tasks:
        task.known_by = task.ask.q.encode()
    dispatch.drained, dispatch.starving = drained, starving
    dispatch.put(tasks)
    taken: list[int] = []
    for worker in workers:
        effect = worker.send(None)
        taken.append(len(effect.call.args[0]) if isinstance(effect, Offload) else 0)
        worker.close()
    return taken


def test_workers_that_wait_leave_each_other_a_part():
    assert shares(300.0) == [250, 0, 0, 0], "others wait until there is a whole lot again"
    assert shares(300.0, starving=True) == [250, 250, 250, 250]


def test_a_service_that_is_quick_gets_whole_lots():
    """Four short requests take longer than one."""
    assert shares(20_000.0)[0] == 800


def test_at_the_end_lots_become_smaller():
    assert shares(300.0, drained=True) == [125, 110, 96, 84]
