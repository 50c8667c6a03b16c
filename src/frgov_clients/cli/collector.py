"""Python's collector, as a program sets it that has millions of rows to pass."""

from __future__ import annotations

import gc

__all__ = ["collect_seldom"]


def collect_seldom() -> None:
    """Looking for cycles among millions of rows takes an eighth of the time, and rows are in none.

    A library must not decide that for the program that uses it; this is the program.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
