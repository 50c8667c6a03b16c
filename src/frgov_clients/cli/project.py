"""A run of which a project of the service does most: what it needs, and whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ..transport.auth import StaticBearer
from ..transport.config import read_variable
from .ban_options import BulkArguments
from .outcomes import Code, Stop
from .paths import Files

__all__ = ["check_project", "credentials", "project_options", "unfinished_project"]

TOKEN: Final = "FRGOV_BAN_TOKEN"  # noqa: S105 - the name of a variable
"""Where the token of a member of the community is read: an option would keep it in the history of the shell."""


def check_project(arguments: BulkArguments, files: Files) -> None:
    """`Stop`: the command line asks for a project that can not be."""
    if arguments.project_rows is None:
        if arguments.community is not None:
            raise Stop(Code.USAGE, "Error: --community names the owner of a project: give --project-rows as well")
        return
    if arguments.input == "-" or (Path(arguments.input).exists() and not Path(arguments.input).is_file()):
        raise Stop(Code.USAGE, "Error: --project-rows reads INPUT twice: give it as a file, not as a pipe")
    if files.journal is None:
        how = "leave --no-resume out" if not arguments.resume else "name one with --journal"
        raise Stop(Code.USAGE, f"Error: --project-rows needs the journal, to find its project again: {how}")


def project_options(arguments: BulkArguments) -> dict[str, Any]:
    """What a run is told about its project."""
    if arguments.project_rows is None:
        return {}
    return {"project_rows": arguments.project_rows, "community": arguments.community}


def credentials(arguments: BulkArguments) -> dict[str, Any]:
    """What a client is told about who asks: something only where a community is named."""
    if arguments.community is None:
        return {}
    token = read_variable(TOKEN, str)
    if token is None:
        raise Stop(
            Code.REFUSED, f"Error: --community needs the token of a member in the environment variable {TOKEN}, not set"
        )
    return {"auth": StaticBearer(token)}


def unfinished_project(journal: Path) -> bool:
    """Whether a project was begun beside this journal, and is not over."""
    return journal.with_name(f"{journal.name}.project").is_dir()
