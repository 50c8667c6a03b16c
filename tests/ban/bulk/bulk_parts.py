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


def take(
    colour: str,
    url: str,
    rows: Any,
    way: str = "all",
    *arguments: Any,
    many: str = "geocode_many",
    taking: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """What one way of taking a run gives back (`all`, `write`, `to_pandas`, `to_polars`), and the report."""
    settings: dict[str, Any] = {"base_url": url, **SETTINGS, **(client or {})}
    if colour == "sync":
        with BanClient(**settings) as ban:
            run = getattr(ban, many)(rows, **options)
            return getattr(run, way)(*arguments, **(taking or {})), run.report

    async def story() -> tuple[Any, Report]:
        async with AsyncBanClient(**settings) as ban:
            run = getattr(ban, many)(rows, **options)
            return await getattr(run, way)(*arguments, **(taking or {})), run.report

    return asyncio.run(story()) if colour == "asyncio" else trio.run(story)


def geocode(colour: str, url: str, rows: Any, *, client: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """The results and the report of one run."""
    return take(colour, url, rows, client=client, **options)


def near(q: str, filters: Mapping[str, str]) -> dict[str, Any] | None:
    """An answer that tells the point it was asked for; north of Paris there is none."""
    lon, lat = float(filters["lon"]), float(filters["lat"])
    if q or lat > 49.0:
        return None
    number = str(round(lon * 1000))
    return {
        "label": f"{number} Rue des Points 90000 Belfort",
        "id": f"90010_0001_{number}",
        "type": "housenumber",
        "housenumber": number,
        "street": "Rue des Points",
        "name": f"{number} Rue des Points",
        "postcode": "90000",
        "city": "Belfort",
        "citycode": "90010",
        "score": 0.99,
        "distance": 3,
        "lon": lon,
        "lat": lat,
    }


def assert_whole(results: list[Geocoded], rows: list[dict[str, str]]) -> None:
    """Exactly one result for each row, in their order, the row untouched."""
    assert [one.position for one in results] == list(range(len(rows)))
    assert [dict(one.row) for one in results] == rows
