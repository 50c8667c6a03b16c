"""One list walked by several at once: which page to ask for, and whether the pages make a whole. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from ...errors import FrgovError
from ...transport.operation import Page
from ...transport.walk import incomplete

__all__ = ["ListWalk", "Resumed"]

P = TypeVar("P")
MOST_ROUNDS: Final = 3
"""How often a list that changes while it is read is begun before it is given up."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where an earlier extraction stopped."""

    count: int
    page_length: int
    pages: int
    """Pages that were read to their end."""
    ids: frozenset[int]
    last: frozenset[int] = frozenset()
    """Of the last of these pages."""


class ListWalk(Generic[P]):
    """The pages of one list. Page 1 tells how many there are; the others come in any order and leave in theirs.

    The service numbers its pages anew whenever a record is added or removed, so all pages must tell the same count,
    none but the last may be shorter than the first, and no record may come twice. Otherwise the walk begins again.
    """

    def __init__(self, name: str, window: int, resumed: Resumed | None = None) -> None:
        self._name, self._window = name, window
        self.failure: FrgovError | None = None
        self._begin(resumed)
        self._round = 1

    def _begin(self, resumed: Resumed | None) -> None:
        self.count = None if resumed is None else resumed.count
        self.page_length = 0 if resumed is None else resumed.page_length
        self.ids: set[int] = set() if resumed is None else set(resumed.ids)
        self.pages_out = 0 if resumed is None else resumed.pages
        self._asked = self.pages_out
        self._seam: frozenset[int] | None = None
        """What the last page that was read before held: asked for once more, since pages move without being counted."""
        if resumed is not None and not self.over:
            self._seam = resumed.last
            self._asked -= 1
        self._waiting: dict[int, tuple[Page[Any], P]] = {}

    # ---- what to ask --------------------------------------------------------------------------------------

    @property
    def last_page(self) -> int | None:
        """Number of the last page; `None` until the first one came."""
        if self.count is None:
            return None
        return max(1, -(-self.count // self.page_length)) if self.page_length else 1

    @property
    def over(self) -> bool:
        """Every page was handed out, or the list was given up."""
        return self.failure is not None or (self._seam is None and self.pages_out == self.last_page)

    def ask(self) -> tuple[int, int] | None:
        """The round and the number of a page to ask for now; `None` when there is none, for now or for good."""
        last = self.last_page
        most = 1 if last is None else min(last, self.pages_out + self._window)
        if self.failure is not None or self._asked >= most:
            return None
        self._asked += 1
        return self._round, self._asked

    # ---- what came ----------------------------------------------------------------------------------------

    def came(self, ticket: tuple[int, int], page: Page[Any], parcel: P) -> list[tuple[int, P]]:
        """Take a page; the parcels that can be handed out now, with the numbers of their pages."""
        turn, number = ticket
        if turn != self._round or self.failure is not None:
            return []
        if self.count is None:
            self.count, self.page_length = page.total or 0, len(page.keys or ())
        if (change := self._change(number, page)) is not None:
            return self._again(change)
        if number <= self.pages_out:
            self._seam = None
        else:
            self._waiting[number] = page, parcel
        ready: list[tuple[int, P]] = []
        # Nothing goes out before the seam is known to hold: the next extraction would take another page for it.
        while self._seam is None and (following := self._waiting.pop(self.pages_out + 1, None)) is not None:
            if not self._all_new(following[0].keys or ()):
                return self._again("an entry came twice")
            self.pages_out += 1
            ready.append((self.pages_out, following[1]))
        return ready

    def _change(self, number: int, page: Page[Any]) -> str | None:
        """Why a page does not belong to the same list as the first."""
        count, last = self.count or 0, self.last_page
        if page.total != count:
            return f"it had {count} entries at first, then {page.total}"
        here = len(page.keys or ())
        should = count - (number - 1) * self.page_length if number == last else self.page_length
        if here != should:
            return f"page {number} has {here} entries where {should} belong"
        if (page.next is None) != (number == last):
            return f"page {number} of {last} says that {'none' if page.next is None else 'another'} comes after it"
        if number <= self.pages_out and self._seam != frozenset(page.keys or ()):
            return "what was read before has moved"
        return None

    def _all_new(self, keys: Iterable[Any]) -> bool:
        for key in keys:
            if key in self.ids:
                return False
            self.ids.add(key)
        return True

    def _again(self, why: str) -> list[tuple[int, P]]:
        """Begin anew: what was handed out is worth nothing any more."""
        if self._round >= MOST_ROUNDS:
            text = f"the list changed each time it was read, {MOST_ROUNDS} times: {why}"
            self.failure = incomplete(f"cerema.{self._name}", text, retryable=True)
            return []
        self._begin(None)
        self._round += 1
        return []
