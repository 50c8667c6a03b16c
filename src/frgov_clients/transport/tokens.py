"""Secrets, and the tokens that a service gives for them: what they are, and where they are kept."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

from ..errors import ConfigurationError, InvalidResponse
from .answers import not_json
from .operation import Operation, Reply

if TYPE_CHECKING:
    import redis
    from pydantic import SecretStr

__all__ = [
    "MemoryTokenStore",
    "RedisTokenStore",
    "Secret",
    "Token",
    "TokenStore",
    "fingerprint",
    "header_value",
    "read_oauth_token",
    "secret_value",
    "token_reader",
]

EXPIRY_MARGIN: Final = 10.0
"""Seconds before its end at which a token is taken for expired: it must live until the request arrives."""
KEPT_AFTER_EXPIRY: Final = 86_400.0
"""Seconds that a shared store keeps an expired token, for its refresh token."""


class Secret:
    """What holds a secret is not written to a pickle."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and is not pickled: make it anew where it is used")


def secret_value(secret: str | SecretStr, name: str) -> str:
    """The text of a secret. `ConfigurationError`: there is none (a variable that is not set?)."""
    value: Any = secret if isinstance(secret, str) else getattr(secret, "get_secret_value", str)()
    if not value:
        raise ConfigurationError(f"{name} is empty")
    return str(value)


def header_value(secret: str | SecretStr, name: str) -> str:
    """A secret that can stand in a header."""
    value = secret_value(secret, name)
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise ConfigurationError(f"{name} can not stand in a header: a blank or a line break around it, or an accent?")
    return value


def fingerprint(*parts: str) -> str:
    """24 hexadecimal digits, the same in every process."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Token(Secret):
    """A token as a service gave it.

    Raises:
        ConfigurationError: the access token can not stand in a header, or a value is not of its type.
    """

    access: str
    refresh: str | None = None
    expires_at: float | None = None
    """Wall clock, seconds; `None` when the service does not say."""
    scheme: str = "Bearer"

    def __post_init__(self) -> None:
        header_value(self.access, "access")
        header_value(self.scheme, "scheme")
        refresh: Any = self.refresh
        expires_at: Any = self.expires_at
        if not (isinstance(refresh, str | None) and isinstance(expires_at, float | int | None)):
            raise ConfigurationError("refresh is a text or None, expires_at a number of seconds or None")

    def __repr__(self) -> str:
        return f"Token(***, expires_at={self.expires_at}, scheme={self.scheme!r})"

    @property
    def usable(self) -> bool:
        return self.expires_at is None or time.time() < self.expires_at - EXPIRY_MARGIN


class TokenStore(Protocol):
    """Where tokens are kept besides the memory of their `TokenAuth`. A store that raises has nothing."""

    blocking: bool
    """Whether it may take long (Redis): it is then called in a worker thread by async clients."""

    def load(self, key: str) -> Token | None: ...
    def save(self, key: str, token: Token) -> None: ...


class MemoryTokenStore:
    """Tokens that several `TokenAuth` of one process share."""

    blocking = False

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def load(self, key: str) -> Token | None:
        return self._tokens.get(key)

    def save(self, key: str, token: Token) -> None:
        self._tokens[key] = token


class RedisTokenStore:
    """Tokens that several processes share. They lie in Redis readable by whoever may read it: protect it."""

    blocking = True

    def __init__(self, connection: redis.Redis, prefix: str = "frgov:token:") -> None:
        self._redis, self._prefix = connection, prefix

    def load(self, key: str) -> Token | None:
        blob: Any = self._redis.get(self._prefix + key)
        if blob is None:
            return None
        try:
            return Token(**json.loads(blob))
        except (TypeError, ValueError):  # not ours, or of another version: fetch a new one
            return None

    def save(self, key: str, token: Token) -> None:
        life = KEPT_AFTER_EXPIRY  # a dead access token still carries the refresh token
        if token.expires_at is not None:
            life += max(0.0, token.expires_at - time.time())
        value = {
            "access": token.access,
            "refresh": token.refresh,
            "expires_at": token.expires_at,
            "scheme": token.scheme,
        }
        self._redis.set(self._prefix + key, json.dumps(value), px=int(life * 1000))


def read_oauth_token(answer: Mapping[str, Any]) -> Token:
    """`access_token`, `refresh_token`, `expires_in`, as OAuth2 says."""
    life = answer.get("expires_in")
    return Token(
        access=answer["access_token"],
        refresh=answer.get("refresh_token"),
        expires_at=None if life is None else time.time() + float(life),
    )


def token_reader(read: Callable[[Mapping[str, Any]], Token]) -> Callable[[Reply, Operation[Token]], Token]:
    """A decoder that reads a JSON answer with `read`; an answer without a token is an `InvalidResponse`."""

    def decode(reply: Reply, operation: Operation[Token]) -> Token:  # noqa: ARG001 - the shape of a decoder
        try:
            answer: Any = json.loads(reply.content)
        except RecursionError:
            raise InvalidResponse("the answer to the login is no token", status=reply.status) from None
        except ValueError as error:
            raise not_json(reply, error) from None
        try:
            return read(answer)
        except (LookupError, TypeError, ValueError, AttributeError):
            msg = "the service accepted the login and its answer holds no token"
            raise InvalidResponse(msg, status=reply.status) from None  # the cause may quote the token

    return decode
