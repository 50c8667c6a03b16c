"""From arguments to wire parameters: what the service would refuse or ignore is refused here, before it is sent.

Every function is pure and answers the query as pairs, in a fixed order, ready for `Operation.params`; it raises
`InvalidRequest`, which names the parameter and its limit and never repeats a value. The dialect decides what is
allowed, so that no parameter is ignored in silence. `None` means "not given".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypedDict, Unpack, cast

from ..errors import InvalidRequest
from ..transport.reading import read_flag, read_whole
from .dialects import GEOPF, Dialect
from .geometry import Circle, Polygon, lonlat_texts
from .values import (
    OneOf,
    Read,
    Shape,
    Values,
    bbox_text,
    floats,
    one_text,
    read_citycode,
    read_departement,
    read_postcode,
    read_territory,
    search_text,
    values_of,
)

__all__ = ["Circle", "Filters", "Params", "Polygon", "Values", "completion_params", "reverse_params", "search_params"]

Params: TypeAlias = tuple[tuple[str, str], ...]


class Filters(TypedDict, total=False):
    """Filters of search and reverse. All that are given must agree."""

    type: str | None
    """Kind of address: `housenumber`, `street`, `locality`, `municipality` (address index)."""
    postcode: Values | None
    """Postcodes, 5 digits; up to 50 (address and poi indexes)."""
    citycode: Values | None
    """INSEE codes of communes; up to 200 (address and poi indexes)."""
    depcode: Values | None
    """Codes of départements; up to 10 (address and poi indexes)."""
    city: str | None
    """Name of a commune, up to 50 characters; not with `citycode`, nor with the parcel index."""
    category: Values | None
    """Categories of places, see `Capabilities.poi_categories`; up to 10 (poi index)."""
    departmentcode: str | None
    """Parcels: département in 2 characters, `97` overseas."""
    municipalitycode: str | None
    """Parcels: 2 or 3 digits, the commune without the département."""
    oldmunicipalitycode: str | None
    """Parcels: 3 digits, the absorbed commune."""
    districtcode: str | None
    """Parcels: 3 digits, the arrondissement of Paris, Lyon or Marseille."""
    section: str | None
    """Parcels: 1 or 2 digits or capital letters."""
    sheet: str | None
    """Parcels: 1 or 2 digits."""
    number: str | None
    """Parcels: 1 to 4 digits."""


_COMPLETE: Final = ("autocomplete", "0")


def search_params(
    q: str | None = None,
    *,
    dialect: Dialect = GEOPF,
    index: Values | None = None,
    limit: int | None = None,
    autocomplete: bool = False,
    lat: float | None = None,
    lon: float | None = None,
    returntruegeometry: bool = False,
    **filters: Unpack[Filters],
) -> Params:
    """The query of `/search`.

    `q` may only be left out of a structured search of parcels (`index="parcel"`, `departmentcode` and
    `municipalitycode` or `districtcode`). `lat` and `lon` (WGS84 degrees) favour what is near, they do not filter.
    `autocomplete` is off unless asked, and always said: the service's own default is on, which lowers the scores.
    """
    indexes = indexes_of(index, dialect)
    structured = bool(filters) and any(filters.get(name) is not None for name in PARCEL_FIELDS)
    query: list[tuple[str, str]] = []
    if structured or (q is None and indexes == ("parcel",)):
        _check_structured(q, indexes, filters, dialect)
    else:
        query.append(("q", search_text("q", q, dialect)))
    if index is not None and len(dialect.indexes) > 1:
        query.append(("index", ",".join(indexes)))
    _limits(query, limit, returntruegeometry, dialect, dialect.search)
    is_completed = read_flag("autocomplete", autocomplete)
    query.append(("autocomplete", "1") if is_completed else _COMPLETE)
    if lat is not None or lon is not None:
        _place(query, lon, lat)
    if filters:
        _filters(query, filters, indexes, dialect, dialect.search)
    return tuple(query)


def reverse_params(
    *,
    lon: float | None = None,
    lat: float | None = None,
    dialect: Dialect = GEOPF,
    searchgeom: Circle | Polygon | None = None,
    index: Values | None = None,
    limit: int | None = None,
    returntruegeometry: bool = False,
    **filters: Unpack[Filters],
) -> Params:
    """The query of `/reverse`: around a point (WGS84 degrees), inside a shape, or inside a shape ordered by a point.

    Around a point the Géoplateforme looks 100 m far, then 200 m: an empty answer says that there is nothing nearer.
    """
    indexes = indexes_of(index, dialect)
    query: list[tuple[str, str]] = []
    if lon is not None or lat is not None:
        _place(query, lon, lat)
    elif searchgeom is None:
        raise InvalidRequest.of("lon/lat", "a longitude and a latitude in degrees, or searchgeom")
    if searchgeom is not None:
        query.append(("searchgeom", _shape(searchgeom, dialect)))
    if index is not None and len(dialect.indexes) > 1:
        query.append(("index", ",".join(indexes)))
    _limits(query, limit, returntruegeometry, dialect, dialect.reverse)
    _filters(query, filters, indexes, dialect, dialect.reverse)
    return tuple(query)


def completion_params(
    text: str,
    *,
    dialect: Dialect = GEOPF,
    terr: Values | None = None,
    poi_type: str | None = None,
    type: Values | None = None,  # noqa: A002 - the name that the service gives it
    maximum_responses: int | None = None,
    lonlat: tuple[float, float] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    depcode: Values | None = None,
    zipcode: Values | None = None,
    citycode: Values | None = None,
) -> Params:
    """The query of `/completion/`.

    `terr` limits to `METROPOLE`, `DOMTOM`, départements or postcodes; `type` to `StreetAddress` or
    `PositionOfInterest`; `poi_type` to a category of places; `bbox` (west, south, east, north) to a rectangle.
    `lonlat` favours what is near. At most 15 `maximum_responses`.
    """
    if not dialect.completion:
        raise InvalidRequest.of("text", f"no completion in the dialect {dialect.name}", "use search with autocomplete")
    kinds = () if type is None else values_of("type", type, dialect, SUGGESTIONS.read, most=2)
    if poi_type is not None and kinds and "PositionOfInterest" not in kinds:
        raise InvalidRequest.of("poiType", "only with type PositionOfInterest")
    given: tuple[tuple[str, object, Callable[[str, Any], str]], ...] = (
        ("type", ",".join(kinds) or None, lambda _, value: value),
        ("poiType", poi_type, one_text),
        ("maximumResponses", maximum_responses, lambda field, value: str(read_whole(field, value, 15))),
        ("terr", terr, lambda field, value: ",".join(values_of(field, value, dialect, read_territory, most=200))),
        ("lonlat", lonlat, lambda field, value: ",".join(lonlat_texts(*floats(field, value, 2)))),
        ("bbox", bbox, lambda field, value: bbox_text(floats(field, value, 4))),
        ("depcode", depcode, lambda field, value: ",".join(values_of(field, value, dialect, read_departement))),
        ("zipcode", zipcode, lambda field, value: ",".join(values_of(field, value, dialect, read_postcode))),
        ("citycode", citycode, lambda field, value: ",".join(values_of(field, value, dialect, read_citycode))),
    )
    query = [("text", search_text("text", text, dialect))]
    query.extend((name, read(name, value)) for name, value, read in given if value is not None)
    return tuple(query)


# ---- filters -----------------------------------------------------------------------------------------------

SUGGESTIONS: Final = OneOf(frozenset({"StreetAddress", "PositionOfInterest"}))
_NAMED: Final = frozenset({"address", "poi"})
_PARCEL: Final = frozenset({"parcel"})
_THREE_DIGITS: Final = Shape(re.compile("[0-9]{3}"), 3, "3 digits")

# For each filter: the indexes that heed it, and how one value is read.
_RULES: Final[dict[str, tuple[frozenset[str], Read]]] = {
    "type": (frozenset({"address"}), one_text),
    "postcode": (_NAMED, read_postcode),
    "citycode": (_NAMED, read_citycode),
    "depcode": (_NAMED, read_departement),
    "city": (_NAMED, lambda field, value: one_text(field, value, 50)),
    "category": (frozenset({"poi"}), one_text),
    "departmentcode": (
        _PARCEL,
        Shape(re.compile("0[1-9]|[13-8][0-9]|2[1-9AB]|9[0-57]"), 2, "01 to 95 (2A and 2B for 20), or 97 overseas").read,
    ),
    "municipalitycode": (_PARCEL, Shape(re.compile("[0-9]{2,3}"), 3, "2 or 3 digits").read),
    "oldmunicipalitycode": (_PARCEL, _THREE_DIGITS.read),
    "districtcode": (_PARCEL, _THREE_DIGITS.read),
    "section": (_PARCEL, Shape(re.compile("[0-9]{1,2}|[A-Z]{1,2}|0[A-Z]"), 2, "1 or 2 digits or capitals").read),
    "sheet": (_PARCEL, Shape(re.compile("[0-9]{1,2}"), 2, "1 or 2 digits").read),
    "number": (_PARCEL, Shape(re.compile("[0-9]{1,4}"), 4, "1 to 4 digits").read),
}
PARCEL_FIELDS: Final = frozenset(name for name, (heeds, _) in _RULES.items() if heeds is _PARCEL)


def _filters(
    query: list[tuple[str, str]], filters: Filters, indexes: tuple[str, ...], dialect: Dialect, known: frozenset[str]
) -> None:
    for name in sorted(filters):
        value, rule = filters.get(name), _RULES.get(name)
        if rule is None or (value is not None and name not in known):
            raise unknown(name, dialect)
        if value is None:
            continue
        check_heeded(name, indexes)
        if name == "city":
            _check_city(filters, indexes)
            query.append((name, rule[1](name, cast("str", value))))
            continue
        values = values_of(name, value, dialect, rule[1])
        if name == "type" and dialect.types is not None:
            OneOf(dialect.types).read(name, values[0])
        query.append((name, values[0] if len(values) == 1 else ",".join(values)))


def check_heeded(name: str, indexes: Sequence[str]) -> None:
    """Refuse a filter that none of the indexes heeds."""
    heeds = _RULES[name][0]
    if heeds.isdisjoint(indexes):
        raise InvalidRequest.of(name, f"only with the index {' or '.join(sorted(heeds))}", "It would be ignored")


def unknown(name: str, dialect: Dialect) -> InvalidRequest:
    """The refusal of what a dialect does not know."""
    return InvalidRequest.of(name, f"not a parameter of the dialect {dialect.name}", "It would be ignored")


def _check_city(filters: Filters, indexes: tuple[str, ...]) -> None:
    if filters.get("citycode") is not None:
        raise InvalidRequest.of("city", "not together with citycode")
    if "parcel" in indexes:
        raise InvalidRequest.of("city", "not with the index parcel")


# ---- what goes together ------------------------------------------------------------------------------------


def indexes_of(index: object, dialect: Dialect) -> tuple[str, ...]:
    """The indexes asked for; `address` when none is."""
    if index is None:
        return ("address",)
    return values_of("index", index, dialect, OneOf(frozenset(dialect.indexes)).read, most=3)


def _limits(
    query: list[tuple[str, str]], limit: object, true_geometry: object, dialect: Dialect, known: frozenset[str]
) -> None:
    if limit is not None:
        query.append(("limit", str(read_whole("limit", limit, dialect.limit_max))))
    if not read_flag("returntruegeometry", true_geometry):
        return
    if "returntruegeometry" not in known:
        raise unknown("returntruegeometry", dialect)
    most = dialect.limit_max_true_geometry
    if most is not None and isinstance(limit, int) and limit > most:
        raise InvalidRequest.of("limit", f"1 to {most} with returntruegeometry", "The service would lower it")
    query.append(("returntruegeometry", "true"))


def _place(query: list[tuple[str, str]], lon: object, lat: object) -> None:
    if lon is None or lat is None:
        raise InvalidRequest.of("lon/lat", "both or none")
    east, north = lonlat_texts(lon, lat)
    query.append(("lon", east))
    query.append(("lat", north))


def _shape(shape: object, dialect: Dialect) -> str:
    if dialect.circle_max_radius is None or dialect.polygon_max_side is None:
        raise unknown("searchgeom", dialect)
    if isinstance(shape, Circle):
        return shape.geojson(dialect.circle_max_radius)
    if isinstance(shape, Polygon):
        return shape.geojson(dialect.polygon_max_side)
    raise InvalidRequest.of("searchgeom", "a Circle or a Polygon")


def _check_structured(q: object, indexes: tuple[str, ...], filters: Filters, dialect: Dialect) -> None:
    if "parcel" not in dialect.indexes:
        raise unknown("departmentcode", dialect)
    if q is not None:
        raise InvalidRequest.of("q", "not together with the codes of a parcel", "Give either")
    if indexes != ("parcel",):
        raise InvalidRequest.of("index", "parcel alone, for the codes of a parcel")
    if filters.get("departmentcode") is None:
        raise InvalidRequest.of("departmentcode", "required to search a parcel without q")
    if filters.get("municipalitycode") is None and filters.get("districtcode") is None:
        raise InvalidRequest.of("municipalitycode", "required to search a parcel without q, or districtcode")
