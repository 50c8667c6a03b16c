"""What a service of the Cerema says when it says no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.cerema.answers import read_error
from frgov_clients.errors import AuthenticationError

DATA = Path(__file__).parents[1] / "data" / "cerema"
KEYS = st.sampled_from(["detail", "non_field_errors", "code", "messages", "page"]) | st.text(max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=15,
)


def test_the_recorded_refusal() -> None:
    error = read_error(401, {}, (DATA / "error_detail.json").read_bytes())
    assert (error.message, error.code, error.details) == ("Authentication credentials were not provided.", None, ())


@pytest.mark.parametrize(
    ("body", "message", "details"),
    [
        (b"", None, ()),
        (b"Unauthorized", "Unauthorized", ()),
        (b'{"detail": "Not found."}', "Not found.", ()),
        ('{"detail": "Emprise demandée trop importante"}'.encode(), "Emprise demandée trop importante", ()),
        (b'{"non_field_errors": ["No.", "Never."]}', "No.", ("Never.",)),
        (b'{"page": ["A valid integer is required."]}', "page: A valid integer is required.", ()),
        (b'{"a": ["one", "two"], "detail": "All wrong."}', "All wrong.", ("a: one", "a: two")),
        (b'{"in": {"bbox": ["too large"]}}', "in.bbox: too large", ()),
        (b'["first", "second"]', "first", ("second",)),
        (b"{}", None, ()),
        (b'{"code": ["No such commune."]}', "code: No such commune.", ()),
        (b'{"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}', 'a.b.c.d.e: {"f": 1}', ()),
        (b"<html><head><title>502\nBad Gateway</title></head></html>", "an HTML page (502 Bad Gateway)", ()),
    ],
)
def test_the_shapes_of_the_framework(body: bytes, message: str | None, details: tuple[str, ...]) -> None:
    error = read_error(400, {}, body)
    assert (error.message, error.details) == (message, details)


def test_a_dead_token_is_told_once_with_its_code() -> None:
    body = {
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is expired"}],
    }
    error = read_error(401, {}, json.dumps(body).encode())
    assert (error.message, error.code, error.details) == (body["detail"], "token_not_valid", ())


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"non_field_errors": ["Unable to log in with provided credentials."]}, AuthenticationError),
        (403, {"detail": "Informations d'authentification non fournies."}, AuthenticationError),
        (403, {"detail": "Invalid token."}, AuthenticationError),
        (403, {"detail": "You do not have permission to perform this action."}, None),
        (503, {"detail": "Invalid token."}, None),
    ],
)
def test_a_wrong_credential_is_one_whatever_the_status(status: int, body: object, kind: type | None) -> None:
    assert read_error(status, {}, json.dumps(body).encode()).kind is kind


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | JSON.map(lambda found: json.dumps(found).encode())
)
def test_reading_an_error_never_raises(body: bytes) -> None:
    error = read_error(403, {"content-type": "text/html"}, body)
    assert error.message is None or len(error.message) <= 520
    assert all(isinstance(detail, str) for detail in error.details)
    json.dumps([error.message, error.code, *error.details], ensure_ascii=False).encode()
