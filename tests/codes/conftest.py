"""The official lists that the codes are tested against."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "codes"


def rows(name: str) -> list[dict[str, str]]:
    path = DATA / name
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(content.decode().splitlines()))


@pytest.fixture(scope="session")
def communes() -> list[dict[str, str]]:
    """All communes of the COG 2026, present and former, and the arrondissements municipaux."""
    return rows("communes.csv.gz")


@pytest.fixture(scope="session")
def departements() -> list[dict[str, str]]:
    return rows("departements.csv")


@pytest.fixture(scope="session")
def regions() -> list[dict[str, str]]:
    return rows("regions.csv")


@pytest.fixture(scope="session")
def naf() -> list[dict[str, str]]:
    return rows("naf.csv.gz")
