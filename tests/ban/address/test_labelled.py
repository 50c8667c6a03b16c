"""The questions, the ladder and the verdicts against the real geocoder: a small labelled sample."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from frgov_clients import BanClient
from frgov_clients.ban.address import Fields, Question, better, is_enough, judge, ladder, question_of
from frgov_clients.ban.exchange import Answer, Ask, Verdict

DATA = Path(__file__).resolve().parents[3] / "examples/data"
ACCEPTED = (Verdict.EXACT, Verdict.STREET)


def answer_to(ban: BanClient, ask: Ask) -> Answer | None:
    found = ban.search(ask.q, citycode=ask.citycode or None, autocomplete=False, limit=2).features
    if not found:
        return None
    first = found[0].properties
    name = first.name if first.type in ("street", "locality") else ""
    lon, lat = found[0].geometry.coordinates[:2]
    return Answer(
        first.label, first.type, first.id, lon, lat, first.score, found[1].properties.score if found[1:] else None,
        first.housenumber or "", first.street or name, first.postcode or "", first.city or "", first.citycode or "",
        first.oldcitycode or "", first.oldcity or "", first.district or "",
    )  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(addok_url: str) -> dict[str, tuple[Verdict, str]]:
    """Verdict and identifier of each row of the messy example file, up the ladder."""
    found = {}
    with (
        BanClient(base_url=addok_url, dialect="addok") as ban,
        (DATA / "adresses_sales.csv").open(encoding="utf-8", newline="") as lines,
    ):
        for row in csv.DictReader(lines, delimiter=";"):
            fields = Fields(row["adresse"], row["code_postal"], row["commune"], "", row["complement"])
            question = question_of(fields)
            if isinstance(question, Question):
                best, answer = judge(question, None), None
                for step in ladder(question):
                    told = answer_to(ban, step.ask)
                    judgement = judge(question, told)
                    if better(judgement, best):
                        best, answer = judgement, told
                    if is_enough(question, best):
                        break
                found[row["id_local"]] = (best.verdict, answer.id if answer else "")
    return found


def test_nothing_that_is_accepted_is_wrong(outcomes: dict[str, tuple[Verdict, str]]) -> None:
    with (DATA / "adresses_sales_attendu.csv").open(encoding="utf-8", newline="") as lines:
        expected = {row["id_local"]: row for row in csv.DictReader(lines, delimiter=";")}
    accepted = {name for name, (verdict, _) in outcomes.items() if verdict in ACCEPTED}
    assert {name for name in accepted if outcomes[name][1] != expected[name]["attendu"]} == set()
    exist = {name for name, row in expected.items() if row["niveau"] in ("housenumber", "street")}
    lost = exist - accepted
    assert len(lost) <= 2, sorted((expected[name]["cas"], name) for name in lost)
    towns = {name for name, row in expected.items() if row["niveau"] == "municipality"}
    assert sum(outcomes[name][0] is Verdict.COMMUNE for name in towns) >= len(towns) - 1


def test_the_sample_is_always_the_same() -> None:
    sys.path.insert(0, str(DATA.parents[1]))
    try:
        from benchmarks.labelled_sample import EXTRA, KINDS, make_sample, read_documents, split
    finally:
        sys.path.remove(str(DATA.parents[1]))
    documents = read_documents([DATA / "adresses-addok-48.ndjson.gz"])
    kept, held = split(documents, 1)
    assert {one["id"] for one in kept}.isdisjoint(one["id"] for one in held)
    assert 0.05 < len(held) / len(documents) < 0.11
    sample = make_sample(kept, held, [], 30, 2)
    assert sample == make_sample(kept, held, [], 30, 2)
    assert {label.kind for label in sample} == {*KINDS, *EXTRA, "absent_same_communes"}
    here = {one["id"] for one in kept}
    for label in sample:
        assert bool(label.street_id) is not label.kind.startswith("absent")
        assert not label.street_id or label.street_id in here
        assert bool(label.number_id) is (bool(label.street_id) and label.kind != "wrong_number")
