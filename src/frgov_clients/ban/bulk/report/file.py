"""A file that is replaced as a whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

__all__ = ["replace"]


def replace(target: Path, text: str) -> None:
    """Write `text` beside `target`, then give it that name; half a surrogate pair becomes `?`.

    Raises `OSError`, and then leaves all as it was.
    """
    draft = target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}.tmp")
    try:
        with draft.open("x", encoding="utf-8", errors="replace", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
