"""The bases of every client, one for each colour: options, siblings, close."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from ..errors import ConfigurationError
from .assembly import assemble
from .common import CommonEndpoints
from .config import CallOptions, ClientOptions
from .drivers import AsyncDriver, SyncDriver, async_driver, sync_driver
from .effects import Flow
from .endpoint import AsyncCalls, SyncCalls
from .operation import Operation, Page
from .pager import AsyncPager, Pager
from .telemetry import log_to_stderr_if_asked

if TYPE_CHECKING:
    from .streams import AsyncOpening, AsyncStream, Stream

__all__ = ["AsyncClient", "SyncClient"]

T = TypeVar("T")


class SyncClient(SyncCalls, CommonEndpoints):
    """Base of every blocking client. Thread-safe: make one, share it, close it.

    A child made by `os.fork` may go on with it: it gets connections and locks of its own, and counts quotas apart from
    its parent unless they are kept in Redis. It is never pickled: other processes make their own.
    """

    _driver: SyncDriver

    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        self._start(dict(options))

    def _start(self, options: dict[str, Any]) -> None:
        log_to_stderr_if_asked()
        if options.get("http_backend") == "aiohttp":  # from the variable it is meant for the async clients
            msg = "http_backend: aiohttp serves async clients only"
            raise ConfigurationError(msg, option="http_backend")
        service, self._config = self._describe(options)
        self._policies = assemble(service, self._config)
        self._driver = sync_driver(self._config)
        self._owner = True

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """A sibling with other call options, on the same connections, quotas and circuits."""
        return self._sibling(options)

    def close(self) -> None:
        """Close the connections. A sibling leaves them to the client it came from."""
        if self._owner:
            self._driver.close()

    def _execute(self, operation: Operation[T]) -> T:
        return self._driver.drive(self.call(operation))

    def _play(self, story: Flow[T]) -> T:
        return self._driver.drive(story)

    def _paginate(self, operation: Operation[Page[T]]) -> Pager[T]:
        return Pager(operation, self._execute)

    def _open_stream(self, operation: Operation[Stream]) -> Stream:
        return self._execute(operation)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(AsyncCalls, CommonEndpoints):
    """Base of every async client, for asyncio and trio. May be shared by tasks and event loops.

    Each loop has connections of its own; `close()` closes those of the loop that runs it, those of loops that have
    ended are gone with them. Fork and pickle: as for the blocking client.
    """

    _driver: AsyncDriver

    def __init__(self, **options: Unpack[ClientOptions]) -> None:
        self._start(dict(options))

    def _start(self, options: dict[str, Any]) -> None:
        log_to_stderr_if_asked()
        service, self._config = self._describe(options)
        self._policies = assemble(service, self._config)
        self._driver = async_driver(self._config)
        self._owner = True

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """A sibling with other call options, on the same connections, quotas and circuits."""
        return self._sibling(options)

    async def close(self) -> None:
        """Close the connections. A sibling leaves them to the client it came from."""
        if self._owner:
            await self._driver.close()

    async def _execute(self, operation: Operation[T]) -> T:
        return await self._driver.drive(self.call(operation))

    async def _play(self, story: Flow[T]) -> T:
        return await self._driver.drive(story)

    def _paginate(self, operation: Operation[Page[T]]) -> AsyncPager[T]:
        return AsyncPager(operation, self._execute)

    def _open_stream(self, operation: Operation[AsyncStream]) -> AsyncOpening:
        from .streams import AsyncOpening

        return AsyncOpening(lambda: self._execute(operation))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
