"""The circuit: a service that keeps failing is left alone, then asked by one probe.

pybreaker keeps the state, tells its listeners and stores it (memory, Redis). What it does not do under
concurrency is ours: a failure *rate* over a window decides, one caller probes, a cancelled call counts for
nothing, and no call waits for the I/O of another.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, Protocol

from ..errors import CircuitOpen, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pybreaker

    from .breaker_vaults import LocalCircuit

__all__ = ["Circuit", "CircuitOptions", "CircuitState", "Unreachable", "Vault"]

CircuitState = Literal["closed", "open", "half-open"]
Clock = Callable[[], float]
PROBE_PATIENCE: Final = 1.0
"""Seconds after which to ask again while somebody probes: how long the probe takes is not known."""


class Unreachable(Exception):
    """The store of the shared state fails: decide alone."""


class Vault(Protocol):
    """Where processes share the state of a circuit. Every method may block, and raises `Unreachable` when it fails."""

    def read(self) -> float | None:
        """Seconds until somebody may probe; `None` when the circuit is closed."""
        ...

    def write(self, state: CircuitState) -> None:
        """Make a change known. `open` forbids to probe for a whole cooldown."""
        ...

    def take_probe(self) -> bool:
        """Whether this process may probe; one at a time may, until it writes, drops, or a cooldown is over."""
        ...

    def drop_probe(self) -> None:
        """The probe was cancelled: somebody else may probe."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitOptions:
    """When a circuit opens. `failure_rate` of the last `window` attempts failed, at least `minimum` of them seen."""

    failure_rate: float = 0.5
    window: int = 20
    minimum: int = 10
    cooldown: float = 30.0
    """Seconds that an open circuit waits before one probe."""
    listeners: Sequence[pybreaker.CircuitBreakerListener] = ()
    """pybreaker listeners, told of every change of state."""
    vault: Callable[[str, CircuitOptions], Vault] | None = None
    """Makes the store of a circuit from its name and options; `None` keeps it in this process. See
    `breaker_vaults.shared_circuits`."""
    refresh: float = 1.0
    """Seconds that a shared state is believed before it is read again."""

    def __post_init__(self) -> None:
        if not 0 < self.failure_rate <= 1:
            msg = "failure_rate is a share: above 0, at most 1"
            raise ConfigurationError(msg)
        if not 1 <= self.minimum <= self.window:
            msg = "minimum must be at least 1 and at most window"
            raise ConfigurationError(msg)
        if not (0 <= self.cooldown < math.inf and 0 <= self.refresh < math.inf):
            msg = "cooldown and refresh are seconds, 0 or more"
            raise ConfigurationError(msg)


