"""One declaration for every client: the decorators that turn a function into a sync and an async method.

An endpoint is a function that returns an `Operation`: what to send and how to read the answer. The descriptors
carry the static types of both clients (overloads on who asks); when a client class is made, they become real
methods, so that `help()`, `inspect.signature` and `iscoroutinefunction` tell the truth.

    class BanEndpoints:
        @endpoint
        def search(self, q: str, *, limit: int | None = None) -> Operation[SearchResult]:
            ...

    class BanClient(SyncClient, BanEndpoints): ...        # search(...) -> SearchResult
    class AsyncBanClient(AsyncClient, BanEndpoints): ...  # await search(...) -> SearchResult
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar, cast, overload

from .effects import Flow
from .operation import Operation, Page
from .spelling import did_you_mean

if TYPE_CHECKING:
    from .pager import AsyncPager, Pager
    from .raw import RawReply
    from .streams import AsyncOpening, Stream

__all__ = [
    "AsyncCalls",
    "AsyncRawCalls",
    "Declaration",
    "RawCalls",
    "SyncCalls",
    "endpoint",
    "flow",
    "paginated",
    "streamed",
]

P = ParamSpec("P")
T = TypeVar("T")


class Declaration(Generic[P, T]):
    """A function of the endpoints class, until a client class makes methods of it."""

    kind: ClassVar[str]
    """The method of the client, less its underscore, that is given what the function returns."""
    returns: ClassVar[Mapping[str, str]]
    """What the method returns in each colour that has it; `{}` is the type inside `Operation[...]`."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn
        self.__doc__ = fn.__doc__

    def on(self, obj: object) -> Self:
        """The declaration itself, asked of its class; an object that has it left has no such method."""
        if obj is None:
            return self
        msg = f"{type(obj).__name__!r} object has no attribute {self.fn.__name__!r}: it makes several requests, "
        msg += "which have no one raw reply; call it on the client itself"
        raise AttributeError(msg, name=self.fn.__name__, obj=obj)


class endpoint(Declaration[P, T]):  # noqa: N801 - a decorator
    """One request, one answer."""

    kind = "execute"
    returns: ClassVar = {"sync": "{}", "async": "{}", "raw": "RawReply[{}]", "async_raw": "RawReply[{}]"}

    def __init__(self, fn: Callable[Concatenate[Any, P], Operation[T]]) -> None:
        super().__init__(fn)

    @overload
    def __get__(self, obj: SyncCalls, owner: Any) -> Callable[P, T]: ...
    @overload
    def __get__(self, obj: AsyncCalls, owner: Any) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, obj: RawCalls, owner: Any) -> Callable[P, RawReply[T]]: ...
    @overload
    def __get__(self, obj: AsyncRawCalls, owner: Any) -> Callable[P, Coroutine[Any, Any, RawReply[T]]]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)


class flow(Declaration[P, T]):  # noqa: N801
    """Several requests told as one story: a generator that yields from `self.call(operation)`."""

    kind = "play"
    returns: ClassVar = {"sync": "{}", "async": "{}"}

    def __init__(self, fn: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        super().__init__(fn)

    @overload
    def __get__(self, obj: SyncCalls, owner: Any) -> Callable[P, T]: ...
    @overload
    def __get__(self, obj: AsyncCalls, owner: Any) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)


class paginated(Declaration[P, T]):  # noqa: N801
    """A list in pages: the method returns a pager that can be iterated again and again."""

    kind = "paginate"
    returns: ClassVar = {
        "sync": "Pager[{}]",
        "async": "AsyncPager[{}]",
        "raw": "Pager[{}]",
        "async_raw": "AsyncPager[{}]",
    }

    def __init__(self, fn: Callable[Concatenate[Any, P], Operation[Page[T]]]) -> None:
        super().__init__(fn)

    @overload
    def __get__(self, obj: SyncCalls | RawCalls, owner: Any) -> Callable[P, Pager[T]]: ...
    @overload
    def __get__(self, obj: AsyncCalls | AsyncRawCalls, owner: Any) -> Callable[P, AsyncPager[T]]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)


class streamed(Declaration[P, T]):  # noqa: N801
    """One request whose answer is read in pieces, inside `with` or `async with`. Its spec says `stream=True`."""

    kind = "open_stream"
    returns: ClassVar = {"sync": "Stream", "async": "AsyncOpening", "raw": "Stream", "async_raw": "AsyncOpening"}

    def __init__(self, fn: Callable[Concatenate[Any, P], Operation[T]]) -> None:
        @functools.wraps(fn)
        def checked(client: Any, /, *args: P.args, **kwargs: P.kwargs) -> Operation[T]:
            operation = fn(client, *args, **kwargs)
            if not operation.spec.stream:
                raise TypeError(f"{operation.name} is declared with @streamed, so its Spec must say stream=True")
            return operation

        super().__init__(checked)

    @overload
    def __get__(self, obj: SyncCalls | RawCalls, owner: Any) -> Callable[P, Stream]: ...
    @overload
    def __get__(self, obj: AsyncCalls | AsyncRawCalls, owner: Any) -> Callable[P, AsyncOpening]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)


