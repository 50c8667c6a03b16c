"""An answer that is read in pieces, while it comes."""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import anyio
import httpx

from ..errors import ClientClosed, FrgovError, ResponseTooLarge
from .unpacking import pieces, pieces_async
from .wire import ERRORS, failure, too_late

if TYPE_CHECKING:
    from .effects import Send

__all__ = ["AsyncOpening", "AsyncStream", "Stream"]


class _Open:
    """What both colours share: the headers, the count of bytes, and what happens at the end."""

    def __init__(self, response: httpx.Response, send: Send) -> None:
        self._response = response
        self._left = send.max_bytes
        self._at_close: list[Callable[[], None]] = []
        self._begun = False
        self._names: tuple[str | None, str | None] = (None, None)
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def on_close(self, do: Callable[[], None]) -> None:
        self._at_close.append(do)

    def belongs_to(self, service: str, operation: str) -> None:
        self._names = (service, operation)

    def _begin(self) -> None:
        if self._begun or self._response.is_closed:
            raise self._named(ClientClosed("this answer has been read or closed already: ask for it again"))
        self._begun = True

    def _count(self, chunk: bytes) -> bytes:
        self._left -= len(chunk)
        if self._left < 0:
            raise ResponseTooLarge("the answer is larger than `max_response_bytes`", status=self.status)
        return chunk

    def _named(self, error: FrgovError) -> FrgovError:
        error.service, error.operation = self._names
        return error

    def _ended(self) -> None:
        actions, self._at_close = self._at_close, []
        for do in actions:
            do()

    def _forgotten(self) -> bool:
        """Whether it is thrown away while it is still open: its slot and its connection must come back."""
        if self._response.is_closed and not self._at_close:
            return False
        warnings.warn(f"{self._names[1] or 'a stream'} was not closed: use `with`", ResourceWarning, stacklevel=2)
        return True


class Stream(_Open):
    """An open answer: iterate over its bytes inside `with`.

    Raises:
        TruncatedResponse: the connection broke; what came so far is not the whole.
        AttemptTimeout: nothing came for `timeout` seconds.
        ResponseTooLarge: more than the endpoint allows.
        ClientClosed: read a second time, or after `close()`.
    """

    def __iter__(self) -> Iterator[bytes]:
        self._begin()
        return self._read()

    def _read(self) -> Iterator[bytes]:
        try:
            for chunk in pieces(self._response):
                yield self._count(chunk)
        except ERRORS as error:
            ours = failure(error, answered=True).error
            raise self._named(ours) from ours.__cause__
        except FrgovError as error:
            raise self._named(error) from None
        finally:
            self.close()

    def close(self) -> None:
        """Give the connection back. Reading to the end does it too."""
        try:
            self._response.close()
        finally:
            self._ended()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self._forgotten()
        finally:
            self.close()


class AsyncStream(_Open):
    """An open answer: iterate over its bytes inside `async with`. Raises what `Stream` raises."""

    def __init__(self, response: httpx.Response, send: Send) -> None:
        super().__init__(response, send)
        self._timeout = send.timeout
        self._pieces = cast("AsyncGenerator[bytes, None]", pieces_async(response))
        self._close_later = _closer()

    def __aiter__(self) -> Self:
        self._begin()
        return self

    async def __anext__(self) -> bytes:
        try:
            with anyio.move_on_after(self._timeout):  # as a thread is: by each read
                return self._count(await anext(self._pieces))
            raise self._named(too_late().error)
        except StopAsyncIteration:
            await self.close()
            raise
        except ERRORS as error:
            await self.close()
            ours = failure(error, answered=True).error
            raise self._named(ours) from ours.__cause__
        except FrgovError as error:
            await self.close()
            raise self._named(error) from None

    async def close(self) -> None:
        """Give the connection back. Reading to the end does it too."""
        try:
            with contextlib.suppress(RuntimeError):  # another task is reading it
                await self._pieces.aclose()
            await self._response.aclose()
        finally:
            self._ended()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __del__(self) -> None:
        try:
            if self._forgotten():
                self._close_later(self._response.aclose)
        finally:
            self._ended()


def _closer() -> Callable[[Callable[[], Any]], None]:
    """Closes something in the event loop that is running now, later and from anywhere."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import trio

        token = trio.lowlevel.current_trio_token()

        def in_trio(close: Callable[[], Any]) -> None:
            with contextlib.suppress(trio.RunFinishedError):
                token.run_sync_soon(trio.lowlevel.spawn_system_task, close)

        return in_trio

    def in_asyncio(close: Callable[[], Any]) -> None:
        with contextlib.suppress(RuntimeError):  # that loop is closed, and its connections with it
            loop.call_soon_threadsafe(lambda: loop.create_task(close()))

    return in_asyncio


class AsyncOpening:
    """A stream that is about to be opened: `async with client.file() as stream`, or `stream = await client.file()`."""

    def __init__(self, open_it: Callable[[], Coroutine[Any, Any, AsyncStream]]) -> None:
        self._open_it = open_it
        self._stream: AsyncStream | None = None

    def __await__(self) -> Generator[Any, Any, AsyncStream]:
        return self._open_it().__await__()

    async def __aenter__(self) -> AsyncStream:
        self._stream = await self._open_it()
        return self._stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            await self._stream.close()
