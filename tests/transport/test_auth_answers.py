"""What a login may answer, and the policies that it goes through."""

from __future__ import annotations

from typing import Any

import pytest
from login_parts import QUICK, SECRET, AsyncLimited, Gate, Limited, finish, login, run

from frgov_clients.errors import (
    AuthenticationError,
    CircuitOpen,
    FrgovError,
    InvalidResponse,
    ServerError,
    UnexpectedContent,
)
from frgov_clients.transport.auth import (
    PasswordLogin,
)
from support import COLOURS, play


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("<html>maintenance</html>", UnexpectedContent),
        ("", UnexpectedContent),
        ("{}", InvalidResponse),
        ("[]", InvalidResponse),
        ("null", InvalidResponse),
        ("5", InvalidResponse),
        ('{"access_tok', InvalidResponse),
        ('{"access_token": null}', InvalidResponse),
        ('{"access_token": ""}', InvalidResponse),
        ('{"access_token": 5}', InvalidResponse),
        ('{"access_token": {"a": 1}}', InvalidResponse),
        ('{"access_token": "SECRET\\nx"}', InvalidResponse),
        ('{"access_token": "SECRET", "expires_in": "soon"}', InvalidResponse),
        ('{"access_token": "SECRET", "refresh_token": 5}', InvalidResponse),
        (401, AuthenticationError),
        (500, ServerError),
    ],
)
def test_a_login_without_a_token_is_told(colour: str, answer: Any, kind: type[FrgovError]) -> None:
    gate = Gate()
    gate.login_answers = [answer]

    async def story(client: Any) -> None:
        with pytest.raises(kind) as failed:
            await client.get()
        error = failed.value
        assert (error.service, error.operation) == ("probe", "auth.login")
        assert "SECRET" not in str(error) + repr(error.__cause__)
        assert isinstance(error, kind)
        assert await client.get() == "fine"

    run(colour, gate, story, auth=login())
    assert gate.calls == ["Bearer T2"]


@pytest.mark.parametrize("colour", COLOURS)
def test_the_login_is_retried_like_any_call(colour: str) -> None:
    gate = Gate()
    gate.login_answers = [503, "<html>"]

    async def story(client: Any) -> None:
        assert await client.get() == "fine"
        gate.revoke()
        gate.login_answers = [503] * 9
        with pytest.raises(ServerError) as failed:
            await client.get()
        assert (failed.value.operation, len(failed.value.attempts)) == ("auth.login", 3)

    run(colour, gate, story, auth=login(), retries=QUICK)
    assert len(gate.logins) == 6  # three tries each, not three times three


@pytest.mark.parametrize("colour", COLOURS)
def test_the_login_counts_for_the_circuit_and_is_refused_by_it(colour: str) -> None:
    gate = Gate()
    gate.login_answers = [500] * 99

    async def story(client: Any) -> None:
        kinds = []
        for _ in range(12):
            with pytest.raises(FrgovError) as failed:
                await client.get()
            kinds.append(type(failed.value))
        assert kinds == [ServerError] * 10 + [CircuitOpen] * 2

    run(colour, gate, story, auth=login())
    assert (len(gate.logins), gate.calls) == (10, [])


@pytest.mark.parametrize("colour", COLOURS)
def test_the_login_spends_quota(colour: str) -> None:
    gate = Gate()

    async def story(client: Any) -> None:
        await client.get()
        left = {name: finish(limiter.snapshot()).quotas[0].left for name, limiter in client._policies.limiters.items()}
        assert left == {"default": 4, "calls": 8}

    auth = PasswordLogin(colour, SECRET, path="/token")  # a quota of its own
    play(colour, (Limited, AsyncLimited), story, http_client=gate.client(colour), auth=auth)
