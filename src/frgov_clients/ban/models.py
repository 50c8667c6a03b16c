"""What the geocoding services answer, as typed values.

Read with `Model.model_validate_json(reply.content)`; anything that is not such an answer is a `ValidationError`.
Fields that the service adds later are kept (`model_extra`), so `model_dump(mode="json", by_alias=True,
exclude_unset=True)` gives back what came. Codes are text, coordinates are `.lon` and `.lat` in WGS84 degrees.

Fields follow the Géoplateforme API (https://data.geopf.fr/geocodage/openapi), and addok where it differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import Field, ValidationError

from ..errors import UnexpectedContent
from ..transport.records import Geometry, Point, Record

__all__ = [
    "AddressFeature",
    "AddressProperties",
    "CompletionResult",
    "Feature",
    "ParcelFeature",
    "ParcelProperties",
    "PoiFeature",
    "PoiProperties",
    "PositionOfInterest",
    "SearchResult",
    "StreetAddress",
    "Suggestion",
]


# ---- search and reverse ------------------------------------------------------------------------------------


class Found(Record):
    """What the properties of every index have in common."""

    score: float | None = None
    """How well it answers, 0 to 1: good for ordering, not comparable between JSON and CSV answers, nor between
    `autocomplete` on and off. Absent after `searchgeom` without a point, and after a structured parcel search."""
    raw_score: float | None = Field(default=None, alias="_score")
    """`_score`: announced by the specification, not sent by the service in its observed versions."""
    distance: float | None = None
    """Metres from the point asked for."""
    truegeometry: str | Geometry | None = None
    """The full shape, when `returntruegeometry` was asked: JSON text, or an object, as the index does it.
    `true_geometry` of the feature reads both."""


class AddressProperties(Found):
    """One address, street, place or commune of the Base Adresse Nationale."""

    record_type: Literal["address"] | None = Field(default=None, alias="_type")
    """Always `address`; addok does not send it."""
    id: str
    """Interoperability key: `<INSEE>_<FANTOIR>_<number>_<suffix>`, `<INSEE>_<FANTOIR>`, or the INSEE code."""
    ban_id: str | None = Field(default=None, alias="banId")
    """Stable identifier (UUID); null or absent for what has none."""
    type: str
    """How precise it is: `housenumber`, `street`, `locality` or `municipality`."""
    label: str
    """The whole address in one line."""
    name: str
    """Number and street, or the name of the place or commune."""
    housenumber: str | None = None
    """Number and suffix, `11bis`; only for `housenumber`."""
    street: str | None = None
    locality: str | None = None
    municipality: str | None = None
    postcode: str | None = None
    citycode: str | None = None
    """INSEE code of the commune, 5 characters (`2A004`); of the arrondissement in Paris, Lyon and Marseille."""
    city: str | None = None
    district: str | None = None
    """Arrondissement of Paris, Lyon or Marseille."""
    oldcitycode: str | None = None
    """INSEE code of the commune that was merged into `citycode`."""
    oldcity: str | None = None
    context: str | None = None
    """Département code, département, region: two parts only overseas (`971, Guadeloupe`)."""
    importance: float | None = None
    population: float | None = None
    """Inhabitants; only for `municipality`."""
    x: float | None = None
    """Easting in metres, in the legal projection of the territory: EPSG 2154 in metropolitan France, 5490 Antilles,
    2972 Guyane, 2975 La Réunion, 4471 Mayotte. Never a longitude, although the specification says so."""
    y: float | None = None
    """Northing in metres, same projection."""


class PoiProperties(Found):
    """One place, facility or administrative unit of BD TOPO. Most fields are lists."""

    record_type: Literal["poi"] = Field(alias="_type")
    name: tuple[str, ...] | None = None
    toponym: str | None = None
    category: tuple[str, ...] | None = None
    """From the general to the precise; `Capabilities.poi_categories` lists the values."""
    postcode: tuple[str, ...] | None = None
    citycode: tuple[str, ...] | None = None
    """INSEE codes of communes, and also of départements and EPCI: 2 to 9 characters."""
    city: tuple[str, ...] | None = None
    extrafields: dict[str, Any] | None = None
    """What the source adds; `cleabs` is its identifier."""
    classification: float | None = None
    """Importance, 1 (high) to 10 (low)."""
    territory: str | None = None
    """`METROPOLE` or `DOMTOM`."""


class ParcelProperties(Found):
    """One parcel of the cadastre."""

    record_type: Literal["parcel"] = Field(alias="_type")
    id: str
    """14 characters: département 2, commune 3, absorbed commune 3, section 2, number 4."""
    departmentcode: str | None = None
    municipalitycode: str | None = None
    oldmunicipalitycode: str | None = None
    """The absorbed commune, `000` for none."""
    districtcode: str | None = None
    section: str | None = None
    sheet: str | int | None = None
    number: str | None = None
    city: str | None = None


F = TypeVar("F", bound=Found)


class Located(Record, Generic[F]):
    """One thing found, with its position."""

    type: str = "Feature"
    geometry: Point
    """Where it is; for a parcel or a surface, a point inside or near it."""
    properties: F

    @property
    def lon(self) -> float:
        """Longitude, WGS84 degrees."""
        return self.geometry.coordinates[0]

    @property
    def lat(self) -> float:
        """Latitude, WGS84 degrees."""
        return self.geometry.coordinates[1]

    @property
    def score(self) -> float | None:
        """How well it answers, 0 to 1; `None` where the service gives none."""
        found = self.properties
        return found.raw_score if found.score is None else found.score

    @property
    def true_geometry(self) -> Geometry | None:
        """The full shape, `None` unless `returntruegeometry` was asked. Raises `UnexpectedContent`."""
        shape = self.properties.truegeometry
        if not isinstance(shape, str):
            return shape
        try:
            return Geometry.model_validate_json(shape)
        except ValidationError:
            raise UnexpectedContent("truegeometry is not a GeoJSON geometry", retryable=False) from None


class AddressFeature(Located[AddressProperties]):
    """An address with its position."""

    @property
    def id(self) -> str:
        """Interoperability key."""
        return self.properties.id

    @property
    def label(self) -> str:
        """The whole address in one line."""
        return self.properties.label


class PoiFeature(Located[PoiProperties]):
    """A place with its position."""

    @property
    def id(self) -> str | None:
        """`cleabs`, the identifier of BD TOPO."""
        key = (self.properties.extrafields or {}).get("cleabs")
        return key if isinstance(key, str) else None

    @property
    def label(self) -> str:
        """Its name (and city, when it has one); empty when the service gives none."""
        found = self.properties
        name = found.toponym or (found.name[0] if found.name else "")
        return ", ".join(part for part in (name, found.city[0] if found.city else "") if part)


class ParcelFeature(Located[ParcelProperties]):
    """A parcel with a point of it."""

    @property
    def id(self) -> str:
        """The 14 characters of the cadastre."""
        return self.properties.id

    @property
    def label(self) -> str:
        """Identifier, and city when known."""
        found = self.properties
        return f"{found.id}, {found.city}" if found.city else found.id


Feature: TypeAlias = AddressFeature | PoiFeature | ParcelFeature


class SearchResult(Record):
    """The answer of search and reverse: features, best first. Iterating, `len()` and truth are those of the features.

    `features` is told apart by `properties._type` (absent means address). Addresses are tried first, without calling
    back into Python: they are nearly all of what is asked.
    """

    type: Literal["FeatureCollection"]
    features: list[Annotated[Feature, Field(union_mode="left_to_right")]]
    query: str | None = None
    """The text searched, where the service repeats it."""
    limit: int | None = None
    filters: dict[str, Any] | None = None
    """The filters applied, where the service repeats them (addok)."""
    attribution: str | dict[str, Any] | None = None
    licence: str | dict[str, Any] | None = None
    version: str | None = None

    # Iterating a result means its features. Pydantic's own iteration (over fields) is only used by `dict(model)`.
    def __iter__(self) -> Iterator[Feature]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return iter(self.features)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def best(self) -> Feature | None:
        """The first feature, `None` when nothing was found. After `searchgeom` without a point there is no order."""
        return self.features[0] if self.features else None

    @property
    def addresses(self) -> list[AddressFeature]:
        return [feature for feature in self.features if isinstance(feature, AddressFeature)]

    @property
    def pois(self) -> list[PoiFeature]:
        return [feature for feature in self.features if isinstance(feature, PoiFeature)]

    @property
    def parcels(self) -> list[ParcelFeature]:
        return [feature for feature in self.features if isinstance(feature, ParcelFeature)]


# ---- completion --------------------------------------------------------------------------------------------


class BaseSuggestion(Record):
    x: Annotated[float, Field(allow_inf_nan=False)]
    """Longitude, WGS84 degrees: unlike `x` of an address, which is projected."""
    y: Annotated[float, Field(allow_inf_nan=False)]
    """Latitude, WGS84 degrees."""
    fulltext: str
    """The line to show and to search for."""
    kind: str | None = None
    """`housenumber`, `street`, ... for an address; the first category of a place."""
    city: str | None = None
    street: str | None = None
    zipcode: str | None = None
    metropole: bool | None = None
    """True in metropolitan France; absent when the service does not know."""
    classification: float | None = None

    @property
    def lon(self) -> float:
        """Longitude, WGS84 degrees."""
        return self.x

    @property
    def lat(self) -> float:
        """Latitude, WGS84 degrees."""
        return self.y


class StreetAddress(BaseSuggestion):
    """A suggested address."""

    country: Literal["StreetAddress"]
    oldcity: str | None = None


class PositionOfInterest(BaseSuggestion):
    """A suggested place."""

    country: Literal["PositionOfInterest"]
    names: tuple[str, ...] | None = None
    zipcodes: tuple[str, ...] | None = None
    poi_type: tuple[str, ...] | None = Field(default=None, alias="poiType")


Suggestion: TypeAlias = StreetAddress | PositionOfInterest


class CompletionResult(Record):
    """Suggestions, best first. Iterating, `len()` and truth are those of the suggestions.

    A failure of the service comes as HTTP 200 with another `status`: it does not validate, so that it can never be
    taken for an empty list (`dialects.read_error` reads it).
    """

    status: Literal["OK"]
    results: list[Annotated[Suggestion, Field(discriminator="country")]]

    def __iter__(self) -> Iterator[Suggestion]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)
