"""`frgov ban geocode` and `frgov ban reverse`: a file in, a file out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

import typer

from ..ban import BanClient
from ..ban.bulk.columns import Columns
from ..ban.bulk.model import Origin, Progress, Status
from ..ban.bulk.reading import Rows
from .ban_options import BulkArguments
from .ban_progress import shown
from .collector import collect_seldom
from .mapping import Kind, columns_of, show_columns
from .outcomes import Code, Stop, stoppable
from .paths import Files, Output
from .progress import Shown, progress_for
from .project import check_project, credentials, project_options, unfinished_project
from .rows import InputRows, open_input
from .screen import say

if TYPE_CHECKING:
    from ..ban.bulk.report import Report

__all__ = ["run"]

T = TypeVar("T")
_BATCH: Final = 500


def run(
    arguments: BulkArguments,
    kind: Kind,
    columns: Mapping[str, str | Sequence[str] | None],
    options: Mapping[str, Any],
) -> None:
    """Geocode a file as the options say, and leave with 3 when rows failed."""
    files = Files.of(arguments)
    check_project(arguments, files)
    try:
        with stoppable():
            report = _ran(arguments, kind, files, columns, options)
    except KeyboardInterrupt:
        raise Stop(Code.INTERRUPTED, _interrupted(files)) from None
    _tell(arguments, files, report)
    if report.statuses[Status.FAILED] or not report.complete:
        raise typer.Exit(Code.NOT_WHOLE)


def _ran(
    arguments: BulkArguments,
    kind: Kind,
    files: Files,
    columns: Mapping[str, str | Sequence[str] | None],
    options: Mapping[str, Any],
) -> Report:
    opens = partial(
        open_input,
        arguments.input,
        delimiter=arguments.delimiter,
        encoding=arguments.encoding,
        limit=arguments.limit,
    )
    owner = credentials(arguments)
    with BanClient(**arguments.client_options, **owner) as ban, closing(opens()) as source:
        found = columns_of(source, kind, columns)
        if not arguments.quiet:
            show_columns(found, source, kind)
            _confirm(arguments, guessed=not any(columns.values()))
        collect_seldom()
        rows = Rows(lambda: source, ours=arguments.input != "-", again=opens)
        method: Any = ban.geocode_many if kind == "search" else ban.reverse_many
        return _written(arguments, kind, files, source, found, partial(method, rows, **options))


def _written(
    arguments: BulkArguments,
    kind: Kind,
    files: Files,
    source: InputRows,
    columns: Columns,
    method: Any,
) -> Report:
    def describe(progress: Progress | None) -> Shown:
        return shown(progress, source.expected)

    progress = progress_for(describe, quiet=arguments.quiet)
    with Output(files.output, source, kind, arguments.prefix) as output:
        job = method(
            columns=columns,
            journal=files.journal,
            max_age=arguments.max_age,
            in_flight=arguments.in_flight,
            progress=progress,
            **project_options(arguments),
            **({} if arguments.patience is None else {"patience": arguments.patience}),
        )
        with progress, job:
            for batch in _batches(job, _BATCH):
                output.write(batch)
        report: Report = job.report
        output.replace = not report.gave_up
    report.written = output.path
    report.notes.update(output.notes)
    return report


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch


def _confirm(arguments: BulkArguments, *, guessed: bool) -> None:
    """Ask whether a guess is right, where there is somebody to answer."""
    if not guessed or arguments.yes or arguments.input == "-" or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    if not typer.confirm("Are these the right columns?", default=True, err=True):
        raise Stop(Code.REFUSED, "Nothing was sent. Name the columns: `--help` shows how.")


def _interrupted(files: Files) -> str:
    if files.journal is not None and not files.journal.exists():
        return "Interrupted. Nothing was asked yet."
    if files.journal is None:
        return "Interrupted. Nothing was kept: a run without a journal begins anew."
    project = " The service goes on with its project." if unfinished_project(files.journal) else ""
    return f"Interrupted. What was answered is in {files.journal}: run the same command again to go on.{project}"


def _tell(arguments: BulkArguments, files: Files, report: Report) -> None:
    """The report, and where the files are."""
    if files.report is not None:
        report.save(files.report)
    out = sys.stderr if files.output is None else sys.stdout
    if arguments.json:
        print(report.to_json(), file=out, end="")
    elif not arguments.quiet:
        print(f"\n{report}\n" if out is sys.stderr else report, file=out)
    if arguments.quiet:
        if failed := report.statuses[Status.FAILED]:
            say(f"Error: {failed:,} rows failed; last: {report.last_error or 'rows in error'}")
    else:
        _tell_files(files, report)


def _tell_files(files: Files, report: Report) -> None:
    rows = files.output
    if rows is not None and report.written is not None:
        rows = rows.with_name(report.written.name)
    for name, path in {"Rows": rows, "Report": files.report, "Journal": files.journal}.items():
        if path is not None:
            say(f"{name}: {path}")
    if rows != files.output:
        say(f"The run was given up: {files.output} is kept as it was.")
    if known := report.origins[Origin.JOURNAL]:
        say(f"{known:,} answers are those of earlier runs: `--max-age 90d` asks again what is older.")
    if report.statuses[Status.FAILED]:
        say("Rows failed: run the same command again to ask for them again.")
