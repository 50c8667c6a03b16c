"""What an application knows, as far as rights change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from ...errors import InvalidRequest
from ..rights.establishment import Establishment

__all__ = ["LocalEstablishment", "LocalState", "LocalUser"]


@dataclass(frozen=True, slots=True)
class LocalEstablishment:
    """An establishment of the application, and whether it is suspended."""

    id: str
    establishment: Establishment
    """Without communes, whoever has a perimeter that restricts is `undecided` here: nobody loses or gains it."""
    suspended_at: datetime | None = None
    """`None`: it is not."""
    suspended_cause: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LocalUser:
    """A user of the application who is not deleted."""

    id: str
    email: str = field(repr=False)
    establishments: Collection[str] = ()
    """The establishments whose member the user is, by id."""
    current: str | None = None
    """The establishment that suspension is judged by, by id.

    `None`: the only one. Of several, none is then judged: who is denied in one leaves it, and nobody is suspended.
    """
    suspended_at: datetime | None = None
    """`None`: the user is not suspended."""
    suspended_cause: str | None = field(default=None, repr=False)
    """Causes, separated by commas. Those that the portal is no source of were written by a person."""
    exempt: bool = False
    """Not looked at, such as administrators."""

    def __post_init__(self) -> None:
        if not _is_filled(self.email):
            raise InvalidRequest.of("email", "an address", "leave out users who have none")
        if isinstance(self.establishments, str):
            raise InvalidRequest.of("establishments", "several ids", "put a single one into a list")
        object.__setattr__(self, "establishments", tuple(dict.fromkeys(self.establishments)))

    @property
    def judged_by(self) -> str | None:
        """The establishment that suspension is judged by."""
        if self.current is None and len(self.establishments) == 1:
            return next(iter(self.establishments))
        return self.current


@dataclass(frozen=True, slots=True, init=False)
class LocalState:
    """All users that rights are kept for, and all establishments that they may be members of.

    An establishment that is not among these is granted to nobody. Raises `InvalidRequest` for an id that is no text,
    that comes twice, or that leads nowhere.
    """

    users: tuple[LocalUser, ...]
    establishments: tuple[LocalEstablishment, ...]

    def __init__(self, users: Iterable[LocalUser], establishments: Iterable[LocalEstablishment]) -> None:
        found_users, found = _each_once("users", users), _each_once("establishments", establishments)
        known = {each.id for each in found}
        for user in found_users:
            if not known.issuperset(user.establishments) or (user.current is not None and user.current not in known):
                raise InvalidRequest.of("users", "memberships of `establishments`", "one names another establishment")
        object.__setattr__(self, "users", found_users)
        object.__setattr__(self, "establishments", found)


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _each_once(name: str, items: Iterable[N]) -> tuple[N, ...]:
    found = tuple(items)
    ids: list[object] = [item.id for item in found]
    if not all(map(_is_filled, ids)):
        raise InvalidRequest.of(name, "ids that are text", "write `str(id)`")
    if len(set(ids)) != len(ids):
        raise InvalidRequest.of(name, "each id once")
    return found
