"""How far something long has come: a bar on a terminal, a line every ten seconds elsewhere, or nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Self, TypeVar

from .screen import console, say

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

__all__ = ["Bar", "Lines", "Nothing", "Shown", "progress_for"]

P = TypeVar("P")
_EVERY: Final = 10.0
"""Seconds between two lines."""


class Shown(NamedTuple):
    """What is told of a state."""

    line: str
    """All of it, for a line of its own."""
    beside: str
    """What stands beside a bar."""
    done: int
    total: int | None


class Nothing(Generic[P]):
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def __call__(self, progress: P) -> None:
        """Take note of how far it is."""


class Lines(Nothing[P]):
    """A line every ten seconds, from a thread of its own: a service that is slow must not look like a dead program."""

    def __init__(self, describe: Callable[[P | None], Shown], every: float = _EVERY) -> None:
        self._describe = describe
        self._every = every
        self._last: P | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="frgov-progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def __call__(self, progress: P) -> None:
        self._last = progress

    def _tell(self) -> None:
        while not self._over.wait(self._every):
            say(self._describe(self._last).line)


class Bar(Nothing[P]):
    """A bar and what stands beside it, in one line that is drawn anew."""

    def __init__(self, describe: Callable[[P | None], Shown]) -> None:
        from rich.progress import Progress as Drawing

        self._describe = describe
        self._drawing = Drawing(*_columns(), console=console(stderr=True), refresh_per_second=5)
        self._task = self._drawing.add_task("", total=None, told=describe(None).beside)

    def __enter__(self) -> Self:
        self._drawing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drawing.stop()

    def __call__(self, progress: P) -> None:
        shown = self._describe(progress)
        self._drawing.update(self._task, completed=shown.done, total=shown.total, told=shown.beside)


def _columns() -> tuple[ProgressColumn, ...]:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    text: Any = TextColumn("{task.fields[told]}", markup=False)
    return (BarColumn(bar_width=20), TaskProgressColumn(), TimeElapsedColumn(), text)


def progress_for(describe: Callable[[P | None], Shown], *, quiet: bool) -> Nothing[P]:
    """What fits: nothing when quiet, a bar on a terminal that can draw one, lines otherwise."""
    if quiet:
        return Nothing()
    screen = console(stderr=True)
    drawable = sys.stderr.isatty() and screen.is_terminal and not screen.is_dumb_terminal
    return Bar(describe) if drawable else Lines(describe)
