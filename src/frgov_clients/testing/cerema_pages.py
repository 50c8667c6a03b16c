"""Pages of lists and refusals, written as Django REST framework writes them for both services of the Cerema."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from .cerema_faults import Fault
from .cerema_links import LinkForm, Place, next_link, previous_link
from .cerema_records import Slice, written
from .faults import Received
from .http_server import Answer

__all__ = ["Refusal", "detail", "drf", "moved", "not_found_page", "page_of", "throttled"]


class Refusal(Exception):
    """The request is not answered; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def drf(status: int, content: bytes, *headers: tuple[str, str]) -> Answer:
    """An answer in JSON that is written already."""
    told = (("content-type", "application/json"), ("vary", "Accept"), ("allow", "GET, HEAD, OPTIONS"), *headers)
    return Answer(status, told, content)


def detail(status: int, words: str, *headers: tuple[str, str]) -> Answer:
    """A refusal in the usual form."""
    return drf(status, written({"detail": words}), *headers)


def throttled(seconds: float) -> Answer:
    """The refusal of one request too many."""
    wait = math.ceil(seconds)
    words = f"Request was throttled. Expected available in {wait} second{'s' if wait != 1 else ''}."
    return detail(429, words, ("retry-after", str(wait)))


def not_found_page() -> Answer:
    """What Django says of an address that it does not know: a page, and no JSON."""
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1>'
    )
    page += "<p>The requested resource was not found on this server.</p>\n</body>\n</html>\n"
    return Answer(404, (("content-type", "text/html; charset=utf-8"),), page.encode())


def moved(request: Received, path: str) -> Answer:
    """The redirect to the other form of an address, without TLS as both services are said to name themselves."""
    query = urlencode(request.query)
    target = f"http://{request.headers.get('host', '')}{path}{'?' if query else ''}{query}"
    return Answer(301, (("content-type", "text/html; charset=utf-8"), ("location", target)))


def _number(text: str | None, usual: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and int(text) > 0 else usual


def _numbers(query: Mapping[str, str], usual_size: int, most: int) -> tuple[int, int]:
    """The page and its size: an odd size is the usual one, an odd page is refused."""
    size = min(_number(query.get("page_size"), usual_size), most)
    page = _number(query.get("page", "1"), 0)
    if page == 0:
        raise Refusal(detail(404, "Invalid page."))
    return page, size


def page_of(
    request: Received,
    path: str,
    take: Callable[[int, int], Slice],
    *,
    sizes: tuple[int, int],
    link: LinkForm,
    fault: Fault,
    entries: str = "results",
    first: Mapping[str, Any] | None = None,
) -> Answer:
    """One page of a list.

    `take` gives the entries between two places; `sizes` are the usual and the largest size of a page; `path` is how
    links name the list; `entries` is the name of the field that holds them, `first` are fields before all others.
    Raises `Refusal` beyond the last page.
    """
    page, size = _numbers(request.query, *sizes)
    shown = fault.entries_of or page
    total, found = take((shown - 1) * size, shown * size)
    if page > max(1, -(-total // size)):
        raise Refusal(detail(404, "Invalid page."))
    found = found[: max(0, len(found) - fault.without)]
    place = Place(request.headers.get("host", ""), path, request.query, page)
    head = {
        **(first or {}),
        "count": total if fault.count is None else fault.count,
        "next": next_link(place, fault.next or link, more=page * size < total),
        "previous": previous_link(place),
    }
    opening = written(head)[:-1] + f',"{entries}":['.encode()
    return drf(200, opening + b",".join(found) + b"]}")
