"""What may be given as the rows of a run, for type checkers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import IO, Any, Protocol, TypeAlias

__all__ = ["Cursor", "Frame", "GivenRows"]


class Frame(Protocol):
    """A data frame of pandas, polars or another library that narwhals knows."""

    @property
    def columns(self) -> Any: ...
    @property
    def shape(self) -> tuple[int, int]: ...


class Cursor(Protocol):
    """A database cursor after its query (PEP 249)."""

    @property
    def description(self) -> Any: ...
    def fetchmany(self, size: int = ..., /) -> Sequence[Any]: ...


GivenRows: TypeAlias = (
    Iterable[Mapping[str, Any] | tuple[Any, ...]]
    | AsyncIterable[Mapping[str, Any] | tuple[Any, ...]]
    | str
    | os.PathLike[str]
    | bytes
    | IO[bytes]
    | Frame
    | Cursor
)
"""Mappings or tuples (a stream of them, sync or async), a CSV file, a frame, or a cursor."""
