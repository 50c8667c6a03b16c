"""What else may go wrong in the fake geocoder, which reads files and runs jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import faults

__all__ = ["Fault"]


@dataclass(slots=True, kw_only=True)
class Fault(faults.Fault):
    """One rule of what goes wrong, see `frgov_clients.testing.faults.Fault`, with what is particular to the geocoder.

    `cut_after_bytes` is for downloads: the answers to a file are cut by rows.
    """

    row_delay: float = 0.0
    """Seconds for each row of a file."""
    cut_after_rows: int | None = None
    """Break the connection in the middle of the chunked answer, after so many rows."""
    error_rows: float | Callable[[str], bool] = 0.0
    """The share of the rows of a file that end in `error`, or which: asked with the text of the row."""
    rows_count: int | None = None
    """Say in `x-rows-count` that so many rows of the file were read."""
    job_error: str = ""
    """The asynchronous job that this request starts fails, and tells this."""
