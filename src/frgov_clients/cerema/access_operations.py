"""What the portal says of one person, in as few steps as there are references to follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ..errors import AuthenticationError, ClientClosed, FrgovError, NotFound
from ..transport.effects import Flow, Together
from ..transport.endpoint import flow
from ..transport.operation import Operation
from ..transport.walk import collected
from .emails import checked_email, email_key
from .operations import PortalEndpoints, first_page, group, perimeter, structure

if TYPE_CHECKING:
    from .access import Access, Seen
    from .models import User

__all__ = ["AccessEndpoints"]

_AT_ONCE: Final = 8


class AccessEndpoints(PortalEndpoints):
    """Everything about one e-mail address."""

    @flow
    def access(self, email: str) -> Flow[Access]:
        """The users with an e-mail address, and the structures, groups and perimeters that they name.

        Three steps, each of requests at once. A structure, group or perimeter that can not be fetched does not end it:
        it stands in `failures`, and `Access.rights` is then `unknown` where it matters. The users themselves must come.

        Raises:
            InvalidRequest: `email` is no address.
            AuthenticationError: the credentials are wrong.
            FrgovError: the users could not be fetched; see `users`.
        """
        from .access import Access

        seen = yield from self._seen([checked_email(email)])
        users = seen.rows[email_key(email)]
        if isinstance(users, FrgovError):
            raise users
        return Access(users, seen.structures, seen.groups, seen.perimeters, seen.failures, seen.at)

    def _seen(self, emails: Iterable[str]) -> Flow[Seen]:
        """The users with these addresses, and all that they name, each asked for once."""
        from .access import Seen

        started = datetime.now(UTC)
        by_key = {email_key(each): each for each in emails}
        answers = yield Together([self._rows(each) for each in by_key.values()], _AT_ONCE)
        rows: dict[str, tuple[User, ...] | FrgovError] = dict(zip(by_key, answers, strict=True))
        users = [each for found in rows.values() if not isinstance(found, FrgovError) for each in found]
        failures: dict[str, FrgovError] = {}
        structures, groups = yield Together(
            [
                self._named("structure", structure, (each.structure for each in users), failures),
                self._named("group", group, (each.groupe for each in users), failures),
            ],
            at_most=2,
        )
        named = (getattr(each, "perimetre", None) for each in groups.values())
        perimeters = yield from self._named("perimeter", perimeter, named, failures)
        return Seen(rows, structures, groups, perimeters, failures, started)

    def _rows(self, email: str) -> Flow[tuple[User, ...] | FrgovError]:
        """The users with an address, also where the service tells capitals apart and has it without; or the error."""
        try:
            for spelling in dict.fromkeys((checked_email(email), email_key(email))):
                found = yield from collected(self.call, first_page("users", self._host, email=spelling))
                if found:
                    return tuple(found)
        except (AuthenticationError, ClientClosed):
            raise
        except FrgovError as error:
            return error
        return ()

    def _named(
        self,
        what: str,
        operation: Callable[[int], Operation[Any]],
        numbers: Iterable[int | None],
        failures: dict[str, FrgovError],
    ) -> Flow[dict[int, Any]]:
        """The records with these numbers; `ABSENT` or `None` for those that there are not, or that did not come."""
        wanted = sorted({number for number in numbers if number is not None})
        found: list[Any] = (yield Together([self._one(operation(each)) for each in wanted], _AT_ONCE)) if wanted else []
        for number, record in zip(wanted, found, strict=True):
            if isinstance(record, FrgovError):
                failures[f"{what} {number}"] = record
        return {
            number: None if isinstance(record, FrgovError) else record
            for number, record in zip(wanted, found, strict=True)
        }

    def _one(self, operation: Operation[Any]) -> Flow[Any]:
        """A record, `ABSENT`, or the error."""
        try:
            return (yield from self.call(operation))
        except (AuthenticationError, ClientClosed):
            raise
        except NotFound as error:
            from .rights import ABSENT

            return ABSENT if _is_said_by_the_service(error) else error
        except FrgovError as error:
            return error


def _is_said_by_the_service(error: NotFound) -> bool:
    """A page that a proxy or a router does not know says nothing of the record."""
    body: Any = error.body
    return isinstance(body, dict) and "detail" in body
