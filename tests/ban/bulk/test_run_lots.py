"""How questions are cut into requests: what rows wait for leaves first, and no worker waits for another's lot."""

from __future__ import annotations

import re
import secrets
import threading
import time
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from bulk_parts import assert_whole, geocode, rows_of

from frgov_clients.ban.bulk import engine
from frgov_clients.ban.bulk.dispatch import Dispatch
from frgov_clients.ban.bulk.lot import Gap
from frgov_clients.ban.bulk.model import Status
from frgov_clients.ban.bulk.pace import Pace, Patience
from frgov_clients.ban.bulk.report import Report
from frgov_clients.ban.bulk.tasks import Block, Task
from frgov_clients.ban.dialects import GEOPF
from frgov_clients.ban.exchange import Ask
from frgov_clients.testing.geopf import Fault, Received
from frgov_clients.testing.http_server import read_form
from frgov_clients.transport.effects import Offload
from support import until


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


def dispatch_of(pace: Pace, patience: Patience) -> Dispatch:
    """One whose questions nobody knows, and to which nobody answers."""
    settling: Any = SimpleNamespace(unknown=list, knows=True)
    return Dispatch(
        SimpleNamespace(dialect=GEOPF),
        "search",
        settling,
        None,  # type: ignore[arg-type]
        Report(kind="search"),
        pace=pace,
        patience=patience,
        attempts=3,
        workers=WORKERS,
        lock=threading.RLock(),
        abort=pytest.fail,
    )


def tasks_of(count: int) -> list[Task]:
    """Questions, no two alike."""
    block = Block(0, [{}] * count)
    tasks = [Task(place, SimpleNamespace(ask=Ask(f"{place} RUE PASTEUR")), block, place, 800) for place in range(count)]
    for task in tasks:
        task.known_by = secrets.token_bytes(16)
    return tasks


def taken_by(worker: Any) -> int:
    """How many questions a worker takes that looks at the queue; 0 when it goes on waiting."""
    effect = worker.send(None)
    return len(effect.call.args[0]) if isinstance(effect, Offload) else 0


def shares(
    rate: float, *, count: int = 1000, weak: bool = False, drained: bool = False, starving: bool = False
) -> list[int]:
    """How many questions each of the workers takes, when so many come while all of them wait."""
    pace = Pace(800, 25.0)
    for _ in range(2):
        pace.learn(200, 200 / rate)
    dispatch = dispatch_of(pace, Patience(10.0))
    workers: list[Any] = [dispatch.worker() for _ in range(WORKERS)]
    for worker in workers:
        next(worker)
    dispatch.drained, dispatch.starving = drained, starving
    dispatch.put(tasks_of(count), weak=weak)
    return [taken_by(worker) for worker in workers]


def test_workers_that_wait_leave_each_other_a_part():
    assert shares(300.0) == [250, 0, 0, 0], "others wait until there is a whole lot again"
    assert shares(300.0, starving=True) == [250, 250, 250, 250]


def test_a_service_that_is_quick_gets_whole_lots():
    """Four short requests take longer than one."""
    assert shares(20_000.0)[0] == 800


def test_weak_rows_do_not_wait_for_others():
    assert shares(300.0, count=20) == [0, 0, 0, 0]
    assert shares(300.0, count=20, weak=True) == [20, 0, 0, 0]


