"""Rights that a portal gives to everybody by mistake are not given without a person's word."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from plan_parts import HOME, MEMBER, NOBODY, SUSPENDED, Remote, plan
from rights_parts import AT, SIREN, user

from frgov_clients.cerema.plan import LocalEstablishment, LocalState, PlanRefused, plan_sync
from frgov_clients.cerema.rights import Establishment


def crowd(count: int, gaining: int, **fields):
    """So many users, all with rights, of whom some are no members yet, or what else is given."""
    users = [replace(MEMBER, id=f"u{number}", email=f"user{number}@example.fr") for number in range(count)]
    users[:gaining] = [replace(one, **(fields or {"establishments": ()})) for one in users[:gaining]]
    return users, [user(number, email=f"user{number}@example.fr") for number in range(count)]


@pytest.mark.parametrize("fields", [{}, {"suspended_at": SUSPENDED, "suspended_cause": "cgu vides"}])
@pytest.mark.parametrize(
    ("count", "gaining", "options", "refused"),
    [
        (100, 10, {}, False),
        (100, 11, {}, True),
        (5, 5, {}, False),
        (20, 6, {}, True),
        (100, 29, {"max_share": 0.29}, False),
        (100, 30, {"max_share": 0.29}, True),
        (10, 1, {"max_share": 0, "at_least": 0}, True),
        (10, 10, {"max_share": 1, "at_least": 0}, False),
        (30, 30, {"max_share": None}, False),
    ],
)
def test_more_than_a_share_is_refused_with_the_plan_to_look_at(fields, count, gaining, options, refused) -> None:
    users, rows = crowd(count, gaining, **fields)
    if not refused:
        assert len(plan(users, *rows, **options).gaining_users) == gaining
        return
    with pytest.raises(PlanRefused, match=r"reactivated or gain .*max_share=None") as caught:
        plan(users, *rows, **options)
    error = caught.value
    assert error.why == "too_many" and (error.gaining, error.looked_at) == (gaining, count)
    assert (error.harmed, error.active) == (0, 0)
    assert error.plan == plan(users, *rows, **options | {"max_share": None})
    again = pickle.loads(pickle.dumps(error))
    assert again.gaining == gaining and str(again) == str(error) and "@" not in str(error)


def test_the_first_plan_of_an_application_is_given_on_a_persons_word() -> None:
    users, rows = crowd(40, 40)
    with pytest.raises(PlanRefused) as caught:
        plan(users, *rows)
    assert caught.value.plan is not None and len(caught.value.plan.grant) == 40
    assert plan(users, *rows, max_share=None) == caught.value.plan


def test_gains_and_losses_are_counted_each_by_itself() -> None:
    users, rows = crowd(100, 8)
    rows[50:58] = [row.model_copy(update={"cgu_valide": None}) for row in rows[50:58]]
    found = plan(users, *rows)
    assert (len(found.gaining_users), len(found.harmed_users)) == (8, 8)
    with pytest.raises(PlanRefused) as caught:
        plan(users, *rows, max_share=0.07)
    assert (caught.value.harmed, caught.value.gaining, caught.value.active) == (8, 0, 100)


def test_a_user_who_gains_twice_counts_once() -> None:
    users, rows = crowd(20, 5, establishments=(), current="home", suspended_at=SUSPENDED, suspended_cause="cgu vides")
    found = plan(users, *rows)
    assert len(found.changes) == 10 and len(found.gaining_users) == 5


def test_who_is_exempt_is_not_among_those_looked_at() -> None:
    users, rows = crowd(80, 6)
    with pytest.raises(PlanRefused) as caught:
        plan([*users[:20], *(replace(one, exempt=True) for one in users[20:])], *rows)
    assert (caught.value.gaining, caught.value.looked_at, caught.value.limit) == (6, 20, 5)


def test_establishments_have_a_share_of_their_own() -> None:
    strasbourg = Establishment(SIREN, ["67482"])
    many = [LocalEstablishment(f"e{each}", strasbourg, SUSPENDED, "droits structure expires") for each in range(6)]
    local, remote = LocalState([], [*many, HOME]), Remote((NOBODY,))
    with pytest.raises(PlanRefused, match="establishments would be reactivated") as caught:
        plan_sync(local, remote, at=AT)
    assert (caught.value.gaining, caught.value.looked_at, caught.value.limit) == (6, 7, 5)
    found = plan_sync(local, remote, at=AT, at_least=6)
    assert len(found.gaining_establishments) == 6 and found.looked_at_establishments == 7
