"""Rounds in turn, medians, and ratios taken round by round, so that a machine that drifts does not decide."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, its figure, its peer's, and the ratio of the two."""

    name: str
    unit: str
    ours: float
    peer: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    target: str = ""
    met: bool | None = None
    rounds: dict[str, list[float]] = field(default_factory=dict, repr=False)


def in_turn(names: Iterable[str], rounds: int, warmup: int = 1) -> Iterator[tuple[str, bool]]:
    """Each name in turn, `rounds` times, and whether its figure counts; the garbage is collected before."""
    for number in range(warmup + rounds):
        for name in names:
            gc.collect()
            yield name, number >= warmup


def alternate(work: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Run each in turn, `rounds` times; each returns its own figure."""
    figures: dict[str, list[float]] = {name: [] for name in work}
    for name, counts in in_turn(work, rounds):
        figure = work[name]()
        if counts:
            figures[name].append(figure)
    return figures


async def alternate_async(work: Mapping[str, Callable[[], Awaitable[float]]], rounds: int) -> dict[str, list[float]]:
    """The same, awaited."""
    figures: dict[str, list[float]] = {name: [] for name in work}
    for name, counts in in_turn(work, rounds):
        figure = await work[name]()
        if counts:
            figures[name].append(figure)
    return figures


def compared(
    name: str,
    unit: str,
    figures: Mapping[str, list[float]],
    ours: str,
    peer: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> Row:
    """Ours against the peer: medians, the median of the ratios of each round, and their quartiles."""
    ratios = [mine / theirs for mine, theirs in zip(figures[ours], figures[peer], strict=True)]
    low, ratio, high = statistics.quantiles(ratios, n=4)
    target, met = _judged(ratio, at_most, at_least, "x")
    return Row(
        name=name,
        unit=unit,
        ours=statistics.median(figures[ours]),
        peer=statistics.median(figures[peer]),
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        target=target,
        met=met,
        rounds={"ours": figures[ours], "peer": figures[peer]},
    )


def alone(name: str, unit: str, figures: list[float], *, at_most: float | None = None) -> Row:
    """A figure without a peer."""
    value = statistics.median(figures)
    target, met = _judged(value, at_most, None, f" {unit}")
    return Row(name=name, unit=unit, ours=value, target=target, met=met, rounds={"ours": figures})


def _judged(value: float, at_most: float | None, at_least: float | None, unit: str) -> tuple[str, bool | None]:
    if at_most is not None:
        return f"at most {at_most:g}{unit}", value <= at_most
    if at_least is not None:
        return f"at least {at_least:g}{unit}", value >= at_least
    return "", None


def each(calls: int, call: Callable[[], object]) -> float:
    """Microseconds of one call, over many."""
    started = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - started) / calls * 1e6


async def each_async(calls: int, call: Callable[[], Awaitable[object]]) -> float:
    """The same, awaited one after the other."""
    started = time.perf_counter()
    for _ in range(calls):
        await call()
    return (time.perf_counter() - started) / calls * 1e6
