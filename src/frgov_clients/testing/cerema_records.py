"""The records that a fake of the Cerema holds: they may change while it answers, and are written only once."""

from __future__ import annotations

import bisect
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

__all__ = ["Slice", "Table", "written"]

_COMPACT: Final = (",", ":")


def written(value: Any) -> bytes:
    """As the service writes JSON."""
    return json.dumps(value, ensure_ascii=False, separators=_COMPACT).encode()


class Slice(NamedTuple):
    """Some records of a list, written, and how many the whole list has."""

    total: int
    records: list[bytes]


class Table:
    """The records of one kind in the order of their numbers, as the portal lists them. Thread-safe.

    Args:
        key: the field with a record's number.
        records: as they are sent.
        index: a field that may be asked for.
        exact: it is asked for as it is written; otherwise upper and lower case are the same.
    """

    def __init__(
        self, key: str, records: Iterable[Mapping[str, Any]] = (), *, index: str = "", exact: bool = False
    ) -> None:
        self._key = key
        self._index = index
        self._folded: Callable[[str], str] = str if exact else str.casefold
        self._lock = threading.RLock()
        self._ids: list[int] = []
        self._records: dict[int, dict[str, Any]] = {}
        self._written: dict[int, bytes] = {}
        self._by_text: dict[str, list[int]] = {}
        for record in records:
            self.add(record)

    def add(self, record: Mapping[str, Any]) -> None:
        """Take a record up. Raises `ValueError` when its number is there already."""
        number = record[self._key]
        with self._lock:
            if number in self._records:
                raise ValueError(f"there is a record with this {self._key} already")
            bisect.insort(self._ids, number)
            self._put(number, dict(record))

    def remove(self, number: int) -> None:
        """Take a record away. Raises `KeyError` when there is none of that number."""
        with self._lock:
            self._forget(number)
            del self._ids[bisect.bisect_left(self._ids, number)]

    def change(self, number: int, **fields: Any) -> None:
        """Give a record other values. Raises `KeyError` when there is none of that number."""
        if fields.get(self._key, number) != number:
            raise ValueError("a record keeps its number")
        with self._lock:
            self._put(number, {**self._forget(number), **fields})

    def get(self, number: int | None) -> dict[str, Any] | None:
        """The record of that number."""
        with self._lock:
            found = self._records.get(number) if number is not None else None
            return None if found is None else dict(found)

    def get_written(self, number: int) -> bytes | None:
        """The record of that number, as it is sent."""
        with self._lock:
            return self._written.get(number)

    def slice(self, start: int, stop: int, text: str | None = None) -> Slice:
        """Records in their order, by their places in the list; with `text`, in the list of those that have it."""
        with self._lock:
            ids = self._ids if text is None else self._by_text.get(self._folded(text), [])
            return Slice(len(ids), [self._written[number] for number in ids[start:stop]])

    def having(self, text: str) -> list[dict[str, Any]]:
        """The records that have this text in the field that may be asked for."""
        with self._lock:
            return [dict(self._records[number]) for number in self._by_text.get(self._folded(text), [])]

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, number: object) -> bool:
        return number in self._records

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with self._lock:
            return iter([dict(self._records[number]) for number in self._ids])

    def _put(self, number: int, record: dict[str, Any]) -> None:
        self._records[number] = record
        self._written[number] = written(record)
        if self._index:
            bisect.insort(self._by_text.setdefault(self._folded(str(record[self._index])), []), number)

    def _forget(self, number: int) -> dict[str, Any]:
        record = self._records.pop(number)
        del self._written[number]
        if self._index:
            text = self._folded(str(record[self._index]))
            self._by_text[text].remove(number)
            if not self._by_text[text]:
                del self._by_text[text]
        return record
