"""The fake portal changes while it answers, and fails as it is told."""

from __future__ import annotations

import http.client
import threading
import time

import pytest
from cerema_wire import ask, send, token_of

from frgov_clients.testing.cerema import FakeCerema, Fault

BROKEN = (http.client.HTTPException, ConnectionError)


def ids(fake: FakeCerema, path: str, token: str) -> list[int]:
    return [each["id_user"] for each in ask(fake, path, token).json["results"]]


def test_records_change_between_two_pages() -> None:
    with FakeCerema.crowd(100, 5, 5, 5, page_size=40) as fake:
        token = token_of(fake)
        assert ids(fake, "/api/utilisateurs", token) == list(range(1, 41))
        fake.users.remove(7)
        assert ids(fake, "/api/utilisateurs?page=2", token) == list(range(42, 82))  # 41 slipped to the first page
        assert ask(fake, "/api/utilisateurs", token).json["count"] == 99
        fake.users.add({**next(iter(fake.users)), "id_user": 7, "email": "New@example.fr"})
        assert ids(fake, "/api/utilisateurs?email=new@example.fr", token) == [7]
        fake.users.change(7, email="newer@example.fr", cgu_valide=None)
        assert ids(fake, "/api/utilisateurs?email=new@example.fr", token) == []
        assert ids(fake, "/api/utilisateurs?email=newer@example.fr", token) == [7]
        fake.groups.remove(1)
        assert ask(fake, "/api/groupes/1/", token).status == 404
        fake.structures.change(2, acces_lovac=None)
        assert ask(fake, "/api/structures/2", token).json["acces_lovac"] is None


def test_a_table_keeps_its_numbers_apart() -> None:
    users = FakeCerema.sample().users
    first = users.get(123)
    assert first is not None
    with pytest.raises(ValueError, match="id_user already"):
        users.add(first)
    with pytest.raises(ValueError, match="keeps its number"):
        users.change(123, id_user=5)
    with pytest.raises(KeyError):
        users.remove(5)
    first["email"] = "other@example.fr"
    assert users.get(123) != first  # what was given out is a copy
    assert (users.get(None), users.get(5), 123 in users, 5 in users, len(users)) == (None, None, True, False, 3)
    users.remove(123)
    assert [each["id_user"] for each in users] == [124, 125]


def test_pages_lie_as_they_are_told() -> None:
    with FakeCerema.crowd(100, 5, 5, 5, page_size=40) as fake:
        token, path = token_of(fake), "/api/utilisateurs?page=2"
        fake.faults.append(Fault(path="/api/utilisateurs", entries_of=1))
        assert ids(fake, path, token) == list(range(1, 41))
        assert ids(fake, path, token) == list(range(41, 81))
        fake.faults.append(Fault(path="/api/utilisateurs", without=3))
        assert ids(fake, path, token) == list(range(41, 78))
        fake.faults.append(Fault(path="/api/utilisateurs", count=50, without=1_000))
        told = ask(fake, "/api/utilisateurs?page=3", token).json
        assert (told["count"], told["results"], told["next"]) == (50, [], None)


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_status_comes_as_json_or_as_a_page(status: int) -> None:
    with FakeCerema.sample() as fake:
        token = token_of(fake)
        fake.faults.append(Fault(path="/api/groupes/", status=status, retry_after=3))
        fake.faults.append(Fault(path="/api/groupes/", status=status, html=True))
        told = ask(fake, "/api/groupes/173/", token)
        assert (told.status, list(told.json), told.headers["retry-after"]) == (status, ["detail"], "3")
        assert ask(fake, "/api/structures/456", token).status == 200
        page = ask(fake, "/api/groupes/173/", token)
        assert (page.status, page.body[:15]) == (status, b"<!DOCTYPE html>")
        assert ask(fake, "/api/groupes/173/", token).status == 200


@pytest.mark.parametrize("fault", [Fault(close=True), Fault(lost=True), Fault(cut_after_bytes=40)], ids=str)
def test_a_connection_breaks(fault: Fault) -> None:
    with FakeCerema.sample() as fake:
        token = token_of(fake)
        fake.faults.append(fault)
        with pytest.raises(BROKEN):
            ask(fake, "/api/utilisateurs", token)
        assert ask(fake, "/api/utilisateurs", token).status == 200


def test_a_login_that_is_lost_was_still_made() -> None:
    with FakeCerema.sample() as fake:
        fake.faults.append(Fault(path="/api/token", lost=True))
        with pytest.raises(BROKEN):
            send(fake, "/api/token/", {"username": "username", "password": "password"})
        assert fake.tokens.given == 1


def test_a_quota_is_kept() -> None:
    with FakeCerema.sample(max_requests_per_second=3, pause=0.3) as fake:
        told = [ask(fake, "/api/structures") for _ in range(5)]
        assert [each.status for each in told] == [401, 401, 401, 429, 429]
        assert told[-1].headers["retry-after"] == "1"
        assert told[-1].json["detail"].startswith("Request was throttled.")


def test_requests_wait_together_and_are_remembered() -> None:
    with FakeCerema.sample(latency=0.2) as fake:
        token = token_of(fake)
        begun = time.monotonic()
        threads = [threading.Thread(target=ask, args=(fake, f"/api/groupes/{n}/", token)) for n in range(20)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert 0.2 <= time.monotonic() - begun < 2.0  # and not 4 s
        assert fake.max_in_flight > 5
        assert (fake.count("/api/groupes/"), fake.count(method="POST")) == (20, 1)
        assert {each.headers["authorization"] for each in fake.requests if each.method == "GET"} == {token}
        assert token.split()[1] not in repr(fake.requests)
