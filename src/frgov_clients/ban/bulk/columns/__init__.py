"""Which columns hold the address, and how they are read."""

from __future__ import annotations

from .guess import Columns, check_parts, columns_from, guess_columns
from .names import looks_like_data
from .reader import Parts, point_reader, reader, text_of

__all__ = [
    "Columns",
    "Parts",
    "check_parts",
    "columns_from",
    "guess_columns",
    "looks_like_data",
    "point_reader",
    "reader",
    "text_of",
]
