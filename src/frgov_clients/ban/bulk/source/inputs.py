"""An input is looked at when a run is made, and opened when the run begins: only then may it take time."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from functools import partial
from typing import Any, Final, NamedTuple, cast

from ....errors import InvalidRequest
from .streams import CursorRows, IterableRows, Source, check_cursor

__all__ = ["Input", "look_at", "open_source"]

_KINDS: Final = "a CSV file, a frame, a database cursor, or an iterable of mappings"


class Input(NamedTuple):
    """What is known of an input that is not open yet."""

    open: Callable[[], Source]
    """Raises `InvalidRequest` for what holds no rows, `OSError` for a file that can not be read."""
    ours: bool
    """Whether the reading is our own, in any thread: that of files and frames is, of cursors and generators not."""
    stays: bool
    """Whether reading leaves it as it was: not so for pipes, open files, cursors, and iterables without length, of
    which one may be begun again and yet give its rows once."""
    total: int | None
    """Rows in all, where it tells."""


def open_source(
    rows: object,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: Sequence[str] | None = None,
) -> Source:
    """Open an input. `delimiter` and `encoding` are for CSV, and found when `None`.

    `header` names the columns of rows that are sequences, or of a CSV file whose first line is data already.
    Raises `InvalidRequest` for what is no input, `OSError` for a file that can not be read.
    """
    return look_at(rows, delimiter=delimiter, encoding=encoding, header=header).open()


def look_at(
    rows: object,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: Sequence[str] | None = None,
) -> Input:
    """Tell what is wrong with an input as far as that shows without opening it: `open_source` has the arguments."""
    if isinstance(rows, str | bytes | bytearray | memoryview | os.PathLike | io.IOBase) or _can(rows, "readline"):
        return _csv_file(rows, delimiter, encoding, header)
    if delimiter is not None or encoding is not None:
        raise InvalidRequest.of("rows", "a CSV file where `delimiter` or `encoding` is given")
    if _can(rows, "fetchmany") and hasattr(rows, "description"):
        check_cursor(rows)
        return Input(partial(CursorRows, rows), ours=False, stays=False, total=None)
    if _is_frame(rows):
        from .frame_rows import FrameRows, check_frame

        check_frame(rows)
        return Input(partial(FrameRows, rows), ours=True, stays=True, total=_length(rows))
    if isinstance(rows, Mapping) or not isinstance(rows, Iterable):
        hint = "This is one row: put it into a list" if isinstance(rows, Mapping) else ""
        raise InvalidRequest.of("rows", _KINDS, hint)
    given = cast("Iterable[object]", rows)
    total = None if isinstance(given, Iterator) else _length(given)
    return Input(partial(IterableRows, given, header), ours=False, stays=total is not None, total=total)


def _csv_file(rows: Any, delimiter: str | None, encoding: str | None, header: Sequence[str] | None) -> Input:
    from .csv_rows import CsvRows
    from .csv_sniff import check_delimiter
    from .csv_text import check_encoding, checked_path

    if delimiter is not None:
        check_delimiter(delimiter)
    if encoding is not None:
        check_encoding(encoding)
    stays = not _can(rows, "readline")
    if isinstance(rows, str | os.PathLike):
        stays = _is_ordinary(checked_path(os.fspath(cast("str | os.PathLike[str]", rows))))
    opens = partial(CsvRows, rows, delimiter=delimiter, encoding=encoding, header=header)
    return Input(opens, ours=True, stays=stays, total=None)


def _is_ordinary(path: str) -> bool:
    """Whether a path is a file rather than a pipe. Raises the `OSError` that opening it is known to raise."""
    mode = os.stat(path).st_mode  # noqa: PTH116 - the error names the path as it was given
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return stat.S_ISREG(mode)


def _length(rows: object) -> int | None:
    return len(rows) if isinstance(rows, Sized) else None


def _can(rows: object, method: str) -> bool:
    return callable(getattr(rows, method, None))  # a frame also has its columns as attributes


def _is_frame(rows: object) -> bool:
    """Whether narwhals should know it, found out without importing narwhals."""
    marks = ("__dataframe__", "__arrow_c_stream__", "__narwhals_dataframe__", "__narwhals_lazyframe__")
    names = {"DataFrame", "LazyFrame", "Series"}
    return any(hasattr(rows, mark) for mark in marks) or type(rows).__name__ in names
