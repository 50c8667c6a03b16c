"""Who we are, for the service: keys, static tokens, and tokens that are fetched, shared and renewed."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from ..errors import ApiError, ConfigurationError, DeadlineExceeded, FrgovError, InvalidResponse, RateLimited
from .effects import Flow, Offload, Request, Wait
from .flights import Flights
from .fork import renew_after_fork
from .operation import Content, Operation, Reply, Spec
from .tokens import (
    MemoryTokenStore,
    RedisTokenStore,
    Secret,
    Token,
    TokenStore,
    fingerprint,
    header_value,
    read_oauth_token,
    secret_value,
    token_reader,
)

if TYPE_CHECKING:
    from pydantic import SecretStr

__all__ = [
    "Auth",
    "ClientCredentials",
    "HeaderKey",
    "MemoryTokenStore",
    "PasswordLogin",
    "RedisTokenStore",
    "StaticBearer",
    "Token",
    "TokenAuth",
    "TokenStore",
    "refresh_request",
    "token_request",
]

_log = logging.getLogger("frgov_clients.auth")
Caller = Callable[[Operation[Any]], Flow[Any]]
"""Sends an operation through the same pipeline, without credentials."""


class Auth(Protocol):
    """How requests are signed. `credential` may fetch something; `sign` is pure."""

    @property
    def identity(self) -> str:
        """A fingerprint of who calls, for keys of caches and quotas; tells no secret."""
        ...

    def credential(self, call: Caller, seconds: float, origin: str = "") -> Flow[Any]:
        """What `sign` needs at the base URL `origin`, fetched when it is missing; waits at most `seconds`."""
        ...

    def sign(self, request: Request, credential: Any) -> Request:
        """The request with its credentials."""
        ...

    def rejected(self, credential: Any) -> Flow[bool]:
        """The service answered 401: forget the credential; true when a new one is worth one more try."""
        ...


class _Fixed(Secret):
    """A header that never changes."""

    def __init__(self, header: str, value: str) -> None:
        self._header = (header, value)
        self.identity = fingerprint(header, value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._header[0]}: ***)"

    def credential(self, call: Caller, seconds: float, origin: str = "") -> Flow[None]:  # noqa: ARG002 - fetches nothing
        return None
        yield

    def sign(self, request: Request, credential: Any) -> Request:  # noqa: ARG002
        return request._replace(headers=(*request.headers, self._header))

    def rejected(self, credential: Any) -> Flow[bool]:  # noqa: ARG002
        return False
        yield


class HeaderKey(_Fixed):
    """A key in a header of the service's choice: `HeaderKey("api-key", secret)`."""

    def __init__(self, header: str, key: str | SecretStr) -> None:
        super().__init__(header, header_value(key, header))


class StaticBearer(_Fixed):
    """A token that never changes: `Authorization: Bearer …` (or another scheme)."""

    def __init__(self, token: str | SecretStr, *, scheme: str = "Bearer") -> None:
        super().__init__("Authorization", f"{scheme} {header_value(token, 'token')}")


# ---- tokens that are fetched -------------------------------------------------------------------------------


