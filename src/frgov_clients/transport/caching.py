"""The cache above everything: a hit costs no quota, a miss is fetched once for all who ask at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeAlias, TypeVar

from ..errors import (
    ApiError,
    DeadlineExceeded,
    FrgovError,
    InvalidResponse,
    ServerError,
    TooManyRequests,
    TransportError,
)
from .cache import Stored, Trouble, cache_key, key_space, pack, unpack
from .effects import Flow, Offload, Wait
from .flights import Flight
from .operation import Content, Decoder, Got, Operation, Reply
from .policies import CachePolicy, Policies
from .telemetry import CacheHitEvent

__all__ = ["is_cacheable", "through_cache"]

T = TypeVar("T")
Fetch: TypeAlias = Callable[[Operation[Any], Policies, Decoder[T]], Flow[Got[T]]]

_STALE_HELPS: Final = (TransportError, ServerError, TooManyRequests, InvalidResponse)
"""Failures of the service or of the way to it. A 4xx is an answer, and no older one replaces it."""
_trouble: Final = Trouble("configured")


def is_cacheable(operation: Operation[Any], cache: CachePolicy) -> bool:
    """Whether this answer may be kept: declared so by its endpoint, and not personal unless the caller says so."""
    spec = operation.spec
    if not spec.ttl or spec.stream or (spec.personal and not cache.personal):
        return False
    return operation.body is None or isinstance(operation.body, Content)


def through_cache(
    operation: Operation[Any], policies: Policies, cache: CachePolicy, decode: Decoder[T], fetch: Fetch[T]
) -> Flow[T]:
    """The kept answer while it is fresh; else a new one; else, if allowed, the old one when the service fails."""
    call = _CachedCall(operation, policies, cache, decode, fetch, _key(operation, policies, cache))
    stored = call.peek() if cache.store.io != "network" else (yield from call.load())
    if stored is not None and (got := call.fresh(stored)) is not None:
        return got[1]
    return (yield from _ask_once_for_all(call, stored))[1]


def _ask_once_for_all(call: _CachedCall[T], stored: Stored | None) -> Flow[Got[T]]:
    """Ask the service, or wait for somebody who asks the same."""
    operation, policies, cache = call.operation, call.policies, call.cache
    end = policies.clock() + policies.deadline_of(operation.spec)
    while True:
        together = call.key + _manner(call.reads, policies, cache)
        flight, leads = cache.flights.join(together)
        if leads:
            try:
                return (yield from call.lead(flight, stored))
            finally:
                cache.flights.land(together, flight)
        if not (yield Wait(flight.landed, end - policies.clock())):
            msg = "another call is still fetching the same answer"
            late = DeadlineExceeded(msg, service=policies.service.name, operation=operation.name)
            if (kept := call.stand_in(stored, late)) is not None:
                return kept
            raise late
        if flight.error is not None:
            raise flight.error.twin()
        if flight.result is not None:
            return flight.result, call.decode(flight.result, operation)
        # its leader was cancelled: look again, perhaps lead, in what is left of the time
        call.policies = replace(policies, deadline=max(0.0, end - policies.clock()))
        stored = yield from call.load()
        if stored is not None and (got := call.fresh(stored)) is not None:
            return got


@dataclass(slots=True)
class _CachedCall(Generic[T]):
    operation: Operation[Any]
    policies: Policies
    cache: CachePolicy
    decode: Decoder[T]
    fetch: Fetch[T]
    key: str

    @property
    def reads(self) -> bool:
        """False in the raw view, which takes the answer as it is."""
        return self.decode is self.operation.spec.decode

    def load(self) -> Flow[Stored | None]:
        """What is kept, fresh or not. Only a network is worth a thread: a local file answers in microseconds."""
        if self.cache.store.io == "network":
            return (yield Offload(self.peek))  # type: ignore[no-any-return]
        return self.peek()

    def peek(self) -> Stored | None:
        """The same, at once."""
        try:
            blob = self.cache.store.get(self.key)
            return None if blob is None else unpack(blob, time.time())
        except Exception as error:  # noqa: BLE001 - a store that fails is a store that has nothing
            self._complain("reading", error)
            return None

    def _complain(self, doing: str, error: Exception) -> None:
        _trouble.tell(f"{doing} {type(self.cache.store).__name__}", type(error).__name__)

    def fresh(self, stored: Stored) -> Got[T] | None:
        """What was kept, while neither who kept it nor who asks finds it too old."""
        wanted = self.cache.ttl
        if not stored.fresh or (wanted is not None and stored.age >= wanted):
            return None
        return self.decoded(stored)

    def decoded(self, stored: Stored, *, stale: bool = False) -> Got[T] | None:
        """What was kept, read again; `None` when it does not read any more (written by another version)."""
        reply = Reply(200, dict(stored.headers), stored.content, stale, stored.age)
        try:
            value = self.decode(reply, self.operation)
        except FrgovError:
            return None
        if self.policies.observer.active:
            self.policies.observer(CacheHitEvent(self.operation.name, stored.age, stale))
        return reply, value

    def lead(self, flight: Flight[Reply], stored: Stored | None) -> Flow[Got[T]]:
        """Fetch for everybody who waits."""
        again = yield from self.load()  # the flight before ours may have landed between our look and our lead
        if again is not None and (got := self.fresh(again)) is not None:
            flight.result = got[0]
            return got
        try:
            got = yield from self.fetch(self.operation, self.policies, self.decode)
        except FrgovError as error:
            kept = self.stand_in(stored, error)
            if kept is None:
                flight.error = error
                raise
            flight.result = kept[0]
            return kept
        flight.result = got[0]
        yield from self._store(got[0])
        return got

    def stand_in(self, stored: Stored | None, error: FrgovError) -> Got[T] | None:
        """The old answer, when it is not too old and the failure is one that an old answer helps."""
        if stored is None or not _is_outage(error):
            return None
        if stored.age > self._ttl + self.cache.stale_if_error:
            return None
        return self.decoded(stored, stale=True)

    @property
    def _ttl(self) -> float:
        return self.operation.spec.ttl if self.cache.ttl is None else self.cache.ttl

    def _store(self, reply: Reply) -> Flow[None]:
        spec, store = self.operation.spec, self.cache.store
        if reply.status != 200:  # a status that says more than the body, which alone is kept
            return
        if not self.reads:  # only what can be read is kept
            try:
                spec.decode(reply, self.operation)
            except FrgovError:
                return
        kept = tuple((name, reply.headers[name]) for name in spec.kept_headers if name in reply.headers)
        ttl = self._ttl
        blob = pack(reply.content, kept, ttl, time.time())
        life = ttl + self.cache.stale_if_error
        try:
            if store.io == "none":
                store.set(self.key, blob, life)
            else:
                yield Offload(lambda: store.set(self.key, blob, life))
        except Exception as error:  # noqa: BLE001 - a store that fails does not break a call
            self._complain("writing", error)


def _manner(reads: bool, policies: Policies, cache: CachePolicy) -> str:
    """How a caller wants the answer: only those who want it in the same way share one request and its failure."""
    patience = (policies.deadline, policies.timeout, policies.connect_timeout, policies.max_wait, policies.retry)
    return repr((reads, patience, policies.max_response_bytes, cache.ttl, cache.stale_if_error, cache.personal))


def _is_outage(error: FrgovError) -> bool:
    if isinstance(error, ApiError) and error.status < 300:  # the service says in a success that it failed
        return error.retryable
    return isinstance(error, _STALE_HELPS)


def _key(operation: Operation[Any], policies: Policies, cache: CachePolicy) -> str:
    spec, body = operation.spec, operation.body
    space = cache.spaces.get(spec)
    if space is None:
        account = "" if policies.auth is None else policies.auth.identity
        base = policies.origins[spec.origin].base
        space = cache.spaces[spec] = key_space(base, account, spec.method, spec.path, spec.accept)
    content = (body.content_type, body.data) if isinstance(body, Content) else None
    return cache_key(space, operation[1:4], content)
