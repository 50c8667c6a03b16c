# pyright: strict
"""A client that a user declares for a service of their own, with every kind of endpoint: only read by type checkers."""

from __future__ import annotations

import json
from typing import TypedDict, Unpack, assert_type

from frgov_clients.transport.client import AsyncClient, SyncClient
from frgov_clients.transport.common import CommonEndpoints
from frgov_clients.transport.effects import Flow
from frgov_clients.transport.endpoint import endpoint, flow, paginated, streamed
from frgov_clients.transport.operation import Operation, Page, Reply, Spec
from frgov_clients.transport.pager import AsyncPager, Pager
from frgov_clients.transport.raw import AsyncRawView, RawReply, RawView
from frgov_clients.transport.service import Service
from frgov_clients.transport.streams import AsyncStream, Stream


def read_page(reply: Reply, operation: Operation[Page[int]]) -> Page[int]:
    found: list[int] = json.loads(reply.content)
    return Page(found, None if not found else Operation(operation.spec, (("after", str(found[-1])),)))


def read_text(reply: Reply, operation: Operation[str]) -> str:
    return reply.content.decode()


def read_bytes(reply: Reply, operation: Operation[bytes]) -> bytes:
    return reply.content


NUMBERS: Spec[Page[int]] = Spec(name="own.numbers", method="GET", path="/numbers", decode=read_page)
WORD: Spec[str] = Spec(name="own.word", method="GET", path="/word", decode=read_text)
FILE: Spec[bytes] = Spec(name="own.file", method="GET", path="/file", decode=read_bytes, stream=True)


class Filters(TypedDict, total=False):
    colour: str


class OwnEndpoints(CommonEndpoints):
    _service = Service(
        name="own", base_urls={"default": "https://own.example.test"}, probe=Operation(WORD, (("length", "1"),))
    )

    @endpoint
    def word(self, length: int, *, upper: bool = False, **filters: Unpack[Filters]) -> Operation[str]:
        """One word."""
        return Operation(WORD, (("length", str(length)), ("upper", str(upper)), ("colour", filters.get("colour", ""))))

    @paginated
    def numbers(self, *, above: int = 0) -> Operation[Page[int]]:
        """Numbers, page by page."""
        return Operation(NUMBERS, (("above", str(above)),))

    @streamed
    def file(self, name: str) -> Operation[bytes]:
        """A file."""
        return Operation(FILE, (("name", name),))

    @flow
    def two_words(self, length: int) -> Flow[tuple[str, str]]:
        """Two words, one after the other."""
        first = yield from self.call(Operation(WORD, (("length", str(length)),)))
        second = yield from self.call(Operation(WORD, (("after", first),)))
        assert_type(second, str)
        return first, second


class OwnRaw(RawView, OwnEndpoints):
    pass


class AsyncOwnRaw(AsyncRawView, OwnEndpoints):
    pass


class OwnClient(SyncClient, OwnEndpoints):
    @property
    def raw(self) -> OwnRaw:
        return OwnRaw(self._config, self._policies, self._driver)


class AsyncOwnClient(AsyncClient, OwnEndpoints):
    @property
    def raw(self) -> AsyncOwnRaw:
        return AsyncOwnRaw(self._config, self._policies, self._driver)


def blocking(own: OwnClient) -> None:
    assert_type(own.word(3, upper=True, colour="red"), str)
    pager = own.numbers(above=3)
    assert_type(pager, Pager[int])
    for number in pager:
        assert_type(number, int)
    for page in pager.pages():
        assert_type(page.items, list[int])
        assert_type(page.total, int | None)
    assert_type(pager.first(), int | None)
    assert_type(pager.all(max_items=3), list[int])
    with own.file("a") as stream:
        assert_type(stream, Stream)
        for piece in stream:
            assert_type(piece, bytes)
    assert_type(own.two_words(3), tuple[str, str])
    assert_type(own.raw.word(3), RawReply[str])
    assert_type(own.raw.numbers(), Pager[int])


async def waiting(own: AsyncOwnClient) -> None:
    assert_type(await own.word(3, upper=True, colour="red"), str)
    pager = own.numbers(above=3)
    assert_type(pager, AsyncPager[int])
    async for number in pager:
        assert_type(number, int)
    async for page in pager.pages():
        assert_type(page.items, list[int])
    assert_type(await pager.first(), int | None)
    assert_type(await pager.all(), list[int])
    assert_type(await own.file("a"), AsyncStream)
    async with own.file("a") as stream:
        assert_type(stream, AsyncStream)
        async for piece in stream:
            assert_type(piece, bytes)
    assert_type(await own.two_words(3), tuple[str, str])
    assert_type(await own.raw.word(3), RawReply[str])
    assert_type(own.raw.numbers(), AsyncPager[int])
