"""The policies, in order, written once: generators that yield effects and do no I/O.

cache → deadline → retry (with budget) → circuit → limiter → bulkhead → attempt timeout → send

Retries spend quota, so the limiter stands inside the retry; an open circuit neither waits nor spends, so it
stands before the limiter and is asked again after a wait; 4xx and 429 prove that the service lives; a cancelled
call counts for nothing; the cache stands above everything and keeps bytes that decoded, never a failure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from ..errors import Attempt, AuthenticationError, CircuitOpen, DeadlineExceeded, FrgovError, RateLimited
from .answers import as_it_is
from .attempt import Failed, Journey, attempt, outcome_of
from .caching import is_cacheable, through_cache
from .effects import Flow, Sleep
from .operation import Decoder, Got, Operation, Reply
from .policies import Policies
from .retry import RetryStory, next_delay
from .telemetry import RetryEvent

__all__ = ["run", "run_raw"]

T = TypeVar("T")


def run(operation: Operation[T], policies: Policies) -> Flow[T]:
    """Make a call: the decoded answer, or one of our errors."""
    return _run(operation, policies, operation.spec.decode)


def run_raw(operation: Operation[Any], policies: Policies) -> Flow[Reply]:
    """Make a call: the untouched reply. An error status still raises."""
    return _run(operation, policies, as_it_is)


def _run(operation: Operation[Any], policies: Policies, decode: Decoder[T]) -> Flow[T]:
    if policies.cache is not None and is_cacheable(operation, policies.cache):
        return through_cache(operation, policies, policies.cache, decode, _call)
    return _uncached(operation, policies, decode)


def _uncached(operation: Operation[Any], policies: Policies, decode: Decoder[T]) -> Flow[T]:
    return (yield from _call(operation, policies, decode))[1]


def _call(operation: Operation[Any], policies: Policies, decode: Decoder[T]) -> Flow[Got[T]]:
    journey = Journey(operation, policies, decode, policies.clock() + policies.deadline_of(operation.spec), run)
    try:
        outcome = yield from attempt(journey, 1)
    except FrgovError as refused:
        raise _named(refused, journey) from refused.__cause__
    if isinstance(outcome, Failed):
        return (yield from _after_failure(journey, outcome))
    policies.budget.earn()
    return outcome


def _after_failure(journey: Journey[T], failed: Failed) -> Flow[Got[T]]:
    """Try again as long as the retry policy, the budget and the deadline allow."""
    policies = journey.policies
    elapsed = policies.deadline_of(journey.operation.spec) - journey.remaining
    story = None if policies.retry is None else RetryStory(policies.retry, elapsed)
    history: list[Attempt] = []
    renewed = False
    while True:
        if isinstance(failed.error, AuthenticationError) and policies.auth is not None and not renewed:
            renewed = True  # exactly one more try with a new token, whatever the retry policy says
            delay = 0.0 if (yield from policies.auth.rejected(failed.credential)) else None
        else:
            delay = None if story is None else _delay(journey, failed, story)
        kind = outcome_of(failed.error)
        history.append(Attempt(len(history) + 1, kind, failed.elapsed, delay or 0.0))
        if delay is None:
            raise _named(failed.error, journey, history) from failed.error.__cause__
        if policies.observer.active:
            policies.observer(RetryEvent(journey.operation.name, len(history), kind, delay))
        if delay:
            yield Sleep(delay)
        try:
            outcome = yield from attempt(journey, len(history) + 1)
        except (CircuitOpen, RateLimited, DeadlineExceeded) as refused:
            # the cause of the trouble is the failure before, not our refusal to go on
            failed.error.add_note(f"not tried again: {refused.message}")
            raise _named(failed.error, journey, history) from failed.error.__cause__
        except FrgovError as refused:
            raise _named(refused, journey, history) from refused.__cause__
        if not isinstance(outcome, Failed):
            return outcome
        failed = outcome


def _delay(journey: Journey[Any], failed: Failed, story: RetryStory) -> float | None:
    return next_delay(
        journey.operation,
        failed.error,
        story,
        budget=journey.policies.budget,
        remaining=journey.remaining,
        vetoed=failed.vetoed,
    )


def _named(error: FrgovError, journey: Journey[Any], history: Iterable[Attempt] = ()) -> FrgovError:
    if error.operation is None:
        error.service, error.operation = journey.policies.service.name, journey.operation.name
    if not error.attempts:  # those of a request for a token are its own
        error.attempts = tuple(history)
    return error
