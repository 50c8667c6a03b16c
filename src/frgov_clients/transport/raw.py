"""The untouched answer: `client.raw.search(...)`. Loads when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .common import CommonEndpoints
from .config import ClientConfig
from .drivers import AsyncDriver, SyncDriver
from .endpoint import AsyncRawCalls, RawCalls
from .operation import Operation, Page, Reply
from .pager import AsyncPager, Pager
from .pipeline import run_raw
from .policies import Policies

if TYPE_CHECKING:
    from .streams import AsyncOpening, AsyncStream, Stream

__all__ = ["AsyncRawView", "RawReply", "RawView"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RawReply(Generic[T]):
    """Status, headers and bytes as they came, and the model on demand."""

    operation: Operation[T]
    reply: Reply

    @property
    def status(self) -> int:
        """HTTP status; an error status raises before it gets here."""
        return self.reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the answer; those kept with it when it comes from the cache."""
        return self.reply.headers

    @property
    def content(self) -> bytes:
        """The body."""
        return self.reply.content

    @property
    def stale(self) -> bool:
        """True when the service failed and an older answer from the cache stands in."""
        return self.reply.stale

    @property
    def age(self) -> float | None:
        """Seconds since the answer was fetched, when it comes from the cache; `None` when it is fresh."""
        return self.reply.age

    def parse(self) -> T:
        """The model that the plain method returns.

        Raises:
            InvalidResponse: the body is not what the service promises.
        """
        try:
            return self.operation.spec.decode(self.reply, self.operation)
        except Exception as error:
            if getattr(error, "operation", "") is None:
                named: Any = error
                named.operation = self.operation.name
            raise


class RawView(RawCalls, CommonEndpoints):
    """`client.raw`: the same endpoints, answering the untouched reply."""

    _driver: SyncDriver

    def __init__(self, config: ClientConfig, policies: Policies, driver: SyncDriver) -> None:
        self._config, self._policies, self._driver = config, policies, driver

    def _execute(self, operation: Operation[T]) -> RawReply[T]:
        story = self._watched(operation, run_raw(operation, self._policies))
        return RawReply(operation, self._driver.drive(story))

    def _paginate(self, operation: Operation[Page[T]]) -> Pager[T]:
        return Pager(operation, lambda op: self._driver.drive(self.call(op)))

    def _open_stream(self, operation: Operation[Stream]) -> Stream:
        return self._driver.drive(self.call(operation))


class AsyncRawView(AsyncRawCalls, CommonEndpoints):
    """`client.raw` of an async client."""

    _driver: AsyncDriver

    def __init__(self, config: ClientConfig, policies: Policies, driver: AsyncDriver) -> None:
        self._config, self._policies, self._driver = config, policies, driver

    async def _execute(self, operation: Operation[T]) -> RawReply[T]:
        return RawReply(
            operation, await self._driver.drive(self._watched(operation, run_raw(operation, self._policies)))
        )

    def _paginate(self, operation: Operation[Page[T]]) -> AsyncPager[T]:
        return AsyncPager(operation, lambda op: self._driver.drive(self.call(op)))

    def _open_stream(self, operation: Operation[AsyncStream]) -> AsyncOpening:
        from .streams import AsyncOpening

        return AsyncOpening(lambda: self._driver.drive(self.call(operation)))
