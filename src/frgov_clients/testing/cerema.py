"""A fake of the portal Données foncières (Cerema) on loopback, for tests, guides and trying things out.

It is a fake, and nobody's rights can be learnt from it: the portal has no public specification, so it answers as the
code of Zero Logement Vacant and a few payloads kept there show the real one. What it is faithful in is the manner:
both generations of tokens, slashes, pages, the broken links between pages, refusals. What is guessed is told below.

```python
with FakeCerema.sample() as fake, CeremaClient(base_url=fake.url, username="username", password="password") as portal:
    fake.users.change(123, cgu_valide=None)
    fake.faults.append(Fault(path="/api/groupes/", status=503))
```

From a terminal: `python -m frgov_clients.testing.cerema` (`--crowd` for 13,064 users) runs until Ctrl-C, and prints the
variables that lead `frgov cerema` there.

Guessed: every text of refusal but "Authentication credentials were not provided.", the route that renews a token, how
large a page may be, the answers of `permissions` for an unknown address, and how long tokens last.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import signal
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Self

from .apidf import FakeApidf
from .cerema_crowd import crowd
from .cerema_faults import Fault
from .cerema_links import LinkForm
from .cerema_pages import Refusal, detail, drf, moved, not_found_page, page_of, throttled
from .cerema_records import Slice, Table, written
from .cerema_tokens import Generation, LoginRefusal, Tokens
from .cerema_worlds import sample
from .fake_service import FakeService
from .faults import Received
from .http_server import Answer

__all__ = ["FakeCerema", "Fault", "Received", "Table"]

_NONE: Final = Fault()
_PATH: Final = re.compile(r"/api/(utilisateurs|structures|groupes|perimetres|permissions)(?:/([0-9]+))?(/?)")
_WITH_SLASH: Final = frozenset({"groupes", "perimetres"})
"""What is asked for with a slash after its number; structures are not."""
_TOKENS: Final[Mapping[str, Generation]] = {"/api/api-token-auth": "v1", "/api/token": "v2"}
_RENEW: Final = "/api/token/refresh"


class FakeCerema(FakeService[Fault]):
    """One fake portal, started by `with`. `sample` and `crowd` make one with records in it.

    Args:
        users: records as they are sent, with `id_user`; the other three likewise, by `id_structure`, `id_groupe` and
            `perimetre_id`. A reference to a record that is not there is answered 404, as of any other number.
        accounts: who may log in, and with what password.
        generations: which tokens are served: `v1` (`Token`, without an end) and `v2` (`Bearer`, JWT). The login of
            one that is not served is answered with 404.
        page_size: entries of a page, unless `page_size` in a request says otherwise, up to `max_page_size`.
        corrupt_next: how the link to the next page is written, see `LinkForm`.
        token_seconds: how long a token of V2 is good, in whole seconds. One that renews it is good for a day.
        refresh: whether there is a route that renews tokens of V2.
        login_refusal: a wrong password is answered by 401 and plain text, as was seen, or as the framework does it.
        any_keyword: take either kind of token with either keyword; otherwise V1 is `Token`, V2 is `Bearer`.
        exact_emails: whether upper and lower case count where users are asked for by address.
        latency: seconds before every answer; requests that come together wait together.
        max_requests_per_second: answer 429 when more come, until `pause` seconds after they stopped coming.
        data: the fake of the data API, answered by the same server; it keeps its own faults, quota and latency.
    """

    def __init__(
        self,
        users: Iterable[Mapping[str, Any]] = (),
        structures: Iterable[Mapping[str, Any]] = (),
        groups: Iterable[Mapping[str, Any]] = (),
        perimeters: Iterable[Mapping[str, Any]] = (),
        *,
        accounts: Mapping[str, str] | None = None,
        generations: Collection[Generation] = ("v1", "v2"),
        page_size: int = 50,
        max_page_size: int = 1_000,
        corrupt_next: LinkForm = "http",
        token_seconds: float = 300.0,
        refresh: bool = True,
        login_refusal: LoginRefusal = "text",
        any_keyword: bool = False,
        exact_emails: bool = False,
        latency: float = 0.0,
        max_requests_per_second: int | None = None,
        pause: float = 5.0,
        data: FakeApidf | None = None,
    ) -> None:
        super().__init__(_NONE, latency=latency, max_requests_per_second=max_requests_per_second, pause=pause)
        self.users = Table("id_user", users, index="email", exact=exact_emails)
        """What the portal holds; it may be changed while it runs."""
        self.structures = Table("id_structure", structures)
        self.groups = Table("id_groupe", groups)
        self.perimeters = Table("perimetre_id", perimeters)
        self.page_size = page_size
        self.max_page_size = max_page_size
        self.corrupt_next: LinkForm = corrupt_next
        self.refresh = refresh
        self.tokens = Tokens(
            {"username": "password"} if accounts is None else accounts,
            generations,
            seconds=token_seconds,
            login_refusal=login_refusal,
            any_keyword=any_keyword,
        )
        """Who may come in: `given` counts logins and renewals."""
        self.data = data
        if data is not None:
            data.portal_has = self.tokens.has
            data.over = self.over
        self._tables: Final[Mapping[str, Table]] = {
            "utilisateurs": self.users,
            "structures": self.structures,
            "groupes": self.groups,
            "perimetres": self.perimeters,
        }

    @classmethod
    def sample(cls, **options: Any) -> Self:
        """The small world of the recorded payloads: three users, three structures, a group and two perimeters.

        User 124 is in structure 457, which stands in no payload; `structures.remove(457)` takes it away again.
        """
        return cls(*sample(), **options)

    @classmethod
    def crowd(
        cls,
        users: int = 13_064,
        structures: int = 1_000,
        groups: int = 1_500,
        perimeters: int = 5_018,
        *,
        seed: int = 0,
        **options: Any,
    ) -> Self:
        """A large world, made up, and the same for the same arguments.

        Perimeters are of the kinds that the real ones are of, in the same proportions. Addresses are of example.fr.
        """
        return cls(*crowd(users, structures, groups, perimeters, seed=seed), **options)

    def revoke_tokens(self) -> None:
        """From now on every token given so far is answered 401."""
        self.tokens.revoke()

    # ---- answers ----------------------------------------------------------------------------------------------

    def _respond(self, request: Received, body: bytes) -> Answer:
        if self.data is not None and not request.path.startswith("/api/"):
            return self.data.respond(request, body)
        return super()._respond(request, body)

    def _answer(self, request: Received, body: bytes, fault: Fault) -> Answer:
        try:
            if request.path.rstrip("/") in {*_TOKENS, _RENEW}:
                return self._token(request, body)
            return self._route(request, fault)
        except Refusal as no:
            return no.answer

    def _failure(self, status: int, *headers: tuple[str, str]) -> Answer:
        return detail(status, "The service fails as it was told to.", *headers)

    def _too_many(self, seconds: float) -> Answer:
        return throttled(seconds)

    def _token(self, request: Received, body: bytes) -> Answer:
        path = request.path.rstrip("/")
        generation = _TOKENS.get(path)
        if (generation or "v2") not in self.tokens.generations or (generation is None and not self.refresh):
            return not_found_page()
        if not request.path.endswith("/"):
            return moved(request, path + "/")
        if request.method != "POST":
            return detail(405, f'Method "{request.method}" not allowed.')
        return self.tokens.renew(request, body) if generation is None else self.tokens.log_in(generation, request, body)

    def _route(self, request: Received, fault: Fault) -> Answer:
        found = _PATH.fullmatch(request.path)
        if found is None or (found[2] and found[1] in {"utilisateurs", "permissions"}):
            return not_found_page()
        kind, number, slash = found[1], found[2], found[3]
        if number and bool(slash) != (kind in _WITH_SLASH):
            return moved(request, request.path[:-1] if slash else request.path + "/")
        self.tokens.check(request)
        if request.method not in {"GET", "HEAD"}:
            return detail(405, f'Method "{request.method}" not allowed.')
        if kind == "permissions":
            return self._permissions(request)
        if number:
            record = self._tables[kind].get_written(int(number))
            return detail(404, "Not found.") if record is None else drf(200, record)
        return self._list(kind, request, fault)

    def _list(self, kind: str, request: Received, fault: Fault) -> Answer:
        table = self._tables[kind]
        email = request.query.get("email") if kind == "utilisateurs" else None

        def take(start: int, stop: int) -> Slice:
            return table.slice(start, stop, email or None)  # an empty filter filters nothing

        sizes = (self.page_size, self.max_page_size)
        return page_of(request, f"/api/{kind}/", take, sizes=sizes, link=self.corrupt_next, fault=fault)

    def _permissions(self, request: Received) -> Answer:
        """What the first row of an address may see."""
        rows = self.users.having(request.query.get("email", ""))
        if not rows:
            return detail(404, "Not found.")
        group = self.groups.get(rows[0]["groupe"]) or {}
        perimeter = self.perimeters.get(group.get("perimetre")) if group.get("lovac") else None
        lovac = None if perimeter is None else {"fr_entiere": perimeter["fr_entiere"], "comm": perimeter["comm"]}
        return drf(200, written({"cgu_valide": rows[0]["cgu_valide"], "lovac": lovac}))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a fake of both services of the Cerema until Ctrl-C or SIGTERM."""
    from .apidf import FakeApidf

    parser = argparse.ArgumentParser(prog="python -m frgov_clients.testing.cerema", description=main.__doc__)
    parser.add_argument(
        "--crowd", action="store_true", help="with 13,064 made-up users rather than the three of the sample"
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    make = FakeCerema.crowd if options.crowd else FakeCerema.sample
    with contextlib.suppress(KeyboardInterrupt), make(data=FakeApidf()) as fake:
        print(f"export FRGOV_CEREMA_BASE_URL={fake.url} FRGOV_CEREMA_USERNAME=username FRGOV_CEREMA_PASSWORD=password")
        print(f"export FRGOV_APIDF_BASE_URL={fake.url} FRGOV_APIDF_TOKEN=jeton", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
