"""What is printed, and where: plain in pipes, coloured on terminals unless `NO_COLOR` is set, never with markup."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["console", "json_line", "printable", "say", "table"]

_WIDE: Final = 2_000
"""Columns of a pipe: nothing is cut there."""


def console(*, stderr: bool = False) -> Console:
    """A console of rich that takes texts as they are."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)


def table(*columns: str, rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> Table:
    """A small table without lines; the columns named in `right` hold numbers. Long cells are folded, not cut.

    Without any name it has no header.
    """
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=any(columns))
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    return made


def printable(value: Any) -> str:
    """A text that may come from a file or from a service, without what would steer the terminal."""
    text = str(value)
    return text if text.isprintable() else "".join(char if char.isprintable() else "�" for char in text)


def json_line(value: Any) -> str:
    """One line of JSON, as readable as the standard output allows."""
    return json.dumps(value, ensure_ascii=(sys.stdout.encoding or "").lower().replace("-", "") != "utf8")


def say(line: str) -> None:
    """One line to those who watch, on the standard error."""
    print(printable(" ".join(line.split())), file=sys.stderr, flush=True)
