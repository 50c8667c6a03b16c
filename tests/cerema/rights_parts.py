"""Records of the portal, whole as it sends them, for the tests of rights."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from frgov_clients.cerema.models import Group, Perimeter, Structure, User
from frgov_clients.cerema.rights import Establishment, Rights, evaluate_rights

AT = datetime(2026, 8, 7, 10, tzinfo=UTC)
SIREN = "246700488"
OTHER = "217500016"
STRASBOURG = Establishment(SIREN, ["67482", "67043", "67218"], name="Eurométropole de Strasbourg")


def user(number: int = 1, **fields: Any) -> User:
    whole = {
        "id_user": number,
        "email": "user@example.fr",
        "structure": 456,
        "gestionnaire": False,
        "exterieur": False,
        "cgu_valide": "2024-10-02T16:21:33.571000+02:00",
        "date_rattachement": "2024-07-01T00:00:00+02:00",
        "date_expiration": None,
        "groupe": 173,
        "str_mandataire": None,
    }
    return User.model_validate(whole | fields)


def structure(number: int = 456, siren: str = SIREN, **fields: Any) -> Structure:
    whole = {"id_structure": number, "siret": f"{siren}00017", "acces_lovac": "2027-12-31T00:00:00+01:00"}
    return Structure.model_validate(whole | fields)


def group(number: int = 173, **fields: Any) -> Group:
    whole = {"id_groupe": number, "structure": 456, "perimetre": 20, "niveau_acces": "lovac", "lovac": True}
    return Group.model_validate(whole | fields)


def perimeter(number: int = 20, **fields: Any) -> Perimeter:
    whole = {"perimetre_id": number, "fr_entiere": False, "reg": [], "dep": [], "epci": [], "comm": []}
    return Perimeter.model_validate(whole | fields)


def without(record: Any, *names: str) -> Any:
    """The record as if the service had not sent these fields."""
    return type(record).model_validate({key: value for key, value in record if key not in names})


def by_id(*records: Any) -> dict[int, Any]:
    return {record.id: record for record in records}


def rights(rows: Any = None, **given: Any) -> Rights:
    """The rights of a user of Strasbourg who has all that is needed, but for what is given."""
    known: dict[str, Any] = {
        "structures": by_id(structure(), structure(457, OTHER)),
        "groups": by_id(group()),
        "perimeters": by_id(perimeter(dep=["67"])),
        "establishment": STRASBOURG,
        "at": AT,
    }
    return evaluate_rights(user() if rows is None else rows, **(known | given))
