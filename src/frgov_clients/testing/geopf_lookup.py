"""How the fake geocoder finds addresses: by their folded words in addok documents, and nothing clever."""

from __future__ import annotations

import gzip
import json
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, TypeAlias, cast

__all__ = ["AnswerFunction", "Found", "Lookup", "first_of", "fold"]

Found: TypeAlias = dict[str, Any]
"""One address: its properties as the service names them, with `lon`, `lat` and `score`."""
AnswerFunction: TypeAlias = Callable[[str, Mapping[str, str]], Mapping[str, Any] | None]
"""Made by a test: the address of a text and its filters, with `lon` and `lat`; `None` for not found."""

_WORDS: Final = re.compile(r"[^0-9a-z]+")
_NUMBER: Final = re.compile(r"[0-9]{1,4}[a-z]?")
_SUFFIXES: Final = frozenset({"bis", "ter", "quater", "a", "b", "c", "d", "e", "f"})
_MOST: Final = 50
CELL: Final = 0.004
"""Degrees: at least 200 m on both sides of a cell's neighbours, up to 60° of latitude."""


def fold(text: str) -> str:
    """Lower case, without accents, words apart by one blank."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
        text = "".join(each for each in text if not unicodedata.combining(each))
    return _WORDS.sub(" ", text.lower()).strip()


class Lookup:
    """The addresses of some documents in addok's import format, or what a function of the test says."""

    def __init__(self, documents: Iterable[str | Path] = (), answer: AnswerFunction | None = None) -> None:
        self._answer = answer
        by_name: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for path in documents:
            for document in _read(Path(path)):
                by_name[fold(document["name"])].append(document)
        self._by_name: Mapping[str, list[dict[str, Any]]] = by_name
        self._cells: Mapping[tuple[int, int], list[Found]] | None = None

    def search(self, q: str, filters: Mapping[str, str]) -> list[Found]:
        """Every address that fits, best first."""
        if self._answer is not None:
            found = self._answer(q, filters)
            return [] if found is None else [_completed(found)]
        words = fold(q).split()
        number, names = _number_of(words)
        results = list(islice(self._named(names, number, filters), _MOST)) if number else []
        if not results:
            results = list(islice(self._named(words, "", filters), _MOST))
        results.sort(key=lambda each: -each["score"])
        return results

    def _named(self, words: list[str], number: str, filters: Mapping[str, str]) -> Iterator[Found]:
        for length in range(len(words), 0, -1):
            rest = set(words[length:])
            found = False
            for document in self._by_name.get(" ".join(words[:length]), ()):
                if rest <= document["words"] and _passes(document, number, filters):
                    found = True
                    yield _address(document, number)
            if found:
                return

    def nearest(self, lon: float, lat: float, filters: Mapping[str, str]) -> list[Found]:
        """What is within 100 m, or else within 200 m, the nearest first; with `distance` in whole metres."""
        if self._answer is not None:
            found = self._answer("", {**filters, "lon": repr(lon), "lat": repr(lat)})
            return [] if found is None else [{"distance": 0, **_completed(found)}]
        cells = self._all_cells()
        near: list[tuple[float, Found]] = []
        column, row = math.floor(lon / CELL), math.floor(lat / CELL)
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                near += [(_metres(lon, lat, each), each) for each in cells.get((x, y), ()) if _agrees(each, filters)]
        near.sort(key=lambda pair: pair[0])
        within = [pair for pair in near if pair[0] <= 100] or [pair for pair in near if pair[0] <= 200]
        return [_reversed(each, round(metres)) for metres, each in within]

    def _all_cells(self) -> Mapping[tuple[int, int], list[Found]]:
        if self._cells is None:
            cells: defaultdict[tuple[int, int], list[Found]] = defaultdict(list)
            for document in (each for several in self._by_name.values() for each in several):
                if document["type"] == "municipality":
                    continue
                for number in ("", *document.get("housenumbers", ())):
                    each = _address(document, number)
                    place = (math.floor(each["lon"] / CELL), math.floor(each["lat"] / CELL))
                    cells[place].append(each)
            self._cells = cells
        return self._cells

    def knows_city(self, name: str) -> str | None:
        """The code of a commune by its name."""
        for document in self._by_name.get(fold(name), ()):
            if document["type"] == "municipality":
                return cast("str", document["id"])
        return None

    def begins(self, text: str) -> Iterator[Found]:
        """Addresses in whose name the text begins a word, for the completion."""
        if self._answer is not None:
            yield from self.search(text, {})
            return
        words = fold(text).split()
        number, names = _number_of(words)
        wanted = " " + " ".join(names if number else words)
        for name, documents in self._by_name.items():
            if wanted in f" {name}":
                yield from (_address(each, number) for each in documents if not number or _number_in(each, number))


