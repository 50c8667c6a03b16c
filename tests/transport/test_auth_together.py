"""One login for all: threads, tasks, event loops; and the stores that share a token."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import anyio
import pytest
import trio
from crowds import in_threads
from login_parts import Gate, both, finish, login, run

from frgov_clients.errors import (
    AuthenticationError,
    DeadlineExceeded,
    FrgovError,
    InvalidResponse,
    ServerError,
)
from frgov_clients.transport import auth as auth_module
from frgov_clients.transport.auth import (
    Token,
)
from frgov_clients.transport.effects import Sleep, Wait
from support import COLOURS, AsyncProbe, Probe


async def in_tasks(number: int, client: AsyncProbe) -> list[Any]:
    async with asyncio.timeout(30):
        return await asyncio.gather(*(client.get() for _ in range(number)), return_exceptions=True)


def test_fifty_threads_make_one_login() -> None:
    gate = Gate(delay=0.03)
    with Probe(http_client=gate.client("sync"), auth=both(), retries=0) as client:
        assert in_threads(50, client.get) == ["fine"] * 50
        assert len(gate.logins) == 1
        gate.revoke()
        assert in_threads(50, client.get) == ["fine"] * 50
    assert (len(gate.logins), gate.refreshes) == (1, ["R1"])


def test_fifty_tasks_make_one_login() -> None:
    gate = Gate(delay=0.03)

    async def story() -> None:
        async with AsyncProbe(http_client=gate.client("asyncio"), auth=both(), retries=0) as client:
            assert await in_tasks(50, client) == ["fine"] * 50
            gate.revoke()
            assert await in_tasks(50, client) == ["fine"] * 50

    asyncio.run(story())
    assert (len(gate.logins), gate.refreshes) == (1, ["R1"])


def test_fifty_tasks_of_trio_make_one_login() -> None:
    gate = Gate(delay=0.03)
    results: list[str] = []

    async def story() -> None:
        async with AsyncProbe(http_client=gate.client("trio"), auth=login(), retries=0) as client:

            async def work() -> None:
                results.append(await client.get())

            async with trio.open_nursery() as nursery:
                for _ in range(50):
                    nursery.start_soon(work)

    trio.run(story)
    assert results == ["fine"] * 50
    assert len(gate.logins) == 1


def test_threads_and_two_event_loops_make_one_login() -> None:
    gate = Gate(delay=0.1)
    shared = login()
    blocking = Probe(http_client=gate.client("sync"), auth=shared, retries=0)
    results: list[Any] = []
    start = threading.Barrier(3)

    def loop() -> None:
        async def story() -> list[Any]:
            async with AsyncProbe(http_client=gate.client("asyncio"), auth=shared, retries=0) as client:
                start.wait(10)
                return await in_tasks(25, client)

        results.extend(asyncio.run(story()))

    loops = [threading.Thread(target=loop) for _ in range(2)]
    for each in loops:
        each.start()
    start.wait(10)
    results += in_threads(20, blocking.get)
    for each in loops:
        each.join(30)
    assert results == ["fine"] * 70
    assert len(gate.logins) == 1


def test_a_login_that_landed_between_the_look_and_the_lead_is_not_repeated() -> None:
    """Each caller looks for the token and then asks to lead: in between, another may have come back with it."""

    class Forgetful:
        blocking = False

        def load(self, key: str) -> Token | None:
            return None

        def save(self, key: str, token: Token) -> None:
            return None

    auth = login(store=Forgetful())
    asked: list[Any] = []

    def call(operation: Any) -> Any:
        asked.append(operation)
        return Token("A")
        yield

    class Sly:
        """Lets another caller log in between the look and the lead."""

        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def join(self, key: str) -> Any:
            auth._flights = self.inner
            assert finish(auth.credential(call, 1.0)).access == "A"
            return self.inner.join(key)

    flights = auth._flights
    auth._flights = Sly(flights)  # type: ignore[assignment]
    assert finish(auth.credential(call, 1.0)).access == "A"
    assert len(asked) == 1


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_leader_that_is_cancelled_strands_nobody(colour: str) -> None:
    gate = Gate(delay=0.05)
    results: list[str] = []

    async def story(client: Any) -> None:
        async def work() -> None:
            results.append(await client.get())

        async with anyio.create_task_group() as group:
            with anyio.move_on_after(0.02):
                group.start_soon(_late, work)
                await client.get()
        assert results == ["fine"] * 5

    async def _late(work: Any) -> None:
        await anyio.sleep(0.005)  # when the other leads
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(work)

    run(colour, gate, story, auth=login())
    assert len(gate.logins) == 1  # the first one never arrived


@pytest.mark.parametrize("in_a_loop", [False, True])
@pytest.mark.parametrize(("answer", "kind"), [(401, AuthenticationError), (500, ServerError), ("{}", InvalidResponse)])
def test_a_failed_login_is_told_to_all_and_not_kept(in_a_loop: bool, answer: Any, kind: type[FrgovError]) -> None:
    gate = Gate(delay=0.05)
    gate.login_answers = [answer]
    if in_a_loop:

        async def story() -> tuple[list[Any], str]:
            async with AsyncProbe(http_client=gate.client("asyncio"), auth=login(), retries=0) as client:
                return await in_tasks(20, client), await client.get()

        results, last = asyncio.run(story())
    else:
        with Probe(http_client=gate.client("sync"), auth=login(), retries=0) as client:
            results, last = in_threads(20, client.get), client.get()
    assert [type(each) for each in results] == [kind] * 20
    assert len({id(each) for each in results}) == 20  # each his own
    assert {each.operation for each in results} == {"auth.login"}
    assert last == "fine"
    assert len(gate.logins) == 2


def test_the_impatience_of_the_leader_is_his_own() -> None:
    """A sibling with a short deadline fails alone: the others go on with theirs."""
    gate = Gate(delay=0.1)
    with Probe(http_client=gate.client("sync"), auth=login(), retries=0) as client:
        impatient = client.with_options(deadline=0.05)
        first = threading.Thread(target=lambda: results.append(failure(impatient)))
        results: list[Any] = []
        first.start()
        time.sleep(0.02)
        assert client.get() == "fine"
        first.join(5)
    assert isinstance(results[0], DeadlineExceeded)


def failure(client: Probe) -> Any:
    try:
        return client.get()
    except FrgovError as error:
        return error


@pytest.mark.parametrize("colour", COLOURS)
def test_waiting_for_a_login_ends_with_the_deadline(colour: str) -> None:
    gate = Gate()
    auth = login()
    auth._flights.join(auth_module.fingerprint(auth.identity, ""))  # somebody leads, and does not come back
    auth._flights.join(auth_module.fingerprint(auth.identity, "http://127.0.0.1:9"))

    async def story(client: Any) -> None:
        with pytest.raises(DeadlineExceeded, match="still fetching the token") as late:  # not: wrong credentials
            await client.get()
        assert late.value.operation == "probe.get"

    run(colour, gate, story, auth=auth, deadline=0.03)
    assert not gate.logins


def test_one_who_waits_for_several_leaders_waits_no_longer_in_all() -> None:
    auth = login()

    def call(operation: Any) -> Any:
        yield Sleep(0.0)

    leaders = [auth.credential(call, 9.0) for _ in range(2)]
    waiting = auth.credential(call, 1.0)
    assert isinstance(leaders[0].send(None), Sleep)
    first = waiting.send(None)
    assert isinstance(first, Wait)
    time.sleep(0.05)
    leaders[0].close()
    assert isinstance(leaders[1].send(None), Sleep)
    again = waiting.send(True)
    assert isinstance(again, Wait)
    assert first.seconds > 0.99
    assert again.seconds < 0.96
    for flow in (waiting, leaders[1]):
        flow.close()


def test_a_child_of_a_fork_does_not_wait_for_the_login_of_its_parent() -> None:
    auth = login()
    flight, leads = auth._flights.join("key")
    assert leads
    auth.after_fork()
    assert auth._flights.join("key")[0] is not flight