# ---- real methods, made when a client class is made ----------------------------------------------------------


class _Bindable:
    """Turns the declarations that a class inherits into methods of its colour."""

    _colour: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        seen: set[str] = set()
        inherited: list[tuple[str, Any]] = [pair for base in cls.__mro__ for pair in vars(base).items()]
        for name, declared in inherited:
            known = name in seen
            seen.add(name)
            if not known and isinstance(declared, Declaration) and cls._colour in declared.returns:
                setattr(cls, name, _method(cls, cast("Declaration[..., Any]", declared)))
        for name in ("__init__", "with_options"):
            own: Any = cls.__dict__.get(name)
            if own is not None:
                own.__signature__ = real_signature(own)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not isinstance(_found(type(self), name), Declaration)]


def _found(cls: type, name: str) -> object:
    return inspect.getattr_static(cls, name, None)


def _method(cls: Any, declared: Declaration[Any, Any]) -> Callable[..., Any]:
    fn, run = declared.fn, getattr(cls, f"_{declared.kind}")
    signature = real_signature(fn)
    known = frozenset(signature.parameters)

    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        if not known.issuperset(kwargs):
            raise _unexpected(fn.__name__, kwargs, known)
        return run(self, fn(self, *args, **kwargs))

    async def call_async(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        if not known.issuperset(kwargs):
            raise _unexpected(fn.__name__, kwargs, known)
        return await run(self, fn(self, *args, **kwargs))

    method: Any = functools.wraps(fn)(call_async if inspect.iscoroutinefunction(run) else call)
    method.__qualname__ = f"{cls.__qualname__}.{fn.__name__}"
    returns = declared.returns[cls._colour].format(_inner(signature.return_annotation))
    method.__annotations__ = {**fn.__annotations__, "return": returns}
    method.__signature__ = signature.replace(return_annotation=returns)
    return method  # type: ignore[no-any-return]


def _unexpected(method: str, given: Iterable[str], known: frozenset[str]) -> TypeError:
    """A misspelt filter must never be a filter that is not applied."""
    name = next(name for name in given if name not in known)
    from .config import CallOptions

    if name in CallOptions.__annotations__:
        hint = f"; it is an option: client.with_options({name}=...).{method}(...)"
    else:
        hint = did_you_mean(name, known)
    return TypeError(f"{method}() got an unexpected keyword argument {name!r}{hint}")


@functools.cache
def real_signature(fn: Callable[..., Any]) -> inspect.Signature:
    """The signature with `**options: Unpack[Options]` written out, as `help()` and IPython should show it.

    `...` is the default of an option: it may be left out, and what then holds is not written in the signature.
    """
    signature = inspect.signature(fn)
    shown: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        options = _unpacked(fn, parameter)
        if options is None:
            shown.append(parameter)
            continue
        for name, kind in options.items():
            text = getattr(kind, "__forward_arg__", kind)
            shown.append(inspect.Parameter(name, parameter.KEYWORD_ONLY, default=..., annotation=text))
    return signature.replace(parameters=shown)


def _unpacked(fn: Callable[..., Any], parameter: inspect.Parameter) -> dict[str, Any] | None:
    """The options behind `**options: Unpack[Options]`; `None` for every other parameter."""
    found = re.fullmatch(r"(?:\w+\.)?Unpack\[(\w+)\]", str(parameter.annotation))
    if parameter.kind is not parameter.VAR_KEYWORD or found is None:
        return None
    options = inspect.unwrap(fn).__globals__.get(found.group(1))
    return None if options is None else options.__annotations__


def _inner(annotation: Any) -> str:
    """`Operation[Page[X]]` and `Parts[X]` -> `X`."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    found = re.fullmatch(r"(?:[\w.]+\.)?(?:Operation|Flow|Parts)\[(.*)\]", text)
    inner = found.group(1) if found else text
    page = re.fullmatch(r"(?:[\w.]+\.)?Page\[(.*)\]", inner)
    return page.group(1) if page else inner


class SyncCalls(_Bindable):
    """Who asks blocks until the answer is there."""

    _colour = "sync"


class AsyncCalls(_Bindable):
    """Who asks awaits the answer."""

    _colour = "async"


class RawCalls(_Bindable):
    """Who asks blocks, and gets the untouched reply."""

    _colour = "raw"


class AsyncRawCalls(_Bindable):
    """Who asks awaits the untouched reply."""

    _colour = "async_raw"
