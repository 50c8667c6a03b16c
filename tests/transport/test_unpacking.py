"""Compressed answers: whatever comes in, in whatever pieces, small pieces come out, or an error."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frgov_clients.errors import InvalidResponse, TruncatedResponse, UnexpectedContent
from frgov_clients.transport.unpacking import PIECE, Unpacker

WAYS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", lambda data: zlib.compress(data)[2:-4]),
}


def unpacked(coding: str, data: bytes, size: int = 1000) -> list[bytes]:
    unpacker = Unpacker(coding)
    pieces = [piece for at in range(0, len(data), size) for piece in unpacker.feed(data[at : at + size])]
    return [*pieces, *unpacker.end()]


@pytest.mark.parametrize("way", WAYS)
@given(part=st.binary(max_size=300), times=st.integers(1, 3000), size=st.integers(1, 5000))
def test_what_was_packed_is_unpacked(way: str, part: bytes, times: int, size: int) -> None:
    coding, pack = WAYS[way]
    whole = part * times
    pieces = unpacked(coding, pack(whole), size if len(pack(whole)) / size < 500 else 5000)
    assert b"".join(pieces) == whole
    assert max(map(len, pieces), default=0) <= PIECE


@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, PIECE * 2, PIECE * 3 + 7])
def test_what_fills_a_piece_exactly(length: int) -> None:
    for coding, pack in WAYS.values():
        assert b"".join(unpacked(coding, pack(b"\0" * length))) == b"\0" * length


@pytest.mark.parametrize("way", WAYS)
@given(data=st.binary(min_size=1, max_size=300))
def test_every_cut_is_noticed(way: str, data: bytes) -> None:
    coding, pack = WAYS[way]
    packed = pack(data)
    for cut in range(1, len(packed)):
        with pytest.raises(InvalidResponse) as error:
            unpacked(coding, packed[:-cut])
        assert type(error.value) in {TruncatedResponse, UnexpectedContent}


@given(data=st.binary(max_size=300), coding=st.sampled_from(["gzip", "deflate"]))
def test_noise_is_read_or_refused_with_our_errors(data: bytes, coding: str) -> None:
    try:
        unpacked(coding, data, 7)
    except InvalidResponse as error:
        assert type(error) in {TruncatedResponse, UnexpectedContent}  # noqa: PT017


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip,deflate", "compress", "\xff"])
def test_what_was_not_asked_for_is_refused(coding: str) -> None:
    with pytest.raises(UnexpectedContent, match="not asked for"):
        Unpacker.of({"content-encoding": coding})


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_answer_without_a_body_has_nothing_to_unpack(coding: str) -> None:
    assert unpacked(coding, b"") == []
