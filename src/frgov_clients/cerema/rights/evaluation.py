"""Who may look at the LOVAC data of which establishment: one rule, a pure function of what the portal says.

A row of the user counts when its structure has the establishment's SIREN. It allows when the terms of use are accepted,
neither the user's nor the structure's access has ended, the group has access to LOVAC, and the perimeter covers one
commune of the establishment at least. The rows of a user add up: one that allows is enough, and who has none that
allows is denied only when none is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, cast

from ...errors import InvalidRequest
from ..emails import email_key
from .coverage import EVERYWHERE
from .establishment import Establishment, read_establishment
from .moments import instant, read_moment
from .outcome import Rights, RowRights
from .records import NOBODYS, NOT_SEEN, GroupSays, StructureSays, group_says, structure_says, user_says
from .vocabulary import AbsentType, Decision, Reason, in_order

if TYPE_CHECKING:
    from ..models import Group, Perimeter, Structure, User

__all__ = ["RightsEvaluator", "evaluate_rights"]


def evaluate_rights(
    user: User | Iterable[User],
    structures: Mapping[int, Structure | AbsentType | None],
    groups: Mapping[int, Group | AbsentType | None],
    perimeters: Mapping[int, Perimeter | AbsentType | None],
    establishment: Establishment,
    *,
    at: datetime,
    group_required: bool = False,
) -> Rights:
    """Whether somebody may look at the LOVAC data of an establishment at the moment `at`, and why.

    `user` is all rows of one e-mail address, one for each structure; none at all, when the portal said so, is a denial.
    The mappings hold records by their number. One that is missing, or `None`, was not seen: this never denies, and
    leads to `unknown` where it might change the answer. `ABSENT` is for what the service said does not exist: such a
    structure is nobody's, such a group or perimeter contradicts the record that names it and is unknown.

    Who is in no group is allowed, with a note, as in ZLV; `group_required` denies it (`groupe_manquant`).
    Raises `InvalidRequest` for rows of several addresses, a date without a time zone, or what is no such record.
    For many users, ask one `RightsEvaluator`.
    """
    evaluator = RightsEvaluator(structures, groups, perimeters, at=at, group_required=group_required)
    return evaluator.rights(user, establishment)


class RightsEvaluator:
    """`evaluate_rights` for many users at one moment: each structure, group and perimeter is looked at once.

    The mappings must not change meanwhile. It may be shared by threads.
    """

    def __init__(
        self,
        structures: Mapping[int, Structure | AbsentType | None],
        groups: Mapping[int, Group | AbsentType | None],
        perimeters: Mapping[int, Perimeter | AbsentType | None],
        *,
        at: datetime,
        group_required: bool = False,
    ) -> None:
        self.at = read_moment("at", at)
        _check_mappings(structures=structures, groups=groups, perimeters=perimeters)
        self.group_required = group_required
        self._structures = structures
        self._groups = groups
        self._perimeters = perimeters
        self._structure_says: dict[int, StructureSays] = {}
        self._group_says: dict[int, GroupSays] = {}
        self._reached: dict[tuple[int, Establishment], bool] = {}

    def rights(self, user: User | Iterable[User], establishment: Establishment) -> Rights:
        """See `evaluate_rights`."""
        read_establishment(establishment)
        users = _rows_of(user)
        rows: list[RowRights] = []
        notes: list[Reason] = []
        for one in users:
            says = self._says_of_structure(one)
            notes.extend(says.notes)
            if says.doubt is not None or says.siren == establishment.siren:
                rows.append(self._row(one, says, establishment))
        rows.sort(key=lambda row: row.user)
        decision, reasons = _decide(rows, known=bool(users))
        notes.extend(chain.from_iterable(row.notes for row in rows if row.matches))
        if decision is not Decision.UNKNOWN:
            notes.extend(chain.from_iterable(row.unknown for row in rows))
        elsewhere = len(users) - len(rows)
        noted = in_order(note for note in notes if note not in reasons)
        return Rights(decision, reasons, noted, establishment, self.at, tuple(rows), elsewhere)

    def says_of_structure(self, number: int) -> StructureSays:
        """What a structure says."""
        says = self._structure_says.get(number)
        if says is None:
            says = self._structure_says[number] = structure_says(self._structures.get(number), self.at)
        return says

    def _says_of_structure(self, user: User) -> StructureSays:
        if user.structure is not None:
            return self.says_of_structure(user.structure)
        return NOBODYS if "structure" in user.model_fields_set else NOT_SEEN

    def _says_of_group(self, user: User) -> GroupSays:
        if user.groupe is not None:
            found = self._group_says.get(user.groupe)
            if found is None:
                found = group_says(self._groups.get(user.groupe), self._perimeters)
                self._group_says[user.groupe] = found
            return found
        if "groupe" not in user.model_fields_set:
            return _NOT_TOLD
        return _GROUP_LACKS if self.group_required else _NO_GROUP

    def _row(self, user: User, structure: StructureSays, establishment: Establishment) -> RowRights:
        own = user_says(user, self.at)
        group = self._says_of_group(user)
        causes = [*own.causes, *group.causes]
        unknown = [*group.unknown]
        if own.incomplete:
            unknown.append(Reason.UTILISATEUR_INCOMPLET)
        if structure.doubt is not None:
            unknown.append(structure.doubt)
        if structure.has_lovac is None:
            unknown.append(Reason.STRUCTURE_INCONNUE)
        elif not structure.has_lovac:
            causes.append(Reason.STRUCTURE_EXPIREE)
        if not self._reaches(group, establishment):
            doubts = _doubts_of_cover(group, establishment)
            unknown += doubts
            if not doubts:
                causes.append(Reason.PERIMETRE_INVALIDE)
        ends = [end for end in (user.date_expiration, structure.ends) if end is not None]
        return RowRights(
            user=user.id_user,
            structure=user.structure,
            groupe=user.groupe,
            perimetre=group.perimetre,
            matches=structure.doubt is None,
            causes=in_order(causes),
            unknown=in_order(unknown),
            notes=tuple(note for note in group.notes if note not in unknown),
            structure_has_lovac=structure.has_lovac,
            group_has_lovac=group.has_lovac,
            ends=min(ends, key=instant, default=None),
            coverage=group.coverage,
        )

    def _reaches(self, group: GroupSays, establishment: Establishment) -> bool:
        """Whether the perimeter covers something of the establishment, as far as is known."""
        if group.coverage is None or group.perimetre is None:
            return True
        key = group.perimetre, establishment
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = group.coverage.reaches(establishment)
        return found


_NOT_TOLD = GroupSays()
"""The row came without its group: the row is incomplete, and says so."""
_NO_GROUP = GroupSays(notes=(Reason.GROUPE_MANQUANT,), coverage=EVERYWHERE)
_GROUP_LACKS = GroupSays(causes=(Reason.GROUPE_MANQUANT,))


def _doubts_of_cover(group: GroupSays, establishment: Establishment) -> list[Reason]:
    """Why a perimeter that reaches nothing of the establishment might do so all the same."""
    doubts: list[Reason] = []
    if Reason.PERIMETRE_ILLISIBLE in group.notes:
        doubts.append(Reason.PERIMETRE_ILLISIBLE)
    if not establishment.communes:
        doubts.append(Reason.COMMUNES_INCONNUES)
    return doubts


def _check_mappings(**given: object) -> None:
    for name, records in given.items():
        if not isinstance(records, Mapping):
            raise InvalidRequest.of(name, "a mapping of records by their number", "`{each.id: each for each in ...}`")


def _rows_of(user: object) -> tuple[User, ...]:
    from ..models import User

    # A model is iterable too: over its fields.
    given = [user] if isinstance(user, User) or not isinstance(user, Iterable) else cast("list[object]", [*user])
    users = tuple(one for one in given if isinstance(one, User))
    if len(users) != len(given):
        raise InvalidRequest.of("user", "a User, or all the rows of one e-mail address")
    if len({email_key(one.email) for one in users}) > 1:
        raise InvalidRequest.of("user", "rows of one e-mail address", "group them by address, and ask for each alone")
    return users


def _decide(rows: list[RowRights], *, known: bool) -> tuple[Decision, tuple[Reason, ...]]:
    """What the rows say together; `known` says whether the user has any row at all."""
    sure = [row for row in rows if row.matches]
    decisions = {row.decision for row in sure}
    if Decision.ALLOW in decisions:
        return Decision.ALLOW, ()
    # A row that may be another structure's can not allow when it has causes of its own; what it would deny is unsure.
    doubtful = [row for row in rows if not row.matches and (not row.causes or not sure)]
    if doubtful or Decision.UNKNOWN in decisions:
        doubtful += [row for row in sure if row.decision is Decision.UNKNOWN]
        return Decision.UNKNOWN, in_order(chain.from_iterable(row.unknown for row in doubtful))
    if sure:
        return Decision.DENY, in_order(chain.from_iterable(row.causes for row in sure))
    return Decision.DENY, (Reason.STRUCTURE_MANQUANTE if known else Reason.UTILISATEUR_MANQUANT,)
