"""Geocoding many rows: declared once for the sync and the async client."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Self, TypedDict, Unpack, overload

from ..errors import InvalidRequest
from ..transport.common import CommonEndpoints
from ..transport.endpoint import AsyncCalls, Declaration, SyncCalls
from .dialects import GEOPF, Dialect

if TYPE_CHECKING:
    from .bulk.columns import Columns
    from .bulk.engine import Run
    from .bulk.journal import Journal
    from .bulk.kinds import Kind
    from .bulk.model import Progress
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
    lot_seconds: float
    """Seconds that one request should take: 25. The number of rows follows what the service was measured to do."""
    attempts: int
    """How often a row that fails is asked before it ends as failed: 5."""
    patience: float
    """Seconds to wait for a service that is down before the run is given up: 300."""
    timeout: float
    """Seconds that one request may take: 120."""
    delimiter: str | None
    """Of a CSV file; found by itself otherwise."""
    encoding: str | None
    """Of a CSV file; found by itself otherwise."""
    progress: Callable[[Progress], object] | None
    """Called at most five times a second, and at the end, where the results are taken (in an event loop: quickly)."""


class BulkEndpoints(CommonEndpoints):
    """Geocoding a stream of rows."""

    if TYPE_CHECKING:

        @property
        def dialect(self) -> Dialect: ...

    @many
    def geocode_many(
        self,
        rows: Any,
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
            **options: see `BulkOptions`.

        Returns:
            A run: iterate over it (inside `async with` for the async client), or `write` it to a file, or take it
            as a frame. Each result holds the row, a status, a verdict with its reasons, and the address.

        Raises:
            InvalidRequest: no column looks like an address, or one that is named does not exist.
            JournalError: the journal can not be written (a full disk).
            AuthenticationError, PermissionDenied, NotFound: the service refuses everything: look at `base_url`.
        """
        from .bulk.kinds import SearchKind

        return _run(self._for_long_work(_timeout(options)), rows, SearchKind(columns), options, ladder=ladder)

    @many
    def reverse_many(
        self,
        rows: Any,
        *,
        columns: Columns | Mapping[str, str | Sequence[str]] | None = None,
        **options: Unpack[BulkOptions],
    ) -> Run:
        """Find the address nearest to the point of each row (WGS84 degrees); otherwise as `geocode_many`.

        Decimal commas are understood; a longitude and a latitude that were swapped are put right, and reported.
        The Géoplateforme looks no further than 200 m.
        """
        from .bulk.kinds import ReverseKind

        return _run(self._for_long_work(_timeout(options)), rows, ReverseKind(columns), options, ladder=False)


def _run(client: Any, rows: Any, kind: Kind, options: BulkOptions, *, ladder: bool) -> Run:
    from .bulk.engine import Plan, Run
    from .bulk.journal import Journal
    from .bulk.reading import rows_of

    source = rows_of(rows, delimiter=options.get("delimiter"), encoding=options.get("encoding"))
    given, max_age = options.get("journal"), options.get("max_age")
    if isinstance(given, Journal):
        if max_age is not None:
            raise InvalidRequest.of("max_age", "not together with a Journal", "Give it to the Journal")
        journal = given
    else:
        journal = Journal(given, max_age=max_age, dialect=_identity(client))
    lot_rows = options.get("lot_rows")
    return Run(
        Plan(
            client=client,
            rows=source,
            kind=kind,
            journal=journal,
            owns_journal=journal is not given,
            ladder=ladder,
            in_flight=int(_positive("in_flight", options.get("in_flight", 4))),
            memory_rows=int(_positive("memory_rows", options.get("memory_rows", 8_000))),
            lot_rows=None if lot_rows is None else int(_positive("lot_rows", lot_rows)),
            lot_seconds=_positive("lot_seconds", options.get("lot_seconds", 25.0)),
            attempts=int(_positive("attempts", options.get("attempts", 5))),
            patience=_positive("patience", options.get("patience", 300.0)),
            progress=options.get("progress"),
        )
    )


def _timeout(options: BulkOptions) -> float:
    return _positive("timeout", options.get("timeout", 120.0))


def _positive(field: str, value: float) -> float:
    if not value > 0:
        raise InvalidRequest.of(field, "more than 0")
    return value


def _identity(client: Any) -> str:
    """Whose answers these are: the public service, whatever its address, or one server of one's own."""
    name: str = client.dialect.name
    return name if name == GEOPF.name else f"{name} {client.config.base_url}"
