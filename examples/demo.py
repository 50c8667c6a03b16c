"""The main job: geocode a messy file of addresses, and see what came of each.

`make demo` runs it against the real geocoder (addok) on this machine, loaded with real addresses. With
`FRGOV_BAN_BASE_URL=… make demo` it asks another server, with `make demo LIVE=1` the public service.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from frgov_clients import AsyncBanClient, FrgovError, InvalidRequest
from frgov_clients.ban import AddressFeature
from frgov_clients.testing.addok import LocalAddok

HERE = Path(__file__).parent
DATA = HERE / "data"
SOURCE = DATA / "adresses_sales.csv"
OUTPUT = HERE / "out" / "adresses_geocodees.csv"
SHOWN = 24
console = Console(width=None if sys.stdout.isatty() else 120)


@dataclass(frozen=True)
class Outcome:
    """One row of the file and what the geocoder made of it."""

    row: dict[str, str]
    found: AddressFeature | None = None
    problem: str = ""

    @property
    def verdict(self) -> str:
        if self.found is not None:
            return str(self.found.properties.type)
        return "refused" if self.problem else "not found"


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


async def geocode(base_url: str, rows: list[dict[str, str]]) -> list[Outcome]:
    """All rows at once; the client keeps the quota and the number of requests in flight."""
    async with AsyncBanClient(base_url=base_url, deadline=300) as ban:
        if not (health := await ban.check()):
            raise FrgovError(f"{base_url} can not be asked: {health.hint}")

        async def one(row: dict[str, str]) -> Outcome:
            text = " ".join(f"{row['adresse']} {row['code_postal']} {row['commune']}".split())
            try:
                found = (await ban.search(text, limit=1)).addresses
            except InvalidRequest as error:
                return Outcome(row, problem=f"{error.field}: {error.limit}")
            return Outcome(row, found[0] if found else None)

        return list(await asyncio.gather(*(one(row) for row in rows)))


def write(outcomes: list[Outcome]) -> None:
    """The file again, its own columns first and untouched."""
    OUTPUT.parent.mkdir(exist_ok=True)
    with OUTPUT.open("w", encoding="utf-8", newline="") as stream:
        own = list(outcomes[0].row)
        found = ["ban_status", "ban_id", "ban_label", "ban_score", "ban_type", "lon", "lat", "problem"]
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(own + found)
        for outcome in outcomes:
            values: list[object] = [""] * 6
            if (best := outcome.found) is not None:
                score = "" if best.score is None else f"{best.score:.3f}"
                values = [best.id, best.label, score, best.properties.type, best.lon, best.lat]
            writer.writerow([*outcome.row.values(), outcome.verdict, *values, outcome.problem])


def show(outcomes: list[Outcome], seconds: float) -> None:
    table = Table(title=f"The first {SHOWN} rows", title_justify="left", pad_edge=False)
    width = (console.width - 30) // 2
    for name in ("asked", "found"):
        table.add_column(name, max_width=width, no_wrap=True, overflow="ellipsis")
    table.add_column("score", justify="right", min_width=5)
    table.add_column("reached", min_width=12)
    for outcome in outcomes[:SHOWN]:
        row, best = outcome.row, outcome.found
        asked = " ".join(f"{row['adresse']} {row['code_postal']} {row['commune']}".split())
        score = f"{best.score:.2f}" if best is not None and best.score is not None else ""
        table.add_row(asked, outcome.problem if best is None else str(best.label), score, outcome.verdict)
    console.print(table)
    counts = Counter(outcome.verdict for outcome in outcomes)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    console.print(f"\n{len(outcomes)} rows in {seconds:.1f} s ({len(outcomes) / seconds:.0f} rows/s): {told}.")


def compare(outcomes: list[Outcome]) -> None:
    """Hold the answers against the ones that are known to be right."""
    with (DATA / "adresses_sales_attendu.csv").open(encoding="utf-8", newline="") as stream:
        expected = {row["id_local"]: row["attendu"] for row in csv.DictReader(stream, delimiter=";")}
    known = [outcome for outcome in outcomes if expected.get(outcome.row["id_local"])]
    right = sum(
        outcome.found is not None and outcome.found.id == expected[outcome.row["id_local"]] for outcome in known
    )
    console.print(f"Of the {len(known)} rows whose right answer is known, {right} were found exactly.")


def main() -> int:
    with SOURCE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    try:
        with geocoder() as base_url:
            started = time.perf_counter()
            outcomes = asyncio.run(geocode(base_url, rows))
            seconds = time.perf_counter() - started
    except FrgovError as error:
        console.print(f"[bold red]{type(error).__name__}[/]: {error}")
        return 1
    write(outcomes)
    show(outcomes, seconds)
    compare(outcomes)
    console.print(f"The whole result: {os.path.relpath(OUTPUT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
