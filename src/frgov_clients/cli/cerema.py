"""`frgov cerema`: the portal Données foncières."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

from .arguments import ASKING, FILES, SHOWING, command, seconds_of

__all__ = ["app"]

app: Final = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Who may see the Données foncières (portal of the Cerema): users, rights, snapshots.",
)


@dataclass(frozen=True, kw_only=True)
class PortalArguments:
    """Which portal is asked, and as whom."""

    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where the portal is. Default: FRGOV_CEREMA_BASE_URL, then https://portaildf.cerema.fr.",
            rich_help_panel=ASKING,
        ),
    ] = None
    username: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The account. Default: FRGOV_CEREMA_USERNAME. Its password is read from FRGOV_CEREMA_PASSWORD.",
            rich_help_panel=ASKING,
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="As JSON.", rich_help_panel=SHOWING)] = False

    @property
    def client_options(self) -> dict[str, Any]:
        """The options of a client; what was not given is left to the environment."""
        given = {"base_url": self.base_url, "username": self.username}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class UserArguments(PortalArguments):
    """One person."""

    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The e-mail address.")]


@command(app, UserArguments)
def user(arguments: UserArguments) -> None:
    """Show what the portal says of an e-mail address. Ends with 4 when it knows nobody with it.

    One row for each structure that the person belongs to, with its group and its perimeter. Ends with 3 when a part
    of it could not be fetched.

    Example: frgov cerema user camille@example.fr
    """
    from .cerema_person import show_user

    show_user(arguments.email, arguments.client_options, as_json=arguments.json)


@dataclass(frozen=True, kw_only=True)
class RightsArguments(UserArguments):
    """One person and one establishment."""

    siren: Annotated[str, typer.Option(metavar="SIREN", help="The establishment: its SIREN, 9 digits.")]
    commune: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help="A commune of the establishment, by its INSEE code; several by commas, or repeated."
        ),
    ] = None
    communes: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="A file with the INSEE codes of its communes, and nothing else; - for the input."
        ),
    ] = None
    at: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Rights at another moment: 2026-12-31, or with a time (French unless it says). Default: now.",
        ),
    ] = None
    group_required: Annotated[
        bool, typer.Option("--group-required", help="Deny who is in no group, who is allowed otherwise.")
    ] = False
    snapshot: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Look into a complete snapshot instead of asking the portal.", rich_help_panel=ASKING
        ),
    ] = None


@command(app, RightsArguments)
def rights(arguments: RightsArguments) -> None:
    """Tell whether somebody may look at the LOVAC data of an establishment, and why.

    Ends with 0 when allowed, with 5 when denied, and with 3 when it is not known, since a part could not be fetched:
    that is no denial. The communes are needed to tell whether the perimeter covers one of them.

    Example: frgov cerema rights camille@example.fr --siren 246700488 --commune 67482 --commune 67218
    """
    from .cerema_person import show_rights

    show_rights(arguments)


@dataclass(frozen=True, kw_only=True)
class SnapshotArguments(PortalArguments):
    """All of the portal."""

    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="The folder for users.jsonl, structures.jsonl, groups.jsonl, perimeters.jsonl and snapshot.json. "
            "Until all is there the files are called users.partial.jsonl and so on.",
            rich_help_panel=FILES,
        ),
    ]
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only users, structures, groups or perimeters; may be repeated."),
    ] = None
    page_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Records per request: 1000 takes seconds where the portal's own 50 takes a minute.",
            rich_help_panel=ASKING,
        ),
    ] = None
    in_flight: Annotated[
        int, typer.Option(min=1, max=50, metavar="N", help="Requests at once.", rich_help_panel=ASKING)
    ] = 4
    per_second: Annotated[
        float,
        typer.Option(min=0.1, max=1000, metavar="N", help="Requests per second, at most.", rich_help_panel=ASKING),
    ] = 5.0
    patience: Annotated[
        float | None,
        typer.Option(
            metavar="TIME",
            parser=seconds_of,
            help="How long to wait for a portal that is down. Default: 1m.",
            rich_help_panel=ASKING,
        ),
    ] = None
    resume: Annotated[
        bool,
        typer.Option("--resume/--no-resume", help="Go on with what lies there, or begin anew.", rich_help_panel=FILES),
    ] = True
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing but errors.", rich_help_panel=SHOWING)] = False


@command(app, SnapshotArguments)
def snapshot(arguments: SnapshotArguments) -> None:
    """Extract all users, structures, groups and perimeters into a folder.

    Ends with 0 when every record came that the portal counts, and with 3 when not; the same command again then goes on
    where it ended. The folder holds e-mail addresses of persons.

    Example: frgov cerema snapshot -o portail
    """
    from .cerema_snapshot import run

    run(arguments)


@command(app, PortalArguments)
def check(arguments: PortalArguments) -> None:
    """Tell whether the portal answers, and takes the credentials. Ends with 1 when not.

    Example: frgov cerema check
    """
    from .cerema_person import check

    check(arguments.client_options, as_json=arguments.json)
