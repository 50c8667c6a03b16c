"""One lot of questions on the wire: a small technical CSV of our own making, and its answer joined back by key.

The user's file is never sent. Columns have names of the moment, so that none can be taken for a coordinate or a
result; the answer is read by name and by key, since rows may be missing, cut, or in another order.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from operator import itemgetter
from sys import intern
from typing import Any, Final, TypeAlias

from ...errors import UnexpectedContent
from ...transport.operation import FilePart, Multipart, Operation, Reply, Spec
from ..csvresult import check_content
from ..dialects import Dialect
from ..exchange import Answer, Ask
from ..named import named

__all__ = ["Found", "Gap", "Keyed", "Lot", "lot_of", "read_lot", "records_of", "results_of", "weight"]


class Gap(Enum):
    """A question without an answer."""

    MISSING = "missing"
    """Its row did not come back."""
    ERROR = "error"
    """The service failed on it, and says so."""
    SKIPPED = "skipped"
    """The service found nothing to look for in it."""


Found: TypeAlias = "Answer | Gap | None"
"""What came for one question; `None` says that the service looked and found nothing."""

_RESULTS: Final = (
    "result_status",
    "result_label",
    "result_type",
    "result_id",
    "result_housenumber",
    "result_street",
    "result_name",
    "result_postcode",
    "result_city",
    "result_citycode",
    "result_oldcitycode",
    "result_oldcity",
    "result_district",
    "result_context",
)
_ASKED: Final = {
    "search": ("longitude", "latitude", "result_score", "result_score_next"),
    "reverse": ("longitude", "latitude", "result_distance"),
}


def _accepted(reply: Reply, operation: Operation[Reply]) -> Reply:  # noqa: ARG001
    """The answer as it came, unless it is a page or empty: the rest is for `read_lot`, which can use a part of it."""
    check_content(reply.content, reply.headers)
    if not reply.content:
        raise UnexpectedContent("an empty answer to a file of addresses")
    return reply


def _spec(kind: str) -> Spec[Reply]:
    return Spec(
        name=f"ban.{kind}_lot",
        method="POST",
        path=f"/{kind}/csv",
        decode=_accepted,
        quota="geocoding",
        idempotent=True,
        accept="text/csv, application/json;q=0.5",
        timeout=120.0,
        keep_partial=True,
    )


_SPECS: Final = {kind: _spec(kind) for kind in ("search", "reverse")}


_ROW_BYTES: Final = 16 * 1024
"""The most that one row of an answer can be: some 60 times what it usually is."""


class Keyed:
    """What is needed to read the answer to a technical CSV: the name of the column of keys, and who answers what."""

    __slots__ = ("dialect", "echo", "key", "kind")

    def __init__(self, key: str, kind: str, dialect: Dialect, echo: tuple[str, ...] = ()) -> None:
        self.key = key
        self.kind = kind
        self.dialect = dialect
        self.echo = echo
        """The columns in which the answer repeats what was asked, where that is looked at."""


class Lot(Keyed):
    """A lot as it is sent, and what is needed to read its answer."""

    __slots__ = ("operation", "texts")

    def __init__(
        self,
        operation: Operation[Reply],
        key: str,
        kind: str,
        texts: list[str],
        dialect: Dialect,
        echo: tuple[str, ...],
    ) -> None:
        super().__init__(key, kind, dialect, echo)
        self.operation = operation
        self.texts = texts
        """What was asked, as the answer repeats it."""


def lot_of(asks: Sequence[Ask], kind: str, dialect: Dialect) -> Lot:
    """The request for these questions."""
    prefix = f"f{secrets.token_hex(3)}"
    key = f"{prefix}k"
    fields: list[tuple[str, str]] = []
    if kind == "search":
        texts = [ask.q for ask in asks]
        columns: list[tuple[str, Sequence[object]]] = [(key, range(len(asks))), (f"{prefix}q", texts)]
        fields.append(("columns", f"{prefix}q"))
    else:
        # the usual names, for servers that look for them; the others are told
        texts = [f"{ask.lon} {ask.lat}" for ask in asks]
        columns = [(key, range(len(asks))), ("lon", [ask.lon for ask in asks]), ("lat", [ask.lat for ask in asks])]
        if not dialect.csv.reverse_by_name:
            fields += [("lon", "lon"), ("lat", "lat")]
    codes = [ask.citycode for ask in asks]
    if any(codes):
        columns.append((f"{prefix}c", codes))
        fields.append(("citycode", f"{prefix}c"))
    if dialect.csv.result_columns:
        fields += [("result_columns", name) for name in results_of(kind, dialect)]
    if dialect.csv.min_score and kind == "search":
        fields.append(("min_score", "0"))
    if not dialect.csv.guesses_delimiter:
        fields += [("delimiter", ","), ("quote", '"')]
    body = Multipart(tuple(fields), (FilePart("data", "data.csv", _written(columns), "text/csv"),))
    operation = Operation(_SPECS[kind], body=body, max_bytes=_ROW_BYTES * (len(asks) + 64))
    return Lot(operation, key, kind, texts, dialect, (f"{prefix}q",) if kind == "search" else ("lon", "lat"))


def results_of(kind: str, dialect: Dialect) -> list[str]:
    """The columns of results to ask for, where they can be chosen."""
    told = dialect.csv.status_column
    return [*_ASKED[kind], *(name for name in _RESULTS if told or name != "result_status")]


def weight(ask: Ask) -> int:
    """The most bytes that a question takes in the file."""
    return 3 * len(ask.q) + 64


def _written(columns: Sequence[tuple[str, Sequence[object]]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([name for name, _ in columns])
    writer.writerows(zip(*(values for _, values in columns), strict=True))
    return text.getvalue().encode()


def read_lot(lot: Lot, content: bytes, encoding: str = "utf-8-sig") -> list[Found]:
    """What came for each question, in their order; a cut answer is read as far as it goes.

    Raises `UnexpectedContent` for what is no answer to this lot: another encoding, no key, unknown keys, a key twice,
    another question than was sent under the key.
    """
    texts, count = lot.texts, len(lot.texts)
    found: list[Found] = [Gap.MISSING] * count
    end = max(content.rfind(b"\n"), content.rfind(b"\r")) + 1  # half a line at the end is no row
    lines = io.TextIOWrapper(io.BytesIO(content[:end]), encoding, newline="")  # in pieces: a text would take 4 times
    for number, echo, one in records_of(lines, lot):
        if not 0 <= number < count or found[number] is not Gap.MISSING or echo != texts[number]:
            raise UnexpectedContent("the CSV holds a question that was not sent, or one twice", retryable=False)
        found[number] = one
    return found


def records_of(lines: Iterable[str], lot: Keyed) -> Iterator[tuple[int, str, Found]]:
    """Of each row its key, the question that it repeats, and what came for it.

    It ends where an answer is cut or garbled. A row whose numbers can not be is in error.

    Raises `UnexpectedContent` for what is no answer to our columns, or holds a key that is no number.
    """
    reader = csv.reader(lines)
    told, point = lot.dialect.csv.status_column, lot.kind == "reverse"
    try:
        header = next(reader, list[str]())
        if not header:
            return
        take, width = _taker(header, lot), len(header)
        for record in reader:
            if len(record) != width:
                return
            record.append("")
            values = take(record)
            yield int(values[0]), f"{values[1]} {values[2]}" if point else values[1], _found(values, told=told)
    except csv.Error:
        return  # cut inside quotes
    except UnicodeDecodeError as error:
        raise UnexpectedContent(f"the CSV is not in {error.encoding}") from None
    except ValueError:
        raise UnexpectedContent("the CSV holds a key that is no number") from None  # which would repeat a cell


def _found(values: Sequence[str], *, told: bool) -> Found:
    """What came in one row; `told`: the service says itself what it made of it."""
    if told and values[3] != "ok":
        return None if values[3] == "not-found" else Gap.SKIPPED if values[3] == "skipped" else Gap.ERROR
    try:
        answer = _answer(*values)
    except ValueError:
        return Gap.ERROR
    return Gap.ERROR if answer is None and told else answer


def _taker(header: Sequence[str], lot: Keyed) -> itemgetter[Any]:
    """Picks the fields in the order of `_answer`; a column that this server does not have reads as empty."""
    places: Mapping[str, int] = {name: place for place, name in enumerate(header)}
    absent = len(header)
    search = lot.kind == "search"
    echo = (*lot.echo, "", "")[:2]
    needed = [lot.key, *lot.echo, "result_label", "result_score" if search else "result_distance"]
    if lot.dialect.csv.status_column:
        needed.append("result_status")
    if any(name not in places for name in needed):
        missing = f"the CSV lacks columns that were asked, so it is no answer of {lot.dialect.name}"
        raise UnexpectedContent(f"{missing}: look at `dialect` and `base_url`", retryable=False)
    own = "result_longitude" in places and not lot.dialect.csv.result_columns and not search
    point = ("result_longitude", "result_latitude") if own else ("longitude", "latitude")
    numbers = ("result_score", "result_score_next", "") if search else ("", "", "result_distance")
    names = (lot.key, *echo, *_RESULTS[:4], *point, *numbers, *_RESULTS[4:])
    return itemgetter(*(places.get(name, absent) if name else absent for name in names))


def _answer(
    _place: str,
    _echo: str,
    _other_echo: str,
    _status: str,
    label: str,
    kind: str,
    identifier: str,
    lon: str,
    lat: str,
    score: str,
    following: str,
    distance: str,
    number: str,
    street: str,
    name: str,
    postcode: str,
    city: str,
    citycode: str,
    oldcitycode: str,
    oldcity: str,
    district: str,
    context: str,
) -> Answer | None:
    """The answer that a row tells, if any. Raises `ValueError` for numbers that are none, or can not be."""
    if not label:
        return None
    if kind == "municipality":
        street = ""
    elif not street:
        street = name
    return named(
        Answer,
        (
            label,
            intern(kind),
            identifier,
            _number(lon, -180, 180) if lon else None,
            _number(lat, -90, 90) if lat else None,
            _number(score, -1, 10) if score else None,
            (_number(following, -1, 10) or None)
            if following
            else None,  # addok writes 0 where there is no second answer
            number,
            intern(street),
            intern(postcode),
            intern(city),
            intern(citycode),
            oldcitycode and intern(oldcitycode),
            oldcity and intern(oldcity),
            district and intern(district),
            intern(context),
            _number(distance, 0, 1e8) if distance else None,
        ),
    )


def _number(text: str, low: float, high: float) -> float:
    number = float(text)
    if not low <= number <= high:
        raise ValueError("out of range")
    return number
