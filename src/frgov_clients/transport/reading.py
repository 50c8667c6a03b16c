"""What a caller gives, read or refused: whole numbers, seconds, yes or no."""

from __future__ import annotations

from datetime import timedelta
from numbers import Integral

from ..errors import InvalidRequest

__all__ = ["read_flag", "read_seconds", "read_whole", "whole"]


def whole(value: object) -> int | None:
    """A whole number, of any type of such numbers (an array's too); `None` for anything else, `True` included."""
    return None if isinstance(value, bool) or not isinstance(value, Integral) else int(value)


def read_whole(field: str, value: object, most: int | None = None) -> int:
    """A whole number from 1 on. Raises `InvalidRequest`."""
    number = whole(value)
    if number is None or number < 1 or (most is not None and number > most):
        limit = "a whole number, 1 or more" if most is None else f"a whole number from 1 to {most}"
        raise InvalidRequest.of(field, limit)
    return number


def read_seconds(field: str, value: object, *, may_be_zero: bool = True, hint: str = "") -> float:
    """Seconds, as a number or a `timedelta`; 0 only when it may be. Raises `InvalidRequest`."""
    given = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(given, int | float) and not isinstance(given, bool) and (given > 0 or (may_be_zero and given == 0)):
        return float(given)
    limit = "0 or more seconds" if may_be_zero else "more than 0 seconds"
    raise InvalidRequest.of(field, f"{limit}, as a number or a timedelta", hint)


def read_flag(field: str, value: object) -> bool:
    """True or False, and nothing that looks like it. Raises `InvalidRequest`."""
    if not isinstance(value, bool):
        raise InvalidRequest.of(field, "True or False")
    return value
