"""The fake geocoder is held to the recorded exchanges of the real one, exchange by exchange."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from frgov_clients.testing.geopf import FakeGeopf

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data/ban"
DOCUMENTS = [ROOT / f"examples/data/adresses-addok-{departement}.ndjson.gz" for departement in ("48", "90")]


def recorded(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


NOT_CLAIMED = {
    "search-corse": "the address lies in a département whose documents are not in the examples",
    "search-guadeloupe": "same",
    "search-oldcity": "its second answer is found by likeness",
    "search-bias": "a point does not weigh on a search, and the first answer lies in another département",
    "reverse-circle": "no geometries",
    "reverse-polygon": "no geometries",
    "reverse-point-not-allowed": "no geometries",
    "reverse-circle-too-big": "no geometries",
    "batch": "not in the public specification",
    "batch-no-indexes-500": "same",
    "batch-101": "same",
    "batch-bad-operation": "same",
}
ONLY_SHAPES = {
    "search-suffix": "a suffix apart from its number lowers the real score",
    "csv-search-collision": "a point does not weigh on a search: its score differs",
    "completion": "the real one finds by likeness",
    "completion-slash-terr": "same",
    "completion-bbox": "same",
    "reverse": "equal distances are ordered otherwise",
}
"""Exchanges whose values are not compared, only their keys and types."""


@pytest.fixture(scope="module")
def knowing() -> Iterator[FakeGeopf]:
    with FakeGeopf(DOCUMENTS, polls=0) as fake:
        yield fake


@pytest.fixture(scope="module")
def wire(knowing: FakeGeopf) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=knowing.url, timeout=60) as client:
        yield client


def send(client: httpx.Client, asked: dict[str, Any], **changed: Any) -> httpx.Response:
    """Send a recorded request."""
    options: dict[str, Any] = {"params": asked.get("params"), "headers": asked.get("headers")}
    if asked.get("form") is not None:
        fields = [(name, (None, each)) for name, each in pairs(asked["form"])]
        options["files"] = fields + [("data", each) for each in files(asked)]
        if not options["files"]:
            del options["files"]
    elif asked.get("json") is not None:
        options["json"] = asked["json"]
    elif asked.get("content") is not None:
        options["content"] = asked["content"].encode()
    return client.request(asked["method"], asked["path"], **{**options, **changed})


def pairs(form: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        for each in value if isinstance(value, list) else [value]:
            yield name, each


def files(asked: dict[str, Any]) -> Iterator[tuple[str, bytes, str]]:
    file = asked.get("file")
    if file is None:
        return
    content = b64decode(file["base64"]) if "base64" in file else file["text"].encode()
    if "data rows" in file.get("note", ""):  # too large to be recorded: made again
        rows = int(file["note"].split(":")[1].split()[0])
        content = b"adresse\n" + b"".join(b"%d rue\n" % number for number in range(rows))
        if "52430008" in file["note"]:
            content = b"adresse\n" + (b"x" * 99 + b"\n") * 524_300
    yield file["filename"], content, file["content_type"]


def shape(value: Any) -> Any:
    """The keys and the types, at every depth; of a list, of its first item."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def table(content: str) -> list[list[str]]:
    delimiter = ";" if ";" in content.partition("\n")[0] else ","
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))


HEADERS = ("content-type", "content-disposition", "x-rows-count", "vary", "transfer-encoding")

CLAIMED = [each for each in recorded("gpf_geocodeur") if each["name"] not in NOT_CLAIMED]


@pytest.mark.parametrize("exchange", CLAIMED, ids=lambda each: each["name"])
def test_it_answers_as_the_real_one_was_recorded(exchange: dict[str, Any], wire: httpx.Client) -> None:
    told = exchange["response"]
    found = send(wire, exchange["request"])
    assert found.status_code == told["status"]
    for name in HEADERS:
        assert found.headers.get(name) == told["headers"].get(name), name
    if told.get("json") is None:
        if exchange["name"] in ONLY_SHAPES:
            assert [shape(row) for row in table(found.text)] == [shape(row) for row in table(told["text"])]
            assert found.text.partition("\n")[0] == told["text"].partition("\n")[0]
        elif exchange["request"]["path"].endswith("/csv"):
            assert_same_table(found.content.decode(), told["text"].removeprefix("\ufeff"))
        else:
            assert found.text == told["text"]
    elif exchange["name"] in ONLY_SHAPES or told["status"] < 300:
        assert shape(found.json()) == shape(told["json"])
        if exchange["name"] not in ONLY_SHAPES:
            assert labels(found.json()) == labels(told["json"])
    else:
        assert found.json() == told["json"]


