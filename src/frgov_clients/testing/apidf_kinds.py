"""The lists of the fake data API: their keys, what may be asked of them, and the records in them."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from . import apidf_records as make
from .apidf_columns import LOCAL_USUAL, PROPRIO_USUAL
from .apidf_places import Box, Place, places_of
from .cerema_records import written

__all__ = ["KINDS", "Entry", "Kind", "Library"]

_ANYWHERE: Final = ("code_insee", "coddep", "in_bbox")
_NO_DEPARTEMENT: Final = ("code_insee", "in_bbox")


class Kind(NamedTuple):
    """One list."""

    key: str
    """The field by which one record is asked for."""
    make: make.Make
    ranges: frozenset[str] = frozenset()
    """Fields with a `_min` and a `_max`."""
    values: frozenset[str] = frozenset()
    """Fields that may be asked for by one or several values."""
    usual: tuple[str, ...] = ()
    """What is sent unless all fields are asked for; none: all."""
    locations: tuple[str, ...] = _ANYWHERE
    widest: float = 0.02
    geometry: str = "MultiPolygon"
    """Its kind; empty where there is none."""
    restricted: bool = False
    sparse: int = 1
    """One place in so many has such a record."""


_MUTATION: Final = Kind(
    "idmutation",
    make.mutation,
    frozenset({"anneemut", "sbati", "sterr", "valeurfonc"}),
    frozenset({"anneemut", "codtypbien", "idnatmut", "vefa"}),
    (
        *("idmutation", "idopendata", "datemut", "anneemut", "coddep", "libnatmut", "vefa", "valeurfonc", "l_codinsee"),
        *("l_idpar", "nblocmut", "sterr", "sbati", "codtypbien", "libtypbien"),
    ),
)
_LAND: Final = frozenset(
    {"dcntarti", "dcntnaf", "dcntpa", "jannatmin", "nlocal", "nlogh", "slocal", "sprincp", "stoth"}
)

KINDS: Final[Mapping[str, Kind]] = {
    "dvf_opendata/mutations": _MUTATION,
    "dv3f/mutations": _MUTATION._replace(
        make=make.mutation_dv3f,
        values=_MUTATION.values | {"codtypproa", "codtypprov", "filtre", "segmtab"},
        usual=(*_MUTATION.usual, "codtypprov", "codtypproa", "filtre", "segmtab"),
        restricted=True,
    ),
    "ff/parcelles": Kind(
        "idpar",
        make.parcelle,
        _LAND,
        frozenset({"catpro3", "ctpdl", "idcomtxt", "idpar"}),
        locations=_NO_DEPARTEMENT,
        geometry="Polygon",
        restricted=True,
    ),
    "ff/locaux": Kind(
        "idlocal",
        make.local,
        frozenset({"slocal"}),
        frozenset(
            {"catpro3", "dteloc", "idpar", "idprocpte", "idsec", "locprop", "loghlls", "proba_rprs", "typeact"},
        ),
        LOCAL_USUAL,
        ("code_insee",),
        geometry="",
        restricted=True,
    ),
    "ff/proprios": Kind(
        "idprodroit",
        make.proprio,
        values=frozenset({"catpro3", "ccodro", "gtoper", "idprocpte", "locprop", "typedroit"}),
        usual=PROPRIO_USUAL,
        locations=("code_insee",),
        geometry="",
        restricted=True,
    ),
    "ff/tups": Kind(
        "idtup",
        make.tup,
        _LAND,
        frozenset({"catpro3", "idtup", "typetup"}),
        locations=_NO_DEPARTEMENT,
        restricted=True,
    ),
    "cartofriches/friches": Kind(
        "site_id",
        make.friche,
        frozenset({"unite_fonciere_surface"}),
        frozenset({"urba_zone_type"}),
        widest=1.0,
        sparse=5,
    ),
}


class Entry:
    """One record and where it lies."""

    __slots__ = ("box", "communes", "departement", "record", "written")

    def __init__(self, record: make.Record, place: Place, communes: tuple[str, ...]) -> None:
        self.record = record
        self.box: Box = place.box
        self.communes = communes
        self.departement = place.departement
        self.written: dict[str, bytes] = {}

    def sent(self, kind: Kind, *, whole: bool, geo: bool) -> bytes:
        """As it is sent, written once for each way of sending it."""
        way = f"{whole} {geo}"
        if way not in self.written:
            names = tuple(self.record) if whole or not kind.usual else kind.usual
            fields: dict[str, Any] = {name: self.record[name] for name in names}
            self.written[way] = written(self._feature(kind, fields) if geo else fields)
        return self.written[way]

    def _feature(self, kind: Kind, fields: dict[str, Any]) -> dict[str, Any]:
        ring = self.box.ring()
        corners: Any = [ring] if kind.geometry == "Polygon" else [[ring]]
        geometry = {"type": kind.geometry, "coordinates": corners}
        return {"type": "Feature", "geometry": geometry, "properties": fields}


class Library:
    """All records, made when they are first asked for. Thread-safe."""

    def __init__(self, communes: Mapping[str, int], seed: int) -> None:
        self.communes = dict(communes)
        self._seed = seed
        self._lock = threading.Lock()
        self._entries: dict[str, dict[Any, Entry]] = {}

    def entries(self, name: str) -> Mapping[Any, Entry]:
        """The records of a list by their keys, in the order of these."""
        with self._lock:
            if name not in self._entries:
                found = {entry.record[KINDS[name].key]: entry for entry in self._made(name)}
                self._entries[name] = {key: found[key] for key in sorted(found)}
            return self._entries[name]

    def _made(self, name: str) -> list[Entry]:
        kind = KINDS[name]
        entries: list[Entry] = []
        for commune, count in self.communes.items():
            dice = random.Random(f"{self._seed}/{name}/{commune}")  # noqa: S311 - no secret
            for place in places_of(commune, count, self._seed):
                record = kind.make(place, dice)
                if place.number % kind.sparse == 0:
                    entries.append(Entry(record, place, self._spread(record, place)))
        return entries

    def _spread(self, record: make.Record, place: Place) -> tuple[str, ...]:
        """The communes of a record: every tenth sale is in the next commune as well."""
        if "l_codinsee" in record and place.number % 10 == 0:
            same = sorted(each for each in self.communes if each.startswith(place.departement))
            other = same[(same.index(place.commune) + 1) % len(same)]
            if other != place.commune:
                record |= {"l_codinsee": [place.commune, other], "nbcomm": 2}
                return place.commune, other
        return (place.commune,)
