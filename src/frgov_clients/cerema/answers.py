"""How both services of the Cerema say no: the error bodies of Django REST framework."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, cast

from ..errors import ApiError, AuthenticationError
from ..transport.error_bodies import MOST_DETAILS, read_body, words
from ..transport.service import ServiceError

__all__ = ["read_error"]

_GENERAL: Final = ("detail", "non_field_errors")
"""Where it says what is wrong with the request as a whole; every other name is that of a parameter."""
_DEEPEST: Final = 5
_WHO_ARE_YOU: Final = re.compile(
    r"(?i)credentials were not provided|unable to log in|invalid token|token not valid"
    r"|authentification non fournies|impossible de se connecter|jeton (\w+ )*(non |in)valide"
)
"""A missing or wrong credential, which the framework also tells with 400 (login) and 403, in either language."""


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> ServiceError:
    """What an error body says; never raises.

    Understands `{"detail": ...}`, `{"non_field_errors": [...]}`, the errors of each parameter (`{"page": ["..."]}`),
    lists of them, what tells of a dead token (`code`, `messages`), HTML pages, and plain text. The first thing said
    is the message, the others are the details.
    """
    said = read_body(headers, body, _from_json)
    return ServiceError(said.message, said.code, said.details, said.body, _kind(status, said.message))


def _kind(status: int, message: str | None) -> type[ApiError] | None:
    misleads = status in {400, 403} and message is not None and _WHO_ARE_YOU.search(message) is not None
    return AuthenticationError if misleads else None


def _from_json(found: Any) -> ServiceError:
    told = list(dict.fromkeys(islice(_told(found), MOST_DETAILS)))
    code = words(found["code"]) if _has_code(found) else None
    return ServiceError(message=told[0] if told else None, code=code, details=tuple(told[1:]), body=found)


def _has_code(found: Any) -> bool:
    """Whether it tells of a dead token, rather than of a parameter that is named `code`."""
    return isinstance(found, dict) and "detail" in found and isinstance(cast("dict[str, Any]", found).get("code"), str)


def _told(found: Any, name: str = "", depth: int = 0) -> Iterator[str]:
    """Every text in it, that of the whole request first; those of a parameter begin with its name."""
    if isinstance(found, dict) and depth < _DEEPEST:
        fields = cast("dict[str, Any]", found)
        left_out = {"code", "messages"} if _has_code(found) else set[str]()  # they repeat `detail`
        for key in (*_GENERAL, *(key for key in fields if key not in _GENERAL and key not in left_out)):
            yield from _told(fields.get(key), name if key in _GENERAL else f"{name}.{key}".lstrip("."), depth + 1)
    elif isinstance(found, list) and depth < _DEEPEST:
        parts: list[Any] = [*found]
        for part in parts:
            yield from _told(part, name, depth + 1)
    else:
        text = words(found)
        if text is not None:
            yield words(f"{name}: {text}" if name else text) or text
