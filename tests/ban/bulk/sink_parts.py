"""What the tests of the sinks share: two results, how they are written, and a look at what was written."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from frgov_clients.ban.bulk.model import Geocoded, Origin, Status
from frgov_clients.ban.exchange import Answer, Verdict

ANSWER = Answer(
    "4 Rue X 90000 Belfort",
    "housenumber",
    "90010_0001_00004",
    0.00001,
    47.5,
    0.9,
    0.5,
    "4",
    "Rue X",
    "90000",
    "Belfort",
    "90010",
    "90011",
    "Ancienne",
    distance=12.0,
)


def found(index: int, row: Mapping[str, Any]) -> Geocoded:
    return Geocoded(
        index,
        row,
        Status.OK,
        Verdict.EXACT,
        ANSWER,
        ("number_agrees", "city_agrees"),
        0.998,
        "filtered",
        ("filtered",),
        ("postcode_zero_restored",),
    )


def lost(index: int, row: Mapping[str, Any]) -> Geocoded:
    return Geocoded(index, row, Status.SKIPPED, Verdict.NONE, reason="empty", origin=Origin.LOCAL)


FOUND = {
    "status": "ok",
    "verdict": "exact",
    "confidence": "0.998",
    "reasons": "number_agrees|city_agrees",
    "label": "4 Rue X 90000 Belfort",
    "type": "housenumber",
    "id": "90010_0001_00004",
    "score": "0.9",
    "housenumber": "4",
    "street": "Rue X",
    "postcode": "90000",
    "city": "Belfort",
    "citycode": "90010",
    "oldcitycode": "90011",
    "oldcity": "Ancienne",
    "lon": "0.00001",
    "lat": "47.5",
    "step": "filtered",
    "repairs": "postcode_zero_restored",
    "reason": "",
    "origin": "service",
}
LOST = {**dict.fromkeys(FOUND, ""), "status": "skipped", "verdict": "none", "reason": "empty", "origin": "local"}


def prefixed(values: Mapping[str, Any], prefix: str = "ban_") -> dict[str, Any]:
    return {prefix + name: value for name, value in values.items()}


def read_back(path: Path, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode(encoding)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def alone(path: Path) -> bool:
    """Whether the file is there, and nothing else."""
    return names_in(path.parent) == [path.name]
