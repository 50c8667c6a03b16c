"""An answer that breaks in the middle is handed over as far as it came, to the operations that can use it."""

from __future__ import annotations

import pytest

from frgov_clients.errors import AttemptTimeout, TruncatedResponse
from frgov_clients.transport.operation import Operation
from scripted import Do, Scripted, answer, chunked
from support import COLOURS, PROBES, outcome, spec_of

PATIENT = spec_of(path="/rows", keep_partial=True)
PLAIN = spec_of(path="/rows")
BROKEN = (*chunked(b"one\n", b"two\n", end=b""), Do.CLOSE)
STALLED = (*chunked(b"one\n", b"two\n", end=b""), Do.HANG)


@pytest.fixture(params=[("sync", {}), ("asyncio", {}), ("trio", {}), ("asyncio", {"http_backend": "aiohttp"})], ids=str)
def ask(request):
    colour, more = request.param

    def asked(spec, step, **options):
        with Scripted(step) as server:
            return outcome(
                colour,
                PROBES,
                lambda client: client.send(Operation(spec)),
                base_url=server.url,
                retries=0,
                **more,
                **options,
            )

    return asked


def test_what_came_before_the_connection_broke(ask):
    error = ask(PATIENT, BROKEN)
    assert isinstance(error, TruncatedResponse)
    assert error.partial == b"one\ntwo\n"


def test_what_came_before_the_time_was_over(ask):
    error = ask(PATIENT, STALLED, timeout=0.4, deadline=5)
    assert isinstance(error, AttemptTimeout)
    assert error.partial == b"one\ntwo\n"


@pytest.mark.parametrize("step", [BROKEN, STALLED])
def test_it_is_not_kept_for_operations_that_did_not_ask(ask, step):
    error = ask(PLAIN, step, timeout=0.4, deadline=5)
    assert error.partial == b""


def test_a_body_that_is_shorter_than_announced(ask):
    error = ask(PATIENT, (*answer(200, b"one\n", Content_Length="100"), Do.CLOSE))
    assert isinstance(error, TruncatedResponse)
    assert error.partial == b"one\n"


@pytest.mark.parametrize("colour", COLOURS)
def test_nothing_came(colour):
    with Scripted((Do.CLOSE,)) as server:
        error = outcome(colour, PROBES, lambda client: client.send(Operation(PATIENT)), base_url=server.url, retries=0)
    assert not getattr(error, "partial", b"")