class TokenAuth(Secret):
    """A token fetched with `login`, renewed with `refresh`, by one caller for all.

    `login()` and `refresh(token)` make the operation that answers a `Token`; they go through the same pipeline
    as every call, without credentials of their own. A token is for the base URL that gave it, and for no other.
    """

    def __init__(
        self,
        identity: str,
        login: Callable[[], Operation[Token]],
        *,
        refresh: Callable[[Token], Operation[Token]] | None = None,
        store: TokenStore | None = None,
    ) -> None:
        self.identity = identity
        self._login = login
        self._refresh = refresh
        self._store: TokenStore = store or MemoryTokenStore()
        self._store_fails = False
        self._flights: Flights[Token] = Flights()
        self._held: dict[str, Token] = {}
        self._rejected: deque[str] = deque(maxlen=16)
        """Access tokens that the service refused although they had not expired."""
        renew_after_fork(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    def credential(self, call: Caller, seconds: float, origin: str = "") -> Flow[Token]:
        key = fingerprint(self.identity, origin)
        end = time.monotonic() + seconds
        while True:
            token = self._held.get(key)
            if token is not None and self._is_good(token):
                return token
            flight, leads = self._flights.join(key)
            if leads:
                try:
                    flight.result = yield from self._lead(call, key)
                except (DeadlineExceeded, RateLimited):
                    raise  # its own patience was over, not that of the others: another takes its place
                except FrgovError as error:
                    flight.error = error
                    raise
                finally:
                    self._flights.land(key, flight)
                return flight.result
            if not (yield Wait(flight.landed, end - time.monotonic())):
                msg = "not sent: another call is still fetching the token"
                raise DeadlineExceeded(msg)
            if flight.result is not None:
                return flight.result
            if flight.error is not None:
                raise flight.error.twin()
            # its leader was cancelled: take its place

    def _lead(self, call: Caller, key: str) -> Flow[Token]:
        """Get a token for everybody who waits."""
        held = self._held.get(key)  # the flight before ours may have landed between our look and our lead
        if held is not None and self._is_good(held):
            return held
        stored = yield from self._stored(lambda: self._store.load(key))
        if isinstance(stored, Token) and self._is_good(stored):
            self._held[key] = stored
            return stored
        token = yield from self._renew(call, stored or held)
        with contextlib.suppress(ValueError):
            self._rejected.remove(token.access)  # the service gave it once more
        self._held[key] = token
        yield from self._stored(lambda: self._store.save(key, token))
        return token

    def _is_good(self, token: Token) -> bool:
        return token.usable and token.access not in self._rejected

    def _renew(self, call: Caller, old: Token | None) -> Flow[Token]:
        if old is not None and old.refresh is not None and self._refresh is not None:
            try:
                token: Token = yield from call(self._refresh(old))
            except (ApiError, InvalidResponse) as error:
                if error.retryable and isinstance(error, ApiError):
                    raise
                # else the refresh token is dead too: log in again
            else:
                return token if token.refresh is not None else replace(token, refresh=old.refresh)
        return (yield from self._log_in(call))

    def _log_in(self, call: Caller) -> Flow[Token]:
        """Ask for a token with what never expires."""
        return (yield from call(self._login()))  # type: ignore[no-any-return]

    def sign(self, request: Request, credential: Token) -> Request:
        header = ("Authorization", f"{credential.scheme} {credential.access}")
        return request._replace(headers=(*request.headers, header))

    def rejected(self, credential: Token | None) -> Flow[bool]:
        if credential is None:  # the request went without (another origin): no token helps
            return False
        self._rejected.append(credential.access)
        return True
        yield

    def _stored(self, do: Callable[[], Any]) -> Flow[Any]:
        try:
            answer = (yield Offload(do)) if self._store.blocking else do()
        except Exception as error:  # noqa: BLE001 - whatever a store raises: this process then keeps its token alone
            if not self._store_fails:
                self._store_fails = True
                _log.warning("the token store fails (%s): this process keeps its token alone", type(error).__name__)
            return None
        self._store_fails = False
        return answer

    def after_fork(self) -> None:
        self._flights.after_fork()


class PasswordLogin(TokenAuth):
    """User name and password, exchanged for a token: a POST of JSON to `path`, below the client's base URL.

    `read` makes the `Token` of an answer; by default it is read as OAuth2 says. With `refresh_path`, an expired
    token is renewed there (a POST of `{"refresh": ...}`) before the password is sent again.
    """

    def __init__(
        self,
        username: str,
        password: str | SecretStr,
        *,
        path: str,
        read: Callable[[Mapping[str, Any]], Token] | None = None,
        refresh_path: str | None = None,
        store: TokenStore | None = None,
    ) -> None:
        secret = secret_value(password, "password")
        decode = token_reader(read or read_oauth_token)
        login = token_request("auth.login", path, decode, {"username": username, "password": secret})
        super().__init__(
            fingerprint(path, username, secret),
            lambda: login,
            refresh=None if refresh_path is None else refresh_request(refresh_path, decode),
            store=store,
        )


class ClientCredentials(TokenAuth):
    """OAuth2 client credentials (RFC 6749 §4.4): `client_id` and `client_secret` against a token."""

    def __init__(
        self,
        client_id: str,
        client_secret: str | SecretStr,
        *,
        path: str,
        scope: str | None = None,
        store: TokenStore | None = None,
    ) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret_value(client_secret, "client_secret"),
        }
        if scope is not None:
            form["scope"] = scope
        body = Content(urlencode(form).encode(), "application/x-www-form-urlencoded")
        login = token_request("auth.token", path, token_reader(read_oauth_token), body)
        super().__init__(
            fingerprint(path, client_id, form["client_secret"], scope or ""),
            lambda: login,
            store=store,
        )


def refresh_request(
    path: str, decode: Callable[[Reply, Operation[Token]], Token]
) -> Callable[[Token], Operation[Token]]:
    """Makes the POST of `{"refresh": ...}` that renews a token."""
    empty = token_request("auth.refresh", path, decode, {})
    return lambda token: empty._replace(body=_json({"refresh": token.refresh}))


def token_request(
    name: str, path: str, decode: Callable[[Reply, Operation[Token]], Token], body: Content | Mapping[str, Any]
) -> Operation[Token]:
    """A POST that is answered with a token; a mapping goes as JSON."""
    if not path.startswith("/") or path.startswith("//"):  # else it could name another host, once behind the base URL
        raise ConfigurationError("the path to a token must start with one slash: its host is that of base_url")
    spec = Spec(name=name, method="POST", path=path, decode=decode, idempotent=True)
    return Operation(spec, body=body if isinstance(body, Content) else _json(body))


def _json(value: Mapping[str, Any]) -> Content:
    return Content(json.dumps(value).encode())
