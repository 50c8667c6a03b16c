"""One row of a table, light: a tuple of cells, and one index of names that all rows share."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, Sequence
from typing import Any, Final, cast

__all__ = ["Row", "free_name", "is_missing", "positions_of", "unique_names"]


class Row(Mapping[str, Any]):
    """A row of a CSV file, of a frame or of a cursor, read by name of column. It can not be changed.

    Its `repr` tells no value. `Row(positions, cells)` shares `positions` (name to place) with the rows of its table.
    `line` is where it begins in its file, from 1; 0 where there is no file.
    """

    __slots__ = ("cells", "line", "positions")

    def __init__(self, positions: dict[str, int], cells: tuple[Any, ...], line: int = 0) -> None:
        self.positions = positions
        self.cells = cells
        self.line = line

    def __getitem__(self, name: str) -> Any:
        return self.cells[self.positions[name]]

    def get(self, key: str, default: Any = None, /) -> Any:
        place = self.positions.get(key)
        return default if place is None else self.cells[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self.positions)

    def __len__(self) -> int:
        return len(self.cells)

    def __contains__(self, key: object) -> bool:
        return key in self.positions

    def keys(self) -> KeysView[str]:
        return self.positions.keys()

    def items(self) -> ItemsView[str, Any]:
        return dict(zip(self.positions, self.cells, strict=True)).items()

    def __eq__(self, other: object) -> bool:
        if type(other) is Row and other.positions is self.positions:
            return self.cells == other.cells
        return isinstance(other, Mapping) and dict(self.items()) == dict(cast("Mapping[str, Any]", other))

    __hash__ = None  # type: ignore[assignment]  # equal to a dict, hence as little hashable as one

    def __repr__(self) -> str:
        return f"<Row of {len(self.cells)} columns>"


_MISSING: Final = frozenset({"NAType", "NaTType"})


def is_missing(value: object) -> bool:
    """Whether a value stands for none: `None`, NaN, and the NA and NaT of pandas."""
    return value is None or type(value).__name__ in _MISSING or (isinstance(value, float) and value != value)  # noqa: PLR0124


def positions_of(header: Sequence[str]) -> dict[str, int]:
    """Where each column stands; the names must differ."""
    return {name: place for place, name in enumerate(header)}


def free_name(name: str, taken: Mapping[str, Any] | set[str]) -> str:
    """`name`, or `name_2`, `name_3`, ...: the first that is not taken."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name or 'column'}_{number}"
    return found


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names, the second `name` called `name_2` and so on, never like another column of the table."""
    given, taken = set(names), set[str]()
    found: list[str] = []
    for name in names:
        chosen = name if name not in taken else free_name(name, given | taken)
        taken.add(chosen)
        found.append(chosen)
    return tuple(found)
