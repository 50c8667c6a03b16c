"""What a run must not do: lose rows and call itself complete, believe nonsense, or let one row stop the others."""

from __future__ import annotations

import asyncio
import csv
import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trio
from bulk_parts import COLOURS, SETTINGS, assert_whole, every_address, geocode, rows_of

from frgov_clients.ban import AsyncBanClient, BanClient, Status, Verdict
from frgov_clients.testing.geopf import FakeGeopf, Fault

COLUMNS = {"address": "adresse", "postcode": "cp", "city": "ville"}
RUNS = pytest.mark.parametrize("run", [asyncio.run, lambda story: trio.run(lambda: story)], ids=["asyncio", "trio"])


# ---- rows that could be lost ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["list", "file", "stream"])
def test_a_timeout_around_anext_loses_no_row(fake, kind):
    """Cut off at any moment, also while a thread takes rows in."""
    rows = rows_of(6000)

    async def stream():
        for row in rows:
            yield row

    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)

    async def story() -> tuple[list[Any], int, bool]:
        taken, cut = [], 0
        given = {"list": rows, "file": text.getvalue().encode(), "stream": stream()}[kind]
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban, ban.geocode_many(given) as run:
            while True:
                try:
                    taken.append(await asyncio.wait_for(anext(run), 0.003))
                except TimeoutError:
                    cut += 1
                except StopAsyncIteration:
                    return taken, cut, run.report.complete

    taken, cut, complete = asyncio.run(story())
    assert_whole(taken, rows)
    assert complete
    assert cut > 10


def test_several_tasks_can_not_take_at_once(fake):
    async def story() -> list[Any]:
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban, ban.geocode_many(rows_of(2000)) as run:
            takers = [asyncio.create_task(anext(run)) for _ in range(3)]
            return await asyncio.gather(*takers, return_exceptions=True)

    outcomes = asyncio.run(story())
    assert sum(isinstance(one, RuntimeError) for one in outcomes) == 2


def test_an_input_that_fails_gives_its_rows_and_never_a_whole(fake):
    def rows():
        yield from rows_of(130)
        raise ValueError("boom")

    taken = []
    with BanClient(base_url=fake.url, **SETTINGS) as ban, ban.geocode_many(rows()) as run:
        for _ in range(3):
            with pytest.raises(ValueError, match="boom"):
                taken.extend(run)
    assert not run.report.complete
    assert run.report.total is None


@RUNS
def test_an_async_stream_that_fills_one_mapping_again_and_again(run, fake):
    async def rows():
        one: dict[str, str] = {}
        for row in rows_of(30):
            one.clear()
            one.update(row)
            yield one

    async def story():
        async with AsyncBanClient(base_url=fake.url, **SETTINGS) as ban:
            return await ban.geocode_many(rows()).all()

    assert_whole(run(story()), rows_of(30))


def test_any_mapping_that_is_filled_again_and_again(fake):
    def rows():
        one: OrderedDict[str, str] = OrderedDict()
        for row in rows_of(30):
            one.clear()
            one.update(row)
            yield one

    assert_whole(geocode("sync", fake.url, rows())[0], rows_of(30))


# ---- answers that are none -----------------------------------------------------------------------------------


@pytest.fixture
def answering():
    """`answering(change)` is a server whose CSV answers go through `change(header, rows)` first."""
    servers: list[ThreadingHTTPServer] = []

    def start(change: Callable[[list[str], list[list[str]]], tuple[list[str], list[list[str]]]], **more: Any) -> str:
        charset = more.get("charset", "utf-8")

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                boundary = body[: body.index(b"\r\n")]
                data = next(part for part in body.split(boundary) if b'name="data"' in part)
                sent = list(csv.reader(io.StringIO(data.partition(b"\r\n\r\n")[2][:-2].decode())))
                header, rows = change(*_answered(sent[0], sent[1:]))
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows([header, *rows])
                reply = text.getvalue().encode(charset)
                self.send_response(200)
                self.send_header("content-type", more.get("content_type", "text/csv; charset=utf-8"))
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def do_GET(self):
                self.send_response(500)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


RESULT = ("result_status", "result_label", "result_type", "result_score", "result_housenumber", "result_street")
PLACE = ("result_postcode", "result_city", "result_citycode", "result_id", "longitude", "latitude")


