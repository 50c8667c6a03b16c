"""Several pages of one list at once: whole, in order, or told that they are not."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frgov_clients.cerema.pages import Listing
from frgov_clients.cerema.snapshot.listwalk import MOST_ROUNDS, ListWalk, Resumed
from frgov_clients.errors import IncompleteResult
from frgov_clients.transport.operation import Operation, Page


def page(ids: list[int], number: int, length: int) -> Page[int]:
    """Page `number` of a list, as the service gives it."""
    here = ids[(number - 1) * length : number * length]
    more = number * length < len(ids)
    following: Any = Operation(None, context=Listing("h", number + 1)) if more else None  # type: ignore[arg-type]
    return Page(here, following, len(ids), "exact", tuple(here))


def walked(walk: ListWalk[int], ids: list[int], length: int, pick: random.Random, most: int = 10_000) -> list[int]:
    """Walk to the end with answers in any order; what was handed out since the list was last begun."""
    out: list[int] = []
    asked: list[tuple[int, int]] = []
    for _ in range(most):
        while (ticket := walk.ask()) is not None:
            asked.append(ticket)
        if not asked:
            break
        ticket = asked.pop(pick.randrange(len(asked)))
        for number, _ in walk.came(ticket, page(ids, ticket[1], length), 0):
            if number == 1:
                out.clear()
            out += page(ids, number, length).items
    return out


@given(st.integers(0, 60), st.integers(1, 9), st.integers(1, 8), st.randoms(use_true_random=False))
def test_every_page_once_and_in_order_whatever_the_order_of_the_answers(
    count: int, length: int, window: int, pick: random.Random
) -> None:
    ids = list(range(100, 100 + count))
    walk = ListWalk[int]("users", window)
    assert walked(walk, ids, length, pick) == ids
    assert walk.over
    assert walk.failure is None
    assert (len(walk.ids), walk.count) == (count, count)
    assert walk.ask() is None


@given(st.integers(1, 60), st.integers(1, 9), st.randoms(use_true_random=False), st.data())
def test_it_goes_on_where_another_stopped(count: int, length: int, pick: random.Random, data: Any) -> None:
    ids = list(range(count))
    pages = data.draw(st.integers(0, -(-count // length)))
    done = ids[: pages * length]
    last = frozenset(done[(pages - 1) * length :])
    walk = ListWalk[int]("users", 4, Resumed(count, length, pages, frozenset(done), last) if pages else None)
    assert done + walked(walk, ids, length, pick) == ids
    assert len(walk.ids) == count


def test_no_more_pages_are_asked_than_may_wait() -> None:
    walk, ids = ListWalk[int]("users", 3), list(range(100))
    first = walk.ask()
    assert first == (1, 1)
    assert walk.ask() is None  # until it is known how many there are
    walk.came((1, 1), page(ids, 1, 10), 0)
    assert [walk.ask() for _ in range(4)] == [(1, 2), (1, 3), (1, 4), None]
    assert walk.came((1, 3), page(ids, 3, 10), 0) == []
    assert walk.ask() is None
    assert [number for number, _ in walk.came((1, 2), page(ids, 2, 10), 0)] == [2, 3]
    assert walk.ask() == (1, 5)


def begun(ids: list[int]) -> ListWalk[int]:
    walk = ListWalk[int]("users", 4)
    walk.ask()
    walk.came((1, 1), page(ids, 1, 10), 0)
    assert walk.ask() == (1, 2)
    return walk


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(page(list(range(41)), 2, 10), id="one was added"),
        pytest.param(page(list(range(39)), 2, 10), id="one was removed"),
        pytest.param(page(list(range(40)), 1, 10), id="the first page again"),
        pytest.param(page([*range(10), 3, *range(11, 40)], 2, 10), id="an entry twice"),
        pytest.param(Page(list(range(10, 19)), page(list(range(40)), 2, 10).next, 40, "exact", tuple(range(10, 19)))),
        pytest.param(Page(list(range(10, 20)), None, 40, "exact", tuple(range(10, 20))), id="it ends too early"),
        pytest.param(Page([], None, 40, "exact", ()), id="an empty page"),
        pytest.param(Page(list(range(10, 20)), page(list(range(40)), 2, 10).next, None, "unknown", tuple(range(10)))),
    ],
)
def test_a_list_that_changes_is_begun_anew(later: Page[int]) -> None:
    walk = begun(list(range(40)))
    assert walk.came((1, 2), later, 0) == []
    assert walk.failure is None
    assert len(walk.ids) == 0
    assert walk.ask() == (2, 1)
    assert walk.came((1, 3), page(list(range(40)), 3, 10), 0) == []  # an answer of before
    ids = list(range(41))
    assert [number for number, _ in walk.came((2, 1), page(ids, 1, 10), 0)] == [1]
    assert walked(walk, ids, 10, random.Random(0)) == ids[10:]
    assert len(walk.ids) == 41


def test_a_list_that_changes_again_and_again_is_given_up() -> None:
    walk = ListWalk[int]("users", 4)
    for turn in range(1, MOST_ROUNDS + 1):
        assert walk.ask() == (turn, 1)
        walk.came((turn, 1), page(list(range(20)), 1, 10), 0)
        assert walk.ask() == (turn, 2)
        walk.came((turn, 2), page(list(range(21)), 2, 10), 0)
    assert isinstance(walk.failure, IncompleteResult)
    assert walk.failure.retryable
    assert walk.over
    assert walk.ask() is None
    assert walk.came((MOST_ROUNDS, 3), page(list(range(20)), 3, 10), 0) == []


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(Page([], None, 50, "exact", ()), id="empty, of 50"),
        pytest.param(Page([1, 2], None, 50, "exact", (1, 2)), id="the only one, of 50"),
        pytest.param(Page([1, 2], page([1, 2, 3], 1, 2).next, 2, "exact", (1, 2)), id="more after the last"),
        pytest.param(Page([1, 1], None, 2, "exact", (1, 1)), id="twice on one page"),
    ],
)
def test_a_first_page_that_contradicts_itself_never_makes_a_whole(first: Page[int]) -> None:
    walk = ListWalk[int]("users", 4)
    while (ticket := walk.ask()) is not None:
        assert walk.came(ticket, first, 0) == []
    assert isinstance(walk.failure, IncompleteResult)


@given(st.lists(st.sampled_from(["add", "remove", "rest"]), max_size=30), st.randoms(use_true_random=False))
def test_a_service_that_changes_while_it_is_read_never_gives_one_twice(changes: list[str], pick: random.Random) -> None:
    """Records come and go between answers: what is called whole has as many as the service had, and no one twice."""
    ids, counts, fresh = list(range(30)), {30}, 1_000
    walk, out, asked = ListWalk[tuple[int, ...]]("users", 4), list[int](), list[tuple[int, int]]()
    while True:
        while (ticket := walk.ask()) is not None:
            asked.append(ticket)
        if not asked:
            break
        ticket = asked.pop(pick.randrange(len(asked)))
        here = page(ids, ticket[1], 7)
        for number, parcel in walk.came(ticket, here, tuple(here.items)):
            if number == 1:
                out.clear()
            out += parcel
        change = changes.pop() if changes else "rest"
        if change == "remove" and ids:
            ids.pop(pick.randrange(len(ids)))
        elif change == "add":
            fresh += 1
            ids.append(fresh)
        counts.add(len(ids))
    assert walk.over
    if walk.failure is None:
        assert len(out) == len(set(out)) == len(walk.ids) == walk.count
        assert walk.count in counts
