"""A fake of the geocoder of the Géoplateforme on loopback, for tests: it answers as the real one was recorded to do.

It is a fake: it finds an address by its words in the documents that it is given, or asks a function of the test, and
knows neither typing errors nor abbreviations. What it is faithful in is the manner: statuses, headers, error texts,
columns and their order, `skipped` and `not-found`, the states of an asynchronous project. And it fails on demand.

```python
with FakeGeopf(["adresses-addok-90.ndjson.gz"]) as fake, BanClient(base_url=fake.url, dialect="geopf") as ban:
    fake.faults.append(Fault(path="/search/csv", cut_after_rows=2_500))
```

It does not know places and parcels, geometries (`searchgeom`, answered 501), `/batch` and `/getCapabilities`, and a
point that is given to a search does not weigh on it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final

from .fake_service import FakeService
from .faults import Received
from .geopf_csv import MOST_BYTES, MOST_ROWS, Geocoding, filename_of, options_of, read_table
from .geopf_faults import Fault
from .geopf_lookup import AnswerFunction, Found, Lookup
from .geopf_params import Refused, completion_params, reverse_params, search_params
from .geopf_projects import FakeProject, Projects
from .http_server import Answer, html_answer, json_answer, read_form

__all__ = ["FakeGeopf", "Fault", "Received"]

_NONE: Final = Fault()
_PROJECT: Final = re.compile(r"/async/projects/([^/]+)(?:/([a-z-]+)(?:/([^/]+))?)?")


class FakeGeopf(FakeService[Fault]):
    """One fake geocoder, started by `with`.

    Args:
        documents: files in addok's import format (one JSON document a line, `.gz` or plain).
        answer: instead of documents, a function `answer(q, filters)` that gives the properties of the address with
            `lon` and `lat`, or `None`. For a reverse search `q` is empty, and `lon` and `lat` are among the filters.
        max_requests_per_second: answer 429 when more come, until `pause` seconds after they stopped coming.
        polls: how often a started job is seen unfinished: `processing` that many times, and then `completed`.
        bearer: the token of a user of the Géoplateforme, who may name one of the `communities`.
        communities: their names, and how large a file each may send (`1GB`).
        keep: keep the text of every row in `texts`, and the bodies up to 1 MiB in `requests`.
    """

    _content_type: ClassVar[str] = "text/csv; charset=utf-8"

    def __init__(
        self,
        documents: Iterable[str | Path] = (),
        *,
        answer: AnswerFunction | None = None,
        max_requests_per_second: int | None = None,
        pause: float = 5.0,
        polls: int = 1,
        bearer: str | None = None,
        communities: Mapping[str, str] | None = None,
        keep: bool = True,
    ) -> None:
        super().__init__(_NONE, max_requests_per_second=max_requests_per_second, pause=pause, keep=keep)
        self.texts: list[str] = []
        """Every text that was asked, in files and alone; a point is `lon,lat`."""
        self.rows = 0
        """Rows of files that were looked at, whatever became of them."""
        self.projects = Projects(polls, bearer, dict(communities or {"acme": "1GB"}))
        self._lookup = Lookup(documents, answer)

    # ---- answers ----------------------------------------------------------------------------------------------

    def _answer(self, request: Received, body: bytes, fault: Fault) -> Answer:
        try:
            answer = self._route(request, body, fault)
        except Refused as no:
            answer = json_answer(no.status, no.body)
        if request.path.startswith("/async"):
            return answer
        return answer._replace(headers=(("vary", "Origin"), *answer.headers))

    def _failure(self, status: int, *headers: tuple[str, str]) -> Answer:
        return json_answer(status, {"code": status, "message": "An unexpected error has occurred"}, *headers)

    def _too_many(self, seconds: float) -> Answer:
        return html_answer(429, "Too Many Requests", ("retry-after", str(math.ceil(seconds))))

    def _route(self, request: Received, body: bytes, fault: Fault) -> Answer:
        path = request.path.rstrip("/")
        match request.method, path:
            case "GET", "/search":
                return self._search(request)
            case "GET", "/reverse":
                return self._reverse(request)
            case "GET", "/completion":
                return self._completion(request)
            case "POST", "/search/csv" | "/reverse/csv":
                return self._csv(path.split("/")[1], request, body, fault)
            case _ if path.startswith("/async/projects"):
                return self._projects(path, request, body, fault)
            case _:
                return html_answer(404, f"Cannot {request.method} {request.path}")

    def _tell(self, text: str) -> None:
        if self._keep:
            self.texts.append(text)

    def _search(self, request: Received) -> Answer:
        values = search_params(request.query)
        filters = _filters(values)
        if "city" in values:
            code = self._lookup.knows_city(values["city"])
            if code is None:
                raise Refused(400, "Failed parsing query", ["city: No matching cities found"])
            filters["citycode"] = code
        self._tell(values["q"])
        found = self._lookup.search(values["q"], filters)[: values.get("limit", 10)]
        return json_answer(200, _collection(found, geometry=values.get("returntruegeometry", False)))

    def _reverse(self, request: Received) -> Answer:
        values = reverse_params(request.query)
        filters = _filters(values)
        self._tell(f"{request.query['lon']},{request.query['lat']}")
        found = self._lookup.nearest(values["lon"], values["lat"], filters)[: values.get("limit", 10)]
        return json_answer(200, _collection(found))

    def _completion(self, request: Received) -> Answer:
        values = completion_params(request.query)
        if "PositionOfInterest" in values.get("type", "StreetAddress"):
            return json_answer(200, {"status": "Error", "error": "Unsupported index type: poi"})
        self._tell(values["text"])
        found = (each for each in self._lookup.begins(values["text"]) if _inside(each, values))
        most = values.get("maximumResponses", 10)
        return json_answer(200, {"status": "OK", "results": [_suggestion(each) for each in islice(found, most)]})

    # ---- files ------------------------------------------------------------------------------------------------

    def _csv(self, operation: str, request: Received, body: bytes, fault: Fault) -> Answer:
        form = read_form(request.headers.get("content-type", ""), body)
        file = form.files.get("data")
        if file is None:
            raise Refused(400, "A CSV file must be provided in data field")
        if len(file.content) > MOST_BYTES:
            raise Refused(400, "File too large")
        table = read_table(file.content)
        if len(table.rows) > MOST_ROWS:
            raise Refused(400, "Too many rows in CSV file")
        work = self._geocoding(table, form.fields, operation, fault)
        headers = (
            ("content-type", "text/csv; charset=utf-8"),
            ("content-disposition", f'attachment; filename="{filename_of(file.name)}"'),
            ("x-rows-count", str(len(table.rows) if fault.rows_count is None else fault.rows_count)),
        )
        return Answer(200, headers, self._pieces(work, fault) if table.rows else b"")

    def _geocoding(self, table: Any, form: Mapping[str, Any], operation: str, fault: Fault) -> Geocoding:
        options = options_of(table, form, operation) if table.columns else options_of(table, {}, operation)
        with self._lock:
            self.rows += len(table.rows)
        tell = self.texts.append if self._keep else None
        return Geocoding(table, options, self._lookup, fails=_failing(fault), told=tell)

    def _pieces(self, work: Geocoding, fault: Fault) -> Iterator[bytes]:
        """The chunks of an answer; an empty one breaks the connection."""
        cut, done = fault.cut_after_rows, 0
        for rows, piece in work.batches(cut):
            if fault.row_delay:
                self.over.wait(rows * fault.row_delay)
            if cut is not None and done >= cut:
                yield piece[: len(piece) // 2]  # in the middle of a line
                break
            done += rows
            yield piece
        if cut is not None:
            yield b""

    # ---- projects ---------------------------------------------------------------------------------------------

    def _projects(self, path: str, request: Received, body: bytes, fault: Fault) -> Answer:
        if path == "/async/projects":
            if request.method == "POST":
                return json_answer(201, self.projects.create(request.headers))
            raise Refused(401, "Authentication required")  # the list is for administrators
        found = _PROJECT.fullmatch(path)
        if found is None:
            return html_answer(404, f"Cannot {request.method} {request.path}")
        identifier, part, token = found[1], found[2], found[3]
        if token is not None and request.method == "GET":
            return self._download(self.projects.of(identifier), part, token)
        project = self.projects.allowed(identifier, request.headers)
        if (request.method, part) == ("DELETE", None):
            self.projects.delete(project)
            return Answer(204)
        told = self._changed(project, part, request, body, fault)
        return html_answer(404, f"Cannot {request.method} {request.path}") if told is None else json_answer(200, told)

    def _changed(
        self, project: FakeProject, part: str | None, request: Received, body: bytes, fault: Fault
    ) -> dict[str, Any] | None:
        """The project after the request."""
        match request.method, part:
            case "GET", None:
                return self.projects.look(project, self._work)
            case "PUT", "input-file":
                told = re.search(r'filename="?([^";]+)', request.headers.get("content-disposition", ""))
                return self.projects.set_input(project, told[1] if told else "input.csv", body)
            case "PUT", "pipeline":
                return self.projects.set_pipeline(project, _json_of(body))
            case "POST", "start" | "abort" | "reset":
                return self.projects.act(project, part, fault)
            case _:
                return None

    def _work(self, project: FakeProject) -> Geocoding:
        assert project.input is not None
        assert project.pipeline is not None
        form = project.pipeline["geocodeOptions"]
        table = read_table(project.input.content)
        return self._geocoding(table, form, form["operation"], project.fault or _NONE)

    def _download(self, project: FakeProject, part: str, token: str) -> Answer:
        known = {
            "input-file": (project.input, project.input_token),
            "output-file": (project.output, project.output_token),
        }
        file, right = known.get(part, (None, ""))
        if file is None or token != right:
            raise Refused(403, "Unable to access to this file")
        headers = (
            ("content-disposition", f'attachment; filename="{file.name}"'),
            ("content-length", str(len(file.content))),
            ("content-type", "application/octet-stream"),
        )
        return Answer(200, headers, file.content)


def _failing(fault: Fault) -> Callable[[str], bool] | None:
    """Which rows end in `error`: those that the rule names, or every so many."""
    if callable(fault.error_rows):
        return fault.error_rows
    share, owed = fault.error_rows, 0.0
    if not share:
        return None

    def fails(text: str) -> bool:  # noqa: ARG001 - as it is called
        nonlocal owed
        owed += share
        if owed < 1 - 1e-9:
            return False
        owed -= 1
        return True

    return fails


def _json_of(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except ValueError:
        raise Refused(400, "Unexpected token in JSON") from None


def _collection(found: list[Found], *, geometry: bool = False) -> dict[str, Any]:
    features: list[dict[str, Any]] = []
    for each in found:
        properties = {name: value for name, value in each.items() if name not in {"lon", "lat"}}
        point = {"type": "Point", "coordinates": [each["lon"], each["lat"]]}
        if geometry:
            properties["truegeometry"] = json.dumps(point, separators=(",", ":"))
        features.append({"type": "Feature", "geometry": point, "properties": {**properties, "_type": "address"}})
    return {"type": "FeatureCollection", "features": features}


def _filters(values: Mapping[str, Any]) -> dict[str, str]:
    names: tuple[str, ...] = ("citycode", "postcode", "type")
    return {name: str(values[name]) for name in names if name in values}


def _inside(found: Found, values: Mapping[str, Any]) -> bool:
    territory, box = values.get("terr", ""), values.get("bbox", "")
    postcode = str(found.get("postcode", ""))
    if territory and not any(postcode.startswith(each) for each in territory.split(",")):
        return False
    if not box:
        return True
    west, south, east, north = map(float, box.split(","))
    return bool(west <= found["lon"] <= east and south <= found["lat"] <= north)


def _suggestion(found: Found) -> dict[str, Any]:
    city, postcode = found.get("city", ""), found.get("postcode", "")
    return {
        "x": found["lon"],
        "y": found["lat"],
        "country": "StreetAddress",
        "city": city,
        "oldcity": found.get("oldcity", ""),
        "kind": found["type"],
        "zipcode": postcode,
        "street": found.get("street", ""),
        "metropole": not str(postcode).startswith("97"),
        "fulltext": f"{found['name']}, {postcode} {city}",
        "classification": 7,
    }
