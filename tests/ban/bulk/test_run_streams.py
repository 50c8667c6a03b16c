"""Rows that come as a stream, quickly or slowly: none waits for those behind it, and none is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
import trio
from bulk_parts import SETTINGS, assert_whole, rows_of

from frgov_clients.ban import AsyncBanClient, BanClient, Status
from frgov_clients.ban.bulk.model import Geocoded
from frgov_clients.errors import InvalidRequest
from frgov_clients.testing.geopf import FakeGeopf

RUNS = pytest.mark.parametrize("run", [asyncio.run, lambda story: trio.run(lambda: story)], ids=["asyncio", "trio"])


def client(fake: FakeGeopf) -> AsyncBanClient:
    return AsyncBanClient(base_url=fake.url, **SETTINGS)


async def stream(count: int, pause: float = 0.0) -> AsyncIterator[dict[str, str]]:
    for row in rows_of(count):
        await anyio.sleep(pause)
        yield row


# ---- late rows -----------------------------------------------------------------------------------------------


@RUNS
def test_a_stream_that_waits_for_each_result(run, fake):
    async def story() -> list[Geocoded]:
        results: list[Geocoded] = []
        more = anyio.Event()

        async def rows() -> AsyncIterator[dict[str, str]]:
            nonlocal more
            for row in rows_of(6):
                yield row
                await more.wait()
                more = anyio.Event()

        with anyio.fail_after(20):
            async with client(fake) as ban, ban.geocode_many(rows()) as job:
                async for one in job:
                    results.append(one)
                    more.set()
        return results

    assert_whole(run(story()), rows_of(6))


@RUNS
def test_results_are_handed_over_while_the_next_row_is_late(run, fake):
    async def rows() -> AsyncIterator[dict[str, str]]:
        for row in rows_of(3):
            yield row
        await anyio.sleep(60)

    async def story() -> list[Geocoded]:
        async with client(fake) as ban, ban.geocode_many(rows()) as job:
            return [await anext(job) for _ in range(3)]

    began = time.monotonic()
    assert_whole(run(story()), rows_of(3))
    assert time.monotonic() - began < 5


@RUNS
def test_a_steady_stream_is_not_collected_first(run, fake):
    async def story() -> float:
        began = time.monotonic()
        async with client(fake) as ban, ban.geocode_many(stream(200, 0.02)) as job:
            await anext(job)
            return time.monotonic() - began

    assert run(story()) < 2


def test_a_blocking_stream_that_is_slow_gives_what_it_has(fake):
    def rows():
        for row in rows_of(10):
            yield row
            time.sleep(0.3)

    began = time.monotonic()
    with BanClient(base_url=fake.url, **SETTINGS) as ban:
        came = [time.monotonic() - began for _ in ban.geocode_many(rows())]
    assert len(came) == 10
    assert came[0] < 1.5 < 3 <= came[-1]


# ---- cancelled -----------------------------------------------------------------------------------------------


@RUNS
@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_who_takes_may_be_cancelled_and_no_row_is_lost(run, fake, pause):
    count = 60 if pause else 1500

    async def story() -> tuple[list[Geocoded], bool, int]:
        results: list[Geocoded] = []
        cut = 0
        async with client(fake) as ban, ban.geocode_many(stream(count, pause)) as job:
            while True:
                try:
                    with anyio.move_on_after(0.004) as scope:
                        results.append(await anext(job))
                except StopAsyncIteration:
                    return results, job.report.complete, cut
                cut += scope.cancelled_caught

    results, complete, cut = run(story())
    assert_whole(results, rows_of(count))
    assert complete
    assert cut > 10


@RUNS
def test_leaving_the_block_cancels_the_row_that_is_waited_for(run, fake):
    ended: list[BaseException] = []

    async def rows() -> AsyncIterator[dict[str, str]]:
        yield rows_of(1)[0]
        try:
            await anyio.sleep(60)
        except BaseException as error:
            ended.append(error)
            raise

    async def story() -> None:
        async with client(fake) as ban, ban.geocode_many(rows()) as job:
            await anext(job)

    began = time.monotonic()
    run(story())
    assert time.monotonic() - began < 5
    assert len(ended) == 1


def test_a_stream_that_cancels_itself_ends_the_run(fake):
    async def rows() -> AsyncIterator[dict[str, str]]:
        yield rows_of(1)[0]
        raise asyncio.CancelledError

    async def story() -> None:
        async with client(fake) as ban:
            with anyio.fail_after(10):
                await ban.geocode_many(rows()).all()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(story())


# ---- who reads, and when -------------------------------------------------------------------------------------


@RUNS
def test_one_task_reads_all_rows(run, fake):
    tasks = set()

    async def rows() -> AsyncIterator[dict[str, str]]:
        with anyio.fail_after(30):  # would not allow another task to leave it
            for row in rows_of(700):
                tasks.add(anyio.get_current_task().id)
                yield row

    async def story() -> list[Geocoded]:
        async with client(fake) as ban:
            return await ban.geocode_many(rows()).all()

    assert_whole(run(story()), rows_of(700))
    assert len(tasks) == 1


@RUNS
def test_no_row_is_asked_for_while_results_are_worked_on(run, fake):
    busy = False
    wrong = []

    async def rows() -> AsyncIterator[dict[str, str]]:
        for row in rows_of(1600):
            yield row
            if busy:
                wrong.append(row)

    async def story() -> list[Geocoded]:
        nonlocal busy
        results = []
        async with client(fake) as ban, ban.geocode_many(rows(), memory_rows=600) as job:
            async for one in job:
                busy = True
                if len(results) % 100 == 0:
                    await anyio.sleep(0.01)
                results.append(one)
                busy = False
        return results

    assert_whole(run(story()), rows_of(1600))
    assert wrong == []


@RUNS
def test_few_rows_are_in_memory(run, fake):
    read = 0

    async def rows() -> AsyncIterator[dict[str, str]]:
        nonlocal read
        for row in rows_of(5000):
            read += 1
            yield row

    async def story() -> None:
        async with client(fake) as ban, ban.geocode_many(rows(), memory_rows=1000, lot_rows=200) as job:
            taken = 0
            async for _ in job:
                taken += 1
                assert read <= taken + 1000 + 500

    run(story())


@RUNS
def test_the_rows_before_an_error_come_first(run, fake):
    async def rows() -> AsyncIterator[dict[str, str]]:
        for row in rows_of(40):
            yield row
        raise LookupError("the cursor is gone")

    async def story() -> list[Status] | None:
        found: list[Status] = []
        async with client(fake) as ban, ban.geocode_many(rows(), memory_rows=30) as job:
            try:
                async for one in job:
                    found.append(one.status)  # noqa: PERF401
            except LookupError:
                return found

    assert run(story()) == [Status.OK] * 40


@RUNS
def test_what_is_no_row_is_told(run, fake):
    async def rows() -> AsyncIterator[Any]:
        yield "4 rue des Lilas"

    async def story() -> None:
        async with client(fake) as ban:
            await ban.geocode_many(rows()).all()

    with pytest.raises(InvalidRequest, match="mappings"):
        run(story())
