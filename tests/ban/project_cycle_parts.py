"""What the tests of the whole cycle of an asynchronous project share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frgov_clients import AsyncBanClient, BanClient
from frgov_clients.errors import (
    DeadlineExceeded,
)
from frgov_clients.testing.geopf import FakeGeopf
from support import AT_ONCE, outcome

PAIR = (BanClient, AsyncBanClient)
ROWS = 250
CSV = b"k,q,c\n" + b"".join(b"%d,%d rue des Fleurs,90001\n" % (row, row) for row in range(ROWS))
OPTIONS: dict[str, Any] = {
    "columns": ["q"],
    "filters": {"citycode": "c"},
    "result_columns": ["result_label", "result_status"],
    "poll": (0.001, 0.01),
    "patience": 20.0,
}
EXPECTED = "k,q,c,result_label,result_status\n" + "".join(
    f"{row},{row} rue des Fleurs,90001,LABEL {row},ok\n" for row in range(ROWS)
)


def known(q: str, filters: Any) -> dict[str, Any] | None:
    assert filters == {"citycode": "90001"}
    return {"label": f"LABEL {q.split()[0]}", "lon": 6.8, "lat": 47.6}


class Store(dict[str, str]):
    """What a caller keeps."""

    def remember(self, name: str, text: str | None) -> None:
        if text is None:
            self.pop(name, None)
        else:
            self[name] = text


def ask(colour: str, fake: FakeGeopf, target: Path, source: Any = CSV, **options: Any) -> Any:
    client_options = {name: options.pop(name) for name in ("auth", "retries") if name in options}
    given = {"dialect": "geopf", "limiters": {"geocoding": None}, "retries": AT_ONCE, "circuit": None, **client_options}

    async def scenario(client: Any) -> Any:
        return await client.geocode_project(source, target, **{**OPTIONS, **options})

    return outcome(colour, PAIR, scenario, base_url=fake.url, **given)


def kept(fake: FakeGeopf, colour: str, target: Path, **options: Any) -> Store:
    """What is remembered of a job that was started and not waited for."""
    store = Store()
    error = ask(colour, fake, target, remember=store.remember, patience=0.05, **options)
    assert isinstance(error, DeadlineExceeded), repr(error)
    assert error.retryable
    assert "call again" in str(error)
    assert (error.service, error.operation) == ("ban", "ban.geocode_project")
    assert set(store) == {"project"}
    return store
