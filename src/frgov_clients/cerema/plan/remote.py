"""What the portal knows, as a plan needs it: a snapshot, or anything like one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from ...errors import InvalidRequest
from ..emails import email_key
from ..rights.evaluation import RightsEvaluator

if TYPE_CHECKING:
    from ..models import Group, Perimeter, Structure, User

__all__ = ["RemoteIndex", "RemoteRights", "index"]


class RemoteRights(Protocol):
    """All records of the portal."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing. Only then does an absence say something."""
        ...

    @property
    def taken_at(self) -> datetime:
        """As of when it can be relied on."""
        ...

    def users(self) -> Iterable[User]:
        """Each row of each user."""
        ...

    def structures(self) -> Iterable[Structure]:
        """Each structure."""
        ...

    def groups(self) -> Iterable[Group]:
        """Each group."""
        ...

    def perimeters(self) -> Iterable[Perimeter]:
        """Each perimeter."""
        ...


class RemoteIndex(NamedTuple):
    """The records, made ready to be asked."""

    rows: dict[str, list[User]]
    """By e-mail address: one for each structure of the user."""
    structures: dict[int, Structure]
    numbers: dict[str, list[int]]
    """Of the structures of a SIREN, of which a company may have several."""
    evaluator: RightsEvaluator


def index(remote: RemoteRights, *, at: datetime, group_required: bool) -> RemoteIndex:
    """Read all records once. Raises `InvalidRequest` for one that is of another kind."""
    from ..models import Group, Perimeter, Structure, User

    rows: defaultdict[str, list[User]] = defaultdict(list)
    for user in _each(remote.users(), User):
        rows[email_key(user.email)].append(user)
    structures = {each.id: each for each in _each(remote.structures(), Structure)}
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, each in structures.items():
        if each.siren is not None:
            numbers[each.siren].append(number)
    groups = {each.id: each for each in _each(remote.groups(), Group)}
    perimeters = {each.id: each for each in _each(remote.perimeters(), Perimeter)}
    evaluator = RightsEvaluator(structures, groups, perimeters, at=at, group_required=group_required)
    return RemoteIndex(dict(rows), structures, dict(numbers), evaluator)


R = TypeVar("R")


def _each(records: Iterable[R], model: type[R]) -> Iterator[R]:
    for record in records:
        if not isinstance(record, model):
            raise InvalidRequest.of("remote", f"records of the portal: one is no {model.__name__}")
        yield record
