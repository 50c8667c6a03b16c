"""The portal's client against the fake: what is asked, page by page, and what is no list."""

from __future__ import annotations

import logging
import pickle
from dataclasses import replace
from typing import Any

import pytest
from cerema_parts import ACCOUNT, PORTALS, payload

from frgov_clients import MemoryCache
from frgov_clients.cerema.models import Structure, User
from frgov_clients.errors import (
    IncompleteResult,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    PermissionDenied,
    ServerError,
    ServiceUnavailable,
    TruncatedResponse,
    UnexpectedContent,
)
from frgov_clients.testing.cerema import FakeCerema, Fault
from scripted import Scripted, answer
from support import AT_ONCE, COLOURS, outcome

ODD = '"o\'brien+zlv&x=1"@example.fr'


def asked(colour: str, fake: FakeCerema, scenario: Any, **options: Any) -> Any:
    return outcome(colour, PORTALS, scenario, base_url=fake.url, limiters={"portal": None}, **ACCOUNT, **options)


@pytest.mark.parametrize("colour", COLOURS)
def test_each_record_by_its_number_with_the_slash_that_it_wants(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.structure(456), await client.group(173), await client.perimeter(20)

    with FakeCerema.sample() as fake:
        structure, group, perimeter = asked(colour, fake, scenario)
        paths = [each.path for each in fake.requests if each.method == "GET"]
    assert isinstance(structure, Structure)
    assert (structure.raison_sociale, structure.siren) == ("EUROMETROPOLE DE STRASBOURG", "246700488")
    assert group.model_dump(mode="json", exclude_unset=True) == payload("groupe_173")
    assert perimeter.model_dump(mode="json", exclude_unset=True) == payload("perimetre_20")
    assert paths == ["/api/structures/456", "/api/groupes/173/", "/api/perimetres/20/"]


@pytest.mark.parametrize("colour", COLOURS)
def test_users_of_an_address_one_for_each_structure(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.users("User@Example.fr").all(), await client.users("nobody@example.fr").all()

    with FakeCerema.sample() as fake:
        users, nobody = asked(colour, fake, scenario)
    assert [type(each) for each in users] == [User, User]
    assert [(each.id, each.structure, each.groupe) for each in users] == [(123, 456, 173), (124, 457, None)]
    assert nobody == []


@pytest.mark.parametrize("colour", COLOURS)
def test_an_address_with_signs_in_it_is_asked_as_it_is(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return [each.id async for each in client.users(ODD)]

    with FakeCerema.sample() as fake:
        fake.users.add(fake.users.get(123) | {"id_user": 900, "email": ODD})
        assert asked(colour, fake, scenario) == [900]
        assert fake.requests[-1].query == {"email": ODD}


@pytest.mark.parametrize("form", ["http", "hash", "percent", "hash-bare", "percent-bare", "relative", "query", "port"])
@pytest.mark.parametrize("colour", COLOURS)
def test_all_pages_are_walked_on_the_configured_base_whatever_the_links_say(colour: str, form: Any) -> None:
    async def scenario(client: Any) -> Any:
        return [each.id async for each in client.perimeters(page_size=7)]

    with FakeCerema.crowd(10, 5, 5, 30, corrupt_next=form) as fake:
        assert len(set(asked(colour, fake, scenario))) == 30
        lists = [each for each in fake.requests if each.path == "/api/perimetres"]
        assert len(lists) == len([each for each in fake.requests if each.method == "GET"]) == 5
    assert [each.query.get("page") for each in lists] == [None, "2", "3", "4", "5"]
    assert {each.query["page_size"] for each in lists} == {"7"}


@pytest.mark.parametrize(
    ("fault", "error", "match"),
    [
        (Fault(next="host"), InvalidResponse, "another host"),
        (Fault(next="loop"), InvalidResponse, "page after this one"),
        (Fault(next="skip"), InvalidResponse, "page after this one"),
        (Fault(next="garbage"), InvalidResponse, "no URL"),
        (Fault(next="none"), IncompleteResult, "tells of 30 entries, and gave 20"),
        (Fault(count=31), IncompleteResult, "30 entries at first, now 31"),
        (Fault(entries_of=1), IncompleteResult, "came twice"),
        (Fault(without=1), IncompleteResult, "tells of 30 entries, and gave 29"),
        (Fault(html=True), UnexpectedContent, "HTML"),
        (Fault(html=True, status=503), ServiceUnavailable, "HTML"),
        (Fault(status=403), PermissionDenied, "403"),
        (Fault(cut_after_bytes=100), TruncatedResponse, "broke"),
    ],
)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_walk_that_can_not_be_whole_raises(colour: str, fault: Fault, error: type, match: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.perimeters().all()

    with FakeCerema.crowd(10, 5, 5, 30, page_size=10) as fake:
        fake.faults.append(replace(fault, path="/api/perimetres", skip=1))
        found = asked(colour, fake, scenario, retries=0)
    assert isinstance(found, error), found
    assert match in str(found)
    assert (found.service, found.operation) == ("cerema", "cerema.perimeters")


@pytest.mark.parametrize("colour", COLOURS)
def test_a_record_that_comes_while_the_list_is_read_is_noticed(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        seen = 0
        async for _ in client.users():
            seen += 1
            if seen == 5:
                fake.users.add(fake.users.get(1) | {"id_user": 99_999})
        return seen

    with FakeCerema.crowd(30, 5, 5, 5, page_size=10) as fake:
        found = asked(colour, fake, scenario)
    assert isinstance(found, IncompleteResult)
    assert found.retryable
    assert "30 entries at first, now 31" in str(found)


@pytest.mark.parametrize("colour", COLOURS)
def test_an_outage_is_mended_by_a_retry_or_raised(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return len(await client.users().all())

    with FakeCerema.crowd(30, 5, 5, 5, page_size=10) as fake:
        fake.faults.append(Fault(path="/api/utilisateurs", skip=1, times=2, status=503))
        assert asked(colour, fake, scenario, retries=AT_ONCE) == 30
        fake.faults.append(Fault(path="/api/utilisateurs", times=None, close=True))
        assert isinstance(asked(colour, fake, scenario, retries=0), Exception)


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_not_there_is_not_found(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.structure(99_999)

    with FakeCerema.sample() as fake:
        error = asked(colour, fake, scenario)
    assert isinstance(error, NotFound)
    assert error.service_message == "Not found."


@pytest.mark.parametrize("colour", COLOURS)
def test_permissions_of_an_address(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.permissions("user@example.fr")

    with FakeCerema.sample() as fake:
        found = asked(colour, fake, scenario)
    assert found.lovac is not None
    assert found.lovac.comm == ("67482", "67043")


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.users("nobody"),
        lambda client: client.users("@example.fr"),
        lambda client: client.users("a b@example.fr"),
        lambda client: client.users("a\n@example.fr"),
        lambda client: client.users(""),
        lambda client: client.users(12),
        lambda client: client.users(page_size=0),
        lambda client: client.structures(page_size="100"),
        lambda client: client.structure(0),
        lambda client: client.structure(True),
        lambda client: client.group("173"),
        lambda client: client.perimeter(-1),
        lambda client: client.permissions(None),
    ],
)
def test_bad_input_is_refused_before_it_is_sent(call: Any) -> None:
    with PORTALS[0](base_url="http://127.0.0.1:9", **ACCOUNT) as client, pytest.raises(InvalidRequest) as caught:
        call(client)
    assert caught.value.field in {"email", "page_size", "id"}
    assert "nobody" not in str(caught.value)


@pytest.mark.parametrize("colour", COLOURS)
def test_persons_are_not_cached_and_structures_are(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        for _ in range(2):
            await client.users("user@example.fr").all()
            await client.structure(456)

    with FakeCerema.sample() as fake:
        asked(colour, fake, scenario, cache=MemoryCache())
        assert fake.count("/api/utilisateurs") == 2
        assert fake.count("/api/structures/456") == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_an_address_stands_in_no_log_and_no_error(colour: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(client: Any) -> Any:
        await client.users("user@example.fr").all()
        return await client.users("camille.martin@example.fr").all()

    caplog.set_level(logging.DEBUG)
    with FakeCerema.sample() as fake:
        fake.faults.append(Fault(path="/api/utilisateurs", skip=1, status=400))
        error = asked(colour, fake, scenario)
    told = caplog.text + repr(error) + str(error) + str(vars(error))
    assert "/api/utilisateurs" in told
    assert not {"user@example.fr", "camille", "example.fr", "password"} & set(told.replace("%40", "@").split())
    assert "camille" not in told
    assert "user@" not in told


@pytest.mark.parametrize(
    "body",
    [
        b"Traceback: camille@example.fr",
        b"<html>camille@example.fr</html>",
        b'{"detail": "of camille@example.fr"}',
        b'{"camille@example.fr": ["camille%40example.fr, camille@localhost"]}',
        b'{"detail": "\\ud800 camille@example.fr"}',
        b"[" * 150 + b'"camille@example.fr"' + b"]" * 150,
    ],
)
def test_what_the_service_says_of_persons_stands_in_no_error(body: bytes) -> None:
    steps = [answer(200, b'{"access": "a", "refresh": "b"}'), answer(500, body)]
    with (
        Scripted(*steps) as server,
        PORTALS[0](base_url=server.url, retries=0, **ACCOUNT) as client,
        pytest.raises(ServerError) as caught,
    ):
        client.users().all()
    told = repr(caught.value) + str(caught.value) + str(vars(caught.value)) + str(pickle.dumps(caught.value))
    assert "camille" not in told
    assert "HTTP 500" in told


def test_a_list_tells_its_name() -> None:
    with PORTALS[0](base_url="http://127.0.0.1:9", **ACCOUNT) as client:
        assert repr(client.users("camille@example.fr")) == "<Pager of cerema.users>"
