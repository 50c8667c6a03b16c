"""What the tests of the command line share: the program in a process of its own, and a geocoder that it asks."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Ended = subprocess.CompletedProcess[str]
HEADER = ["id", "adresse", "code_postal", "commune"]
_TEXT = re.compile(r"(\d+) (.*?) *(\d{5})? *Andelnans", re.IGNORECASE)


def address_of(q: str, filters: Mapping[str, str]) -> dict[str, Any] | None:
    """An answer for every number of the streets of Andelnans, and for every point."""
    number, street = "1", "Rue du Point"
    if q:
        found = _TEXT.match(q)
        if found is None:
            return None
        number, street = found[1], found[2].title()
    return {
        "id": f"90001_0001_{number:0>5}",
        "type": "housenumber",
        "label": f"{number} {street} 90400 Andelnans",
        "name": f"{number} {street}",
        "housenumber": number,
        "street": street,
        "postcode": "90400",
        "city": "Andelnans",
        "citycode": "90001",
        "context": "90, Territoire de Belfort, Bourgogne-Franche-Comté",
        "score": 0.95,
        "lon": float(filters.get("lon", 6.86)),
        "lat": float(filters.get("lat", 47.6)),
    }


def write_addresses(path: Path, rows: int, delimiter: str = ";") -> Path:
    """A file of as many different addresses."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(HEADER)
        writer.writerows(
            [f"n{number}", f"{number} rue des Tilleuls", "90400", "Andelnans"] for number in range(1, rows + 1)
        )
    return path


def read_rows(content: Path | str, delimiter: str = ";") -> list[dict[str, str]]:
    text = content if isinstance(content, str) else content.read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def environment(**more: str) -> dict[str, str]:
    """That of a program in a pipe, whatever the tests run in."""
    hidden = {"COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "PY_COLORS", "TERMINAL_WIDTH"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden and not name.startswith("FRGOV_")}
    return {**kept, "PYTHONUTF8": "1", **more}


def command_of(*args: str | Path) -> list[str]:
    return [sys.executable, "-m", "frgov_clients.cli", *map(str, args)]


def frgov(*args: str | Path, stdin: str = "", env: Mapping[str, str] | None = None, **options: Any) -> Ended:
    """Run it to its end."""
    return ended(command_of(*args), stdin=stdin, env=env, **options)


def ended(command: Sequence[str], *, stdin: str = "", env: Mapping[str, str] | None = None, **options: Any) -> Ended:
    """Run a program to its end."""
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env=environment(**(env or {})),
        **options,
    )


def wait_until(holds: Callable[[], object], program: subprocess.Popen[str]) -> None:
    """Wait for something that the program brings about."""
    until = time.monotonic() + 30
    while not holds():
        assert program.poll() is None, program.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


def start(*args: str | Path, **options: Any) -> subprocess.Popen[str]:
    """Run it beside the test."""
    return subprocess.Popen(
        command_of(*args),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
        **options,
    )


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def refused(run: Ended, *words: str, code: int = 1) -> None:
    """It ended with the code, with one line that has the words, and without a traceback."""
    assert run.returncode == code, run.stderr
    assert len(lines_of(run.stderr)) == 1, run.stderr
    assert run.stderr.startswith("Error: "), run.stderr
    assert run.stdout == ""
    for word in words:
        assert word in run.stderr, run.stderr


def left_in(folder: Path, *known: str) -> Sequence[str]:
    """What lies in the folder besides what is known, hidden files included."""
    return sorted(each.name for each in folder.iterdir() if each.name not in known)
