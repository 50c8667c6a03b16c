"""What all tests share: the real geocoder, started once for the tests that ask for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from frgov_clients.testing.addok import LocalAddok

settings.register_profile("frgov", deadline=None)  # a busy machine is no bug
settings.load_profile("frgov")

ROOT = Path(__file__).resolve().parents[1]
ADDOK_PYTHON = os.environ.get("FRGOV_ADDOK_PYTHON") or str(ROOT / ".venv-addok/bin/python")
ADDOK_DOCUMENTS = [ROOT / f"examples/data/adresses-addok-{departement}.ndjson.gz" for departement in ("48", "90")]


@pytest.fixture(scope="session")
def addok_url() -> Iterator[str]:
    """Address of a real geocoder that knows the addresses of the départements 48 and 90."""
    with LocalAddok(ADDOK_DOCUMENTS, python=ADDOK_PYTHON, cache_dir=ROOT / ".run/addok") as server:
        yield server.url


@pytest.fixture(scope="session")
def addok_python() -> str:
    """The Python of the geocoder's environment."""
    return ADDOK_PYTHON


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the geocoder. Without its environment these tests fail and say what to run."""
    skip = pytest.mark.skip(reason="FRGOV_SKIP_ADDOK=1")
    for item in items:
        if {"addok_url", "addok_python"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.addok)
            if os.environ.get("FRGOV_SKIP_ADDOK") == "1":
                item.add_marker(skip)
