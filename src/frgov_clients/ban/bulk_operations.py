"""Geocoding many rows: declared once for the sync and the async client."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Self, TypedDict, Unpack, cast, overload

from ..errors import InvalidRequest
from ..transport.common import CommonEndpoints
from ..transport.endpoint import AsyncCalls, Declaration, SyncCalls
from ..transport.reading import read_flag, read_seconds, read_whole
from .dialects import GEOPF, Dialect, dialect_for

if TYPE_CHECKING:
    from .bulk.ahead import Ahead
    from .bulk.columns import Columns
    from .bulk.engine import Run
    from .bulk.given import GivenRows
    from .bulk.journal import Journal
    from .bulk.kinds import Kind
    from .bulk.model import Progress
    from .bulk.reading import AsyncRows, Rows
    from .bulk.run import AsyncGeocoding, Geocoding

__all__ = ["BulkEndpoints", "BulkOptions"]

P = ParamSpec("P")


class many(Declaration[P, Any]):  # noqa: N801 - a decorator
    """Many rows in, as many results out."""

    kind = "geocode"
    returns: ClassVar = {"sync": "Geocoding", "async": "AsyncGeocoding"}

    def __init__(self, fn: Callable[Concatenate[Any, P], Run]) -> None:
        super().__init__(fn)

    @overload
    def __get__(self, obj: SyncCalls, owner: Any) -> Callable[P, Geocoding]: ...
    @overload
    def __get__(self, obj: AsyncCalls, owner: Any) -> Callable[P, AsyncGeocoding]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)


class BulkOptions(TypedDict, total=False):
    """How a run is made; all have sensible defaults."""

    journal: str | os.PathLike[str] | Journal | None
    """Where answers are kept for the next run (an SQLite file). Without it they are forgotten at the end."""
    max_age: float | timedelta | None
    """Answers of the journal older than that (seconds) are asked again; by default they never are."""
    in_flight: int
    """Requests at once: 4."""
    memory_rows: int
    """Rows read and not yet handed over, at most: 8,000. Bounds the memory, and the size of a request."""
    lot_rows: int | None
    """The most rows in one request; by default what `lot_seconds` and `memory_rows` allow."""
    lot_seconds: float | timedelta
    """Seconds that one request should take: 25. The number of rows follows what the service was measured to do."""
    attempts: int
    """How often a row that fails by itself is asked before it ends as failed: 5. Outages do not count."""
    patience: float | timedelta
    """Seconds to wait for a service that is down before the run is given up: 300."""
    timeout: float | timedelta
    """Seconds that one request may take: 120."""
    header: Sequence[str] | None
    """Names of the columns, for rows that are sequences of cells or a CSV file whose first line is data."""
    delimiter: str | None
    """Of a CSV file; found by itself otherwise."""
    encoding: str | None
    """Of a CSV file; found by itself otherwise."""
    project_rows: int | None
    """From so many new questions on, ask them by one asynchronous project of the Géoplateforme, in the background;
    the rest of the run goes on as usual. By default never. The input is read once more, before all else. Needs
    `journal`, beside which files of the project lie meanwhile, and rows that can be read twice (a path, a list, a
    frame). `Progress.project` tells how far the project has come."""
    community: str | None
    """The Géoplateforme community that the project belongs to: files up to 1 GB, rather than several of 50 MB one
    after the other. The client must have the token of a member: `auth=StaticBearer(token)`."""
    progress: Callable[[Progress], object] | None
    """Called at most five times a second, when a project takes its next step, and at the end, where the results are
    taken (in an event loop: quickly)."""


class BulkEndpoints(CommonEndpoints):
    """Geocoding a stream of rows."""

    if TYPE_CHECKING:

        @property
        def dialect(self) -> Dialect: ...

    @many
    def geocode_many(
        self,
        rows: GivenRows,
        *,
        columns: Columns | Mapping[str, str | Sequence[str]] | None = None,
        ladder: bool = True,
        **options: Unpack[BulkOptions],
    ) -> Run:
        """Find the address of each row: a stream in, a stream out, one result per row, in order.

        Nothing of the rows is sent but the address: each request is a small file made for it, joined back by key.
        Rows that ask the same are sent once. What fails is sent again in smaller requests; a row that can not be
        answered ends as `failed`, never in silence.

        Args:
            rows: an iterable of mappings, the path of a CSV file (any delimiter, UTF-8 or latin-1, `.gz`), a pandas
                or polars frame, a database cursor; for the async client an async iterable as well.
            columns: which columns hold what: `Columns(address=("numero", "voie"), postcode="cp", city="commune")`,
                or the same as a mapping. Guessed from their names and contents by default.
            ladder: ask weak rows again in other words (without filter, without complement, ...).
            **options: see `frgov_clients.ban.BulkOptions`; mostly `journal="answers.journal"`, which keeps what was
                answered for the next run, and `progress`, a function that is told how far it has come.

        Returns:
            A run that has not begun, and has nothing open: iterate over it (inside `async with` for the async client),
            or `write` it to a file, or take it as a frame. Each result holds the row, a status, a verdict with its
            reasons, and the address.

        Raises:
            InvalidRequest: no column looks like an address, or one that is named does not exist; or `project_rows`
                without a journal on a file, for rows that can not be read twice, or for addok.
            OSError: `rows` is a path that can not be read.
            JournalError: the journal can not be opened or written (a full disk, another process).
            AuthenticationError, PermissionDenied, NotFound: the service refuses everything: look at `base_url`.
            DeadlineExceeded: while a project was under way the service was gone for `patience` seconds: run again.
        """
        from .bulk.kinds import SearchKind

        return _run(self._pair(options), rows, SearchKind(_checked(columns)), options, ladder=ladder)

    @many
    def reverse_many(
        self,
        rows: GivenRows,
        *,
        columns: Columns | Mapping[str, str | Sequence[str]] | None = None,
        **options: Unpack[BulkOptions],
    ) -> Run:
        """Find the address nearest to the point of each row (WGS84 degrees); otherwise as `geocode_many`.

        Decimal commas are understood; a longitude and a latitude that were swapped are put right, and reported.
        The Géoplateforme looks no further than 200 m.
        """
        from .bulk.kinds import ReverseKind

        return _run(self._pair(options), rows, ReverseKind(_checked(columns)), options, ladder=False)

    def _pair(self, options: BulkOptions) -> tuple[Self, Self]:
        """The client of the run, and that of its project: few and large requests, repeated as those of any call."""
        timeout = read_seconds("timeout", options.get("timeout", 120.0), may_be_zero=False)
        return self._for_long_work(timeout), self._sibling({"timeout": None, "deadline": None})


def _run(clients: tuple[Any, Any], rows: Any, kind: Kind, options: BulkOptions, *, ladder: bool) -> Run:
    """A run that has nothing open: what is wrong with the arguments is told now, all else when it begins."""
    from .bulk.engine import Plan, Run
    from .bulk.reading import rows_of

    client, patient = clients
    settings = _settings(options, ladder)
    journal = _journal(options)
    forms = {name: options.get(name) for name in ("delimiter", "encoding", "header")}
    source = rows_of(rows, forms)
    if options.get("project_rows") is not None or options.get("community") is not None:
        _check_project(patient, source, options)
    return Run(
        Plan(
            client=client,
            rows=source,
            kind=kind,
            journal=journal,
            owns_journal=journal is not options.get("journal"),
            service=_identity(client),
            ahead=_ahead(patient, source, kind, journal, options, settings["patience"]),
            **settings,
        )
    )


def _checked(columns: Any) -> Any:
    """The choice of columns, which has no part that does not exist."""
    from .bulk.columns import check_parts

    if columns is not None:
        check_parts(columns)
    return columns


def _journal(options: BulkOptions) -> Journal:
    from .bulk.journal import Journal, LaterJournal

    given, max_age = options.get("journal"), options.get("max_age")
    if max_age is not None and (given is None or isinstance(given, Journal)):
        hint = "Give `journal`, the path of a file" if given is None else "Give it to the Journal"
        raise InvalidRequest.of("max_age", "only together with the path of a journal", hint)
    if isinstance(given, Journal):
        return given
    if given is not None and not isinstance(cast("object", given), str | os.PathLike):
        raise InvalidRequest.of("journal", "the path of a file, or a Journal")
    return LaterJournal(given, max_age=max_age)


def _settings(options: BulkOptions, ladder: object) -> dict[str, Any]:
    lot_rows, progress = options.get("lot_rows"), options.get("progress")
    if progress is not None and not callable(progress):
        raise InvalidRequest.of("progress", "a function of one argument", "`print` shows what it is given")
    return {
        "progress": progress,
        "ladder": read_flag("ladder", ladder),
        "in_flight": read_whole("in_flight", options.get("in_flight", 4)),
        "memory_rows": read_whole("memory_rows", options.get("memory_rows", 8_000)),
        "lot_rows": None if lot_rows is None else read_whole("lot_rows", lot_rows),
        "lot_seconds": read_seconds("lot_seconds", options.get("lot_seconds", 25.0), may_be_zero=False),
        "attempts": read_whole("attempts", options.get("attempts", 5)),
        "patience": read_seconds("patience", options.get("patience", 300.0), may_be_zero=False),
    }


def _check_project(client: Any, source: Rows | AsyncRows, options: BulkOptions) -> None:
    """Refuse what no project can do."""
    from .bulk.ahead import check_ahead

    project_rows = options.get("project_rows")
    if project_rows is not None:
        read_whole("project_rows", project_rows)
    check_ahead(client, source, options.get("journal"), project_rows, options.get("community"))


def _ahead(
    client: Any, rows: Rows | AsyncRows, kind: Kind, journal: Journal, options: BulkOptions, patience: float
) -> Ahead | None:
    """The pass that the options ask for."""
    project_rows, community = options.get("project_rows"), options.get("community")
    if project_rows is None:
        return None
    from .bulk.ahead import Ahead

    return Ahead(client, rows, kind, journal, project_rows=project_rows, community=community, patience=patience)


def _identity(client: Any) -> str:
    """Whose answers these are: the public service's, or those of one server, be it a rehearsal or one's own."""
    url: str = client.config.base_url
    name: str = client.dialect.name
    return name if dialect_for(url) is GEOPF else f"{name} {url}"
