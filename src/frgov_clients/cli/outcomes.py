"""How a command ends: its exit code, and the one line that says why."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Generator, Mapping
from contextvars import ContextVar
from enum import IntEnum
from typing import Final, NoReturn, cast

from ..errors import FrgovError, InvalidRequest
from .screen import say

__all__ = ["EPILOG", "EXIT_CODES", "Code", "Stop", "finish", "show_tracebacks", "stoppable", "told"]


class Code(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_WHOLE = 3
    NOTHING_FOUND = 4
    DENIED = 5
    INTERRUPTED = 130


EXIT_CODES: Final[Mapping[Code, str]] = {
    Code.DONE: "done",
    Code.REFUSED: "not done: a bad input, the service refuses, or is gone while it has a project (run again to go on)",
    Code.USAGE: "the command line is wrong",
    Code.NOT_WHOLE: "done, but not wholly: rows failed, a snapshot is not complete, rights are not known (run again)",
    Code.NOTHING_FOUND: "a search found nothing",
    Code.DENIED: "rights are denied",
    Code.INTERRUPTED: "interrupted (run again to go on)",
}
"""What each code means."""
EPILOG: Final = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."
"""The same for `--help`."""

show_tracebacks: Final[ContextVar[bool]] = ContextVar("show_tracebacks", default=False)
"""Whether `--debug` was given."""


class Stop(Exception):
    """The command ends here, with this code and this line."""

    def __init__(self, code: Code, line: str) -> None:
        super().__init__(line)
        self.code = code


_PLACES: Final = {
    "rows": "INPUT",
    "path": "--output",
    "in_flight": "--in-flight",
    "max_age": "--max-age",
    "patience": "--patience",
    "project_rows": "--project-rows",
    "email": "EMAIL",
    "folder": "--output",
    "page_size": "--page-size",
    "kinds": "--kind",
    "communes": "--commune",
    "base_url": "--base-url",
}
"""What the command line calls the parameters of the library."""
_HAVE_OPTIONS: Final = (
    "prefix",
    "delimiter",
    "encoding",
    "dialect",
    "limit",
    "journal",
    "community",
    "citycode",
    "postcode",
    "type",
    "siren",
)


@contextlib.contextmanager
def stoppable() -> Generator[None]:
    """SIGTERM, with which services and containers are stopped, does here what Ctrl-C does: unfinished files go."""

    def stop(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def finish(error: BaseException) -> NoReturn:
    """Say why in one line, and leave with the code that belongs to it. What typer raises passes through."""
    import typer

    if isinstance(error, typer.Abort):  # Ctrl-C where a question was asked
        error = KeyboardInterrupt()
    if isinstance(error, typer.Exit) or hasattr(error, "exit_code"):
        raise error
    if isinstance(error, BrokenPipeError):
        _forget_stdout()
        raise typer.Exit(Code.REFUSED) from None
    if show_tracebacks.get():
        traceback.print_exception(error)
    code, line = told(error)
    if code is Code.INTERRUPTED:
        with contextlib.suppress(ValueError):  # only the main thread may
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is on its way out: a second one would only make noise
    say(line)
    raise typer.Exit(code) from None


def told(error: BaseException) -> tuple[Code, str]:
    """The exit code of an error, and one line about it that holds nothing of the data."""
    if isinstance(error, Stop):
        return error.code, str(error)
    if isinstance(error, KeyboardInterrupt):
        return Code.INTERRUPTED, "Interrupted."
    return Code.REFUSED, f"Error: {_reason(error)}"


def _reason(error: BaseException) -> str:
    match error:
        case InvalidRequest():
            return _renamed(error)
        case FrgovError():
            return str(error)
        case OSError():
            name = f"{error.filename}: " if isinstance(cast("object", error.filename), str) else ""
            return f"{name}{error.strerror or type(error).__name__}"
        case _:
            more = "" if show_tracebacks.get() else "; `--debug` shows where"
            return f"a fault of this program ({type(error).__name__}){more}"


def _renamed(error: InvalidRequest) -> str:
    """The text, with the name that the command line has for the parameter."""
    field, text = error.field or "", str(error)
    name = _PLACES.get(field) or (f"--{field}" if field in _HAVE_OPTIONS else field)
    return text.replace(f"{field}: ", f"{name}: ", 1) if field and name != field else text


def _forget_stdout() -> None:
    """Nobody reads it any more: let Python not complain about that when it flushes at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
