"""One walk through a list in pages: which page comes next, and whether what came is the whole list."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from ..errors import IncompleteResult
from .effects import Flow
from .operation import Operation, Page, Parts

__all__ = ["PartsWalk", "Walk", "collected", "incomplete", "walk_of"]

T = TypeVar("T")


class Walk(Generic[T]):
    """Page after page; `next` says what to ask, `take` checks what came before anybody sees it."""

    def __init__(self, first: Operation[Page[T]]) -> None:
        self._asked: Operation[Page[T]] = first
        self._next: Operation[Page[T]] | None = first
        self._walked: set[Operation[Page[T]]] = set()
        self._keys: set[Hashable] = set()
        self._came = 0
        self._total: int | None = None

    def next(self) -> Operation[Page[T]] | None:
        """The page to ask for; `None` after the last.

        Raises:
            IncompleteResult: the pages go round in a circle.
        """
        following = self._next
        if following is not None:
            if following in self._walked:
                raise incomplete(following.name, "the service's pages go round in a circle: the list would never end")
            self._walked.add(following)
            self._asked = following
        return following

    def take(self, page: Page[T]) -> Page[T]:
        """The page as it came.

        Raises:
            IncompleteResult: it does not fit those before it, or the list ends before its end. `result` is the page,
                unless it speaks of persons.
        """
        spec = self._asked.spec
        name, came = spec.name, None if spec.personal else page  # an error is kept, pickled and sent on
        if page.total_is == "exact":
            if self._total not in {None, page.total}:
                text = f"the list changed while it was read: {self._total} entries at first, now {page.total}"
                raise incomplete(name, f"{text}. Read it again", came, retryable=True)
            self._total = page.total
        if page.keys is not None:
            before = len(self._keys)
            self._keys.update(page.keys)
            if len(self._keys) != before + len(page.keys):
                text = "an entry came twice, so another may be missing: the list changed while it was read, or has no"
                raise incomplete(name, f"{text} fixed order. Read it again", came, retryable=True)
        self._came += len(page.items if page.keys is None else page.keys)
        self._next = page.next
        if self._total is not None and (self._came > self._total or (page.next is None and self._came < self._total)):
            raise incomplete(name, f"the service tells of {self._total} entries, and gave {self._came}", came)
        return page


class PartsWalk(Generic[T]):
    """One walk through all parts of a list: `next` and `take` as those of a walk through one."""

    def __init__(self, parts: Parts[T]) -> None:
        self._rest = iter(parts.firsts)
        self._walk: Walk[T] | None = None
        self._earlier: set[Hashable] = set()
        """The keys of all parts before this one."""
        self._here: set[Hashable] = set()

    def next(self) -> Operation[Page[T]] | None:
        """The page to ask for; `None` after the last one of the last part."""
        while True:
            following = None if self._walk is None else self._walk.next()
            if following is not None:
                return following
            first = next(self._rest, None)
            if first is None:
                return None
            self._walk = Walk(first)
            self._earlier |= self._here
            self._here = set()

    def take(self, page: Page[T]) -> Page[T]:
        """The page without what an earlier part had. The total of the whole list is not known: parts overlap.

        Raises:
            IncompleteResult: the part is not whole.
        """
        assert self._walk is not None, "a page that nobody asked for"
        page = self._walk.take(page)
        items, keys = page.items, page.keys
        if keys is not None:
            self._here.update(keys)
            kept = [pair for pair in zip(items, keys, strict=True) if pair[1] not in self._earlier]
            items, keys = [item for item, _ in kept], tuple(key for _, key in kept)
        return replace(page, items=items, keys=keys, total=None, total_is="unknown")


def walk_of(asked: Operation[Page[T]] | Parts[T]) -> Walk[T] | PartsWalk[T]:
    """A walk through a list, or through the parts of one."""
    if isinstance(asked, Operation):
        return Walk(asked)
    return Walk(asked.firsts[0]) if len(asked.firsts) == 1 else PartsWalk(asked)


def collected(call: Callable[[Operation[Page[T]]], Flow[Page[T]]], first: Operation[Page[T]]) -> Flow[list[T]]:
    """All items of a list, inside a flow."""
    walk, items = Walk(first), list[T]()
    while (operation := walk.next()) is not None:
        items += walk.take((yield from call(operation))).items
    return items


def incomplete(operation: str, text: str, result: Any = None, *, retryable: bool = False) -> IncompleteResult:
    """The error of a list that is not whole."""
    service = operation.partition(".")[0]
    return IncompleteResult(text, service=service, operation=operation, result=result, retryable=retryable)
