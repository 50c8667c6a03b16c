"""The rows of a frame, slice by slice: a frame of millions of rows never becomes Python objects as a whole."""

from __future__ import annotations

import importlib
from collections import Counter
from importlib.util import find_spec
from typing import Any, cast

from ....errors import ConfigurationError, InvalidRequest
from .row import Row, is_missing, positions_of, unique_names

__all__ = ["FrameRows", "check_frame"]


class FrameRows:
    """The rows of a frame that narwhals knows: a `Source`. Missing values (NaN, NaT, NA, null) are `None`.

    Numbers stay numbers, also the floats that pandas makes of codes with gaps; the index of pandas is no column.
    """

    def __init__(self, frame: Any) -> None:
        """Raises `InvalidRequest` for lazy frames and series, `ConfigurationError` without narwhals."""
        check_frame(frame)
        self._narwhals = _narwhals()
        names = [name if isinstance(name, str) else str(name) for name in cast("list[object]", list(_names(frame)))]
        self.header: tuple[str, ...] | None = unique_names(names)
        self.notes: Counter[str] = Counter()
        renamed = sum(old != new for old, new in zip(names, self.header, strict=True))
        if renamed:
            self.notes["header_renamed"] += renamed
            if hasattr(frame, "rename_columns"):  # pyarrow allows two columns of the same name, narwhals does not
                frame = frame.rename_columns(list(self.header))
        self._frame = frame if hasattr(frame, "iloc") else self._known(frame)
        self.total: int | None = len(self._frame)
        self._positions = positions_of(self.header)
        self._done = 0

    def _known(self, frame: Any) -> Any:
        try:
            return self._narwhals.from_native(frame, eager_only=True)
        except TypeError:
            raise InvalidRequest.of(
                "rows", "a frame that narwhals knows", "Those of pandas, polars, pyarrow and others"
            ) from None

    @property
    def share(self) -> float | None:
        """How much of the frame has been read, 0 to 1."""
        return self._done / self.total if self.total else 1.0

    def read(self, most: int) -> list[Row]:
        """The next rows."""
        start, positions = self._done, self._positions
        if hasattr(self._frame, "iloc"):  # named by place first: pandas allows two columns of the same name
            native = self._frame.iloc[start : start + most]
            piece = self._known(native.set_axis(self.header, axis=1))
        else:
            piece = self._frame[start : start + most]
        self._done += len(piece)
        columns = [_values(piece[:, place]) for place in range(len(positions))]
        return (
            [Row(positions, cells) for cells in zip(*columns, strict=True)] if columns else [Row({}, ())] * len(piece)
        )

    def close(self) -> None:
        """Nothing: the frame belongs to who gave it."""


def check_frame(frame: Any) -> None:
    """Tell what is wrong with a frame before narwhals, which is slow to load, looks at it. Raises as `FrameRows`."""
    if find_spec("narwhals") is None:
        raise _missing()
    if hasattr(frame, "collect") or hasattr(frame, "__narwhals_lazyframe__") or type(frame).__name__ == "LazyFrame":
        raise InvalidRequest.of("rows", "a frame that holds its rows", "Collect the lazy frame first")
    _names(frame)


def _narwhals() -> Any:
    try:
        return importlib.import_module("narwhals.stable.v1")
    except ImportError:
        raise _missing() from None


def _missing() -> ConfigurationError:
    text = 'Reading frames needs narwhals: pip install "frgov-clients[pandas]" or "frgov-clients[polars]"'
    return ConfigurationError(text)


def _names(frame: Any) -> Any:
    names = getattr(frame, "column_names", None)  # pyarrow, whose `columns` are the data
    if names is None:
        names = getattr(frame, "columns", None)
    if names is None:
        raise InvalidRequest.of("rows", "a frame, not one column of it", "`series.to_frame()` makes one")
    return names


def _values(column: Any) -> list[Any]:
    values = cast("list[Any]", column.to_list())
    if str(column.dtype).startswith("Float"):
        return [None if value is None or value != value else value for value in values]  # noqa: PLR0124 (NaN)
    return [None if type(value) is not str and is_missing(value) else value for value in values]
