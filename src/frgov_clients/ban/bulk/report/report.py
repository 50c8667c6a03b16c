"""What a bulk geocoding came to: counted while it runs, printed, shown in a notebook, saved as JSON or as one page."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from ....errors import InvalidRequest
from ..model import Geocoded, KindName
from .layout import from_dict, parsed, to_dict, to_json
from .tally import Example, Point, Tally

__all__ = ["Example", "Point", "Report"]


class Report(Tally):
    """Counts, rates and a map of a run; `print(report)`, or leave it as the last line of a notebook's cell.

    One thread adds while others read. It holds no address: at most 5,000 points, rounded to about 100 m, and the
    places in the input of at most 20 rows; with `examples=True` the points are exact, and these rows come with their
    own values and the address found, so that the report holds personal data.
    """

    def __init__(
        self,
        kind: KindName = "search",
        clock: Callable[[], float] = time.monotonic,
        *,
        examples: bool = False,
    ) -> None:
        """The time of the run counts from here, by `clock` in seconds.

        Raises `InvalidRequest` for another `kind` than `search` or `reverse`.
        """
        if kind not in {"search", "reverse"}:
            raise InvalidRequest.of("kind", "search or reverse")
        super().__init__(examples=examples)
        self.kind: KindName = kind
        self.total: int | None = None
        """Rows of the input, where known."""
        self.started: datetime = datetime.now(UTC)
        self.gave_up: bool = False
        """The service failed so often that the rest was not asked."""
        self.last_error: str = ""
        """What the service, or the way to it, said last when something could not be asked; empty when all went well."""
        self.requests: int = 0
        """Requests that were sent to the service, repeated ones included."""
        self.sent: int = 0
        """Questions that were sent: fewer than rows where rows ask the same, more where weak rows are asked again."""
        self.retried: int = 0
        """Questions that had to be sent again after a failure."""
        self.written: Path | None = None
        """The file of the rows, where the run wrote one."""
        self.quota_used: int = 0
        """Requests that counted against the service's quota."""
        self._clock = clock
        self._began = clock()
        self._seconds: float | None = None
        self._ended = False
        self._lock = threading.Lock()

    # ---- while the run goes on

    def begin(self, total: int | None) -> None:
        """Count the time of the run from now on, rather than from when the report was made.

        `total`: rows of the input, where known.
        """
        self.total = total
        self.started = datetime.now(UTC)
        self._began = self._clock()

    def add(self, batch: Sequence[Geocoded]) -> None:
        """Count the rows of `batch`, which are handed over once this returns."""
        with self._lock:
            self.count(batch)
            self.mark(self.seconds)

    @property
    def seconds(self) -> float:
        """How long the run took, or takes so far; setting it stops the clock."""
        return self._clock() - self._began if self._seconds is None else self._seconds

    @seconds.setter
    def seconds(self, value: float) -> None:
        self._seconds = value

    @property
    def rows_per_second(self) -> float:
        """Rows handed over, by the time of the whole run; 0 before any time has passed."""
        seconds = self.seconds
        return self.rows / seconds if seconds > 0 else 0.0

    @property
    def complete(self) -> bool:
        """Whether the run has ended with all rows, whatever came of each; never true of a run that was given up, nor
        with another number of rows than `total`.
        """
        return self._ended and not self.gave_up and (self.total is None or self.total == self.rows)

    @complete.setter
    def complete(self, value: bool) -> None:
        self._ended = value

    def finish(self, *, complete: bool) -> None:
        """Stop the clock; `complete`: the input was read to its end and every row was handed over."""
        with self._lock:
            self.seconds = self.seconds
            self._ended = complete
            self.mark(self.seconds, last=True)

    # ---- to look at

    def __str__(self) -> str:
        from .text import text_of

        return text_of(self.snapshot())

    def __repr__(self) -> str:
        return f"<Report {self.kind}: {self.rows} rows, {'complete' if self.complete else 'incomplete'}>"

    def _repr_html_(self) -> str:
        from .cell import cell_of

        return cell_of(self.snapshot())

    def to_html(self) -> str:
        """One page with charts and a map that opens without a network: about 5 MB, nearly all of it plotly.js.

        Raises `ConfigurationError` where plotly is not installed.
        """
        from .page import page_of

        return page_of(self.snapshot())

    # ---- to keep

    def to_dict(self) -> dict[str, Any]:
        """Everything, in types that JSON has."""
        with self._lock:
            return to_dict(self)

    def to_json(self) -> str:
        """The same as text; `schema` is the number of its layout."""
        return to_json(self.to_dict())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The report that `to_dict` gave. Raises `InvalidRequest` for anything else."""
        report = cls()
        from_dict(report, values)
        return report

    def snapshot(self) -> Self:
        """A copy as of now, which stands still."""
        return self.from_dict(self.to_dict())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `.json` or `.html`, as the suffix says. A file of that name is replaced only by a whole one.

        Raises `InvalidRequest` for another suffix, `ConfigurationError` for a page without plotly, `OSError` when the
        file can not be written; what was there before then stays.
        """
        from ....transport.draft import Draft

        target = Path(path)
        writers = {".json": self.to_json, ".html": self.to_html}
        writer = writers.get(target.suffix.lower())
        if writer is None:
            raise InvalidRequest.of("path", "a name that ends in .json or .html")
        page = writer().encode("utf-8", "replace")  # half a surrogate pair becomes `?`
        with Draft(target) as file:
            file.write(page)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The report that was saved as JSON. Raises `InvalidRequest` for another file, `OSError` for none."""
        return cls.from_dict(parsed(Path(path).read_bytes()))
