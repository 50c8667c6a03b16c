"""The bytes of a CSV file as text: unpacked, and decoded by the encoding that it has rather than the one hoped for."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, cast

from ....errors import InvalidRequest

__all__ = ["CsvText", "check_encoding", "checked_path", "open_text"]

_HEAD: Final = 1024 * 1024
"""Bytes that tell the encoding."""
SAMPLE: Final = 65_536
"""Characters that tell the delimiter."""
_BUFFER: Final = 256 * 1024
_LONGEST_PATH: Final = 4096
_GZIP: Final = b"\x1f\x8b"
_NO_CSV: Final = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"PAR1",
    b"%PDF",
    b"BZh",
    b"\x28\xb5\x2f\xfd",
    b"SQLite format 3\0",
)


class CsvText:
    """An open CSV file, as lines of text."""

    def __init__(self, text: IO[str], encoding: str, closing: tuple[IO[Any], ...], file: IO[bytes] | None) -> None:
        self.encoding = encoding
        self._closing = closing
        self._file = file
        sample = text.read(SAMPLE)
        self.whole = len(sample) < SAMPLE
        """Whether `sample` is all there is."""
        self.sample = sample if self.whole else sample + text.readline()
        self.lines: Iterator[str] = chain(io.StringIO(self.sample, newline=""), text)

    @property
    def share(self) -> float | None:
        """How much of the file has been read, 0 to 1; `None` when its size is not known."""
        if self._file is None or self._file.closed:
            return None
        size = os.fstat(self._file.fileno()).st_size
        return min(1.0, self._file.tell() / size) if size else 1.0

    def close(self) -> None:
        """Close what was opened here; a file that came open stays open."""
        for stream in self._closing:
            stream.close()


def open_text(source: object, encoding: str | None) -> CsvText:
    """Open a path, bytes, or a file open for reading, as text.

    Raises `InvalidRequest` for what is no CSV or not in `encoding`, `OSError` for a path that can not be read.
    """
    if isinstance(source, io.TextIOBase) or (hasattr(source, "read") and hasattr(source, "encoding")):
        return CsvText(cast("IO[str]", source), "text", (), None)
    if isinstance(source, bytes | bytearray | memoryview):
        return _decoded(io.BytesIO(bytes(cast("bytes", source))), encoding, ())
    if isinstance(source, str | os.PathLike):
        file = Path(checked_path(os.fspath(cast("str | os.PathLike[str]", source)))).open("rb", buffering=0)  # noqa: SIM115 (closed by close())
        try:
            return _decoded(file, encoding, (file,))
        except BaseException:
            file.close()
            raise
    return _decoded(cast("IO[bytes]", source), encoding, ())


def checked_path(path: str) -> str:
    """A path. Raises `InvalidRequest` for a text that is none."""
    if len(path) > _LONGEST_PATH or any(char in path for char in "\n\r\0"):  # the error of `open` would repeat it
        raise InvalidRequest.of("rows", "the path of a file", "This text is no path: give its bytes, `text.encode()`")
    return path


def _decoded(stream: IO[bytes], encoding: str | None, closing: tuple[IO[Any], ...]) -> CsvText:
    head = _head_of(stream)
    whole: IO[bytes] = io.BufferedReader(_Joined(head, stream), _BUFFER)
    if head.startswith(_GZIP):
        unpacked = gzip.GzipFile(fileobj=whole)
        head = _head_of(unpacked)
        whole = io.BufferedReader(_Joined(head, cast("IO[bytes]", unpacked)), _BUFFER)
    _refuse_other_formats(head)
    codec, errors = _codec_of(head) if encoding is None else (_codec_asked(encoding, head), "strict")
    text = io.TextIOWrapper(cast("Any", whole), codec, errors, newline="")
    return CsvText(text, codec, closing, closing[0] if closing else None)


def _head_of(stream: Any) -> bytes:
    pieces: list[bytes] = []
    missing = _HEAD
    while missing > 0 and (piece := stream.read(missing)):
        if not isinstance(piece, bytes):
            raise InvalidRequest.of("rows", "a file opened for reading, in binary mode")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


class _Joined(io.RawIOBase):
    """What was read to look at, then the rest: pipes can not be wound back. Closing it leaves the rest open."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self._head[: len(buffer)] or self._rest.read(len(buffer)) or b""
        self._head = self._head[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _refuse_other_formats(head: bytes) -> None:
    if head.startswith(_NO_CSV):
        raise InvalidRequest.of(
            "rows", "a CSV file", "This is a spreadsheet, an archive or a database: export it as CSV"
        )
    if head[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise InvalidRequest.of("rows", "a CSV file", "This is a page of the web or XML")


# ---- which encoding ----------------------------------------------------------------------------------------


def check_encoding(encoding: str) -> str:
    """The name that Python has for an encoding of text; raises `InvalidRequest`."""
    try:
        "".encode(encoding)
        return codecs.lookup(encoding).name
    except LookupError:
        raise InvalidRequest.of("encoding", "the name of an encoding, like utf-8 or cp1252") from None


def _codec_asked(encoding: str, head: bytes) -> str:
    name = check_encoding(encoding)
    return "utf-8-sig" if name == "utf-8" and head.startswith(codecs.BOM_UTF8) else name


def _codec_of(head: bytes) -> tuple[str, str]:
    """The codec, and what to do with bytes that it does not know."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", MENDING
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32", "strict"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "strict"
    start = head[:4096]
    if start.count(0) * 4 > len(start):  # UTF-16 without a mark: half the bytes of a Western text are zero
        return ("utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"), "strict"
    decoder = codecs.getincrementaldecoder("utf-8")
    try:
        decoder().decode(head)
    except UnicodeDecodeError:
        text = decoder("surrogateescape").decode(head)
    else:
        return "utf-8", MENDING
    strange = sum("\udc80" <= char <= "\udcff" for char in text)
    foreign = sum(char > "\x7f" for char in text) - strange
    return ("utf-8" if foreign >= strange else "cp1252"), MENDING


MENDING: Final = "frgov-cp1252"
"""Bytes that are no UTF-8 are read as Windows' letters: files get concatenated from several systems."""
_watched = threading.local()


def counting(notes: Counter[str]) -> None:
    """From now on, in this thread, count in `notes` the bytes that were mended."""
    _watched.notes = notes


def _letter(byte: int) -> str:
    return bytes((byte,)).decode("cp1252", "ignore") or chr(byte)


_LETTERS: Final = tuple(map(_letter, range(256)))


def _mend(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    notes: Counter[str] | None = getattr(_watched, "notes", None)
    if notes is not None:
        notes["not_utf8"] += len(wrong)
    return "".join(_LETTERS[byte] for byte in wrong), error.end


codecs.register_error(MENDING, _mend)
