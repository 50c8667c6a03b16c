"""Indicators by territory and year: land consumption and the property market. They are open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypedDict, Unpack, cast

from ...errors import InvalidRequest
from ...transport.operation import Parts
from .area import COMMUNES, Params, codes_of, groups_of
from .filters import filter_params
from .listing import rows
from .tables import ApidfCommon, Table, path_part, table
from .values import Values, choice, epci, one

if TYPE_CHECKING:
    from .models.indicateurs import ConsoEspace, Indicateur, Prix

__all__ = ["Echelle", "IndicateurEndpoints", "Years"]

Echelle: TypeAlias = Literal["communes", "epci", "aav", "departements", "regions", "france"]
"""The kind of territory: communes, intercommunalities, catchment areas of cities (AAV), ..."""


class Years(TypedDict, total=False):
    """Which years, and how they come."""

    annee: int | str | None
    """The year; the middle one, where three are taken together."""
    ordering: Values | None
    """Columns to sort by, with `-` in front from the greatest down."""
    page_size: int
    """Rows of a request, 500 at most and by default."""


class Spans(Years, total=False):
    """A span of years."""

    annee_min: int | str | None
    annee_max: int | str | None


def _conso() -> type[ConsoEspace]:
    from .models.indicateurs import ConsoEspace

    return ConsoEspace


def _prix() -> type[Prix]:
    from .models.indicateurs import Prix

    return Prix


def _indicateur() -> type[Indicateur]:
    from .models.indicateurs import Indicateur

    return Indicateur


_MARKET: Final = "/indicateurs/dv3f"
_CONSO: Final[Table[ConsoEspace]] = table("conso_espace", "/indicateurs/conso_espace/{}/{}/", _conso, COMMUNES)
_PRIX: Final[Table[Prix]] = table("prix", f"{_MARKET}/prix/{{}}/", _prix, COMMUNES)
_ACTIVITE: Final[Table[Indicateur]] = table("activite", f"{_MARKET}/activite/", _indicateur, COMMUNES)
_ACCESSIBILITE: Final[Table[Indicateur]] = table("accessibilite", f"{_MARKET}/accessibilite/", _indicateur, COMMUNES)
_VALORISATION: Final[Table[Indicateur]] = table(
    "valorisation", f"{_MARKET}/valorisation/{{}}/{{}}/", _indicateur, COMMUNES
)


class IndicateurEndpoints(ApidfCommon):
    """Indicators by territory and year.

    Each method may raise `InvalidRequest` (an argument that can not be), each walk `IncompleteResult`.
    """

    @rows
    def conso_espace(
        self, *, code_insee: Values | None = None, coddep: Values | None = None, **years: Unpack[Spans]
    ) -> Parts[ConsoEspace]:
        """Natural, agricultural and forest land built on each year, in m².

        Args:
            code_insee: INSEE codes of communes, or
            coddep: codes of départements. Each code is a request of its own.
            **years: `annee`, or `annee_min` and `annee_max`.
        """
        if (code_insee is None) == (coddep is None):
            raise InvalidRequest.of("code_insee", "either code_insee or coddep")
        if code_insee is not None:
            kind, codes = "communes", codes_of("code_insee", code_insee, _PARSERS["communes"])
        else:
            kind, codes = "departements", codes_of("coddep", coddep, _PARSERS["departements"])
        paths = [f"/indicateurs/conso_espace/{kind}/{code}/" for code in codes]
        return self._parts(_CONSO, [filter_params(years)], paths)

    @rows
    def prix(
        self,
        echelle: Echelle,
        code: Values | None = None,
        *,
        periode: Literal["annuel", "triennal"] = "annuel",
        **years: Unpack[Years],
    ) -> Parts[Prix]:
        """Prices and numbers of sales.

        Args:
            echelle: the kind of territory.
            code: territories of that kind, asked for in groups of 10; none for `france` (a guess).
            periode: year by year, or three years taken together.
            **years: `annee`.
        """
        path = f"{_MARKET}/prix/{choice('annuel', 'triennal')('periode', periode)}/"
        return self._parts(_PRIX, _territories(echelle, code, years), [path])

    @rows
    def activite(self, echelle: Echelle, code: Values | None = None, **years: Unpack[Years]) -> Parts[Indicateur]:
        """How lively the property market is, three years taken together. Arguments as for `prix`."""
        return self._parts(_ACTIVITE, _territories(echelle, code, years))

    @rows
    def accessibilite(self, code: Values, **years: Unpack[Years]) -> Parts[Indicateur]:
        """What households can afford to buy, three years taken together.

        Args:
            code: catchment areas of cities (AAV), asked for in groups of 10.
            **years: `annee`.
        """
        groups = groups_of("code", code, _PARSERS["aav"])
        return self._parts(_ACCESSIBILITE, [(("code", codes), *filter_params(years)) for codes in groups])

    @rows
    def valorisation(self, echelle: Literal["aav", "epci"], code: Values, **years: Unpack[Years]) -> Parts[Indicateur]:
        """How prices in the communes of a territory compare with those of the whole.

        Args:
            echelle: the kind of territory.
            code: territories of that kind; each is a request of its own.
            **years: `annee`.
        """
        kind = choice("aav", "epci")("echelle", echelle)
        codes = codes_of("code", code, _PARSERS[kind])
        paths = [f"{_MARKET}/valorisation/{kind}/{path_part('code', each)}/" for each in codes]
        return self._parts(_VALORISATION, [filter_params(years)], paths)


# ---- codes of territories ------------------------------------------------------------------------------------


def _territories(echelle: str, code: object, years: Mapping[str, Any]) -> list[Params]:
    kind = choice(*_PARSERS, "france")("echelle", echelle)
    filters = (("echelle", kind), *filter_params(years))
    if kind == "france":
        if code is not None:
            raise InvalidRequest.of("code", "none, for the whole country")
        return [filters]
    if code is None:
        raise InvalidRequest.of("code", f"the codes of the {kind}", "The service gives no list of all of them")
    return [(("code", codes), *filters) for codes in groups_of("code", code, _PARSERS[kind])]


def _parser(name: str) -> Callable[[str], str]:
    """Of `codes`, which loads with the first question."""

    def parse(value: str) -> str:
        from ... import codes

        return cast("Callable[[str], str]", getattr(codes, name))(value)

    return parse


def _aav(value: str) -> str:
    if len(one("code", value)) != 3:
        raise InvalidRequest.of("code", "3 characters for an AAV")
    return value


_PARSERS: Final[dict[str, Callable[[str], str]]] = {
    "communes": _parser("parse_code_commune"),
    "epci": epci,
    "aav": _aav,
    "departements": _parser("parse_code_departement"),
    "regions": _parser("parse_code_region"),
}
