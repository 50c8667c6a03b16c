"""(g) and (h): what geocoding many rows costs on the client's side, against a fake that answers at once.

Every run is a process of its own, from a CSV file to a CSV file, with a new journal on a file.
"""

from __future__ import annotations

import csv
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from . import bulk_rows, geocoder
from .bulk_run import Measured, measured
from .measure import Row, in_turn

ROUNDS = 5
FEW, MANY = 10_000, 1_000_000
MB = 1_000_000


def cost_rows(_url: str) -> list[Row]:
    """(h) Rows per second and per second of CPU: the addresses that exist, and streets of which each comes once."""
    with tempfile.TemporaryDirectory() as folder, geocoder.running() as url:
        file = bulk_rows.write(Path(folder) / "known.csv", bulk_rows.known())
        of_once = bulk_rows.write(Path(folder) / "once.csv", bulk_rows.once(len(bulk_rows.known())))
        work: dict[str, Callable[[], Measured]] = {
            "known": lambda: measured(file, url),
            "seldom": lambda: measured(file, url, seldom=True),
            "once": lambda: measured(of_once, url),
        }
        runs: dict[str, list[Measured]] = {name: [] for name in work}
        for name, counts in in_turn(work, ROUNDS):
            one = _exact(work[name]())
            if counts:
                runs[name].append(one)
        fake = [_fake_alone(url) for _ in range(ROUNDS)]
        copied = [_copied(file) for _ in range(ROUNDS)]
    known, once, seldom = runs["known"], runs["once"], runs["seldom"]
    return [
        _rate("(h) rows per second of CPU (fake server)", known, lambda one: one.rows / one.cpu, at_least=20_000),
        _rate("(h) rows per second elapsed (fake server)", known, lambda one: one.rows / one.seconds),
        _rate(
            "(h) the same per second of CPU, the collector set as `frgov` does", seldom, lambda one: one.rows / one.cpu
        ),
        _rate("(h) each street once, rows per second of CPU (fake server)", once, lambda one: one.rows / one.cpu),
        Row(name="(h) the fake server alone", unit="rows/s", ours=statistics.median(fake), rounds={"ours": fake}),
        Row(
            name="(h) for scale: the same file copied with csv.DictReader and DictWriter",
            unit="rows/s",
            ours=statistics.median(copied),
            rounds={"ours": copied},
        ),
    ]


def memory_rows(_url: str) -> list[Row]:
    """(g) The largest memory of a run of a million rows, and of one of ten thousand; one round of the former."""
    with tempfile.TemporaryDirectory() as folder, geocoder.running() as url:
        few = bulk_rows.write(Path(folder) / "few.csv", bulk_rows.invented(FEW))
        small = [_exact(measured(few, url)) for _ in range(3)]
        many = bulk_rows.write(Path(folder) / "many.csv", bulk_rows.invented(MANY))
        large = _exact(measured(many, url))
    peer, ours = statistics.median(one.peak for one in small) / MB, large.peak / MB
    peaks = {"ours": [ours], "peer": [one.peak / MB for one in small]}
    return [
        Row(
            name=f"(g) peak memory, {MANY:,} rows, against {FEW:,} (fake server, one round)",
            unit="MB",
            ours=ours,
            peer=peer,
            target="at most 20 MB more",
            met=ours - peer <= 20,
            rounds=peaks,
        ),
        Row(
            name=f"(g) rows per second elapsed, {MANY:,} rows (fake server, one round)",
            unit="rows/s",
            ours=large.rows / large.seconds,
        ),
    ]


def _exact(one: Measured) -> Measured:
    """The fake finds everything: a client that compares nothing, or asks too often, is not measured."""
    if one.exact < 0.99 * one.rows or one.sent > 1.01 * one.rows:
        raise ValueError(f"not the work that is to be measured: {one}")
    return one


def _rate(name: str, runs: list[Measured], figure: Callable[[Measured], float], at_least: float | None = None) -> Row:
    figures = [figure(one) for one in runs]
    value = statistics.median(figures)
    target, met = ("", None) if at_least is None else (f"at least {at_least:,.0f} rows/s", value >= at_least)
    return Row(name=name, unit="rows/s", ours=value, target=target, met=met, rounds={"ours": figures})


def _copied(source: Path) -> float:
    """Rows per second of CPU of the plainest program over the same file: what this machine's Python is worth."""
    began, count = time.process_time(), 0
    with source.open(encoding="utf-8", newline="") as given, source.with_suffix(".copy").open("w", newline="") as out:
        reader = csv.DictReader(given, delimiter=";")
        writer = csv.DictWriter(out, reader.fieldnames or (), delimiter=";")
        writer.writeheader()
        for row in reader:
            writer.writerow(row)
            count += 1
    return count / (time.process_time() - began)


_ASKED = (
    *("longitude", "latitude", "result_score", "result_score_next", "result_status", "result_label", "result_type"),
    *("result_id", "result_housenumber", "result_street", "result_name", "result_postcode", "result_city"),
    *("result_citycode", "result_oldcitycode", "result_oldcity", "result_district", "result_context"),
)


def _fake_alone(url: str, count: int = 4_000, lots: int = 5) -> float:
    """Rows per second of the fake, asked by a client that looks at nothing."""
    lines = [f"{place},{one.text.upper()}" for place, one in enumerate(bulk_rows.known()[:count])]
    content = "\n".join(["key,q", *lines, ""]).encode()
    form = {"columns": "q", "result_columns": _ASKED}
    seconds: list[float] = []
    with httpx.Client(timeout=60) as client:
        for _ in range(lots):
            began = time.perf_counter()
            client.post(f"{url}/search/csv", data=form, files={"data": ("data.csv", content)}).raise_for_status()
            seconds.append(time.perf_counter() - began)
    return count / statistics.median(seconds)
