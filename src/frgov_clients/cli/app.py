"""The program itself: one group of commands per service, loaded when it is named."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from .. import __version__
from .outcomes import EPILOG, finish, show_tracebacks

__all__ = ["SERVICES", "app"]

SERVICES: Final = {
    "ban": "Addresses: geocode files, search (Base Adresse Nationale).",
    "cerema": "Who may see the Données foncières (portal of the Cerema): users, rights, snapshots.",
}
"""The modules beside this one that hold an `app`, and what their help is in the list of commands."""


class Services(TyperGroup):
    """Commands that are imported when they are named; errors become one line and an exit code."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(SERVICES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        # what only lists the commands needs no more than their help
        return TyperGroup(name=cmd_name, help=SERVICES[cmd_name]) if cmd_name in SERVICES else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in SERVICES:
            module = import_module(f".{args[0]}", __package__)
            return args[0], typer.main.get_command(module.app), args[1:]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a full disk or a closed pipe is found out now, not while Python ends
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - each becomes an exit code
            finish(error)
        return result


def _told_version(wanted: bool) -> None:
    if wanted:
        print(f"frgov {__version__}")
        raise typer.Exit


def _told_debug(wanted: bool) -> None:
    if wanted:
        show_tracebacks.set(True)


app: Final = typer.Typer(
    name="frgov",
    cls=Services,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)


@app.callback()
def frgov(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_told_version, is_eager=True, help="Print the version, and end.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", callback=_told_debug, help="Show tracebacks of errors.")] = False,
) -> None:
    """French public data services, from the command line.

    Example: frgov ban geocode in.csv -o out.csv
    """
