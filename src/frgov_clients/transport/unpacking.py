"""Compressed answers, unpacked in pieces of bounded size and checked to their end.

httpx unpacks each read whole (64 KB can become 64 MB, and with two codings 64 GB), takes a cut gzip stream for a
complete one, and leaves out all of it but its first member.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ..errors import TruncatedResponse, UnexpectedContent

if TYPE_CHECKING:
    import httpx

__all__ = ["Unpacker", "pieces", "pieces_async"]

PIECE: Final = 65_536
"""Bytes of the largest piece."""
_GZIP: Final = zlib.MAX_WBITS | 16
_WINDOW: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


class Unpacker:
    """One compressed body. Raises `UnexpectedContent` when it does not unpack, `TruncatedResponse` when it is cut."""

    def __init__(self, coding: str) -> None:
        window = _WINDOW.get(coding)
        if window is None:
            raise UnexpectedContent("the answer is compressed in a way that was not asked for")
        self._member = zlib.decompressobj(window)
        self._is_gzip = window == _GZIP
        self._head: bytes | None = None if self._is_gzip else b""
        """The first bytes of `deflate`, until they tell which of its two forms it is."""
        self._started = False

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Unpacker | None:
        """What the headers of an answer ask for; `None` when it is not compressed."""
        coding = headers.get("content-encoding", "").strip().lower()
        return None if coding in {"", "identity"} else cls(coding)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes unpack to."""
        self._started = self._started or bool(data)
        if self._head is not None:
            data = self._without_doubt(self._head + data)
        while data:
            if self._member.eof:
                if not self._is_gzip or not data.strip(b"\0"):
                    return  # padding
                self._member = zlib.decompressobj(_GZIP)  # gzip files may follow one another
            try:
                piece = self._member.decompress(data, PIECE)
            except zlib.error:
                raise UnexpectedContent("the answer is compressed in a way that does not unpack") from None
            data = self._member.unconsumed_tail or self._member.unused_data
            if piece:
                yield piece

    def _without_doubt(self, head: bytes) -> bytes:
        """`deflate` begins with a header of two bytes; some servers leave it out."""
        if len(head) < 2:
            self._head = head
            return b""
        self._head = None
        if head[0] & 15 != 8 or (head[0] << 8 | head[1]) % 31:
            self._member = zlib.decompressobj(-zlib.MAX_WBITS)
        return head

    def end(self) -> Iterator[bytes]:
        """What is left when the body is over."""
        if not self._started:
            return  # an answer without a body keeps the header
        rest = self._member.flush()
        if rest:
            yield rest
        if not self._member.eof:
            raise TruncatedResponse("the compressed answer ends before its end")


def pieces(response: httpx.Response) -> Iterator[bytes]:
    """The unpacked body of an open answer."""
    if response.is_stream_consumed:  # it lay in memory from the start: a mock transport, an httpx cache
        yield from response.iter_bytes()
        return
    unpacker = Unpacker.of(response.headers)
    for chunk in response.iter_raw():
        if unpacker is None:
            yield chunk
        else:
            yield from unpacker.feed(chunk)
    if unpacker is not None:
        yield from unpacker.end()


async def pieces_async(response: httpx.Response) -> AsyncIterator[bytes]:
    """The unpacked body of an open answer."""
    if response.is_stream_consumed:
        async for chunk in response.aiter_bytes():
            yield chunk
        return
    unpacker = Unpacker.of(response.headers)
    async for chunk in response.aiter_raw():
        if unpacker is None:
            yield chunk
        else:
            for piece in unpacker.feed(chunk):
                yield piece
    if unpacker is not None:
        for piece in unpacker.end():
            yield piece
