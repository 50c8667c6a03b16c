"""The fake geocoder counts what it gets, finds what it knows, and fails as it is told."""

from __future__ import annotations

import csv
import io
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from frgov_clients.testing.geopf import FakeGeopf, Fault

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / f"examples/data/adresses-addok-{departement}.ndjson.gz" for departement in ("48", "90")]


def known(q: str, filters: Any) -> dict[str, Any] | None:
    return {"label": q.upper(), "lon": 6.8, "lat": 47.6} if "rue" in q else None


ROWS = b"k,q\n" + b"".join(b"%d,%d rue\n" % (row, row) for row in range(1000))


def post(fake: FakeGeopf, content: bytes = ROWS, path: str = "/search/csv", **fields: Any) -> httpx.Response:
    data = {"columns": "q", **fields} if path.startswith("/search") else fields
    return httpx.post(fake.url + path, data=data, files={"data": ("a.csv", content, "text/csv")}, timeout=20)


def rows_of(response: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


def test_a_function_of_the_test_answers_and_the_texts_are_counted() -> None:
    seen: list[tuple[str, dict[str, str]]] = []

    def answer(q: str, filters: Any) -> dict[str, Any] | None:
        seen.append((q, dict(filters)))
        return known(q, filters)

    with FakeGeopf(answer=answer) as fake:
        content = b'k,a,b,c\n1, 3 rue ,x,90001\n2,"4\nrue",,\n3,zzz,y,90002\n4,-,,\n'
        found = rows_of(
            post(fake, content, columns=["a", "b"], citycode="c", result_columns=["result_label", "result_status"])
        )
        assert [(row["k"], row["result_label"], row["result_status"]) for row in found] == [
            ("1", "3 RUE X", "ok"),
            ("2", "4\nRUE", "ok"),
            ("3", "", "not-found"),
            ("4", "", "skipped"),
        ]
        assert seen == [("3 rue x", {"citycode": "90001"}), ("4\nrue", {}), ("zzz y", {"citycode": "90002"})]
        assert fake.texts == ["3 rue x", "4\nrue", "zzz y", "-"]
        assert fake.rows == 4
        assert (
            httpx.get(fake.url + "/search", params={"q": "9 rue"}).json()["features"][0]["properties"]["label"]
            == "9 RUE"
        )
        assert httpx.get(fake.url + "/reverse", params={"lon": "1.5", "lat": "2"}).json()["features"] == []
        assert seen[-1] == ("", {"lon": "1.5", "lat": "2.0"})
        assert (fake.count(), fake.count("/search/csv"), fake.count(method="GET")) == (3, 1, 2)


def test_nothing_is_kept_when_nothing_should_be() -> None:
    with FakeGeopf(answer=known, keep=False) as fake:
        assert len(rows_of(post(fake))) == 1000
        assert (fake.texts, fake.rows, fake.count(), fake.requests[0].body) == ([], 1000, 1, b"")
        assert fake.requests[0].size > len(ROWS)


def test_a_body_breaks_after_some_rows() -> None:
    with FakeGeopf(answer=known) as fake:
        for rows in (0, 1, 99, 100, 250, 999, 1000, 5000):
            fake.faults.append(Fault(path="/search/csv", cut_after_rows=rows))
            lines = b""
            form, files = {"columns": "q"}, {"data": ("a.csv", ROWS)}
            with httpx.stream("POST", fake.url + "/search/csv", data=form, files=files) as response:
                assert (response.status_code, response.headers["x-rows-count"]) == (200, "1000")
                with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012
                    for piece in response.iter_bytes():
                        lines += piece
            whole = lines.count(b"\n") - 1
            assert whole == (min(rows, 1000) if rows else -1)  # without a row, the header itself is cut
            assert lines.endswith(b"\n") == (rows >= 1000)
        assert len(rows_of(post(fake))) == 1000
        assert len(fake.faults) == 0


@pytest.mark.parametrize(
    ("share", "failed"), [(1.0, 1000), (0.25, 250), (0.001, 1), (lambda q: q.startswith("7"), 111)]
)
def test_rows_end_in_error(share: Any, failed: int) -> None:
    with FakeGeopf(answer=known) as fake:
        fake.faults.append(Fault(error_rows=share))
        statuses = [row["result_status"] for row in rows_of(post(fake))]
        assert (statuses.count("error"), statuses.count("ok")) == (failed, 1000 - failed)
        assert {row["result_status"] for row in rows_of(post(fake))} == {"ok"}


def test_a_rule_hits_what_it_fits_and_as_often_as_it_says() -> None:
    with FakeGeopf(answer=known) as fake, httpx.Client(base_url=fake.url) as client:
        fake.faults.append(Fault(path="/search", method="GET", status=503, retry_after=7, html=True, skip=1, times=2))
        fake.faults.append(Fault(path="/reverse", times=None, empty=True))
        found = [client.get("/search", params={"q": "1 rue"}) for _ in range(4)]
        assert [each.status_code for each in found] == [200, 503, 503, 200]
        assert found[1].headers["retry-after"] == "7"
        assert found[1].text.startswith("<!DOCTYPE html>")
        assert [client.get("/reverse").content for _ in range(3)] == [b""] * 3
        fake.faults.append(Fault(status=500))
        assert client.get("/search").json()["code"] == 500


def test_connections_are_closed_lost_and_killed() -> None:
    with FakeGeopf(answer=known) as fake, httpx.Client(base_url=fake.url) as client:
        for rule in (Fault(close=True), Fault(lost=True)):
            fake.faults.append(rule)
            before = len(fake.texts)
            with pytest.raises(httpx.RemoteProtocolError):
                client.get("/search", params={"q": "1 rue"})
            assert len(fake.texts) - before == rule.lost
        assert client.get("/search", params={"q": "1 rue"}).status_code == 200
        fake.faults.append(Fault(delay=30))
        timer = threading.Timer(0.2, fake.kill_connections)
        timer.start()
        with pytest.raises(httpx.TransportError):
            client.get("/search", params={"q": "1 rue"})
        timer.join()
        assert client.get("/search", params={"q": "1 rue"}).status_code == 200


def test_leaving_does_not_wait_for_what_is_slow() -> None:
    started, before = time.monotonic(), set(threading.enumerate())
    with FakeGeopf(answer=known) as fake:
        fake.faults.append(Fault(delay=60))
        with pytest.raises(httpx.TimeoutException):
            httpx.get(fake.url + "/search", timeout=0.2)
    assert time.monotonic() - started < 5
    assert set(threading.enumerate()) <= before


def test_rows_take_their_time() -> None:
    with FakeGeopf(answer=known) as fake:
        fake.faults.append(Fault(row_delay=0.0003))
        started = time.monotonic()
        assert len(rows_of(post(fake))) == 1000
        assert time.monotonic() - started > 0.3


def test_too_many_requests_are_refused_until_they_stop() -> None:
    with (
        FakeGeopf(answer=known, max_requests_per_second=5, pause=1.5) as fake,
        httpx.Client(base_url=fake.url) as client,
    ):
        found = [client.get("/search", params={"q": "1 rue"}) for _ in range(12)]
        assert [each.status_code for each in found] == [200] * 5 + [429] * 7
        assert found[-1].headers["retry-after"] == "2"
        time.sleep(1.6)
        assert client.get("/search", params={"q": "1 rue"}).status_code == 200


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", b""),
        (b"q\n", b""),
        (b"q", b""),
        (b"q\n\n1 rue\n", [["", "skipped"], ["1 rue", "ok"]]),
        (b"k,q\n\n1,1 rue\n", [["1", "1 rue", "ok"]]),
        (b'q\n"a ""rue"" b"\n', [['a "rue" b', "ok"]]),
        ("q\n1 rue Été\n".encode("latin-1"), [["1 rue Été", "ok"]]),
        ("q\n1 rue 🏠\n".encode(), [["1 rue 🏠", "ok"]]),
    ],
)
def test_files_of_every_kind(content: bytes, expected: Any) -> None:
    with FakeGeopf(answer=known) as fake:
        found = post(fake, content, result_columns=["result_status"], **({} if content else {"columns": []}))
        assert found.status_code == 200
        if isinstance(expected, bytes):
            assert (found.content, found.headers["x-rows-count"]) == (expected, "0")
        else:
            assert list(csv.reader(io.StringIO(found.text, newline="")))[1:] == expected


