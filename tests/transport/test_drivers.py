"""Threads, tasks and event loops share one client; closing it; forking it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import trio

from frgov_clients.errors import (
    ClientClosed,
    ConfigurationError,
)
from frgov_clients.transport.retry import Retry
from scripted import FINE, Do, Scripted
from support import COLOURS, PROBES, AsyncProbe, Probe, at_rest, outcome_of, play, until

pytestmark = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # trio says so of httpx's own


# ---- threads and tasks -----------------------------------------------------------------------------------


def test_fifty_threads_share_one_client() -> None:
    with Scripted((0.01, *FINE)) as server, Probe(base_url=server.url, max_in_flight=7, deadline=20.0) as client:
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda n: client.get(str(n)), range(200)))
        assert answers == ["fine"] * 200
        assert sorted(int(request.target.partition("q=")[2]) for request in server.requests) == list(range(200))
        assert server.most_in_flight == 7
        assert server.connections <= 7
        assert at_rest(client)


@pytest.mark.parametrize("runner", ["asyncio", "trio"])
def test_fifty_tasks_share_one_client(runner: str) -> None:
    answers: list[str] = []

    async def one(client: Any) -> None:
        answers.append(await client.get())

    async def scenario(client: Any) -> None:
        if runner == "asyncio":
            async with asyncio.TaskGroup() as tasks:
                for _ in range(200):
                    tasks.create_task(one(client))
        else:
            async with trio.open_nursery() as nursery:
                for _ in range(200):
                    nursery.start_soon(one, client)
        assert at_rest(client)

    with Scripted((0.01, *FINE)) as server:
        play(runner, PROBES, scenario, base_url=server.url, max_in_flight=7, deadline=20.0)
        assert answers == ["fine"] * 200
        assert server.most_in_flight == 7


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the loops end with their connections open
def test_event_loops_of_all_kinds_share_one_client_at_the_same_time() -> None:
    uvloop = pytest.importorskip("uvloop")

    def in_uvloop(story: Any) -> Any:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(story)

    async def many(client: AsyncProbe) -> list[str]:
        return await asyncio.gather(*(client.get() for _ in range(20)))

    async def many_in_trio(client: AsyncProbe) -> list[str]:
        found: list[str] = []

        async def one() -> None:
            found.append(await client.get())

        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(one)
        return found

    with Scripted((0.01, *FINE)) as server:
        client = AsyncProbe(base_url=server.url, max_in_flight=5, deadline=20.0)
        with ThreadPoolExecutor(4) as pool:
            runs = [
                pool.submit(lambda: asyncio.run(many(client))),
                pool.submit(lambda: asyncio.run(many(client))),
                pool.submit(lambda: trio.run(many_in_trio, client)),
                pool.submit(lambda: in_uvloop(many(client))),
            ]
            assert all(run.result(20) == ["fine"] * 20 for run in runs)
        assert server.most_in_flight == 5
        assert at_rest(client)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the loops end with their connections open
def test_event_loops_one_after_the_other_share_one_client_and_are_forgotten() -> None:
    loops: list[weakref.ref[Any]] = []

    async def once(client: AsyncProbe) -> str:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        return await client.get()

    async def last(client: AsyncProbe) -> None:
        await once(client)
        gc.collect()
        assert [loop() is None for loop in loops] == [True] * 5 + [False]
        assert len(client._driver._by_loop) == 1
        await client.close()

    with Scripted(FINE) as server:
        client = AsyncProbe(base_url=server.url)
        for _ in range(5):
            assert asyncio.run(once(client)) == "fine"
        trio.run(client.get)
        asyncio.run(last(client))


def test_a_client_serves_where_a_loop_is_running_already() -> None:
    """In a notebook the blocking client is called from inside a running event loop."""

    async def cell() -> str:
        with Probe(base_url=server.url) as client:
            return client.get()

    with Scripted(FINE) as server:
        assert asyncio.run(cell()) == "fine"


def test_an_aiolimiter_is_for_async_clients() -> None:
    aiolimiter = pytest.importorskip("aiolimiter")
    from frgov_clients.transport.ratelimit import AiolimiterAdapter

    async def make() -> Any:
        return AiolimiterAdapter(aiolimiter.AsyncLimiter(10, 1))

    limiter = asyncio.run(make())
    with Scripted(FINE) as server, Probe(base_url=server.url, limiters={"calls": limiter}) as client:
        with pytest.raises(ConfigurationError, match="use it with the async client"):
            client.get()
        assert server.requests == []
        assert at_rest(client)


# ---- closing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_a_closed_client_says_so(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        assert await client.get() == "fine"
        sibling = client.with_options(retries=0)
        await sibling.close()  # a sibling leaves the connections alone
        assert await client.get() == "fine"
        await client.close()
        await client.close()
        for each in (client, sibling):
            with pytest.raises(ClientClosed, match=r"probe\.get: the client is closed"):
                await each.get()
        return client

    with Scripted(FINE) as server:
        play(colour, PROBES, scenario, base_url=server.url)
        assert len(server.requests) == 2


def test_closing_while_others_call_ends_their_calls() -> None:
    with Scripted((Do.HANG,)) as server:
        client = Probe(base_url=server.url, timeout=5.0, retries=Retry(attempts=3, wait=lambda state: 0.0))
        found: list[Any] = []
        threads = [threading.Thread(target=lambda: found.append(outcome_of(client.get))) for _ in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: len(server.requests) == 3)
        client.close()
        server.__exit__()
        for thread in threads:
            thread.join(5)
        assert {type(each) for each in found} == {ClientClosed}  # after the connection broke
        assert all([one.outcome for one in each.attempts] == ["ConnectionLost"] for each in found)
        assert all(each.operation == "probe.get" for each in found)
        assert at_rest(client)


# ---- fork ------------------------------------------------------------------------------------------------


def call_in_a_child(client: Probe) -> int:
    """The exit status of a forked child that makes a call: 0 when it went well and left nothing behind."""
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            status = 0 if client.with_options(deadline=2.0).get() == "fine" and at_rest(client) else 2
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_a_client_of_its_own() -> None:
    with Scripted(FINE, (0.5, *FINE), FINE) as server, Probe(base_url=server.url, max_in_flight=1) as client:
        assert client.get() == "fine"
        caller = threading.Thread(target=client.get)
        caller.start()
        until(lambda: len(server.requests) == 2)
        assert call_in_a_child(client) == 0  # the only slot was taken, by a thread that is not copied
        caller.join(5)
        assert call_in_a_child(client) == 0
        assert client.get() == "fine"
        assert len(server.requests) == 5
        assert server.connections == 3  # parent and children never speak through one connection
