"""One attempt: credentials, circuit, limiter, bulkhead, send, and what the answer means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from ..errors import (
    ApiError,
    AttemptTimeout,
    ConnectionFailed,
    DeadlineExceeded,
    FrgovError,
    InvalidResponse,
    TooManyRequests,
    TransportError,
    TruncatedResponse,
    UnexpectedContent,
)
from .answers import error_of, request_id
from .breaker import Circuit
from .effects import Failure, Flow, Offload, Opened, Request, Send, Wait
from .operation import Decoder, Got, Operation, Reply
from .policies import Policies
from .ratelimit import Limiter, Ticket
from .telemetry import LimitWaitEvent, RequestEvent, redacted_query
from .waiting import Signal

__all__ = ["Failed", "Journey", "attempt", "outcome_of"]

T = TypeVar("T")
LARGE = 1_000_000
"""Bytes above which an answer is read off the event loop."""
LONGEST_PAUSE = 3600.0
"""Seconds that one 429 may stop everybody, however absurd its `Retry-After`; then the service is asked again."""
_OUTAGE = (TransportError, UnexpectedContent, TruncatedResponse)


@dataclass(slots=True)
class Journey(Generic[T]):
    """One call on its way through all its attempts."""

    operation: Operation[Any]
    policies: Policies
    decode: Decoder[T]
    end: float
    call: Callable[[Operation[Any], Policies], Flow[Any]]
    """Makes another call through the whole pipeline (to fetch a token)."""
    secrets: tuple[str, ...] = ()
    """What the request was signed with: a service may repeat it in its refusal."""

    @property
    def remaining(self) -> float:
        return self.end - self.policies.clock()


class Failed(NamedTuple):
    """An attempt that failed, and what the retry must know of it."""

    error: FrgovError
    elapsed: float
    vetoed: bool
    credential: Any
    outage: bool


def attempt(journey: Journey[T], number: int) -> Flow[Got[T] | Failed]:
    """Try once. A failure of the service is returned; our own refusals (circuit, limiter, deadline) are raised."""
    policies, origin = journey.policies, journey.operation.spec.origin
    credential: Any = None
    if policies.auth is not None and origin == "default":  # credentials go to the configured origin alone
        credential = yield from policies.auth.credential(
            lambda op: journey.call(op, policies.without_auth(journey.remaining)),
            journey.remaining,
            policies.origins[origin].base,
        )
    circuit = policies.circuits.get(origin)
    if circuit is None:
        return (yield from _spend(journey, number, credential, None))
    probe = False
    try:
        if (due := circuit.refresh()) is not None:
            yield Offload(due)
        probe = circuit.admit()
        if probe and (take := circuit.take_probe()) is not None and not (yield Offload(take)):
            raise circuit.refuse_probe()  # noqa: TRY301 - like a refusal by `admit`
        outcome = yield from _spend(journey, number, credential, None if probe else circuit)
    except BaseException as why:  # refused by us or cancelled: it says nothing of the service
        drop = circuit.leave(probe=probe, failed=None)
        if drop is not None and isinstance(why, Exception):  # a cancelled call can not wait: the place frees itself
            yield Offload(drop)
        raise
    failed = False
    if isinstance(outcome, Failed) and outcome.outage:
        failed = True
        circuit.last_failure = outcome_of(outcome.error)
    if (tell := circuit.leave(probe=probe, failed=failed)) is not None:
        yield Offload(tell)
    return outcome


def _spend(journey: Journey[T], number: int, credential: Any, circuit: Circuit | None) -> Flow[Got[T] | Failed]:
    """Spend quota, take a slot, send, read the answer."""
    operation, policies = journey.operation, journey.policies
    quota = operation.spec.quota
    limiter = policies.limiters.get(quota) if quota is not None else None
    ticket = Ticket(operation.cost)
    if limiter is not None and limiter.try_acquire(ticket):
        waited = yield from limiter.acquire(ticket, _max_wait(journey))
        if policies.observer.active:
            policies.observer(LimitWaitEvent(operation.name, quota or "", waited))
        _still_closed(circuit)
    bulkhead = policies.bulkhead
    signal = bulkhead.enter()
    if signal is not None:
        yield from _wait_for_slot(journey, signal)
    held = True
    try:
        if signal is not None:
            _still_closed(circuit)
            if limiter is not None and limiter.try_acquire(ticket):
                yield from limiter.acquire(ticket, _max_wait(journey))  # the wait for a slot made the grant old
        started = policies.clock()
        outcome = yield _send(journey, credential, journey.end - started)
        elapsed = policies.clock() - started
        if isinstance(outcome, Opened):
            outcome.stream.belongs_to(policies.service.name, operation.name)
            outcome.stream.on_close(bulkhead.leave)
            held = False
    finally:
        if held:
            bulkhead.leave()
    judge = partial(_judge, journey, outcome, elapsed, credential)
    result: Got[T] | Failed = (yield Offload(judge)) if _is_long_work(operation, outcome) else judge()
    if policies.observer.active:
        _tell(journey, number, outcome, result, elapsed)
    if limiter is not None and not isinstance(outcome, Failure):
        yield from _correct(journey, limiter, outcome, result)
    return result


def _is_long_work(operation: Operation[Any], outcome: Reply | Failure | Opened) -> bool:
    """Whether reading it would hold up an event loop: a large answer, or a refusal to be masked of a large body."""
    if not isinstance(outcome, Reply):
        return False
    return len(outcome.content) > LARGE or (outcome.status >= 300 and operation.body is not None)


def _wait_for_slot(journey: Journey[Any], signal: Signal) -> Flow[None]:
    bulkhead = journey.policies.bulkhead
    entered = False
    try:
        entered = yield Wait(signal, journey.remaining)
    finally:
        if not entered:
            bulkhead.give_up(signal)
    if not entered:
        msg = f"not sent: {bulkhead.size} requests are in flight already (max_in_flight) and none ended in time"
        raise DeadlineExceeded(msg)


def _still_closed(circuit: Circuit | None) -> None:
    """Others may have opened it while this call waited."""
    if circuit is not None and circuit.state != "closed":
        raise circuit.refuse_probe()


def _max_wait(journey: Journey[Any]) -> float:
    longest, remaining = journey.policies.max_wait, journey.remaining
    return remaining if longest is None else min(longest, remaining)


def _send(journey: Journey[Any], credential: Any, remaining: float) -> Send:
    operation, policies = journey.operation, journey.policies
    spec = operation.spec
    if remaining <= 0:
        msg = f"not sent: the deadline of {policies.deadline_of(spec):g} s is used up"
        raise DeadlineExceeded(msg)
    base = policies.origins[spec.origin].base
    url = base + (operation.path or spec.path)
    if operation.params:
        url += "?" + urlencode(operation.params)
    headers = (*policies.headers, ("Accept", spec.accept), *operation.headers)
    request = Request(spec.method, url, headers, operation.body, base)
    if policies.auth is not None and spec.origin == "default":
        request = policies.auth.sign(request, credential)
        added = [pair for pair in request.headers if pair not in headers]
        journey.secrets = tuple(secret for name, value in added for secret in _secrets_in(name, value))
    limit = policies.max_response_bytes or operation.max_bytes or spec.max_bytes
    timeout = min(policies.timeout_of(spec), remaining)
    connect = min(policies.connect_timeout, remaining)
    return Send(request, timeout, connect, limit, spec.stream, spec.keep_partial)


def _secrets_in(name: str, value: str) -> tuple[str, ...]:
    """What is secret of a header. A scheme is not: a service that says "Invalid token." must not lose its word."""
    last = value.rpartition(" ")[2]
    return (last,) if name.lower() == "authorization" and value.count(" ") == 1 else (value, last)


# ---- what the answer means ---------------------------------------------------------------------------------


def _judge(journey: Journey[T], outcome: Reply | Failure | Opened, elapsed: float, credential: Any) -> Got[T] | Failed:
    operation, service = journey.operation, journey.policies.service
    if isinstance(outcome, Failure):
        error = _late(journey, outcome.error)
        return Failed(error, elapsed, vetoed=False, credential=None, outage=isinstance(error, _OUTAGE))
    if isinstance(outcome, Opened):
        opened: Any = outcome.stream  # the answer of a streamed operation is the stream itself
        return outcome.reply, opened
    if outcome.status in operation.spec.statuses or 200 <= outcome.status < 300:
        if outcome.status == 206 and 206 not in operation.spec.statuses:
            part = TruncatedResponse("HTTP 206: a part of an answer, which was not asked for", status=206)
            return Failed(part, elapsed, vetoed=False, credential=None, outage=True)
        try:
            return outcome, journey.decode(outcome, operation)
        except FrgovError as unreadable:
            if isinstance(unreadable, ApiError | InvalidResponse) and unreadable.request_id is None:
                unreadable.request_id = request_id(outcome, operation, service, journey.secrets)
            outage = isinstance(unreadable, _OUTAGE)
            return Failed(unreadable, elapsed, vetoed=False, credential=None, outage=outage)
    refusal = error_of(outcome, operation, service, journey.secrets)
    vetoed = service.vetoes_retry(outcome) or outcome.headers.get("x-should-retry", "").lower() == "false"
    return Failed(refusal, elapsed, vetoed=vetoed, credential=credential, outage=service.is_outage(outcome))


def _late(journey: Journey[Any], error: FrgovError) -> FrgovError:
    """What fails when the deadline is over is the deadline's."""
    if not isinstance(error, AttemptTimeout | ConnectionFailed) or journey.remaining > 0:
        return error
    what = "no answer" if isinstance(error, AttemptTimeout) else error.message
    deadline = journey.policies.deadline_of(journey.operation.spec)
    late = DeadlineExceeded(f"{what}; the deadline of {deadline:g} s is over", sent=error.sent)
    late.__cause__ = error
    return late


