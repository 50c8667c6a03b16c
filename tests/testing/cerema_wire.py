"""Plain requests to the fakes of the Cerema, without any client of this package."""

from __future__ import annotations

import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from frgov_clients.testing.fake_service import FakeService

RIGHT = {"username": "username", "password": "password"}


class Told(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"].startswith("application/json")
        return json.loads(self.body)


def ask(
    fake: FakeService[Any],
    path: str,
    token: str = "",
    *,
    method: str = "GET",
    body: bytes | None = None,
    **headers: str,
) -> Told:
    """One request on a connection of its own; `token` with its keyword."""
    parts = urlsplit(fake.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, named | ({"authorization": token} if token else {}))
        answer = connection.getresponse()
        return Told(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def send(fake: FakeService[Any], path: str, fields: Any) -> Told:
    """A POST of JSON."""
    return ask(fake, path, method="POST", body=json.dumps(fields).encode(), content_type="application/json")


def token_of(fake: FakeService[Any], generation: str = "v1") -> str:
    """A token with its keyword, after a login."""
    if generation == "v1":
        return f"Token {send(fake, '/api/api-token-auth/', RIGHT).json['token']}"
    return f"Bearer {send(fake, '/api/token/', RIGHT).json['access']}"
