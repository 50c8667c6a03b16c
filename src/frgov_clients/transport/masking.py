"""What the caller sent is masked in what the service says back: it may echo a name, an address, a key, a whole file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from .operation import Content, FilePart, Multipart, Operation, Reply

__all__ = ["impersonal", "mask", "masked"]

SHORTEST_MASKED: Final = 3
LARGEST_MASKED: Final = 1_000_000
LONGEST_ERROR: Final = 65_536
_WORD: Final = re.compile(r"\w{3,}")


def mask(text: str, operation: Operation[Any], secrets: Iterable[str] = ()) -> str:
    """The service's words without what the caller sent: it may echo a name or an address, or a key."""
    values = {value for value in (*_sent(operation), *secrets) if len(value) >= SHORTEST_MASKED}
    forms = {form for value in values for form in _spellings(value)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "…")
    words = {word.casefold() for value in values for word in _WORD.findall(value) if not word.isdecimal()}
    return _without(text, words)


def _without(text: str, words: Container[str]) -> str:
    """A service that looks words up may repeat one of them, in letters of its own."""
    return _WORD.sub(lambda found: "…" if found[0].casefold() in words else found[0], text)


def masked(reply: Reply, operation: Operation[Any], secrets: Iterable[str] = ()) -> bytes:
    """The beginning of a body that reports an error, to be read from here alone: what the caller sent is masked."""
    text = mask(reply.content[:LONGEST_ERROR].decode("utf-8", "replace"), operation, secrets)
    if isinstance(operation.body, Multipart) and operation.body.files:
        text = _without_words_of_files(text, operation.body.files)
    return text.encode()


_ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*")


def impersonal(content: bytes) -> bytes:
    """A masked refusal of a service that knows persons: nothing of a page or a trace, no e-mail address of its JSON."""
    try:
        text = json.dumps(json.loads(content), ensure_ascii=False)
    except (ValueError, RecursionError):
        return b""
    return _ADDRESS.sub("…", text).encode("utf-8", "replace")


# ---- files: their words, since nobody knows which of their cells a service repeats ------------------------------


def _without_words_of_files(text: str, files: Iterable[FilePart]) -> str:
    words: set[str] = set()
    for part in files:
        start = _start_of(part)
        if len(start) > LARGEST_MASKED:
            return ""  # too much to compare with: of such a refusal only the status is told
        for encoding in ("utf-8", "latin-1"):
            words.update(_WORD.findall(start.decode(encoding, "replace").casefold()))
    hide = partial(_without, words=words)
    try:
        return json.dumps(_each_text(json.loads(text), hide), ensure_ascii=False)
    except (ValueError, RecursionError):
        return hide(text)


def _start_of(part: FilePart) -> bytes:
    if isinstance(part.source, bytes):
        return part.source[: LARGEST_MASKED + 1]
    with part.source() as stream:
        return stream.read(LARGEST_MASKED + 1)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _each_text(each, change) for name, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_each_text(each, change) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value


# ---- everything else: the values that were sent, however they are spelt ------------------------------------------


def _sent(operation: Operation[Any]) -> Iterator[str]:
    """The values that the caller sent."""
    fields, body = operation.params, operation.body
    if isinstance(body, Multipart):
        fields += body.fields
    yield from (value for name, value in fields if name not in operation.spec.public_params)
    if operation.path is not None:
        fixed = operation.spec.path.split("/")
        yield from (unquote(part) for part in operation.path.split("/") if part not in fixed)
    if isinstance(body, Content) and len(body.data) <= LARGEST_MASKED:
        try:
            yield from _texts(json.loads(body.data))
        except (ValueError, RecursionError):
            yield from (value for _, value in parse_qsl(body.data.decode("utf-8", "replace")))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in cast("dict[str, Any]", value).values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _texts(each)


def _spellings(value: str) -> tuple[str, ...]:
    """How a service may repeat a value: as it is, in a URL, in HTML, in JSON."""
    from html import escape

    quoted = json.dumps(value)[1:-1]
    return (
        value,
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        escape(value),
        quoted,
        quoted.replace("/", "\\/"),
        json.dumps(value, ensure_ascii=False)[1:-1],
    )
