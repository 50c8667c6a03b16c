"""What the tests of the BAN client share: the recorded exchanges, and how a refusal looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from frgov_clients.errors import InvalidRequest

DATA = Path(__file__).parent.parent / "data" / "ban"


def exchanges(name: str) -> list[dict[str, Any]]:
    """One recording: see PROVENANCE.txt beside it."""
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def body_of(exchange: dict[str, Any]) -> bytes:
    """The body of the answer, as it was on the wire."""
    response = exchange["response"]
    if response.get("json") is not None:
        return json.dumps(response["json"], ensure_ascii=False).encode()
    mark = b"\xef\xbb\xbf" if "utf-8-sig" in response["headers"].get("content-type", "") else b""
    return mark + response.get("text", "").encode()


def refused(call: Callable[..., Any], *positional: Any, field: str, match: str | None = None, **arguments: Any) -> None:
    """The call is refused before it is sent, and the error names the field and its limit."""
    with pytest.raises(InvalidRequest, match=match) as caught:
        call(*positional, **arguments)
    assert caught.value.field == field
    assert caught.value.limit
    assert str(caught.value).startswith(f"{field}: ")
