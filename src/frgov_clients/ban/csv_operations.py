"""The endpoints of the geocoder that take one CSV file, as the service does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from ..transport.common import CommonEndpoints
from ..transport.effects import Flow, Offload
from ..transport.endpoint import flow
from ..transport.operation import Multipart, Operation, Reply, Spec

if TYPE_CHECKING:
    from .csvfile import CsvResult, CsvSource
    from .dialects import Dialect
    from .values import Values

__all__ = ["CsvEndpoints"]


def _csv_result(reply: Reply, operation: Operation[CsvResult]) -> CsvResult:
    from .csvfile import read_csv_result

    rows, dialect = operation.context
    return read_csv_result(reply.content, reply.headers, rows, dialect)


def _csv_spec(operation: str) -> Spec[CsvResult]:
    return Spec(
        name=f"ban.{operation}_csv",
        method="POST",
        path=f"/{operation}/csv",
        decode=_csv_result,
        quota="geocoding",
        idempotent=True,  # geocoding the same file twice changes nothing
        accept="text/csv, application/json;q=0.5",
        timeout=600.0,
        max_bytes=1024 * 1024 * 1024,
    )


_CSV: Final = {"search": _csv_spec("search"), "reverse": _csv_spec("reverse")}


class CsvEndpoints(CommonEndpoints):
    """Geocoding one file whole."""

    @property
    def dialect(self) -> Dialect:
        """What the server at `base_url` accepts."""
        known: Dialect = self._policies.service.dialect
        return known

    @flow
    def search_csv(
        self,
        source: CsvSource,
        *,
        columns: Sequence[str],
        filters: Mapping[str, str] | None = None,
        result_columns: Sequence[str] | None = None,
        lon: str | None = None,
        lat: str | None = None,
        indexes: Values | None = None,
        strict: bool = True,
    ) -> Flow[CsvResult]:
        """Geocode one CSV file whole, as the service does it: the file is sent as it is.

        Args:
            source: the bytes, a path, or a file opened in binary mode. At most 50 MiB and 200,000 rows.
            columns: the columns that make up the address, in order.
            filters: a filter (`postcode`, `citycode`, `type`, ...) to the *name of the column* that holds it.
            result_columns: which result columns to get; all of them by default.
            lon: name of the column with the longitude of a point to favour.
            lat: name of the column with its latitude.
            indexes: `address` (the default), `poi`, `parcel`, or several of them.
            strict: refuse a file that the service would damage or misread. With `False` it is sent all the same.

        Returns:
            The file with more columns, checked for completeness: as many rows as were sent, and none in error.

        Raises:
            InvalidRequest: refused before sending: names what is wrong with the file.
            IncompleteResult: the service answered 200 and left rows in error; `result` holds what there is.
            TruncatedResponse: rows are missing at the end.
        """
        fields = {"columns": columns, "filters": filters, "result_columns": result_columns, "indexes": indexes}
        return (yield from _send_csv(self, "search", source, {**fields, "lon": lon, "lat": lat, "strict": strict}))

    @flow
    def reverse_csv(
        self,
        source: CsvSource,
        *,
        lon: str | None = None,
        lat: str | None = None,
        filters: Mapping[str, str] | None = None,
        result_columns: Sequence[str] | None = None,
        indexes: Values | None = None,
        strict: bool = True,
    ) -> Flow[CsvResult]:
        """Find the address of each point of a CSV file.

        Args:
            source: the bytes, a path, or a file opened in binary mode. At most 50 MiB and 200,000 rows.
            lon: name of the column with the longitude (WGS84, decimal point); found by its usual names by default.
            lat: name of the column with the latitude.
            filters: a filter to the name of the column that holds it.
            result_columns: which result columns to get. Without it the Géoplateforme leaves `result_longitude` and
                `result_latitude` empty; ask for `longitude` and `latitude` to know where the address is.
            indexes: `address` (the default), `poi`, `parcel`, or several of them.
            strict: refuse a file that the service would damage or misread, such as one with decimal commas. A row
                without a point is let through, and comes back without an address.

        Returns:
            The file with more columns, checked for completeness.

        Raises:
            InvalidRequest, IncompleteResult, TruncatedResponse: as for `search_csv`.
        """
        fields = {"filters": filters, "result_columns": result_columns, "indexes": indexes}
        return (yield from _send_csv(self, "reverse", source, {**fields, "lon": lon, "lat": lat, "strict": strict}))


def _send_csv(
    client: CsvEndpoints, operation: Literal["search", "reverse"], source: CsvSource, options: dict[str, Any]
) -> Flow[CsvResult]:
    from .csvfile import check_csv, check_points, csv_part, inspect_csv

    dialect = client.dialect
    facts = yield Offload(lambda: inspect_csv(source, max_bytes=dialect.csv.max_bytes))
    fields = check_csv(facts, dialect, operation=operation, **options)
    if operation == "reverse" and options["strict"]:
        yield Offload(lambda: check_points(source, facts, lat=options["lat"], lon=options["lon"]))
    body = Multipart(fields, (csv_part(source),))
    return (yield from client.call(Operation(_CSV[operation], body=body, context=(facts.rows, dialect))))
