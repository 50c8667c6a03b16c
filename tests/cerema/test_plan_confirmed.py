"""Nobody loses anything by a plan before the portal was asked for them by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cerema_parts import ACCOUNT, PORTALS
from plan_parts import SUSPENDED, told
from rights_parts import AT, SIREN

from frgov_clients.cerema.client import CeremaClient
from frgov_clients.cerema.plan import LocalEstablishment, LocalState, LocalUser, Plan, plan_sync
from frgov_clients.cerema.rights import Establishment
from frgov_clients.errors import AuthenticationError, ClientClosed, InvalidRequest
from frgov_clients.testing.cerema import FakeCerema, Fault
from support import COLOURS, outcome

STRASBOURG = LocalEstablishment("strasbourg", Establishment(SIREN, ["67482", "67043"]))
GIRONDE = LocalEstablishment("gironde", Establishment("223300013", ["33063"]), SUSPENDED, "droits structure expires")
OTHER = LocalUser("2", "autre@example.fr", ["strasbourg"])
"""Has all rights in Strasbourg (row 125)."""
OPTIONS: dict[str, Any] = {"limiters": {"portal": None}, "retries": 0, **ACCOUNT}


def state(*users: LocalUser) -> LocalState:
    return LocalState(users, [STRASBOURG, GIRONDE])


def nothing(fake: FakeCerema) -> None:
    """The portal stays as it is."""


def planned(fake: FakeCerema, local: LocalState, folder: Path, **options: Any) -> Plan:
    """The plan from a snapshot of now."""
    with CeremaClient(base_url=fake.url, **OPTIONS) as portal:
        snapshot = portal.snapshot(folder)
    return plan_sync(local, snapshot, at=AT, max_age=None, max_share=None, **options)


def confirmed(
    colour: str,
    folder: Path,
    local: LocalState,
    *,
    exact_emails: bool = False,
    before: Callable[[FakeCerema], Any] = nothing,
    after: Callable[[FakeCerema], Any] = nothing,
    **options: Any,
) -> tuple[Plan, Any, list[str]]:
    """The plan, what became of it, and what the portal was asked for meanwhile; it changes before and after."""

    async def scenario(client: Any) -> Any:
        return await client.confirm_plan(plan, local)

    with FakeCerema.sample(exact_emails=exact_emails) as fake:
        before(fake)
        plan = planned(fake, local, folder, **options)
        after(fake)
        earlier = len(fake.requests)
        found = outcome(colour, PORTALS, scenario, base_url=fake.url, **OPTIONS)
        asked = [each.query.get("email", each.path) for each in fake.requests[earlier:] if each.method == "GET"]
    return plan, found, asked


def unknown(found: Plan) -> list[tuple[str | None, ...]]:
    return [(each.user, each.establishment, *each.reasons) for each in found.undecided]


@pytest.mark.parametrize("colour", COLOURS)
def test_who_was_missed_by_the_extraction_loses_nothing(colour: str, tmp_path: Path) -> None:
    missed: list[Any] = []
    plan, found, asked = confirmed(
        colour,
        tmp_path,
        state(OTHER, LocalUser("3", "gone@example.fr", ["strasbourg"]), LocalUser("4", "nobody@example.fr")),
        before=lambda fake: (missed.append(fake.users.get(125)), fake.users.remove(125)),
        after=lambda fake: fake.users.add(missed[0]),
    )
    assert told(plan) == [("leave", "2", "strasbourg", None), ("leave", "3", "strasbourg", None)]
    assert plan.confirmed_at is None
    assert told(found) == [("leave", "3", "strasbourg", None)]
    assert found.unchanged == ("2", "4")
    assert found.harmed_users == {"3"}
    assert found.confirmed_at >= found.taken_at
    assert (found.at, found.taken_at, found.active_users) == (plan.at, plan.taken_at, plan.active_users)
    assert f"confirmed {found.confirmed_at:%Y-%m-%d}" in str(found)
    assert "confirmed" not in str(plan)
    assert sorted(asked) == [
        "/api/groupes/173/",
        "/api/perimetres/20/",
        "/api/structures/456",
        "autre@example.fr",
        "gone@example.fr",
    ], "nobody else is asked for, and what they share once"
    assert "example.fr" not in repr(found) + str(found) + str(found.rows())


@pytest.mark.parametrize("colour", COLOURS)
def test_what_the_portal_says_again_stays_planned(colour: str, tmp_path: Path) -> None:
    plan, found, _ = confirmed(
        colour, tmp_path, state(OTHER), before=lambda fake: fake.users.change(125, cgu_valide=None)
    )
    assert told(plan) == [("suspend", "2", "strasbourg", "cgu vides")]
    assert found.changes == plan.changes
    assert found.rows() == plan.rows()


@pytest.mark.parametrize("colour", COLOURS)
def test_what_the_portal_says_by_now_counts(colour: str, tmp_path: Path) -> None:
    _, found, _ = confirmed(
        colour,
        tmp_path,
        state(OTHER),
        before=lambda fake: fake.users.change(125, cgu_valide=None),
        after=lambda fake: fake.users.change(125, date_expiration="2026-01-01T00:00:00+01:00"),
    )
    assert told(found) == [("suspend", "2", "strasbourg", "cgu vides, droits utilisateur expires")]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"path": "/api/utilisateurs", "status": 503}, "utilisateur_inconnu"),
        ({"path": "/api/utilisateurs", "status": 403}, "utilisateur_inconnu"),
        ({"path": "/api/utilisateurs", "html": True}, "utilisateur_inconnu"),
        ({"path": "/api/utilisateurs", "close": True}, "utilisateur_inconnu"),
        ({"path": "/api/structures/456", "status": 503}, "structure_inconnue"),
        ({"path": "/api/groupes/173", "html": True}, "groupe_inconnu"),
        ({"path": "/api/perimetres/20", "close": True}, "perimetre_inconnu"),
    ],
)
def test_an_outage_suspends_nobody(colour: str, fault: dict[str, Any], reason: str, tmp_path: Path) -> None:
    plan, found, _ = confirmed(
        colour,
        tmp_path,
        state(OTHER),
        before=lambda fake: fake.users.change(125, cgu_valide=None),
        after=lambda fake: (
            fake.users.change(125, cgu_valide="2026-03-11T12:36:01+01:00"),
            fake.faults.append(Fault(times=None, **fault)),
        ),
    )
    assert plan.harmed_users == {"2"}
    assert (found.changes, unknown(found), found.unchanged) == ((), [("2", "strasbourg", reason)], ())


@pytest.mark.parametrize("colour", COLOURS)
def test_one_who_can_not_be_asked_for_does_not_end_it(colour: str, tmp_path: Path) -> None:
    users = [LocalUser("2", "no address", ["strasbourg"]), LocalUser("3", "gone@example.fr", ["strasbourg"])]
    plan, found, asked = confirmed(colour, tmp_path, state(*users))
    assert plan.harmed_users == {"2", "3"}
    assert asked == ["gone@example.fr"]
    assert told(found) == [("leave", "3", "strasbourg", None)]
    assert unknown(found) == [("2", "strasbourg", "utilisateur_inconnu")]


@pytest.mark.parametrize("colour", COLOURS)
def test_who_was_listed_and_is_nowhere_now_is_not_decided(colour: str, tmp_path: Path) -> None:
    """As when a portal tells capitals apart and the application writes others."""
    _, found, _ = confirmed(
        colour,
        tmp_path,
        state(OTHER),
        before=lambda fake: fake.users.change(125, cgu_valide=None),
        after=lambda fake: fake.users.remove(125),
    )
    assert (found.changes, unknown(found)) == ((), [("2", "strasbourg", "utilisateur_inconnu")])


@pytest.mark.parametrize("colour", COLOURS)
def test_capitals_of_the_application_find_the_user_of_the_portal(colour: str, tmp_path: Path) -> None:
    plan, found, asked = confirmed(
        colour,
        tmp_path,
        state(LocalUser("2", " Autre@Example.fr", ["strasbourg"])),
        exact_emails=True,
        before=lambda fake: fake.users.change(125, cgu_valide=None),
        after=lambda fake: fake.users.change(125, cgu_valide="2026-03-11T12:36:01+01:00"),
    )
    assert plan.harmed_users == {"2"}
    assert asked[:2] == ["Autre@Example.fr", "autre@example.fr"]
    assert (found.changes, found.undecided, found.unchanged) == ((), (), ("2",))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_user_of_several_establishments_is_looked_at_in_each(colour: str, tmp_path: Path) -> None:
    """Out of one, into another, as far as is known; nothing of it while the portal does not answer for them."""
    mover = LocalUser("2", "autre@example.fr", ["gironde"])
    plan, found, _ = confirmed(colour, tmp_path, state(mover))
    assert told(plan) == told(found) == [("grant", "2", "strasbourg", None), ("leave", "2", "gironde", None)]
    _, found, _ = confirmed(
        colour,
        tmp_path / "again",
        state(mover),
        after=lambda fake: fake.faults.append(Fault(path="/api/utilisateurs", times=None, status=503)),
    )
    assert found.changes == ()
    assert sorted(unknown(found)) == [
        ("2", "gironde", "utilisateur_inconnu"),
        ("2", "strasbourg", "utilisateur_inconnu"),
    ]


@pytest.mark.parametrize("colour", COLOURS)
def test_the_rule_of_the_plan_is_kept(colour: str, tmp_path: Path) -> None:
    plan, found, _ = confirmed(
        colour, tmp_path, state(OTHER), before=lambda fake: fake.users.change(125, groupe=None), group_required=True
    )
    assert told(plan) == told(found) == [("suspend", "2", "strasbourg", "groupe_manquant")]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_plan_without_losses_asks_for_nothing(colour: str, tmp_path: Path) -> None:
    plan, found, asked = confirmed(colour, tmp_path, state(LocalUser("2", "autre@example.fr")))
    assert told(found) == told(plan) == [("grant", "2", "strasbourg", None)]
    assert asked == []
    assert found.confirmed_at is not None


@pytest.mark.parametrize("colour", COLOURS)
def test_wrong_credentials_are_no_answer(colour: str, tmp_path: Path) -> None:
    _, error, _ = confirmed(
        colour,
        tmp_path,
        state(OTHER),
        before=lambda fake: fake.users.change(125, cgu_valide=None),
        after=lambda fake: fake.faults.append(Fault(path="/api/utilisateurs", times=None, status=401)),
    )
    assert isinstance(error, AuthenticationError)


def test_a_closed_client_says_nothing_of_anybody(tmp_path: Path) -> None:
    local = state(LocalUser("3", "gone@example.fr", ["strasbourg"]))
    with FakeCerema.sample() as fake:
        plan = planned(fake, local, tmp_path)
        client = CeremaClient(base_url=fake.url, **OPTIONS)
        client.close()
        with pytest.raises(ClientClosed):
            client.confirm_plan(plan, local)


def test_what_is_no_plan_of_this_application_is_refused(tmp_path: Path) -> None:
    local = state(LocalUser("3", "gone@example.fr", ["strasbourg"]))
    without_it = LocalState([LocalUser("3", "gone@example.fr")], [GIRONDE])
    with FakeCerema.sample() as fake, CeremaClient(base_url=fake.url, **OPTIONS) as client:
        plan = planned(fake, local, tmp_path)
        earlier = len(fake.requests)
        for given, field in (
            ((local, plan), "plan"),
            ((plan, plan), "local"),
            ((plan, state(OTHER)), "local"),
            ((plan, without_it), "local"),
        ):
            with pytest.raises(InvalidRequest, match=f"^{field}: "):
                client.confirm_plan(*given)  # type: ignore[arg-type]
        assert len(fake.requests) == earlier


@pytest.mark.parametrize("colour", COLOURS)
def test_many_are_asked_for_at_once(colour: str, tmp_path: Path) -> None:
    local = state(*(LocalUser(f"u{number}", f"gone{number}@example.fr", ["strasbourg"]) for number in range(60)))

    async def scenario(client: Any) -> Any:
        return await client.confirm_plan(plan, local)

    with FakeCerema.sample() as fake:
        plan = planned(fake, local, tmp_path)
        fake.latency = 0.02
        found = outcome(colour, PORTALS, scenario, base_url=fake.url, **OPTIONS)
        assert 4 <= fake.max_in_flight <= 8
    assert len(found.leave) == 60
