"""What a run survives on this side of the wire: its own death, a full disk, a twin, and rows as people have them."""

from __future__ import annotations

import csv
import gzip
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from bulk_parts import SETTINGS, geocode, rows_of

from frgov_clients.ban import BanClient
from frgov_clients.ban.bulk.journal import JournalError
from frgov_clients.ban.bulk.model import Origin, Status
from frgov_clients.errors import AuthenticationError
from frgov_clients.testing.geopf import FakeGeopf, Fault

PROGRAM = """
import resource, sys
sys.path.insert(0, {tests!r})
from bulk_parts import rows_of
from frgov_clients.ban import BanClient
limit = {limit}
if limit:
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
with BanClient(base_url={url!r}, dialect="geopf", limiters={{"geocoding": None}}) as ban:
    run = ban.geocode_many(rows_of({rows}), journal={journal!r}, lot_rows=40, in_flight=3, memory_rows=600)
    print("begun", flush=True)
    try:
        print(sum(1 for _ in run), flush=True)
    except Exception as error:
        print(type(error).__name__, str(error), flush=True)
"""


def program(fake: FakeGeopf, journal: Path, *, rows: int, limit: int = 0) -> subprocess.Popen[str]:
    code = PROGRAM.format(tests=str(Path(__file__).parent), url=fake.url, journal=str(journal), rows=rows, limit=limit)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_killed_at_twenty_random_moments_and_resumed(fake, tmp_path):
    """What is sent twice is at most what was in flight at each death: 3 lots of 40 rows."""
    journal, rows = tmp_path / "journal.sqlite", 4000
    fake.faults.append(Fault(path="/search/csv", delay=0.02, times=None))
    chance = random.Random(7)
    deaths = 0
    while deaths < 20:
        with program(fake, journal, rows=rows) as process:
            enough, end = len(fake.requests) + chance.randint(0, 8), time.monotonic() + 20
            while len(fake.requests) < enough:
                assert process.poll() is None, "the rows were all known before the twentieth death"
                assert time.monotonic() < end
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.03))
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        deaths += 1
    fake.faults.clear()
    results, report = geocode("sync", fake.url, rows_of(rows), journal=journal)
    assert [one.position for one in results] == list(range(rows))
    assert {one.status for one in results} == {Status.OK}
    asked = Counter(fake.texts)
    assert len(asked) == rows
    assert sum(asked.values()) - rows <= deaths * 3 * 40
    assert report.origins[Origin.JOURNAL] > 500
    again, _ = geocode("sync", fake.url, rows_of(rows), journal=journal)
    assert {one.origin for one in again} == {Origin.JOURNAL}
    assert sum(Counter(fake.texts).values()) == sum(asked.values())


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE")
def test_a_journal_on_a_full_disk_says_so_and_keeps_what_it_has(fake, tmp_path):
    journal = tmp_path / "journal.sqlite"
    with program(fake, journal, rows=4000, limit=300_000) as process:
        told = process.communicate(timeout=60)[0]
    assert "JournalError" in told
    assert "journal.sqlite" in told
    assert str(tmp_path) not in told
    asked = len(fake.texts)
    results, _ = geocode("sync", fake.url, rows_of(4000), journal=journal)
    origins = Counter(one.origin for one in results)
    assert len(results) == 4000
    assert origins[Origin.JOURNAL] >= 100
    assert len(fake.texts) == asked + origins[Origin.SERVICE]


def test_two_processes_on_one_journal(fake, tmp_path):
    journal, rows = tmp_path / "journal.sqlite", 3000
    fake.faults.append(Fault(path="/search/csv", delay=0.01, times=None))
    with program(fake, journal, rows=rows) as first, program(fake, journal, rows=rows) as second:
        told = [process.communicate(timeout=100)[0] for process in (first, second)]
    assert told == ["begun\n3000\n"] * 2
    asked = len(fake.texts)
    assert rows <= asked <= 2 * rows
    results, _ = geocode("sync", fake.url, rows_of(rows), journal=journal)
    assert {one.origin for one in results} == {Origin.JOURNAL}
    assert len(fake.texts) == asked


