"""Who comes into the fake portal, and with what."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlencode

import pytest
import time_machine
from cerema_wire import RIGHT, ask, send, token_of

from frgov_clients.testing.cerema import FakeCerema

WRONG = {"username": "username", "password": "other"}
PAIR = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FORM = PAIR % (b"username", b"username") + PAIR % (b"password", b"password") + b"--x--\r\n"


@pytest.mark.parametrize("path", ["/api/api-token-auth/", "/api/token/"])
def test_a_login_comes_in_three_encodings(path: str) -> None:
    with FakeCerema.sample() as fake:
        for kind, body in {
            "application/json": json.dumps(RIGHT).encode(),
            "application/x-www-form-urlencoded": urlencode(RIGHT).encode(),
            "multipart/form-data; boundary=x": FORM,
        }.items():
            told = ask(fake, path, method="POST", body=body, content_type=kind)
            assert (told.status, set(told.json) <= {"token", "access", "refresh"}) == (200, True), kind
        assert fake.tokens.given == 3
        assert ask(fake, path, method="POST", body=b"x", content_type="text/csv").status == 415
        assert ask(fake, path, method="POST", body=b"{", content_type="application/json").status == 400
        assert send(fake, path, []).status == 400
        assert send(fake, path, {"username": "username"}).json == {"password": ["This field is required."]}
        assert ask(fake, path).status == 405


def test_the_token_of_an_account_stays_until_it_is_revoked() -> None:
    with FakeCerema.sample(accounts={"a": "1", "b": "2"}) as fake:
        path = "/api/api-token-auth/"
        first = send(fake, path, {"username": "a", "password": "1"}).json["token"]
        assert send(fake, path, {"username": "a", "password": "1"}).json["token"] == first
        assert send(fake, path, {"username": "b", "password": "2"}).json["token"] != first
        assert ask(fake, "/api/structures", f"Token {first}").status == 200
        fake.revoke_tokens()
        refused = ask(fake, "/api/structures", f"Token {first}")
        assert (refused.status, refused.json) == (401, {"detail": "Invalid token."})
        assert send(fake, path, {"username": "a", "password": "1"}).json["token"] != first


def test_a_wrong_password_is_refused_as_it_was_seen_or_as_the_framework_does_it() -> None:
    with FakeCerema.sample() as fake:
        for path in ("/api/api-token-auth/", "/api/token/"):
            told = send(fake, path, WRONG)
            assert (told.status, told.headers["content-type"].partition(";")[0]) == (401, "text/plain")
            assert told.body == b"Unauthorized"
    with FakeCerema.sample(login_refusal="drf") as fake:
        first, second = send(fake, "/api/api-token-auth/", WRONG), send(fake, "/api/token/", WRONG)
        assert (first.status, list(first.json)) == (400, ["non_field_errors"])
        assert (second.status, list(second.json)) == (401, ["detail"])


def test_a_jwt_says_when_it_ends_and_ends_then() -> None:
    with FakeCerema.sample(token_seconds=60) as fake, time_machine.travel("2026-08-07T10:00:00Z", tick=False) as clock:
        pair = send(fake, "/api/token/", RIGHT).json
        claims = [read(pair[name]) for name in ("access", "refresh")]
        assert [each["token_type"] for each in claims] == ["access", "refresh"]
        assert [each["exp"] - each["iat"] for each in claims] == [60, 86_400]
        assert claims[0]["jti"] != claims[1]["jti"]
        assert ask(fake, "/api/structures", f"Bearer {pair['access']}").status == 200
        clock.shift(61)
        dead = ask(fake, "/api/structures", f"Bearer {pair['access']}")
        assert (dead.status, dead.json["code"]) == (401, "token_not_valid")
        assert set(dead.json) == {"detail", "code", "messages"}
        assert dead.headers["www-authenticate"].startswith("Bearer")
        renewed = send(fake, "/api/token/refresh/", {"refresh": pair["refresh"]}).json
        assert set(renewed) == {"access"}
        assert ask(fake, "/api/structures", f"Bearer {renewed['access']}").status == 200


def read(token: str) -> dict[str, object]:
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def test_what_renews_is_only_the_good_refresh_token() -> None:
    with FakeCerema.sample() as fake:
        pair = send(fake, "/api/token/", RIGHT).json
        path = "/api/token/refresh/"
        assert send(fake, path, {"refresh": pair["access"]}).json["code"] == "token_not_valid"
        assert send(fake, path, {}).json == {"refresh": ["This field is required."]}
        assert ask(fake, "/api/structures", f"Bearer {pair['refresh']}").status == 401
        fake.revoke_tokens()
        assert send(fake, path, {"refresh": pair["refresh"]}).status == 401
        fake.refresh = False
        gone = send(fake, path, {"refresh": pair["refresh"]})
        assert (gone.status, gone.headers["content-type"].partition(";")[0]) == (404, "text/html")


@pytest.mark.parametrize(
    "token", ["", "Token", "Token ", "Basic eDp5", "token x", "Token x", "Bearer x", "Bearer a.b.c"]
)
def test_nothing_is_told_without_a_token(token: str) -> None:
    with FakeCerema.sample() as fake:
        for path in ("/api/utilisateurs", "/api/groupes/173/", "/api/permissions?email=user@example.fr"):
            told = ask(fake, path, token)
            assert (told.status, "www-authenticate" in told.headers) == (401, True)


def test_each_keyword_goes_with_its_tokens_unless_any_does() -> None:
    with FakeCerema.sample() as strict, FakeCerema.sample(any_keyword=True) as lax:
        for generation in ("v1", "v2"):
            for fake, status in ((strict, 401), (lax, 200)):
                keyword, token = token_of(fake, generation).split()
                other = {"Token": "Bearer", "Bearer": "Token"}[keyword]
                assert ask(fake, "/api/structures", f"{keyword} {token}").status == 200
                assert ask(fake, "/api/structures", f"{other} {token}").status == status


@pytest.mark.parametrize(("served", "not_served"), [("v1", "/api/token/"), ("v2", "/api/api-token-auth/")])
def test_a_generation_that_is_not_served_is_not_found(served: str, not_served: str) -> None:
    with FakeCerema.sample() as both, FakeCerema.sample(generations=[served]) as fake:
        told = send(fake, not_served, RIGHT)
        assert (told.status, told.body[:15]) == (404, b"<!doctype html>")
        assert ask(fake, "/api/structures", token_of(fake, served)).status == 200
        keyword = token_of(fake, served).split()[0]
        refused = ask(fake, "/api/structures", token_of(both, "v1" if served == "v2" else "v2"))
        assert (refused.status, refused.headers["www-authenticate"].split()[0]) == (401, keyword)
