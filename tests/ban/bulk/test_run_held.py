"""What a run holds to when its caller is interrupted, shared by threads, or fed by an input that plays tricks."""

from __future__ import annotations

import threading
import time
from typing import Any

import anyio
import pytest
from bulk_parts import COLOURS, every_address, geocode, rows_of

from frgov_clients import AsyncBanClient, BanClient, InvalidRequest
from frgov_clients.ban.bulk import engine
from frgov_clients.ban.bulk.journal import Journal
from frgov_clients.ban.bulk.lot import lot_of, read_lot
from frgov_clients.ban.dialects import ADDOK, GEOPF
from frgov_clients.ban.exchange import Ask
from frgov_clients.errors import UnexpectedContent
from frgov_clients.testing.geopf import FakeGeopf

CLIENT: dict[str, Any] = {"dialect": "geopf", "limiters": {"geocoding": None}}


@pytest.fixture
def server():
    with FakeGeopf(answer=every_address) as fake:
        yield fake


class _Once:
    """A progress that fails at its first call after so many rows."""

    def __init__(self) -> None:
        self.fired = False

    def __call__(self, progress) -> None:
        if progress.done >= 1000 and not self.fired:
            self.fired = True
            raise ValueError("progress")


def test_rows_that_were_on_their_way_are_never_passed_over(server, monkeypatch):
    monkeypatch.setattr(engine, "_PROGRESS_EVERY", 0.0)
    with (
        BanClient(base_url=server.url, **CLIENT) as ban,
        ban.geocode_many(iter(rows_of(3000)), progress=_Once()) as run,
    ):
        for _ in range(3):
            with pytest.raises(ValueError, match="progress"):
                list(run)
    assert not run.report.complete


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_nor_in_a_loop(server, monkeypatch, loop):
    monkeypatch.setattr(engine, "_PROGRESS_EVERY", 0.0)

    async def story() -> bool:
        async with (
            AsyncBanClient(base_url=server.url, **CLIENT) as ban,
            ban.geocode_many(rows_of(3000), progress=_Once()) as run,
        ):
            for _ in range(3):
                with pytest.raises(ValueError, match="progress"):
                    [one async for one in run]
        return run.report.complete

    assert not anyio.run(story, backend=loop)


def test_an_interrupt_between_two_batches_is_noticed(server):
    """The rows left the run, and never reached its caller."""
    with BanClient(base_url=server.url, **CLIENT) as ban, ban.geocode_many(rows_of(3000)) as run:
        stream = iter(run)
        taken = [next(stream) for _ in range(500)]
        lost = run._drive(run._work.next_batch(500))
        assert len(taken) == len(lost) == 500
        with pytest.raises(RuntimeError, match="interrupted while rows were on their way"):
            list(run)
    assert not run.report.complete


def test_two_threads_do_not_take_at_once(server):
    begun, go = threading.Event(), threading.Event()

    def rows():
        yield from rows_of(10)
        begun.set()
        go.wait(10)

    with BanClient(base_url=server.url, **CLIENT) as ban, ban.geocode_many(rows()) as run:
        other: list[Any] = []
        thread = threading.Thread(target=lambda: other.extend(run))
        thread.start()
        assert begun.wait(10)
        with pytest.raises(RuntimeError, match="another thread takes items of this run"):
            list(run)
        go.set()
        thread.join(20)
    assert [one.position for one in other] == list(range(10))


class _FilledAgain:
    """One dictionary, filled again for each row, from an object that is no iterator."""

    def __iter__(self):
        row: dict[str, str] = {}
        for one in rows_of(30):
            row.update(one)
            yield row


@pytest.mark.parametrize("colour", COLOURS)
def test_a_dictionary_that_is_filled_again(colour, server):
    results, _ = geocode(colour, server.url, _FilledAgain())
    assert [dict(one.row) for one in results] == rows_of(30)


def test_the_fallback_of_a_run_that_is_given_up_replaces_nothing_either(tmp_path):
    source, target = tmp_path / "out.partial.csv", tmp_path / "out.csv"
    source.write_text("ref,adresse\n1,4 rue A 90000 Belfort\n", encoding="utf-8")
    target.write_text("old", encoding="utf-8")
    before = source.read_bytes()
    with BanClient(base_url="http://127.0.0.1:9", **CLIENT) as ban:
        report = ban.geocode_many(source, patience=0.2).write(target)
    assert source.read_bytes() == before
    assert target.read_text(encoding="utf-8") == "old"
    assert report.written == tmp_path / "out.partial_2.csv"


def test_the_input_as_an_open_file_is_not_replaced(server, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("adresse,cp\n1 rue des Lilas,90000\n", encoding="utf-8")
    with (
        source.open("rb") as stream,
        BanClient(base_url=server.url, **CLIENT) as ban,
        pytest.raises(InvalidRequest, match="another file than the input"),
    ):
        ban.geocode_many(stream).write(source)


def test_a_question_is_asked_once_though_looks_and_answers_cross(server, monkeypatch):
    """A row that looks into the journal just before another one's answer is kept, and comes to ask just after."""
    known = Journal.known

    def slow(self, keys):
        found = known(self, keys)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(Journal, "known", slow)
    rows = [{**one, "cp": "90000" + " " * (place // 60)} for place, one in enumerate(rows_of(60) * 20)]
    with BanClient(base_url=server.url, **CLIENT) as ban:
        run = ban.geocode_many(rows, lot_rows=10)
        run.all()
    assert run.report.sent == 60
    assert run.report.origins == {"service": 60, "duplicate": 1140}


def test_points_on_one_meridian_are_told_apart():
    asks = [Ask(lon="6.8", lat="47.01"), Ask(lon="6.8", lat="47.02")]
    lot = lot_of(asks, "reverse", ADDOK)
    head = f"{lot.key},lon,lat,result_label,result_distance"
    swapped = f"{head}\n1,6.8,47.01,A,5\n0,6.8,47.02,B,5\n"
    with pytest.raises(UnexpectedContent, match="a question that was not sent"):
        read_lot(lot, swapped.encode())


def test_an_answer_that_does_not_repeat_the_question_is_none():
    lot = lot_of([Ask("4 RUE A 90000 BELFORT"), Ask("5 RUE A 90000 BELFORT")], "search", GEOPF)
    head = f"{lot.key},result_status,result_label,result_score"
    with pytest.raises(UnexpectedContent, match="lacks columns"):
        read_lot(lot, f"{head}\n0,ok,A,0.9\n1,ok,B,0.9\n".encode())


def test_an_answer_may_be_as_large_as_its_question_lets_expect():
    few, many = (lot_of([Ask(f"{number} RUE A") for number in range(count)], "search", GEOPF) for count in (10, 1000))
    assert few.operation.max_bytes < 2_000_000
    assert many.operation.max_bytes < 20_000_000
