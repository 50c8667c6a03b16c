"""One declaration, four shells: what each of them looks like to people, tools and type checkers, and what it does."""

from __future__ import annotations

import asyncio
import inspect
import json
import pydoc
from collections.abc import Callable
from typing import Any, TypedDict, Unpack
from unittest.mock import AsyncMock, create_autospec

import pytest

from frgov_clients import AsyncBanClient, BanClient, InvalidRequest
from frgov_clients.ban.raw import AsyncRawBan, RawBan
from frgov_clients.transport.client import AsyncClient, SyncClient
from frgov_clients.transport.common import CommonEndpoints
from frgov_clients.transport.effects import Flow
from frgov_clients.transport.endpoint import endpoint, flow, paginated, streamed
from frgov_clients.transport.operation import Operation, Page, Reply, Spec
from frgov_clients.transport.raw import AsyncRawView, RawReply, RawView
from frgov_clients.transport.spelling import did_you_mean
from scripted import Scripted, answer, chunked
from support import COLOURS, outcome, play, service_of

# ---- a service with one endpoint of each kind ----------------------------------------------------------------


def _text(reply: Reply, operation: Operation[str]) -> str:
    return reply.content.decode()


def _page(reply: Reply, operation: Operation[Page[int]]) -> Page[int]:
    said = json.loads(reply.content)
    after = None if said["next"] is None else Operation(_LIST, (("page", str(said["next"])),))
    return Page(said["items"], after)


_GET: Spec[str] = Spec(name="kinds.one", method="GET", path="/one", decode=_text)
_LIST: Spec[Page[int]] = Spec(name="kinds.numbers", method="GET", path="/numbers", decode=_page)
_FILE: Spec[Any] = Spec(name="kinds.file", method="GET", path="/file", decode=_text, stream=True)


class Wishes(TypedDict, total=False):
    colour: str
    """Needed."""
    size: int | None


class Kinds(CommonEndpoints):
    _service = service_of("kinds")

    @endpoint
    def one(self, q: str, *, limit: int = 5, **wishes: Unpack[Wishes]) -> Operation[str]:
        """Ask for one thing."""
        return Operation(_GET, (("q", q), ("limit", str(limit)), *((k, str(v)) for k, v in wishes.items())))

    @flow
    def two(self, q: str = "x") -> Flow[tuple[str, str]]:
        """Ask for two things, one after the other."""
        first = yield from self.call(Operation(_GET, (("q", q),)))
        second = yield from self.call(Operation(_GET, (("q", first),)))
        return first, second

    @paginated
    def numbers(self, *, at_least: int = 0) -> Operation[Page[int]]:
        """Ask for numbers, page by page."""
        return Operation(_LIST, (("at_least", str(at_least)),))

    @streamed
    def file(self, name: str) -> Operation[bytes]:
        """Ask for a file."""
        return Operation(_FILE, (("name", name),))


class RawOne(RawView, Kinds):
    pass


class AsyncRawOne(AsyncRawView, Kinds):
    pass


class KindsClient(SyncClient, Kinds):
    @property
    def raw(self) -> RawOne:
        return RawOne(self._config, self._policies, self._driver)


class AsyncKindsClient(AsyncClient, Kinds):
    @property
    def raw(self) -> AsyncRawOne:
        return AsyncRawOne(self._config, self._policies, self._driver)


PAIR = (KindsClient, AsyncKindsClient)

# ---- what they look like -------------------------------------------------------------------------------------

SHELLS: list[tuple[type, dict[str, tuple[str, bool]]]] = [
    (
        KindsClient,
        {
            "one": ("str", False),
            "two": ("tuple[str, str]", False),
            "numbers": ("Pager[int]", False),
            "file": ("Stream", False),
        },
    ),
    (
        AsyncKindsClient,
        {
            "one": ("str", True),
            "two": ("tuple[str, str]", True),
            "numbers": ("AsyncPager[int]", False),
            "file": ("AsyncOpening", False),
        },
    ),
    (RawOne, {"one": ("RawReply[str]", False), "numbers": ("Pager[int]", False), "file": ("Stream", False)}),
    (
        AsyncRawOne,
        {"one": ("RawReply[str]", True), "numbers": ("AsyncPager[int]", False), "file": ("AsyncOpening", False)},
    ),
]


