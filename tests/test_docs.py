"""The examples of the documentation are true: each page is executed, block after block, and its output compared."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from frgov_clients import BanClient
from frgov_clients.testing.apidf import FakeApidf
from frgov_clients.testing.cerema import FakeCerema
from frgov_clients.testing.geopf import FakeGeopf

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "docs" / "index.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
RECORDED = ROOT / "tests" / "data" / "ban" / "gpf_geocodeur.jsonl"
BLOCK = re.compile(
    r"(?:<!-- (?P<note>[^>]*?) -->\n)?```python\n(?P<code>.*?)```(?:\n\n```text\n(?P<output>.*?)```)?", re.DOTALL
)
TIMES = re.compile(r"[0-9.,]+ (?=s\b|rows/s\b)")
"""What a report says of time; no two runs take as long."""


@dataclass(frozen=True)
class Example:
    code: str
    output: str | None
    note: str
    line: int


def examples(page: Path) -> list[Example]:
    text = page.read_text(encoding="utf-8")
    return [
        Example(found["code"], found["output"], found["note"] or "", text.count("\n", 0, found.start("code")) + 1)
        for found in BLOCK.finditer(text)
    ]


@pytest.fixture(scope="module")
def recorded_geopf() -> Iterator[str]:
    """Answers GET requests from the recorded exchanges of the Géoplateforme, by path and parameters."""
    answers = {}
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        request = exchange["request"]
        if request["method"] == "GET":
            params = frozenset((name, str(value)) for name, value in (request["params"] or {}).items())
            answers[request["path"].rstrip("/"), params] = exchange["response"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            found = answers[parts.path.rstrip("/"), frozenset(parse_qsl(parts.query))]
            body = json.dumps(found["json"]).encode()
            self.send_response(found["status"])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def geopfs(recorded_geopf) -> Iterator[dict[str, str]]:
    """Stand-ins for the Géoplateforme, by what the note above an example calls them."""
    with FakeGeopf(sorted((ROOT / "examples" / "data").glob("*.ndjson.gz"))) as fake:
        yield {
            "against: the recorded exchanges of the Géoplateforme": recorded_geopf,
            "against: a fake of the Géoplateforme": fake.url,
        }


@pytest.fixture(scope="module")
def cerema() -> Iterator[str]:
    """A fake of both services of the Cerema."""
    with FakeCerema.sample(data=FakeApidf()) as fake:
        yield fake.url


@pytest.mark.addok
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_are_true(page, addok_url, geopfs, cerema, monkeypatch):
    found = examples(page)
    assert found, "a page without an example"
    assert len(found) == page.read_text(encoding="utf-8").count("```python"), "an example that is not seen"
    for name, value in {
        "FRGOV_BAN_BASE_URL": addok_url,
        "FRGOV_APIDF_BASE_URL": cerema,
        "FRGOV_CEREMA_BASE_URL": cerema,
        "FRGOV_CEREMA_USERNAME": "username",
        "FRGOV_CEREMA_PASSWORD": "password",
    }.items():
        monkeypatch.setenv(name, value)
    names: dict[str, object] = {"__name__": "__example__"}
    for example in found:
        if example.note.startswith("not executed"):
            compile(example.code, str(page), "exec")
            continue
        asked = names.get("ban")
        if example.note in geopfs:
            names["ban"] = BanClient(base_url=geopfs[example.note], dialect="geopf")
        else:
            assert example.note in {"", "times vary"}, f"{page.name}:{example.line}: a note that nobody reads"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * example.line + example.code, str(page), "exec"), names)
        if example.note in geopfs:
            names["ban"].close()
            names["ban"] = asked
        if example.output is not None:
            found_text, told = printed.getvalue(), example.output
            if example.note == "times vary":
                found_text, told = TIMES.sub("… ", found_text), TIMES.sub("… ", told)
            assert found_text == told, f"{page.name}:{example.line}"
        else:
            assert not printed.getvalue(), f"{page.name}:{example.line}: an output that is not shown"


def test_every_guide_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").as_posix()
        if name.startswith("decisions/0"):
            listed, name = (page.parent / "index.md").read_text(encoding="utf-8"), page.name
        else:
            listed = navigation
        assert name in listed, f"{name} can not be reached"
