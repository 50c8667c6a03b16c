"""`frgov ban`: the Base Adresse Nationale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import typer

from .arguments import command
from .ban_options import GeocodeArguments, ReverseArguments, ServerArguments

__all__ = ["app"]

app: Final = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Addresses: geocode files, search (Base Adresse Nationale).",
)


@command(app, GeocodeArguments)
def geocode(arguments: GeocodeArguments) -> None:
    """Find the address of each row of a CSV file.

    The rows come out in their order, each with what was found and a verdict of what it is worth. Only the address
    is sent, no other column. Interrupted, or after rows failed, the same command goes on where it was.

    Example: frgov ban geocode in.csv -o out.csv --report report.html

    Example: frgov ban geocode in.csv -o out.csv --address numero --address voie --postcode cp --city commune
    """
    from .ban_bulk import run

    columns = {name: getattr(arguments, name) for name in ("address", "postcode", "city", "citycode", "complement")}
    run(arguments, "search", columns, {"ladder": arguments.ladder})


@command(app, ReverseArguments)
def reverse(arguments: ReverseArguments) -> None:
    """Find the address nearest to the point of each row of a CSV file.

    Points are in decimal degrees (WGS84); decimal commas are understood. Otherwise as `frgov ban geocode`.

    Example: frgov ban reverse points.csv -o out.csv --lon longitude --lat latitude
    """
    from .ban_bulk import run

    run(arguments, "reverse", {name: getattr(arguments, name) for name in ("lon", "lat", "citycode")}, {})


@dataclass(frozen=True, kw_only=True)
class SearchArguments(ServerArguments):
    """One search."""

    text: Annotated[str, typer.Argument(metavar="TEXT", help="The address, or what is known of it.")]
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many answers.")] = 5
    citycode: Annotated[str | None, typer.Option(metavar="CODE", help="Only in this commune, by its INSEE code.")] = (
        None
    )
    postcode: Annotated[str | None, typer.Option(metavar="CODE", help="Only with this postcode.")] = None
    type: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help="Only of this type: housenumber, street, locality, municipality."),
    ] = None
    autocomplete: Annotated[
        bool, typer.Option("--autocomplete", help="TEXT is only the beginning. It lowers the scores.")
    ] = False
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line for each answer.")] = False


@command(app, SearchArguments)
def search(arguments: SearchArguments) -> None:
    """Search one address. Ends with 4 when nothing was found.

    Example: frgov ban search "4 rue des Balastières, Andelnans"
    """
    from .ban_single import search

    filters = {name: getattr(arguments, name) for name in ("citycode", "postcode", "type")}
    search(
        arguments.text,
        {name: value for name, value in filters.items() if value is not None},
        arguments.client_options,
        limit=arguments.limit,
        autocomplete=arguments.autocomplete,
        as_json=arguments.json,
    )


@dataclass(frozen=True, kw_only=True)
class CheckArguments(ServerArguments):
    """One look at the service."""

    json: Annotated[bool, typer.Option("--json", help="As a JSON object.")] = False


@command(app, CheckArguments)
def check(arguments: CheckArguments) -> None:
    """Tell whether the geocoder answers. Ends with 1 when it does not.

    Example: frgov ban check
    """
    from .ban_single import check

    check(arguments.client_options, as_json=arguments.json)
