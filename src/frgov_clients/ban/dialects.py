"""The two geocoders that speak this API, as data: what each accepts, and how each says no.

- `GEOPF`: the Géoplateforme of IGN (https://data.geopf.fr/geocodage), the public service.
- `ADDOK`: addok 1.2 with addok-csv 1.1, for whoever hosts a geocoder. An instance with other filters or limits is
  described with `dataclasses.replace(ADDOK, ...)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import urlsplit

from ..transport.error_bodies import MOST_DETAILS, read_body, words
from ..transport.service import ServiceError

__all__ = ["ADDOK", "DIALECTS", "GEOPF", "CsvRules", "Dialect", "DialectName", "dialect_for", "read_error"]

DialectName: TypeAlias = Literal["geopf", "addok"]

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRules:
    """How the CSV endpoints of a geocoder behave."""

    max_bytes: int | None
    """The largest file."""
    max_rows: int | None
    """The most rows in a file, the header not counted."""
    filters: frozenset[str]
    """Form fields that name the column of a filter."""
    result_columns: bool
    """Whether the columns of the answer can be chosen; otherwise the field would be ignored."""
    status_column: bool
    """Whether the answer says of each row how it went (`result_status`)."""
    reads_latin: bool
    """Whether a file in ISO 8859-1 is recognised."""
    keeps_blank_lines: bool
    """Whether a blank line of a file of one column is a row, rather than dropped."""
    guesses_delimiter: bool
    """True when the delimiter can only be guessed from the file; false when it is told with the field `delimiter`."""
    guesses_position: bool
    """Whether columns named like coordinates weigh on a search that did not ask for it."""
    reverse_by_name: bool
    """Whether reverse ignores `lat` and `lon`, and only reads columns with the usual names."""
    min_score: bool = False
    """Whether rows with a low score are left blank unless `min_score` is sent, though a single search answers them."""
    score_digits: int | None = None
    """Decimals of the scores; a single search tells all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a geocoder accepts. Parameters are named as on the wire."""

    name: str
    indexes: tuple[str, ...]
    search: frozenset[str]
    """Parameters of `/search`."""
    reverse: frozenset[str]
    """Parameters of `/reverse`."""
    completion: frozenset[str] = frozenset()
    """Parameters of `/completion`; empty when there is no such endpoint."""
    types: frozenset[str] | None = None
    """Values of `type`; `None` when they depend on the data that an instance serves."""
    q_min: int = 1
    q_max: int = 200
    """Characters of the text, as UTF-16 counts them."""
    q_starts_alphanumeric: bool = False
    """Whether the text must start with a letter or a digit."""
    limit_max: int
    limit_max_true_geometry: int | None = None
    """What `limit` is silently lowered to when the full geometry is asked."""
    max_values: tuple[tuple[str, int], ...] = ()
    """How many values a filter takes, comma-separated; 1 for those that are not listed."""
    circle_max_radius: float | None = None
    """Metres, for `searchgeom`."""
    polygon_max_side: float | None = None
    """Metres, the longer side of the bounding box, for `searchgeom`."""
    csv: CsvRules = field(repr=False)

    def most_values(self, name: str) -> int:
        """How many values a filter takes."""
        return dict(self.max_values).get(name, 1)


_ADDRESS_FILTERS: Final = frozenset({"type", "postcode", "citycode"})
_PARCEL_FILTERS: Final = frozenset(
    {"departmentcode", "municipalitycode", "oldmunicipalitycode", "districtcode", "section", "sheet", "number"}
)
_GEOPF_COMMON: Final = (
    _ADDRESS_FILTERS
    | _PARCEL_FILTERS
    | {"depcode", "city", "category", "index", "limit", "lat", "lon", "returntruegeometry"}
)

GEOPF: Final = Dialect(
    name="geopf",
    indexes=("address", "poi", "parcel"),
    search=_GEOPF_COMMON | {"q", "autocomplete"},
    reverse=_GEOPF_COMMON | {"searchgeom"},
    completion=frozenset(
        {"text", "terr", "poiType", "type", "maximumResponses", "lonlat", "bbox", "depcode", "zipcode", "citycode"}
    ),
    types=frozenset({"housenumber", "street", "locality", "municipality"}),
    q_min=3,
    q_starts_alphanumeric=True,
    limit_max=50,
    limit_max_true_geometry=20,
    max_values=(("postcode", 50), ("citycode", 200), ("depcode", 10), ("category", 10), ("zipcode", 50)),
    circle_max_radius=500,
    polygon_max_side=1000,
    csv=CsvRules(
        max_bytes=50 * MIB,
        max_rows=200_000,
        filters=_ADDRESS_FILTERS | _PARCEL_FILTERS | {"category"},
        result_columns=True,
        status_column=True,
        reads_latin=True,
        keeps_blank_lines=True,
        guesses_delimiter=True,
        guesses_position=True,
        reverse_by_name=False,
    ),
)
"""The Géoplateforme. Limits: https://cartes.gouv.fr (documentation of the geocoding service, 2026)."""

ADDOK: Final = Dialect(
    name="addok",
    indexes=("address",),
    search=_ADDRESS_FILTERS | {"q", "limit", "lat", "lon", "autocomplete"},
    reverse=_ADDRESS_FILTERS | {"limit", "lat", "lon"},
    limit_max=100,
    csv=CsvRules(
        max_bytes=MIB,  # falcon, which serves addok, refuses a larger part of a form ("body part is too large")
        max_rows=None,
        filters=_ADDRESS_FILTERS,
        result_columns=False,
        status_column=False,
        reads_latin=False,
        keeps_blank_lines=False,
        guesses_delimiter=False,
        guesses_position=False,
        reverse_by_name=True,
        min_score=True,
        score_digits=2,
    ),
)
"""A self-hosted addok, with the filters of the French addresses (`type`, `postcode`, `citycode`)."""

DIALECTS: Final[Mapping[str, Dialect]] = {"geopf": GEOPF, "addok": ADDOK}


def dialect_for(base_url: str, dialect: Dialect | str | None = None) -> Dialect:
    """The dialect of an address: `GEOPF` for geopf.fr, `ADDOK` elsewhere. An explicit choice wins.

    Behind a proxy of one's own the address tells nothing: choose. Raises `KeyError` for an unknown name.
    """
    if dialect is not None:
        return dialect if isinstance(dialect, Dialect) else DIALECTS[dialect]
    try:
        host = (urlsplit(base_url).hostname or "").rstrip(".")
    except ValueError:
        host = ""
    return GEOPF if host == "geopf.fr" or host.endswith(".geopf.fr") else ADDOK


# ---- error bodies ------------------------------------------------------------------------------------------


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> ServiceError:  # noqa: ARG001 - as `Service` calls it
    """What an error body says; never raises.

    Understands the JSON of the Géoplateforme (`code`, `message`, `detail`), of its completion (HTTP 200 with
    `status` other than `OK`, and `error`), of addok (`title`, `description`), HTML pages of proxies, and plain text.
    """
    return read_body(headers, body, _from_json)


def _from_json(found: Any) -> ServiceError:
    if not isinstance(found, dict):
        return ServiceError(body=found)
    said = cast("dict[str, Any]", found)
    message = next((said[key] for key in ("message", "error", "title", "error_msg") if said.get(key)), None)
    detail = said.get("detail") or said.get("description")
    parts: list[Any] = [*detail] if isinstance(detail, list) else [detail]
    return ServiceError(
        message=words(message),
        code=words(said.get("code", said.get("status"))),
        details=tuple(text for part in parts[:MOST_DETAILS] if (text := words(part))),
        body=said,
    )
