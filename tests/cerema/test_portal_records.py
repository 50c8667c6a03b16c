"""Records of the portal: dates, numbers of other records, and the forms of nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cerema_parts import user
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from frgov_clients.cerema.models import Group, Perimeter, Structure, User


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-10-02T16:21:33.571000+02:00", "2024-10-02T14:21:33.571000+00:00"),
        ("2024-10-02T16:21:33Z", "2024-10-02T16:21:33+00:00"),
        ("2024-10-02T16:21:33", "2024-10-02T14:21:33+00:00"),
        ("2025-12-31T00:00:00", "2025-12-30T23:00:00+00:00"),
        ("2025-07-01", "2025-06-30T22:00:00+00:00"),
        ("20250701", "2025-06-30T22:00:00+00:00"),
        (" 2025-07-01T00:00:00+02:00 ", "2025-06-30T22:00:00+00:00"),
    ],
)
def test_a_date_is_aware_and_french_where_it_does_not_say(text: str, utc: str) -> None:
    record = {"id_structure": 1, "acces_lovac": text}
    for found in (Structure.model_validate(record), Structure.model_validate_json(json.dumps(record))):
        assert found.acces_lovac is not None
        assert found.acces_lovac.utcoffset() is not None
        assert found.acces_lovac.astimezone(UTC).isoformat() == utc


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_no_date_is_none(nothing: Any) -> None:
    assert User.model_validate(user(1, date_expiration=nothing)).date_expiration is None


@pytest.mark.parametrize(
    "wrong", ["soon", "31/12/2025", 1735603200, "1735603200", "2030", "-1", True, [], "2025-13-01"]
)
def test_what_is_no_date_is_refused_rather_than_taken_for_none(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        User.model_validate_json(json.dumps(user(1, date_expiration=wrong)))


@pytest.mark.parametrize(
    ("said", "meant"),
    [(456, 456), ("456", 456), (None, None), (0, None), ("", None), ({"id_structure": 456}, 456), ({"id": 456}, 456)],
)
def test_the_number_of_a_structure_in_all_its_forms(said: Any, meant: int | None) -> None:
    assert User.model_validate_json(json.dumps(user(1, structure=said))).structure == meant
    assert User.model_validate_json(json.dumps(user(1, groupe=said))).groupe == meant


@pytest.mark.parametrize("wrong", [{}, {"nom": "x"}, "abc", [456], 1.5])
def test_a_structure_without_a_number_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        User.model_validate_json(json.dumps(user(1, structure=wrong)))


@pytest.mark.parametrize("name", ["id_user", "id", "user_id", "pk", "id_utilisateur"])
def test_a_number_under_any_of_its_names(name: str) -> None:
    record = user(7)
    record[name] = record.pop("id_user")
    found = User.model_validate(record)
    assert (found.id, found.id_user) == (7, 7)
    assert Perimeter.model_validate({"id_perimetre": 3}).id == 3
    assert Group.model_validate({"id_groupe": 4}).id == 4


def test_a_record_without_its_number_is_refused() -> None:
    record = user(7)
    del record["id_user"]
    with pytest.raises(ValidationError):
        User.model_validate(record)


@pytest.mark.parametrize(
    ("siret", "siren"),
    [
        ("22330001300016", "223300013"),
        ("01234567800016", "012345678"),
        ("223 300 013 00016", "223300013"),
        ("223300013", "223300013"),
        (None, None),
        ("", None),
        ("  ", None),
        ("2233000130001", None),
        ("EN COURS", None),
        ("٢٢٣٣٠٠٠١٣٠٠٠١٦", None),
    ],
)
def test_the_siren_of_a_structure(siret: str | None, siren: str | None) -> None:
    found = Structure.model_validate({"id_structure": 1, "siret": siret})
    assert found.siren == siren
    assert found.siret == ((siret or "").strip() or None)


def test_lists_that_are_null_are_empty() -> None:
    found = Perimeter.model_validate({"perimetre_id": 1, "fr_entiere": None, "comm": None, "dep": ["2A", "971"]})
    assert (found.fr_entiere, found.comm, found.dep) == (False, (), ("2A", "971"))
    with pytest.raises(ValidationError):
        Perimeter.model_validate({"perimetre_id": 1, "dep": [1]})  # a code that has become a number lost its zero


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)), st.timedeltas())  # noqa: DTZ001
def test_a_moment_with_an_offset_is_kept_exactly(moment: datetime, offset: timedelta) -> None:
    minutes = (offset.total_seconds() // 60) % (24 * 60) - 12 * 60
    text = moment.isoformat() + f"{'-' if minutes < 0 else '+'}{int(abs(minutes)) // 60:02}:{int(abs(minutes)) % 60:02}"
    found = Structure.model_validate({"id_structure": 1, "acces_lovac": text}).acces_lovac
    assert found == datetime.fromisoformat(text)
