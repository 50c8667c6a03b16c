"""Every kind of input as one stream of rows."""

from __future__ import annotations

from .inputs import Input, look_at, open_source
from .streams import NOTES, Records, Source

__all__ = ["NOTES", "Input", "Records", "Source", "look_at", "open_source"]
