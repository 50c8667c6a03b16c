"""A child of `os.fork` uses the clients of its parent: with new locks, and never on the parent's connections."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import select
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from frgov_clients import CircuitOptions, MemoryCache, RateLimiter, StaticBearer, Window
from frgov_clients.errors import ClientClosed
from frgov_clients.transport.auth import PasswordLogin
from frgov_clients.transport.fork import renew_after_fork
from frgov_clients.transport.operation import Operation, Spec
from scripted import Scripted, answer
from support import AsyncProbe, Probe, text

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    # Python warns of forking with threads since 3.12; that it works all the same is what is tested here
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
PATIENCE = 10.0
LOCKS = (type(threading.Lock()), type(threading.RLock()))


def in_child(work: Callable[[], object]) -> str:
    """What `work` returns in a forked child, as text; its exception, or that it never ends."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            said = str(work())
        except BaseException as error:  # noqa: BLE001 - it is the answer
            said = repr(error)
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    try:
        if not select.select([reader], [], [], PATIENCE)[0]:
            os.kill(child, signal.SIGKILL)
            return "it hangs"
        return os.read(reader, 65536).decode()
    finally:
        os.close(reader)
        os.waitpid(child, 0)


class Held:
    """Holds locks in another thread, as a thread in the middle of a call would."""

    def __init__(self, *locks: Any) -> None:
        self._locks = locks
        self._over = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._hold, daemon=True)

    def _hold(self) -> None:
        with ExitStack() as stack:
            for lock in self._locks:
                stack.enter_context(lock)
            self._ready.set()
            self._over.wait(PATIENCE)

    def __enter__(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    def __exit__(self, *why: object) -> None:
        self._over.set()
        self._thread.join(PATIENCE)


def locks_of(client: Any) -> Iterator[Any]:
    """Every lock in the state of a client, found by looking, so that a new one is not forgotten here."""
    waiting, seen = [client._policies, client._driver], set[int]()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, LOCKS):
            yield thing
        elif type(thing).__module__.startswith("frgov_clients"):
            slots = [name for cls in type(thing).__mro__ for name in getattr(cls, "__slots__", ())]
            waiting += [
                getattr(thing, name) for name in (*slots, *getattr(thing, "__dict__", ())) if name != "__weakref__"
            ]


CACHED: Spec[str] = Spec(name="probe.cached", method="GET", path="/cached", decode=text, quota="calls", ttl=60.0)


def test_a_child_waits_for_no_lock_of_its_parent() -> None:
    options: dict[str, Any] = {
        "limiters": {"calls": RateLimiter([Window(limit=50, seconds=1.0)])},
        "cache": MemoryCache(),
        "circuit": CircuitOptions(window=4, minimum=4),
    }
    token = answer(body=b'{"access_token": "t"}')
    with Scripted(token, answer(body=b"yes"), answer(503), answer(body=b"yes")) as server:
        auth = PasswordLogin("somebody", "secret", path="/login")
        with Probe(base_url=server.url, auth=auth, **options) as client:
            assert client.get() == "yes"
            locks = list(locks_of(client))
            assert len(locks) >= 7, "driver, bulkhead, budget, circuit, limiter, cache, flights"

            def ask() -> list[str]:
                """With a failure and a retry, which take locks of their own."""
                return [client.get(), client.send(Operation(CACHED))]

            with Held(*locks):
                assert in_child(ask) == "['yes', 'yes']"
        assert [each.target for each in server.requests] == [
            "/login",
            "/thing?q=x",
            "/thing?q=x",
            "/thing?q=x",
            "/cached",
        ]


