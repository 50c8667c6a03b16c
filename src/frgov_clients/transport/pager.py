"""Lists in pages, as iterables that can be walked again and again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

from ..errors import IncompleteResult
from .operation import Operation, Page

__all__ = ["AsyncPager", "Pager"]

T = TypeVar("T")


def _next(operation: Operation[Page[T]], page: Page[T], seen: set[Operation[Page[T]]]) -> Operation[Page[T]] | None:
    following = page.next
    if following is None:
        return None
    seen.add(operation)
    if following in seen:
        name = operation.name
        msg = "the service's pages go round in a circle: the list would never end"
        raise IncompleteResult(msg, service=name.partition(".")[0], operation=name, result=page)
    return following


@dataclass(frozen=True, slots=True)
class Pager(Generic[T]):
    """`for item in client.list_x(...)`; walking again asks again."""

    _first: Operation[Page[T]] = field(repr=False)
    _fetch: Callable[[Operation[Any]], Any] = field(repr=False)

    def pages(self) -> Iterator[Page[T]]:
        """Page by page, with what the service says of the total."""
        operation: Operation[Page[T]] | None = self._first
        seen: set[Operation[Page[T]]] = set()
        while operation is not None:
            page: Page[T] = self._fetch(operation)
            yield page
            operation = _next(operation, page, seen)

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def first(self) -> T | None:
        """The first item, or `None` when the list is empty."""
        return next(iter(self), None)

    def all(self, *, max_items: int | None = None) -> list[T]:
        """Every item in a list.

        Raises:
            IncompleteResult: there are more than `max_items`; `result` holds those read.
        """
        items: list[T] = []
        for item in self:
            _room(items, max_items, self._first.name)
            items.append(item)
        return items


@dataclass(frozen=True, slots=True)
class AsyncPager(Generic[T]):
    """`async for item in client.list_x(...)`; walking again asks again."""

    _first: Operation[Page[T]] = field(repr=False)
    _fetch: Callable[[Operation[Any]], Awaitable[Any]] = field(repr=False)

    def pages(self) -> AsyncIterator[Page[T]]:
        """Page by page, with what the service says of the total."""
        return _Pages(self._first, self._fetch)

    def __aiter__(self) -> AsyncIterator[T]:
        return _Items(self.pages())

    async def first(self) -> T | None:
        """The first item, or `None` when the list is empty."""
        async for item in self:
            return item
        return None

    async def all(self, *, max_items: int | None = None) -> list[T]:
        """Every item in a list.

        Raises:
            IncompleteResult: there are more than `max_items`; `result` holds those read.
        """
        items: list[T] = []
        async for item in self:
            _room(items, max_items, self._first.name)
            items.append(item)
        return items


class _Pages(Generic[T]):
    """A walk. Not an async generator: one that is left before its end waits for the loop to clean up after it."""

    def __init__(self, first: Operation[Page[T]], fetch: Callable[[Operation[Any]], Awaitable[Any]]) -> None:
        self._operation: Operation[Page[T]] | None = first
        self._fetch = fetch
        self._seen: set[Operation[Page[T]]] = set()
        self._page: Page[T] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        operation, before = self._operation, self._page
        if operation is not None and before is not None:
            operation = self._operation = _next(operation, before, self._seen)
        if operation is None:
            raise StopAsyncIteration
        page: Page[T] = await self._fetch(operation)
        self._page = page
        return page


class _Items(Generic[T]):
    """The items of a walk."""

    def __init__(self, pages: AsyncIterator[Page[T]]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).items)


def _room(items: list[Any], max_items: int | None, operation: str) -> None:
    if max_items is not None and len(items) >= max_items:
        msg = f"the list has more than max_items={max_items} entries; walk it with a loop, or allow more"
        raise IncompleteResult(msg, service=operation.partition(".")[0], operation=operation, result=items)
