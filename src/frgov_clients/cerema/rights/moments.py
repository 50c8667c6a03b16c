"""Dates that are compared as instants.

Python compares two dates of the same time zone by the clock on the wall, which is wrong in the hour that the end of
summer time repeats. Dates of the service keep their zone; what they are compared with is in UTC: instants count.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from ...errors import InvalidRequest

__all__ = ["instant", "read_moment"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_moment(name: str, value: object) -> datetime:
    """A date in UTC, for the parameter `name`. Raises `InvalidRequest` when it has no time zone, or no place in UTC."""
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise InvalidRequest.of(name, "a datetime with a time zone", "for example `datetime.now(UTC)`")
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first day of the year 1 east of Greenwich, the last one of 9999 west of it
        raise InvalidRequest.of(name, "in the years 1 to 9999 of UTC") from None


def instant(moment: datetime) -> timedelta:
    """Where a date stands in time, to sort dates of several zones by."""
    return moment - _EPOCH
