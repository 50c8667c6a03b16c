"""The asynchronous projects of the fake geocoder: their states, their files, and who may touch them."""

from __future__ import annotations

import secrets
import string
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

from .geopf_csv import FILTERS, Geocoding, filename_of, geojson, read_table
from .geopf_faults import Fault
from .geopf_params import Refused

__all__ = ["Download", "FakeProject", "Projects"]

_LETTERS: Final = string.ascii_letters + string.digits
_UNITS: Final = {"MB": 1024 * 1024, "GB": 1024 * 1024 * 1024}


def _secret(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _may_fail(fault: Fault | None) -> None:
    if fault is not None and fault.job_error:
        raise Refused(500, fault.job_error)


@dataclass(frozen=True, slots=True)
class Download:
    """A file to hand over."""

    name: str
    content: bytes = field(repr=False)


@dataclass(slots=True)
class FakeProject:
    """One project as the server holds it."""

    max_input: str
    concurrency: int
    user_agent: str
    id: str = field(default_factory=lambda: _secret(10))
    token: str = field(default_factory=lambda: _secret(24), repr=False)
    status: str = "idle"
    created_at: str = field(default_factory=_now)
    updated_at: str = field(default_factory=_now)
    pipeline: dict[str, Any] | None = None
    input: Download | None = None
    input_token: str = field(default="", repr=False)
    output: Download | None = None
    output_token: str = field(default="", repr=False)
    processing: dict[str, Any] = field(default_factory=dict[str, Any])
    polls_left: int = 0
    fault: Fault | None = None

    def told(self) -> dict[str, Any]:
        """As the service tells it: without the token."""
        told: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "params": {"maxInputFileSize": self.max_input, "concurrency": self.concurrency},
            "ip": "127.0.0.1",
            "userAgent": self.user_agent,
            "processing": self.processing,
        }
        if self.pipeline is not None:
            told["pipeline"] = self.pipeline
        for name, file, token in (
            ("inputFile", self.input, self.input_token),
            ("outputFile", self.output, self.output_token),
        ):
            if file is not None:
                told[name] = {"name": file.name, "size": len(file.content), "token": token}
        return told

    def needs(self, *statuses: str) -> None:
        if self.status not in statuses:
            wanted = ", ".join(statuses)
            raise Refused(409, f"This action requires the following statuses: {wanted}. Actual status: {self.status}")

    @property
    def max_bytes(self) -> int:
        return int(self.max_input[:-2]) * _UNITS[self.max_input[-2:]]


Work = Callable[[FakeProject], Geocoding]
"""Makes the geocoding of a project; raises `Refused` for options that do not fit its file."""