@pytest.mark.parametrize(("shell", "expected"), SHELLS, ids=[shell.__name__ for shell, _ in SHELLS])
def test_a_declaration_becomes_a_real_method(shell: type, expected: dict[str, tuple[str, bool]]) -> None:
    for name, (returns, is_async) in expected.items():
        method = inspect.getattr_static(shell, name)
        assert inspect.isfunction(method), name
        assert inspect.iscoroutinefunction(method) is is_async, name
        assert inspect.signature(method).return_annotation == returns, name
        assert method.__annotations__["return"] == returns
        assert (method.__name__, method.__qualname__) == (name, f"{shell.__name__}.{name}")
        assert method.__module__ == __name__
        assert method.__doc__ == inspect.getattr_static(Kinds, name).fn.__doc__


def test_names_kinds_and_defaults_are_those_of_the_declaration() -> None:
    signature = inspect.signature(KindsClient.one)
    shown = [(each.name, each.kind.name, each.default, each.annotation) for each in signature.parameters.values()]
    empty = inspect.Parameter.empty
    assert shown == [
        ("self", "POSITIONAL_OR_KEYWORD", empty, empty),
        ("q", "POSITIONAL_OR_KEYWORD", empty, "str"),
        ("limit", "KEYWORD_ONLY", 5, "int"),
        ("colour", "KEYWORD_ONLY", ..., "str"),
        ("size", "KEYWORD_ONLY", ..., "int | None"),
    ]
    assert str(inspect.signature(AsyncKindsClient().one)).startswith("(q: 'str', *, limit: 'int' = 5, colour:")


