"""What the tests of the runs share: rows, a fake that knows every address, and one call in three colours."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import trio

from frgov_clients.ban import AsyncBanClient, BanClient
from frgov_clients.ban.bulk.model import Geocoded
from frgov_clients.ban.bulk.report import Report

COLOURS = ("sync", "asyncio", "trio")
SETTINGS: dict[str, Any] = {"dialect": "geopf", "limiters": {"geocoding": None}}
_ADDRESS = re.compile(r"(\d+) (.+) (\d{5}) (.+)")
NAMES = ("DES LILAS", "DE LA PAIX", "VICTOR HUGO", "DU MOULIN", "JEAN JAURES", "DE L EGLISE", "PASTEUR", "DES ECOLES")


def rows_of(count: int, *, first: int = 0) -> list[dict[str, str]]:
    """Different addresses, with columns that are nobody's business."""
    return [
        {
            "id": f"L{number}",
            "proprietaire": f"secret-{number}",
            "adresse": f"{number // 8 + 1} rue {NAMES[number % 8]}",
            "cp": "90000",
            "ville": "BELFORT",
        }
        for number in range(first, first + count)
    ]


def every_address(q: str, filters: Mapping[str, str]) -> dict[str, Any] | None:
    """An answer that agrees with whatever is asked, but for what is nowhere."""
    found = _ADDRESS.fullmatch(q)
    if found is None or "NULLE PART" in q:
        return None
    number, street, postcode, city = found.groups()
    return {
        "label": q,
        "id": f"90010_{abs(hash(street)) % 10000:04}_{int(number):05}",
        "type": "housenumber",
        "housenumber": number,
        "street": street,
        "name": f"{number} {street}",
        "postcode": postcode,
        "city": city.title(),
        "citycode": filters.get("citycode", "90010"),
        "score": 0.97,
        "lon": 6.8,
        "lat": 47.6,
    }


def geocode(colour: str, url: str, rows: Any, *, client: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """The results and the report of one run."""
    settings: dict[str, Any] = {"base_url": url, **SETTINGS, **(client or {})}
    if colour == "sync":
        with BanClient(**settings) as ban:
            run = ban.geocode_many(rows, **options)
            return run.all(), run.report

    async def story() -> tuple[list[Geocoded], Report]:
        async with AsyncBanClient(**settings) as ban:
            run = ban.geocode_many(rows, **options)
            return await run.all(), run.report

    return asyncio.run(story()) if colour == "asyncio" else trio.run(story)


def assert_whole(results: list[Geocoded], rows: list[dict[str, str]]) -> None:
    """Exactly one result for each row, in their order, the row untouched."""
    assert [one.position for one in results] == list(range(len(rows)))
    assert [dict(one.row) for one in results] == rows
