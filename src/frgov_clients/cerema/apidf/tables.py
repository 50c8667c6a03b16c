"""The tables of the service, as data, and the questions that are asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import quote, urlsplit

from ...errors import ConfigurationError, InvalidRequest
from ...transport.answers import json_model
from ...transport.common import CommonEndpoints
from ...transport.operation import Decoder, Operation, Page, Parts, Reply, Spec
from ...transport.reading import whole
from .area import Area, Params, places_of
from .filters import filter_params
from .values import one

if TYPE_CHECKING:
    from .models.rows import Feature, Row

__all__ = ["ApidfCommon", "Table", "feature_of", "of_length", "path_part", "record", "table"]

T = TypeVar("T")
R = TypeVar("R", bound="Row")

HOUR: Final = 3_600.0
"""Seconds that open data may be kept: pages of different days are not one list."""
TIMEOUT: Final = 60.0
"""Seconds: a page of 500 rows takes the service long."""
_SHOWN: Final = frozenset({"page", "page_size", "fields", "ordering", "code_insee", "coddep", "echelle", "annee"})


@dataclass(frozen=True, slots=True, eq=False)
class Table(Generic[T]):
    """A list that the service has."""

    spec: Spec[Page[T]]
    model: Callable[[], type[T]]
    area: Area


def table(
    name: str,
    path: str,
    load: Callable[[], type[T]],
    area: Area,
    *,
    restricted: bool = False,
    personal: bool = False,
) -> Table[T]:
    """A list. `restricted`: asked with the token, and never kept in a cache. `personal`: it speaks of persons."""

    def decode(reply: Any, operation: Operation[Page[T]]) -> Page[T]:
        return _reader(load)(reply, operation)

    spec: Spec[Page[T]] = Spec(
        name=f"apidf.{name}",
        method="GET",
        path=path,
        decode=decode,
        **access(restricted=restricted, personal=personal),
    )
    return Table(spec, load, area)


def record(name: str, path: str, load: Callable[[], type[R]], **kept: bool) -> Spec[R]:
    """One row, by its identifier; `{}` in the path stands for it."""
    return Spec(name=f"apidf.{name}", method="GET", path=path, decode=json_model(load), **access(**kept))


def access(*, restricted: bool = False, personal: bool = False) -> dict[str, Any]:
    """Open data are asked for without the token, which need not travel, and may be kept for a while."""
    return {
        "origin": "default" if restricted else "open",
        "ttl": 0.0 if restricted else HOUR,
        "personal": personal,
        "timeout": TIMEOUT,
        "public_params": _SHOWN,
    }


@cache
def _reader(load: Callable[[], type[Any]]) -> Decoder[Page[Any]]:
    """The decoder of the pages of a table; models load with the first answer."""
    from ..pages import Collection, Envelope, page_reader
    from .models.rows import feature_key, key_columns_of, row_key

    model: Any = load()
    has_geometry = "geometry" in model.model_fields
    key = None if not key_columns_of(model) else feature_key if has_geometry else row_key
    if has_geometry:
        return _keyed(page_reader(lambda: Collection[model], _entries("features"), key))
    return _keyed(page_reader(lambda: Envelope[model], _entries("results"), key))


def _keyed(read: Decoder[Page[Any]]) -> Decoder[Page[Any]]:
    """Rows without a key may look alike and be two: where one lacks it, no row of the page is told by its key."""

    def decode(reply: Reply, operation: Operation[Any]) -> Page[Any]:
        page = read(reply, operation)
        return page if page.keys is None or None not in page.keys else replace(page, keys=None)

    return decode


def _entries(name: str) -> Callable[[Any], Any]:
    return lambda page: getattr(page, name)


def feature_of(load: Callable[[], type[R]]) -> Callable[[], type[Feature[R]]]:
    """The class of a row with its geometry."""

    def load_feature() -> type[Feature[R]]:
        from .models.rows import Feature

        row: Any = load()
        return Feature[row]

    return load_feature


class ApidfCommon(CommonEndpoints):
    """How the endpoints ask."""

    def _listed(self, asked: Table[T], given: Mapping[str, Any], *, one_parcel: bool = False) -> Parts[T]:
        """The rows of a table at the place and with the filters that are given."""
        filters = filter_params(given, one_parcel=one_parcel)
        return self._parts(asked, [(*place, *filters) for place in places_of(given, asked.area)])

    def _parts(self, asked: Table[T], questions: Sequence[Params], paths: Sequence[str | None] = (None,)) -> Parts[T]:
        """The pages of all questions."""
        from ..pages import Listing

        self._allowed(asked.spec)
        context = Listing(urlsplit(self._config.base_url).hostname or "")
        asking = [(path, params) for path in paths for params in questions]
        firsts = tuple(Operation(asked.spec, params, path=path, context=context) for path, params in asking)
        return Parts(firsts, asked.model)

    def _one(self, spec: Spec[T], field: str, value: object) -> Operation[T]:
        """One row by its identifier."""
        self._allowed(spec)
        return Operation(spec, path=spec.path.replace("{}", path_part(field, value)))

    def _allowed(self, spec: Spec[Any]) -> None:
        if spec.origin == "default" and self._config.auth is None:
            msg = "token: dv3f and ff are open to those who are entitled alone. Ask for a token at "
            msg += "https://portaildf.cerema.fr, then give it as `token`, or in FRGOV_APIDF_TOKEN"
            raise ConfigurationError(msg, option="token")


def path_part(field: str, value: object) -> str:
    """A code as a part of a path."""
    number = whole(value)
    if number is not None and 0 <= number < 10**18:
        return str(number)
    return quote(one(field, value), safe="+*")


def of_length(field: str, value: object, length: int) -> str:
    """An identifier of so many characters."""
    if not isinstance(value, str) or len(value) != length:
        raise InvalidRequest.of(field, f"{length} characters")
    return value
