"""Lists in pages, as iterables that can be walked again and again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NoReturn, Self, TypeVar

from .operation import Operation, Page, Parts
from .walk import incomplete, walk_of

__all__ = ["AsyncPager", "Pager"]

T = TypeVar("T")

_NOT_READ: Final = "a list that was not read is neither true nor false: take its `first()`, `all()`, or walk it"


@dataclass(frozen=True, slots=True, repr=False)
class Pager(Generic[T]):
    """`for item in client.list_x(...)`; walking again asks again."""

    _first: Operation[Page[T]] | Parts[T] = field(repr=False)
    _fetch: Callable[[Operation[Any]], Any] = field(repr=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._first.name}>"

    def __bool__(self) -> NoReturn:
        """Refused: `if client.list_x(...):` would be true of an empty list, which nobody has read."""
        raise TypeError(_NOT_READ)

    def pages(self) -> Iterator[Page[T]]:
        """Page by page, with what the service says of the total."""
        walk = walk_of(self._first)
        while (operation := walk.next()) is not None:
            yield walk.take(self._fetch(operation))

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


@dataclass(frozen=True, slots=True, repr=False)
class AsyncPager(Generic[T]):
    """`async for item in client.list_x(...)`; walking again asks again."""

    _first: Operation[Page[T]] | Parts[T] = field(repr=False)
    _fetch: Callable[[Operation[Any]], Awaitable[Any]] = field(repr=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._first.name}>"

    def __bool__(self) -> NoReturn:
        """Refused: `if client.list_x(...):` would be true of an empty list, which nobody has read."""
        raise TypeError(_NOT_READ)

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

    def __init__(self, first: Operation[Page[T]] | Parts[T], fetch: Callable[[Operation[Any]], Awaitable[Any]]) -> None:
        self._walk = walk_of(first)
        self._fetch = fetch

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        operation = self._walk.next()
        if operation is None:
            raise StopAsyncIteration
        return self._walk.take(await self._fetch(operation))


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
        raise incomplete(operation, msg, items)
