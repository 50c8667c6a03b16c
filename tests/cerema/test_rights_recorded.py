"""The recorded payloads, read by the models and decided as they came."""

from __future__ import annotations

from cerema_parts import payload
from rights_parts import AT, STRASBOURG

from frgov_clients.cerema.models import Group, Perimeter, Structure, User
from frgov_clients.cerema.rights import Decision, Establishment, evaluate_rights

PAGES = ("utilisateurs_page1", "utilisateurs_page2")
USERS = [User.model_validate(record) for page in PAGES for record in payload(page)["results"]]
KNOWN = {
    "structures": {one.id: one for one in map(Structure.model_validate, payload("structures_page1")["results"])},
    "groups": {173: Group.model_validate(payload("groupe_173"))},
    "perimeters": {20: Perimeter.model_validate(payload("perimetre_20"))},
    "at": AT,
}


def of(email: str) -> list[User]:
    return [user for user in USERS if user.email == email]


def test_the_second_row_of_a_user_is_in_a_structure_that_was_not_fetched() -> None:
    found = evaluate_rights(of("user@example.fr"), establishment=STRASBOURG, **KNOWN)
    assert found.allowed and found.visible_communes == STRASBOURG.communes and found.notes == ("structure_inconnue",)
    elsewhere = evaluate_rights(of("user@example.fr"), establishment=Establishment("223300013", ["33063"]), **KNOWN)
    assert elsewhere.decision is Decision.UNKNOWN
    assert evaluate_rights(of("autre@example.fr"), establishment=STRASBOURG, **KNOWN).allowed


def test_a_structure_without_lovac_denies() -> None:
    row = of("autre@example.fr")[0].model_copy(update={"structure": 1})
    gironde = Establishment("223300013", ["33063", "67482"])
    assert evaluate_rights(row, establishment=gironde, **KNOWN).reasons == ("droits structure expires",)