def test_weak_rows_do_not_hurry_the_new_ones_behind_them(monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    dispatch = dispatch_of(Pace(800, 25.0), Patience(10.0))
    first, second = dispatch.worker(), dispatch.worker()
    for worker in (first, second):
        next(worker)
    dispatch.put(tasks_of(20), weak=True)
    assert taken_by(first) == 20
    now += 10
    dispatch.put(tasks_of(30))
    assert taken_by(second) == 0, "others may come, to travel with them"
    now += 0.3
    assert taken_by(second) == 30


def test_weak_rows_do_not_hold_up_the_new_ones_that_wait(monkeypatch):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    dispatch = dispatch_of(Pace(800, 25.0), Patience(10.0))
    first, second = dispatch.worker(), dispatch.worker()
    for worker in (first, second):
        next(worker)
    dispatch.put(tasks_of(30))
    assert taken_by(first) == 0
    now += 0.2
    dispatch.put(tasks_of(20), weak=True)
    assert taken_by(first) == 20
    now += 0.1
    assert taken_by(second) == 30, "their time began when they came"


def test_lots_in_flight_are_at_most_half_of_the_memory(fake):
    geocode("sync", fake.url, rows_of(3000), in_flight=4, memory_rows=800)
    assert 50 < max(map(len, lots_of(fake))) <= 100


def test_done_rows_do_not_fill_the_memory(ban):
    """A quick service, and a caller who is not: rows are handed over before more are read."""
    read: list[object] = []
    waiting: list[int] = []

    def rows():
        for row in rows_of(9000):
            read.append(row)
            yield row

    run = ban.geocode_many(rows(), memory_rows=4000)
    for taken, _ in enumerate(run, 1):
        if taken % 500 == 0:
            until(lambda: not any(block.left for block in run._run_of._blocks), 30)  # all that was read is done
            waiting.append(len(read) - taken)
    for before, after in pairwise(waiting):
        assert before < 1500 or after == before - 500, f"more was read although rows were done: {waiting}"


def test_at_the_end_lots_become_smaller():
    assert shares(300.0, drained=True) == [125, 110, 96, 84]


@pytest.fixture
def hurried(monkeypatch):
    """The clock by which a service is waited for runs 60 times as fast: 300 seconds of patience are 5."""

    class Hurried(Patience):
        __slots__ = ()

        def __init__(self, patience: float) -> None:
            super().__init__(patience, lambda: 60 * time.monotonic())

        @property
        def wait(self) -> float:
            return super().wait / 60

    monkeypatch.setattr(engine, "Patience", Hurried)


def is_bad(text: str) -> bool:
    return text.upper().startswith(tuple(f"{number} RUE PASTEUR" for number in range(1, 301, 25)))


def has_bad(request: Received) -> bool:
    texts = [request.query.get("q", ""), *re.findall(r"(?m)^\d+,(.+)", request.body.decode())]
    return any(map(is_bad, texts))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("in_flight", [1, 3])
@pytest.mark.parametrize("how", ["error in the row", "500 for the request"])
def test_bad_rows_do_not_hold_back_the_others(fake, in_flight, how):
    """Alone in their lots they would look like an outage, which is waited for, and would end in giving up."""
    if how == "error in the row":
        fake.faults.append(Fault(path="/search/csv", error_rows=is_bad, times=None))
    else:
        fake.faults.append(Fault(when=has_bad, status=500, times=None))
    rows = rows_of(2400)
    results, report = geocode("sync", fake.url, rows, in_flight=in_flight)
    assert_whole(results, rows)
    assert not report.gave_up
    ended = {is_bad(one.row["adresse"]) for one in results if one.status is Status.FAILED}
    assert ended == {True} if how == "500 for the request" else ended <= {True}, "a good row was lost"


def test_rows_that_failed_before_are_no_outage_once_others_got_through():
    block = Block(0, [{}] * 3)
    gaps = [(Task(place, SimpleNamespace(ask=Ask()), block, place, 10), Gap.ERROR) for place in range(3)]
    dispatch = dispatch_of(Pace(10, 1.0), patience := Patience(10.0))
    assert not dispatch._are_bad(gaps), "they never failed before"
    for task, _ in gaps:
        task.successes = patience.successes
    assert not dispatch._are_bad(gaps), "nothing got through since"
    patience.success()
    assert dispatch._are_bad(gaps)
    gaps[1][0].successes = patience.successes
    assert not dispatch._are_bad(gaps), "one of them failed just now"
