"""The pass ahead of a very large run: what is new in the input is asked by one asynchronous project of the service.

The input is read once, and the questions that the journal does not know go into a file of their own. When they are
many, the project is played to its end and its answers go into the journal, where the run then finds them; when they
are few, nothing was sent and the run goes on as usual. What the project did not answer is left to the run as well.

A process that dies is followed by one that finds the questions and the project again, and polls on.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ...errors import ApiError, FrgovError, InvalidRequest, InvalidResponse
from ...transport.effects import Flow, Offload
from ..exchange import Ask
from ..operations import BanEndpoints
from ..project_cycle import KEY
from ..project_requests import CREATE
from .ahead_files import Table, Written, check_output, take_output, write_part
from .ahead_following import followed, rows_read, step_of
from .ahead_questions import Questions, Work
from .journal import Journal
from .journal.fault import explained
from .kinds import Kind
from .model import Geocoded, Origin, ProjectProgress, ProjectStep
from .reading import AsyncRows, Rows, opening
from .report import Report

if TYPE_CHECKING:
    from ..project_cycle import ProjectOutput
    from ..project_models import Project

__all__ = ["Ahead", "check_ahead"]

T = TypeVar("T")

POLL: Final = (1.0, 30.0)
"""Seconds between two looks at the project: the first pause, and the longest."""
ANONYMOUS_BYTES: Final = 50_000_000
COMMUNITY_BYTES: Final = 1_000_000_000
SMALLEST_BYTES: Final = 100_000
_LIFE: Final = 14 * 86_400.0
"""Seconds that the service keeps a project."""
_BLOCK: Final = 500
_OWNER: Final = "project.work"
_MEMORY: Final = "project.memory"
_log: Final = logging.getLogger("frgov_clients.ban")


def check_ahead(
    client: Any, rows: Rows | AsyncRows, journal: object, project_rows: int | None, community: str | None
) -> None:
    """Raise `InvalidRequest` or `ConfigurationError` where a project can not be used, before anything is sent."""
    if project_rows is None:
        raise InvalidRequest.of("community", "only together with `project_rows`")
    if client.dialect.name == "addok":
        raise InvalidRequest.of("project_rows", "not with addok, which has no asynchronous projects")
    BanEndpoints.create_project.fn(client, community=community)  # only a value: it tells what is wrong
    if journal is None or (isinstance(journal, Journal) and journal.path is None):
        hint = "Give `journal`, the path of a file: it is how an interrupted run finds its project again"
        raise InvalidRequest.of("project_rows", "not without a journal on a file", hint)
    if not isinstance(rows, Rows) or not rows.can_be_read_twice:
        hint = "Give the path of a file, a list or a frame; write the rows of a cursor or a generator to a file first"
        raise InvalidRequest.of("project_rows", "only for rows that can be read twice", hint)


class Ahead:
    """One pass. Play it before the first row of the run is read."""

    _report: Report
    _show: Callable[[], None]

    def __init__(
        self,
        client: Any,
        rows: Rows | AsyncRows,
        kind: Kind,
        journal: Journal,
        *,
        project_rows: int,
        community: str | None,
        patience: float,
    ) -> None:
        """`client`: one that retries; what it is given was looked at by `check_ahead`."""
        assert journal.path is not None
        assert isinstance(rows, Rows)
        self._client = client
        self._rows = rows
        self._kind = kind
        self._journal = journal
        self._project_rows = project_rows
        self._community = community
        self._patience = patience
        self._folder: Path = journal.path.with_name(f"{journal.path.name}.project")
        self._server: str = client.config.base_url
        self._began = 0.0
        self._firsts = bytearray()
        """One bit for each row: whether it is the first that asks what was asked by a project."""
        self._asked = False
        self._total = 0
        self.progress: ProjectProgress | None = None
        """How far the pass has come, while it goes on."""

    def play(self, report: Report, show: Callable[[], None]) -> Flow[None]:
        """Finish the project of a run that was interrupted, read the input, and have another one if it is worth it.

        What is unfinished is finished first, whatever the input is now: its answers belong to the journal. `show` is
        called often, to tell the progress.
        """
        self._report, self._show, self._began = report, show, time.time()
        questions = Questions(self._folder / "questions.sqlite")
        try:
            yield Offload(questions.open)
            yield from self._resume(questions)
            yield Offload(questions.begin)
            yield from self._collect(questions)
            if report.total is None:
                report.total = self._total
            if questions.count >= self._project_rows:
                work = yield Offload(partial(self._begin, questions))
                yield from self._project(questions, work)
        finally:
            self.progress = None
            questions.close()
            with contextlib.suppress(OSError):
                self._folder.rmdir()

    def _tell(self, step: ProjectStep, rows_read: int, rows_total: int | None) -> None:
        self.progress = ProjectProgress(step, rows_read, rows_total)
        self._show()

    def credited(self, results: Sequence[Geocoded]) -> Sequence[Geocoded]:
        """The results, with `service` as origin for the first of the rows that a project was asked for.

        The run finds their answers in the journal, and takes them for those of other rows.
        """
        if not self._asked:
            return results
        firsts = self._firsts
        return [
            one._replace(origin=Origin.SERVICE)
            if one.origin is Origin.DUPLICATE and _bit(firsts, one.position)
            else one
            for one in results
        ]

    # ---- what an earlier run left ------------------------------------------------------------------------------

    def _resume(self, questions: Questions) -> Flow[None]:
        work, owner = questions.work, (yield Offload(partial(self._journal.noted, _OWNER)))
        if work is not None and work.server == self._server and owner == _owner_of(work):
            yield from self._project(questions, work)
            return
        # the journal or the questions are gone or of another layout, or another server was asked: nobody can use it
        if owner is not None and owner.partition(" ")[2] == self._server:
            yield from self._drop()
        yield Offload(partial(self._forget, questions))

    def _forget(self, questions: Questions) -> None:
        if questions.work is not None:
            questions.clear()
        for name in (_MEMORY, _OWNER):
            if self._journal.noted(name) is not None:
                self._journal.note(name, None)
        for file in ("questions.csv", "answers.csv", "answers.csv.part"):
            (self._folder / file).unlink(missing_ok=True)

    # ---- the input ---------------------------------------------------------------------------------------------

    def _collect(self, questions: Questions) -> Flow[None]:
        """Keep the questions of the whole input that are new."""
        self._total, self._firsts = 0, bytearray()
        rows = self._rows.again()
        try:
            yield from opening(rows)
            total = self._rows.total
            self._tell(ProjectStep.COLLECTING, 0, total)
            while True:
                block = (yield Offload(partial(rows.read, _BLOCK))) if rows.ours else rows.read(_BLOCK)
                if not block:
                    return
                yield Offload(partial(self._take_in, questions, rows.header, block))
                self._tell(ProjectStep.COLLECTING, self._total, total)
        finally:
            rows.close()

    def _take_in(self, questions: Questions, header: Sequence[str], block: Sequence[Mapping[str, Any]]) -> None:
        places: dict[Ask, int] = {}
        for place, question in enumerate(self._kind.questions(header, block)[1], self._total):
            if not isinstance(question, str):
                places.setdefault(question.ask, place)
        self._total += len(block)
        asks = dict(zip(self._journal.keys(places), places, strict=True))
        unseen = questions.unseen(list(asks))
        known = self._journal.known(unseen)
        mine = {
            key: one
            for key, one in zip(unseen, known, strict=True)
            if one is None or one.asked_at >= self._began  # of an interrupted project, which this run finished
        }
        questions.add(list(mine), [asks[key] for key, one in mine.items() if one is None])
        for key in mine:
            self._mark(places[asks[key]])

    def _mark(self, place: int) -> None:
        index = place >> 3
        if index >= len(self._firsts):
            self._firsts.extend(bytes(index + 1 - len(self._firsts)))
        self._firsts[index] |= 1 << (place & 7)

    # ---- the project -------------------------------------------------------------------------------------------

    def _begin(self, questions: Questions) -> Work:
        work = Work(
            id=secrets.token_hex(8),
            server=self._server,
            kind=self._kind.name,
            prefix=f"f{secrets.token_hex(3)}",
            limit=ANONYMOUS_BYTES if self._community is None else COMMUNITY_BYTES,
        )
        questions.ready(work)
        self._journal.note(_OWNER, _owner_of(work))
        return work

    def _project(self, questions: Questions, work: Work) -> Flow[None]:
        """Ask all questions: by one project, or by several one after the other when one file can not hold them."""
        by_commune = yield Offload(questions.by_commune)
        table = Table(work.kind, work.prefix, self._client.dialect, by_commune=by_commune)
        try:
            while work.following < questions.count:
                yield from self._part(questions, work, table)
        except OSError as error:
            raise explained(error, self._folder.name) from error
        yield from self._drop()
        yield Offload(partial(self._forget, questions))

    def _part(self, questions: Questions, work: Work, table: Table) -> Flow[None]:
        """Ask the next questions, as many as one file holds."""
        source, output = self._folder / "questions.csv", self._folder / "answers.csv"
        self._tell(ProjectStep.SENDING, work.following, questions.count)
        steps = write_part(questions, table, source, work.following, work.limit)
        written: Written | None = yield from _played(steps)
        assert written is not None
        try:
            yield from self._geocoded(source, output, table, range(work.following, written.end), questions.count)
            yield from _played(check_output(output, table, work.following, written.end))
            self._asked = True
            yield from _played(take_output(output, table, questions, self._journal))
            work.following = written.end
        except InvalidRequest as error:
            if error.field != "source" or written.size < 2 * SMALLEST_BYTES:
                raise
            work.limit = written.size // 2  # the service takes less than it says
        except (ApiError, InvalidResponse) as error:
            if error.operation == CREATE.name:
                raise  # a wrong token or community: nothing of it can work
            _log.warning("a project came to nothing (%s): its questions are asked by requests", type(error).__name__)
            work.following = questions.count
        yield Offload(partial(questions.save, work))
        yield from self._drop()

    def _geocoded(self, source: Path, output: Path, table: Table, part: range, total: int) -> Flow[ProjectOutput]:
        """Have the service answer the questions of these numbers."""
        report = self._report
        before = report.sent

        def watch(project: Project) -> None:
            read = min(len(part), rows_read(project))
            report.sent = before + read
            self._tell(step_of(project), part.start + read, total)

        def remember(_: str, text: str | None) -> None:
            self._journal.note(_MEMORY, text)

        memory = yield Offload(partial(self._journal.noted, _MEMORY))
        story: Flow[ProjectOutput] = BanEndpoints.geocode_project.fn(
            self._client,
            source,
            output,
            **table.options,
            community=self._community,
            poll=POLL,
            patience=_LIFE,
            remembered=None if memory is None else {KEY: memory},
            remember=remember,
            watch=watch,
            keep=True,
        )
        found = yield from followed(story, report, self._patience)
        report.sent = before + len(part)
        return found

    def _drop(self) -> Flow[None]:
        """Delete the project that is remembered, if any; where that fails, its end of life does it."""
        memory = yield Offload(partial(self._journal.noted, _MEMORY))
        if memory is None:
            return
        with contextlib.suppress(FrgovError, ValueError, KeyError, TypeError):
            kept = json.loads(memory)
            story: Flow[None] = BanEndpoints.delete_project.fn(self._client, kept["id"], kept["token"])
            yield from followed(story, self._report, self._patience)
        yield Offload(partial(self._journal.note, _MEMORY, None))


def _played(steps: Iterator[T]) -> Flow[T | None]:
    """Play a generator, piece by piece where it may block, so that it can be interrupted; gives its last value."""
    last: T | None = None
    while step := (yield Offload(lambda: [*islice(steps, 1)])):
        (last,) = step
    return last


def _owner_of(work: Work) -> str:
    return f"{work.id} {work.server}"


def _bit(bits: bytearray, place: int) -> bool:
    index = place >> 3
    return index < len(bits) and bool(bits[index] >> (place & 7) & 1)
