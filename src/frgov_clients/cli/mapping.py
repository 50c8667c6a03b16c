"""Which column holds what: as the options say, or guessed; shown before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from ..ban.bulk.columns import Columns, columns_from, guess_columns, looks_like_data
from ..errors import InvalidRequest
from .outcomes import Code, Stop
from .rows import InputRows
from .screen import console, printable, table

__all__ = ["columns_of", "show_columns"]

_WORDS: Final = {
    "address": "address",
    "postcode": "postcode",
    "city": "commune, by name",
    "citycode": "commune, by INSEE code",
    "complement": "complement",
    "lon": "longitude",
    "lat": "latitude",
}
_MOST_NAMES: Final = 30
Kind = Literal["search", "reverse"]


def columns_of(rows: InputRows, kind: Kind, given: Mapping[str, str | Sequence[str] | None]) -> Columns:
    """The columns that are named, or else a guess. `Stop`: none fits; the line tells which there are."""
    named = {part: value for part, value in given.items() if value}
    try:
        return columns_from(named or None, rows.header, rows.sample, kind)
    except InvalidRequest as error:
        raise Stop(Code.REFUSED, _refusal(error, rows.header, kind)) from None


def _refusal(error: InvalidRequest, header: Sequence[str], kind: Kind) -> str:
    part = (error.field or "").removeprefix("columns.")
    if part in _WORDS:
        why = f"--{part}: {error.limit}".rstrip(".?")
    else:
        why = f"no columns of INPUT look like {'an address' if kind == 'search' else 'a longitude and a latitude'}"
    wanted = (
        "--address COL [--address COL ...] --postcode COL --city COL" if kind == "search" else "--lon COL --lat COL"
    )
    return f"Error: {why}. {_names(header)} Name them: {wanted}"


def _names(header: Sequence[str]) -> str:
    if looks_like_data(header):
        why = f"The first line, of {len(header)} cells, looks like data rather than names of columns"
        return f"{why}: put a line of names in front, such as adresse;code_postal;commune."
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|,"):
        return f"The only column is {printable(header[0])}: is --delimiter right?"
    more = f" and {len(header) - _MOST_NAMES} more" if len(header) > _MOST_NAMES else ""
    return f"The columns are: {', '.join(map(printable, header[:_MOST_NAMES]))}{more}."


# ---- shown -------------------------------------------------------------------------------------------------


def show_columns(columns: Columns, rows: InputRows, kind: Kind) -> None:
    """Print what each column is taken for, and how full it is. No cell is shown."""
    screen = console(stderr=True)
    lines = [(name, _WORDS[part], _fullness(name, rows.sample)) for part, name in _pairs(columns)]
    title = f"filled, of the first {len(rows.sample):,} rows" if rows.sample else "filled"
    screen.print(table("column", "used as", title, rows=lines, right=(title,)))
    rest = len(set(rows.header) - set(columns.names))
    if rest:
        screen.print(
            f"{rest} other column{'s are' if rest > 1 else ' is'} kept as {'they are' if rest > 1 else 'it is'}."
        )
    for part, name in _forgotten(columns, rows, kind):
        screen.print(f"Not used: {printable(name)} looks like the {_WORDS[part]}. To use it, add --{part}.")


def _pairs(columns: Columns) -> list[tuple[str, str]]:
    """Part and column, one for each column that is used."""
    pairs = [("address", name) for name in columns.address]
    return pairs + [
        (part, name) for part in _WORDS if part != "address" and (name := getattr(columns, part)) is not None
    ]


def _fullness(name: str, sample: Sequence[Mapping[str, Any]]) -> str:
    filled = sum(bool(str(row.get(name) or "").strip()) for row in sample)
    return f"{100 * filled / len(sample):.0f} %" if sample else "-"


def _forgotten(columns: Columns, rows: InputRows, kind: Kind) -> list[tuple[str, str]]:
    """What a guess would have used besides the columns that were named."""
    try:
        guess = guess_columns(rows.header, rows.sample, kind)
    except InvalidRequest:
        return []
    used, parts = set(columns.names), {part for part, _ in _pairs(columns)}
    return [(part, name) for part, name in _pairs(guess) if part not in parts and name not in used]
