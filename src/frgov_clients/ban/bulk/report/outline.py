"""The outline of France under the points of the map; `OUTLINE.txt` tells where it comes from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Final, NamedTuple

__all__ = ["OUTLINE_PRECISION", "Line", "outline"]

OUTLINE_PRECISION: Final = 0.005
"""Degrees that the lines may be off, about 500 m."""


class Line(NamedTuple):
    """A coast or frontier, which is closed, or a border between two départements."""

    closed: bool
    lons: list[float]
    lats: list[float]


@cache
def outline() -> tuple[Line, ...]:
    """All lines of all territories, read once."""
    text = files("frgov_clients.ban.bulk.report").joinpath("outline.txt").read_text("ascii")
    return tuple(map(_line, text.splitlines()))


def _line(text: str) -> Line:
    steps = [tuple(map(int, step.split(","))) for step in text[1:].split(" ")]
    lons, lats = ([round(place / 1000, 3) for place in accumulate(axis)] for axis in zip(*steps, strict=True))
    return Line(text[0] == "o", lons, lats)
