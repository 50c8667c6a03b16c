"""The files of an asynchronous project: read in pieces to be sent, written in pieces as they come.

A file of a gigabyte never lies in memory.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from ..errors import InvalidRequest, TruncatedResponse
from ..transport.draft import Draft
from ..transport.effects import Await, Flow, Offload
from ..transport.operation import FilePart, Streamed

__all__ = ["ProjectSource", "digest_of", "part_of", "save_stream", "streamed_body"]

ProjectSource: TypeAlias = bytes | Path | str | Callable[[], IO[bytes]]
"""The bytes of a file, its path, or a function that opens it anew each time it is called."""

PIECE: Final = 256 * 1024


def streamed_body(source: ProjectSource) -> Streamed:
    """The body of an upload, opened anew for each attempt. Raises `InvalidRequest` for what is no file."""
    opened = _opener(source)
    with opened() as stream:
        length = stream.seek(0, io.SEEK_END) if stream.seekable() else None
    return Streamed(lambda: _pieces(opened), length=length)


def part_of(source: ProjectSource) -> FilePart:
    """The file as the part of a form: what masking compares an error text with."""
    return FilePart("data", "data.csv", source if isinstance(source, bytes) else _opener(source))


def digest_of(source: ProjectSource, *parts: str) -> str:
    """A fingerprint of a file and of what is asked of it."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        total.update(part.encode() + b"\x1f")
    for piece in _pieces(_opener(source)):
        total.update(piece)
    return total.hexdigest()


def _opener(source: ProjectSource) -> Callable[[], IO[bytes]]:
    if isinstance(source, bytes):
        return lambda: io.BytesIO(source)
    if isinstance(source, str) and ("\n" in source or "\r" in source):  # opening it would put the text into the error
        hint = "This text is no path: give its bytes, `text.encode()`"
        raise InvalidRequest.of("source", "bytes, a path, or a function that opens the file", hint)
    if isinstance(source, str | Path):
        path = Path(source)
        return lambda: path.open("rb")
    if not callable(source):
        hint = "An open file can be read only once: give a function that opens it"
        raise InvalidRequest.of("source", "bytes, a path, or a function that opens the file", hint)
    return source


def _pieces(opened: Callable[[], IO[bytes]]) -> Iterator[bytes]:
    with opened() as stream:
        while piece := stream.read(PIECE):
            yield piece


# ---- what comes back -------------------------------------------------------------------------------------------


def save_stream(stream: Any, target: Path, size: int | None) -> Flow[int]:
    """Write an open answer to a file, which is there whole or not at all. Gives the number of bytes.

    Raises `TruncatedResponse` when it is not `size` bytes long, and what reading a stream raises.
    """
    draft = Draft(target, known=True)  # a file may be large, and the project goes on after a restart
    is_async = hasattr(stream, "__aiter__")
    try:
        if is_async:
            written = yield Await(lambda: _save_async(stream, draft))
        else:
            written = yield Offload(lambda: _save(stream, draft))
        if size is not None and written != size:
            raise TruncatedResponse(f"the file has {written} bytes, and {size} were announced")
        yield Offload(draft.finish)
    finally:
        if not is_async:
            stream.close()  # also when it was never begun
        with suppress(OSError):
            draft.abandon()
    return int(written)


def _save(stream: Any, draft: Draft) -> int:
    with stream:
        file = draft.open()
        return sum(file.write(piece) for piece in stream)


async def _save_async(stream: Any, draft: Draft) -> int:
    from anyio import to_thread

    written = 0
    async with stream:
        file = await to_thread.run_sync(draft.open)
        async for piece in stream:
            written += await to_thread.run_sync(file.write, piece)
    return written