def test_an_error_of_the_journal_reaches_who_takes_the_results(fake, tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"SQLite format 3\0" + b"\0" * 2000)
    with pytest.raises((JournalError, ValueError)):
        geocode("sync", fake.url, rows_of(3), journal=tmp_path / "journal.sqlite")
    assert fake.requests == []


# ---- files as people have them -------------------------------------------------------------------------------

AWKWARD = [
    ["1", "12 rue des Lilas", "90000", "BELFORT"],
    ["2", "13 rue\ndes\tLilas", "90000", "BELFORT"],
    ["3", '14 rue "des" Lilas', "90000", "BELFORT"],
    ["4", "15 rue des Lilas 🏠", "90000", "BELFORT"],
    ["5", "16 rue\0 des Lilas", "90000", "BELFORT"],
    ["6", "17 rue des Lilas " + "x" * 10_000_000, "90000", "BELFORT"],
    ["7", "", "", ""],
    ["8", "= 18 rue des Lilas", "90000", "BELFORT"],
]


def written(path: Path, rows: list[list[str]], **more: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, **more)  # type: ignore[arg-type]
        writer.writerow(["id", "adresse", "cp", "ville"])
        writer.writerows(rows)
    return path


def test_awkward_rows_come_back_as_they_were(fake, tmp_path):
    source = written(tmp_path / "in.csv", AWKWARD, delimiter=";")
    with BanClient(base_url=fake.url, **SETTINGS) as ban:
        report = ban.geocode_many(source).write(tmp_path / "out.csv")
    assert report.complete
    before = csv.field_size_limit(20_000_000)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    csv.field_size_limit(before)
    assert [[row[name] for name in ("id", "adresse", "cp", "ville")] for row in rows] == AWKWARD
    assert [row["ban_status"] for row in rows] == ["ok"] * 6 + ["skipped", "ok"]
    assert all("\n" not in text and "\0" not in text and len(text) <= 200 for text in fake.texts)


@pytest.mark.parametrize(
    "content",
    [
        "id;adresse;cp;ville\n1;12 rue des Lilas;90000;BELFORT\n",
        "\ufeffid,adresse,cp,ville\r\n1,12 rue des Lilas,90000,BELFORT\r\n",
        "id\tadresse\tcp\tville\n1\t12 rue des Lilas\t90000\tBELFORT",
        "id|adresse|cp|ville\n1|12 rue des Lilas|90000|BELFORT\n",
        "adresse;adresse;cp;ville\n12 rue des Lilas;autre;90000;BELFORT\n",
        "id;adresse;cp;ville\n1;12 rue des Lilas;90000;BELFORT;de trop\n",
    ],
    ids=["semicolon", "bom", "tab", "pipe", "two of a name", "too many cells"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_any_file(fake, tmp_path, content, packed):
    path = tmp_path / "in.csv"
    path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
    columns = {"address": "adresse", "postcode": "cp", "city": "ville"}
    with BanClient(base_url=fake.url, **SETTINGS) as ban:
        results = ban.geocode_many(path, columns=columns).all()
    assert [one.status for one in results] == [Status.OK]
    assert fake.texts == ["12 RUE DES LILAS 90000 BELFORT"]


def test_latin_1_and_a_short_row(fake, tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes(
        "adresse;cp;ville\n3 allée des Érables;90000;BELFORT\n4 rue des Lilas 90000 BELFORT\n".encode("latin-1")
    )
    with BanClient(base_url=fake.url, **SETTINGS) as ban:
        run = ban.geocode_many(path)
        results = run.all()
    assert [one.status for one in results] == [Status.OK, Status.OK]
    assert results[0].row["adresse"] == "3 allée des Érables"
    assert run.report.notes["short_row"] == 1


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl"])
def test_nothing_half_written_is_left(fake, tmp_path, name):
    fake.faults.append(Fault(status=401, times=None))
    with BanClient(base_url=fake.url, **SETTINGS) as ban, pytest.raises(AuthenticationError):
        ban.geocode_many(rows_of(300)).write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
