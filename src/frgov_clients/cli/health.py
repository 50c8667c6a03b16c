"""What a client found out about its service, printed."""

from __future__ import annotations

from typing import Any

import typer

from ..transport.common import Health
from .outcomes import Code
from .screen import json_line, say

__all__ = ["PATIENCE", "show_health"]

PATIENCE = 10.0
"""Seconds that a check may take."""


def show_health(health: Health, *, as_json: bool, **more: str) -> None:
    """Print it, with what else is known of the service, and leave with 1 when it can not be used."""
    state = "ok" if health.ok else "answers, but not as it should" if health.reachable else "does not answer"
    if as_json:
        told: dict[str, Any] = {
            "service": health.service,
            "base_url": health.base_url,
            **more,
            "ok": health.ok,
            "reachable": health.reachable,
            "latency": health.latency,
            "hint": health.hint,
        }
        print(json_line(told))
    else:
        latency = "" if health.latency is None else f" in {1000 * health.latency:.0f} ms"
        beside = f" ({', '.join(more.values())})" if more else ""
        print(f"{health.base_url}{beside}: {state}{latency}")
    if not health.ok:
        say(health.hint)
        raise typer.Exit(Code.REFUSED)
