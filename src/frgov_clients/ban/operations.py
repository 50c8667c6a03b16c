"""The endpoints of the geocoder, each declared once for the sync and the async client.

Sources: https://cartes.gouv.fr (documentation of the geocoding service of the Géoplateforme) and
https://adresse.data.gouv.fr (lookup by identifier).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Unpack, cast
from urllib.parse import quote

from ..errors import ApiError, InvalidRequest
from ..transport.answers import json_model
from ..transport.endpoint import endpoint
from ..transport.masking import masked
from ..transport.operation import Operation, Reply, Spec
from .csv_operations import CsvEndpoints
from .dialects import read_error
from .params import Filters, completion_params, reverse_params, search_params
from .project_operations import ProjectEndpoints

if TYPE_CHECKING:
    from .geometry import Circle, Polygon
    from .models import CompletionResult, SearchResult
    from .reference_models import Capabilities, Commune, Numero, Voie
    from .values import Values

__all__ = ["PROBE", "BanEndpoints"]

DAY: Final = 86_400.0
_SHOWN: Final = frozenset({"limit", "index", "autocomplete", "type", "returntruegeometry", "maximumResponses"})


# ---- how answers are read; models load when the first answer comes -------------------------------------------


def _search_result() -> type[SearchResult]:
    from .models import SearchResult

    return SearchResult


def _completion_result() -> type[CompletionResult]:
    from .models import CompletionResult

    return CompletionResult


def _capabilities() -> type[Capabilities]:
    from .reference_models import Capabilities

    return Capabilities


def _lookup_model(name: str) -> Any:
    def load() -> Any:
        from . import reference_models

        return getattr(reference_models, name)

    return json_model(load)


_read_completion = json_model(_completion_result)


def _completion(reply: Reply, operation: Operation[CompletionResult]) -> CompletionResult:
    """A failure of the back-end comes as HTTP 200 with `status: Error`: it is an error here."""
    if b'"OK"' not in reply.content[:4096] and reply.content.lstrip()[:1] == b"{":
        said = read_error(reply.status, reply.headers, masked(reply, operation))
        if said.message is not None:
            text = f"the service answers HTTP {reply.status} and reports an error: {said.message}"
            raise ApiError(
                text, status=reply.status, code=said.code, service_message=said.message, body=said.body, retryable=True
            )
    return _read_completion(reply, operation)


# ---- what is fixed -----------------------------------------------------------------------------------------

_SEARCH: Final[Spec[SearchResult]] = Spec(
    name="ban.search",
    method="GET",
    path="/search",
    decode=json_model(_search_result),
    quota="geocoding",
    ttl=DAY,
    public_params=_SHOWN,
)
_REVERSE: Final[Spec[SearchResult]] = Spec(
    name="ban.reverse",
    method="GET",
    path="/reverse",
    decode=json_model(_search_result),
    quota="geocoding",
    ttl=DAY,
    public_params=_SHOWN,
)
_COMPLETION: Final[Spec[CompletionResult]] = Spec(
    name="ban.completion",
    method="GET",
    path="/completion/",
    decode=_completion,
    quota="completion",
    ttl=DAY,
    public_params=_SHOWN,
)
_CAPABILITIES: Final[Spec[Capabilities]] = Spec(
    name="ban.capabilities",
    method="GET",
    path="/getCapabilities",
    decode=json_model(_capabilities),
    quota="geocoding",
    ttl=DAY,
)
_LOOKUPS: Final[Mapping[str, Spec[Any]]] = {
    kind: Spec(
        name="ban.lookup",
        method="GET",
        path="/lookup",
        decode=_lookup_model(kind),
        origin="lookup",
        quota=None,
        ttl=DAY,
    )
    for kind in ("Commune", "Voie", "Numero")
}


PROBE: Final[Operation[SearchResult]] = Operation(
    Spec(name="ban.check", method="GET", path="/search", decode=json_model(_search_result), quota="geocoding"),
    (("q", "mairie"), ("limit", "1"), ("autocomplete", "0")),
)


class BanEndpoints(CsvEndpoints, ProjectEndpoints):
    """What the geocoder can do, whichever server it is."""

    @endpoint
    def search(
        self,
        q: str | None = None,
        *,
        limit: int | None = None,
        autocomplete: bool = False,
        lon: float | None = None,
        lat: float | None = None,
        index: Values | None = None,
        returntruegeometry: bool = False,
        **filters: Unpack[Filters],
    ) -> Operation[SearchResult]:
        """Find addresses, places or parcels from a text.

        Args:
            q: the text: 3 to 200 characters, starting with a letter or a digit. May only be left out of a
                structured search of parcels.
            limit: how many candidates at most: 1 to 50 (Géoplateforme), 1 to 100 (addok).
            autocomplete: take `q` for the beginning of a text. Off here, on in the service: it lowers the scores,
                so leave it off for texts that are complete.
            lon: with `lat`, favours what is near. WGS84, degrees. It does not filter.
            lat: see `lon`.
            index: `address` (the default), `poi`, `parcel`, or several of them.
            returntruegeometry: also give the full geometry (`limit` at most 20).
            **filters: keep only what agrees: `type`, `postcode`, `citycode`, `depcode`, `city`, `category`, and the
                parts of a cadastral reference; see `Filters`.

        Returns:
            Features, best first; empty when nothing was found. `score` (0 to 1) orders the answers of one query,
            and means nothing between two.

        Raises:
            InvalidRequest: refused before sending: names the parameter and its limit.
            BadRequest: the service refuses a parameter (an unknown `city`, for example).
            RateLimited: more than 45 requests per second, and this one would wait too long.
        """
        params = search_params(
            q,
            dialect=self.dialect,
            index=index,
            limit=limit,
            autocomplete=autocomplete,
            lat=lat,
            lon=lon,
            returntruegeometry=returntruegeometry,
            **filters,
        )
        return Operation(_SEARCH, params)

    @endpoint
    def reverse(
        self,
        *,
        lon: float | None = None,
        lat: float | None = None,
        searchgeom: Circle | Polygon | None = None,
        limit: int | None = None,
        index: Values | None = None,
        returntruegeometry: bool = False,
        **filters: Unpack[Filters],
    ) -> Operation[SearchResult]:
        """Find what is at a point, or inside a circle or a polygon.

        Args:
            lon: longitude of the point, WGS84 degrees. Only by name: the usual mistake is to swap the two.
            lat: latitude of the point.
            searchgeom: `Circle(lon, lat, radius)`, at most 500 m, or `Polygon(points)`, whose box has sides of at most
                1,000 m; together with a point, the answers are ordered by their distance to it. Géoplateforme only.
            limit: how many answers at most: 1 to 50 (Géoplateforme), 1 to 100 (addok).
            index: `address` (the default), `poi`, `parcel`, or several of them.
            returntruegeometry: also give the full geometry (`limit` at most 20).
            **filters: as for `search`. Ask `type="housenumber"` when you need a number: streets are found too.

        Returns:
            Features with `distance` in metres. The Géoplateforme looks no further than 200 m: an empty answer says
            that nothing is nearer.

        Raises:
            InvalidRequest: refused before sending: names the parameter and its limit.
        """
        params = reverse_params(
            lon=lon,
            lat=lat,
            dialect=self.dialect,
            searchgeom=searchgeom,
            index=index,
            limit=limit,
            returntruegeometry=returntruegeometry,
            **filters,
        )
        return Operation(_REVERSE, params)

    @endpoint
    def completion(
        self,
        text: str,
        *,
        type: Values | None = None,  # noqa: A002 - the service's name
        maximum_responses: int | None = None,
        terr: Values | None = None,
        poi_type: str | None = None,
        lonlat: tuple[float, float] | None = None,
        bbox: tuple[float, float, float, float] | None = None,
        depcode: Values | None = None,
        zipcode: Values | None = None,
        citycode: Values | None = None,
    ) -> Operation[CompletionResult]:
        """Suggest addresses and places while somebody types. Wait for a pause in the typing before each call.

        Args:
            text: 3 to 200 characters, starting with a letter or a digit.
            type: `StreetAddress`, `PositionOfInterest`, or both (the default).
            maximum_responses: 1 to 15, 10 by default.
            terr: `METROPOLE`, `DOMTOM`, départements or postcodes.
            poi_type: a category of places, see `capabilities().poi_categories`.
            lonlat: (longitude, latitude) in WGS84 degrees: favours what is near.
            bbox: (west, south, east, north) in WGS84 degrees.
            depcode: départements, at most 10.
            zipcode: postcodes, at most 50.
            citycode: INSEE codes of communes, at most 200.

        Raises:
            InvalidRequest: refused before sending; also by a server that has no completion (addok).
            ApiError: the service failed, which it says with HTTP 200.
            RateLimited: more than 9 requests per second, and this one would wait too long.
        """
        params = completion_params(
            text,
            dialect=self.dialect,
            terr=terr,
            poi_type=poi_type,
            type=type,
            maximum_responses=maximum_responses,
            lonlat=lonlat,
            bbox=bbox,
            depcode=depcode,
            zipcode=zipcode,
            citycode=citycode,
        )
        return Operation(_COMPLETION, params)

    @endpoint
    def capabilities(self) -> Operation[Capabilities]:
        """What the service offers: parameters, indexes, and the categories of places.

        Raises:
            InvalidRequest: this server does not say (addok).
        """
        if self.dialect.name == "addok":
            raise InvalidRequest.of("dialect", "addok does not describe itself", "Read `client.dialect` instead")
        return Operation(_CAPABILITIES)

    @endpoint
    def lookup(self, id: str) -> Operation[Commune | Voie | Numero]:  # noqa: A002 - the service's name
        """What the national address base knows of an identifier. Asked of adresse.data.gouv.fr, not of `base_url`.

        Args:
            id: 5 characters for a commune (`90001`), 10 or 12 for a street or place (`90001_0003`), 16 and more for
                a number (`90001_0003_00004_bis`), as they stand in the answers of `search`.

        Raises:
            InvalidRequest: not an identifier.
            NotFound: no such thing. Identifiers of geocoder and base do not always agree.
        """
        spec = _LOOKUPS[_kind_of(id)]
        return Operation(spec, path=f"{spec.path}/{quote(id, safe='')}")


_COMMUNE: Final = re.compile(r"[0-9][0-9AB][0-9]{3}")
_BELOW_COMMUNE: Final = re.compile(r"[0-9][0-9AB][0-9]{3}_[0-9A-Za-z]{4,6}(_[0-9]{5}(_[0-9A-Za-z_-]+)?)?")


def _kind_of(identifier: str) -> str:
    if isinstance(cast("object", identifier), str):
        if _COMMUNE.fullmatch(identifier):
            return "Commune"
        if len(identifier) < 100 and (found := _BELOW_COMMUNE.fullmatch(identifier)):
            return "Voie" if found.group(1) is None else "Numero"
    limit = "a commune (90001), a street (90001_0003) or a number (90001_0003_00004)"
    raise InvalidRequest.of("id", limit, "Take it from `id` of a feature")
