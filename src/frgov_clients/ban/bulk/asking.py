"""Asking the service a lot of questions: a few one by one, many as a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from ...errors import AttemptTimeout, FrgovError, TruncatedResponse
from ...transport.effects import Flow, Offload, Together
from ..csvresult import check_content
from ..exchange import Answer, Ask
from .lot import Found, Gap, Lot, lot_of, read_lot

if TYPE_CHECKING:
    from ...transport.operation import Operation
    from ..dialects import CsvRules
    from ..models import SearchResult
    from ..operations import BanEndpoints

__all__ = ["Came", "ask_lot"]

_ONE_BY_ONE: Final = 6
"""Questions up to which single requests are quicker than a file."""


class Came(NamedTuple):
    """What came for a lot."""

    found: list[Found]
    """For each question, in their order."""
    requests: int
    error: FrgovError | None
    """Why not all came."""
    miscounted: bool = False
    """The service says that it read another number of rows, and answered all of them."""


def ask_lot(client: BanEndpoints, asks: Sequence[Ask], kind: str) -> Flow[Came]:
    """Ask them all, once."""
    if len(asks) <= _ONE_BY_ONE:
        flows = [_ask_one(client, ask, kind) for ask in asks]
        single: list[tuple[Found, FrgovError | None]] = yield Together(flows, _ONE_BY_ONE)
        error = next((error for _, error in single if error is not None), None)
        return Came([found for found, _ in single], len(asks), error)
    return (yield from _ask_file(client, asks, kind))


def _ask_file(client: BanEndpoints, asks: Sequence[Ask], kind: str) -> Flow[Came]:
    lot: Lot = yield Offload(partial(lot_of, asks, kind, client.dialect))
    problem: FrgovError | None = None
    found: list[Found] = [Gap.MISSING] * len(asks)
    encoding, counted = "utf-8-sig", ""
    try:
        reply = yield from client.call(lot.operation)
        content, encoding = reply.content, check_content(reply.content, reply.headers)
        counted = reply.headers.get("x-rows-count", "")
    except FrgovError as error:
        problem = error
        content = _taken_from(error)
    if content:
        try:
            found = yield Offload(partial(read_lot, lot, content, encoding))
        except FrgovError as error:
            problem = problem or error
    if problem is None and Gap.MISSING in found:
        problem = TruncatedResponse("rows are missing in the answer")
    miscounted = problem is None and counted.isdecimal() and int(counted) != len(asks)
    return Came(found, 1, problem, miscounted)


def _taken_from(error: FrgovError) -> bytes:
    """What came before an answer broke. It holds addresses, and errors travel far: they lose it here."""
    if isinstance(error, TruncatedResponse | AttemptTimeout):
        content, error.partial = error.partial, b""
        return content
    return b""


def _ask_one(client: BanEndpoints, ask: Ask, kind: str) -> Flow[tuple[Found, FrgovError | None]]:
    from ..operations import BanEndpoints

    within = ask.citycode or None
    operation: Operation[SearchResult]
    try:
        if kind == "search":
            operation = BanEndpoints.search.fn(client, ask.q, limit=2, citycode=within)
        else:
            operation = BanEndpoints.reverse.fn(
                client, lon=float(ask.lon), lat=float(ask.lat), limit=1, citycode=within
            )
        result = yield from client.call(operation)
    except FrgovError as error:
        return Gap.MISSING, error
    return _answer_of(result, client.dialect.csv), None


def _answer_of(result: SearchResult, rules: CsvRules) -> Answer | None:
    """The first address of a JSON answer, as its CSV row would say it: a row ends the same alone and among others."""
    best = next(iter(result.addresses), None)
    if best is None:
        return None
    told = best.properties
    score, second = best.score, result.addresses[1].score if len(result.addresses) > 1 else None
    if told.distance is not None:
        score = second = None
    elif rules.score_digits is not None:
        score, second = (None if one is None else round(one, rules.score_digits) for one in (score, second))
    kind = str(told.type or "")
    name = told.street or told.locality or told.name or ""
    return Answer(
        label=best.label or "",
        type=kind,
        id=best.id or "",
        lon=best.lon,
        lat=best.lat,
        score=score,
        score_next=second,
        housenumber=told.housenumber or "",
        street="" if kind == "municipality" else name,
        postcode=told.postcode or "",
        city=told.city or "",
        citycode=told.citycode or "",
        oldcitycode=told.oldcitycode or "",
        oldcity=told.oldcity or "",
        district=told.district or "",
        context=told.context or "",
        distance=told.distance,
    )
