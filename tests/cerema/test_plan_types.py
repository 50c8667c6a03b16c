"""What is of another type is refused by the name of its parameter, before anything is planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from plan_parts import HOME, MEMBER, ROW, SUSPENDED, Remote
from rights_parts import AT, SIREN, STRASBOURG, structure

from frgov_clients import InvalidRequest
from frgov_clients.cerema.plan import LocalEstablishment, LocalState, LocalUser, plan_sync

LOCAL = LocalState([MEMBER], [HOME])
REMOTE = Remote((ROW,))
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001
NO_MOMENTS: list[Any] = [NAIVE, date(2026, 1, 1), "2026-01-01", True]


@pytest.mark.parametrize("wrong", NO_MOMENTS)
def test_the_moment_of_a_suspension_has_a_time_zone(wrong) -> None:
    for make in (lambda: replace(MEMBER, suspended_at=wrong), lambda: replace(HOME, suspended_at=wrong)):
        with pytest.raises(InvalidRequest) as caught:
            make()
        assert caught.value.field == "suspended_at"
    assert replace(MEMBER, suspended_at=SUSPENDED).suspended_at == SUSPENDED


@pytest.mark.parametrize("own", [MEMBER, HOME])
def test_the_causes_of_a_suspension_are_one_text(own) -> None:
    with pytest.raises(InvalidRequest) as caught:
        replace(own, suspended_cause=["cgu vides"])
    assert caught.value.field == "suspended_cause"


@pytest.mark.parametrize("wrong", [SIREN, None, [SIREN, []], HOME])
def test_an_establishment_of_the_application_has_one_of_the_rights(wrong) -> None:
    with pytest.raises(InvalidRequest) as caught:
        LocalEstablishment("e", wrong)
    assert caught.value.field == "establishment" and SIREN not in str(caught.value)


@pytest.mark.parametrize("wrong", [None, 7, [7], [["home"]], [""], [HOME]])
def test_memberships_are_ids(wrong) -> None:
    with pytest.raises(InvalidRequest) as caught:
        LocalUser("u1", "user@example.fr", wrong)
    assert caught.value.field == "establishments"


@pytest.mark.parametrize("wrong", [7, "", ["home"], HOME])
def test_the_current_establishment_is_an_id(wrong) -> None:
    with pytest.raises(InvalidRequest) as caught:
        replace(MEMBER, current=wrong)
    assert caught.value.field == "current"


@pytest.mark.parametrize(
    ("users", "establishments", "field"),
    [
        ([MEMBER], [STRASBOURG], "establishments"),
        ([MEMBER], None, "establishments"),
        ([MEMBER], "home", "establishments"),
        ([MEMBER], [MEMBER], "establishments"),
        (["u1"], [HOME], "users"),
        ([MEMBER, None], [HOME], "users"),
        (MEMBER, [HOME], "users"),
        ([HOME], [MEMBER], "users"),
        ([ROW], [HOME], "users"),
    ],
)
def test_an_application_holds_users_and_establishments(users, establishments, field) -> None:
    with pytest.raises(InvalidRequest) as caught:
        LocalState(users, establishments)
    assert caught.value.field == field and "@" not in str(caught.value)


@pytest.mark.parametrize(
    ("local", "remote", "field"),
    [
        (REMOTE, LOCAL, "local"),
        ([MEMBER], REMOTE, "local"),
        (None, REMOTE, "local"),
        (LOCAL, LOCAL, "remote"),
        (LOCAL, None, "remote"),
        (LOCAL, [ROW], "remote"),
        (LOCAL, SimpleNamespace(complete=True, taken_at=AT), "remote"),
        (LOCAL, SimpleNamespace(**vars(REMOTE), users=[ROW], structures=[], groups=[], perimeters=[]), "remote"),
        (LOCAL, replace(REMOTE, rows=({"email": "user@example.fr"},)), "remote"),
        (LOCAL, replace(REMOTE, rows=(structure(),)), "remote"),
        (LOCAL, replace(REMOTE, all_groups=(structure(),)), "remote"),
    ],
)
def test_the_two_sides_are_told_apart(local, remote, field) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plan_sync(local, remote, at=AT)
    assert caught.value.field == field and "@" not in str(caught.value)
