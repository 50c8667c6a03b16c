"""Single flight: one leads, the others wait, and no lock is left behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from frgov_clients.errors import FrgovError, NotFound
from frgov_clients.transport.flights import Flight, Flights


def test_the_first_leads_and_the_others_join() -> None:
    flights = Flights[str]()
    flight, leads = flights.join("key")
    assert leads
    assert flights.join("key") == (flight, False)
    other, leads_other = flights.join("another")
    assert leads_other
    assert other is not flight


def test_after_the_landing_a_new_flight_begins() -> None:
    flights = Flights[str]()
    flight, _ = flights.join("key")
    flight.result = "answer"
    flights.land("key", flight)
    assert flight.landed.is_set
    again, leads = flights.join("key")
    assert leads
    assert again is not flight
    assert again.result is None


def test_a_landing_that_comes_late_does_not_end_the_flight_of_another() -> None:
    flights = Flights[str]()
    old, _ = flights.join("key")
    flights.after_fork()  # the child forgets the flights of its parent
    new, leads = flights.join("key")
    assert leads
    flights.land("key", old)
    assert old.landed.is_set
    assert not new.landed.is_set
    assert flights.join("key") == (new, False)


def test_two_flights_are_never_equal() -> None:
    assert Flight[str]() != Flight[str]()


@pytest.mark.parametrize("rounds", [20])
def test_one_of_fifty_threads_leads(rounds: int) -> None:
    flights = Flights[int]()
    barrier = threading.Barrier(50)
    leaders: list[tuple[int, bool]] = []
    results: list[tuple[int, int | None]] = []

    def work() -> None:
        for number in range(rounds):
            barrier.wait(10)
            flight, leads = flights.join(str(number))
            barrier.wait(10)  # all have joined before it lands
            leaders.append((number, leads))
            if leads:
                flight.result = number
                flights.land(str(number), flight)
            else:
                assert flight.landed.wait(10)
            results.append((number, flight.result))

    workers = [threading.Thread(target=work) for _ in range(50)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive()
    assert sorted(number for number, leads in leaders if leads) == list(range(rounds))
    assert len(results) == 50 * rounds
    assert all(number == result for number, result in results)


def test_threads_and_tasks_wait_for_one_flight() -> None:
    flights = Flights[str]()
    flight, _ = flights.join("key")
    heard: list[str | None] = []
    joined = threading.Semaphore(0)

    def join() -> Flight[str]:
        theirs, leads = flights.join("key")
        assert not leads
        joined.release()
        return theirs

    def in_thread() -> None:
        theirs = join()
        if theirs.landed.wait(10):
            heard.append(theirs.result)

    async def in_task() -> None:
        theirs = join()
        if await theirs.landed.wait_async(10):
            heard.append(theirs.result)

    async def tasks() -> None:
        await asyncio.gather(*(in_task() for _ in range(10)))

    workers = [threading.Thread(target=in_thread) for _ in range(10)]
    workers += [threading.Thread(target=lambda: asyncio.run(tasks())) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert all(joined.acquire(timeout=10) for _ in range(30))
    flight.result = "answer"
    flights.land("key", flight)
    for worker in workers:
        worker.join(10)
        assert not worker.is_alive()
    assert heard == ["answer"] * 30


def test_a_flight_may_land_while_its_own_thread_holds_the_lock() -> None:
    """The garbage collector closes the flow of a task that was lost, wherever the thread happens to be."""
    flights = Flights[str]()
    flight, _ = flights.join("key")

    def work() -> None:
        with flights._lock:
            flights.land("key", flight)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(5)
    assert not worker.is_alive()
    assert flight.landed.is_set


def test_each_who_waited_gets_a_copy_of_the_error() -> None:
    flight = Flight[str]()
    flight.error = NotFound("no such thing", status=404, request_id="a1")
    copies = [flight.error.twin() for _ in range(3)]
    assert len({id(copy) for copy in copies}) == 3
    for copy in copies:
        assert isinstance(copy, NotFound)
        assert isinstance(copy, FrgovError)
        assert (str(copy), copy.status, copy.request_id) == ("no such thing", 404, "a1")
        assert copy.__traceback__ is None
