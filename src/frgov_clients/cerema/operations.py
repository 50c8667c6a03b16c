"""The endpoints of the portal Données foncières, each declared once for the sync and the async client.

Source: the portal has no public documentation (its Swagger page asks for a login); paths, slashes and fields are those
that Zero Logement Vacant's code uses, https://github.com/MTES-MCT/zero-logement-vacant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from ..errors import InvalidRequest, InvalidResponse
from ..transport.answers import json_model
from ..transport.common import CommonEndpoints
from ..transport.endpoint import endpoint, paginated
from ..transport.operation import Decoder, Operation, Page, Reply, Spec
from ..transport.reading import read_whole
from .emails import checked_email, email_key
from .pages import Listing, page_reader

if TYPE_CHECKING:
    from .models import Group, Perimeter, Permissions, Structure, User
    from .pages import Envelope

__all__ = ["LISTS", "PAGE_TIMEOUT", "PortalEndpoints", "first_page", "group", "perimeter", "structure"]

_FRESH: Final = 300.0
"""Seconds that a structure, a group or a perimeter may come from a cache. Rights change by hand, rarely."""
PAGE_TIMEOUT: Final = 30.0
"""Seconds that one page may take."""
_SHOWN: Final = frozenset({"page", "page_size"})


# ---- how answers are read; models load when the first answer comes -------------------------------------------


def _user() -> type[User]:
    from .models import User

    return User


def _structure() -> type[Structure]:
    from .models import Structure

    return Structure


def _group() -> type[Group]:
    from .models import Group

    return Group


def _perimeter() -> type[Perimeter]:
    from .models import Perimeter

    return Perimeter


def _permissions() -> type[Permissions]:
    from .models import Permissions

    return Permissions


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


N = TypeVar("N", bound=_Numbered)
M = TypeVar("M", bound="Structure | Group | Perimeter")


def _one(load: Callable[[], type[M]]) -> Decoder[M]:
    read = json_model(load)

    def decode(reply: Reply, operation: Operation[M]) -> M:
        found = read(reply, operation)
        if found.id != operation.context:
            raise InvalidResponse("the service gives a record with another number than the one asked for")
        return found

    return decode


def _list_of(load: Callable[[], type[N]], wanted: Callable[[N, Any], bool] | None) -> Decoder[Page[N]]:
    def envelope() -> type[Envelope[N]]:
        from .pages import Envelope

        model: Any = load()
        return Envelope[model]

    return page_reader(envelope, lambda page: page.results, lambda record: record.id, wanted)


def _is_wanted(user: User, email: str | None) -> bool:
    """Whether a user is one of those asked for; the others are left out."""
    if email is None:
        return True
    found = email_key(user.email)
    if email not in found:  # rights of somebody else must never be taken for theirs
        raise InvalidResponse("the service gives users with other e-mail addresses: it ignores the filter")
    return found == email


# ---- what is fixed -----------------------------------------------------------------------------------------


def _list(
    name: str,
    path: str,
    load: Callable[[], type[N]],
    wanted: Callable[[N, Any], bool] | None = None,
    *,
    personal: bool = False,
) -> Spec[Page[N]]:
    return Spec(
        name=f"cerema.{name}",
        method="GET",
        path=path,
        decode=_list_of(load, wanted),
        quota="portal",
        personal=personal,
        public_params=_SHOWN,
        timeout=PAGE_TIMEOUT,
    )


def _record(name: str, path: str, load: Callable[[], type[M]]) -> Spec[M]:
    return Spec(name=f"cerema.{name}", method="GET", path=path, decode=_one(load), quota="portal", ttl=_FRESH)


LISTS: Final[dict[str, Spec[Page[Any]]]] = {
    "users": _list("users", "/api/utilisateurs", _user, _is_wanted, personal=True),
    "structures": _list("structures", "/api/structures", _structure),
    "groups": _list("groups", "/api/groupes", _group),
    "perimeters": _list("perimeters", "/api/perimetres", _perimeter),
}
"""The four lists; their paths have no slash at the end."""
_STRUCTURE: Final[Spec[Structure]] = _record("structure", "/api/structures", _structure)
_GROUP: Final[Spec[Group]] = _record("group", "/api/groupes", _group)
_PERIMETER: Final[Spec[Perimeter]] = _record("perimeter", "/api/perimetres", _perimeter)
_PERMISSIONS: Final[Spec[Permissions]] = Spec(
    name="cerema.permissions",
    method="GET",
    path="/api/permissions",
    decode=json_model(_permissions),
    quota="portal",
    personal=True,
)


def first_page(name: str, host: str, page_size: int | None = None, *, email: str | None = None) -> Operation[Page[Any]]:
    """The request for the beginning of one of `LISTS`."""
    params = () if email is None else (("email", email),)
    if page_size is not None:
        params = (*params, ("page_size", str(read_whole("page_size", page_size))))
    wanted = None if email is None else email_key(email)
    return Operation(LISTS[name], params, context=Listing(host, wanted=wanted))


def structure(number: int) -> Operation[Structure]:
    """The request for one structure: without a slash at its end."""
    return Operation(_STRUCTURE, path=f"{_STRUCTURE.path}/{_number(number)}", context=number)


def group(number: int) -> Operation[Group]:
    """The request for one group: with a slash at its end."""
    return Operation(_GROUP, path=f"{_GROUP.path}/{_number(number)}/", context=number)


def perimeter(number: int) -> Operation[Perimeter]:
    """The request for one perimeter: with a slash at its end."""
    return Operation(_PERIMETER, path=f"{_PERIMETER.path}/{_number(number)}/", context=number)


class PortalEndpoints(CommonEndpoints):
    """What the portal can be asked."""

    @property
    def _host(self) -> str:
        return self._policies.origins["default"].host

    @paginated
    def users(self, email: str | None = None, *, page_size: int | None = None) -> Operation[Page[User]]:
        """Users, one for each structure that somebody belongs to: those of an e-mail address, or all (about 13,000).

        The portal filters by address alone: for the users of a structure walk through all of them (a minute at the
        default pace), or read them from a snapshot.

        Args:
            email: the whole address; upper and lower case do not count.
            page_size: users per request, as far as the service allows; by default as it likes (50 to 100).

        Raises:
            InvalidRequest: `email` is no address.
            IncompleteResult: the list changed while it was read, or the service gave fewer than it told of.
            InvalidResponse: the service ignored `email`, or names a page on another host.
            AuthenticationError: the credentials are wrong.
        """
        return first_page("users", self._host, page_size, email=None if email is None else checked_email(email))

    @paginated
    def structures(self, *, page_size: int | None = None) -> Operation[Page[Structure]]:
        """All structures (some thousands). `page_size` and errors: as for `users`."""
        return first_page("structures", self._host, page_size)

    @paginated
    def groups(self, *, page_size: int | None = None) -> Operation[Page[Group]]:
        """All groups. `page_size` and errors: as for `users`."""
        return first_page("groups", self._host, page_size)

    @paginated
    def perimeters(self, *, page_size: int | None = None) -> Operation[Page[Perimeter]]:
        """All perimeters (about 5,000). `page_size` and errors: as for `users`."""
        return first_page("perimeters", self._host, page_size)

    @endpoint
    def structure(self, id: int) -> Operation[Structure]:  # noqa: A002 - the service's name
        """One structure.

        Raises:
            NotFound: there is none with this number.
        """
        return structure(id)

    @endpoint
    def group(self, id: int) -> Operation[Group]:  # noqa: A002
        """One group.

        Raises:
            NotFound: there is none with this number.
        """
        return group(id)

    @endpoint
    def perimeter(self, id: int) -> Operation[Perimeter]:  # noqa: A002
        """One perimeter.

        Raises:
            NotFound: there is none with this number.
        """
        return perimeter(id)

    @endpoint
    def permissions(self, email: str) -> Operation[Permissions]:
        """What somebody may look at, as the portal said in 2025. It may be gone: `access` is the way of today.

        Raises:
            NotFound: nobody has this address, or the portal does not say it any more.
        """
        return Operation(_PERMISSIONS, (("email", checked_email(email)),))


def _number(value: object) -> str:
    if isinstance(value, str):
        raise InvalidRequest.of("id", "the portal's own number, a whole number", "It is neither a SIREN nor a SIRET")
    return str(read_whole("id", value))
