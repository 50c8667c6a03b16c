"""What an application knows, as far as rights change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar, cast

from ...errors import InvalidRequest
from ..rights.establishment import Establishment, read_establishment
from ..rights.moments import read_moment

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

    def __post_init__(self) -> None:
        read_establishment(self.establishment)
        _check_suspension(self.suspended_at, self.suspended_cause)


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
        object.__setattr__(self, "establishments", _ids("establishments", self.establishments))
        if self.current is not None and not _is_filled(self.current):
            raise InvalidRequest.of("current", "the id of an establishment, as text, or None")
        _check_suspension(self.suspended_at, self.suspended_cause)

    @property
    def judged_by(self) -> str | None:
        """The establishment that suspension is judged by."""
        if self.current is None and len(self.establishments) == 1:
            return next(iter(self.establishments))
        return self.current


@dataclass(frozen=True, slots=True, init=False)
class LocalState:
    """All users that rights are kept for, and all establishments that they may be members of.

    An establishment that is not among these is granted to nobody. Raises `InvalidRequest` for an item of another type,
    and for an id that is no text, that comes twice, or that leads nowhere.
    """

    users: tuple[LocalUser, ...]
    establishments: tuple[LocalEstablishment, ...]

    def __init__(self, users: Iterable[LocalUser], establishments: Iterable[LocalEstablishment]) -> None:
        found_users = _each_once("users", users, LocalUser)
        found = _each_once("establishments", establishments, LocalEstablishment)
        known = {each.id for each in found}
        for user in found_users:
            if not known.issuperset(user.establishments) or (user.current is not None and user.current not in known):
                raise InvalidRequest.of("users", "memberships of `establishments`", "one names another establishment")
        object.__setattr__(self, "users", found_users)
        object.__setattr__(self, "establishments", found)


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_suspension(at: object, cause: object) -> None:
    if at is not None:
        read_moment("suspended_at", at)
    if not isinstance(cause, str | None):
        raise InvalidRequest.of("suspended_cause", "text, with commas between the causes, or None")


def _ids(name: str, given: object) -> tuple[str, ...]:
    """Ids of establishments, each once."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidRequest.of(name, "several ids", "put a single one into a list")
    ids = tuple(cast("Iterable[object]", given))
    if not all(map(_is_filled, ids)):
        raise InvalidRequest.of(name, "ids that are text", "write `str(id)`")
    return tuple(dict.fromkeys(cast("tuple[str, ...]", ids)))


L = TypeVar("L", LocalUser, LocalEstablishment)


def _each_once(name: str, items: object, kind: type[L]) -> tuple[L, ...]:
    given = tuple(cast("Iterable[object]", items)) if isinstance(items, Iterable) else (None,)
    found = tuple(item for item in given if isinstance(item, kind))
    if len(found) != len(given):
        raise InvalidRequest.of(name, f"a list of {kind.__name__}")
    ids: list[object] = [item.id for item in found]
    if not all(map(_is_filled, ids)):
        raise InvalidRequest.of(name, "ids that are text", "write `str(id)`")
    if len(set(ids)) != len(ids):
        raise InvalidRequest.of(name, "each id once")
    return found
