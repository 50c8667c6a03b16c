"""The main job: geocode a messy file of addresses, and see what each answer is worth.

`make demo` runs it against the real geocoder (addok) on this machine, loaded with real addresses. With
`FRGOV_BAN_BASE_URL=… make demo` it asks another server, with `make demo LIVE=1` the public service.
"""

from __future__ import annotations

import contextlib
import csv
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from frgov_clients import BanClient, FrgovError
from frgov_clients.ban import Geocoded, Verdict
from frgov_clients.testing.addok import LocalAddok

HERE = Path(__file__).parent
DATA = HERE / "data"
SOURCE = DATA / "adresses_sales.csv"
OUT = HERE / "out"
SHOWN = 24
console = Console(width=None if sys.stdout.isatty() else 120)


@contextlib.contextmanager
def geocoder() -> Iterator[str]:
    """The base URL to ask: the public service, a server of yours, or the real geocoder started for this run."""
    live = os.environ.get("LIVE", "0") not in {"", "0"}
    elsewhere = "https://data.geopf.fr/geocodage" if live else os.environ.get("FRGOV_BAN_BASE_URL")
    if elsewhere:
        console.print(f"Asking {elsewhere} ...\n")
        yield elsewhere
    else:
        console.print("Starting the real geocoder (addok) with the addresses of two départements, 48 and 90 ...")
        started = time.perf_counter()
        with LocalAddok(documents=sorted(DATA.glob("*.ndjson.gz"))) as server:
            console.print(f"It answers at {server.url} after {time.perf_counter() - started:.1f} s.\n")
            yield server.url


def show(results: list[Geocoded]) -> None:
    table = Table(title=f"The first {SHOWN} rows", title_justify="left", pad_edge=False)
    width = (console.width - 36) // 2
    for name in ("asked", "found"):
        table.add_column(name, max_width=width, no_wrap=True, overflow="ellipsis")
    table.add_column("verdict", min_width=10)
    table.add_column("sure", justify="right", min_width=4)
    for one in results[:SHOWN]:
        asked = " ".join(f"{one.row['adresse']} {one.row['code_postal']} {one.row['commune']}".split())
        found = one.answer.label if one.answer else one.reason
        table.add_row(asked, found, str(one.verdict), "" if one.confidence is None else f"{one.confidence:.0%}")
    console.print(table)


def compare(results: list[Geocoded]) -> None:
    """Hold the answers against the ones that are known to be right."""
    with (DATA / "adresses_sales_attendu.csv").open(encoding="utf-8", newline="") as stream:
        expected = {row["id_local"]: row["attendu"] for row in csv.DictReader(stream, delimiter=";")}
    known = [one for one in results if expected.get(one.row["id_local"])]
    taken = [one for one in known if one.verdict in {Verdict.EXACT, Verdict.STREET, Verdict.COMMUNE}]
    right = sum(one.answer is not None and one.answer.id == expected[one.row["id_local"]] for one in taken)
    console.print(
        f"\nThe right answer of {len(known)} rows is known: {len(taken)} are accepted (exact, street or commune), "
        f"and {right} of these are right."
    )


def geocode(base_url: str) -> list[Geocoded]:
    """All rows; what is known from a run before is not asked again."""
    with BanClient(base_url=base_url) as ban:
        if not (health := ban.check()):
            raise FrgovError(f"{base_url} can not be asked: {health.hint}")
        with ban.geocode_many(SOURCE, journal=OUT / "demo.journal") as run:
            results = list(run)
        run.report.save(OUT / "report.html")
        show(results)
        console.print(f"\n{run.report}", highlight=False)
        again = ban.geocode_many(SOURCE, journal=OUT / "demo.journal")
        again.write(OUT / "adresses_geocodees.csv")
        console.print(f"\nOnce more, for the file: {again.report.sent} questions were sent, the rest was known.")
        return results


def main() -> int:
    OUT.mkdir(exist_ok=True)
    (OUT / "demo.journal").unlink(missing_ok=True)
    try:
        with geocoder() as base_url:
            results = geocode(base_url)
    except FrgovError as error:
        console.print(f"[bold red]{type(error).__name__}[/]: {error}")
        return 1
    compare(results)
    for name in ("adresses_geocodees.csv", "report.html"):
        console.print(f"Look at {os.path.relpath(OUT / name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
