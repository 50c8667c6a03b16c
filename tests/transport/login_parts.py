"""A service behind a login, and clients that log in."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import httpx

from frgov_clients.transport.auth import (
    PasswordLogin,
)
from frgov_clients.transport.retry import Retry
from frgov_clients.transport.windows import Window
from support import PROBES, AsyncProbe, Probe, ProbeEndpoints, play, service_of

SECRET = "S3CRET-marker"
QUICK = Retry(attempts=3, base=0.0, cap=0.0)


class Gate:
    """A service behind a login: tokens `T1`, `T2`, ... with refresh tokens `R1`, `R2`, ..."""

    def __init__(self, *, life: float | None = 3600, delay: float = 0.0, refreshing: int = 200) -> None:
        self.life, self.delay, self.refreshing = life, delay, refreshing
        self.logins: list[httpx.Request] = []
        self.refreshes: list[str] = []
        self.calls: list[str | None] = []
        self.valid: set[str] = set()
        self.login_answers: list[Any] = []
        """What the next logins answer instead of a token: a status, or a text with status 200."""
        self._lock = threading.Lock()

    def revoke(self) -> None:
        self.valid.clear()

    def handler(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            time.sleep(self.delay)
        return self._answer(request)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            await anyio.sleep(self.delay)
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            if request.url.path == "/token":
                self.logins.append(request)
                if self.login_answers:
                    answer = self.login_answers.pop(0)
                    return httpx.Response(answer) if isinstance(answer, int) else httpx.Response(200, text=answer)
                return self._token()
            if request.url.path == "/refresh":
                self.refreshes.append(json.loads(request.content)["refresh"])
                return self._token() if self.refreshing == 200 else httpx.Response(self.refreshing)
            header = request.headers.get("authorization")
            self.calls.append(header)
            return httpx.Response(200 if header in self.valid else 401, text="fine")

    def _token(self) -> httpx.Response:
        number = len(self.logins) + len(self.refreshes)
        self.valid = {f"Bearer T{number}"}
        return httpx.Response(
            200, json={"access_token": f"T{number}", "refresh_token": f"R{number}", "expires_in": self.life}
        )

    def client(self, colour: str) -> Any:
        transport = httpx.MockTransport(self.handler if colour == "sync" else self.async_handler)
        return httpx.Client(transport=transport) if colour == "sync" else httpx.AsyncClient(transport=transport)


def login(**options: Any) -> PasswordLogin:
    return PasswordLogin("camille", SECRET, path="/token", **options)


def both(**options: Any) -> PasswordLogin:
    return login(refresh_path="/refresh", **options)


def run(colour: str, gate: Gate, story: Callable[[Any], Any], **options: Any) -> Any:
    options.setdefault("retries", 0)
    return play(colour, PROBES, story, http_client=gate.client(colour), **options)


def finish(flow: Any) -> Any:
    """The value of a flow that asks for nothing."""
    try:
        flow.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the flow asks for something")


class LimitedEndpoints(ProbeEndpoints):
    _service = service_of(
        "limited",
        quotas={"default": (Window(limit=5, seconds=60),), "calls": (Window(limit=9, seconds=60),)},
    )


class Limited(LimitedEndpoints, Probe):
    pass


class AsyncLimited(LimitedEndpoints, AsyncProbe):
    pass
