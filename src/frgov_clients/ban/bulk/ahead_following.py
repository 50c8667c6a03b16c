"""A long story of requests, followed: what it sends is counted, and it is given up when the service is gone.

And what the service tells of it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ...errors import DeadlineExceeded
from ...transport.effects import Failure, Flow, Opened, Send
from .model import ProjectStep
from .pace import Patience
from .report import Report

if TYPE_CHECKING:
    from ..project_models import Project

__all__ = ["followed", "rows_read", "step_of"]

T = TypeVar("T")
_STEPS: Final = {
    "idle": ProjectStep.SENDING,
    "waiting": ProjectStep.WAITING,
    "completed": ProjectStep.FETCHING,
}


def followed(story: Flow[T], report: Report, patience: float) -> Flow[T]:
    """Play `story`, which may take days, and give it up when nothing was answered for `patience` seconds.

    Raises `DeadlineExceeded` then. What it has reached is remembered, and gone on with by the next run.
    """
    waiting = Patience(patience)
    step: Callable[[Any], Any] = story.send
    answer: Any = None
    try:
        while True:
            effect = step(answer)
            try:
                answer, step = (yield effect), story.send
            except Exception as error:  # noqa: BLE001 - the story decides what it means
                answer, step = error, story.throw
            if isinstance(effect, Send):
                report.requests += 1
                report.quota_used += 1
                if _is_alive(answer):
                    waiting.success()
                else:
                    waiting.trouble()
                if waiting.gave_up:
                    raise _given_up(patience)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        story.close()


def _is_alive(answer: Any) -> bool:
    if isinstance(answer, Opened):
        answer = answer.reply
    return not isinstance(answer, Failure | Exception) and answer.status < 500


def _given_up(patience: float) -> DeadlineExceeded:
    text = f"nothing was answered for {patience:g} s (`patience`). The project is kept in the journal: run again later"
    error = DeadlineExceeded(text)
    error.service, error.operation = "ban", "ban.geocode_project"
    return error


def step_of(project: Project) -> ProjectStep:
    """What is done about a project, by its state."""
    return _STEPS.get(project.status, ProjectStep.WORKING)


def rows_read(project: Project) -> int:
    """How many rows of its file the service has read."""
    told = None if project.processing is None else (project.processing.geocoding_progress or {}).get("readRows")
    return told if isinstance(told, int) else 0
