"""What the lists of the data API are: pagers that also give a frame, and how an endpoint declares one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Concatenate, ParamSpec, Self, TypeVar, overload

from ...transport.endpoint import AsyncCalls, Declaration, SyncCalls, real_signature
from ...transport.operation import Parts
from ...transport.pager import AsyncPager, Pager
from .frames import Frame

__all__ = ["AsyncFeatures", "AsyncRows", "Features", "Rows", "features", "rows"]

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rows(Pager[T]):
    """`for row in client.dvf_mutations(...)`; walking again asks again. Every walk is held against the service's count.

    A frame has the columns that came, with types that do not depend on what came: texts, `Int64`, `float64`, `boolean`,
    days. Without any row it has all columns that are known.
    """

    def to_pandas(self) -> Any:
        """Every row, as a pandas frame (extra `[pandas]`)."""
        return self._frame().to_pandas()

    def to_polars(self) -> Any:
        """Every row, as a polars frame (extra `[polars]`)."""
        return self._frame().to_polars()

    def _frame(self) -> Frame:
        frame = Frame(self._first)
        for row in self:
            frame.add(row)
        return frame


@dataclass(frozen=True, slots=True)
class Features(Rows[T]):
    """Rows with their geometries. In a frame it is the column `geometry`: GeoJSON, or what shapely makes of it."""

    def to_geopandas(self) -> Any:
        """Every row, as a `geopandas.GeoDataFrame` in WGS84 (extra `[geo]`)."""
        return self._frame().to_geopandas()


@dataclass(frozen=True, slots=True)
class AsyncRows(AsyncPager[T]):
    """`async for row in client.dvf_mutations(...)`; otherwise as `Rows`."""

    async def to_pandas(self) -> Any:
        """Every row, as a pandas frame (extra `[pandas]`)."""
        return (await self._frame()).to_pandas()

    async def to_polars(self) -> Any:
        """Every row, as a polars frame (extra `[polars]`)."""
        return (await self._frame()).to_polars()

    async def _frame(self) -> Frame:
        frame = Frame(self._first)
        async for row in self:
            frame.add(row)
        return frame


@dataclass(frozen=True, slots=True)
class AsyncFeatures(AsyncRows[T]):
    """Rows with their geometries, as `Features`."""

    async def to_geopandas(self) -> Any:
        """Every row, as a `geopandas.GeoDataFrame` in WGS84 (extra `[geo]`)."""
        return (await self._frame()).to_geopandas()


# ---- declarations ------------------------------------------------------------------------------------------


def _by_name(fn: Callable[Concatenate[Any, P], Parts[T]]) -> Callable[Concatenate[Any, P], Parts[T]]:
    """The function, which says how it is called when it is given a filter without its name."""

    @functools.wraps(fn)
    def checked(client: Any, /, *args: P.args, **kwargs: P.kwargs) -> Parts[T]:
        if args:
            _check_positions(fn, len(args))
        return fn(client, *args, **kwargs)

    return checked


def _check_positions(fn: Callable[..., Any], given: int) -> None:
    parameters = list(real_signature(fn).parameters.values())[1:]  # without `self`
    placed = [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY]
    if given > len(placed):
        named = next(each.name for each in parameters if each.kind is each.KEYWORD_ONLY)
        alone = f"{' and '.join(placed)} by position, and the others" if placed else "its arguments"
        raise TypeError(f"{fn.__name__}() takes {alone} by name: {named}=...")


class rows(Declaration[P, T]):  # noqa: N801 - a decorator
    """A list of rows: the method returns `Rows` or `AsyncRows`."""

    kind = "list_rows"
    returns: ClassVar = {"sync": "Rows[{}]", "async": "AsyncRows[{}]"}

    def __init__(self, fn: Callable[Concatenate[Any, P], Parts[T]]) -> None:
        super().__init__(_by_name(fn))

    @overload
    def __get__(self, obj: SyncCalls, owner: Any) -> Callable[P, Rows[T]]: ...
    @overload
    def __get__(self, obj: AsyncCalls, owner: Any) -> Callable[P, AsyncRows[T]]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)


class features(Declaration[P, T]):  # noqa: N801
    """A list of rows with geometries: the method returns `Features` or `AsyncFeatures`."""

    kind = "list_features"
    returns: ClassVar = {"sync": "Features[{}]", "async": "AsyncFeatures[{}]"}

    def __init__(self, fn: Callable[Concatenate[Any, P], Parts[T]]) -> None:
        super().__init__(_by_name(fn))

    @overload
    def __get__(self, obj: SyncCalls, owner: Any) -> Callable[P, Features[T]]: ...
    @overload
    def __get__(self, obj: AsyncCalls, owner: Any) -> Callable[P, AsyncFeatures[T]]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)