def assert_same_table(found: str, told: str) -> None:
    """The same cells, and the same bytes where nothing was found by likeness."""
    if not told:
        assert not found
        return
    ours, theirs = table(found), table(told)
    assert ours[0] == theirs[0]
    assert len(ours) == len(theirs)
    inexact = {"result_score", "result_score_next"}
    for mine, real in zip(ours[1:], theirs[1:], strict=True):
        one, other = dict(zip(ours[0], mine, strict=True)), dict(zip(theirs[0], real, strict=True))
        like = "Bessière" in one.get("adresse", "")  # the real one scores it low and finds a second
        assert {name: one[name] for name in one if not (like and name in inexact)} == {
            name: other[name] for name in other if not (like and name in inexact)
        }
    if "Bessière" not in told:
        assert found == told


def labels(body: dict[str, Any]) -> list[Any]:
    kept = ("label", "id", "type", "distance", "score")
    return [{name: each["properties"].get(name) for name in kept} for each in body.get("features", [])]


def test_every_exchange_is_claimed_or_named() -> None:
    names = {each["name"] for each in recorded("gpf_geocodeur")}
    assert set(NOT_CLAIMED) | set(ONLY_SHAPES) <= names
    assert len(CLAIMED) + len(NOT_CLAIMED) == len(names) == 71


# ---- the asynchronous projects -------------------------------------------------------------------------------


def test_it_plays_the_recorded_cycle(wire: httpx.Client, knowing: FakeGeopf) -> None:
    """The whole recording in its order; identifiers and tokens are those that the fake gave."""
    ours: dict[str, str] = {}
    knowing.projects.polls = 0
    for exchange in recorded("gpf_async_flow"):
        asked, told = exchange["request"], exchange["response"]
        changed: dict[str, Any] = {}
        text = json.dumps(asked)
        for theirs, mine in ours.items():
            text = text.replace(theirs, mine)
        if exchange["name"] == "input-too-large":
            changed["content"] = b"x" * (51 * 1024 * 1024)
        if exchange["name"] == "output-geojson":  # the poll before it is not in the recording
            text = text.replace(text.split("/output-file/")[1][:24], poll(wire, knowing)["outputFile"]["token"])
        found = send(wire, json.loads(text), **changed)
        assert found.status_code == told["status"], exchange["name"]
        for name in ("content-type", "content-disposition"):
            assert found.headers.get(name) == told["headers"].get(name), exchange["name"]
        if told.get("json") is not None:
            remember(ours, told["json"], found.json())
            assert shape(found.json()) == shape(told["json"]), exchange["name"]
            for name in ("code", "message", "status", "params", "pipeline"):
                assert found.json().get(name) == told["json"].get(name), exchange["name"]
            assert found.json().get("processing", {}).get("globalError") == told["json"].get("processing", {}).get(
                "globalError"
            )
        else:
            assert found.text == told["text"], exchange["name"]


def poll(wire: httpx.Client, fake: FakeGeopf) -> dict[str, Any]:
    (project,) = fake.projects.all()
    found = wire.get(f"/async/projects/{project.id}", headers={"Authorization": f"Token {project.token}"})
    return found.json()  # type: ignore[no-any-return]


def remember(ours: dict[str, str], theirs: dict[str, Any], mine: dict[str, Any]) -> None:
    for name in ("id", "token"):
        if theirs.get(name):
            ours[theirs[name]] = mine[name]
    for name in ("inputFile", "outputFile"):
        if name in theirs:
            ours[theirs[name]["token"]] = mine[name]["token"]
