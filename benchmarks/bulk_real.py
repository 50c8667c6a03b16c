"""(e) and (f): geocoding many rows with the real geocoder (addok), whose work takes most of the time.

The geocoder has a process for each file that is sent at once (with two, both often wait for their Redis, and a core
stands still), and shares the cores with the client: here nobody stays on one core.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from geopy.geocoders import BANFrance  # type: ignore[import-untyped]

from frgov_clients import BanClient
from frgov_clients.ban.bulk.report import Report
from frgov_clients.testing.addok import LocalAddok

from . import bulk_rows
from .bulk_rows import Address
from .calls import open_limiter
from .cores import every_core
from .measure import Row, alternate, compared, in_turn

ROUNDS = 5
COUNT, PART = 10_000, 800
"""Rows of a round, and how many of them are asked one by one."""
FILES, THREADS, UNIT_THREADS = 8, 4, 8
HALF = 2_000
CACHE = Path(__file__).parent.parent / ".run" / "addok"


@contextlib.contextmanager
def geocoding() -> Iterator[LocalAddok]:
    with every_core(), LocalAddok(bulk_rows.DOCUMENTS, workers=THREADS, cache_dir=CACHE) as server:
        yield server


# ---- (e) rows per second -----------------------------------------------------------------------------------


def speed_rows(_url: str) -> list[Row]:
    """(e) Ours, files sent by hand, geopy, and single calls in threads: the same addresses, all different."""
    rows = bulk_rows.known()[:COUNT]
    with geocoding() as server, tempfile.TemporaryDirectory() as folder:
        source = bulk_rows.write(Path(folder) / "in.csv", rows)
        work: dict[str, Callable[[], float]] = {
            "ours": lambda: _rate(COUNT, lambda: _ours(source, server.url)),
            "by hand": lambda: _rate(COUNT, lambda: _by_hand(files, server.url)),
            "geopy": lambda: _rate(PART, lambda: _geopy(rows[:PART], server.url)),
            "unit": lambda: _rate(PART, lambda: _unit(rows[:PART], server.url)),
        }
        files = [_file(rows[place::FILES]) for place in range(FILES)]
        figures = alternate(work, ROUNDS)
    by_hand, threads = f"{FILES} files sent by hand, {THREADS} at once", f"single calls in {UNIT_THREADS} threads"
    return [
        compared(f"(e) geocode_many, against {by_hand}", "rows/s", figures, "ours", "by hand", at_least=0.95),
        compared("(e) geocode_many, against geopy, one by one", "rows/s", figures, "ours", "geopy", at_least=4),
        compared(f"(e) geocode_many, against {threads}", "rows/s", figures, "ours", "unit"),
    ]


def _rate(count: int, work: Callable[[], int]) -> float:
    """Rows per second of some work, which tells how many addresses it found: nearly all, or it did something else."""
    began = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - began
    if not 0.98 * count <= found <= count:
        raise ValueError(f"{found} addresses were found for {count}")
    return count / seconds


def _ours(source: Path, url: str) -> int:
    return _run(source, url).statuses["ok"]


def _run(source: Path, url: str) -> Report:
    """From file to file, with a new journal."""
    with tempfile.TemporaryDirectory(dir=source.parent) as folder, _client(url) as ban:
        run = ban.geocode_many(source, journal=Path(folder) / "journal.sqlite", in_flight=THREADS)
        return run.write(Path(folder) / "out.csv")


def _client(url: str) -> BanClient:
    return BanClient(base_url=url, dialect="addok", limiters=open_limiter(), timeout=120, deadline=600)


def _file(rows: Sequence[Address]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["q"])
    writer.writerows([one.text] for one in rows)
    return text.getvalue().encode()


def _by_hand(files: Sequence[bytes], url: str) -> int:
    """What one writes: send each file, read the answers."""
    with httpx.Client(timeout=600) as client, ThreadPoolExecutor(THREADS) as pool:

        def send(content: bytes) -> int:
            form = {"columns": "q", "delimiter": ",", "quote": '"'}
            reply = client.post(f"{url}/search/csv/", data=form, files={"data": ("data.csv", content, "text/csv")})
            reply.raise_for_status()
            answers = list(csv.DictReader(io.StringIO(reply.text)))
            return sum(1 for answer in answers if answer["result_label"])

        return sum(pool.map(send, files))


def _geopy(rows: Sequence[Address], url: str) -> int:
    geocoder = BANFrance(domain=url.removeprefix("http://"), scheme="http", timeout=60)
    return sum(1 for one in rows if geocoder.geocode(one.text) is not None)


def _unit(rows: Sequence[Address], url: str) -> int:
    with _client(url) as ban, ThreadPoolExecutor(UNIT_THREADS) as pool:
        return sum(pool.map(lambda one: bool(ban.search(one.text, limit=1)), rows))


# ---- (f) a file whose second half repeats the first --------------------------------------------------------


def repeated_rows(_url: str) -> list[Row]:
    """(f) The seconds of CPU that the geocoder takes for a file of which each row comes twice, and elapsed seconds."""
    cpu: dict[str, list[float]] = {"ours": [], "peer": []}
    elapsed: dict[str, list[float]] = {"ours": [], "peer": []}
    with geocoding() as server, tempfile.TemporaryDirectory() as folder:
        distinct = bulk_rows.known()[: 2 * HALF]
        half = distinct[:HALF]
        again = random.Random(3).sample(half, HALF)
        files = {
            "ours": bulk_rows.write(Path(folder) / "twice.csv", [*half, *again]),
            "peer": bulk_rows.write(Path(folder) / "distinct.csv", distinct),
        }
        assert server.pid is not None
        for name, counts in in_turn(files, ROUNDS):
            used, began = cpu_seconds(server.pid), time.perf_counter()
            report = _run(files[name], server.url)
            if report.rows != 2 * HALF or report.statuses["ok"] < 0.98 * 2 * HALF:
                raise ValueError("not all rows were found")
            if counts:
                cpu[name].append(cpu_seconds(server.pid) - used)
                elapsed[name].append(time.perf_counter() - began)
    what = "half of the rows repeat the other half, against all different"
    return [
        compared(f"(f) CPU of the server, {what}", "s", cpu, "ours", "peer", at_most=0.55),
        compared(f"(f) elapsed, {what}", "s", elapsed, "ours", "peer"),
    ]


def cpu_seconds(session: int) -> float:
    """What the processes of a session have used so far, those that have ended included."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()  # from the third on: the name may hold blanks
            if int(fields[3]) == session:
                ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
