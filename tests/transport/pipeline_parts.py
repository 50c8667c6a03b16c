"""The policies of a client, with a clock that stands still until it is told."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from frgov_clients.transport.breaker import Circuit, CircuitOptions
from frgov_clients.transport.bulkhead import Bulkhead
from frgov_clients.transport.effects import Effect
from frgov_clients.transport.operation import Operation, Reply
from frgov_clients.transport.origin import Origin
from frgov_clients.transport.pipeline import run
from frgov_clients.transport.policies import Policies
from frgov_clients.transport.ratelimit import RateLimiter, Ticket
from frgov_clients.transport.retry import Retry, RetryBudget
from frgov_clients.transport.telemetry import Observer
from support import GET, POST, service_of

SERVICE = service_of("probe")
GET_THING = Operation(GET)
POST_THING = Operation(POST)
DONE = Reply(200, {}, b"done")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Parts:
    """Policies with a clock that stands still until it is told."""

    def __init__(self, **changes: Any) -> None:
        self.clock = Clock()
        self.limiter = RateLimiter(changes.pop("windows", ()), clock=self.clock)
        self.circuit = Circuit("probe", changes.pop("circuit", CircuitOptions()), clock=self.clock)
        self.bulkhead = Bulkhead(changes.pop("size", 20))
        changes.setdefault("retry", Retry(wait=lambda state: 0.0))
        changes.setdefault("connect_timeout", 5.0)
        self.policies = Policies(
            service=changes.pop("service", SERVICE),
            origins={"default": Origin.parse("https://probe.test")},
            headers=(),
            observer=Observer("probe"),
            circuits={"default": self.circuit},
            limiters={"calls": self.limiter},
            bulkhead=self.bulkhead,
            budget=changes.pop("budget", RetryBudget()),
            clock=self.clock,
            **changes,
        )

    def start(self, operation: Operation[Any] = GET_THING) -> Generator[Effect, Any, Any]:
        return run(operation, self.policies)

    def untouched(self) -> bool:
        """Whether no call left anything behind."""
        free = self.limiter.try_acquire(Ticket()) == 0.0
        return free and self.bulkhead.in_flight == 0 and not self.circuit._probing


def result(flow: Generator[Effect, Any, Any], answer: Any) -> Any:
    with pytest.raises(StopIteration) as stop:
        flow.send(answer)
    return stop.value.value


def opens(circuit: Circuit) -> None:
    while circuit.state == "closed":
        tell = circuit.leave(probe=circuit.admit(), failed=True)
        if tell is not None:
            tell()
    assert circuit.state == "open"
