"""What type checkers say of a user's code: `tests/typing` holds it, with the mistakes that must be rejected."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests/typing"
FILES = sorted(FOLDER.glob("*.py"))
Reports = dict[str, dict[int, str]]
"""By file and line, what a checker reported."""


def _run(*command: str) -> str:
    source = str(ROOT / "src")
    paths = {"PYTHONPATH": source, "MYPYPATH": os.pathsep.join([source, str(FOLDER)])}
    environment = {**os.environ, **paths, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


def mypy() -> Reports:
    found: Reports = defaultdict(dict)
    said = _run(sys.executable, "-m", "mypy", "--strict", "--output", "json", "--no-error-summary", *map(str, FILES))
    for line in said.splitlines():
        each = json.loads(line)
        if each["severity"] == "error":
            found[Path(each["file"]).name][each["line"]] = each["message"]
    return found


def pyright() -> Reports:
    found: Reports = defaultdict(dict)
    program = str(Path(sys.executable).with_name("pyright"))
    said = json.loads(_run(program, "--pythonpath", sys.executable, "--outputjson", *map(str, FILES)))
    assert said["summary"]["filesAnalyzed"] == len(FILES)
    for each in said["generalDiagnostics"]:
        if each["severity"] == "error":
            found[Path(each["file"]).name][each["range"]["start"]["line"] + 1] = each["message"]
    return found


CHECKERS: dict[str, Callable[[], Reports]] = {"mypy": mypy, "pyright": pyright}


@pytest.fixture(scope="module")
def reports() -> dict[str, Future[Reports]]:
    """Both at the same time: each takes some seconds."""
    with ThreadPoolExecutor(2) as pool:
        return {name: pool.submit(run) for name, run in CHECKERS.items()}


def marked(path: Path) -> set[int]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# E")}


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
@pytest.mark.parametrize("checker", CHECKERS)
def test_exactly_the_mistakes_are_rejected(reports: dict[str, Future[Reports]], checker: str, path: Path) -> None:
    found, expected = reports[checker].result()[path.name], marked(path)
    missed = {number: path.read_text(encoding="utf-8").splitlines()[number - 1] for number in expected - set(found)}
    surprises = {number: text for number, text in found.items() if number not in expected}
    assert (missed, surprises) == ({}, {})


def test_there_are_mistakes_to_reject() -> None:
    assert len(marked(FOLDER / "mistakes.py")) > 50
    assert all(not marked(path) for path in FILES if not path.stem.startswith("mistakes"))
    assert shutil.which(str(Path(sys.executable).with_name("pyright")))