class Projects:
    """All projects. A job advances when it is asked for: so tests need not wait."""

    def __init__(self, polls: int, bearer: str | None, communities: Mapping[str, str]) -> None:
        self.polls = polls
        self._bearer = bearer
        self._communities = communities
        self._by_id: dict[str, FakeProject] = {}
        self._lock = threading.RLock()
        self.created = 0
        self.jobs = 0
        """Jobs that were done to their end, well or badly."""

    def __len__(self) -> int:
        return len(self._by_id)

    def all(self) -> list[FakeProject]:
        """The projects that are there."""
        with self._lock:
            return list(self._by_id.values())

    def forget(self) -> None:
        """Lose all projects, as an end of life or an accident does."""
        with self._lock:
            self._by_id.clear()

    def create(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """A new project, and its token for the only time."""
        authorization, community = headers.get("authorization", ""), headers.get("x-community", "")
        limit, concurrency = "50MB", 1
        if authorization or community:
            if not authorization:
                raise Refused(401, "Authentication required")
            if not authorization.startswith("Bearer "):
                raise Refused(401, "Invalid Authorization header")
            if self._bearer is None or authorization[7:] != self._bearer:
                raise Refused(401, "Invalid token")
            if community:
                if community not in self._communities:
                    raise Refused(403, "User is not a member of this community")
                limit, concurrency = self._communities[community], 4
        project = FakeProject(limit, concurrency, headers.get("user-agent", ""))
        with self._lock:
            self._by_id[project.id] = project
            self.created += 1
        return {**project.told(), "token": project.token}

    def of(self, identifier: str) -> FakeProject:
        """The project of that name, whoever asks."""
        with self._lock:
            found = self._by_id.get(identifier)
        if found is None:
            raise Refused(404, "Project not found")
        return found

    def allowed(self, identifier: str, headers: Mapping[str, str]) -> FakeProject:
        """The project, for who has its token."""
        project = self.of(identifier)
        kind, _, token = headers.get("authorization", "").partition(" ")
        if not kind:
            raise Refused(401, "Authentication required")
        if kind != "Token":
            raise Refused(401, "Invalid token type")
        if token != project.token:
            raise Refused(401, "Invalid token")
        return project

    def look(self, project: FakeProject, work: Work) -> dict[str, Any]:
        """The state, after a running job has come one step further."""
        with self._lock:
            if project.status in {"waiting", "processing"}:
                if project.polls_left <= 0:
                    self._finish(project, work)
                else:
                    project.polls_left -= 1
                    if project.status == "waiting":
                        project.processing = {"step": "validating", "startedAt": _now()}
                    project.status = "processing"
            return project.told()

    def _finish(self, project: FakeProject, work: Work) -> None:
        self.jobs += 1
        assert project.input is not None
        assert project.pipeline is not None
        size = len(project.input.content)
        processing = project.processing = {"step": "geocoding", "startedAt": _now()}
        kind = project.pipeline["outputFormat"]
        try:
            _may_fail(project.fault)
            table = read_table(project.input.content)
            rows = len(table.rows)
            processing["validationProgress"] = {"readRows": rows, "readBytes": size, "totalBytes": size}
            processing["geocodingProgress"] = {"readRows": 0, "totalRows": rows}
            done = work(project)
            content = geojson(done) if kind == "geojson" else b"".join(piece for _, piece in done.batches())
        except Refused as why:
            project.status = "failed"
            processing |= {"finishedAt": _now(), "globalError": str(why)}
        else:
            project.status = "completed"
            processing["geocodingProgress"]["readRows"] = rows
            processing |= {"step": "completed", "finishedAt": _now()}
            project.output = Download(filename_of(project.input.name, kind), content)
            project.output_token = _secret(24)
        project.updated_at = _now()

    def act(self, project: FakeProject, action: str, fault: Fault | None) -> dict[str, Any]:
        """`start`, `abort` or `reset`."""
        with self._lock:
            if action == "start":
                project.needs("idle")
                if project.input is None:
                    raise Refused(409, "No input file defined")
                if project.pipeline is None:
                    raise Refused(409, "No data pipeline defined")
                project.status, project.polls_left, project.fault = "waiting", self.polls, fault
            else:
                project.needs(*(("processing", "waiting") if action == "abort" else ("completed", "failed")))
                project.status, project.processing, project.output = "idle", {}, None
            project.updated_at = _now()
            return project.told()

    def set_input(self, project: FakeProject, name: str, content: bytes) -> dict[str, Any]:
        """Keep the file; too large a one is refused."""
        with self._lock:
            if len(content) > project.max_bytes:
                raise Refused(400, f"File too large. Maximum allowed: {project.max_input}")
            project.needs("idle")
            project.input, project.input_token = Download(name, content), _secret(24)
            project.updated_at = _now()
            return project.told()

    def set_pipeline(self, project: FakeProject, given: Any) -> dict[str, Any]:
        """Keep what is asked. Columns are not compared with the file before the job runs."""
        asked: dict[str, Any] = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        kind = asked.get("outputFormat", "csv")
        if kind not in {"csv", "geojson"}:
            raise Refused(400, f"outputFormat not supported: {kind}")
        options: Any = asked.get("geocodeOptions")
        if not isinstance(options, dict):
            raise Refused(400, "Missing or invalid geocodeOptions")
        known = {"columns", "operation", "indexes", "result_columns", "lon", "lat", *FILTERS}
        kept = {name: value for name, value in cast("dict[str, Any]", options).items() if name in known}
        with self._lock:
            project.needs("idle")
            kept = {**kept, "operation": kept.get("operation", "search"), "indexes": kept.get("indexes", ["address"])}
            project.pipeline = {"geocodeOptions": kept, "outputFormat": kind}
            project.updated_at = _now()
            return project.told()

    def delete(self, project: FakeProject) -> None:
        """Take it away, unless its job is under way."""
        with self._lock:
            project.needs("idle", "completed", "aborted", "failed")
            self._by_id.pop(project.id, None)
