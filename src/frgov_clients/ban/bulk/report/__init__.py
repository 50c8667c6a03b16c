"""What a run came to."""

from __future__ import annotations

from .report import Example, Point, Report

__all__ = ["Example", "Point", "Report"]
