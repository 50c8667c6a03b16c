"""How far a run has come: a bar on a terminal, a line every ten seconds elsewhere, or nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from ..ban.bulk.model import Progress, ProjectProgress, ProjectStep
from ..ban.bulk.report.numbers import duration, grouped, speed
from .screen import console, say

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

__all__ = ["Bar", "Lines", "Nothing", "progress_for"]

_EVERY: Final = 10.0
"""Seconds between two lines."""


class Nothing:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def __call__(self, progress: Progress) -> None:
        """Take note of how far the run is."""


class Lines(Nothing):
    """A line every ten seconds, from a thread of its own: a service that is slow must not look like a dead program."""

    def __init__(self, expected: Callable[[], int | None], every: float = _EVERY) -> None:
        self._expected = expected
        self._every = every
        self._last: Progress | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="frgov-progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def __call__(self, progress: Progress) -> None:
        self._last = progress

    def _tell(self) -> None:
        while not self._over.wait(self._every):
            say(line_of(self._last, self._expected()))


def line_of(progress: Progress | None, expected: int | None) -> str:
    """`12,000 of about 50,000 rows, 1,040 rows/s, 37 s left, 0 failed`."""
    if progress is None:
        return "0 rows: waiting for the first answers"
    if progress.project is not None:
        return project_line(progress.project, expected)
    total = "" if expected is None else f" of about {grouped(expected)}"
    left = seconds_left(progress, expected)
    time = "" if left is None else f", {duration(left)} left"
    rate = speed(progress.rows_per_second)
    down = f"; the service is down, next try in {duration(progress.waiting)}" if progress.waiting > 1 else ""
    return f"{grouped(progress.done)}{total} rows, {rate}{time}, {grouped(progress.failed)} failed{down}"


def project_line(project: ProjectProgress, expected: int | None) -> str:
    """`120,000 of 400,000 read by the service`: short, since a narrow terminal shows the beginning only."""
    read, total = project.rows_read, project.rows_total
    if project.step is ProjectStep.COLLECTING:
        of = grouped(total) if total is not None else "" if expected is None else f"about {grouped(expected)}"
        return f"{grouped(read)}{of and f' of {of}'} rows looked through"
    count = f"{grouped(read)} of {grouped(total or read)}"
    return {
        ProjectStep.SENDING: f"sending questions: {count} done",
        ProjectStep.WAITING: f"waiting for the service: {count} done",
        ProjectStep.WORKING: f"{count} read by the service",
        ProjectStep.FETCHING: f"fetching answers: {count}",
    }[project.step]


def seconds_left(progress: Progress, expected: int | None) -> float | None:
    """By the speed so far; `None` while nothing is known."""
    if expected is None or not progress.rows_per_second:
        return None
    return max(0, expected - progress.done) / progress.rows_per_second


class Bar(Nothing):
    """Rows, rows per second, time left and failures, in one line that is drawn anew."""

    def __init__(self, expected: Callable[[], int | None]) -> None:
        from rich.progress import Progress as Drawing

        self._expected = expected
        self._drawing = Drawing(*_columns(), console=console(stderr=True), refresh_per_second=5)
        self._task = self._drawing.add_task("", total=None, told="0 rows")

    def __enter__(self) -> Self:
        self._drawing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drawing.stop()

    def __call__(self, progress: Progress) -> None:
        expected, project = self._expected(), progress.project
        if project is not None:
            told = project_line(project, None)
            total = project.rows_total or expected
            self._drawing.update(self._task, completed=project.rows_read, total=total, told=told)
            return
        told = line_of(progress, None)
        left = seconds_left(progress, expected)
        if left:
            told += f", {duration(left)} left"
        self._drawing.update(self._task, completed=progress.done, total=expected, told=told)


def _columns() -> tuple[ProgressColumn, ...]:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    text: Any = TextColumn("{task.fields[told]}", markup=False)
    return (BarColumn(bar_width=20), TaskProgressColumn(), TimeElapsedColumn(), text)


def progress_for(expected: Callable[[], int | None], *, quiet: bool) -> Nothing:
    """What fits: nothing when quiet, a bar on a terminal that can draw one, lines otherwise."""
    if quiet:
        return Nothing()
    screen = console(stderr=True)
    drawable = sys.stderr.isatty() and screen.is_terminal and not screen.is_dumb_terminal
    return Bar(expected) if drawable else Lines(expected)
