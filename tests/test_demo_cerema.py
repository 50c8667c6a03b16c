"""The demo of the portal runs to its end, and the fake runs from a terminal."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from support import unmeasured

ROOT = Path(__file__).resolve().parents[1]


def test_the_demo() -> None:
    done = subprocess.run(
        [sys.executable, "examples/demo_cerema.py"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    parts = ("INCOMPLETE snapshot", r"7,\d\d\d of 13,064 users", "Complete snapshot", "101 users would lose something")
    found = [re.search(part, told) for part in (*parts, "No plan: 2,910 of 2,910 active users")]
    assert all(found), told
    places = [each.start() for each in found if each is not None]
    assert places == sorted(places)


def test_the_fake_runs_from_a_terminal() -> None:
    command = [sys.executable, "-m", "frgov_clients.testing.cerema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=unmeasured()) as program:
        assert program.stdout is not None
        settings = dict(
            pair.split("=")
            for line in (program.stdout.readline(), program.stdout.readline())
            for pair in line.split()[1:]
        )
        code = "from frgov_clients import ApidfClient, CeremaClient as C\nprint(C().structure(456).siren)\n"
        code += "print(len(ApidfClient().locaux(code_insee='59001').all()))"
        asked = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={**unmeasured(), **settings}, check=True
        )
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
    assert asked.stdout.split() == ["246700488", "40"]
