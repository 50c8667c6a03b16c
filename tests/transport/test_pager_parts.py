"""Lists that come in several parts: each whole, together without what comes twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from frgov_clients.errors import IncompleteResult
from frgov_clients.transport.operation import Operation, Page, Parts, Reply, Spec
from frgov_clients.transport.walk import PartsWalk, walk_of


def read(reply: Reply, operation: Operation[Page[int]]) -> Page[int]:
    raise AssertionError("nothing is sent")


SPEC: Spec[Page[int]] = Spec(name="probe.list", method="GET", path="/list", decode=read)


def first(part: str, page: int = 1) -> Operation[Page[int]]:
    return Operation(SPEC, (("part", part), ("page", str(page))))


def page(*items: int, total: int, following: Operation[Page[int]] | None = None, keyed: bool = True) -> Page[int]:
    return Page(list(items), following, total, "exact", keys=items if keyed else None)


def walked(parts: Parts[int], answers: dict[str, Page[int]]) -> list[list[int]]:
    walk, seen = walk_of(parts), []
    while (operation := walk.next()) is not None:
        seen.append(walk.take(answers[json.dumps(dict(operation.params))]).items)
    return seen


def at(part: str, number: int = 1) -> str:
    return json.dumps({"part": part, "page": str(number)})


PARTS = Parts((first("a"), first("b"), first("c")))


def test_what_an_earlier_part_had_is_left_out() -> None:
    answers = {
        at("a"): page(1, 2, total=3, following=first("a", 2)),
        at("a", 2): page(3, total=3),
        at("b"): page(3, 4, total=2),
        at("c"): page(4, 1, 5, total=3),
    }
    assert walked(PARTS, answers) == [[1, 2], [3], [4], [5]]


def test_without_keys_everything_is_kept() -> None:
    answers = {at(part): page(1, total=1, keyed=False) for part in "abc"}
    assert walked(PARTS, answers) == [[1], [1], [1]]


def test_the_total_of_parts_is_not_known_and_that_of_one_is() -> None:
    walk: Any = walk_of(PARTS)
    walk.next()
    taken = walk.take(page(1, total=1))
    assert (taken.total, taken.total_is) == (None, "unknown")
    alone: Any = walk_of(Parts((first("a"),)))
    assert not isinstance(alone, PartsWalk)
    alone.next()
    assert alone.take(page(1, total=1)).total == 1


@pytest.mark.parametrize(
    "bad",
    [
        page(3, total=2),  # fewer than told
        page(3, 3, total=2),  # twice in the same part
        page(3, 4, total=1),  # more than told
    ],
)
def test_each_part_must_be_whole(bad: Page[int]) -> None:
    answers = {at("a"): page(1, 2, total=2), at("b"): bad, at("c"): page(total=0)}
    with pytest.raises(IncompleteResult) as caught:
        walked(PARTS, answers)
    assert caught.value.operation == PARTS.name == "probe.list"