def _reply_of(outcome: Reply | Opened) -> Reply:
    return outcome.reply if isinstance(outcome, Opened) else outcome


def _correct(journey: Journey[Any], limiter: Limiter, outcome: Reply | Opened, result: Got[Any] | Failed) -> Flow[None]:
    """Let the limiter learn from the answer: the service's own count, and the pause that a 429 imposes."""
    service = journey.policies.service
    seen = service.observe(_reply_of(outcome))
    if seen is not None:
        yield from limiter.observe(seen)
    if isinstance(result, Failed) and isinstance(result.error, TooManyRequests):
        pause = result.error.retry_after
        if pause:
            yield from limiter.pause(min(pause, LONGEST_PAUSE))


def _tell(
    journey: Journey[Any], number: int, outcome: Reply | Failure | Opened, result: Got[Any] | Failed, elapsed: float
) -> None:
    operation, policies = journey.operation, journey.policies
    spec = operation.spec
    url = policies.origins[spec.origin].base + spec.path + redacted_query(operation)
    status = None if isinstance(outcome, Failure) else _reply_of(outcome).status
    error = outcome_of(result.error) if isinstance(result, Failed) else None
    policies.observer(RequestEvent(operation.name, spec.method, url, number, status, error, elapsed))


def outcome_of(error: FrgovError) -> str:
    """How an attempt ended, in two words and without data."""
    return f"HTTP {error.status}" if isinstance(error, ApiError) else type(error).__name__
