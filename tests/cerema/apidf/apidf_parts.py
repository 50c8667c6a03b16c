"""What the tests of the data API share: a small service on loopback, and rows as it writes them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from frgov_clients.cerema.apidf import ApidfClient, AsyncApidfClient

PAIR = (ApidfClient, AsyncApidfClient)
TOKEN = "0123456789abcdef0123456789abcdef01234567"
FAST: dict[str, Any] = {"limiters": {"default": None}, "retries": 0}
"""No limit of our own, and nothing is tried again."""

Params = Mapping[str, str]
Answer = Callable[[str, Params], Any]


def mutation(number: int, **more: Any) -> dict[str, Any]:
    """A transfer of property: decimal numbers are texts, as the service has them."""
    return {
        "idmutation": number,
        "idmutinvar": f"inv{number}",
        "idnatmut": 1,
        "datemut": "2023-04-05",
        "anneemut": 2023,
        "coddep": "01",
        "vefa": False,
        "valeurfonc": "170000.00",
        "l_codinsee": ["01004"],
        "l_idpar": ["01004000AB0012"],
        "nblocmut": 1,
        "sterr": "512.00",
        "sbati": "85.50",
        "codtypbien": "111",
        "libtypbien": "UNE MAISON",
        **more,
    }


def feature(number: int, **more: Any) -> dict[str, Any]:
    """The same with a geometry: its identifier is the feature's."""
    properties = mutation(number, **more)
    ring = [[[[5.0, 46.0], [5.1, 46.0], [5.1, 46.1], [5.0, 46.0]]]]
    geometry = {"type": "MultiPolygon", "coordinates": ring}
    return {"type": "Feature", "id": properties.pop("idmutation"), "geometry": geometry, "properties": properties}


def page(rows: list[Any], *, total: int | None = None, following: str | None = None, geo: bool = False) -> Any:
    """One page; `following` is the link to the next one."""
    head = {"count": len(rows) if total is None else total, "next": following, "previous": None}
    return {"type": "FeatureCollection", **head, "features": rows} if geo else {**head, "results": rows}


class SmallApidf:
    """Answers each GET with what a function makes of its path and parameters, and keeps what was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[tuple[str, Params, str | None]] = []
        small = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                params = dict(parse_qsl(parts.query, keep_blank_values=True))
                small.asked.append((parts.path, params, self.headers.get("Authorization")))
                found = answer(parts.path, params)
                status, found = found if isinstance(found, tuple) else (200, found)
                body = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def always(found: Any) -> Answer:
    """The same answer, whatever is asked."""
    return lambda _path, _params: found


def questions(parts: Any) -> list[tuple[str, dict[str, str]]]:
    """What the first requests of a list are: paths and parameters."""
    return [(operation.path or operation.spec.path, dict(operation.params)) for operation in parts._first.firsts]
