"""(b) Import and first client, in a fresh process, against `import httpx, pydantic`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from .measure import Row, compared

PEER = "import httpx, pydantic"
CLIENTS = {
    "first BanClient": "from frgov_clients import BanClient; BanClient()",
    "first AsyncBanClient": "from frgov_clients import AsyncBanClient; AsyncBanClient()",
}
# To the end of the first call, where everything that was put off has to load.
FIRST_CALL = {
    "ours": """
from frgov_clients import BanClient
with BanClient(base_url={url!r}, dialect="geopf") as ban:
    assert len(ban.search("10 rue de la paix", limit=3)) == 3
""",
    "peer": """
import httpx
from frgov_clients.ban.models import SearchResult
with httpx.Client() as client:
    reply = client.get({url!r} + "/search", params={{"q": "10 rue de la paix", "limit": 3}})
    assert len(SearchResult.model_validate_json(reply.content)) == 3
""",
}
REPORT = """
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""
ROUNDS = 15


def fresh(code: str) -> tuple[float, float | None]:
    """Milliseconds of a new process, and its largest memory in MiB where the system tells it."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    elapsed = (time.perf_counter() - started) * 1000
    if not Path("/proc/self/status").exists():
        return elapsed, None
    told = subprocess.run([sys.executable, "-c", code + REPORT], check=True, capture_output=True, text=True)
    return elapsed, int(told.stdout) / 1024


def rows(url: str) -> list[Row]:
    programs = {"peer": PEER, **CLIENTS}
    programs |= {f"call {name}": code.format(url=url) for name, code in FIRST_CALL.items()}
    times: dict[str, list[float]] = {name: [] for name in programs}
    memory: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(ROUNDS + 1):
        for name, code in programs.items():
            elapsed, peak = fresh(code)
            if number:
                times[name].append(elapsed)
                memory[name] += [] if peak is None else [peak]
    found = [compared(f"(b) {name}, time", "ms", times, name, "peer", at_most=1.3) for name in CLIENTS]
    if memory["peer"]:
        found += [compared(f"(b) {name}, memory", "MiB", memory, name, "peer") for name in CLIENTS]
    found.append(compared("(b) to the end of a first call, time", "ms", times, "call ours", "call peer"))
    return found
