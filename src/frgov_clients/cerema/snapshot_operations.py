"""The snapshot of the portal: declared once for the sync and the async client."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Final, ParamSpec, Self, TypeAlias, cast, overload

from ..errors import ClientClosed, InvalidRequest
from ..transport.common import CommonEndpoints
from ..transport.endpoint import AsyncCalls, Declaration, SyncCalls
from ..transport.reading import read_flag, read_seconds, read_whole
from .operations import PAGE_TIMEOUT, first_page

if TYPE_CHECKING:
    from .snapshot.callback import Into
    from .snapshot.extraction import Extraction, Target
    from .snapshot.kinds import Kind, SnapshotProgress
    from .snapshot.result import PartialSnapshot, Snapshot

    Outcome: TypeAlias = Snapshot | PartialSnapshot

__all__ = ["SnapshotEndpoints"]

P = ParamSpec("P")
HOURS: Final = 3_600.0
MOST_IN_FLIGHT: Final = 50


class extracted(Declaration[P, Any]):  # noqa: N801 - a decorator
    """Many requests, some at once, whose answers go somewhere else."""

    kind = "extract"
    returns: ClassVar = {"sync": "Snapshot | PartialSnapshot", "async": "Snapshot | PartialSnapshot"}

    def __init__(self, fn: Callable[Concatenate[Any, P], Extraction]) -> None:
        super().__init__(fn)

    @overload
    def __get__(self, obj: SyncCalls, owner: Any) -> Callable[P, Outcome]: ...
    @overload
    def __get__(self, obj: AsyncCalls, owner: Any) -> Callable[P, Coroutine[Any, Any, Outcome]]: ...
    @overload
    def __get__(self, obj: object, owner: Any) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        return self.on(obj)


class SnapshotEndpoints(CommonEndpoints):
    """All of the portal at once."""

    @extracted
    def snapshot(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        into: Into | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        kinds: Iterable[Kind | str] | None = None,
        page_size: int | None = None,
        in_flight: int = 4,
        patience: float | timedelta = 60.0,
        resume: bool = True,
        max_age: float | timedelta = 12 * HOURS,
        progress: Callable[[SnapshotProgress], None] | None = None,
    ) -> Extraction:
        """Extract all users, structures, groups and perimeters (about 13,000 users and 5,000 perimeters).

        The result is a `Snapshot` when every record that the service counts came, each once, and a `PartialSnapshot`
        when not: the same call again then goes on where it ended, also after a crash.

        Args:
            folder: where the records go, one JSON object a line: `users.jsonl`, ... They have those names once all are
                complete, `users.partial.jsonl` until then. The folder is made when it is missing. It holds addresses of
                persons.
            into: instead of a folder, a function that is called with each `SnapshotPage`, in order; async clients take
                an async function too. A page may come once more after a crash.
            checkpoint: beside `into`, a file that tells the next extraction where to go on.
            kinds: only some of `users`, `structures`, `groups`, `perimeters`.
            page_size: records per request, as far as the service allows; by default as it likes.
            in_flight: requests at once: 4. The client's quota is kept besides: 5 per second by default.
            patience: seconds to wait for a service that is down, before the extraction ends as it is.
            resume: False begins anew, whatever lies there.
            max_age: seconds after its beginning during which an extraction may be gone on with: 12 hours.
            progress: told after each step, and once a second at least, how far it is (`SnapshotProgress`).

        Raises:
            AuthenticationError: the credentials are wrong. What came until then is kept.
            InvalidRequest: neither or both of `folder` and `into`; another extraction writes there, or a complete
                snapshot of more kinds lies there.
            OSError: the folder can not be written to.
        """
        from .snapshot.checkpoint import Question
        from .snapshot.extraction import Extraction

        for name, given in {"into": into, "progress": progress}.items():
            if given is not None and not callable(given):
                raise InvalidRequest.of(name, "a function of one argument")
        age = read_seconds("max_age", max_age)
        kept = age if read_flag("resume", resume) else None
        if (folder is None) == (into is None):
            raise InvalidRequest.of("folder", "a folder, or `into`: one of the two")
        if checkpoint is not None and into is None:
            raise InvalidRequest.of("checkpoint", "only beside `into`", "A folder has its own")
        if self.is_closed:
            raise ClientClosed("the client is closed: make a new one")
        host = self._policies.origins["default"].host
        first_page("users", host, page_size)  # refuses a page size that can not be
        auth = self._policies.auth
        question = Question(self.config.base_url, "" if auth is None else auth.identity, page_size, _kinds(kinds))
        target: Target
        if into is None:
            from .snapshot.folder import FolderTarget

            target = FolderTarget(_folder(folder), question, kept)
        else:
            from .snapshot.callback import CallbackTarget

            target = CallbackTarget(into, None if checkpoint is None else Path(checkpoint), question, kept)
        # It waits for a service that is down by itself: a circuit would go on refusing long after that is back.
        patient = self._for_long_work(self.config.timeout or PAGE_TIMEOUT)
        return Extraction(
            patient.call,
            host,
            target,
            kinds=question.kinds,
            page_size=page_size,
            in_flight=read_whole("in_flight", in_flight, MOST_IN_FLIGHT),
            patience=read_seconds("patience", patience),
            progress=progress,
        )


def _folder(given: object) -> Path:
    if not isinstance(given, str | os.PathLike) or not os.fspath(cast("str", given)):
        raise InvalidRequest.of("folder", "the path of a folder")
    return Path(cast("str", given))


def _kinds(given: Iterable[Kind | str] | None) -> tuple[Kind, ...]:
    from .snapshot.kinds import Kind

    if given is None:
        return tuple(Kind)
    one = isinstance(given, str) or not isinstance(cast("object", given), Iterable)
    wanted: set[Any] = {given} if one else set(given)
    if not wanted or not wanted <= set(Kind):
        raise InvalidRequest.of("kinds", f"some of {', '.join(Kind)}")
    return tuple(kind for kind in Kind if kind in wanted)
