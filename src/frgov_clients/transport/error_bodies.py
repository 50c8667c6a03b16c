"""What the readers of error bodies have in common: JSON, HTML pages of proxies, plain text. Never raises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from .service import ServiceError

__all__ = ["LONGEST_TEXT", "MOST_DETAILS", "read_body", "words"]

LONGEST_BODY: Final = 65_536
LONGEST_TEXT: Final = 500
MOST_DETAILS: Final = 50
_HIDDEN: Final = re.compile(r"(?is)<(script|style|head)\b.*?(</\1\s*>|\Z)")
_TITLE: Final = re.compile(r"(?is)<title[^>]*>([^<]{1,500})")
_TAG: Final = re.compile(r"<[^<>]{0,500}>")


def read_body(headers: Mapping[str, str], body: bytes, from_json: Callable[[Any], ServiceError]) -> ServiceError:
    """What an error body says; `from_json` knows the shape that the service gives its own."""
    text = body[:LONGEST_BODY].decode("utf-8", "replace").strip()
    if not text:
        return ServiceError()
    if text[0] in "{[":
        try:
            return from_json(json.loads(text))
        except (ValueError, RecursionError):
            pass  # cut, or only looks like JSON: read it as text
    if text[0] == "<" or "html" in headers.get("content-type", ""):
        return _from_html(text)
    return ServiceError(message=text[:LONGEST_TEXT], body=text[:LONGEST_TEXT])


def words(value: Any) -> str | None:
    """A value of the JSON as a text that can be logged; `None` when it says nothing."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()  # half of a surrogate pair could not be logged


def _from_html(text: str) -> ServiceError:
    title = _TITLE.search(text)
    shown = " ".join(_TAG.sub(" ", _HIDDEN.sub(" ", text)).split())[:LONGEST_TEXT]
    heading = " ".join(title[1].split()) if title else ""
    return ServiceError(
        message=f"an HTML page ({heading})" if heading else "an HTML page",
        details=(shown,) if shown else (),
        body=text[:LONGEST_TEXT],
    )
