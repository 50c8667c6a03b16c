"""How one logs in to the portal, which has had two ways.

| | V1 | V2 |
|---|---|---|
| login | `POST /api/api-token-auth/` | `POST /api/token/` |
| answer | `{"token": ...}` | `{"access": ..., "refresh": ...}` |
| header | `Authorization: Token ...` | `Authorization: Bearer ...` |
| life | until it is revoked | short; renewed with `refresh` |
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from ..errors import ApiError, AuthenticationError, BadRequest, ConfigurationError
from ..transport.auth import TokenAuth, refresh_request, token_request
from ..transport.effects import Flow
from ..transport.tokens import Token, TokenStore, fingerprint, secret_value, token_reader

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ..transport.auth import Caller

__all__ = ["AUTH_VERSIONS", "REFRESH_PATH", "AuthVersion", "PortalLogin"]

AuthVersion = Literal["auto", "v1", "v2"]
AUTH_VERSIONS: Final = ("auto", "v1", "v2")
REFRESH_PATH: Final = "/api/token/refresh/"
"""As the library behind V2 has it by default; where the portal has another, or none, it is logged in to again."""

SHORTEST_LIFE: Final = 30.0
"""Seconds; a token that says it lives shorter is used until it is refused, rather than renewed at each call."""


class PortalLogin(TokenAuth):
    """User name and password of the portal, for the way to log in that it serves.

    `auto` tries V2, then V1 where the service does not know or refuses V2, and stays with what worked. An outage is no
    refusal: it raises. Wrong credentials raise `AuthenticationError`.
    """

    def __init__(
        self,
        username: str,
        password: str | SecretStr,
        *,
        version: AuthVersion = "auto",
        refresh_path: str = REFRESH_PATH,
        store: TokenStore | None = None,
    ) -> None:
        if version not in AUTH_VERSIONS:
            raise ConfigurationError(f"auth_version must be one of {', '.join(AUTH_VERSIONS)}", option="auth_version")
        secret = secret_value(password, "password")
        who = {"username": secret_value(username, "username"), "password": secret}
        read_v2 = token_reader(_v2_token)
        ways = {
            "v2": token_request("cerema.login_v2", "/api/token/", read_v2, who),
            "v1": token_request("cerema.login_v1", "/api/api-token-auth/", token_reader(_v1_token), who),
        }
        self._ways = tuple(ways.values()) if version == "auto" else (ways[version],)
        super().__init__(
            fingerprint("cerema", version, username, secret),
            lambda: self._ways[0],
            refresh=refresh_request(refresh_path, read_v2),
            store=store,
        )

    def _log_in(self, call: Caller) -> Flow[Token]:
        refusals: list[ApiError] = []
        for way in self._ways:
            try:
                token: Token = yield from call(way)
            except ApiError as error:
                if error.retryable:
                    raise
                refusals.append(error)
            else:
                self._ways = (way, *(other for other in self._ways if other is not way))
                return token
        raise _most_telling(refusals)


def _most_telling(refusals: list[ApiError]) -> ApiError:
    """What says that the credentials are wrong, before what says that there is no such page."""
    for error in refusals:
        if isinstance(error, AuthenticationError):
            return error
    for error in refusals:
        if isinstance(error, BadRequest):  # Django says so of a password that does not fit
            return AuthenticationError(error.message, **vars(error))
    return refusals[-1]


def _v1_token(answer: Mapping[str, Any]) -> Token:
    return Token(access=answer["token"], scheme="Token")


def _v2_token(answer: Mapping[str, Any]) -> Token:
    access = answer["access"]
    life = _life_of(access)
    return Token(
        access=access,
        refresh=answer.get("refresh"),
        expires_at=None if life is None else time.time() + life,
    )


def _life_of(token: str) -> float | None:
    """Seconds that a JSON web token says it lives: by its own clock, since that of this machine may be wrong."""
    try:
        middle = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        life = float(claims["exp"]) - float(claims["iat"])
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        return None
    return life if life > SHORTEST_LIFE else None
