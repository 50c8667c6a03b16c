"""Every kind of input as one stream of rows."""

from __future__ import annotations

from .streams import NOTES, CursorRows, IterableRows, Records, Source, open_source

__all__ = ["NOTES", "CursorRows", "IterableRows", "Records", "Source", "open_source"]
