"""The program `frgov`: what the clients do, from a terminal (extra `[cli]`)."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run `frgov` with `args`, those of the process by default, and leave with an exit code of `outcomes`."""
    try:
        from .app import app as program
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"click", "rich", "typer"}:
            raise
        print("frgov needs two more packages: pip install 'frgov-clients[cli]'", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a label that the terminal can not show is no reason to stop
    program(None if args is None else list(args), prog_name="frgov")
    raise SystemExit(0)
