"""The token: what needs it, where it goes, and where it does not."""

from __future__ import annotations

from typing import Any

import pytest
from apidf_parts import FAST, PAIR, TOKEN, SmallApidf, always, mutation, page
from pydantic import SecretStr

from frgov_clients import HeaderKey
from frgov_clients.errors import AuthenticationError, ConfigurationError
from support import COLOURS, play

CLOSED = ("dv3f_mutations", "dv3f_geomutations", "parcelles", "geoparcelles", "locaux", "proprios", "tups", "geotups")
CLOSED_ROWS = {
    "dv3f_mutation": 1,
    "parcelle": "01004000AB0012",
    "local": "010041234567",
    "proprio": "01004+0012301",
    "tup": "01004000AB0012",
}


@pytest.mark.parametrize("colour", COLOURS)
def test_without_a_token_nothing_restricted_is_asked(colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRGOV_APIDF_TOKEN", raising=False)

    async def scenario(client: Any) -> None:
        for name in CLOSED:
            with pytest.raises(ConfigurationError, match="FRGOV_APIDF_TOKEN"):
                getattr(client, name)(code_insee="01004")
        for name, value in CLOSED_ROWS.items():
            with pytest.raises(ConfigurationError, match="portaildf"):
                await getattr(client, name)(value)

    with SmallApidf(always(page([]))) as small:
        play(colour, PAIR, scenario, base_url=small.url, **FAST)
    assert small.asked == []


def test_the_token_travels_with_restricted_questions_alone() -> None:
    with SmallApidf(always(page([]))) as small, PAIR[0](base_url=small.url, token=TOKEN, **FAST) as client:
        client.dvf_mutations(code_insee="01004").all()
        client.friches(coddep="01").all()
        client.prix("communes", "01004").all()
        assert [token for _, _, token in small.asked] == [None] * 3
        client.dv3f_mutations(code_insee="01004").all()
        client.locaux(code_insee="01004").all()
        assert [token for _, _, token in small.asked[3:]] == [f"Token {TOKEN}"] * 2
        assert client.check().authorized is True
        assert small.asked[-1][2] == f"Token {TOKEN}"
    with SmallApidf(always(page([]))) as small, PAIR[0](base_url=small.url, **FAST) as client:
        assert client.check()
        assert client.check().authorized is None
        assert small.asked[-1][2] is None


def test_check_tells_of_a_dead_token() -> None:
    refused = (403, {"detail": "Invalid token."})
    with SmallApidf(always(refused)) as small, PAIR[0](base_url=small.url, token=TOKEN, **FAST) as client:
        health = client.check()
        assert (health.ok, health.reachable, health.authorized) == (False, True, False)
        with pytest.raises(AuthenticationError):
            client.proprio("01004+0012301")


def test_where_the_token_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def sent(**options: Any) -> str | None:
        with SmallApidf(always(page([]))) as small, PAIR[0](base_url=small.url, **options, **FAST) as client:
            client.locaux(code_insee="01004").all()
            assert TOKEN not in repr(client.config)
            assert TOKEN not in repr(client)
        return small.asked[0][2]

    assert sent(token=SecretStr(TOKEN)) == f"Token {TOKEN}"
    monkeypatch.setenv("FRGOV_APIDF_TOKEN", TOKEN)
    assert sent() == f"Token {TOKEN}"
    assert sent(token="other") == "Token other"
    assert sent(auth=HeaderKey("X-Key", "k")) is None  # credentials of one's own
    with pytest.raises(ConfigurationError, match="FRGOV_APIDF_TOKEN"):
        sent(token=None)  # as if there were no variable
    with pytest.raises(ConfigurationError, match="token"):
        PAIR[0](token="")
    with pytest.raises(ConfigurationError, match="not together"):
        PAIR[0](token=TOKEN, auth=HeaderKey("X-Key", "k"))
    with pytest.raises(ConfigurationError, match="https"):
        PAIR[0](base_url="http://apidf.example")
    monkeypatch.delenv("FRGOV_APIDF_TOKEN")
    PAIR[0](base_url="http://apidf.example").close()  # open data need no token, so nothing secret travels
    with pytest.raises(TypeError, match="did you mean 'token'"):
        PAIR[0](tokn=TOKEN)


@pytest.mark.parametrize("before", ["Token ", "token ", "Bearer ", "Token: ", "Token:", "Authorization: Token "])
def test_a_word_before_the_token_is_refused(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (before + TOKEN, SecretStr(before + TOKEN)):
        with pytest.raises(ConfigurationError, match="the token alone") as refused:
            PAIR[0](token=given)
        assert vars(refused.value)["option"] == "token"
        assert TOKEN not in str(refused.value)
    monkeypatch.setenv("FRGOV_APIDF_TOKEN", before + TOKEN)
    with pytest.raises(ConfigurationError, match="the token alone"):
        PAIR[1]()


def test_where_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAIR[0]._describe({})[1].base_url == "https://apidf-preprod.cerema.fr"
    monkeypatch.setenv("FRGOV_APIDF_BASE_URL", "https://apidf.cerema.fr")
    assert PAIR[0]._describe({})[1].base_url == "https://apidf.cerema.fr"


@pytest.mark.parametrize("colour", COLOURS)
def test_the_raw_view_answers_single_requests(colour: str) -> None:
    async def scenario(client: Any) -> None:
        reply = await client.raw.dvf_mutation(1)
        assert reply.parse().valeurfonc == 170000.0
        with pytest.raises(AttributeError, match="several requests"):
            client.raw.dvf_mutations  # noqa: B018 - the look is the test

    with SmallApidf(always(mutation(1))) as small:
        play(colour, PAIR, scenario, base_url=small.url, **FAST)
