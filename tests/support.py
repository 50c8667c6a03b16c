"""What the tests of the transport share: one scenario in three colours, and a small service."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from typing import Any, Self, TypeVar

import anyio
import trio

from frgov_clients.errors import FrgovError
from frgov_clients.transport.client import AsyncClient, SyncClient
from frgov_clients.transport.common import CommonEndpoints
from frgov_clients.transport.endpoint import RawCalls, SyncCalls, endpoint, paginated, streamed
from frgov_clients.transport.operation import Body, Content, Operation, Page, Reply, Spec
from frgov_clients.transport.pager import Pager
from frgov_clients.transport.ratelimit import RateLimiter, Ticket
from frgov_clients.transport.retry import Retry
from frgov_clients.transport.service import Service
from frgov_clients.transport.streams import Stream

T = TypeVar("T")

COLOURS = ("sync", "asyncio", "trio")


def unmeasured() -> dict[str, str]:
    """The environment for a program whose imports are looked at: under `--cov` it would also hold those of coverage."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


# ---- one scenario, three colours ---------------------------------------------------------------------------


class Awaited:
    """A blocking object whose methods can be awaited, so that one `async def` runs against both colours."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return _wrapped(found)

        at_once = name in {"pages", "with_options"} or _gives_a_pager(found)
        return functools.partial(_at_once if at_once else _later, found)

    async def __aenter__(self) -> Self:
        self.inner.__enter__()
        return self

    async def __aexit__(self, *why: object) -> None:
        self.inner.__exit__(*why)

    async def __aiter__(self) -> AsyncIterator[Any]:
        for each in self.inner:
            yield each


def _gives_a_pager(found: Any) -> bool:
    try:
        return str(inspect.signature(found).return_annotation).startswith(("Pager", "Rows", "Features"))
    except (TypeError, ValueError):
        return False


def _wrapped(found: Any) -> Any:
    return Awaited(found) if isinstance(found, SyncCalls | RawCalls | Pager | Stream) else found


def _at_once(found: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    value = found(*args, **kwargs)
    return Awaited(value) if inspect.isgenerator(value) else _wrapped(value)


async def _later(found: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return _wrapped(found(*args, **kwargs))


def finish(story: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends."""
    try:
        story.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    raise AssertionError("a blocking scenario does not suspend")


def play(colour: str, pair: tuple[type, type], scenario: Callable[[Any], Awaitable[T]], **options: Any) -> T:
    """Run `async def scenario(client)` with a new client of that colour."""

    async def story() -> T:
        async with pair[1](**options) as client:
            return await scenario(client)

    async def blocking_story() -> T:
        async with Awaited(pair[0](**options)) as client:
            return await scenario(client)

    if colour == "sync":
        return finish(blocking_story())
    return asyncio.run(story()) if colour == "asyncio" else trio.run(story)


def outcome(colour: str, pair: tuple[type, type], scenario: Callable[[Any], Awaitable[T]], **options: Any) -> Any:
    """What the scenario returned, or the exception that it raised."""
    try:
        return play(colour, pair, scenario, **options)
    except Exception as error:  # noqa: BLE001 - it is what the test looks at
        return error


# ---- a small service with every kind of endpoint -----------------------------------------------------------


def text(reply: Reply, operation: Operation[Any]) -> str:
    return reply.content.decode()


def spec_of(method: str = "GET", path: str = "/thing", **more: Any) -> Spec[Any]:
    more.setdefault("decode", text)
    more.setdefault("quota", "calls")
    return Spec(name=f"probe.{method.lower()}", method=method, path=path, **more)


def service_of(name: str, base_urls: Mapping[str, str] | None = None, **more: Any) -> Service:
    more.setdefault("probe", Operation(spec_of()))
    return Service(name=name, base_urls=base_urls or {"default": "http://127.0.0.1:9"}, **more)


GET = spec_of()
POST = spec_of("POST")
PUT = spec_of("PUT")
STREAM = spec_of(path="/file", stream=True)


def read_page(reply: Reply, operation: Operation[Page[int]]) -> Page[int]:
    found = json.loads(reply.content)
    following = found.get("next")
    after = None if following is None else Operation(operation.spec, (("page", str(following)),))
    return Page(found["items"], after, found.get("total"))


LIST: Spec[Any] = spec_of(path="/list", decode=read_page)


class ProbeEndpoints(CommonEndpoints):
    _service = service_of("probe")

    @endpoint
    def get(self, q: str = "x") -> Operation[str]:
        """Ask for a thing."""
        return Operation(GET, (("q", q),))

    @endpoint
    def send(self, operation: Operation[Any]) -> Operation[Any]:
        """Any operation."""
        return operation

    @endpoint
    def post(self, body: Body = Content(b"{}")) -> Operation[str]:  # noqa: B008 - frozen
        """Do a thing that must not be done twice."""
        return Operation(POST, body=body)

    @endpoint
    def put(self, body: Body) -> Operation[str]:
        """Do a thing that may be repeated."""
        return Operation(PUT, body=body)

    @paginated
    def list_numbers(self) -> Operation[Page[int]]:
        """Numbers, in pages."""
        return Operation(LIST)

    @streamed
    def download(self, max_bytes: int | None = None) -> Operation[Any]:
        """A file."""
        if max_bytes is not None:
            return Operation(spec_of(path="/file", stream=True, max_bytes=max_bytes))
        return Operation(STREAM)


class Probe(SyncClient, ProbeEndpoints):
    pass


class AsyncProbe(AsyncClient, ProbeEndpoints):
    pass


PROBES = (Probe, AsyncProbe)


# ---- what most tests need ---------------------------------------------------------------------------------

AT_ONCE = Retry(wait=lambda state: 0.0)


async def ask(client: Any) -> Any:
    """The simplest scenario."""
    return await client.get()


def outcome_of(do: Callable[[], Any]) -> Any:
    """What a function returned, or our error that it raised."""
    try:
        return do()
    except FrgovError as error:
        return error


def at_rest(client: Any) -> bool:
    """Whether no call left anything behind: no slot, no place in a line, no probe, no flight."""
    policies = getattr(client, "inner", client)._policies
    circuits = all(not circuit._probing for circuit in policies.circuits.values())
    now = time.monotonic()
    lines = not any(each._ahead(Ticket(), now) for each in policies.limiters.values() if isinstance(each, RateLimiter))
    flights = policies.cache is None or not policies.cache.flights._by_key
    return policies.bulkhead.in_flight == 0 and not policies.bulkhead._waiting and circuits and lines and flights


def until(happens: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


async def until_async(happens: Callable[[], object], seconds: float = 5.0) -> None:
    """The same in an event loop, which goes on meanwhile."""
    with anyio.fail_after(seconds):
        while not happens():  # noqa: ASYNC110 - often a thread makes it happen
            await anyio.sleep(0.002)


async def cancelled_when(happens: Callable[[], object], call: Callable[[], Awaitable[Any]]) -> None:
    """Make a call, and cancel it once something has happened."""

    async def watch() -> None:
        await until_async(happens)
        scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        with anyio.CancelScope() as scope:
            await call()
    assert scope.cancelled_caught, "it had ended before"
