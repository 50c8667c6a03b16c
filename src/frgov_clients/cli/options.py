"""Options that several commands have, each declared once: a command takes a dataclass and gets it filled."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar, cast, get_type_hints

import typer

from .outcomes import EPILOG, show_tracebacks

__all__ = ["BulkArguments", "GeocodeArguments", "ReverseArguments", "ServerArguments", "command", "seconds_of"]

A = TypeVar("A")

_COLUMNS: Final = "Columns (guessed; once one is named, only those named are used)"
_FILES: Final = "Files"
_ASKING: Final = "Asking the service"
_SHOWING: Final = "What is shown"
_PANELS: Final = (_COLUMNS, _FILES, _ASKING, _SHOWING)


def command(app: typer.Typer, arguments: type[A]) -> Callable[[Callable[[A], None]], None]:
    """Make a command of a function that takes one `arguments`, a dataclass whose fields are the options."""

    def register(work: Callable[[A], None]) -> None:
        hints = get_type_hints(arguments, include_extras=True)

        def run(**values: Any) -> None:
            values.pop("debug", None)
            work(arguments(**values))

        options = sorted(fields(cast("Any", arguments)), key=lambda field: _rank(hints[field.name]))
        parameters = [_parameter(field.name, hints[field.name], field.default) for field in options]
        parameters.append(_parameter("debug", _DEBUG, default=False))
        cast("Any", run).__signature__ = inspect.Signature(parameters)
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        paragraphs = inspect.cleandoc(work.__doc__ or "").split("\n\n")
        text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)  # typer would keep some line ends
        app.command(work.__name__, help=text, epilog=EPILOG)(run)

    return register


def _rank(annotation: Any) -> int:
    """In which order the help shows the groups of options; arguments and options without a group come first."""
    panel = annotation.__metadata__[0].rich_help_panel
    return -1 if panel is None else _PANELS.index(panel)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    if default is None or default is MISSING:
        annotation.__metadata__[0].show_default = False  # older versions of typer print `None`
    given = inspect.Parameter.empty if default is MISSING else default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=given)


def _told_debug(wanted: bool) -> bool:
    if wanted:
        show_tracebacks.set(True)
    return wanted


_DEBUG: Final = Annotated[bool, typer.Option("--debug", callback=_told_debug, hidden=True)]

# ---- values ------------------------------------------------------------------------------------------------

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhdw])")


def seconds_of(text: str) -> float:
    """`90d`, `12h`, `1.5h` in seconds; raises `typer.BadParameter`."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None or not math.isfinite(seconds := float(found[1]) * _UNITS[found[2]]) or seconds <= 0:
        raise typer.BadParameter("a number and a unit: s, m (minutes), h, d or w, like 90d")
    return seconds


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
            rich_help_panel=_ASKING,
        ),
    ] = None
    dialect: Annotated[
        DialectChoice | None,
        typer.Option(
            help="What answers there. Default: geopf on geopf.fr, addok elsewhere.",
            rich_help_panel=_ASKING,
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
            rich_help_panel=_FILES,
        ),
    ]
    prefix: Annotated[
        str, typer.Option(help="What the names of the added columns begin with.", rich_help_panel=_FILES)
    ] = "ban_"
    delimiter: Annotated[
        str | None,
        typer.Option(
            metavar="CHAR",
            parser=_delimiter_of,
            help="What parts the cells of INPUT; a CSV OUTPUT gets the same. Found by default.",
            rich_help_panel=_FILES,
        ),
    ] = None
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of INPUT: utf-8, cp1252, ... Found by default. OUTPUT is UTF-8.",
            rich_help_panel=_FILES,
        ),
    ] = None
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N rows, to try.", rich_help_panel=_FILES)
    ] = None
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Save the report: .html (a page with a map), .json.", rich_help_panel=_FILES),
    ] = None
    journal: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Where answers are kept, so that no run asks again what is known; several files may share one. "
            "Default: OUTPUT.journal, beside OUTPUT; none for the standard output.",
            rich_help_panel=_FILES,
        ),
    ] = None
    resume: Annotated[
        bool,
        typer.Option("--resume/--no-resume", help="Use a journal, or none.", rich_help_panel=_FILES),
    ] = True
    max_age: Annotated[
        float | None,
        typer.Option(
            metavar="AGE",
            parser=seconds_of,
            help="Ask again what the journal knows for longer than that: 90d, 12h.",
            rich_help_panel=_ASKING,
        ),
    ] = None
    patience: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            parser=seconds_of,
            help="How long to wait for a service that is down, before the rows left end as failed. Default: 5m.",
            rich_help_panel=_ASKING,
        ),
    ] = None
    in_flight: Annotated[
        int, typer.Option(min=1, max=50, metavar="N", help="Requests at once.", rich_help_panel=_ASKING)
    ] = 4
    project_rows: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="From so many new questions on, have the Géoplateforme work on them in the background, as a project. "
            "It may take hours; interrupted, the same command goes on with it. By default never.",
            rich_help_panel=_ASKING,
        ),
    ] = None
    community: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The community that the project belongs to, which may send larger files. The token of a member is "
            "read from FRGOV_BAN_TOKEN.",
            rich_help_panel=_ASKING,
        ),
    ] = None
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask whether the columns are right.", rich_help_panel=_SHOWING)
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing but errors.", rich_help_panel=_SHOWING)] = False
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="The report as JSON, on the standard output (standard error for `-o -`).",
            rich_help_panel=_SHOWING,
        ),
    ] = False


def _column(what: str) -> Any:
    return typer.Option(metavar="COL", help=what, rich_help_panel=_COLUMNS)


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
        typer.Option("--ladder/--no-ladder", help="Ask weak rows again in other words.", rich_help_panel=_ASKING),
    ] = True


@dataclass(frozen=True, kw_only=True)
class ReverseArguments(BulkArguments):
    """From points to addresses."""

    lon: Annotated[str | None, _column("Longitude, in decimal degrees (WGS84).")] = None
    lat: Annotated[str | None, _column("Latitude, in decimal degrees.")] = None
    citycode: Annotated[str | None, _column("The INSEE code of the commune, which is compared, not sent.")] = None
