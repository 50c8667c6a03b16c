"""The form in which a reply lies in a store, and the key under which it lies there."""

from __future__ import annotations

import marshal
import pickle
import sys
import zlib
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from frgov_clients.transport import cache as cache_module
from frgov_clients.transport.cache import Stored, cache_key, key_material, key_space, pack, unpack

NOW = 1_700_000_000.0
HEADERS = (("content-type", "application/json"), ("etag", '"é"'))
any_text = st.text(st.characters(), max_size=12)
pairs = st.lists(st.tuples(any_text, any_text), max_size=4).map(tuple)


# ---- the envelope ------------------------------------------------------------------------------------------


@given(content=st.binary(max_size=200), headers=pairs, ttl=st.floats(0.001, 1e9), age=st.floats(0, 1e9))
@example(content=b"", headers=(), ttl=1.0, age=0.0)
@example(content=b"x" * 3_000_000, headers=HEADERS * 500, ttl=1.0, age=0.0)
def test_what_was_packed_is_unpacked(content: bytes, headers: Any, ttl: float, age: float) -> None:
    blob = pack(content, headers, ttl, NOW)
    now = NOW + age
    assert unpack(blob, now) == Stored(content, headers, now - NOW, now - NOW < ttl)


@given(st.binary(max_size=100), st.binary(max_size=40))
def test_random_bytes_are_a_miss(noise: bytes, start: bytes) -> None:
    assert unpack(noise, NOW) is None
    assert unpack(pack(b"", (), 1, NOW)[: cache_module._SUMMED] + noise, NOW) is None
    assert unpack(start + pack(b"x", HEADERS, 1, NOW), NOW) is None or not start


def test_every_truncation_and_every_flipped_byte_is_a_miss() -> None:
    blob = pack(b'{"a": 1}', HEADERS, 60, NOW)
    assert unpack(blob, NOW) is not None
    for place in range(len(blob)):
        assert unpack(blob[:place], NOW) is None
        assert unpack(blob[:place] + bytes((blob[place] ^ 0x41,)) + blob[place + 1 :], NOW) is None
    assert unpack(blob + b"x", NOW) is None


@pytest.mark.parametrize(
    ("later", "ttl", "expected"),
    [
        (0, 10, (0.0, True)),
        (9.5, 10, (9.5, True)),
        (10, 10, (10.0, False)),
        (5000, 10, (5000.0, False)),
        (-59, 10, (0.0, True)),
        (-61, 10, None),
        (float("nan"), 10, None),
        (1, float("nan"), (1.0, False)),
        (1e9, float("inf"), (1e9, True)),
    ],
)
def test_age_and_freshness(later: float, ttl: float, expected: tuple[float, bool] | None) -> None:
    stored = unpack(pack(b"x", (), ttl, NOW), NOW + later)
    assert (None if stored is None else (stored.age, stored.fresh)) == expected


def forged(block: bytes) -> bytes:
    """A blob that is right in every respect but its block of headers."""
    header = cache_module._HEADER.pack(cache_module._MAGIC, 0, NOW, 60.0, len(block), 0)
    checksum = zlib.crc32(header[cache_module._SUMMED :] + block)
    return cache_module._MAGIC + checksum.to_bytes(4, "big") + header[cache_module._SUMMED :] + block


@pytest.mark.parametrize(
    "block",
    [b"", b"{", b"1", b'{"a": 1}', b"[1]", b'["abc"]', b'[["a", 1]]', b'[["a"]]', b"\xff", b"[" * 200_000],
    ids=lambda block: repr(block[:10]),
)
def test_headers_that_are_not_pairs_of_texts_are_a_miss(block: bytes) -> None:
    assert unpack(forged(block), NOW) is None
    assert unpack(forged(b'[["a","b"]]'), NOW) == Stored(b"", (("a", "b"),), 0.0, True)


def test_a_blob_of_another_version_is_a_miss() -> None:
    blob = pack(b"x", (), 60, NOW)
    assert unpack(blob[:4] + b"\x02" + blob[5:], NOW) is None


def test_a_pickle_is_never_loaded() -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (pytest.fail, ("unpickled",))

    assert unpack(pickle.dumps(Trap()), NOW) is None
    assert unpack(forged(pickle.dumps(Trap())), NOW) is None


# ---- the key -----------------------------------------------------------------------------------------------


SPACE = key_space("https://example.test", "", "GET", "/search", "application/json")
questions = st.tuples(pairs, st.none() | any_text, pairs)
bodies = st.none() | st.tuples(any_text, st.binary(max_size=12))


@given(questions, bodies)
@example(((("q", "\ud83d\ude00"),), "😀", ()), None)
@example(((("q", "', 'x"),), "'), None", ()), ("None", b"'"))
def test_no_two_requests_have_the_same_key_material(question: Any, body: Any) -> None:
    """It can be read back: so no two requests have the same bytes."""
    assert marshal.loads(key_material(SPACE, question, body)) == (SPACE, question, body)


def test_a_text_of_a_class_of_its_own_is_its_text() -> None:
    class Kind(StrEnum):
        STREET = "street"

    question = ((("type", Kind.STREET),), None, ())
    assert cache_key(SPACE, question, None) == cache_key(SPACE, ((("type", "street"),), None, ()), None)


def test_equal_requests_have_equal_keys_however_they_came_about() -> None:
    made = b"street".decode(), sys.intern("street")
    assert len({key_material(SPACE, ((("type", text),), None, ()), None) for text in made}) == 1


REQUEST: dict[str, Any] = {"space": SPACE, "question": ((("q", "rue"), ("limit", "5")), None, ()), "body": None}


@pytest.mark.parametrize(
    "change",
    [
        {"space": key_space("https://example.test/", "", "GET", "/search", "application/json")},
        {"space": key_space("https://example.test", "somebody", "GET", "/search", "application/json")},
        {"space": key_space("https://example.test", "", "POST", "/search", "application/json")},
        {"question": ((("limit", "5"), ("q", "rue")), None, ())},
        {"question": ((("q", "rue"),), None, ())},
        {"question": ((("q", "rue"), ("limit", "5")), "/search", ())},
        {"question": ((), None, (("q", "rue"), ("limit", "5")))},
        {"body": ("", b"")},
        {"body": ("", b"x")},
    ],
    ids=repr,
)
def test_every_part_of_a_request_counts(change: dict[str, Any]) -> None:
    assert cache_key(**(REQUEST | change)) != cache_key(**REQUEST)


def test_the_key_never_changes() -> None:
    """It is the same in every process and every release: a shared store would lose everything otherwise."""
    assert cache_key(**REQUEST) == "e3afd4a34fa9ba8db5ea6a51f8e2ac47115de60d22449e0962f046577b5b487e"
