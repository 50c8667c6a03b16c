"""What the Géoplateforme answers of an asynchronous geocoding project (`/async/projects`). Unknown fields are kept."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..transport.records import Record

__all__ = ["Progress", "Project", "ProjectFile"]


class _Camel(Record):
    model_config = ConfigDict(alias_generator=to_camel)


class ProjectFile(_Camel):
    """A file of a project; its token, not its name, gives access to it."""

    name: str
    size: int
    """Bytes."""
    token: str = Field(repr=False)


class Progress(_Camel):
    """How far a job has come. Every part appears when its step begins."""

    step: str | None = None
    """`validating`, `geocoding`, `finished`, ..."""
    started_at: str | None = None
    finished_at: str | None = None
    validation_progress: dict[str, Any] | None = None
    geocoding_progress: dict[str, Any] | None = None
    """`readRows` and `totalRows`, as the service writes them."""
    global_error: str | None = None
    """Why the job failed, in the service's words: they may repeat the file."""
    validation_error: str | None = None
    geocoding_error: str | None = None


class Project(_Camel):
    """A project: made, given a file and a pipeline, started, asked again until it is `completed` or `failed`."""

    id: str
    status: str
    """`idle`, `waiting`, `processing`, `completed` or `failed`."""
    token: str | None = Field(default=None, repr=False)
    """Given once, when the project is made: whoever has it may do everything with it, for 14 days."""
    created_at: str | None = None
    updated_at: str | None = None
    params: dict[str, Any] | None = None
    """Limits of the project: `maxInputFileSize`, `concurrency`."""
    pipeline: dict[str, Any] | None = None
    input_file: ProjectFile | None = None
    output_file: ProjectFile | None = None
    processing: Progress | None = None
