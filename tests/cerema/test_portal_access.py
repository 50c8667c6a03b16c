"""Everything of one address: what did not come is told, and is no denial."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cerema_parts import ACCOUNT, PORTALS

from frgov_clients.cerema.access import Access
from frgov_clients.cerema.models import Group, Perimeter, Structure
from frgov_clients.cerema.rights import ABSENT, Decision, Establishment, Reason
from frgov_clients.errors import (
    AuthenticationError,
    IncompleteResult,
    InvalidRequest,
    InvalidResponse,
    PermissionDenied,
    ServiceUnavailable,
    UnexpectedContent,
)
from frgov_clients.testing.cerema import FakeCerema, Fault
from scripted import Scripted, answer
from support import COLOURS, outcome

STRASBOURG = Establishment("246700488", ["67482", "67218"])
AT = datetime(2026, 11, 28, tzinfo=UTC)


def fetched(colour: str, fake: FakeCerema, email: str = "user@example.fr") -> Any:
    async def scenario(client: Any) -> Any:
        return await client.access(email)

    return outcome(colour, PORTALS, scenario, base_url=fake.url, limiters={"portal": None}, retries=0, **ACCOUNT)


@pytest.mark.parametrize("colour", COLOURS)
def test_each_reference_is_followed_once(colour: str) -> None:
    with FakeCerema.sample() as fake:
        fake.users.add(fake.users.get(123) | {"id_user": 130, "structure": 457})
        found = fetched(colour, fake)
        asked = sorted(each.path for each in fake.requests if each.method == "GET")
    assert isinstance(found, Access)
    assert [each.id for each in found.users] == [123, 124, 130]
    assert {number: type(each) for number, each in found.structures.items()} == {456: Structure, 457: Structure}
    assert {number: type(each) for number, each in found.groups.items()} == {173: Group}
    assert {number: type(each) for number, each in found.perimeters.items()} == {20: Perimeter}
    assert found.complete
    assert asked == [
        "/api/groupes/173/",
        "/api/perimetres/20/",
        "/api/structures/456",
        "/api/structures/457",
        "/api/utilisateurs",
    ]
    assert found.rights(STRASBOURG, at=AT).decision is Decision.ALLOW
    assert found.rights(STRASBOURG).decision is Decision.ALLOW  # now
    assert "example.fr" not in repr(found)


@pytest.mark.parametrize("colour", COLOURS)
def test_nobody_is_an_answer(colour: str) -> None:
    with FakeCerema.sample() as fake:
        found = fetched(colour, fake, "nobody@example.fr")
    assert (found.users, found.structures, found.groups, found.perimeters) == ((), {}, {}, {})
    rights = found.rights(STRASBOURG, at=AT)
    assert (rights.decision, rights.reasons) == (Decision.DENY, (Reason.UTILISATEUR_MANQUANT,))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_portal_that_tells_capitals_apart_is_asked_for_the_address_without_them(colour: str) -> None:
    with FakeCerema.sample(exact_emails=True) as fake:
        found = fetched(colour, fake, "User@Example.fr")
        assert [each.id for each in found.users] == [123, 124]
        assert fetched(colour, fake, "Nobody@Example.fr").users == ()


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("path", "failure", "name", "reason"),
    [
        ("/api/structures/456", {"status": 503}, "structure 456", Reason.STRUCTURE_INCONNUE),
        ("/api/groupes/173/", {"status": 503}, "group 173", Reason.GROUPE_INCONNU),
        ("/api/groupes/173/", {"status": 403}, "group 173", Reason.GROUPE_INCONNU),
        ("/api/groupes/173/", {"html": True}, "group 173", Reason.GROUPE_INCONNU),
        ("/api/groupes/173/", {"html": True, "status": 404}, "group 173", Reason.GROUPE_INCONNU),
        ("/api/groupes/173/", {"close": True}, "group 173", Reason.GROUPE_INCONNU),
        ("/api/perimetres/20/", {"status": 500}, "perimeter 20", Reason.PERIMETRE_INCONNU),
    ],
)
def test_what_does_not_come_leaves_rights_unknown(
    colour: str, path: str, failure: dict[str, Any], name: str, reason: Reason
) -> None:
    with FakeCerema.sample() as fake:
        fake.faults.append(Fault(path=path, **failure))
        found = fetched(colour, fake)
    assert isinstance(found, Access), found
    assert list(found.failures) == [name]
    assert not found.complete
    assert len(found.users) == 2
    rights = found.rights(STRASBOURG, at=AT)
    assert (rights.decision, rights.reasons) == (Decision.UNKNOWN, (reason,))
    assert rights.suspended_cause is None


@pytest.mark.parametrize("colour", COLOURS)
def test_what_the_service_says_does_not_exist_is_no_failure(colour: str) -> None:
    with FakeCerema.sample() as fake:
        fake.structures.remove(457)
        fake.groups.remove(173)
        found = fetched(colour, fake)
    assert found.structures[457] is ABSENT
    assert found.groups[173] is ABSENT
    assert found.complete
    rights = found.rights(STRASBOURG, at=AT)
    assert (rights.decision, rights.reasons) == (Decision.UNKNOWN, (Reason.GROUPE_INTROUVABLE,))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ({"status": 503}, ServiceUnavailable),
        ({"status": 403}, PermissionDenied),
        ({"status": 401}, AuthenticationError),
        ({"html": True}, UnexpectedContent),
        ({"next": "none"}, IncompleteResult),
        ({"next": "host"}, InvalidResponse),
    ],
)
def test_without_the_users_there_is_no_answer(colour: str, failure: dict[str, Any], error: type) -> None:
    with FakeCerema.sample(page_size=1) as fake:
        fake.faults.append(Fault(path="/api/utilisateurs", times=None, **failure))
        assert isinstance(fetched(colour, fake), error)


@pytest.mark.parametrize("colour", COLOURS)
def test_credentials_that_are_refused_in_the_middle_raise(colour: str) -> None:
    with FakeCerema.sample() as fake:
        fake.faults.append(Fault(path="/api/groupes/", times=None, status=401))
        assert isinstance(fetched(colour, fake), AuthenticationError)


@pytest.mark.parametrize("colour", COLOURS)
def test_no_address_is_refused(colour: str) -> None:
    with FakeCerema.sample() as fake:
        error = fetched(colour, fake, "nobody")
        assert isinstance(error, InvalidRequest)
        assert not fake.requests


@pytest.mark.parametrize("colour", COLOURS)
def test_references_are_followed_at_once(colour: str) -> None:
    with FakeCerema.sample(latency=0.02) as fake:
        for number in range(500, 508):
            fake.structures.add(fake.structures.get(456) | {"id_structure": number})
            fake.users.add(fake.users.get(124) | {"id_user": number, "structure": number})
        assert len(fetched(colour, fake).structures) == 10
        assert fake.max_in_flight >= 4


@pytest.mark.parametrize("colour", COLOURS)
def test_an_answer_that_lost_its_count_is_no_empty_list(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.access("user@example.fr")

    steps = [answer(200, b'{"access": "a", "refresh": "b"}'), answer(200, b'{"results": []}')]
    with Scripted(*steps) as server:
        error = outcome(colour, PORTALS, scenario, base_url=server.url, retries=0, **ACCOUNT)
    assert isinstance(error, InvalidResponse)
    assert "count missing" in str(error)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_record_with_another_number_is_not_believed(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.structure(456)

    steps = [answer(200, b'{"access": "a", "refresh": "b"}'), answer(200, b'{"id_structure": 999}')]
    with Scripted(*steps) as server:
        error = outcome(colour, PORTALS, scenario, base_url=server.url, retries=0, **ACCOUNT)
    assert isinstance(error, InvalidResponse)
    assert "another number" in str(error)


def test_a_snapshot_that_lacks_a_record_says_so(tmp_path: Path) -> None:
    with FakeCerema.sample() as fake:
        fake.structures.remove(457)
        with PORTALS[0](base_url=fake.url, limiters={"portal": None}, **ACCOUNT) as client:
            snapshot = client.snapshot(tmp_path).require_complete()
    found = Access.of_snapshot(snapshot, "User@Example.fr")
    assert [each.id for each in found.users] == [123, 124]
    assert list(found.failures) == ["structure 457"]
    assert not found.complete
    assert found.rights(STRASBOURG, at=AT).decision is Decision.ALLOW
    assert Access.of_snapshot(snapshot, "nobody@example.fr").users == ()


def test_the_raw_view_gives_what_came_and_says_what_it_can_not() -> None:
    with FakeCerema.sample() as fake, PORTALS[0](base_url=fake.url, limiters={"portal": None}, **ACCOUNT) as client:
        raw = client.raw.group(173)
        assert (raw.status, raw.parse().id) == (200, 173)
        assert b'"id_groupe"' in raw.content
        assert [each.id for each in client.raw.users("user@example.fr")] == [123, 124]
        for name in ("access", "confirm_plan", "snapshot"):
            with pytest.raises(AttributeError, match="several requests"):
                getattr(client.raw, name)