def _read(path: Path) -> Iterator[dict[str, Any]]:
    opened: Callable[..., IO[str]] = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            document: dict[str, Any] = json.loads(line)
            names = [*_several(document.get("city")), *_several(document.get("oldcity"))]
            codes = [*_several(document.get("postcode")), *_several(document.get("citycode"))]
            document["words"] = {word for text in (*names, *codes) for word in fold(text).split()}
            yield document


def _several(value: Any) -> list[str]:
    if isinstance(value, list):
        return cast("list[str]", value)
    return [] if value is None else [str(value)]


def first_of(value: Any) -> Any:
    """The first of a list, or the value itself."""
    if not isinstance(value, list):
        return value
    several: Iterator[Any] = iter(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return next(several, None)


def _number_of(words: list[str]) -> tuple[str, list[str]]:
    """The number in front, with its suffix, and the other words; no number for `1er` and postcodes."""
    if len(words) < 2 or not _NUMBER.fullmatch(words[0]):
        joined = re.fullmatch(r"([0-9]{1,4})(bis|ter|quater)", words[0]) if len(words) > 1 else None
        return (words[0], words[1:]) if joined else ("", words)
    if len(words) > 2 and words[1] in _SUFFIXES:
        return words[0] + words[1], words[2:]
    return words[0], words[1:]


def _number_in(document: Mapping[str, Any], number: str) -> str | None:
    known = document.get("housenumbers", {})
    for form in (number, number.replace("bis", "b"), re.sub("b$", "bis", number)):
        if form in known:
            return form
    return None


def _passes(document: Mapping[str, Any], number: str, filters: Mapping[str, str]) -> bool:
    kind = "housenumber" if number and _number_in(document, number) else document["type"]
    return (
        _among(filters.get("citycode"), document.get("citycode"))
        and _among(filters.get("postcode"), document.get("postcode"))
        and _among(filters.get("type"), kind)
    )


def _among(wanted: str | None, values: Any) -> bool:
    return not wanted or not set(wanted.split(",")).isdisjoint(_several(values))


def _agrees(found: Found, filters: Mapping[str, str]) -> bool:
    return all(_among(filters.get(name), found.get(name)) for name in ("citycode", "postcode", "type"))


def _address(document: Mapping[str, Any], number: str) -> Found:
    """The address of a document, at the number where it knows it, as the service tells it."""
    known = _number_in(document, number) if number else None
    place = document["housenumbers"][known] if known else document
    name, city, postcode = document["name"], first_of(document["city"]), first_of(document["postcode"])
    importance = document.get("importance") or 0.0
    kind = "housenumber" if known else document["type"]
    full = f"{known} {name}" if known else name
    found: Found = {
        "label": full if kind == "municipality" else f"{full} {postcode} {city}",
        "score": (importance * 0.1 + 1) / 1.1,  # what the service gives to a text that agrees in full
        **({"housenumber": known} if known else {}),
        "id": place["id"],
        "name": full,
        "postcode": postcode,
        "citycode": first_of(document["citycode"]),
        "x": place["x"],
        "y": place["y"],
        **({"population": document["population"]} if "population" in document else {}),
        "city": city,
        "context": document["context"],
        "type": kind,
        "importance": importance,
    }
    for each in ("oldcitycode", "oldcity", "district"):
        if document.get(each):
            found[each] = document[each]
    level = "street" if kind == "housenumber" else kind
    return {**found, level: name, "lon": place["lon"], "lat": place["lat"]}


def _reversed(found: Found, metres: int) -> Found:
    """As a reverse search tells it: a street has no `street` there."""
    told = {**found, "banId": None, "distance": metres, "score": 1 - metres / 10_000}
    if found["type"] == "street":
        del told["street"]
    return told


def _completed(found: Mapping[str, Any]) -> Found:
    """What a test's function says, with what the service always tells."""
    basis: Found = {"label": "", "score": 0.95, "id": "", "name": found.get("label", ""), "type": "housenumber"}
    return {**basis, "lon": 0.0, "lat": 0.0, "importance": 0.5, **found}


def _metres(lon: float, lat: float, found: Mapping[str, Any]) -> float:
    """Metres between two near points: the earth is flat there."""
    east = math.radians(found["lon"] - lon) * math.cos(math.radians(lat))
    return 6_371_008.8 * math.hypot(east, math.radians(found["lat"] - lat))
