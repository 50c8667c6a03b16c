"""A fake of the Cerema's data API (apidf) on loopback: sales, land files, waste land and indicators, all made up.

It is a fake: no price, no owner and no place in it is real, the squares of its communes lie where they do not. What it
is faithful in is the manner: slashes, a location that must be given, boxes and lists of codes that must not be too
large, numbers that come as text, pages and the links between them, tokens for what is restricted.

```python
with FakeApidf({"59350": 1_200}) as fake, ApidfClient(base_url=fake.url, token="jeton") as data:
    fake.faults.append(Fault(path="/ff/", status=503))
```

Guessed: the texts of refusals but for the beginning of the one about large boxes, which fields come unless all are
asked for, the usual size of a page, and most indicators.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeVar, cast

from .apidf_filters import chooser, ordered
from .apidf_indicators import indicators
from .apidf_kinds import KINDS, Entry, Library
from .apidf_places import Box, Location, box_of_commune
from .cerema_faults import Fault
from .cerema_links import LinkForm
from .cerema_pages import Refusal, detail, drf, moved, not_found_page, page_of, throttled
from .cerema_records import Slice, written
from .fake_service import FakeService
from .faults import Received
from .http_server import Answer

__all__ = ["FakeApidf", "Fault", "Received"]

T = TypeVar("T")

_NONE: Final = Fault()
_USUAL: Final = ("01004", "13201", "2A004", "57463", "67043", "67482", "75056", "97411", *map(str, range(59001, 59013)))
_COUNT: Final = 40
_ABOUT_PAGES: Final = frozenset({"page", "page_size", "fields"})
_LISTS: Final[Mapping[str, str]] = {
    **{name: name for name in KINDS},
    **{name.replace("/", "/geo"): name for name, kind in KINDS.items() if kind.geometry},
}
"""From the path of a list to the records in it: those with shapes hold the same."""


class FakeApidf(FakeService[Fault]):
    """One fake data API, started by `with`, or given to `FakeCerema` to be answered beside the portal.

    Args:
        communes: which have records, and of how many places; without numbers 40. Every place has a parcel, premises,
            an owner and a sale; every tenth sale is in a second commune of the département too, every fifth place is
            waste land. By default twelve communes of the Nord (59001 to 59012) and some of other départements.
        seed: of what is made up.
        tokens: which are good for the restricted lists; those of the portal (V1) are too when it has this fake.
        powerless: tokens that are known and allow nothing, answered 403 there.
        page_size: entries of a page, unless `page_size` in a request says otherwise, up to `max_page_size`.
        bbox_status: 400 or 403, of the refusal of a large box: both are told.
        descending: whether sales can be ordered the other way round, which one user says they can not.
        corrupt_next: how the link to the next page is written, see `LinkForm`.
        latency: seconds before every answer; requests that come together wait together.
        max_requests_per_second: answer 429 when more come, until `pause` seconds after they stopped coming.
    """

    def __init__(
        self,
        communes: Mapping[str, int] | Iterable[str] = _USUAL,
        *,
        seed: int = 0,
        tokens: Collection[str] = ("jeton",),
        powerless: Collection[str] = (),
        page_size: int = 100,
        max_page_size: int = 500,
        bbox_status: int = 400,
        descending: bool = True,
        corrupt_next: LinkForm = "http",
        latency: float = 0.0,
        max_requests_per_second: int | None = None,
        pause: float = 5.0,
    ) -> None:
        super().__init__(_NONE, latency=latency, max_requests_per_second=max_requests_per_second, pause=pause)
        counts = (
            dict(cast("Mapping[str, int]", communes))
            if isinstance(communes, Mapping)
            else dict.fromkeys(communes, _COUNT)
        )
        self.boxes: Mapping[str, Box] = {code: box_of_commune(code) for code in counts}
        """Where the communes lie: all that is in one has a point in common with its box."""
        self.tokens = set(tokens)
        self.powerless = set(powerless)
        self.portal_has: Callable[[str], bool] = lambda _: False
        """Whether a token is one of the portal beside it."""
        self.page_size = page_size
        self.max_page_size = max_page_size
        self.bbox_status = bbox_status
        self.descending = descending
        self.corrupt_next: LinkForm = corrupt_next
        self._seed = seed
        self._library = Library(counts, seed)
        self._found = lru_cache(16)(self._find)  # a walk through pages asks the same again and again

    # ---- answers ----------------------------------------------------------------------------------------------

    def _answer(self, request: Received, body: bytes, fault: Fault) -> Answer:  # noqa: ARG002 - as it is called
        try:
            return self._route(request, fault)
        except Refusal as no:
            return no.answer

    def _failure(self, status: int, *headers: tuple[str, str]) -> Answer:
        return detail(status, "Le service échoue comme il lui a été dit.", *headers)

    def _too_many(self, seconds: float) -> Answer:
        return throttled(seconds)

    def _route(self, request: Received, fault: Fault) -> Answer:
        parts = request.path.strip("/").split("/")
        name = "/".join(parts[:2])
        known = _LISTS.get(name)
        is_record = known is not None and known == name and len(parts) == 3
        if not is_record and (len(parts) != 2 if known else parts[0] != "indicateurs"):
            return not_found_page()
        if not request.path.endswith("/"):
            return moved(request, request.path + "/")
        self._check(request, restricted=known is not None and KINDS[known].restricted)
        if request.method not in {"GET", "HEAD"}:
            return detail(405, f"Méthode « {request.method} » non autorisée.")
        if known is None:
            return self._indicators(parts[1:], request, fault)
        return self._record(known, parts[2]) if is_record else self._list(known, request, fault, geo=known != name)

    def _check(self, request: Received, *, restricted: bool) -> None:
        """Let a request pass that may see what it asks for. A bad token is refused everywhere. Raises `Refusal`."""
        keyword, _, token = request.headers.get("authorization", "").partition(" ")
        if keyword != "Token" or not token:
            if restricted:
                words = "Informations d'authentification non fournies."
                raise Refusal(detail(401, words, ("www-authenticate", "Token")))
            return
        if token in self.powerless:
            if restricted:
                raise Refusal(detail(403, "Vous n'avez pas la permission d'effectuer cette action."))
        elif token not in self.tokens and not self.portal_has(token):
            raise Refusal(detail(401, "Jeton non valide.", ("www-authenticate", "Token")))

    def _record(self, name: str, text: str) -> Answer:
        kind, entries = KINDS[name], self._library.entries(name)
        key: int | str = int(text) if kind.key == "idmutation" and text.isascii() and text.isdigit() else text
        found = entries.get(key)
        return detail(404, "Pas trouvé.") if found is None else drf(200, found.sent(kind, whole=True, geo=False))

    def _list(self, name: str, request: Received, fault: Fault, *, geo: bool) -> Answer:
        kind = KINDS[name]
        asked = tuple(sorted(each for each in request.query.items() if each[0] not in _ABOUT_PAGES))
        found = self._found(name, asked, self.descending or kind.key != "idmutation")
        whole = request.query.get("fields") == "all"
        return self._page(found, lambda entry: entry.sent(kind, whole=whole, geo=geo), request, fault, geo=geo)

    def _find(self, name: str, asked: tuple[tuple[str, str], ...], descending: bool) -> list[Entry]:
        """The records that are asked for. Raises `Refusal`."""
        kind, query = KINDS[name], dict(asked)
        where = Location(query, kind.locations, kind.widest, self.bbox_status)
        fits = chooser(kind, query)
        found = [
            entry
            for entry in self._library.entries(name).values()
            if where.has(entry.communes, entry.departement, entry.box) and fits(entry.record)
        ]
        return ordered(found, query.get("ordering", ""), descending=descending)

    def _indicators(self, path: list[str], request: Received, fault: Fault) -> Answer:
        rows = indicators(path, request.query, self._seed)
        if rows is None:
            return not_found_page()
        return self._page(rows, written, request, fault)

    def _page(
        self, found: Sequence[T], write: Callable[[T], bytes], request: Received, fault: Fault, *, geo: bool = False
    ) -> Answer:
        def take(start: int, stop: int) -> Slice:
            return Slice(len(found), [write(each) for each in found[start:stop]])

        return page_of(
            request,
            request.path,
            take,
            sizes=(self.page_size, self.max_page_size),
            link=self.corrupt_next,
            fault=fault,
            entries="features" if geo else "results",
            first={"type": "FeatureCollection"} if geo else None,
        )
