"""The whole life of one asynchronous project, across restarts: what it has reached is looked up, never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..errors import ApiError, AuthenticationError, Conflict, DeadlineExceeded, FrgovError, InvalidRequest
from ..transport.effects import Flow, Offload, Sleep
from ..transport.masking import masked
from ..transport.operation import Multipart, Operation, Reply
from .project_files import ProjectSource, digest_of, part_of, save_stream, streamed_body
from .project_pipeline import same_pipeline
from .project_requests import GET, ProjectRequests, create_operation, is_missing, output_operation

if TYPE_CHECKING:
    from .project_models import Project

__all__ = ["Cycle", "Memory", "ProjectFailed", "ProjectOutput"]

E = TypeVar("E", bound=FrgovError)
KEY: Final = "project"
MOST_STARTS: Final = 3
"""How often one call starts a job, or makes a project, before it tells that somebody else interferes."""
MOST_CONFLICTS: Final = 5
_UNITS: Final = {"KB": 1024, "MB": 1024**2, "GB": 1024**3}


class ProjectFailed(ApiError):
    """The service ended the job as `failed`, or it can not be brought to its end; `service_message` says why.

    The values of the file are masked in it.
    """


@dataclass(frozen=True, slots=True)
class ProjectOutput:
    """The output of a project, on this machine."""

    path: Path
    size: int
    """Bytes."""
    project_id: str
    token: str = field(repr=False)
    """For `delete_project`, where it was kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a project from one call to the next."""

    id: str
    token: str = field(repr=False)
    question: str = ""
    """A fingerprint of the file and of what is asked: another file must never get its answers."""
    done: bool = False
    """Whether its output has been written."""


class Memory:
    """One text under one name, so that it is there whole or not at all. It holds a secret."""

    def __init__(
        self, remembered: Mapping[str, str] | None, remember: Callable[[str, str | None], None] | None
    ) -> None:
        self._remembered = remembered or {}
        self._remember = remember

    def load(self) -> Kept | None:
        """What an earlier call kept; nothing where it can not be read."""
        try:
            found: Any = json.loads(self._remembered.get(KEY) or "null")
            return (
                None
                if found is None
                else Kept(str(found["id"]), str(found["token"]), str(found["question"]), bool(found["done"]))
            )
        except (ValueError, TypeError, KeyError):
            return None

    def keep(self, kept: Kept | None) -> Flow[None]:
        """Keep it, or forget what was kept."""
        if self._remember is None:
            return
        remember = self._remember
        text = (
            None
            if kept is None
            else json.dumps({"id": kept.id, "token": kept.token, "question": kept.question, "done": kept.done})
        )
        yield Offload(lambda: remember(KEY, text))


class Cycle:
    """One file on its way through the service."""

    def __init__(
        self,
        requests: ProjectRequests,
        source: ProjectSource,
        output: Path,
        pipeline: Mapping[str, Any],
        memory: Memory,
        *,
        community: str | None = None,
        watch: Callable[[Project], object] | None = None,
        keep: bool = False,
    ) -> None:
        self._requests = requests
        self._source = source
        self._output = output
        self._pipeline = pipeline
        self._memory = memory
        self._community = community
        self._watch = watch
        self._keep = keep
        self._create = create_operation(requests.policies, community)  # tells what is wrong with it before all else
        self._kept: Kept | None = None
        self._made = self._starts = self._conflicts = 0
        self._size: int | None = None

    def play(self, poll: tuple[float, float], patience: float) -> Flow[ProjectOutput]:
        """Do the next thing that the state of the project asks for, until its output is here."""
        pace = _Pace(*poll)
        clock = self._requests.policies.clock
        end = clock() + patience
        question = yield Offload(self._fingerprint)
        yield from self._resume(question)
        if self._kept is not None and self._kept.done and self._output.is_file():
            return (yield from self._finish(self._kept))
        while True:
            trouble: FrgovError | None = None
            try:
                kept = self._kept or (yield from self._begin(question))
                outcome = yield from self._step(kept, pace)
                if isinstance(outcome, ProjectOutput):
                    return outcome
                wait = outcome
            except FrgovError as error:
                wait = yield from self._survive(error, pace)
                trouble = error
            if clock() + wait >= end:
                raise _impatient(patience) from trouble
            if wait:
                yield Sleep(wait)

    def _step(self, kept: Kept, pace: _Pace) -> Flow[ProjectOutput | float]:
        """Look, and do what is next: the output, or how long to wait before the next look."""
        project = yield from self._look(kept)
        if project.status == "idle":
            yield from self._give(kept, project)
            pace.restart()
            return 0.0
        if project.status == "completed":
            return (yield from self._fetch(kept, project))
        if project.status == "failed":
            raise (yield from self._failure(kept, project))
        return pace.next()

    def _survive(self, error: FrgovError, pace: _Pace) -> Flow[float]:
        """Seconds to wait after a failure that is not the end; raises any other."""
        if self._kept is not None and (is_missing(error) or isinstance(error, AuthenticationError)):
            if self._made >= MOST_STARTS:
                raise error
            yield from self._keep_in_mind(None)  # lost, or at the end of its life: begin anew
            return 0.0
        if isinstance(error, Conflict) and self._conflicts < MOST_CONFLICTS:
            self._conflicts += 1  # somebody else has moved it on: look again
            return pace.next()
        if not error.retryable:
            raise error
        return max(pace.next(), error.retry_after or 0.0)

    def _fingerprint(self) -> str:
        self._size = streamed_body(self._source).length
        return digest_of(self._source, json.dumps(self._pipeline, sort_keys=True), self._community or "")

    def _keep_in_mind(self, kept: Kept | None) -> Flow[None]:
        self._kept = kept
        yield from self._memory.keep(kept)

    def _resume(self, question: str) -> Flow[None]:
        """The project of an earlier call, when it is for the same; another one is deleted as far as possible."""
        kept = self._memory.load()
        if kept is None or kept.question == question:
            self._kept = kept
            return
        yield from self._drop(kept)
        yield from self._keep_in_mind(None)

    def _begin(self, question: str) -> Flow[Kept]:
        self._made += 1
        project = yield from self._requests.own(self._create)
        if project.token is None:
            raise ProjectFailed("the service made a project and told no token", status=201, code="no-token")
        kept = Kept(project.id, project.token, question)
        yield from self._keep_in_mind(kept)
        return kept

    def _look(self, kept: Kept) -> Flow[Project]:
        project = yield from self._requests.get(kept.id, kept.token)
        if self._watch is not None:
            self._watch(project)
        return project

    def _give(self, kept: Kept, project: Project) -> Flow[None]:
        """Give an idle project what it lacks, and start it."""
        if self._starts >= MOST_STARTS:
            text = f"the job was started {MOST_STARTS} times and is idle again: is somebody aborting it?"
            raise ProjectFailed(text, status=200, code="idle")
        if project.input_file is None or project.input_file.size != self._size:
            if (most := _largest(project)) is not None and self._size is not None and self._size > most:
                yield from self._drop(kept)
                yield from self._keep_in_mind(None)
                hint = "Cut it, or name a `community` that may send more"
                raise InvalidRequest.of("source", f"at most {most / 2**20:g} MiB", hint)
            yield from self._requests.upload(kept.id, kept.token, self._source, "data.csv")
        if not same_pipeline(self._pipeline, project.pipeline):
            yield from self._requests.set_pipeline(kept.id, kept.token, self._pipeline)
        yield from self._requests.act("start", kept.id, kept.token)
        self._starts += 1

    def _fetch(self, kept: Kept, project: Project) -> Flow[ProjectOutput]:
        """Write the output, whole."""
        file = project.output_file
        if file is None:
            raise ProjectFailed("the project is completed and has no output", status=200, code="no-output")
        stream = yield from self._requests.own(output_operation(self._requests.policies, kept.id, file.token))
        yield from save_stream(stream, self._output, file.size)
        kept = replace(kept, done=True)
        yield from self._keep_in_mind(kept)
        return (yield from self._finish(kept))

    def _finish(self, kept: Kept) -> Flow[ProjectOutput]:
        """The output is here: leave nothing in the service, unless it was asked to stay."""
        if not self._keep:
            yield from self._drop(kept)
            yield from self._keep_in_mind(None)
        return ProjectOutput(self._output, self._output.stat().st_size, kept.id, kept.token)

    def _drop(self, kept: Kept) -> Flow[None]:
        """Delete a project whose files nobody needs any more; where that fails, its end of life does it."""
        try:
            yield from self._requests.delete(kept.id, kept.token)
        except FrgovError:
            return

    def _failure(self, kept: Kept, project: Project) -> Flow[ProjectFailed]:
        """The error of a failed job. The project is forgotten: to ask again is to begin anew."""
        said = yield Offload(lambda: _words(project, self._source, kept.token))
        yield from self._drop(kept)
        yield from self._keep_in_mind(None)
        error = ProjectFailed(f"the job failed: {said}", status=200, code="failed", service_message=said)
        return _named(error)


class _Pace:
    """How long to wait before the next look: longer each time."""

    def __init__(self, first: float, longest: float) -> None:
        if not 0 < first <= longest:
            raise InvalidRequest.of("poll", "two numbers of seconds, more than 0: the first pause, and the longest")
        self._first, self._longest = first, longest
        self._pause = first

    def restart(self) -> None:
        self._pause = self._first

    def next(self) -> float:
        """The next pause."""
        pause, self._pause = self._pause, min(self._longest, 1.5 * self._pause)
        return pause


def _impatient(patience: float) -> DeadlineExceeded:
    text = f"the job is not finished after {patience:g} s (`patience`). It goes on: call again to go on waiting"
    return _named(DeadlineExceeded(text))


def _named(error: E) -> E:
    error.service, error.operation = "ban", "ban.geocode_project"
    return error


def _largest(project: Project) -> float | None:
    """Bytes that the file of a project may have, as the service writes it: `50MB`."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(KB|MB|GB)", str((project.params or {}).get("maxInputFileSize")))
    return None if found is None else float(found[1]) * _UNITS[found[2]]


# ---- what a failed job says --------------------------------------------------------------------------------------

_HARMLESS: Final = re.compile(
    r"At least one given column name is unknown|Unknown column name for \w+|(Validation|Geocoding) failed"
    r"|(Too many rows in|Errors in) CSV file(: [A-Za-z, ]+)?|Unsupported index type: \w+"
)
"""Sentences of the service that repeat nothing of a file."""


def _words(project: Project, source: ProjectSource, token: str) -> str:
    """The service's words, without the words of the file."""
    processing = project.processing
    said: list[str | None] = []
    if processing is not None:
        said = [processing.global_error, processing.validation_error, processing.geocoding_error]
    texts = dict.fromkeys(each for each in said if each)
    kept = [text if _HARMLESS.fullmatch(text) else _masked(text, source, token) for text in texts]
    return "; ".join(kept)[:500] or "the service does not say why"


def _masked(text: str, source: ProjectSource, token: str) -> str:
    asked: Operation[Any] = Operation(GET, body=Multipart(files=(part_of(source),)))
    found = masked(Reply(200, {}, text.encode()), asked, (token,)).decode("utf-8", "replace")
    return found or "(its words are left out: they may repeat the file)"
