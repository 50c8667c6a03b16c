"""Rows for the tests of the report: what a run could give, drawn from a seed."""

from __future__ import annotations

import random
from typing import Any

from frgov_clients.ban.bulk.model import Geocoded, Origin, Status
from frgov_clients.ban.exchange import Answer, Verdict

TYPES = ("housenumber", "street", "locality", "municipality")
SECRET = "12 rue du Secret 7f3a"


def answer(kind: str = "housenumber", lon: float | None = 6.86, lat: float | None = 47.64, **more: Any) -> Answer:
    return Answer(f"{SECRET} 90000 Belfort", kind, "90010_0001_00012", lon, lat, **more)


def row(
    index: int = 0,
    verdict: Verdict = Verdict.EXACT,
    kind: str = "housenumber",
    *,
    lon: float | None = 6.86,
    lat: float | None = 47.64,
    score: float | None = 0.9,
    **more: Any,
) -> Geocoded:
    """A row with an answer."""
    found = answer(kind, lon, lat, score=score, distance=more.pop("distance", None))
    return Geocoded(index, {"adresse": SECRET, "nom": None}, Status.OK, verdict, found, **more)


def failed(index: int = 0, reason: str = "http_503") -> Geocoded:
    return Geocoded(index, {"adresse": SECRET}, Status.FAILED, Verdict.NONE, reason=reason)


def skipped(index: int = 0, reason: str = "empty") -> Geocoded:
    return Geocoded(index, {"adresse": ""}, Status.SKIPPED, Verdict.NONE, reason=reason, origin=Origin.LOCAL)


def not_found(index: int = 0) -> Geocoded:
    return Geocoded(index, {"adresse": SECRET}, Status.NOT_FOUND, Verdict.NONE, step="no_number")


def random_rows(count: int, seed: int = 7) -> list[Geocoded]:
    """All statuses, verdicts and types, some answers without place, score or confidence."""
    draw = random.Random(seed)
    special = (failed, skipped, not_found)
    rows: list[Geocoded] = []
    for index in range(count):
        if draw.random() < 0.2:
            rows.append(draw.choice(special)(index))
            continue
        more: dict[str, Any] = {
            "score": draw.choice([None, 0.0, 0.05, 0.3, 0.9499, 1.0, 1.2, draw.random()]),
            "confidence": draw.choice([None, 1.0, draw.random()]),
            "distance": draw.choice([None, 0.0, 5.0, 5.1, 200.0, 1e6]),
            "reasons": draw.choice([(), ("number_missing",), ("commune_differs", "street_differs")]),
            "repairs": draw.choice([(), (), ("postcode_zero_restored",)]),
            "step": draw.choice(["first", "no_filter"]),
            "origin": draw.choice([Origin.SERVICE, Origin.DUPLICATE, Origin.JOURNAL]),
            "lon": draw.choice([None, draw.uniform(-5, 9)]),
            "lat": draw.uniform(42, 51),
        }
        verdict = draw.choice([each for each in Verdict if each is not Verdict.NONE])
        rows.append(row(index, verdict, draw.choice(TYPES), **more))
    return rows
