"""A journal that is opened when its run begins."""

from __future__ import annotations

from .journal import Journal

__all__ = ["LaterJournal"]


class LaterJournal(Journal):
    """A journal of which only the arguments are looked at when it is made.

    To open it can take as long as another process holds its file: no event loop must stand still for that, and a run
    that is never begun must leave no file behind.
    """

    _opens_at_once = False
