"""What the tests of the portal share: its recorded payloads, and pages as values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from frgov_clients.cerema.client import AsyncCeremaClient, CeremaClient
from frgov_clients.transport.operation import Reply

PORTALS = (CeremaClient, AsyncCeremaClient)
ACCOUNT = {"username": "username", "password": "password"}
DATA = Path(__file__).parent.parent / "data" / "cerema"


def payload(name: str) -> Any:
    """One recorded payload: see PROVENANCE.txt beside it."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def user(number: int, email: str = "", **more: Any) -> dict[str, Any]:
    """A user as the portal sends it."""
    record = dict(payload("utilisateurs_page1")["results"][0])
    return record | {"id_user": number, "email": email or f"user{number}@example.fr"} | more


def reply_of(records: list[dict[str, Any]], count: int | None, link: str | None = None) -> Reply:
    """A page of a list."""
    body = {"count": count, "next": link, "previous": None, "results": records}
    return Reply(200, {"content-type": "application/json"}, json.dumps(body).encode())


def lines(path: Path) -> list[Any]:
    """The records of a file, one a line."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def told(table: Any) -> list[Any]:
    """The records of a table of the fake, as it sends them."""
    return [json.loads(each) for each in table.slice(0, 10**9, None).records]
