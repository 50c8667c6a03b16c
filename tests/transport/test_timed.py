"""A blocking attempt ends on time, however slowly the server sends."""

from __future__ import annotations

import time

import httpx
import pytest

from frgov_clients.errors import AttemptTimeout, DeadlineExceeded
from frgov_clients.transport.timed import keep_time
from scripted import FINE, Do, Scripted
from support import Probe

DRIP = [part for byte in b"HTTP/1.1 200 OK\r\nx-slow: yes, and still going" for part in (bytes([byte]), 0.1)]
STALL = [b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", 0.3, b"half", Do.HANG]


@pytest.mark.parametrize("step", [DRIP, STALL, [Do.HANG]], ids=["headers byte by byte", "half a body", "silence"])
def test_an_attempt_takes_no_longer_than_its_timeout(step):
    with Scripted(step) as server, Probe(base_url=server.url, retries=0, timeout=0.5) as client:
        started = time.monotonic()
        with pytest.raises(AttemptTimeout):
            client.get()
        assert 0.45 < time.monotonic() - started < 3


def test_a_call_takes_no_longer_than_its_deadline():
    with Scripted(DRIP) as server, Probe(base_url=server.url, timeout=0.4, deadline=0.6, retries=20) as client:
        started = time.monotonic()
        with pytest.raises((AttemptTimeout, DeadlineExceeded)):
            client.get()
        assert time.monotonic() - started < 3


def test_the_connection_serves_again_after_a_late_answer():
    with Scripted(STALL, FINE) as server, Probe(base_url=server.url, retries=0, timeout=0.5) as client:
        with pytest.raises(AttemptTimeout):
            client.get()
        assert client.get() == "fine"


def test_time_is_kept_by_the_httpx_that_is_installed():
    with httpx.HTTPTransport() as transport:
        before = transport._pool._network_backend
        assert keep_time(transport)._pool._network_backend is not before


def test_another_httpx_keeps_its_own_timeouts():
    class Renamed(httpx.HTTPTransport):
        def __init__(self):
            pass

    transport = Renamed()
    assert keep_time(transport) is transport
