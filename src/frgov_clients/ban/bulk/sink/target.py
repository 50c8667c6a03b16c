"""Where results may not go: what the run reads, and what it keeps."""

from __future__ import annotations

import os
from pathlib import Path

from ....errors import InvalidRequest

__all__ = ["check_target"]


def check_target(path: str | os.PathLike[str], given: object, journal: Path | None) -> None:
    """Raise `InvalidRequest` when `path` is the file of the input (`given`, if it is a path) or of the journal."""
    target = os.path.realpath(path)
    source: object = given if isinstance(given, str | os.PathLike) else getattr(given, "name", None)  # of an open file
    if isinstance(source, str | os.PathLike) and target == os.path.realpath(source):
        hint = "It would be replaced by the results, which you can rename yourself"
        raise InvalidRequest.of("path", "another file than the input", hint)
    if journal is not None and target == os.path.realpath(journal):
        raise InvalidRequest.of("path", "another file than the journal")
