"""Lists in numbered pages, as both services of the Cerema give them (Django REST framework).

`next` is never followed as given: it says http where the service is https, names other hosts, and comes back from
redirects with a `#` or `%23` in it. Only the number of the page is taken from it; the request is made anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import urlsplit

from ..errors import InvalidResponse
from ..transport.answers import json_model
from ..transport.operation import Decoder, Operation, Page, Reply
from ..transport.records import Record

__all__ = ["Collection", "Envelope", "Listing", "page_reader"]

T = TypeVar("T")
E = TypeVar("E", bound="Pageful")
_PAGE: Final = re.compile(r"[?&]page=([0-9]{1,9})(?=$|[&#]|%23)")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page must know of the question to be read."""

    host: str
    """Of the base URL: no page lies elsewhere."""
    page: int = 1
    wanted: Hashable = None
    """What the list was asked for, where its entries are held against it."""


class Pageful(Record):
    """What every page says of the whole list."""

    count: int
    """Entries of the whole list. A page without it is none: an answer that lost it would pass for an empty list."""
    next: str | None = None
    previous: str | None = None


class Envelope(Pageful, Generic[T]):
    """One page."""

    results: list[T]


class Collection(Pageful, Generic[T]):
    """One page of a list with geometries: a GeoJSON collection that tells of the whole list too."""

    type: Literal["FeatureCollection"]
    features: list[T]


def page_reader(
    load: Callable[[], type[E]],
    entries: Callable[[E], Sequence[T]],
    key: Callable[[T], Hashable] | None,
    wanted: Callable[[T, Any], bool] | None = None,
) -> Decoder[Page[T]]:
    """The decoder of a page: its entries, what tells them apart, and which of them are what was asked for."""
    read: Callable[[Reply, Any], E] = json_model(load)

    def decode(reply: Reply, operation: Operation[Page[T]]) -> Page[T]:
        envelope: E = read(reply, operation)
        listing: Listing = operation.context
        items = list(entries(envelope))
        return Page(
            items=items if wanted is None else [item for item in items if wanted(item, listing.wanted)],
            next=_following(envelope.next, operation, listing),
            total=envelope.count,
            total_is="exact",
            keys=None if key is None else tuple(map(key, items)),
        )

    return decode


def _following(link: str | None, operation: Operation[Page[T]], listing: Listing) -> Operation[Page[T]] | None:
    """The request for the page that `link` means."""
    if not link:
        return None
    try:
        host = urlsplit(link).hostname
    except ValueError:
        raise InvalidResponse("the link to the next page is no URL") from None
    if host is not None and host != listing.host:
        raise InvalidResponse("the link to the next page names another host than `base_url`: nothing is sent there")
    numbers = {int(number) for number in _PAGE.findall(link)}
    if numbers != {listing.page + 1}:
        raise InvalidResponse("the link to the next page does not name the page after this one")
    number = listing.page + 1
    params = (*(pair for pair in operation.params if pair[0] != "page"), ("page", str(number)))
    return operation._replace(params=params, context=Listing(listing.host, number, listing.wanted))
