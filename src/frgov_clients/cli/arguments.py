"""What every command is declared with: a command takes a dataclass and gets it filled, each option declared once."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Annotated, Any, Final, TypeVar, cast, get_type_hints

import typer

from .outcomes import EPILOG, show_tracebacks

__all__ = ["ASKING", "COLUMNS", "FILES", "SHOWING", "command", "seconds_of"]

A = TypeVar("A")

COLUMNS: Final = "Columns (guessed; once one is named, only those named are used)"
FILES: Final = "Files"
ASKING: Final = "Asking the service"
SHOWING: Final = "What is shown"
_PANELS: Final = (COLUMNS, FILES, ASKING, SHOWING)


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
