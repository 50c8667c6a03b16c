"""The commands of `frgov ban` that make one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import typer

from ..ban import BanClient
from .health import PATIENCE, show_health
from .outcomes import Code
from .screen import console, json_line, say, table

__all__ = ["check", "search"]


def search(
    text: str,
    filters: Mapping[str, str],
    client_options: Mapping[str, Any],
    *,
    limit: int,
    autocomplete: bool,
    as_json: bool,
) -> None:
    """Print the answers, best first."""
    with BanClient(**client_options) as ban:
        found = ban.search(text, limit=limit, autocomplete=autocomplete, **filters)  # type: ignore[arg-type]  # all texts
    answers = [_flat(feature) for feature in found.addresses]
    if as_json:
        for answer in answers:
            print(json_line(answer))
    elif answers:
        rows = [[_text(answer.get(name)) for name in _SHOWN] for answer in answers]
        console().print(table(*_SHOWN, rows=rows, right=("score", "lon", "lat")))
    if not answers:
        say("Nothing was found.")
        raise typer.Exit(Code.NOTHING_FOUND)


_SHOWN: Final = ("label", "score", "type", "lon", "lat", "id")


def _flat(feature: Any) -> dict[str, Any]:
    """What the table shows first, then all that the service says."""
    said: dict[str, Any] = feature.properties.model_dump(mode="json", by_alias=True, exclude_unset=True)
    first = {name: said.pop(name, None) for name in ("label", "score", "type")}
    return {**first, "lon": feature.lon, "lat": feature.lat, "id": said.pop("id", None), **said}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def check(client_options: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what the client finds out about its service."""
    with BanClient(**client_options) as ban:
        health = ban.with_options(retries=0, timeout=PATIENCE, deadline=PATIENCE).check()
        dialect = ban.dialect.name
    show_health(health, as_json=as_json, dialect=dialect)
