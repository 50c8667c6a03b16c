"""A geocoder for the program to ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cli_parts import address_of

from frgov_clients.testing.geopf import FakeGeopf


@pytest.fixture
def geocoder() -> Iterator[FakeGeopf]:
    with FakeGeopf(answer=address_of) as fake:
        yield fake


@pytest.fixture
def server(geocoder: FakeGeopf) -> list[str]:
    """The options that lead to it."""
    return ["--base-url", geocoder.url, "--dialect", "geopf"]
