"""Results beside the caller's own columns: files and frames."""

from __future__ import annotations

from .cells import checked_names
from .files import RESULT_COLUMNS, CsvSink, JsonLinesSink, Sink, check_suffix, sink_for
from .target import check_target

__all__ = [
    "RESULT_COLUMNS",
    "CsvSink",
    "JsonLinesSink",
    "Sink",
    "check_suffix",
    "check_target",
    "checked_names",
    "sink_for",
]
