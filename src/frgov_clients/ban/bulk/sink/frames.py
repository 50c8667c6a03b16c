"""Results as a frame: the caller's columns, then those of the result with their proper types."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from ....errors import ConfigurationError, InvalidRequest
from ..model import Geocoded, KindName
from ..source.row import free_name
from .cells import cell_text, checked_names, result_columns, values_of

__all__ = ["to_pandas", "to_polars"]

_ABSENT: Final = None


def to_pandas(
    results: Iterable[Geocoded],
    frame: Any = None,
    *,
    prefix: str = "ban_",
    kind: KindName = "search",
    notes: Counter[str] | None = None,
) -> Any:
    """A pandas frame: texts as `string` (missing ones NA), numbers as `float64` (NaN).

    With the `frame` that was geocoded its columns, types and index stay as they are. Without it the columns are made
    of the rows; one that only a later row has and that is called as a column of the result gets a number, and is
    counted in `notes`. Raises `InvalidRequest` when there is not one result for each row of the frame, in its order,
    and when a column of the result is there already; `ConfigurationError` without pandas.
    """
    pandas = _library_for("pandas", frame)
    user, found = _collected(results, prefix, kind, notes, rows=frame is None)
    _check_count(found, frame)
    index = None if frame is None else frame.index
    names = checked_names([str(name) for name in (user if frame is None else frame.columns)], prefix, kind)
    added = {
        name: pandas.array(values, dtype="string")
        if column.type == "text"
        else pandas.array([float("nan") if value is None else value for value in values], dtype="float64")
        for name, column, values in zip(names, result_columns(kind), found, strict=True)
    }
    own = pandas.DataFrame(user, index=pandas.RangeIndex(len(found[0]))) if frame is None else frame
    return pandas.concat([own, pandas.DataFrame(added, index=own.index if index is None else index)], axis=1)


def to_polars(
    results: Iterable[Geocoded],
    frame: Any = None,
    *,
    prefix: str = "ban_",
    kind: KindName = "search",
    notes: Counter[str] | None = None,
) -> Any:
    """A polars frame: texts as `String`, numbers as `Float64`, missing ones null.

    With the `frame` that was geocoded its columns and types stay as they are. Without it the columns are made of the
    rows; one with values of several types becomes text. Raises as `to_pandas` does.
    """
    polars = _library_for("polars", frame)
    user, found = _collected(results, prefix, kind, notes, rows=frame is None)
    _check_count(found, frame)
    own = polars.DataFrame([_series(polars, name, values) for name, values in user.items()]) if frame is None else frame
    names = checked_names(own.columns, prefix, kind)
    types = {"text": polars.String, "number": polars.Float64}
    added = [
        polars.Series(name, values, dtype=types[column.type])
        for name, column, values in zip(names, result_columns(kind), found, strict=True)
    ]
    return own.hstack(added) if own.width else polars.DataFrame(added)


def _collected(
    results: Iterable[Geocoded], prefix: str, kind: KindName, notes: Counter[str] | None, *, rows: bool
) -> tuple[dict[str, list[Any]], list[list[Any]]]:
    """The caller's columns by name, when they are wanted, and the values of each column of the result."""
    user: dict[str, list[Any]] = {}
    found: list[list[Any]] = [[] for _ in result_columns(kind)]
    late: set[str] = set()
    for count, result in enumerate(results):
        if not rows and result.position != count:
            raise InvalidRequest.of("results", "one for each row of the frame, in its order")
        if rows:
            for name in [name for name in result.row if name not in user]:
                user[name] = [_ABSENT] * count
                if count:
                    late.add(name)
            for name, values in user.items():
                values.append(result.row.get(name, _ABSENT))
        for values, value in zip(found, values_of(result, kind), strict=True):
            values.append(None if value == "" else value)
    own = {prefix + column.name for column in result_columns(kind)}
    for name in late & own:
        values = user.pop(name)
        user[free_name(name, {*user, *own})] = values
        if notes is not None:
            notes["key_renamed"] += sum(value is not _ABSENT for value in values)
    return user, found


def _check_count(found: list[list[Any]], frame: Any) -> None:
    if frame is not None and len(frame) != len(found[0]):
        limit = f"one for each row of the frame: {len(found[0])} for {len(frame)}"
        raise InvalidRequest.of("results", limit)


def _series(polars: Any, name: str, values: list[Any]) -> Any:
    try:
        return polars.Series(name, values, strict=True)
    except (TypeError, polars.exceptions.PolarsError):
        texts = [None if value is None else cell_text(value) for value in values]
        return polars.Series(name, texts, dtype=polars.String)


def _library_for(name: str, frame: Any) -> Any:
    """The library, which made the frame, if one is given."""
    try:
        library: Any = importlib.import_module(name)
    except ImportError:
        raise ConfigurationError(f'This needs {name}: pip install "frgov-clients[{name}]"') from None
    if frame is not None and not isinstance(frame, library.DataFrame):
        raise InvalidRequest.of("frame", f"a {name} frame that holds its rows")
    return library
