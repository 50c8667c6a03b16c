"""Options that the commands of `frgov ban` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from .arguments import ASKING, COLUMNS, FILES, SHOWING, seconds_of

__all__ = ["BulkArguments", "GeocodeArguments", "ReverseArguments", "ServerArguments"]


def _delimiter_of(text: str) -> str:
    """One character; the tab by its name too, since it is hard to type."""
    chosen = {"\\t": "\t", "tab": "\t"}.get(text.lower(), text)
    if len(chosen) != 1:
        raise typer.BadParameter("one character, or `tab`")
    return chosen


# ---- options -----------------------------------------------------------------------------------------------


class DialectChoice(StrEnum):
    """Servers that are known."""

    geopf = "geopf"
    addok = "addok"


@dataclass(frozen=True, kw_only=True)
class ServerArguments:
    """Which server is asked."""

    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where to ask: the Géoplateforme, or a server of your own. Default: FRGOV_BAN_BASE_URL, then the "
            "Géoplateforme.",
            rich_help_panel=ASKING,
        ),
    ] = None
    dialect: Annotated[
        DialectChoice | None,
        typer.Option(
            help="What answers there. Default: geopf on geopf.fr, addok elsewhere.",
            rich_help_panel=ASKING,
        ),
    ] = None

    @property
    def client_options(self) -> dict[str, Any]:
        """The options of a client; what was not given is left to the environment."""
        given = {"base_url": self.base_url, "dialect": self.dialect and self.dialect.value}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class BulkArguments(ServerArguments):
    """What geocoding a file and its reverse have in common."""

    input: Annotated[
        str, typer.Argument(metavar="INPUT", help="A CSV file, also packed (.gz); - for the standard input.")
    ]
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="OUTPUT",
            help="Where the rows go with their results: .csv, .tsv, .jsonl, each also with .gz; - for the standard "
            "output, as CSV. It appears, or replaces the one that was there, once it is complete.",
            rich_help_panel=FILES,
        ),
    ]
    prefix: Annotated[
        str, typer.Option(help="What the names of the added columns begin with.", rich_help_panel=FILES)
    ] = "ban_"
    delimiter: Annotated[
        str | None,
        typer.Option(
            metavar="CHAR",
            parser=_delimiter_of,
            help="What parts the cells of INPUT; a CSV OUTPUT gets the same. Found by default.",
            rich_help_panel=FILES,
        ),
    ] = None
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of INPUT: utf-8, cp1252, ... Found by default. OUTPUT is UTF-8.",
            rich_help_panel=FILES,
        ),
    ] = None
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N rows, to try.", rich_help_panel=FILES)
    ] = None
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Save the report: .html (a page with a map), .json.", rich_help_panel=FILES),
    ] = None
    journal: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Where answers are kept, so that no run asks again what is known; several files may share one. "
            "Default: OUTPUT.journal, beside OUTPUT; none for the standard output.",
            rich_help_panel=FILES,
        ),
    ] = None
    resume: Annotated[
        bool,
        typer.Option("--resume/--no-resume", help="Use a journal, or none.", rich_help_panel=FILES),
    ] = True
    max_age: Annotated[
        float | None,
        typer.Option(
            metavar="AGE",
            parser=seconds_of,
            help="Ask again what the journal knows for longer than that: 90d, 12h.",
            rich_help_panel=ASKING,
        ),
    ] = None
    patience: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            parser=seconds_of,
            help="How long to wait for a service that is down, before the rows left end as failed. Default: 5m.",
            rich_help_panel=ASKING,
        ),
    ] = None
    in_flight: Annotated[
        int, typer.Option(min=1, max=50, metavar="N", help="Requests at once.", rich_help_panel=ASKING)
    ] = 4
    project_rows: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="From so many new questions on, have the Géoplateforme work on them in the background, as a project. "
            "It may take hours; interrupted, the same command goes on with it. By default never.",
            rich_help_panel=ASKING,
        ),
    ] = None
    community: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The community that the project belongs to, which may send larger files. The token of a member is "
            "read from FRGOV_BAN_TOKEN.",
            rich_help_panel=ASKING,
        ),
    ] = None
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask whether the columns are right.", rich_help_panel=SHOWING)
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing but errors.", rich_help_panel=SHOWING)] = False
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="The report as JSON, on the standard output (standard error for `-o -`).",
            rich_help_panel=SHOWING,
        ),
    ] = False


def _column(what: str) -> Any:
    return typer.Option(metavar="COL", help=what, rich_help_panel=COLUMNS)


@dataclass(frozen=True, kw_only=True)
class GeocodeArguments(BulkArguments):
    """From addresses to points."""

    address: Annotated[
        list[str] | None, _column("The address: number and street, or all of it. Several are joined in their order.")
    ] = None
    postcode: Annotated[str | None, _column("The postcode.")] = None
    city: Annotated[str | None, _column("The name of the commune.")] = None
    citycode: Annotated[str | None, _column("The INSEE code of the commune.")] = None
    complement: Annotated[str | None, _column("Building, flat, residence.")] = None
    ladder: Annotated[
        bool,
        typer.Option("--ladder/--no-ladder", help="Ask weak rows again in other words.", rich_help_panel=ASKING),
    ] = True


@dataclass(frozen=True, kw_only=True)
class ReverseArguments(BulkArguments):
    """From points to addresses."""

    lon: Annotated[str | None, _column("Longitude, in decimal degrees (WGS84).")] = None
    lat: Annotated[str | None, _column("Latitude, in decimal degrees.")] = None
    citycode: Annotated[str | None, _column("The INSEE code of the commune, which is compared, not sent.")] = None
