"""What the tests of the requests for asynchronous projects share."""

from __future__ import annotations

from typing import Any

from frgov_clients import AsyncBanClient, BanClient
from frgov_clients.ban import Project
from frgov_clients.testing.geopf import FakeGeopf
from support import AT_ONCE, outcome

PAIR = (BanClient, AsyncBanClient)
CSV = b"k,q,c\n1,4 rue des Fleurs Andelnans,90001\n2,zzz,\n"
LABEL = "4 Rue des Fleurs 90400 Andelnans"


def known(q: str, filters: Any) -> dict[str, Any] | None:
    return {"label": LABEL, "lon": 6.8, "lat": 47.6, "type": "housenumber"} if "Fleurs" in q else None


def ask(colour: str, fake: FakeGeopf, scenario: Any, **options: Any) -> Any:
    given = {"dialect": "geopf", "limiters": {"geocoding": None}, "retries": AT_ONCE, **options}
    return outcome(colour, PAIR, scenario, base_url=fake.url, **given)


async def ready(client: Any, content: Any = CSV) -> Project:
    """A project that can be started."""
    project = await client.create_project()
    await client.upload_project_file(project.id, project.token, content)
    await client.set_project_pipeline(project.id, project.token, columns=["q"], filters={"citycode": "c"})
    return project  # type: ignore[no-any-return]
