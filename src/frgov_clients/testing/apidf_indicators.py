"""The indicators of the fake data API: what is consumed of the land, and prices; a number a year for every code.

Fields of `conso_espace` and of prices are those that others' notebooks read; those of the three other lists are
guessed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from .cerema_pages import Refusal, detail

__all__ = ["SCALES", "indicators"]

_Rows: TypeAlias = list[dict[str, Any]]

SCALES: Final = ("communes", "epci", "aav", "departements", "regions", "france")
_MOST_CODES: Final = 10
_GOODS: Final = ("cod111", "cod121", "cod1113", "cod1213")
_LAND_YEARS: Final = range(2009, 2024)
_PRICE_YEARS: Final = range(2014, 2025)


def indicators(path: Sequence[str], query: Mapping[str, str], seed: int) -> _Rows | None:
    """The rows of a path below `indicateurs`; `None` when there is no such list. Raises `Refusal`."""
    match path:
        case ["conso_espace", "communes" | "departements" as scale, code]:
            rows = _each_year(code, _LAND_YEARS, seed, lambda year, dice: _land(scale, code, year, dice))
        case ["dv3f", "prix", "annuel" | "triennal" as period]:
            rows = _of_codes(query, seed, lambda code, year, dice: _price(_scale(query), period, code, year, dice))
        case ["dv3f", "activite"]:
            rows = _of_codes(query, seed, lambda code, year, dice: _activity(_scale(query), code, year, dice))
        case ["dv3f", "accessibilite"]:
            rows = _of_codes(query, seed, _access)
        case ["dv3f", "valorisation", "aav" | "epci" as scale, code]:
            rows = _each_year(code, _PRICE_YEARS, seed, lambda year, dice: _worth(scale, code, year, dice))
        case _:
            return None
    return [row for row in rows if _asked(row["annee"], query)]


def _asked(annee: str, query: Mapping[str, str]) -> bool:
    wanted, first, last = (query.get(name, "") for name in ("annee", "annee_min", "annee_max"))
    return (not wanted or annee in wanted.split(",")) and annee >= first and (not last or annee <= last)


def _scale(query: Mapping[str, str]) -> str:
    scale = query.get("echelle", "")
    if scale not in SCALES:
        raise Refusal(detail(400, f"Le paramètre echelle est requis : {', '.join(SCALES)}."))
    return scale


def _each_year(code: str, years: range, seed: int, row: Callable[[int, random.Random], dict[str, Any]]) -> _Rows:
    dice = random.Random(f"{seed}/{code}")  # noqa: S311 - no secret
    return [row(year, dice) for year in years]


def _of_codes(query: Mapping[str, str], seed: int, row: Callable[[str, int, random.Random], dict[str, Any]]) -> _Rows:
    codes = [code for code in query.get("code", "FR" if query.get("echelle") == "france" else "").split(",") if code]
    if not codes or len(codes) > _MOST_CODES:
        raise Refusal(detail(400, f"Le paramètre code est requis, avec {_MOST_CODES} codes au plus."))
    found: _Rows = []
    for code in codes:
        dice = random.Random(f"{seed}/{code}")  # noqa: S311 - no secret
        found += [row(code, year, dice) for year in _PRICE_YEARS]
    return found


def _land(scale: str, code: str, year: int, dice: random.Random) -> dict[str, Any]:
    name = "idcom" if scale == "communes" else "iddep"
    parts = {f"conso_{use}": dice.randrange(20_000) for use in ("act", "hab", "mix", "inc")}
    return {
        "annee": str(year),
        name: code,
        f"{name}txt": f"TERRITOIRE {code}",
        "naf_arti": sum(parts.values()),
        **parts,
    }


def _price(scale: str, period: str, code: str, year: int, dice: random.Random) -> dict[str, Any]:
    row: dict[str, Any] = {"annee": str(year), "echelle": scale, "code": code, "libelle": f"TERRITOIRE {code}"}
    if period == "triennal":
        row["periode"] = f"{year - 1}-{year + 1}"
    for goods in _GOODS:
        row[f"nbtrans_{goods}"] = dice.randrange(400)
        row[f"valeurfonc_median_{goods}"] = f"{dice.randrange(80, 600) * 1_000}.000"
        row[f"pxm2_median_{goods}"] = f"{dice.uniform(800, 9_000):.3f}"
    return row


def _activity(scale: str, code: str, year: int, dice: random.Random) -> dict[str, Any]:
    counts = {f"nbtrans_{goods}": dice.randrange(400) for goods in _GOODS}
    return {"annee": str(year), "echelle": scale, "code": code, "libelle": f"TERRITOIRE {code}", **counts}


def _access(code: str, year: int, dice: random.Random) -> dict[str, Any]:
    return {"annee": str(year), "aav": code, "idcom": f"{code}01"[-5:], "part_accessible": f"{dice.uniform(0, 1):.3f}"}


def _worth(scale: str, code: str, year: int, dice: random.Random) -> dict[str, Any]:
    return {"annee": str(year), scale: code, "idcom": f"{code}01"[-5:], "valorisation": f"{dice.uniform(-1, 1):.3f}"}