@pytest.mark.parametrize("client", [BanClient, AsyncBanClient])
def test_options_are_written_out(client: type[BanClient | AsyncBanClient]) -> None:
    made_with = inspect.signature(client).parameters
    assert {"timeout", "retries", "base_url", "auth", "proxy", "dialect", "lookup_base_url"} <= set(made_with)
    assert {each.kind for each in made_with.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert {each.default for each in made_with.values()} == {...}  # what holds without them stands in their texts
    assert made_with["retries"].annotation == "int | Retry"
    for method in (client.search, client.reverse):
        filters = inspect.signature(method).parameters
        assert {"postcode", "citycode", "depcode", "type", "section"} <= set(filters)
        assert "filters" not in filters
    siblings = inspect.signature(client.with_options).parameters
    assert {"timeout", "deadline", "cache"} <= set(siblings)
    assert "base_url" not in siblings


@pytest.mark.parametrize("client", [BanClient, AsyncBanClient, RawBan, AsyncRawBan])
def test_help_tells_arguments_limits_and_errors(client: type) -> None:
    text = pydoc.plain(pydoc.render_doc(client.search))  # type: ignore[attr-defined]
    for part in ("postcode: ", "limit: ", "Values | None", "int | None", "1 to 50", "Raises:"):
        assert part in text, part
    assert ("async" in text.splitlines()[2].split("search")[0]) is inspect.iscoroutinefunction(client.search)  # type: ignore[attr-defined]


def test_completion_of_names_offers_what_can_be_called() -> None:
    client = BanClient()
    assert {"search", "reverse", "completion", "lookup", "search_csv", "check", "request", "raw", "config"} <= set(
        dir(client)
    )
    raw = client.raw
    assert {"search", "lookup", "request"} <= set(dir(raw))
    assert not {"search_csv", "check"} & set(dir(raw))
    callable_names = [name for name in dir(raw) if not name.startswith("_")]
    assert all(hasattr(raw, name) for name in callable_names)


def test_a_story_has_no_raw_reply_and_says_so() -> None:
    raw: Any = KindsClient().raw
    assert not hasattr(raw, "two")
    with pytest.raises(AttributeError, match="'RawOne' object has no attribute 'two': it makes several requests"):
        raw.two()


def test_the_declaration_can_be_read_on_its_own_class() -> None:
    declared = Kinds.one
    assert isinstance(declared, endpoint)
    assert declared.__doc__ == "Ask for one thing."
    assert declared.fn(object(), "x") == Operation(_GET, (("q", "x"), ("limit", "5")))


def test_a_spec_for_mocks_knows_both_colours() -> None:
    blocking = create_autospec(BanClient, instance=True)
    waiting = create_autospec(AsyncBanClient, instance=True)
    assert isinstance(waiting.search, AsyncMock) and not isinstance(blocking.search, AsyncMock)
    blocking.search("10 rue de la Paix", limit=1, postcode="75002")
    with pytest.raises(TypeError, match="postecode"):
        blocking.search("10 rue de la Paix", postecode="75002")
    with pytest.raises(TypeError):
        waiting.completion()  # `text` is missing
    waiting.search.return_value = "found"
    assert asyncio.run(waiting.search("x")) == "found"


def test_a_class_without_future_annotations_and_a_subclass_with_unknown_options() -> None:
    def plain(self: Any, q: str) -> Any:
        return Operation(_GET, (("q", q),))

    plain.__annotations__ = {"q": str, "return": Operation[str]}  # what Python 3.14 writes without the import

    class Own(KindsClient):
        mine = endpoint(plain)

        def __init__(self, **options: Unpack[NotHere]) -> None:  # type: ignore[name-defined]  # noqa: F821
            super().__init__(**options)

    assert inspect.signature(Own.mine).return_annotation == "str"
    assert list(inspect.signature(Own).parameters) == ["options"]


def test_a_subclass_may_replace_and_extend_a_method() -> None:
    class Careful(KindsClient):
        def one(self, q: str, **more: Any) -> str:  # type: ignore[override]
            return "careful " + super().one(q.strip(), **more)

    with Scripted(answer(body=b"yes")) as server, Careful(base_url=server.url) as client:
        assert client.one("  a ") == "careful yes"
        assert server.requests[0].target == "/one?q=a&limit=5"


# ---- what they do --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", COLOURS)
def test_an_endpoint_sends_and_reads(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.one("a b", limit=2, colour="red")

    with Scripted(answer(body=b"yes")) as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == "yes"
        assert server.requests[0].target == "/one?q=a+b&limit=2&colour=red"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_flow_tells_several_requests_as_one_story(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.two("a")

    with Scripted(answer(body=b"first"), answer(body=b"second")) as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == ("first", "second")
        assert [each.target for each in server.requests] == ["/one?q=a", "/one?q=first"]


PAGES = (answer(body=b'{"items": [1, 2], "next": 2}'), answer(body=b'{"items": [3], "next": null}'))


@pytest.mark.parametrize("view", ["plain", "raw"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_list_is_walked_again_and_again(colour: str, view: str) -> None:
    async def scenario(client: Any) -> Any:
        pager = (client.raw if view == "raw" else client).numbers(at_least=1)
        walked = [each async for each in pager]
        return walked, await pager.all(), [page.items async for page in pager.pages()]

    with Scripted(*PAGES * 3) as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == ([1, 2, 3], [1, 2, 3], [[1, 2], [3]])
        assert [each.target for each in server.requests] == ["/numbers?at_least=1", "/numbers?page=2"] * 3


@pytest.mark.parametrize("view", ["plain", "raw"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_stream_is_read_in_pieces(colour: str, view: str) -> None:
    async def scenario(client: Any) -> Any:
        stream = await (client.raw if view == "raw" else client).file("x")
        async with stream:
            pieces = [piece async for piece in stream]
            return stream.status, b"".join(pieces)

    with Scripted(chunked(b"abc", b"def")) as server:
        assert play(colour, PAIR, scenario, base_url=server.url) == (200, b"abcdef")


@pytest.mark.parametrize("colour", COLOURS)
def test_the_raw_view_gives_the_reply_as_it_came(colour: str) -> None:
    async def scenario(client: Any) -> Any:
        raw = await client.raw.one("a")
        return raw.inner if hasattr(raw, "inner") else raw

    with Scripted(answer(body=b"\xe9t\xe9", X_Trace="7")) as server:
        raw = play(colour, PAIR, scenario, base_url=server.url)
    assert isinstance(raw, RawReply)
    assert (raw.status, raw.content, raw.headers["x-trace"], raw.stale, raw.age) == (
        200,
        b"\xe9t\xe9",
        "7",
        False,
        None,
    )
    with pytest.raises(UnicodeDecodeError):
        raw.parse()  # the model is made on demand


def test_a_method_of_the_class_works_like_that_of_an_object() -> None:
    with Scripted(answer(body=b"yes")) as server, KindsClient(base_url=server.url) as client:
        assert KindsClient.one(client, "a") == "yes"  # type: ignore[operator]


def test_an_async_method_can_become_a_task() -> None:
    async def story() -> list[str]:
        async with AsyncKindsClient(base_url=server.url) as client:
            tasks = [asyncio.create_task(client.one(str(number))) for number in range(3)]
            return await asyncio.gather(*tasks)

    with Scripted(answer(body=b"yes")) as server:
        assert asyncio.run(story()) == ["yes"] * 3


# ---- what they refuse ----------------------------------------------------------------------------------------

MISSPELT: list[tuple[Callable[[Any], Any], str]] = [
    (lambda ban: ban.search("rue de la Paix", postecode="75002"), "search.*'postecode'; did you mean 'postcode'?"),
    (lambda ban: ban.search("rue de la Paix", postecode=None), "search.*'postecode'; did you mean 'postcode'?"),
    (lambda ban: ban.reverse(lon=2.0, lat=48.0, city_code="75056"), "reverse.*'city_code'; did you mean 'citycode'?"),
    (lambda ban: ban.completion("rue", maximumResponses=3), "completion.*did you mean 'maximum_responses'?"),
    (lambda ban: ban.search_csv(b"", column=["a"]), "search_csv.*'column'; did you mean 'columns'?"),
    (lambda ban: ban.search("rue de la Paix", zzz=1), "search.*'zzz'$"),
    (lambda ban: ban.search("rue de la Paix", zipcode="75002"), "search.*did you mean 'postcode'?"),
    (lambda ban: ban.search("rue de la Paix", code_insee="75056"), "search.*did you mean 'citycode'?"),
    (lambda ban: ban.reverse(longitude=2.0, latitude=48.0), "reverse.*did you mean 'lon'?"),
    (lambda ban: ban.search("rue de la Paix", timeout=3), r"search.*with_options\(timeout=...\).search"),
]


@pytest.mark.parametrize(("call", "message"), MISSPELT)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_misspelt_keyword_is_refused_with_the_right_one(
    colour: str, call: Callable[[Any], Any], message: str
) -> None:
    async def scenario(ban: Any) -> Any:
        return await call(ban)

    with Scripted() as server:
        with pytest.raises(TypeError, match=message):
            play(colour, (BanClient, AsyncBanClient), scenario, base_url=server.url)
        assert server.requests == []


@pytest.mark.parametrize("call", [lambda client: client.one(), lambda client: client.one("a", 3)])
@pytest.mark.parametrize("colour", COLOURS)
def test_missing_and_positional_arguments_are_refused(colour: str, call: Callable[[Any], Any]) -> None:
    async def scenario(client: Any) -> Any:
        return await call(client)

    with pytest.raises(TypeError, match="one"):
        play(colour, PAIR, scenario)


def test_what_is_refused_before_sending_is_refused_in_the_raw_view_too() -> None:
    with Scripted() as server, BanClient(base_url=server.url) as client:
        with pytest.raises(InvalidRequest, match="limit"):
            client.raw.search("rue", limit=0)
        assert server.requests == []


def test_no_hint_without_a_likely_name() -> None:
    assert did_you_mean("postecode", {"postcode", "city"}) == "; did you mean 'postcode'?"
    assert did_you_mean("qqq", {"postcode", "city"}) == ""


def test_an_exception_of_a_decoder_that_is_not_ours_is_not_hidden() -> None:
    async def scenario(client: Any) -> Any:
        return await client.one("a")

    with Scripted(answer(body=b"\xff")) as server:
        for colour in COLOURS:
            assert isinstance(outcome(colour, PAIR, scenario, base_url=server.url), UnicodeDecodeError)