def test_a_child_waits_for_no_call_of_its_parent() -> None:
    """The only place in flight, the token and the answer that another thread was fetching: it is not here any more."""
    over = threading.Event()
    token = answer(body=b'{"access_token": "t"}')
    with Scripted((over, *token), token, answer(body=b"yes")) as server:
        auth = PasswordLogin("somebody", "secret", path="/login")
        client = Probe(base_url=server.url, auth=auth, max_in_flight=1, cache=MemoryCache())
        with client, ThreadPoolExecutor(1) as pool:
            parents = pool.submit(client.send, Operation(CACHED))
            while not server.requests:
                time.sleep(0.005)
            try:
                assert in_child(lambda: client.send(Operation(CACHED))) == "yes"
            finally:
                over.set()
            assert parents.result(PATIENCE) == "yes"


def test_a_child_has_connections_of_its_own() -> None:
    with Scripted(answer(body=b"yes")) as server, Probe(base_url=server.url) as client:
        assert client.get() == "yes"
        assert in_child(client.get) == "yes"
        assert server.connections == 2
        assert client.get() == "yes"
        assert server.connections == 2  # the parent's own is alive, whatever the child did at its end


def test_the_async_client_too() -> None:
    with Scripted(answer(body=b"yes")) as server:
        client = AsyncProbe(base_url=server.url)

        async def story() -> str:
            first = await client.get()
            child = in_child(lambda: _in_another_thread(lambda: asyncio.run(client.get())))
            return f"{first} {child} {await client.get()}"

        async def all_of_it() -> str:
            async with client:
                return await story()

        assert asyncio.run(all_of_it()) == "yes yes yes"
        assert server.connections == 2


def _in_another_thread(work: Callable[[], Any]) -> Any:
    """The child was forked inside a running loop: its own loop runs beside it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(PATIENCE)


def test_threads_of_the_parent_go_on_while_children_come_and_go() -> None:
    over = threading.Event()

    def ask_on(client: Probe) -> int:
        asked = 0
        while not over.is_set():
            assert client.get() == "yes"
            asked += 1
        return asked

    with Scripted(answer(body=b"yes")) as server, Probe(base_url=server.url) as client, ThreadPoolExecutor(3) as pool:
        threads = [pool.submit(ask_on, client) for _ in range(3)]
        try:
            for _ in range(5):
                assert in_child(lambda: [client.get() for _ in range(3)]) == "['yes', 'yes', 'yes']"
        finally:
            over.set()
        assert all(each.result(PATIENCE) > 0 for each in threads)


def test_a_closed_client_is_closed_in_the_child() -> None:
    client = Probe(auth=StaticBearer("t"))
    client.close()
    assert in_child(client.get).startswith(ClientClosed.__name__)


class Thing:
    renewed = 0

    def after_fork(self) -> None:
        self.renewed += 1


def test_a_child_renews_each_thing_once_and_the_parent_nothing() -> None:
    thing = renew_after_fork(renew_after_fork(Thing()))
    assert in_child(lambda: thing.renewed) == "1"
    assert thing.renewed == 0


def test_what_is_gone_is_not_kept_alive() -> None:
    ended = weakref.ref(renew_after_fork(Thing()))
    gc.collect()
    assert ended() is None


# ---- multiprocessing -----------------------------------------------------------------------------------------

_shared: list[Probe] = []


def _ask_shared(_: int) -> str:
    return _shared[0].get()


def _ask_new(url: str) -> str:
    with Probe(base_url=url) as client:
        return client.get()


def _ask_given(client: Probe) -> str:
    return client.get()


def test_a_pool_of_forked_workers_may_use_the_parents_client() -> None:
    with Scripted(answer(body=b"yes")) as server, Probe(base_url=server.url) as client:
        client.get()
        _shared.append(client)
        try:
            with multiprocessing.get_context("fork").Pool(2) as pool:
                assert pool.map(_ask_shared, range(6), chunksize=1) == ["yes"] * 6
        finally:
            _shared.clear()


def test_a_spawned_worker_makes_its_own_and_is_told_so() -> None:
    with Scripted(answer(body=b"yes")) as server, multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_ask_new, (server.url,)) == "yes"
        with pytest.raises(TypeError, match=r"a Probe holds connections .*make one in each process"):
            pool.apply(_ask_given, (Probe(base_url=server.url),))
