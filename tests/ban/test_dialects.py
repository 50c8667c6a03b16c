"""What a service says when it says no, and which service is which."""

from __future__ import annotations

import json

import pytest
from ban_helpers import body_of, exchanges
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.dialects import ADDOK, GEOPF, dialect_for, read_error

KEYS = st.sampled_from(["code", "message", "detail", "title", "description", "error", "error_msg", "status"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=15,
)


def test_all_wrong_fields_are_told() -> None:
    exchange = next(found for found in exchanges("gpf_geocodeur") if found["name"] == "search-many-errors")
    error = read_error(400, {}, body_of(exchange))
    assert (error.message, error.code) == ("Failed parsing query", "400")
    assert error.details == (
        "limit: unable to parse value as integer",
        "type: unexpected value 'z'",
        "postcode: must contain 5 digits",
        "citycode: not valid",
    )


def test_addok_and_completion_and_html_errors() -> None:
    addok = read_error(400, {}, b'{"title": "Missing parameter", "description": "The \\"q\\" parameter is required."}')
    assert (addok.message, addok.code, addok.details) == (
        "Missing parameter",
        None,
        ('The "q" parameter is required.',),
    )
    hidden = read_error(200, {}, b'{"status":"Error","error":"Unsupported index type: poi"}')
    assert (hidden.message, hidden.code) == ("Unsupported index type: poi", "Error")
    page = next(found for found in exchanges("gpf_geocodeur") if found["name"] == "not-found-path")
    html = read_error(404, page["response"]["headers"], body_of(page))
    assert (html.message, html.details) == ("an HTML page (Error)", ("Cannot GET /nope",))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", None),
        (b"  \n", None),
        (b"upstream connect error", "upstream connect error"),
        (b"[1, 2]", None),
        (b'{"message": {"deep": 1}}', '{"deep": 1}'),
        (b'{"message": "cut', '{"message": "cut'),
        (b"<html><head><title>502\nBad Gateway</title></head><body></body></html>", "an HTML page (502 Bad Gateway)"),
        (b"<b>no title", "an HTML page"),
        (b"[" * 60_000, "[" * 500),
        (b'{"message": "' + b"x" * 2000 + b'"}', "x" * 500),
        (b'{"message": "\\ud800"}', "?"),
    ],
)
def test_other_error_bodies(body: bytes, message: str | None) -> None:
    assert read_error(500, {}, body).message == message


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | JSON.map(lambda found: json.dumps(found).encode())
)
def test_reading_an_error_never_raises(body: bytes) -> None:
    error = read_error(500, {"content-type": "text/html"}, body)
    assert error.message is None or len(error.message) <= 520
    assert all(isinstance(detail, str) for detail in error.details)
    json.dumps([error.message, error.code, *error.details]).encode()


# ---- dialects ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://data.geopf.fr/geocodage", GEOPF),
        ("https://DATA.GEOPF.FR", GEOPF),
        ("https://data.geopf.fr./x", GEOPF),
        ("https://preprod.geopf.fr:8443/x", GEOPF),
        ("https://geopf.fr.example.org", ADDOK),
        ("https://notgeopf.fr", ADDOK),
        ("http://127.0.0.1:7878", ADDOK),
        ("http://[bad", ADDOK),
        ("", ADDOK),
    ],
)
def test_the_dialect_of_an_address(url: str, expected: object) -> None:
    assert dialect_for(url) is expected


def test_an_explicit_dialect_wins() -> None:
    assert dialect_for("http://127.0.0.1:3000", "geopf") is GEOPF
    assert dialect_for("https://data.geopf.fr", ADDOK) is ADDOK
    with pytest.raises(KeyError):
        dialect_for("https://data.geopf.fr", "nominatim")
