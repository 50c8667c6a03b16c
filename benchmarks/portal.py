"""(j) and (k): a snapshot of the fake portal, and the rights of everybody in it.

The fake answers after 20 ms, from a process of its own on the other core.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from frgov_clients import CeremaClient, RateLimiter, Window
from frgov_clients.cerema import Establishment, RightsEvaluator, Snapshot

from .measure import Row, alone, alternate, compared

ROUNDS = 5
COMMUNES = Path(__file__).parent.parent / "tests/data/codes/communes.csv.gz"
LATENCY, PAGE = 0.02, 50
AT_ONCE, PACE = 4, 100
MANY = 10
"""How many times as many records, to see whether memory grows with them."""
MB = 1_000_000
ACCOUNT = {"username": "username", "password": "password"}

SERVER = """
import sys
from benchmarks.cores import use_other_core
from frgov_clients.testing.cerema import FakeCerema
use_other_core()
times, latency = int(sys.argv[1]), float(sys.argv[2])
with FakeCerema.crowd(13_064 * times, 1_000 * times, 1_500 * times, 5_018 * times, latency=latency) as fake:
    print(fake.url, flush=True)
    sys.stdin.read()
"""
ALONE = """
import json, resource, sys
from frgov_clients import CeremaClient
with CeremaClient(base_url=sys.argv[1], username="username", password="password", limiters={"portal": None}) as client:
    found = client.snapshot(sys.argv[2], in_flight=4).require_complete()
    print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, sum(found.counts.values())]))
"""


@contextmanager
def portal(times: int = 1, latency: float = LATENCY) -> Iterator[str]:
    """The address of a fake portal in a process of its own."""
    command = [sys.executable, "-c", SERVER, str(times), str(latency)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait(30)


def snapshot_rows(_url: str) -> list[Row]:
    """(j) A full snapshot against what its concurrency, or its pace, allows at best; and its memory."""
    with tempfile.TemporaryDirectory() as folder:
        with portal() as url:
            pages = sum(-(-count // PAGE) for count in _taken(url, folder, None).counts.values())
            best = -(-pages // AT_ONCE) * LATENCY
            figures = alternate(
                {
                    "ours": lambda: _seconds(url, folder, None),
                    "best": lambda: best,
                    "httpx": lambda: _by_hand(url, pages),
                    "paced": lambda: _seconds(url, folder, RateLimiter([Window(limit=PACE, seconds=1.0)])),
                    # the quota of the first second is there at once, so that the last pages leave with the last second
                    "best paced": lambda: (pages - 1) // PACE + ((pages - 1) % PACE // AT_ONCE + 1) * LATENCY,
                },
                ROUNDS,
            )
        peaks = [_peak(times, folder) for times in (1, MANY)]
    return [
        compared(f"(j) full snapshot, {AT_ONCE} at once, against {pages} pages of 20 ms / {AT_ONCE}", "s", figures,
                 "ours", "best", at_most=1.2),
        compared(f"(j) full snapshot, {PACE} requests per second, against that pace", "s", figures,
                 "paced", "best paced", at_most=1.2),
        compared("(j) full snapshot, against the same pages fetched with httpx in threads and not looked at", "s",
                 figures, "ours", "httpx"),
        Row(
            name=f"(j) peak memory of a snapshot of {peaks[1][1]:,} records, against {peaks[0][1]:,} (one round)",
            unit="MB",
            ours=peaks[1][0] / MB,
            peer=peaks[0][0] / MB,
        ),
    ]  # fmt: skip


def _taken(url: str, folder: str, limiter: RateLimiter | None) -> Snapshot:
    with CeremaClient(base_url=url, limiters={"portal": limiter}, **ACCOUNT) as client:
        client.check()  # it is logged in, and the libraries are loaded
        return client.snapshot(folder, in_flight=AT_ONCE, resume=False).require_complete()


def _seconds(url: str, folder: str, limiter: RateLimiter | None) -> float:
    with CeremaClient(base_url=url, limiters={"portal": limiter}, **ACCOUNT) as client:
        client.check()  # logged in, as the peer is
        started = time.perf_counter()
        client.snapshot(folder, in_flight=AT_ONCE, resume=False).require_complete()
        return time.perf_counter() - started


def _by_hand(url: str, pages: int) -> float:
    with httpx.Client(base_url=url) as client, ThreadPoolExecutor(AT_ONCE) as threads:
        token = client.post("/api/api-token-auth/", json=ACCOUNT).raise_for_status().json()["token"]
        headers = {"Authorization": f"Token {token}"}

        def page(number: int) -> bytes:
            answer = client.get("/api/utilisateurs", params={"page": number % 200 + 1}, headers=headers)
            return answer.raise_for_status().content

        started = time.perf_counter()
        list(threads.map(page, range(pages)))
        return time.perf_counter() - started


def _peak(times: int, folder: str) -> tuple[float, int]:
    with portal(times, 0.0) as url:
        done = subprocess.run(
            [sys.executable, "-c", ALONE, url, f"{folder}/{times}"], check=True, stdout=subprocess.PIPE, text=True
        )
    peak, records = json.loads(done.stdout)
    return peak, records


def _communes() -> list[str]:
    """The INSEE codes of the communes of today."""
    with gzip.open(COMMUNES, "rt", encoding="utf-8", newline="") as stream:
        return [row["code"] for row in csv.DictReader(stream) if row["type"] == "commune-actuelle"]


def rights_rows(_url: str) -> list[Row]:
    """(k) The rights of everybody of a snapshot, in establishments that have 35,000 communes in all."""
    communes = _communes()
    with tempfile.TemporaryDirectory() as folder, portal(latency=0.0) as url:
        found = _taken(url, folder, None)
        users = list(found.users())
        parts: tuple[dict[int, Any], ...] = tuple(
            {each.id: each for each in records} for records in (found.structures(), found.groups(), found.perimeters())
        )
    sirens = sorted({each.siren for each in parts[0].values() if each.siren is not None})
    shares = {siren: communes[place :: len(sirens)] for place, siren in enumerate(sirens)}
    seconds: dict[str, list[float]] = {"made": [], "each its share": [], "all of them": []}
    for _ in range(ROUNDS):
        started = time.perf_counter()
        made = {siren: Establishment(siren, shares[siren]) for siren in sirens}
        whole = Establishment(sirens[0], communes)
        seconds["made"].append(time.perf_counter() - started)
        for name in ("each its share", "all of them"):
            started = time.perf_counter()
            evaluator = RightsEvaluator(*parts, at=found.taken_at)
            for user in users:
                own = whole if name == "all of them" else made.get(parts[0][user.structure].siren, whole)
                evaluator.rights(user, own).visible_communes  # noqa: B018 - it is computed when asked for
            seconds[name].append(time.perf_counter() - started)
    return [
        alone(f"(k) rights of {len(users):,} users, establishments with {len(communes):,} communes in all", "s",
              seconds["each its share"], at_most=1.0),
        alone(f"(k) the same, one establishment with all {len(communes):,}", "s", seconds["all of them"], at_most=1.0),
        alone("(k) making these establishments", "s", seconds["made"]),
    ]  # fmt: skip