class Circuit:
    """One circuit: `admit` before an attempt, `leave` after it. Both are pure bookkeeping.

    What they return, and what `refresh` and `take_probe` return, may block and is to be called off the event loop.
    """

    def __init__(
        self,
        name: str,
        options: CircuitOptions,
        *,
        clock: Clock = time.monotonic,
        on_change: Callable[[str, CircuitState, CircuitState], None] | None = None,
    ) -> None:
        self.name = name
        self.options = options
        self._clock = clock
        self._on_change = on_change
        self._failed: deque[bool] = deque(maxlen=options.window)
        self._failures = 0
        self._probe_at: float | None = None
        """From when a probe is allowed; `None` while the circuit is closed."""
        self._vault: Vault | None = options.vault(name, options) if options.vault else None
        self._read_at = -math.inf
        self._known: CircuitState = "closed"
        """The state as the listeners know it, or are about to."""
        self._changes: deque[tuple[CircuitState, CircuitState, bool]] = deque()
        """(before, after, decided here) of each change that is not told yet."""
        self._local: LocalCircuit | None = None
        # re-entrant: the garbage collector may close the flow of another call while this thread holds one
        self._lock = threading.RLock()
        self._telling = threading.RLock()
        self.last_failure = ""
        """What happened last, without personal data, to be told with a refusal."""
        self._probing = False
        self._holds = False
        """Whether this process holds the shared place of the probe."""

    @property
    def state(self) -> CircuitState:
        probe_at = self._probe_at
        if probe_at is None:
            return "closed"
        return "half-open" if self._clock() >= probe_at else "open"

    def admit(self) -> bool:
        """Let an attempt pass; true when it is the probe.

        Raises:
            CircuitOpen: the service has been failing; `retry_after` says when a probe is allowed.
        """
        if self.state == "closed":
            return False
        with self._lock:
            if self._probe_at is None:
                return False
            if self._probing or self._clock() < self._probe_at:
                raise self.refuse_probe()
            self._probing = True
        return True

    def refuse_probe(self) -> CircuitOpen:
        """What to raise when the circuit is open, or when somebody else probes."""
        probe_at = self._probe_at
        remaining = 0.0 if probe_at is None else max(0.0, probe_at - self._clock())
        what = f"next try in {remaining:.0f} s" if remaining else "a probe is on its way"
        last = f" ({self.last_failure})" if self.last_failure else ""
        text = f"not sent: the service has failed repeatedly{last}, its circuit is open ({what})"
        return CircuitOpen(text, retry_after=remaining or PROBE_PATIENCE)

    def take_probe(self) -> Callable[[], bool] | None:
        """What the probe must call before it goes: false when another process probes. `None` when nobody is to know."""
        if self._vault is None and self._on_change is None and not self.options.listeners:
            return None
        return self._take_probe

    def _take_probe(self) -> bool:
        vault = self._vault
        if vault is not None:
            try:
                self._holds = vault.take_probe()
            except Unreachable:
                self._holds = False  # nobody to share with: probe alone
            else:
                if not self._holds:
                    self._read_at = -math.inf  # learn how long the other may take
                    return False
        with self._lock:
            self._note("half-open")
        self._tell()
        return True

    def leave(self, *, probe: bool, failed: bool | None) -> Callable[[], None] | None:
        """Count an attempt; `failed=None` when it was cancelled or never sent, which counts for nothing.

        Returns what to call to make a change of state known, if there was one.
        """
        if not probe and failed is False and not self._failures and self._probe_at is None:
            self._failed.append(False)  # the common path: nothing to decide, and appending is atomic
            return None
        with self._lock:
            if probe:
                self._after_probe(failed)
            elif failed is not None and self._probe_at is None:  # those on their way when it opened decide nothing
                self._failed.append(failed)
                self._failures = self._failed.count(True)
                if self._tripped():
                    self._open()
        return self._tell if self._changes else None

    def _after_probe(self, failed: bool | None) -> None:
        self._probing = False
        held, self._holds = self._holds, False
        if failed:
            self._open()
        elif failed is not None:
            self._close()
            self._note("closed")
        elif held and self._vault is not None:  # whoever is cancelled can not wait for Redis
            with contextlib.suppress(RuntimeError):  # no thread at the end of the interpreter: the place expires
                threading.Thread(target=_drop, args=(self._vault,), daemon=True).start()

    def _tripped(self) -> bool:
        seen = len(self._failed)
        return seen >= self.options.minimum and self._failures / seen >= self.options.failure_rate

    def _open(self) -> None:
        self._probe_at = self._clock() + self.options.cooldown
        self._note("open")

    def _close(self) -> None:
        self._failed.clear()
        self._failures = 0
        self._probe_at = None

    # ---- what others are told, and what they tell ----------------------------------------------------------

    def _note(self, after: CircuitState, *, here: bool = True) -> None:
        if after != self._known:
            self._changes.append((self._known, after, here))
            self._known = after

    def _tell(self) -> None:
        with self._telling:  # in their order, whoever tells them
            while self._changes:
                before, after, here = self._changes.popleft()
                if self._local is None:
                    from .breaker_vaults import LocalCircuit

                    self._local = LocalCircuit(self.name, self.options, before)
                self._local.write(after)
                if here and self._vault is not None:
                    self._share(self._vault, after)
                if self._on_change is not None:
                    self._on_change(self.name, before, after)

    def _share(self, vault: Vault, state: CircuitState) -> None:
        with contextlib.suppress(Unreachable):
            vault.write(state)
            with self._lock:
                if state == "open" and self._probe_at is not None:  # the shared cooldown began just now
                    self._probe_at = self._clock() + self.options.cooldown

    def refresh(self) -> Callable[[], None] | None:
        """What to call before `admit`, when the shared state is due to be read; else `None`."""
        vault = self._vault
        if vault is None:
            return None
        now = self._clock()
        if now - self._read_at < self.options.refresh:
            return None
        self._read_at = now  # one caller reads for all
        return partial(self._read, vault)

    def _read(self, vault: Vault) -> None:
        with self._telling, contextlib.suppress(Unreachable):
            known = self._probe_at
            remaining = vault.read()
            with self._lock:
                if self._probing or self._probe_at != known or self._changes:
                    return  # what was decided here meanwhile is newer
                if remaining is not None:
                    self._probe_at = self._clock() + remaining
                    self._note("open", here=False)
                elif known is not None:
                    self._close()
                    self._note("closed", here=False)
            self._tell()

    def after_fork(self) -> None:
        self._lock, self._telling = threading.RLock(), threading.RLock()
        self._probing = self._holds = False
        self._local = None  # pybreaker has a lock too


def _drop(vault: Vault) -> None:
    with contextlib.suppress(Unreachable):
        vault.drop_probe()