def test_documents_and_filters() -> None:
    with FakeGeopf(DOCUMENTS) as fake, httpx.Client(base_url=fake.url) as client:

        def first(**query: str) -> Any:
            features = client.get("/search", params=query).json()["features"]
            return features[0]["properties"]["id"] if features else None

        assert first(q="4 RUE DES BALASTIERES ANDELNANS") == "90001_0003_00004"
        assert first(q="4 rue des balastières 90400 Andelnans", citycode="90001") == "90001_0003_00004"
        assert first(q="4 rue des balastières 90400 Andelnans", citycode="90002") is None
        assert first(q="4 rue des balastières", postcode="90400,90000") == "90001_0003_00004"
        assert first(q="400 rue des balastières", postcode="90400") == "90001_0003"  # no such number: the street
        assert first(q="400 rue des balastières", postcode="90400", type="housenumber") is None
        assert first(q="11bis route de la bessiere 48190 bagnols les bains") == "48014_0005_00011_bis"
        assert first(q="Andelnans") == "90001"
        assert first(q="rue qui n'existe pas") is None


def test_a_broken_request_breaks_nothing() -> None:
    import socket

    with FakeGeopf(answer=known) as fake:
        host, port = fake.url.removeprefix("http://").split(":")
        for rubbish in (
            b"\x00\xff\r\n\r\n",
            b"GET\r\n\r\n",
            b"POST /search/csv HTTP/1.1\r\nContent-Length: 99\r\n\r\nx",
        ):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(rubbish)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1000)
        assert httpx.post(fake.url + "/search/csv", content=b"x").status_code == 400
        assert httpx.put(fake.url + "/async/projects/x/pipeline", content=b"{").status_code == 404
        assert httpx.get(fake.url + "/search", params={"q": "1 rue"}).status_code == 200


def test_a_fault_of_the_test_s_own_function_is_seen() -> None:
    def wrong(q: str, filters: Any) -> dict[str, Any] | None:
        raise ZeroDivisionError(q)

    def play() -> None:
        with FakeGeopf(answer=wrong) as fake, pytest.raises(httpx.TransportError):
            httpx.get(fake.url + "/search", params={"q": "1 rue"})

    with pytest.raises(RuntimeError, match="the fake itself failed") as caught:
        play()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
