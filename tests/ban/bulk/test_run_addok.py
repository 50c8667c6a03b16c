"""Runs against the real engine: the messy file of the demo, and a server that is killed in the middle."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from bulk_parts import COLOURS, geocode

from frgov_clients.ban import BanClient, Journal, Status, Verdict
from frgov_clients.errors import UnexpectedContent
from frgov_clients.testing.addok import LocalAddok

DATA = Path(__file__).resolve().parents[3] / "examples" / "data"
SOURCE = DATA / "adresses_sales.csv"
COLUMNS = {"address": "adresse", "postcode": "cp", "city": "ville"}
ACCEPTED = {Verdict.EXACT, Verdict.STREET, Verdict.COMMUNE}


def addresses(count: int) -> list[dict[str, str]]:
    """Real addresses of the Territoire de Belfort."""
    with gzip.open(DATA / "adresses-addok-90.ndjson.gz", "rt", encoding="utf-8") as lines:
        streets = [json.loads(line) for line in lines]
    found = (
        {"adresse": f"{number} {one['name']}", "cp": one["postcode"], "ville": one["city"][0]}
        for one in streets
        if one["type"] == "street"
        for number in one["housenumbers"]
    )
    return list(islice(found, count))


def expected() -> dict[str, str]:
    with (DATA / "adresses_sales_attendu.csv").open(encoding="utf-8", newline="") as file:
        return {row["id_local"]: row["attendu"] for row in csv.DictReader(file, delimiter=";")}


@pytest.mark.parametrize("colour", COLOURS)
def test_the_messy_file_of_the_demo(colour, addok_url):
    results, report = geocode(colour, addok_url, SOURCE, client={"dialect": "addok", "limiters": {}})
    assert report.complete
    right = expected()
    taken = [one for one in results if one.verdict in ACCEPTED]
    wrong = [one.position for one in taken if one.answer is None or one.answer.id != right[one.row["id_local"]]]
    assert wrong == []
    assert len(taken) >= 170
    assert Counter(one.status for one in results)[Status.SKIPPED] == 10


def test_reverse(addok_url):
    points = [{"x": "6,865203", "y": "47,602674"}, {"x": 47.602674, "y": 6.865203}, {"x": "6.8567", "y": "47.6432"}]
    with BanClient(base_url=addok_url) as ban:
        results = ban.reverse_many(points * 5, columns={"lon": "x", "lat": "y"}).all()
    assert [one.answer.id for one in results[:2]] == ["90001_0003_00004"] * 2
    assert results[0].verdict is Verdict.EXACT
    assert "lonlat_swapped" in results[1].repairs
    assert results[0].answer.distance == 0


def test_a_filter_by_commune_and_rows_without_one_in_the_same_file(addok_url):
    rows = [
        {"adresse": "rue de la Paix", "ville": "Belfort", "insee": "90010" if number % 2 else ""}
        for number in range(20)
    ]
    rows[3]["insee"] = "48095"
    with BanClient(base_url=addok_url) as ban:
        results = ban.geocode_many(rows).all()
    assert {one.answer.citycode for place, one in enumerate(results) if place != 3} == {"90010"}
    assert results[3].verdict not in {Verdict.EXACT, Verdict.STREET}, "the code contradicts the name"


def test_a_server_that_is_killed_in_the_middle_and_comes_back(addok_python, tmp_path):
    rows = addresses(3000)
    documents = [DATA / "adresses-addok-90.ndjson.gz"]
    journal = tmp_path / "journal.sqlite"
    first: list[Status] = []
    with LocalAddok(documents, python=addok_python, workers=1) as server, Journal(journal, dialect="ours") as known:
        with BanClient(base_url=server.url) as ban:
            run = ban.geocode_many(rows, journal=known, lot_rows=100, in_flight=1, memory_rows=500, patience=1.0)
            for one in run:
                first.append(one.status)
                if one.position == 700:
                    server.stop()
        assert len(first) == len(rows)
        assert run.report.gave_up
        assert 0 < first.count(Status.FAILED) < len(rows)
        answered = len(known)
    with (
        LocalAddok(documents, python=addok_python, workers=1) as server,
        Journal(journal, dialect="ours") as known,
        BanClient(base_url=server.url) as ban,
    ):
        again = ban.geocode_many(rows, journal=known)
        results = again.all()
        assert {one.status for one in results} <= {Status.OK, Status.NOT_FOUND, Status.SKIPPED}
        assert again.report.complete
        assert again.report.sent == len(known) - answered


@pytest.mark.parametrize("colour", COLOURS)
def test_a_server_that_speaks_otherwise_ends_the_run_at_once(colour, addok_url):
    """It is no outage, which would be waited for: nothing can come of it."""
    with pytest.raises(UnexpectedContent, match="no answer of geopf: look at `dialect` and `base_url`"):
        geocode(colour, addok_url, addresses(300), client={"dialect": "geopf"})


def test_a_row_ends_the_same_alone_and_among_others(addok_url):
    """addok leaves rows of a file blank where it answers a single search, and rounds scores."""
    weak = {"adresse": "CHEZ M. DUPONT LE VILLAGE", "cp": "48230", "ville": "CHANAC"}
    unknown = [{"adresse": f"{number} rue inconnue", "cp": "90000", "ville": "X"} for number in range(9)]
    rows = [weak, *addresses(40), *unknown]
    with BanClient(base_url=addok_url) as ban:
        together = ban.geocode_many(rows).all()
        alone = [ban.geocode_many([row], columns=COLUMNS).all()[0] for row in rows]
    assert [one[2:] for one in alone] == [one[2:] for one in together]
