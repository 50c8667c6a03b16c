"""The links between the pages of a list, right or broken as the Cerema's and others' are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlencode

__all__ = ["LinkForm", "Place", "next_link", "previous_link"]

LinkForm: TypeAlias = Literal[
    "http",  # as it was recorded, of a service that is itself reached by https
    "https",
    "hash",  # "#" before the question mark, as after a redirect
    "percent",  # "%23" there
    "hash-bare",  # and without the slash
    "percent-bare",
    "relative",  # without scheme and host
    "query",  # nothing but the parameters
    "host",  # names another host
    "port",  # names another port of the same
    "loop",  # the page itself
    "skip",  # the page after the next
    "none",  # null although there is a next page
    "more",  # a next page although there is none
    "garbage",  # no URL
]
"""How `next` is written."""


class Place(NamedTuple):
    """Where a page lies."""

    host: str
    path: str
    """With its slash."""
    query: Mapping[str, str]
    page: int


def _link(place: Place, page: int, *, scheme: str = "http", host: str | None = None, mark: str = "/?") -> str:
    return f"{scheme}://{host or place.host}{place.path.rstrip('/')}{mark}{_parameters(place, page)}"


def _parameters(place: Place, page: int) -> str:
    return urlencode(sorted({**place.query, "page": str(page)}.items()))


_FORMS: Final[Mapping[LinkForm, Callable[[Place], str | None]]] = {
    "http": lambda place: _link(place, place.page + 1),
    "https": lambda place: _link(place, place.page + 1, scheme="https"),
    "hash": lambda place: _link(place, place.page + 1, mark="/#?"),
    "percent": lambda place: _link(place, place.page + 1, mark="/%23?"),
    "hash-bare": lambda place: _link(place, place.page + 1, mark="#?"),
    "percent-bare": lambda place: _link(place, place.page + 1, mark="%23?"),
    "relative": lambda place: f"{place.path}?{_parameters(place, place.page + 1)}",
    "query": lambda place: f"?{_parameters(place, place.page + 1)}",
    "host": lambda place: _link(place, place.page + 1, host="portail.example.org"),
    "port": lambda place: _link(place, place.page + 1, host=f"{place.host.partition(':')[0]}:9"),
    "loop": lambda place: _link(place, place.page),
    "skip": lambda place: _link(place, place.page + 2),
    "none": lambda _: None,
    "more": lambda place: _link(place, place.page + 1),
    "garbage": lambda _: "http://[?page",
}


def next_link(place: Place, form: LinkForm, *, more: bool) -> str | None:
    """The link after this page; `more` says whether there is a page to link to."""
    return _FORMS[form](place) if more or form == "more" else None


def previous_link(place: Place) -> str | None:
    """The link before this page; that of the first page has no number."""
    if place.page <= 1:
        return None
    if place.page > 2:
        return _link(place, place.page - 1)
    left = urlencode(sorted((name, value) for name, value in place.query.items() if name != "page"))
    return f"http://{place.host}{place.path}{'?' if left else ''}{left}"
