"""One run over a file in a process of its own: `python -m benchmarks.bulk_run <in> <out> <journal> <url> [seldom]`.

`seldom` sets Python's collector as `frgov` does. Prints one line of JSON: rows, how many are `exact`, elapsed and CPU
seconds of the run (everything that loads when first used included), and the largest memory of the process in bytes.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from frgov_clients import BanClient
from frgov_clients.ban.exchange import Verdict
from frgov_clients.cli.collector import collect_seldom

from .calls import open_limiter


class Measured(NamedTuple):
    """What one run took."""

    rows: int
    exact: int
    sent: int
    seconds: float
    cpu: float
    peak: int


def measured(source: Path, url: str, *, seldom: bool = False) -> Measured:
    """Run over a file in a fresh process, with a new journal beside it."""
    target, journal = source.with_suffix(".out.csv"), source.with_suffix(".journal.sqlite")
    command = [sys.executable, "-m", "benchmarks.bulk_run", str(source), str(target), str(journal), url]
    command += ["seldom"] * seldom
    try:
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        for path in (target, *source.parent.glob(journal.name + "*")):
            path.unlink(missing_ok=True)
    return Measured(**json.loads(told))


def run(source: str, target: str, journal: str, url: str, collector: str = "") -> Measured:
    if collector:
        collect_seldom()
    with BanClient(base_url=url, dialect="geopf", limiters=open_limiter()) as ban:
        began, cpu = time.perf_counter(), time.process_time()
        report = ban.geocode_many(source, journal=journal).write(target)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return Measured(report.rows, report.verdicts[Verdict.EXACT], report.sent, seconds, cpu, _peak())


def _peak() -> int:
    """Linux counts what the parent had before this program was loaded into `ru_maxrss`, but not into `VmHWM`."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])._asdict()))
