"""The messy addresses of the examples are what their script makes of the real ones."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "examples/data"


@pytest.mark.parametrize("name", ["adresses_sales.csv", "adresses_sales_attendu.csv"])
def test_the_script_makes_the_same_files_again(name: str, tmp_path: Path) -> None:
    runpy.run_path(str(DATA / "make_adresses_sales.py"))["main"](tmp_path)
    assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()


def test_every_messy_address_has_an_expected_answer() -> None:
    with (DATA / "adresses_sales.csv").open(encoding="utf-8", newline="") as dirty:
        names = [row["id_local"] for row in csv.DictReader(dirty, delimiter=";")]
    with (DATA / "adresses_sales_attendu.csv").open(encoding="utf-8", newline="") as expected:
        answers = list(csv.DictReader(expected, delimiter=";"))
    assert names == [row["id_local"] for row in answers] + [""]  # the last row is empty
    assert all(bool(row["attendu"]) == (row["niveau"] != "aucun") for row in answers)
