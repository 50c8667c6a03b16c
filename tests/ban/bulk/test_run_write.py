"""Which file a run writes, and which it must never replace."""

from __future__ import annotations

import asyncio
import csv
import gzip
from pathlib import Path

import pytest
import trio
from bulk_parts import SETTINGS, rows_of

from frgov_clients import AsyncBanClient, BanClient, InvalidRequest
from frgov_clients.ban.bulk.report import Report

GONE = "http://127.0.0.1:9"


def write(colour: str, url: str, rows: object, target: Path, **options) -> Report:
    settings = {"base_url": url, **SETTINGS}
    if colour == "sync":
        with BanClient(**settings) as ban:
            return ban.geocode_many(rows, **options).write(target)

    async def story() -> Report:
        async with AsyncBanClient(**settings) as ban:
            return await ban.geocode_many(rows, **options).write(target)

    return asyncio.run(story()) if colour == "asyncio" else trio.run(story)


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_that_is_given_up_replaces_nothing(colour, fake, tmp_path, caplog):
    target = tmp_path / "out.csv"
    good = write(colour, fake.url, rows_of(20), target)
    assert good.written == target
    before = target.read_bytes()
    for name in ("out.partial.csv", "out.partial_2.csv"):
        report = write(colour, GONE, rows_of(20), target, patience=0.2)
        assert report.gave_up
        assert report.written == tmp_path / name
        assert target.read_bytes() == before
        assert [row["ban_status"] for row in written(report.written)] == ["failed"] * 20
    assert "out.csv is kept as it was, see out.partial.csv" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.partial.csv", "out.partial_2.csv"]


def test_a_run_that_is_given_up_has_its_name_where_it_is_free(colour, tmp_path):
    target = tmp_path / "out.csv.gz"
    assert write(colour, GONE, rows_of(20), target, patience=0.2).written == target
    assert write(colour, GONE, rows_of(20), target, patience=0.2).written == tmp_path / "out.partial.csv.gz"


def test_the_input_is_not_replaced(colour, fake, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("adresse,cp,ville\n1 rue des Lilas,90000,Belfort\n", encoding="utf-8")
    link = tmp_path / "link.csv"
    link.symlink_to(source)
    before = source.read_bytes()
    for target in (source, link):
        with pytest.raises(InvalidRequest, match="another file than the input"):
            write(colour, fake.url, str(source), target)
    assert source.read_bytes() == before
    assert fake.texts == []


def test_the_journal_is_not_replaced(colour, fake, tmp_path):
    journal = tmp_path / "known.csv"
    with pytest.raises(InvalidRequest, match="another file than the journal"):
        write(colour, fake.url, rows_of(3), journal, journal=journal)
    write(colour, fake.url, rows_of(3), tmp_path / "out.csv", journal=journal)


@pytest.mark.parametrize("name", ["missing/out.csv", "missing/out.jsonl.gz"])
def test_a_folder_that_is_missing_is_told_by_the_name_that_was_given(colour, fake, tmp_path, name):
    with pytest.raises(FileNotFoundError) as caught:
        write(colour, fake.url, rows_of(3), tmp_path / name)
    assert caught.value.filename == str(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [
        ("out.csv", ";"),
        ("OUT.CSV", ";"),
        ("out.Csv.Gz", ";"),
        ("out.csv.tsv", "\t"),
        ("out.tab", "\t"),
        ("o.csv.jsonl", None),
        ("o.csv.ndjson.gz", None),
    ],
)
def test_a_csv_file_is_parted_as_its_input_is(colour, fake, tmp_path, name, delimiter):
    source = tmp_path / "in.csv"
    source.write_text("adresse;cp;ville\n1 rue des Lilas;90000;Belfort\n", encoding="utf-8")
    target = tmp_path / name
    assert write(colour, fake.url, source, target).written == target
    content = target.read_bytes()
    text = (gzip.decompress(content) if name.lower().endswith(".gz") else content).decode()
    begins = '{"adresse": "1 rue' if delimiter is None else delimiter.join(("adresse", "cp", "ville", "ban_status"))
    assert text.startswith(begins)
