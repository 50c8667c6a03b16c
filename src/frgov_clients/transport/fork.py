"""What must be made anew in a forked child: locks that another thread held, connections that two would share."""

from __future__ import annotations

import os
import weakref
from typing import Protocol, TypeVar

__all__ = ["renew_after_fork"]


class _Renewable(Protocol):
    def after_fork(self) -> None: ...


R = TypeVar("R", bound=_Renewable)
_live: weakref.WeakSet[_Renewable] = weakref.WeakSet()


def renew_after_fork(thing: R) -> R:
    """Have `thing.after_fork()` called in every child that this process forks."""
    _live.add(thing)
    return thing


def _in_child() -> None:
    for thing in list(_live):
        thing.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
