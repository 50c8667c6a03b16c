"""An extraction that dies in the middle, in every way, and the one that goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from cerema_parts import ACCOUNT, lines, told

from frgov_clients.cerema.client import AsyncCeremaClient, CeremaClient
from frgov_clients.cerema.snapshot import checkpoint
from frgov_clients.cerema.snapshot.kinds import Kind
from frgov_clients.cerema.snapshot.result import Snapshot
from frgov_clients.errors import IncompleteResult
from frgov_clients.testing.cerema import FakeCerema
from support import cancelled_when, unmeasured

PROGRAM = """
import sys
from frgov_clients.cerema.client import CeremaClient
from frgov_clients.cerema.snapshot import checkpoint
checkpoint.EVERY = float(sys.argv[3])
with CeremaClient(base_url=sys.argv[1], username="username", password="password", limiters={"portal": None}) as client:
    found = client.snapshot(sys.argv[2], in_flight=3, progress=lambda state: print(state.received, flush=True))
    print("whole" if found.complete else "part", flush=True)
"""


PAGES = (300 + 40 + 60 + 110) // 5
AFTER_100 = PAGES - 100 // 5 + 4
"""Pages after the first 100 records; and the last one of each list that came, once more."""


def crowd() -> FakeCerema:
    return FakeCerema.crowd(300, 40, 60, 110, page_size=5, latency=0.002)


def begun(fake: FakeCerema, folder: Path, every: float = 0.0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, fake.url, str(folder), str(every)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=unmeasured(),
    )


def stopped_after(process: subprocess.Popen[str], received: int, how: signal.Signals) -> str:
    """Wait until it tells that so many records came, and end it; the last that it said, and what it complained of."""
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        last = line.strip()
        if last.isdigit() and int(last) >= received:
            process.send_signal(how)
    _, complaints = process.communicate(timeout=30)
    return f"{last} {complaints}"


def expected(fake: FakeCerema) -> dict[str, Any]:
    tables = {"users": fake.users, "structures": fake.structures, "groups": fake.groups, "perimeters": fake.perimeters}
    return {name: told(table) for name, table in tables.items()}


def written(folder: Path) -> dict[str, Any]:
    return {str(kind): lines(folder / f"{kind}.jsonl") for kind in Kind}


@pytest.mark.parametrize("every", [0.0, 1.0])
def test_killed_between_two_pages_again_and_again_nothing_is_lost_and_nothing_twice(
    every: float, tmp_path: Path
) -> None:
    pick = random.Random(4)
    with crowd() as fake:
        for attempt in range(6):
            last = stopped_after(begun(fake, tmp_path, every), pick.randrange(20, 90) * (attempt + 1), signal.SIGKILL)
            with pytest.raises(IncompleteResult):
                Snapshot.load(tmp_path)
            assert "whole" not in last
        last = stopped_after(begun(fake, tmp_path, every), 10**9, signal.SIGKILL)
        assert "whole" in last
        assert written(tmp_path) == expected(fake)
        if every == 0.0:  # every page was noted: none was asked for much more than once
            assert fake.count(method="GET") <= PAGES + 7 * 3 * 6  # each time those under way, or waiting for their turn
    assert Snapshot.load(tmp_path).counts["users"] == 300


def test_interrupted_it_keeps_what_came(tmp_path: Path) -> None:
    with crowd() as fake:
        assert "KeyboardInterrupt" in stopped_after(begun(fake, tmp_path, 60.0), 100, signal.SIGINT)
        before = fake.count(method="GET")
        with CeremaClient(base_url=fake.url, limiters={"portal": None}, **ACCOUNT) as client:
            assert client.snapshot(tmp_path).complete
        assert fake.count(method="GET") - before <= AFTER_100
        assert written(tmp_path) == expected(fake)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled_it_keeps_what_came(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 60.0)
    received: list[int] = []

    async def story() -> None:
        async with AsyncCeremaClient(base_url=fake.url, limiters={"portal": None}, **ACCOUNT) as client:
            await cancelled_when(
                lambda: received and received[-1] >= 100,
                lambda: client.snapshot(tmp_path, progress=lambda state: received.append(state.received)),
            )
            before = fake.count(method="GET")
            assert (await client.snapshot(tmp_path)).complete
            assert fake.count(method="GET") - before <= AFTER_100

    with crowd() as fake:
        anyio.run(story, backend=backend)
        assert written(tmp_path) == expected(fake)


def test_killed_while_the_files_get_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each step of the last act, as a killed process leaves it."""
    with crowd() as fake, CeremaClient(base_url=fake.url, limiters={"portal": None}, **ACCOUNT) as client:
        for step in range(6):
            folder = tmp_path / str(step)
            _die_at(step, monkeypatch)
            with pytest.raises(SystemExit):
                client.snapshot(folder)
            monkeypatch.undo()
            with pytest.raises(IncompleteResult):
                Snapshot.load(folder)
            before = len(fake.requests)
            assert client.snapshot(folder).complete
            assert len(fake.requests) == before  # all was there
            assert written(folder) == expected(fake)
            assert Snapshot.load(folder).counts["users"] == 300


def _die_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def counted(what: str) -> Any:
        real = getattr(Path, what)

        def act(self: Path, *args: Any, **kwargs: Any) -> Any:
            last = self.name in {"snapshot.json", "snapshot.json.part"} or self.name.endswith(".partial.jsonl")
            if last and (what, self.name) != ("unlink", "snapshot.json.part"):
                if len(done) == step:
                    raise SystemExit
                done.append(self.name)
            return real(self, *args, **kwargs)

        return act

    for what in ("unlink", "replace"):
        monkeypatch.setattr(Path, what, counted(what))
