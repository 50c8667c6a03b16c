"""The files of a run: checked before anything is asked, since a run may take hours."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from ..ban.bulk.model import Geocoded
from ..ban.bulk.sink import Sink, check_suffix, sink_for
from ..errors import InvalidRequest
from .ban_options import BulkArguments
from .mapping import Kind
from .outcomes import Code, Stop
from .rows import InputRows

__all__ = ["Files", "Output"]


@dataclass(frozen=True, slots=True)
class Files:
    """Where a run reads and writes."""

    output: Path | None
    """`None` for the standard output."""
    journal: Path | None
    """`None` for a run that keeps nothing."""
    report: Path | None

    @classmethod
    def of(cls, arguments: BulkArguments) -> Self:
        """The files as the options name them. `Stop`: two are the same, or one can not be."""
        if arguments.journal is not None and not arguments.resume:
            raise Stop(Code.USAGE, "Error: --journal and --no-resume contradict each other")
        output = None if arguments.output == "-" else Path(arguments.output)
        journal = None
        if arguments.resume and arguments.journal is not None:
            journal = Path(arguments.journal)
        elif arguments.resume and output is not None:
            journal = output.with_name(f"{output.name}.journal")
        report = None if arguments.report is None else Path(arguments.report)
        files = cls(output, journal, report)
        files._check(None if arguments.input == "-" else Path(arguments.input))
        if output is not None and output.exists() and arguments.limit is not None:
            line = f"Error: --limit {arguments.limit}: {output} is there, and would be replaced by these rows alone"
            raise Stop(Code.USAGE, f"{line}: give a trial another --output")
        return files

    def _check(self, source: Path | None) -> None:
        named = {"INPUT": source, "--output": self.output, "--journal": self.journal, "--report": self.report}
        taken: dict[str, str] = {}
        for name, path in named.items():
            if path is None:
                continue
            other = taken.setdefault(os.path.realpath(path), name)
            if other != name:
                raise Stop(Code.REFUSED, f"Error: {name} is the same file as {other}")
            if name != "INPUT" and not path.parent.is_dir():
                raise Stop(Code.REFUSED, f"Error: {name}: there is no folder {path.parent}")
        if self.output is not None:
            try:
                check_suffix(self.output)
            except InvalidRequest as error:
                raise Stop(Code.USAGE, f"Error: --output: {error.limit}") from None
        if self.report is not None:
            _check_report(self.report)


def _check_report(path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix not in {".html", ".json"}:
        raise Stop(Code.USAGE, "Error: --report: a name that ends in .html or .json")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise Stop(Code.REFUSED, f"Error: --report: {path} can not be written")
    if suffix == ".html" and find_spec("plotly") is None:
        raise Stop(Code.REFUSED, "Error: --report: a page needs one more package: pip install 'frgov-clients[report]'")


class Output:
    """Where the rows go: a file, or the standard output, which gets them together once the run is complete."""

    def __init__(self, path: Path | None, rows: InputRows, kind: Kind, prefix: str) -> None:
        """Raises `InvalidRequest` when columns of the input are in the way, `OSError` when it can not be written."""
        self._folder = tempfile.mkdtemp(prefix="frgov-") if path is None else None
        self._target = Path(self._folder or "", "rows.csv") if path is None else path
        self._name = "the standard output" if path is None else str(path)
        self.replace = True
        """Whether a file that is there may go."""
        try:
            with self._naming():
                self._sink: Sink = sink_for(
                    self._target, rows.header, prefix=prefix, input_delimiter=rows.delimiter, kind=kind
                )
        except BaseException:
            self._forget()
            raise

    @contextmanager
    def _naming(self) -> Generator[None]:
        """Errors name the output, not the unfinished file."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise type(error)(error.errno, error.strerror, self._name) from error

    @property
    def notes(self) -> Mapping[str, int]:
        """What the rows did not come out with as they went in."""
        return self._sink.notes

    def write(self, batch: Sequence[Geocoded]) -> None:
        """Write results, in their order."""
        with self._naming():
            self._sink.write(batch)

    @property
    def path(self) -> Path | None:
        """Where the rows are; `None` for the standard output."""
        return None if self._folder is not None else self._sink.path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._naming():
                if kind is not None:
                    self._sink.abort()
                    return
                self._sink.close(replace=self.replace)
                if self._folder is not None:
                    with self._target.open("rb") as whole:
                        shutil.copyfileobj(whole, sys.stdout.buffer)
                    sys.stdout.buffer.flush()
        finally:
            self._forget()

    def _forget(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
