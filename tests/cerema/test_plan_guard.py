"""What no plan is made from, and which plan is not given."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from plan_parts import AWAY, HOME, MEMBER, NOBODY, ROW, SUSPENDED, Remote, plan
from rights_parts import AT, SIREN, structure, user

from frgov_clients import FrgovError, InvalidRequest
from frgov_clients.cerema.plan import LocalEstablishment, LocalState, LocalUser, PlanRefused, plan_sync
from frgov_clients.cerema.rights import Establishment


def crowd(count: int, wrong: int, **fields):
    """So many users, of whom some did not accept the terms of use."""
    users = [replace(MEMBER, id=f"u{number}", email=f"user{number}@example.fr", **fields) for number in range(count)]
    rows = [user(number, email=f"user{number}@example.fr") for number in range(count)]
    rows[:wrong] = [row.model_copy(update={"cgu_valide": None}) for row in rows[:wrong]]
    return users, rows


@pytest.mark.parametrize("complete", [False, None, 1, "yes", lambda: True])
def test_a_part_of_the_records_is_no_ground(complete) -> None:
    with pytest.raises(PlanRefused, match="complete") as caught:
        plan(MEMBER, ROW, complete=complete)
    assert caught.value.why == "incomplete" and caught.value.plan is None
    assert isinstance(caught.value, FrgovError) and not caught.value.retryable


@pytest.mark.parametrize(
    ("age", "max_age", "refused"),
    [
        (timedelta(days=1), timedelta(days=1), False),
        (timedelta(days=1, seconds=1), timedelta(days=1), True),
        (timedelta(days=-1, seconds=-1), timedelta(days=1), True),
        (timedelta(minutes=-5), timedelta(days=1), False),
        (timedelta(hours=2), timedelta(hours=1), True),
        (timedelta(days=900), None, False),
    ],
)
def test_old_records_are_no_ground(age, max_age, refused) -> None:
    if refused:
        with pytest.raises(PlanRefused) as caught:
            plan(MEMBER, ROW, taken_at=AT - age, max_age=max_age)
        assert caught.value.why == "outdated"
    else:
        assert plan(MEMBER, ROW, taken_at=AT - age, max_age=max_age).taken_at == AT - age


@pytest.mark.parametrize("remote", [Remote(()), Remote((ROW,), all_structures=())])
def test_an_empty_portal_is_no_ground(remote) -> None:
    with pytest.raises(PlanRefused) as caught:
        plan_sync(LocalState([MEMBER], [HOME]), remote, at=AT, max_share=None)
    assert caught.value.why == "empty"


@pytest.mark.parametrize(
    ("count", "wrong", "options", "refused"),
    [
        (100, 10, {}, False),
        (100, 11, {}, True),
        (109, 11, {}, True),
        (110, 11, {}, False),
        (20, 5, {}, False),
        (20, 6, {}, True),
        (5, 5, {}, False),
        (100, 29, {"max_share": 0.29}, False),
        (100, 30, {"max_share": 0.29}, True),
        (10, 1, {"max_share": 0, "at_least": 0}, True),
        (10, 0, {"max_share": 0, "at_least": 0}, False),
        (10, 10, {"max_share": 1, "at_least": 0}, False),
        (30, 30, {"max_share": None}, False),
    ],
)
def test_more_than_a_share_is_refused_with_the_plan_to_look_at(count, wrong, options, refused) -> None:
    users, rows = crowd(count, wrong)
    if not refused:
        assert len(plan(users, *rows, **options).suspend) == wrong
        return
    with pytest.raises(PlanRefused, match="max_share=None") as caught:
        plan(users, *rows, **options)
    error = caught.value
    assert error.why == "too_many" and (error.harmed, error.active) == (wrong, count)
    assert error.plan == plan(users, *rows, **options | {"max_share": None})
    again = pickle.loads(pickle.dumps(error))
    assert again.plan == error.plan and str(again) == str(error) and "@" not in str(error)


def test_leaving_counts_as_suspension_does_and_each_user_once() -> None:
    users, rows = crowd(20, 3)
    both = [replace(one, establishments=("home", "away"), current="home") for one in users[:3]]
    assert len(plan([*both, *users[3:]], *rows).changes) == 6
    with pytest.raises(PlanRefused):
        plan(users, *rows[:14])


def test_users_who_are_suspended_already_are_not_among_the_active() -> None:
    users, rows = crowd(60, 6)
    rest = [replace(one, suspended_at=SUSPENDED, suspended_cause="par la mairie") for one in users[6:]]
    with pytest.raises(PlanRefused) as caught:
        plan([*users[:6], *rest], *rows)
    assert caught.value.active == 6


def test_establishments_have_a_share_of_their_own() -> None:
    many = [LocalEstablishment(f"e{number}", Establishment(SIREN, ["67482"])) for number in range(6)]
    local, remote = LocalState([], many), Remote((NOBODY,), all_structures=(structure(acces_lovac=None),))
    with pytest.raises(PlanRefused, match="establishments") as caught:
        plan_sync(local, remote, at=AT)
    assert (caught.value.harmed, caught.value.active, caught.value.limit) == (6, 6, 5)
    assert len(plan_sync(local, remote, at=AT, at_least=6).establishments) == 6


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"max_share": 10}, "max_share"),
        ({"max_share": -0.1}, "max_share"),
        ({"max_share": float("nan")}, "max_share"),
        ({"max_share": True}, "max_share"),
        ({"max_share": "0.1"}, "max_share"),
        ({"at_least": -1}, "at_least"),
        ({"at_least": 2.5}, "at_least"),
        ({"max_age": 3600}, "max_age"),
        ({"max_age": timedelta(-1)}, "max_age"),
        ({"at": datetime(2026, 8, 7)}, "at"),  # noqa: DTZ001
        ({"taken_at": datetime(2026, 8, 7)}, "taken_at"),  # noqa: DTZ001
    ],
)
def test_limits_that_are_none_are_refused(options, field) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plan(MEMBER, ROW, **options)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: LocalUser("u1", ""), "email"),
        (lambda: LocalUser("u1", None), "email"),
        (lambda: LocalUser("u1", "a@example.fr", "home"), "establishments"),
        (lambda: LocalState([MEMBER, MEMBER], [HOME]), "users"),
        (lambda: LocalState([replace(MEMBER, id=7)], [HOME]), "users"),
        (lambda: LocalState([MEMBER], [AWAY]), "users"),
        (lambda: LocalState([replace(MEMBER, current="away")], [HOME]), "users"),
        (lambda: LocalState([MEMBER], [HOME, HOME]), "establishments"),
        (lambda: LocalState([MEMBER], [replace(HOME, id="")]), "establishments"),
    ],
)
def test_an_application_that_contradicts_itself_is_refused(make, field) -> None:
    with pytest.raises(InvalidRequest) as caught:
        make()
    assert caught.value.field == field and "@" not in str(caught.value)
