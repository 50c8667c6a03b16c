"""The addresses and the pages of the fake portal."""

from __future__ import annotations

import math
from typing import get_args
from urllib.parse import urlsplit

import pytest
from cerema_wire import ask, token_of

from frgov_clients.testing.cerema import FakeCerema, Fault
from frgov_clients.testing.cerema_links import LinkForm

KINDS = ("utilisateurs", "structures", "groupes", "perimetres")


@pytest.mark.parametrize(
    ("path", "status", "target"),
    [
        *((f"/api/{kind}", 200, "") for kind in KINDS),
        *((f"/api/{kind}/?page=1", 200, "") for kind in KINDS),
        ("/api/structures/456", 200, ""),
        ("/api/structures/456/", 301, "/api/structures/456"),
        ("/api/groupes/173/", 200, ""),
        ("/api/groupes/173", 301, "/api/groupes/173/"),
        ("/api/perimetres/20?a=b", 301, "/api/perimetres/20/?a=b"),
        ("/api/structures/9", 404, ""),
        ("/api/groupes/0/", 404, ""),
        ("/api/permissions?email=nobody@example.fr", 404, ""),
    ],
)
def test_slashes_are_wanted_here_and_not_there(path: str, status: int, target: str) -> None:
    with FakeCerema.sample() as fake:
        told = ask(fake, path, token_of(fake))
        assert told.status == status
        assert told.headers.get("location", "") == (fake.url + target if target else "")
        if status == 404:
            assert told.json == {"detail": "Not found."}


def test_other_addresses_and_methods_do_not_exist() -> None:
    with FakeCerema.sample() as fake:
        token = token_of(fake)
        for path in ("/", "/api/", "/api/utilisateurs/123", "/api/structures/x", "/api/utilisateurs/%23?page=2"):
            told = ask(fake, path, token)
            assert (told.status, told.headers["content-type"].partition(";")[0]) == (404, "text/html")
        assert ask(fake, "/api/structures/1", token, method="DELETE").status == 405
        assert ask(fake, "/api/utilisateurs", token, method="POST", body=b"{}").json == {
            "detail": 'Method "POST" not allowed.'
        }
        head = ask(fake, "/api/utilisateurs", token, method="HEAD")
        assert (head.status, head.body, int(head.headers["content-length"]) > 100) == (200, b"", True)
        assert ask(fake, "/api/api-token-auth", method="POST").status == 301


@pytest.mark.parametrize("size", [1, 7, 50, 1_000])
def test_every_page_comes_once_and_links_to_its_neighbours(size: int) -> None:
    with FakeCerema.crowd(120, 10, 10, 10) as fake:
        token, found, page = token_of(fake), [], 1
        following: str | None = f"{fake.url}/api/utilisateurs/?page_size={size}"
        while following is not None:
            parts = urlsplit(following)
            told = ask(fake, f"{parts.path}?{parts.query}", token).json
            found += [each["id_user"] for each in told["results"]]
            assert told["count"] == 120
            assert (told["previous"] is None) == (page == 1)
            if page == 2:
                assert told["previous"] == f"{fake.url}/api/utilisateurs/?page_size={size}"
            following, page = told["next"], page + 1
        assert found == list(range(1, 121))
        assert page - 1 == math.ceil(120 / size)


def test_sizes_and_numbers_of_pages_are_held_to_their_limits() -> None:
    with FakeCerema.crowd(120, 10, 10, 10, page_size=20, max_page_size=30) as fake:
        token = token_of(fake)
        for asked, got in {"5": 5, "30": 30, "31": 30, "9999": 30, "0": 20, "-1": 20, "x": 20, "": 20}.items():
            assert len(ask(fake, f"/api/utilisateurs?page_size={asked}", token).json["results"]) == got
        for page in ("0", "7", "x", "-1", "99999999"):
            told = ask(fake, f"/api/utilisateurs?page={page}", token)
            assert (told.status, told.json) == (404, {"detail": "Invalid page."})
        assert len(ask(fake, "/api/utilisateurs?page=6", token).json["results"]) == 20
    with FakeCerema() as empty:
        told = ask(empty, "/api/groupes", token_of(empty)).json
        assert told == {"count": 0, "next": None, "previous": None, "results": []}


def test_an_address_finds_all_its_rows_however_it_is_written() -> None:
    with FakeCerema.sample(page_size=1) as fake:
        token = token_of(fake)
        for email in ("user@example.fr", "USER%40Example.FR"):
            told = ask(fake, f"/api/utilisateurs?email={email}", token).json
            assert (told["count"], told["results"][0]["id_user"]) == (2, 123)
            assert "email=" in told["next"]
            assert ask(fake, told["next"].removeprefix(fake.url), token).json["results"][0]["id_user"] == 124
        assert ask(fake, "/api/utilisateurs?email=ser@example.fr", token).json["results"] == []
        assert ask(fake, "/api/utilisateurs?email=", token).json["count"] == 3
        fake.users.add({**next(iter(fake.users)), "id_user": 9, "email": "a+b@example.fr"})
        assert ask(fake, "/api/utilisateurs?email=a%2Bb@example.fr", token).json["count"] == 1


LINKS = {
    "http": "http://HOST/api/utilisateurs/?page=2&page_size=1",
    "https": "https://HOST/api/utilisateurs/?page=2&page_size=1",
    "hash": "http://HOST/api/utilisateurs/#?page=2&page_size=1",
    "percent": "http://HOST/api/utilisateurs/%23?page=2&page_size=1",
    "hash-bare": "http://HOST/api/utilisateurs#?page=2&page_size=1",
    "percent-bare": "http://HOST/api/utilisateurs%23?page=2&page_size=1",
    "relative": "/api/utilisateurs/?page=2&page_size=1",
    "query": "?page=2&page_size=1",
    "host": "http://portail.example.org/api/utilisateurs/?page=2&page_size=1",
    "port": "http://127.0.0.1:9/api/utilisateurs/?page=2&page_size=1",
    "loop": "http://HOST/api/utilisateurs/?page=1&page_size=1",
    "skip": "http://HOST/api/utilisateurs/?page=3&page_size=1",
    "none": None,
    "more": "http://HOST/api/utilisateurs/?page=2&page_size=1",
    "garbage": "http://[?page",
}


@pytest.mark.parametrize("form", get_args(LinkForm))
def test_links_are_broken_in_every_known_way(form: LinkForm) -> None:
    with FakeCerema.sample(corrupt_next=form) as fake:
        token, host = token_of(fake), urlsplit(fake.url).netloc
        told = ask(fake, "/api/utilisateurs?page_size=1", token).json["next"]
        assert told == (LINKS[form] and LINKS[form].replace("HOST", host))
        last = ask(fake, "/api/utilisateurs?page_size=1&page=3", token).json["next"]
        assert (last is not None) == (form == "more")
        fake.corrupt_next = "http"
        fake.faults.append(Fault(path="/api/utilisateurs", next=form))
        assert ask(fake, "/api/utilisateurs?page_size=1", token).json["next"] == told
        assert ask(fake, "/api/utilisateurs?page_size=1", token).json["next"] == LINKS["http"].replace("HOST", host)
