"""Where results may not go: what the run reads, and what it keeps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from ....errors import InvalidRequest

__all__ = ["check_target"]


def check_target(path: str | os.PathLike[str], given: object, journal: Path | None) -> None:
    """Raise `InvalidRequest` when `path` is the file of the input (`given`, if it is a path) or of the journal."""
    target = os.path.realpath(path)
    source = _path_of(given)
    if source is not None and target == os.path.realpath(source):
        hint = "It would be replaced by the results, which you can rename yourself"
        raise InvalidRequest.of("path", "another file than the input", hint)
    if journal is not None and target == os.path.realpath(journal):
        raise InvalidRequest.of("path", "another file than the journal")


def _path_of(given: Any) -> str | None:
    """The path that an input is, or that it was opened from."""
    named: Any = given if hasattr(given, "__fspath__") else getattr(given, "name", given)
    if isinstance(named, str):
        return named
    return os.fspath(cast("os.PathLike[str]", named)) if hasattr(named, "__fspath__") else None
