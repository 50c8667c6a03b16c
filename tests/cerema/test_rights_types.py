"""What is of another type is refused by the name of its parameter, wherever it is given."""

from __future__ import annotations

from typing import Any

import pytest
from rights_parts import AT, SIREN, STRASBOURG, by_id, group, perimeter, rights, structure, user

from frgov_clients import InvalidRequest
from frgov_clients.cerema.plan import LocalEstablishment
from frgov_clients.cerema.rights import RightsEvaluator, visible_communes

NO_ESTABLISHMENTS: list[Any] = [SIREN, [SIREN, ["67482"]], None, LocalEstablishment("e", STRASBOURG), structure()]


@pytest.mark.parametrize("wrong", NO_ESTABLISHMENTS)
@pytest.mark.parametrize("rows", [[], user()])
def test_what_is_no_establishment_is_refused(wrong, rows) -> None:
    evaluator = RightsEvaluator({}, {}, {}, at=AT)
    for ask in (
        lambda: rights(rows, establishment=wrong),
        lambda: evaluator.rights(rows, wrong),
        lambda: visible_communes(perimeter(dep=["67"]), wrong),
    ):
        with pytest.raises(InvalidRequest, match="Establishment") as caught:
            ask()
        assert caught.value.field == "establishment" and SIREN not in str(caught.value)


@pytest.mark.parametrize("name", ["structures", "groups", "perimeters"])
@pytest.mark.parametrize("wrong", [None, [structure()], 456])
def test_records_without_their_numbers_are_refused(name, wrong) -> None:
    with pytest.raises(InvalidRequest, match="mapping") as caught:
        rights(**{name: wrong})
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"structures": {456: {"id_structure": 456}}}, "structures"),
        ({"structures": by_id(structure()) | {456: group()}}, "structures"),
        ({"groups": {173: "lovac"}}, "groups"),
        ({"perimeters": {20: {"fr_entiere": True}}}, "perimeters"),
        ({"perimeters": {20: False}}, "perimeters"),
    ],
)
def test_records_of_another_kind_are_refused(given, name) -> None:
    with pytest.raises(InvalidRequest) as caught:
        rights(**given)
    assert caught.value.field == name
