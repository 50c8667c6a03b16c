"""Which core a program stays on, where the system allows it: a client and its fake server must not share one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

__all__ = ["every_core", "use_one_core", "use_other_core"]


def use_one_core() -> None:
    """Stay on the first core."""
    with contextlib.suppress(AttributeError, OSError):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) > 1:
            os.sched_setaffinity(0, {cores[0]})


def use_other_core() -> None:
    """Leave the core that the parent stays on: a process starts on the cores of its parent."""
    cores = range(os.cpu_count() or 1)
    with contextlib.suppress(AttributeError, OSError):
        others = set(cores) - os.sched_getaffinity(0) or {cores[-1]}
        os.sched_setaffinity(0, others)


@contextlib.contextmanager
def every_core() -> Iterator[None]:
    """Use all cores meanwhile, and let what is started meanwhile use them."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
