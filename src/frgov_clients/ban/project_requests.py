"""The requests of an asynchronous project, as flows, for the endpoints and for the whole cycle.

A request for a project is signed with the token of the project, in the place of the client's own credentials: so it
goes to `base_url` alone, and the token is masked in whatever the service says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from ..errors import (
    ConfigurationError,
    Conflict,
    FrgovError,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    ServerError,
    TransportError,
    UnexpectedContent,
)
from ..transport.answers import json_model
from ..transport.auth import StaticBearer
from ..transport.effects import Flow, Offload
from ..transport.operation import Content, Operation, Reply, Spec
from ..transport.pipeline import run
from ..transport.policies import Policies

if TYPE_CHECKING:
    from .project_files import ProjectSource
    from .project_models import Project

__all__ = ["GET", "ProjectRequests", "create_operation", "is_missing", "output_operation"]

T = TypeVar("T")
Watched = Callable[[Operation[Any], Flow[Any]], Flow[Any]]
"""Puts a span around a request, when the application traces."""


def _project() -> type[Project]:
    from .project_models import Project

    return Project


def _gone(reply: Reply, operation: Operation[None]) -> None:  # noqa: ARG001 - the shape of a decoder
    if reply.status != 204:
        text = f"HTTP {reply.status} instead of 204: it is not known to be deleted"
        raise UnexpectedContent(text, status=reply.status)


def _unread(reply: Reply, operation: Operation[Any]) -> Any:  # noqa: ARG001
    """A stream is not decoded."""
    return reply


def _spec(name: str, method: str, path: str, *, timeout: float = 30.0) -> Spec[Project]:
    return Spec(
        name=f"ban.{name}",
        method=method,
        path=f"/async/projects{path}",
        decode=json_model(_project),
        quota="geocoding",
        timeout=timeout,
    )


CREATE: Final = _spec("create_project", "POST", "")
GET: Final = _spec("project", "GET", "/{id}")
UPLOAD: Final = _spec("upload_project_file", "PUT", "/{id}/input-file", timeout=1800.0)
PIPELINE: Final = _spec("set_project_pipeline", "PUT", "/{id}/pipeline")
ACTIONS: Final = {name: _spec(f"{name}_project", "POST", f"/{{id}}/{name}") for name in ("start", "abort", "reset")}
_REACHED: Final = {
    "start": frozenset({"waiting", "processing", "completed", "failed"}),
    "abort": frozenset({"idle"}),
    "reset": frozenset({"idle"}),
}
"""States that show that the action was done."""
DELETE: Final[Spec[None]] = Spec(
    name="ban.delete_project", method="DELETE", path="/async/projects/{id}", decode=_gone, quota="geocoding"
)
DOWNLOAD: Final[Spec[Any]] = Spec(
    name="ban.download_project_output",
    method="GET",
    path="/async/projects/{id}/output-file/{token}",
    decode=_unread,
    quota="geocoding",
    accept="application/octet-stream, */*;q=0.5",
    stream=True,
    max_bytes=16 * 1024**3,
    timeout=60.0,
)

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_FILENAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


def check_server(policies: Policies) -> None:
    """Refuse a server that has no projects, or to which the token of one must not go."""
    if policies.service.dialect.name == "addok":
        raise InvalidRequest.of("dialect", "addok has no asynchronous projects", "Use `search_csv`")
    if not policies.origins["default"].secure:
        text = "base_url: the token of a project is only sent over https (or to this machine), and this address is http"
        raise ConfigurationError(text, option="base_url")


def create_operation(policies: Policies, community: str | None) -> Operation[Project]:
    """Make a project, for a community when one is named."""
    check_server(policies)
    if community is None:
        return Operation(CREATE)
    if not isinstance(cast("object", community), str) or not _NAME.fullmatch(community):
        raise InvalidRequest.of("community", "the identifier of a community: letters, digits, - and _")
    if policies.auth is None:
        text = "a community needs the token of one of its members: give the client `auth=StaticBearer(token)`"
        raise ConfigurationError(text, option="auth")
    return Operation(CREATE, headers=(("X-Community", community),))


def output_operation(policies: Policies, project_id: str, file_token: str) -> Operation[Any]:
    """Read the output; the token of the file stands in the path, and gives the right to it."""
    check_server(policies)
    return Operation(DOWNLOAD, path=_path(project_id, f"/output-file/{_checked('file_token', file_token)}"))


def is_missing(error: FrgovError) -> bool:
    """Whether the service itself says that there is no such project: not a proxy, nor a wrong `base_url`."""
    return isinstance(error, NotFound) and error.code is not None


class ProjectRequests:
    """The requests of one client about projects."""

    def __init__(self, policies: Policies, watched: Watched) -> None:
        check_server(policies)
        self.policies = policies
        self._watched = watched

    def own(self, operation: Operation[T]) -> Flow[T]:
        """Send a request with the client's own credentials, if it has any."""
        return self._watched(operation, run(operation, self.policies))

    def _signed(self, token: str, operation: Operation[T]) -> Flow[T]:
        secret = StaticBearer(_checked("token", token), scheme="Token")
        return self._watched(operation, run(operation, replace(self.policies, auth=secret)))

    def get(self, project_id: str, token: str) -> Flow[Project]:
        """The state of a project."""
        return self._signed(token, Operation(GET, path=_path(project_id)))

    def upload(self, project_id: str, token: str, source: ProjectSource, filename: str) -> Flow[Project]:
        """Send the file, in pieces."""
        from .project_files import streamed_body

        if not isinstance(cast("object", filename), str) or not _FILENAME.fullmatch(filename):
            raise InvalidRequest.of("filename", "1 to 100 letters without accents, digits, dots, - and _")
        path = _path(project_id, "/input-file")
        body = yield Offload(lambda: streamed_body(source))
        headers = (("Content-Disposition", f'attachment; filename="{filename}"'),)
        return (yield from self._signed(token, Operation(UPLOAD, path=path, headers=headers, body=body)))

    def set_pipeline(self, project_id: str, token: str, pipeline: Mapping[str, Any]) -> Flow[Project]:
        """Say what to do with the file."""
        from json import dumps

        body = Content(dumps(pipeline, ensure_ascii=False).encode())
        return self._signed(token, Operation(PIPELINE, path=_path(project_id, "/pipeline"), body=body))

    def act(self, action: str, project_id: str, token: str) -> Flow[Project]:
        """Start, abort or reset, once. When it is not known whether it was done, the state tells."""
        operation = Operation(ACTIONS[action], path=_path(project_id, f"/{action}"))
        lost: FrgovError | None = None
        for _ in range(2):
            try:
                return (yield from self._signed(token, operation))
            except (TransportError, ServerError, InvalidResponse) as error:
                if isinstance(error, TransportError) and not error.sent:
                    raise
                lost = error
            except Conflict:
                if lost is None:
                    raise
            found = yield from self.get(project_id, token)
            if found.status in _REACHED[action]:
                return found
        assert lost is not None
        raise lost

    def delete(self, project_id: str, token: str) -> Flow[None]:
        """Delete it; one that is not there counts as deleted."""
        try:
            yield from self._signed(token, Operation(DELETE, path=_path(project_id)))
        except NotFound as error:
            if not is_missing(error):
                raise


def _checked(field: str, value: str) -> str:
    if not isinstance(cast("object", value), str) or not _NAME.fullmatch(value):
        raise InvalidRequest.of(field, "1 to 100 letters, digits, - and _, as the service gave it")
    return value


def _path(project_id: str, rest: str = "") -> str:
    return f"/async/projects/{_checked('project_id', project_id)}{rest}"
