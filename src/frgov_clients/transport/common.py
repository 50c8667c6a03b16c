"""What every client has: its state, `check` and `request`; a raw view has all but `check`, a flow."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self, TypeVar

from ..errors import (
    ApiError,
    AuthenticationError,
    FrgovError,
    InvalidRequest,
    InvalidResponse,
    PermissionDenied,
)
from .answers import as_it_is
from .assembly import reassemble
from .config import ClientConfig
from .effects import Flow
from .endpoint import endpoint, flow
from .operation import Content, Operation, Reply, Spec
from .pipeline import run
from .policies import Policies
from .service import Service
from .telemetry import traced, tracing_is_on

if TYPE_CHECKING:
    from .ratelimit import Snapshot

__all__ = ["CommonEndpoints", "Health", "Shared"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Health:
    """What `check()` found. True when the service can be used."""

    service: str
    base_url: str
    ok: bool
    """The service does what it should: the cheapest request of all was answered as promised."""
    reachable: bool
    """An answer came, whatever it said."""
    authorized: bool | None
    """Whether the credentials are accepted; `None` when the service asks for none or could not be asked."""
    latency: float | None
    """Seconds until the answer, waits and retries included; `None` without an answer."""
    quotas: Mapping[str, Snapshot]
    """What is left, by quota name, as far as this process knows."""
    hint: str
    """What to do, in one sentence."""

    def __bool__(self) -> bool:
        return self.ok


class Shared:
    """The state of a client, and the endpoints that every service has. Written once, for all four shells."""

    _service: ClassVar[Service]
    _config: ClientConfig
    _policies: Policies
    _driver: Any
    _owner: bool = False

    @property
    def config(self) -> ClientConfig:
        """The options in force; printing them shows no secret."""
        return self._config

    @property
    def is_closed(self) -> bool:
        """Whether `close()` was called."""
        return bool(self._driver.closed)

    @classmethod
    def _describe(cls, options: dict[str, Any]) -> tuple[Service, ClientConfig]:
        """The service that these options reach, and the resolved options. A service with dialects overrides it."""
        service = cls._service
        return service, ClientConfig.resolve(service.name, service.base_urls["default"], options)

    def call(self, operation: Operation[T]) -> Flow[T]:
        """Inside a `@flow`: send an operation through the pipeline."""
        return self._watched(operation, run(operation, self._policies))

    def _watched(self, operation: Operation[Any], story: Flow[T]) -> Flow[T]:
        """With a span around it, when the application traces."""
        if tracing_is_on():
            return traced(operation, self._policies.origins[operation.spec.origin], story)
        return story

    def _sibling(self, options: Mapping[str, Any], *, circuits: bool = True) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._config = self._config.changed(options)
        policies = reassemble(self._policies, twin._config)
        twin._policies = policies if circuits else policies.without_circuits()
        twin._owner = False
        return twin

    def _for_long_work(self, timeout: float) -> Self:
        """A sibling for work that repeats what fails, and waits for a service that is down, by itself."""
        return self._sibling({"retries": 0, "timeout": timeout, "deadline": 10 * timeout}, circuits=False)

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        msg = f"a {name} holds connections and can not be pickled or copied: make one in each process"
        raise TypeError(msg)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._config.base_url}{' closed' if self.is_closed else ''}>"


_METHOD: Final = re.compile(r"[A-Za-z]+")
_PATH: Final = re.compile(r"/(?!/)[^?#\s\\]*")


class CommonEndpoints(Shared):
    """What every client can do besides its own endpoints."""

    @flow
    def check(self) -> Flow[Health]:
        """Tell whether the service answers, accepts the credentials, and what is left of its quota.

        Never raises for a service that is down: `if not client.check(): ...`. It asks as every call does: give the
        sibling that asks (`with_options(retries=0, deadline=2)`) less patience where that is too slow.
        """
        started = time.monotonic()
        ok, reachable, hint = True, True, "all is well"
        authorized: bool | None = None if self._policies.auth is None else True
        try:
            yield from self.call(self._policies.service.probe)
        except (AuthenticationError, PermissionDenied) as error:
            ok, authorized, hint = False, False, error.message
        except FrgovError as error:
            ok, authorized, hint = False, None, error.message
            reachable = isinstance(error, ApiError | InvalidResponse)
        latency = time.monotonic() - started if reachable else None
        quotas: dict[str, Snapshot] = {}
        for name, limiter in self._policies.limiters.items():
            quotas[name] = yield from limiter.snapshot()
        return Health(
            service=self._policies.service.name,
            base_url=self._config.base_url,
            ok=ok,
            reachable=reachable,
            authorized=authorized,
            latency=latency,
            quotas=quotas,
            hint=hint,
        )

    @endpoint
    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        quota: str | None = "default",
    ) -> Operation[Reply]:
        """Send a request that this client has no method for, with all its policies.

        Args:
            method: `GET`, `POST`, ...; only methods that may be repeated safely are retried.
            path: below the base URL, with its leading slash, already quoted. Never logged: it may hold an address.
            params: the query.
            json: a body, as what the standard library's `json` can write.
            quota: which quota it spends: the service's first one when it has several; `None` for none.

        Raises:
            InvalidRequest: `path` is not a path (a whole URL, for example): credentials stay with `base_url`.
            ApiError: the service answered with an error.
        """
        if not _METHOD.fullmatch(method):
            raise InvalidRequest.of("method", "must be a word: GET, POST, ...")
        if not _PATH.fullmatch(path):
            hint = "The host comes from `base_url`, the query from `params`"
            raise InvalidRequest.of("path", "must start with one slash, without ? and # and blanks", hint)
        spec: Spec[Reply] = Spec(
            name=f"{self._policies.service.name}.request",
            method=method.upper(),
            path="/{path}",
            decode=as_it_is,
            quota=self._quota_named(quota),
            accept="*/*",
        )
        body = None if json is None else Content(dumps(json).encode())
        return Operation(spec, params=tuple((params or {}).items()), path=path, body=body)

    def _quota_named(self, name: str | None) -> str | None:
        quotas = self._policies.service.quotas
        if name is None or not quotas or name in quotas:
            return name
        if name == "default":
            return next(iter(quotas))
        raise InvalidRequest.of("quota", f"one of {', '.join(quotas)}, or None")
