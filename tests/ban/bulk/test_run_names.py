"""Columns of the input that are called as those of the result: refused while nothing is lost, kept otherwise."""

from __future__ import annotations

import asyncio
import json

import pandas as pd
import pytest
import trio
from bulk_parts import SETTINGS, rows_of

from frgov_clients.ban import AsyncBanClient, BanClient
from frgov_clients.errors import InvalidRequest


def taken(colour, fake, rows, how, *args):
    """What a method of a run gives, and the report."""
    settings = {"base_url": fake.url, **SETTINGS}
    if colour == "sync":
        with BanClient(**settings) as ban:
            run = ban.geocode_many(rows)
            return getattr(run, how)(*args), run.report

    async def story():
        async with AsyncBanClient(**settings) as ban:
            run = ban.geocode_many(rows)
            return await getattr(run, how)(*args), run.report

    return asyncio.run(story()) if colour == "asyncio" else trio.run(story)


def test_one_late_key_does_not_cost_the_run(colour, fake, tmp_path):
    rows = [{**row, "ban": "mine"} if number == 650 else row for number, row in enumerate(rows_of(700))]
    _, report = taken(colour, fake, iter(rows), "write", tmp_path / "out.jsonl")
    entries = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["ban"]["status"] for entry in entries] == ["ok"] * 700
    assert [entry["ban_2"] for entry in entries if "ban_2" in entry] == ["mine"]
    assert report.notes["key_renamed"] == 1
    assert report.complete
    assert "key_renamed 1" in str(report)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_one_late_name_does_not_cost_a_frame(colour, fake, library):
    rows = [{**row, "ban_label": "mine"} if number == 650 else row for number, row in enumerate(rows_of(700))]
    frame, report = taken(colour, fake, iter(rows), f"to_{library}")
    assert list(frame["ban_status"]) == ["ok"] * 700
    assert frame["ban_label_2"].to_list()[650] == "mine"
    assert report.notes["key_renamed"] == 1


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_name_of_a_frame_or_a_file_is_refused_before_anything_is_sent(colour, fake, library):
    rows = [{**row, "ban_label": "mine"} for row in rows_of(30)]
    text = "adresse;ban_label\n" + "".join(f"{row['adresse']};mine\n" for row in rows)
    for given in (pd.DataFrame(rows), text.encode()):
        with pytest.raises(InvalidRequest, match="prefix='ban2_'"):
            taken(colour, fake, given, f"to_{library}")
    assert fake.requests == []


@pytest.mark.parametrize("how", ["to_pandas", "to_polars", "write"])
def test_a_name_of_the_first_row_is_refused_at_once(colour, fake, tmp_path, how):
    rows = [{**row, "ban_label": "mine", "ban": "mine"} for row in rows_of(20_000)]
    with pytest.raises(InvalidRequest, match="prefix"):
        taken(colour, fake, iter(rows), how, *([tmp_path / "out.jsonl"] if how == "write" else []))
    assert len(fake.texts) < 20_000
    assert not list(tmp_path.iterdir())
