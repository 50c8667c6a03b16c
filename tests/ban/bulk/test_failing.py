"""What a failure means, by values: no service is needed to know it."""

from __future__ import annotations

from typing import Any

import pytest

from frgov_clients.ban.bulk.failing import Miss, is_fatal, is_outage, is_refusal
from frgov_clients.errors import (
    AttemptTimeout,
    BadRequest,
    CircuitOpen,
    ClientClosed,
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    FrgovError,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ServerError,
    ServiceUnavailable,
    TooManyRequests,
    TruncatedResponse,
    UnexpectedContent,
)

PAGE = UnexpectedContent("a page", retryable=True)
FOREIGN = UnexpectedContent("another service", retryable=False)
OUTAGES = [
    ConnectionFailed("x"),
    ConnectionLost("x"),
    AttemptTimeout("x"),
    CircuitOpen("x"),
    ServiceUnavailable("x", status=503),
    TooManyRequests("x", status=429),
    TruncatedResponse("x"),
    PAGE,
]
REFUSALS = [PermissionDenied("x", status=403), NotFound("x", status=404), FOREIGN]
OTHERS = [ServerError("x", status=500), BadRequest("x", status=400)]


def name_of(value: Any) -> str | None:
    return type(value).__name__ if isinstance(value, FrgovError) else None


@pytest.mark.parametrize("error", [*OUTAGES, *REFUSALS, *OTHERS], ids=name_of)
def test_outages_and_refusals(error):
    assert is_outage(error) == (error in OUTAGES)
    assert is_refusal(error) == (error in REFUSALS)


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_what_ends_a_run(answered, alone, several):
    known = {"answered": answered, "alone": alone, "several": several}
    for error in (ConfigurationError("x"), ClientClosed("x")):
        assert is_fatal(error, **known)
    for error in REFUSALS:
        assert is_fatal(error, **known) == (several and not answered)
    for error in (BadRequest("x", status=400), InvalidRequest("x")):
        assert is_fatal(error, **known) == (alone and not answered)
    for error in (*OUTAGES, ServerError("x", status=500)):
        assert not is_fatal(error, **known)


@pytest.mark.parametrize(
    ("error", "word"),
    [(None, "row_error"), (ServerError("x", status=500), "http_500"), (ConnectionLost("x"), "ConnectionLost")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_word_for_it(error, word):
    assert Miss(error, 1, others_got_through=False).word == word


@pytest.mark.parametrize(
    ("error", "sent", "others", "halves", "counts"),
    [
        (ConnectionFailed("x"), 200, True, False, False),  # it never arrived
        (CircuitOpen("x"), 1, True, False, False),
        (ConnectionLost("x"), 64, False, False, False),  # nothing gets through: the service is down
        (ConnectionLost("x"), 65, False, True, False),  # a large request may be why
        (ConnectionLost("x"), 64, True, True, False),
        (ConnectionLost("x"), 1, False, False, False),
        (ConnectionLost("x"), 1, True, True, True),  # others get through, and this one does not
        (AttemptTimeout("x"), 10, False, True, False),  # fewer take less time
        (ServerError("x", status=500), 10, False, True, True),
        (BadRequest("x", status=400), 1, False, True, True),
        (None, 10, False, True, True),
    ],
)
def test_what_it_does_to_a_question(error, sent, others, halves, counts):
    miss = Miss(error, sent, others_got_through=others)
    assert (miss.halves, miss.counts) == (halves, counts)


def test_how_often_a_question_is_asked():
    alone, row = Miss(ServerError("x", status=500), 1, others_got_through=True), Miss(None, 10, others_got_through=True)
    for miss in (alone, row):
        assert miss.may_retry(4, 5)
        assert not miss.may_retry(5, 5)
    assert Miss(ServerError("x", status=500), 2, others_got_through=True).may_retry(9, 5)  # another may be the bad one
    assert Miss(ConnectionFailed("x"), 1, others_got_through=True).may_retry(9, 5)
