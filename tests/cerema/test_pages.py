"""Numbered pages: the link to the next one is read for its number, and for nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cerema_parts import payload, reply_of, user

from frgov_clients.cerema.models import Group, Perimeter, Permissions, Structure, User
from frgov_clients.cerema.operations import first_page
from frgov_clients.errors import IncompleteResult, InvalidResponse, UnexpectedContent
from frgov_clients.transport.operation import Operation, Page, Reply
from frgov_clients.transport.walk import Walk

HOST = "portaildf.cerema.fr"


def page_of(link: str | None, operation: Operation[Page[Any]] | None = None, count: int | None = 5) -> Page[Any]:
    operation = operation or first_page("users", HOST, 2)
    return operation.spec.decode(reply_of([user(1), user(2)], count, link), operation)


@pytest.mark.parametrize(
    "link",
    [
        "http://portaildf.cerema.fr/api/utilisateurs/?page=2",
        "https://portaildf.cerema.fr/api/utilisateurs?page=2&page_size=2",
        "https://PORTAILDF.cerema.fr:443/api/utilisateurs/?page_size=2&page=2",
        "http://portaildf.cerema.fr/api/utilisateurs/%23?page=2",
        "http://portaildf.cerema.fr/%23?page=2",
        "http://portaildf.cerema.fr/api/utilisateurs/#?page=2",
        "http://portaildf.cerema.fr/api/utilisateurs%23?page=2%23",
        "http://portaildf.cerema.fr/api/utilisateurs/?page=2#",
        "/api/utilisateurs/?page=2",
        "?page=2",
    ],
)
def test_only_the_number_of_the_page_is_taken_from_a_link(link: str) -> None:
    first = first_page("users", HOST, 2)
    following = page_of(link).next
    assert following is not None
    assert following.spec is first.spec
    assert following.path is None  # the endpoint's own: on the configured base, with its slashes
    assert following.params == (("page_size", "2"), ("page", "2"))
    assert following.context.page == 2
    third = page_of("http://portaildf.cerema.fr/api/utilisateurs/?page=3", following).next
    assert third is not None
    assert third.params == (("page_size", "2"), ("page", "3"))


@pytest.mark.parametrize(
    "link",
    [
        "https://portaildf.cerema.fr.example.org/api/utilisateurs/?page=2",
        "https://example.org/api/utilisateurs/?page=2",
        "//example.org/?page=2",
        "https://user@example.org/?page=2",
        "https://portaildf.cerema.fr@example.org/?page=2",
    ],
)
def test_another_host_is_refused(link: str) -> None:
    with pytest.raises(InvalidResponse, match="another host"):
        page_of(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://portaildf.cerema.fr/api/utilisateurs/?page=1",
        "https://portaildf.cerema.fr/api/utilisateurs/?page=3",
        "https://portaildf.cerema.fr/api/utilisateurs/?cursor=abc",
        "https://portaildf.cerema.fr/api/utilisateurs/?page=2&page=3",
        "https://portaildf.cerema.fr/api/utilisateurs/?page=2x",
        "https://portaildf.cerema.fr/api/utilisateurs/?homepage=2",
        "https://[portaildf/?page=2",
        "garbage",
    ],
)
def test_a_link_to_any_other_page_is_refused(link: str) -> None:
    with pytest.raises(InvalidResponse):
        page_of(link)


def test_the_last_page_has_no_next() -> None:
    assert page_of(None).next is None
    assert page_of("").next is None


def test_the_filter_stays_on_every_page() -> None:
    first = first_page("users", HOST, None, email="Camille+zlv@Example.fr")
    records = [user(1, "camille+zlv@example.fr"), user(2, "CAMILLE+ZLV@example.fr")]
    page = first.spec.decode(reply_of(records, 4, f"http://{HOST}/api/utilisateurs/?page=2"), first)
    assert [each.id for each in page.items] == [1, 2]
    assert page.next is not None
    assert page.next.params == (("email", "Camille+zlv@Example.fr"), ("page", "2"))
    assert page.next.context.wanted == "camille+zlv@example.fr"


def test_others_are_left_out_and_a_filter_that_is_ignored_is_an_error() -> None:
    first = first_page("users", HOST, None, email="a@example.fr")
    page = first.spec.decode(reply_of([user(1, "aa@example.fr"), user(2, "a@example.fr")], 2), first)
    assert [each.id for each in page.items] == [2]
    assert page.keys == (1, 2)  # they count for the completeness of the list
    assert Walk(first).take(page) is page
    with pytest.raises(InvalidResponse, match="ignores the filter"):
        first.spec.decode(reply_of([user(1, "b@example.fr")], 1), first)


def test_a_page_of_nothing_is_no_whole_list() -> None:
    first = first_page("users", HOST)
    page = first.spec.decode(reply_of([], 50), first)
    with pytest.raises(IncompleteResult, match="tells of 50 entries, and gave 0"):
        Walk(first).take(page)


@pytest.mark.parametrize(
    "body",
    [
        b'{"count": 1}',
        b'{"results": []}',
        b'{"count": null, "results": []}',
        b"[]",
        b'{"count": 1, "results": {}}',
        b'{"detail": "Not found."}',
        b"null",
        b'{"results": [1]}',
    ],
)
def test_what_is_no_page_is_no_empty_list(body: bytes) -> None:
    first = first_page("users", HOST)
    with pytest.raises(InvalidResponse):
        first.spec.decode(Reply(200, {}, body), first)


def test_a_maintenance_page_is_no_empty_list() -> None:
    first = first_page("users", HOST)
    with pytest.raises(UnexpectedContent, match="HTML"):
        first.spec.decode(Reply(200, {"content-type": "text/html"}, b"<html>maintenance</html>"), first)


@pytest.mark.parametrize("name", ["utilisateurs_page1", "utilisateurs_page2", "structures_page1"])
def test_recorded_pages_lose_nothing(name: str) -> None:
    kind = "users" if name.startswith("u") else "structures"
    first, recorded = first_page(kind, HOST), payload(name)
    operation = first._replace(context=first.context.__class__(HOST, 2)) if name.endswith("2") else first
    page = operation.spec.decode(Reply(200, {}, json.dumps(recorded).encode()), operation)
    assert [item.model_dump(mode="json", exclude_unset=True) for item in page.items] == recorded["results"]
    assert (page.total, page.total_is) == (recorded["count"], "exact")


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("groupe_173", Group),
        ("perimetre_20", Perimeter),
        ("perimetre_2_fr_entiere", Perimeter),
        ("permissions_example", Permissions),
    ],
)
def test_recorded_records_lose_nothing(name: str, model: Any) -> None:
    recorded = payload(name)
    assert model.model_validate_json(json.dumps(recorded)).model_dump(mode="json", exclude_unset=True) == recorded


def test_fields_that_are_not_known_are_kept() -> None:
    found = Structure.model_validate({"id_structure": 1, "siret": "", "departement": "33"})
    assert (found.siret, found.siren, found.model_extra) == (None, None, {"departement": "33"})
    assert "33" in repr(found)
    person = User.model_validate(user(1, nom="Durand"))
    assert person.model_extra == {"nom": "Durand"}
    assert "Durand" not in repr(person)
    assert "example" not in repr(person) + str(person)


@pytest.mark.parametrize("other", ["strasse@example.fr", "STRASSE@example.fr"])
def test_an_address_that_is_only_written_alike_is_somebody_elses(other: str) -> None:
    first = first_page("users", HOST, None, email="straße@example.fr")
    with pytest.raises(InvalidResponse, match="ignores the filter"):
        first.spec.decode(reply_of([user(1, other)], 1), first)
    page = first.spec.decode(reply_of([user(1, "Straße@Example.fr ")], 1), first)
    assert [each.id for each in page.items] == [1]