def _answered(header: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    answers = []
    for row in rows:
        found = every_address(row[1], {}) or {}
        told = ["ok", row[1], "housenumber", "0.97", found.get("housenumber", ""), found.get("street", "")]
        answers.append([*row, *told, "90000", "Belfort", "90010", "90010_1", "6.8", "47.6"])
    return [*header, *RESULT, *PLACE], answers


def _set(name: str, value: str):
    def change(header, rows):
        place = header.index(name)
        return header, [[*row[:place], value, *row[place + 1 :]] for row in rows]

    return change


def _without(name: str):
    def change(header, rows):
        place = header.index(name)
        return [one for one in header if one != name], [[*row[:place], *row[place + 1 :]] for row in rows]

    return change


def _shifted(header, rows):
    """Our keys stay, everything else moves by one row."""
    return header, [[row[0], *other[1:]] for row, other in zip(rows, [*rows[1:], rows[0]], strict=True)]


def test_the_server_of_these_tests_is_believed(answering):
    results, _ = geocode("sync", answering(lambda header, rows: (header, rows)), rows_of(20))
    assert {one.verdict for one in results} == {Verdict.EXACT}


@pytest.mark.parametrize(
    "change",
    [
        _without("result_label"),
        _without("result_score"),
        _without("result_status"),
        _set("result_label", ""),
        _set("result_score", "nan"),
        _set("result_score", "1e999"),
        _set("longitude", "999"),
        _set("latitude", "inf"),
        _shifted,
        lambda header, rows: (header[:3], [row[:3] for row in rows]),
        lambda header, rows: (header, [*rows, rows[0]]),
    ],
    ids=["no label", "no score", "no status", "empty", "nan", "huge", "lon", "lat", "shifted", "echo", "twice"],
)
def test_nonsense_is_no_answer(answering, change):
    results, report = geocode("sync", answering(change), rows_of(20), attempts=2, patience=1)
    assert len(results) == 20
    assert {one.status for one in results} == {Status.FAILED}
    assert report.statuses[Status.FAILED] == 20


def test_rows_in_another_order_are_joined_by_key(answering):
    rows = rows_of(50)
    results, _ = geocode("sync", answering(lambda header, found: (header, found[::-1])), rows)
    assert_whole(results, rows)
    assert {one.verdict for one in results} == {Verdict.EXACT}


def test_an_encoding_that_is_not_the_one_announced(answering):
    rows = [{**row, "adresse": row["adresse"].replace("rue", "allée")} for row in rows_of(20)]

    def accents(header, found):
        return header, [[*row[:3], row[3].replace("ALLEE", "Allée"), *row[4:]] for row in found]

    wrong = answering(accents, charset="latin-1")
    results, _ = geocode("sync", wrong, rows, attempts=2, patience=1)
    assert {one.status for one in results} == {Status.FAILED}
    told = answering(accents, charset="latin-1", content_type="text/csv; charset=iso-8859-1")
    results, _ = geocode("sync", told, rows)
    assert results[0].answer is not None
    assert "Allée" in results[0].answer.label


# ---- one row among many --------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_row_that_a_firewall_refuses_does_not_stop_the_others(fake, tmp_path, colour, status):
    def forbidden(request):
        return b"SELECT UNION" in request.body or "SELECT UNION" in request.query.get("q", "")

    fake.faults.append(Fault(when=forbidden, status=status, times=None))
    rows = rows_of(1500)
    rows[700]["adresse"] = "7 rue Select Union"
    for _ in range(2):
        results, report = geocode(colour, fake.url, rows, journal=tmp_path / "journal.sqlite", attempts=2)
        assert [one.position for one in results if one.status is Status.FAILED] == [700]
        assert report.complete


def test_a_step_that_fails_does_not_throw_away_what_is_known(fake):
    def weak(q, filters):
        found = every_address(q, filters)
        return found and {**found, "street": "Rue Tout Autre"}

    with FakeGeopf(answer=weak) as server:
        plain, _ = geocode("sync", server.url, rows_of(3))
        known = {request.query["q"] for request in server.requests[:3]}
        server.faults.append(Fault(when=lambda request: request.query.get("q") not in known, status=500, times=None))
        results, report = geocode("sync", server.url, rows_of(3), attempts=2, patience=3)
    assert [one.answer for one in results] == [one.answer for one in plain]
    assert all("ladder_incomplete" in one.reasons for one in results)
    assert report.statuses[Status.FAILED] == 0


def test_patience_is_kept_when_the_service_asks_for_more(fake):
    import time

    fake.faults.append(Fault(status=503, retry_after=60, times=None))
    began = time.monotonic()
    results, report = geocode("sync", fake.url, rows_of(50), patience=1.5)
    assert time.monotonic() - began < 6
    assert {one.status for one in results} == {Status.FAILED}
    assert report.gave_up
