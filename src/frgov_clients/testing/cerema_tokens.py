"""How the fake portal lets somebody in: both generations of tokens, and what it says to those without one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import parse_qsl

from .cerema_pages import Refusal, detail, drf
from .cerema_records import written
from .faults import Received
from .http_server import Answer, read_form

__all__ = ["Generation", "LoginRefusal", "Tokens"]

Generation: TypeAlias = Literal["v1", "v2"]
LoginRefusal: TypeAlias = Literal["text", "drf"]

_POST_ONLY: Final = (("allow", "POST, OPTIONS"), ("vary", "Accept"))
_REFRESH_SECONDS: Final = 86_400
_REQUIRED: Final = "This field is required."


class Tokens:
    """The tokens that were given, and who may have one. Thread-safe.

    Those of V1 never end by themselves, and an account keeps its own. Those of V2 are JWT (HS256), which end.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        generations: Collection[Generation],
        *,
        seconds: float,
        login_refusal: LoginRefusal,
        any_keyword: bool,
    ) -> None:
        self.accounts = dict(accounts)
        self.generations = frozenset(generations)
        self.seconds = seconds
        self.given = 0
        """Logins and renewals that succeeded."""
        self._login_refusal = login_refusal
        self._any_keyword = any_keyword
        self._lock = threading.Lock()
        self._static: dict[str, str] = {}
        self._key = secrets.token_bytes(32)

    def revoke(self) -> None:
        """No token that was given so far is good any more."""
        with self._lock:
            self._static.clear()
            self._key = secrets.token_bytes(32)

    # ---- giving -----------------------------------------------------------------------------------------------

    def log_in(self, generation: Generation, request: Received, body: bytes) -> Answer:
        """The answer to a name and a password. Raises `Refusal`."""
        name = self._account(generation, _fields(request, body))
        if generation == "v1":
            with self._lock:
                token = self._static.setdefault(name, secrets.token_hex(20))
            return self._give({"token": token})
        return self._give({"access": self._signed("access", name), "refresh": self._signed("refresh", name)})

    def renew(self, request: Received, body: bytes) -> Answer:
        """The answer to a refresh token. Raises `Refusal`."""
        token = _fields(request, body).get("refresh")
        if not token:
            raise Refusal(drf(400, written({"refresh": [_REQUIRED]})))
        claims = self._claims(str(token), "refresh")
        if claims is None:
            raise _unauthorized({"detail": "Token is invalid or expired", "code": "token_not_valid"}, "Bearer")
        return self._give({"access": self._signed("access", claims["user_id"])})

    def _account(self, generation: Generation, fields: Mapping[str, Any]) -> str:
        missing = [name for name in ("username", "password") if not fields.get(name)]
        if missing:
            raise Refusal(drf(400, written({name: [_REQUIRED] for name in missing})))
        name, password = str(fields["username"]), str(fields["password"])
        if self.accounts.get(name) == password:
            return name
        if self._login_refusal == "text":
            raise Refusal(Answer(401, (("content-type", "text/plain; charset=utf-8"),), b"Unauthorized"))
        if generation == "v1":
            words = "Unable to log in with provided credentials."
            raise Refusal(drf(400, written({"non_field_errors": [words]})))
        raise _unauthorized({"detail": "No active account found with the given credentials"}, "Bearer")

    def _give(self, body: Mapping[str, str]) -> Answer:
        with self._lock:
            self.given += 1
        return Answer(200, (("content-type", "application/json"), *_POST_ONLY), written(body))

    # ---- taking -----------------------------------------------------------------------------------------------

    def check(self, request: Received) -> None:
        """Let a request pass that has a good token. Raises `Refusal`."""
        keyword, _, token = request.headers.get("authorization", "").partition(" ")
        kinds = {"Token": "v1", "Bearer": "v2"}
        asked = kinds.get(keyword)
        if asked is None or not token or asked not in self.generations:
            first = "Token" if "v1" in self.generations else "Bearer"
            raise _unauthorized({"detail": "Authentication credentials were not provided."}, first)
        tried = ("v1", "v2") if self._any_keyword else (asked,)
        if ("v1" in tried and self.has(token)) or ("v2" in tried and self._claims(token, "access") is not None):
            return
        if keyword == "Token":
            raise _unauthorized({"detail": "Invalid token."}, keyword)
        told = {"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}
        words = "Given token not valid for any token type"
        raise _unauthorized({"detail": words, "code": "token_not_valid", "messages": [told]}, keyword)

    def has(self, token: str) -> bool:
        """Whether it is a token of V1 that is good."""
        with self._lock:
            return token in self._static.values()

    # ---- JWT --------------------------------------------------------------------------------------------------

    def _signed(self, kind: str, name: str) -> str:
        now = time.time()
        end = now + (self.seconds if kind == "access" else _REFRESH_SECONDS)
        claims = {"token_type": kind, "exp": int(end), "iat": int(now), "jti": secrets.token_hex(16), "user_id": name}
        text = f"{_base64(written({'alg': 'HS256', 'typ': 'JWT'}))}.{_base64(written(claims))}"
        return f"{text}.{self._signature(text)}"

    def _signature(self, text: str) -> str:
        return _base64(hmac.digest(self._key, text.encode(), hashlib.sha256))

    def _claims(self, token: str, kind: str) -> dict[str, Any] | None:
        """What a good token says."""
        text, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            return None
        middle = text.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        good = claims["token_type"] == kind and claims["exp"] > time.time() and claims["user_id"] in self.accounts
        return claims if good else None


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _unauthorized(body: Mapping[str, Any], keyword: str) -> Refusal:
    realm = ' realm="api"' if keyword == "Bearer" else ""
    return Refusal(drf(401, written(body), ("www-authenticate", keyword + realm)))


def _fields(request: Received, body: bytes) -> dict[str, Any]:
    """The fields of a body in JSON or of a form of either kind."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if kind == "multipart/form-data":
        return read_form(request.headers["content-type"], body).fields
    if kind != "application/json":
        raise Refusal(detail(415, f'Unsupported media type "{kind}" in request.'))
    try:
        found = json.loads(body)
    except ValueError:
        raise Refusal(detail(400, "JSON parse error - Expecting value: line 1 column 1 (char 0)")) from None
    if not isinstance(found, dict):
        raise Refusal(drf(400, written({"non_field_errors": ["Invalid data. Expected a dictionary."]})))
    return cast("dict[str, Any]", found)
