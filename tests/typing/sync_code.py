# pyright: strict
"""Code of a user of the blocking client: it is never run, only read by type checkers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, assert_type

import httpx
import pandas as pd

from frgov_clients import (
    ApiError,
    BanClient,
    CircuitOptions,
    FrgovError,
    HeaderKey,
    Health,
    MemoryCache,
    RateLimiter,
    Retry,
    Window,
)
from frgov_clients.ban import (
    ADDOK,
    AddressFeature,
    BanOptions,
    Capabilities,
    Circle,
    Columns,
    Commune,
    CompletionResult,
    CsvResult,
    Geocoded,
    Geocoding,
    Numero,
    ParcelFeature,
    PoiFeature,
    PositionOfInterest,
    Report,
    SearchResult,
    Status,
    StreetAddress,
    Verdict,
    Voie,
)
from frgov_clients.errors import Attempt
from frgov_clients.transport.operation import Reply
from frgov_clients.transport.raw import RawReply
from frgov_clients.transport.telemetry import Event


def make() -> BanClient:
    BanClient()
    BanClient(base_url="http://127.0.0.1:7878", dialect="addok", lookup_base_url="https://example.test")
    BanClient(dialect=ADDOK, timeout=3, deadline=None, retries=Retry(attempts=5), max_wait=2.5)
    BanClient(circuit=None, limiters={"geocoding": RateLimiter([Window(limit=10, seconds=1.0)]), "completion": None})
    BanClient(cache=MemoryCache(), cache_ttl=60, stale_if_error=3600, circuit=CircuitOptions(cooldown=5))
    BanClient(http_client=httpx.Client(), auth=HeaderKey("api-key", "k"), user_agent="me")
    BanClient(proxy="http://proxy.test", ca_bundle=Path("ca.pem"), client_cert=("a.pem", None), system_store=True)
    options: BanOptions = {"timeout": 3, "dialect": "geopf"}
    return BanClient(**options)


def tell(event: Event) -> None:
    print(event)


def search() -> None:
    with BanClient(on_event=tell) as ban:
        assert_type(ban, BanClient)
        result = ban.search("10 rue de la Paix", limit=5, postcode=["75001", "75002"], lon=2.3, lat=48.8)
        assert_type(result, SearchResult)
        assert_type(result.addresses, list[AddressFeature])
        assert_type(result.best, AddressFeature | PoiFeature | ParcelFeature | None)
        for feature in result.addresses:
            assert_type(feature.score, float | None)
            assert_type(feature.lon, float)
            assert_type(feature.properties.label, str)
            assert_type(feature.properties.citycode, str | None)
        assert_type(
            ban.reverse(lon=2.3, lat=48.8, searchgeom=Circle(2.3, 48.8, 100.0), type="housenumber"), SearchResult
        )
        assert_type(ban.capabilities(), Capabilities)


def complete() -> list[str]:
    ban = make()
    found = ban.completion("rue de la", maximum_responses=5, terr="METROPOLE", lonlat=(2.3, 48.8))
    assert_type(found, CompletionResult)
    texts: list[str] = []
    for suggestion in found.results:
        assert_type(suggestion, StreetAddress | PositionOfInterest)
        texts.append(suggestion.fulltext)
    return texts


def look_up(ban: BanClient) -> str | None:
    found = ban.lookup("90001")
    assert_type(found, Commune | Voie | Numero)
    return found.nom if isinstance(found, Commune) else found.type


def geocode_a_file(ban: BanClient) -> Iterator[dict[str, str]]:
    done = ban.search_csv(Path("adresses.csv"), columns=["rue", "ville"], filters={"postcode": "cp"}, strict=False)
    assert_type(done, CsvResult)
    assert_type(done.status_counts["ok"], int)
    assert_type(ban.reverse_csv(b"lon,lat\n", lon="lon", lat="lat"), CsvResult)
    return done.rows()


def geocode_many(ban: BanClient, frame: pd.DataFrame, cursor: sqlite3.Cursor) -> Report:
    run = ban.geocode_many("adresses.csv", columns=Columns(address=("rue",), city="ville"), journal=Path("j.sqlite"))
    assert_type(run, Geocoding)
    for row in run:
        assert_type(row, Geocoded)
        assert_type(row.status, Status)
        assert_type(row.verdict, Verdict)
        if row.answer is not None:
            assert_type(row.answer.lon, float | None)
    rows = [{"adresse": "12 rue de la Paix", "cp": 90000}]
    assert_type(ban.geocode_many(rows, columns={"address": "adresse"}, ladder=False).all(), list[Geocoded])
    ban.geocode_many(frame, in_flight=2, progress=lambda state: print(state.done)).to_pandas()
    assert_type(ban.reverse_many(cursor, columns={"lon": "x", "lat": "y"}).write("out.csv"), Report)
    ban.geocode_many([("12 rue de la Paix", "90000")], header=["adresse", "cp"])
    with ban.geocode_many(iter(rows), patience=60, max_age=timedelta(days=90)) as several:
        assert_type(list(several), list[Geocoded])
    assert_type(several.columns, Columns | None)
    assert_type(several.report.statuses["ok"], int)
    return several.report


def look(ban: BanClient) -> Reply:
    health = ban.check()
    assert_type(health, Health)
    assert_type(health.ok, bool)
    assert_type(health.authorized, bool | None)
    if not health:
        print(health.hint)
    return ban.request("GET", "/new", params={"q": "x"}, quota=None)


def siblings(ban: BanClient) -> None:
    patient = ban.with_options(timeout=30, retries=5, cache=None)
    assert_type(patient, BanClient)
    assert_type(patient.with_options(deadline=None).search("mairie"), SearchResult)
    assert_type(patient.config.base_url, str)
    assert_type(patient.is_closed, bool)
    ban.close()


def raw(ban: BanClient) -> None:
    reply = ban.raw.search("mairie", limit=1)
    assert_type(reply, RawReply[SearchResult])
    assert_type(reply.status, int)
    assert_type(reply.content, bytes)
    assert_type(reply.parse(), SearchResult)
    assert_type(ban.raw.lookup("90001").parse(), Commune | Voie | Numero)


def errors(ban: BanClient) -> None:
    try:
        ban.search("mairie")
    except ApiError as error:
        assert_type(error.status, int)
        assert_type(error.code, str | None)
        assert_type(error.body, Any)
    except FrgovError as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.attempts, tuple[Attempt, ...])
