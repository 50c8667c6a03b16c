"""From an answer to a typed error, and from bytes to a model. The only reader of error bodies."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import (
    ApiError,
    InvalidResponse,
    TooManyRequests,
    TruncatedResponse,
    UnexpectedContent,
    UnexpectedRedirect,
    error_for_status,
)
from .masking import impersonal, mask, masked
from .operation import Operation, Reply
from .retry import parse_retry_after
from .service import Service

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["as_it_is", "error_of", "json_model", "not_json", "request_id"]

M = TypeVar("M", bound="BaseModel")
LONGEST_MESSAGE = 500


def request_id(reply: Reply, operation: Operation[Any], service: Service, secrets: Iterable[str] = ()) -> str | None:
    """What to quote to the service's support; a server may put there what was asked."""
    for name in service.request_id_headers:
        found = reply.headers.get(name)
        if found:
            return mask(found[:200], operation, secrets)
    return None


def error_of(reply: Reply, operation: Operation[Any], service: Service, secrets: Iterable[str] = ()) -> ApiError:
    """The typed error of an answer with an error status; `secrets` are masked in what the service says."""
    content = masked(reply, operation, secrets)
    if operation.spec.personal:
        content = impersonal(content)
    said = service.read_error(reply.status, reply.headers, content)
    cls = said.kind or error_for_status(reply.status)
    identity = request_id(reply, operation, service, secrets)
    error = cls(
        _text(cls, reply, said.message, said.details, identity),
        status=reply.status,
        code=said.code,
        service_message=said.message,
        details=said.details,
        body=said.body,
        request_id=identity,
    )
    if error.retryable or isinstance(error, TooManyRequests):
        error.retry_after = parse_retry_after(reply.headers, time.time)
        if error.retry_after is None and isinstance(error, TooManyRequests):
            error.retry_after = service.reset_after(reply) or service.pause_on_429 or None
    if isinstance(error, UnexpectedRedirect):
        target = reply.headers.get("location", "").partition("?")[0].partition("#")[0]
        error.location = mask(target, operation, secrets)[:300] or None
    return error


_ADVICE = {
    401: "check the credentials",
    403: "these credentials are not allowed to do this",
    404: "no such thing, or `base_url` points elsewhere",
    413: "send less at once",
    429: "the service's quota is used up: wait for `retry_after` seconds",
    503: "the service is down or in maintenance: try again later",
}


def _text(
    cls: type[ApiError], reply: Reply, message: str | None, details: tuple[str, ...], identity: str | None
) -> str:
    said = "; ".join(part for part in (message, *details) if part)[:LONGEST_MESSAGE]
    text = f"HTTP {reply.status}" + (f": {said}" if said else "")
    if issubclass(cls, UnexpectedRedirect):
        text += ". Redirects are not followed, so that nothing leaks to another host: set `base_url` to the new address"
    elif reply.status in _ADVICE:
        text += f" ({_ADVICE[reply.status]})"
    return text + (f" [request {identity}]" if identity else "")


# ---- reading a success -------------------------------------------------------------------------------------


def as_it_is(reply: Reply, operation: Operation[Any]) -> Reply:  # noqa: ARG001 - the shape of a decoder
    """The decoder that reads nothing."""
    return reply


def json_model(load: Callable[[], type[M]]) -> Callable[[Reply, Operation[M]], M]:
    """A decoder that reads a JSON body into a pydantic model. `load` imports the model when it is first needed."""
    validate: Callable[[bytes], Any] | None = None

    def decode(reply: Reply, operation: Operation[M]) -> M:  # noqa: ARG001 - the shape of a decoder
        nonlocal validate
        if validate is None:
            model = load()
            model.model_rebuild()  # models are built when they are first needed
            validate = model.__pydantic_validator__.validate_json  # without the wrapper of `model_validate_json`
        try:
            return validate(reply.content)  # type: ignore[no-any-return]
        except ValueError as error:
            raise not_json(reply, error) from None

    return decode


_MEDIA_TYPE = re.compile(r"[\w.+-]{1,50}/[\w.+-]{1,50}", re.ASCII)


def not_json(reply: Reply, error: ValueError) -> InvalidResponse:
    """Why a body could not be read, told without its content."""
    kind = reply.headers.get("content-type", "").partition(";")[0].strip()
    if not _MEDIA_TYPE.fullmatch(kind):
        kind = "something else"
    content = reply.content.lstrip()[:1]
    if not content:
        return UnexpectedContent(f"HTTP {reply.status} with an empty body instead of JSON", status=reply.status)
    if content not in b'{["0123456789-tfn':
        what = "HTML" if content == b"<" else kind
        text = f"HTTP {reply.status} with {what} instead of JSON: a proxy, a maintenance page or a wrong `base_url`"
        return UnexpectedContent(text, status=reply.status)
    if "EOF while parsing" in str(error):
        return TruncatedResponse(f"HTTP {reply.status}: the JSON ends before its end", status=reply.status)
    return InvalidResponse(f"HTTP {reply.status}: {_where(error)}", status=reply.status)


def _where(error: ValueError) -> str:
    """The places in the answer that are not as promised; never their values."""
    problems: list[dict[str, Any]] = getattr(error, "errors", list)() if hasattr(error, "errors") else []
    if not problems:
        return "the body is not the promised JSON"
    places = ", ".join(".".join(map(str, problem["loc"])) + " " + str(problem["type"]) for problem in problems[:3])
    return f"the JSON is not of the promised shape ({places})"
