"""What most runs are tested with: a colour, a geocoder that knows every address, and a folder for what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bulk_parts import COLOURS, SETTINGS, every_address

from frgov_clients.ban import BanClient
from frgov_clients.ban.bulk import ahead
from frgov_clients.testing.geopf import FakeGeopf


@pytest.fixture(params=COLOURS)
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fake() -> Iterator[FakeGeopf]:
    with FakeGeopf(answer=every_address) as server:
        yield server


@pytest.fixture
def ban(fake: FakeGeopf) -> Iterator[BanClient]:
    with BanClient(base_url=fake.url, **SETTINGS) as client:
        yield client


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks at a project."""
    monkeypatch.setattr(ahead, "POLL", (0.005, 0.02))


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    """Of a run that is large enough for a project."""
    return {"journal": tmp_path / "journal.sqlite", "project_rows": 1000}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a journal is kept."""
    return tmp_path / "answers.journal"
