"""How far a geocoding has come, in words."""

from __future__ import annotations

from ..ban.bulk.model import Progress, ProjectProgress, ProjectStep
from ..ban.bulk.report.numbers import duration, grouped, speed
from .progress import Shown

__all__ = ["line_of", "shown"]


def shown(progress: Progress | None, expected: int | None) -> Shown:
    """What is shown of it."""
    line = line_of(progress, expected)
    if progress is None:
        return Shown(line, "0 rows", 0, None)
    project = progress.project
    if project is not None:
        return Shown(line, project_line(project, None), project.rows_read, project.rows_total or expected)
    bar, left = line_of(progress, None), seconds_left(progress, expected)
    if left:
        bar += f", {duration(left)} left"
    return Shown(line, bar, progress.done, expected)


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
