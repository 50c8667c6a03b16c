"""Journals around `os.fork`: SQLite's locks do not survive it, and two processes on one connection damage a file."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final, Protocol

__all__ = ["opening", "rest_around_forks"]


class _Resting(Protocol):
    def before_fork(self) -> None: ...
    def after_fork(self, *, in_child: bool) -> None: ...


opening: Final = threading.Lock()
"""Held while a file is opened, and while this process forks."""
_forking: Final = threading.Lock()
_live: Final[weakref.WeakSet[_Resting]] = weakref.WeakSet()
_at_rest: Final[list[_Resting]] = []


def rest_around_forks(thing: _Resting) -> None:
    """Have `before_fork` called before this process forks, and `after_fork` in the parent and in the child."""
    with _forking:
        _live.add(thing)


def _before() -> None:
    _forking.acquire()
    for thing in list(_live):
        thing.before_fork()
        _at_rest.append(thing)
    opening.acquire()


def _after(*, in_child: bool) -> None:
    opening.release()
    while _at_rest:
        _at_rest.pop().after_fork(in_child=in_child)
    _forking.release()


def _in_parent() -> None:
    _after(in_child=False)


def _in_child() -> None:
    _after(in_child=True)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
