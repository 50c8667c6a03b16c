"""Results beside the caller's own columns: files and frames."""

from __future__ import annotations

from .files import RESULT_COLUMNS, CsvSink, JsonLinesSink, Sink, sink_for

__all__ = ["RESULT_COLUMNS", "CsvSink", "JsonLinesSink", "Sink", "sink_for"]
