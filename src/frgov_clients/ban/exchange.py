"""What is asked of the geocoder, what it answers, and what that is worth, as values."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Answer", "Ask", "Verdict"]


class Ask(NamedTuple):
    """One request to the service: a text, within a commune or not, or a point. The journal knows answers by this."""

    q: str = ""
    """The text; empty for a point."""
    citycode: str = ""
    """INSEE code of the commune that the answer must lie in; empty for no filter."""
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
