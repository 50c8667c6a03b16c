"""What the portal Données foncières answers, as typed values.

The portal has no public specification: fields are those that Zero Logement Vacant's code reads, others are kept
(`model_extra`). Names are the service's own; `id` is the same for all, whatever the service calls it. A date without
an offset is French time. Persons stand in users: printing one shows no address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, TypeAlias, cast
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BeforeValidator, Field, GetPydanticSchema
from pydantic_core import core_schema

from ..transport.records import Record

__all__ = ["Group", "LovacPermissions", "Perimeter", "Permissions", "Structure", "User"]


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str):
        if not value.strip():
            return None
        found = datetime.fromisoformat(value.strip())
    elif value is None:
        return None
    else:
        raise ValueError("a date in ISO 8601")
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo("Europe/Paris"))


def _reference(value: Any) -> Any:
    """The number of another record: 0 and an empty text stand for none, an object for the record itself."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        value = next((fields[name] for name in _IDS if fields.get(name) is not None), None)
        if value is None:
            raise ValueError("a record without its number")
    return None if value in (0, "", "0") else value


def _text(value: Any) -> Any:
    """An empty text stands for none."""
    return value.strip() or None if isinstance(value, str) else value


def _codes(value: Any) -> Any:
    """A list that is null is empty."""
    return () if value is None else value


def _flag(value: Any) -> Any:
    """Null is no yes."""
    return False if value is None else value


_IDS = ("id_structure", "id_groupe", "perimetre_id", "id_user", "id")
_Number: TypeAlias = Annotated[int, Field(ge=0, lt=2**63)]
# The usual form of each comes first, and is read without a line of Python: a page holds hundreds of them.
_Usual: TypeAlias = Annotated[
    datetime,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.chain_schema(
            [  # the pattern, since a text of digits alone would pass for seconds
                core_schema.str_schema(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-"),
                core_schema.datetime_schema(tz_constraint="aware"),
            ]
        )
    ),
]
_Moment: TypeAlias = (
    Annotated[
        _Usual | Annotated[datetime | None, BeforeValidator(_moment)],
        Field(union_mode="left_to_right"),
    ]
    | None
)
_Reference: TypeAlias = (
    Annotated[
        Annotated[int, Field(strict=True, gt=0)] | Annotated[int | None, BeforeValidator(_reference)],
        Field(union_mode="left_to_right"),
    ]
    | None
)
_Text: TypeAlias = Annotated[str | None, BeforeValidator(_text)] | None
_Codes: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_codes)]
_Flag: TypeAlias = Annotated[bool, BeforeValidator(_flag)]


class _OfPerson(Record):
    """A record that speaks of a person: fields that are not known here may name them."""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [pair for pair in super().__repr_args__() if pair[0] in type(self).model_fields]


class User(_OfPerson):
    """One e-mail address in one structure: somebody who belongs to three structures comes three times."""

    id_user: _Number = Field(validation_alias=AliasChoices("id_user", "id_utilisateur", "user_id", "id", "pk"))
    email: str = Field(repr=False)
    structure: _Reference = None
    """Number of the structure."""
    groupe: _Reference = None
    """Number of the group; `None` when the user is in none."""
    gestionnaire: bool | None = None
    exterieur: bool | None = None
    cgu_valide: _Moment = None
    """When the terms of use were accepted; `None`: they were not."""
    date_rattachement: _Moment = None
    date_expiration: _Moment = None
    """When the user's own access ends; `None`: never."""
    str_mandataire: _Text = None

    @property
    def id(self) -> int:
        """`id_user`."""
        return self.id_user


class Structure(Record):
    """An administration or a body that may use the data."""

    id_structure: _Number = Field(validation_alias=AliasChoices("id_structure", "structure_id", "id", "pk"))
    raison_sociale: _Text = None
    siret: _Text = None
    """14 digits as the service has them, unchecked; `None` for those without."""
    naf: _Text = None
    formjur: _Text = None
    """Legal form, by its INSEE number (7220: a département)."""
    mandataire: bool | None = None
    niveau_acces: _Text = None
    """`df_ano`, `df_non_ano`, `lovac`, ..."""
    acces_df_ano: _Moment = None
    """When this access ends; `None`: there is none."""
    acces_df_non_ano: _Moment = None
    """When this access ends; `None`: there is none."""
    acces_lovac: _Moment = None
    """When this access ends; `None`: there is none."""

    @property
    def id(self) -> int:
        """`id_structure`."""
        return self.id_structure

    @property
    def siren(self) -> str | None:
        """The first 9 digits of `siret`; `None` when there are not so many."""
        digits = "".join((self.siret or "").split())
        return digits[:9] if len(digits) in {9, 14} and digits.isascii() and digits.isdigit() else None


class Group(Record):
    """Users of a structure with the same rights."""

    id_groupe: _Number = Field(validation_alias=AliasChoices("id_groupe", "groupe_id", "id", "pk"))
    nom: _Text = None
    structure: _Reference = None
    """Number of the structure."""
    perimetre: _Reference = None
    """Number of the perimeter; `None`: none was set."""
    niveau_acces: _Text = None
    """`lovac`, `df`, `dvf`, ..."""
    df_ano: bool | None = None
    df_non_ano: bool | None = None
    lovac: bool | None = None

    @property
    def id(self) -> int:
        """`id_groupe`."""
        return self.id_groupe


class Perimeter(Record):
    """Where the data may be looked at: the whole country, or what the lists hold together."""

    perimetre_id: _Number = Field(validation_alias=AliasChoices("perimetre_id", "id_perimetre", "id", "pk"))
    origine: _Text = None
    fr_entiere: _Flag = False
    """The whole country; the lists then mean nothing."""
    reg: _Codes = ()
    """INSEE codes of regions."""
    dep: _Codes = ()
    """INSEE codes of départements, 2 or 3 characters."""
    epci: _Codes = ()
    """SIREN of intercommunalities."""
    comm: _Codes = ()
    """INSEE codes of communes."""

    @property
    def id(self) -> int:
        """`perimetre_id`."""
        return self.perimetre_id


class LovacPermissions(_OfPerson):
    """What LOVAC may be looked at."""

    fr_entiere: _Flag = False
    comm: _Codes = ()
    """INSEE codes of communes."""


class Permissions(_OfPerson):
    """What the portal's older `permissions` say of an e-mail address."""

    cgu_valide: _Moment = None
    """When the terms of use were accepted; `None`: they were not."""
    lovac: LovacPermissions | None = None
    """`None`: nothing."""
