"""What travels through the bulk geocoding, as values: questions to the service, its answers, and what came of a row."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar

__all__ = ["Answer", "Ask", "Geocoded", "KindName", "Origin", "Progress", "Status", "Verdict", "named"]


T = TypeVar("T")

if TYPE_CHECKING:

    def named(cls: type[T], fields: tuple[Any, ...], /) -> T:
        """Make a named tuple of all its fields, as a tuple."""
        ...
else:
    named = tuple.__new__  # a third of the time of calling the class


KindName: TypeAlias = Literal["search", "reverse"]
"""From texts to addresses, or from points to addresses."""


class Status(StrEnum):
    """How a row ended. Every row of the input ends in exactly one of these."""

    OK = "ok"
    """The service gave an address; `verdict` says what it is worth."""
    NOT_FOUND = "not_found"
    """The service looked, and knows nothing like it."""
    SKIPPED = "skipped"
    """Nothing was asked: the row holds no usable text or point; `reason` says why."""
    FAILED = "failed"
    """The service could not be asked, after several attempts; `reason` says why. Ask again later."""


class Verdict(StrEnum):
    """What an answer is worth, from comparing it with the question; the best first."""

    EXACT = "exact"
    """The number that was asked, in the street and the commune that were asked."""
    STREET = "street"
    """The right street or place: no number was asked, or the service does not know it."""
    COMMUNE = "commune"
    """The right commune, and nothing below it."""
    AMBIGUOUS = "ambiguous"
    """Two or more answers fit as well."""
    SUSPICIOUS = "suspicious"
    """An address came back that contradicts the question."""
    NONE = "none"
    """There is no answer."""


class Origin(StrEnum):
    """Where the answer of a row comes from."""

    SERVICE = "service"
    """It was asked for this row."""
    DUPLICATE = "duplicate"
    """Another row of the same run asks the same."""
    JOURNAL = "journal"
    """An earlier run asked it."""
    LOCAL = "local"
    """Nothing was asked: the row was skipped, or the run had been given up."""


class Ask(NamedTuple):
    """One request to the service: a text, or a point, and filters. The journal knows answers by this."""

    q: str = ""
    """The text; empty for a point."""
    citycode: str = ""
    """INSEE code of the commune that the answer must lie in; empty for no filter."""
    postcode: str = ""
    """Postcode that the answer must have; empty for no filter."""
    type: str = ""
    """Kind of address that the answer must be; empty for no filter."""
    lon: str = ""
    """Longitude of the point, in decimal degrees (WGS84)."""
    lat: str = ""


class Answer(NamedTuple):
    """The first address that the service gave for an `Ask`; the same from its CSV and from its JSON.

    Texts that the service does not give are empty.
    """

    label: str
    type: str
    """`housenumber`, `street`, `locality` or `municipality`."""
    id: str
    lon: float | None
    lat: float | None
    score: float | None = None
    """0 to 1; orders the answers of one query only."""
    score_next: float | None = None
    """The score of the second answer; `None` when there is none, or when the service does not tell."""
    housenumber: str = ""
    """With its suffix: `11bis`."""
    street: str = ""
    """The name of the street or place, without the number."""
    postcode: str = ""
    city: str = ""
    citycode: str = ""
    oldcitycode: str = ""
    """The commune of before a merger, when the address lies in one."""
    oldcity: str = ""
    district: str = ""
    """The arrondissement of Paris, Lyon or Marseille."""
    context: str = ""
    distance: float | None = None
    """Metres between the point asked and the address (reverse only)."""


class Geocoded(NamedTuple):
    """What came of one row of the input."""

    position: int
    """Place of the row in the input, from 0."""
    row: Mapping[str, Any]
    """The row as it was given."""
    status: Status
    verdict: Verdict
    answer: Answer | None = None
    reasons: tuple[str, ...] = ()
    """Why this verdict: short stable words (`number_missing`, `commune_differs`, ...)."""
    confidence: float | None = None
    """Probability that the answer is right at the level the verdict says, measured on labelled addresses."""
    step: str = ""
    """The step of the ladder that gave the answer."""
    steps: tuple[str, ...] = ()
    """All steps that were tried, in their order."""
    repairs: tuple[str, ...] = ()
    """What was mended in the row before it was asked (`postcode_zero_restored`, `lonlat_swapped`, ...)."""
    reason: str = ""
    """Why it was skipped or failed; empty otherwise."""
    origin: Origin = Origin.SERVICE


class Progress(NamedTuple):
    """How far a run has come."""

    done: int
    """Rows whose result is known and handed over."""
    total: int | None
    """Rows in all, where the input tells."""
    seconds: float
    rows_per_second: float
    seconds_left: float | None
    """`None` while the total is not known."""
    sent: int
    """Questions that were sent to the service."""
    requests: int
    failed: int
    waiting: float = 0.0
    """Seconds until the service is asked again, when it is down; 0 otherwise."""
