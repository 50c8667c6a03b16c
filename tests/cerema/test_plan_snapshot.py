"""A plan from what an extraction really brings: the fake portal, its snapshot, an application."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from cerema_parts import ACCOUNT
from plan_parts import Remote, told
from rights_parts import AT

from frgov_clients.cerema.client import CeremaClient
from frgov_clients.cerema.models import Group, Perimeter, Structure, User
from frgov_clients.cerema.plan import LocalEstablishment, LocalState, LocalUser, PlanRefused, plan_sync
from frgov_clients.cerema.rights import Establishment
from frgov_clients.testing.cerema import FakeCerema
from frgov_clients.testing.cerema_crowd import crowd
from frgov_clients.testing.cerema_faults import Fault

STRASBOURG = LocalEstablishment("strasbourg", Establishment("246700488", ["67482", "67043"]))


def planned(fake, folder, local, **options):
    with fake, CeremaClient(base_url=fake.url, **ACCOUNT) as portal:
        snapshot = portal.snapshot(folder)
    return plan_sync(local, snapshot, **({"at": datetime.now(UTC)} | options))


def test_a_snapshot_is_what_a_plan_needs(tmp_path):
    users = [
        LocalUser("1", "user@example.fr", ["strasbourg"]),
        LocalUser("2", "autre@example.fr"),
        LocalUser("3", "gone@example.fr", ["strasbourg"]),
    ]
    found = planned(
        FakeCerema.sample(),
        tmp_path,
        LocalState(users, [STRASBOURG]),
        at=datetime(2026, 8, 7, tzinfo=UTC),
        max_age=None,
    )
    assert told(found) == [("grant", "2", "strasbourg", None), ("leave", "3", "strasbourg", None)]
    assert found.unchanged == ("1",)


def test_an_extraction_that_broke_off_is_no_ground(tmp_path):
    fake = FakeCerema.sample()
    fake.faults.append(Fault(path="/api/groupes", status=403, times=100))
    with pytest.raises(PlanRefused) as caught:
        planned(fake, tmp_path, LocalState([], [STRASBOURG]))
    assert caught.value.why == "incomplete"


@pytest.mark.parametrize("kinds", [["users"], ["users", "structures", "groups"]])
def test_a_snapshot_of_some_kinds_is_no_ground(tmp_path, kinds):
    with FakeCerema.sample() as fake, CeremaClient(base_url=fake.url, **ACCOUNT) as portal:
        snapshot = portal.snapshot(tmp_path, kinds=kinds)
    with pytest.raises(PlanRefused, match="without its") as caught:
        plan_sync(LocalState([], [STRASBOURG]), snapshot, at=datetime.now(UTC), max_share=None)
    assert caught.value.why == "incomplete" and caught.value.plan is None


def test_a_snapshot_that_went_to_a_callback_is_no_ground():
    with FakeCerema.sample() as fake, CeremaClient(base_url=fake.url, **ACCOUNT) as portal:
        snapshot = portal.snapshot(into=lambda page: None)
    with pytest.raises(PlanRefused, match="callback") as caught:
        plan_sync(LocalState([], [STRASBOURG]), snapshot, at=datetime.now(UTC))
    assert caught.value.why == "incomplete"


def test_all_users_of_the_portal_are_planned_in_a_moment():
    world = crowd(13_064, 1_000, 1_500, 5_018, seed=0)
    remote = Remote(
        tuple(map(User.model_validate, world.users)),
        tuple(map(Structure.model_validate, world.structures)),
        tuple(map(Group.model_validate, world.groups)),
        tuple(map(Perimeter.model_validate, world.perimeters)),
    )
    sirens = sorted({each.siren for each in remote.all_structures if each.siren is not None})
    codes = sorted({code for each in remote.all_perimeters for code in each.comm})
    establishments = [
        LocalEstablishment(f"e{siren}", Establishment(siren, codes[number::1_000]))
        for number, siren in enumerate(sirens)
    ]
    emails = sorted({each.email for each in remote.rows})
    users = [LocalUser(f"u{number}", email) for number, email in enumerate(emails)]
    started = time.perf_counter()
    found = plan_sync(LocalState(users, establishments), remote, at=AT, max_share=None)
    took = time.perf_counter() - started
    assert len(found.grant) > 100 and len(found.establishments) > 100
    assert {change.subject for change in found.changes} == {"membership", "establishment"}
    assert took < 15
