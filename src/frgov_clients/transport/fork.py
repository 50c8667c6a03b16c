"""Around `os.fork`: what must be made anew in a child, and what must rest meanwhile.

A child has no thread but the one that forked: locks that another one held stay locked, and connections would be shared
by two. SQLite's locks do not survive a fork: a child with an open file takes those of its parent for its own, and
damages the file.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final, Protocol, TypeVar

__all__ = ["making", "renew_after_fork", "rest_around_forks"]


class _Renewable(Protocol):
    def after_fork(self) -> None: ...


class _Resting(Protocol):
    def before_fork(self) -> None: ...
    def after_fork(self, *, in_child: bool) -> None: ...


R = TypeVar("R", bound=_Renewable)
_live: Final[weakref.WeakSet[_Renewable]] = weakref.WeakSet()

making: Final = threading.Lock()
"""Held while a file is made (`sqlite_file`), and while this process forks."""
_forking: Final = threading.Lock()
_resting: Final[weakref.WeakSet[_Resting]] = weakref.WeakSet()
_at_rest: Final[list[_Resting]] = []


def renew_after_fork(thing: R) -> R:
    """Have `thing.after_fork()` called in every child that this process forks."""
    _live.add(thing)
    return thing


def rest_around_forks(thing: _Resting) -> None:
    """Have `before_fork` called before this process forks, and `after_fork` in the parent and in the child.

    Call it before the first file is opened: it waits for a fork that is under way.
    """
    with _forking:
        _resting.add(thing)


def _before() -> None:
    _forking.acquire()
    for thing in list(_resting):
        thing.before_fork()
        _at_rest.append(thing)
    making.acquire()  # after the locks of things, as who makes a file does


def _after(*, in_child: bool) -> None:
    making.release()
    while _at_rest:
        _at_rest.pop().after_fork(in_child=in_child)
    _forking.release()


def _in_parent() -> None:
    _after(in_child=False)


def _in_child() -> None:
    _after(in_child=True)
    for thing in list(_live):
        thing.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
