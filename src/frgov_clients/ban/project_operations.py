"""The asynchronous projects of the Géoplateforme: files too large for one request, geocoded in the background.

A project is made, gets a file and a pipeline (what to do with it), is started, and asked until it is `completed`.
Who has its token may do everything with it, for 14 days: the token goes to `base_url` alone, over https or to this
machine, and stands in no log and no error. Source: https://data.geopf.fr/geocodage/openapi
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..transport.common import CommonEndpoints
from ..transport.effects import Flow
from ..transport.endpoint import endpoint, flow, streamed
from ..transport.operation import Operation
from .project_requests import ProjectRequests, create_operation, output_operation

if TYPE_CHECKING:
    from .project_cycle import ProjectOutput
    from .project_files import ProjectSource
    from .project_models import Project
    from .values import Values

__all__ = ["ProjectEndpoints"]


class ProjectEndpoints(CommonEndpoints):
    """Geocoding in the background, by the Géoplateforme only."""

    @endpoint
    def create_project(self, *, community: str | None = None) -> Operation[Project]:
        """Make an empty project. Its `token` is told now and never again.

        Args:
            community: the Géoplateforme community whose limits hold (files up to 1 GB instead of 50 MB). The client
                must have the token of a member of it: `BanClient(auth=StaticBearer(token))`.

        Raises:
            InvalidRequest: this server has no projects (addok).
            ConfigurationError: `base_url` is http and not this machine; or a community without `auth`.
            AuthenticationError, PermissionDenied: a wrong token, or not a member of the community.
        """
        return create_operation(self._policies, community)

    @flow
    def project(self, project_id: str, token: str) -> Flow[Project]:
        """Its state: `idle`, `waiting`, `processing`, `completed` or `failed`, and how far it has come.

        Raises:
            NotFound: no such project (any more).
            AuthenticationError: not its token.
        """
        return (yield from self._requests().get(project_id, token))

    @flow
    def upload_project_file(
        self, project_id: str, token: str, source: ProjectSource, *, filename: str = "data.csv"
    ) -> Flow[Project]:
        """Give an idle project its file, in pieces; a file that it has is replaced.

        Args:
            project_id: `id` of the project.
            token: `token` of the project.
            source: the bytes, a path, or a function that opens the file anew. At most 50 MB, 1 GB with a community.
            filename: how the file is called there, letters, digits, `.`, `-` and `_`; the output is named after it.
                The file's own name is not told: it may say whose it is.

        Raises:
            InvalidRequest: no file, or no such file name.
            BadRequest: the file is too large.
            Conflict: the project is not idle.
            OSError: the file can not be read.
        """
        return (yield from self._requests().upload(project_id, token, source, filename))

    @flow
    def set_project_pipeline(
        self,
        project_id: str,
        token: str,
        *,
        columns: Sequence[str] | None = None,
        filters: Mapping[str, str] | None = None,
        result_columns: Sequence[str] | None = None,
        operation: Literal["search", "reverse"] = "search",
        indexes: Values | None = None,
        lon: str | None = None,
        lat: str | None = None,
        output_format: Literal["csv", "geojson"] = "csv",
    ) -> Flow[Project]:
        """Say what an idle project is to do with its file. The service compares names with the file when it runs.

        Args:
            project_id: `id` of the project.
            token: `token` of the project.
            columns: the columns that make up the address, in order; for `search`.
            filters: a filter (`postcode`, `citycode`, `type`, ...) to the *name of the column* that holds it.
            result_columns: which result columns to get; all of them by default.
            operation: `search`, or `reverse` for a file of points.
            indexes: `address` (the default), `poi`, `parcel`, or several of them.
            lon: name of the column with the longitude.
            lat: name of the column with the latitude.
            output_format: `csv`, or `geojson`.

        Raises:
            InvalidRequest: refused before sending: names the parameter.
            Conflict: the project is not idle.
        """
        from .project_pipeline import pipeline_of

        requests = self._requests()
        pipeline = pipeline_of(
            requests.policies.service.dialect,
            columns=columns,
            filters=filters,
            result_columns=result_columns,
            operation=operation,
            indexes=indexes,
            lon=lon,
            lat=lat,
            output_format=output_format,
        )
        return (yield from requests.set_pipeline(project_id, token, pipeline))

    @flow
    def start_project(self, project_id: str, token: str) -> Flow[Project]:
        """Start the job of an idle project.

        When the answer is lost, the state tells whether the job was started; it is not started twice.

        Raises:
            Conflict: it is not idle, or lacks its file or its pipeline.
        """
        return (yield from self._requests().act("start", project_id, token))

    @flow
    def abort_project(self, project_id: str, token: str) -> Flow[Project]:
        """Give up a job that waits or runs; the project is idle again.

        Raises:
            Conflict: there is no such job.
        """
        return (yield from self._requests().act("abort", project_id, token))

    @flow
    def reset_project(self, project_id: str, token: str) -> Flow[Project]:
        """Make a completed or failed project idle again. Its output is gone.

        Raises:
            Conflict: it is neither completed nor failed.
        """
        return (yield from self._requests().act("reset", project_id, token))

    @flow
    def delete_project(self, project_id: str, token: str) -> Flow[None]:
        """Delete a project and its files. One that is not there (any more) counts as deleted.

        Raises:
            Conflict: its job waits or runs: abort it first.
        """
        yield from self._requests().delete(project_id, token)

    @streamed
    def download_project_output(self, project_id: str, file_token: str) -> Operation[Any]:
        """The output of a completed project, read in pieces inside `with`.

        Args:
            project_id: `id` of the project.
            file_token: `output_file.token` of the project; whoever has it may read the file.

        Raises:
            PermissionDenied: not the token of the file, or there is none.
        """
        return output_operation(self._policies, project_id, file_token)

    @flow
    def geocode_project(
        self,
        source: ProjectSource,
        output: str | Path,
        *,
        columns: Sequence[str] | None = None,
        filters: Mapping[str, str] | None = None,
        result_columns: Sequence[str] | None = None,
        operation: Literal["search", "reverse"] = "search",
        indexes: Values | None = None,
        lon: str | None = None,
        lat: str | None = None,
        community: str | None = None,
        poll: tuple[float, float] = (1.0, 30.0),
        patience: float = 86_400.0,
        remembered: Mapping[str, str] | None = None,
        remember: Callable[[str, str | None], None] | None = None,
        watch: Callable[[Project], object] | None = None,
        keep: bool = False,
    ) -> Flow[ProjectOutput]:
        """Geocode one CSV file in the background, from its upload to its output, across restarts.

        What the job has reached is looked up in the service, never guessed: after a crash, call it again with what
        was remembered, the same file and the same questions, and it goes on. A project that is lost or that was for
        something else is made anew. The rows of the output are not counted here.

        Args:
            source: the bytes, a path, or a function that opens the file anew. At most 50 MB, 1 GB with a community.
            output: path of the file to write; it is there whole or not at all.
            columns: see `set_project_pipeline`, as for `filters`, `result_columns`, `operation`, `indexes`, `lon`,
                `lat`.
            filters: see `columns`.
            result_columns: see `columns`.
            operation: see `columns`.
            indexes: see `columns`.
            lon: see `columns`.
            lat: see `columns`.
            community: see `create_project`.
            poll: seconds between two looks at a running job: the first pause, and the longest.
            patience: seconds that this call may take in all.
            remembered: what an earlier call gave to `remember`. What was for another file or another question is
                deleted in the service: keep one memory for each job.
            remember: called with a name and a text (`None`: forget it) whenever there is something to keep. The text
                holds the token of the project: keep it as a secret.
            watch: called with the project at every look.
            keep: leave the project in the service, and remembered, when the output is here; else it is deleted.

        Raises:
            ProjectFailed: the service could not do it (an unknown column, a broken file).
            DeadlineExceeded: `patience` is over. The job goes on; call again later.
            InvalidRequest, ConfigurationError: refused before sending.
            OSError: a file can not be read or written.
        """
        from .project_cycle import Cycle, Memory
        from .project_pipeline import pipeline_of

        requests = self._requests()
        pipeline = pipeline_of(
            requests.policies.service.dialect,
            columns=columns,
            filters=filters,
            result_columns=result_columns,
            operation=operation,
            indexes=indexes,
            lon=lon,
            lat=lat,
            output_format="csv",
        )
        memory = Memory(remembered, remember)
        cycle = Cycle(requests, source, Path(output), pipeline, memory, community=community, watch=watch, keep=keep)
        return (yield from cycle.play(poll, patience))

    def _requests(self) -> ProjectRequests:
        return ProjectRequests(self._policies, self._watched)
