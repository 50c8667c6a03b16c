"""A fake geocoder on loopback that answers a file as fast as Python can: what is measured is the client.

It speaks `/search/csv` and `/search` of the Géoplateforme, and finds what it is asked: "12 RUE DES LILAS 90000 BELFORT"
is answered with the street and the commune as the documents of `bulk_rows` write them (accents, capitals, codes), or
as asked where they know neither. Positions and scores are always the same. It runs in a process of its own, on
another core than the client where there is one.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .bulk_rows import Street, compact, streets
from .cores import use_other_core

ASKED = re.compile(r"(.+?) (\d{5}) (.+)")
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
NUMBER = "\x00"
"""Stands for the number in a prepared answer."""


class Directory:
    """Prepared answers: one for each street that was asked, whatever the number."""

    def __init__(self, known: Sequence[Street]) -> None:
        self._known = {compact(f"{one.name}{one.postcode}{one.city}"): one for one in known}
        self._prepared: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def found(self, place: str) -> dict[str, Any]:
        """The address for a street, postcode and commune, with a mark where the number goes."""
        street = self._known.get(compact(place))
        if street is None:
            parts = ASKED.fullmatch(place)
            name, postcode, city = parts.groups() if parts else (place, "", "")
            street = Street(name, postcode, city, "", "90010_0001", "", "", ())
        return {
            "result_status": "ok",
            "result_type": "housenumber",
            "result_score": "0.96",
            "result_label": f"{NUMBER} {street.name} {street.postcode} {street.city}",
            "result_id": f"{street.id}_{NUMBER}",
            "result_housenumber": NUMBER,
            "result_street": street.name,
            "result_name": f"{NUMBER} {street.name}",
            "result_postcode": street.postcode,
            "result_city": street.city,
            "result_citycode": street.citycode,
            "result_oldcitycode": street.oldcitycode,
            "result_oldcity": street.oldcity,
            "result_context": "90, Territoire de Belfort, Bourgogne-Franche-Comté",
            "longitude": "6.865203",
            "latitude": "47.602674",
        }

    def prepared(self, asked: tuple[str, ...]) -> dict[str, list[str]]:
        """For an order of columns: the cells of each street met so far, cut where the number goes."""
        return self._prepared.setdefault(asked, {})

    def cells(self, place: str, asked: tuple[str, ...]) -> list[str]:
        """The cells of one street as a line of CSV, cut where the number goes."""
        found = self.found(place)
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([found.get(name, "") for name in asked])
        return line.getvalue().split(NUMBER)


def answered(directory: Directory, body: bytes) -> bytes:
    """The answer to a form with one file."""
    fields, data = _form(body)
    asked = tuple(fields["result_columns"])
    header, _, text = data.partition("\n")
    place = header.split(",").index(fields["columns"][0])
    lines = text.split("\n")
    lines.pop()
    prepared = directory.prepared(asked)
    out = [f"{header},{','.join(asked)}"]
    for line in lines:
        number, _, rest = _cells(line)[place].partition(" ")
        cells = prepared.get(rest)
        if cells is None:
            cells = prepared[rest] = directory.cells(rest, asked)
        out.append(f"{line},{number.join(cells)}")
    out.append("")
    return "\n".join(out).encode()


def _cells(line: str) -> list[str]:
    return next(csv.reader([line])) if '"' in line else line.split(",")


def _form(body: bytes) -> tuple[dict[str, list[str]], str]:
    """The fields, and the text of the file."""
    boundary = body[: body.index(b"\r\n")]
    fields: dict[str, list[str]] = {}
    data = ""
    for part in body.split(boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        if name == "data":
            data = value[:-2].decode()
        else:
            fields.setdefault(name, []).append(value[:-2].decode())
    return fields, data


def answered_one(directory: Directory, target: str) -> bytes:
    """The answer to one question, as JSON."""
    number, _, rest = parse_qs(urlsplit(target).query)["q"][0].partition(" ")
    found = directory.found(rest)
    told = {name.removeprefix("result_"): value.replace(NUMBER, number) for name, value in found.items() if value}
    point = [float(told.pop("longitude")), float(told.pop("latitude"))]
    properties = told | {"score": float(told["score"])}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": point}, "properties": properties}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


class _Geocoder(asyncio.Protocol):
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._transport: Any = None
        self._seen = bytearray()
        self._body = -1
        self._end = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        seen = self._seen
        seen += data
        if self._body < 0:
            self._body = seen.find(b"\r\n\r\n") + 4
            if self._body < 4:
                self._body = -1
                return
            length = LENGTH.search(seen, 0, self._body)
            self._end = self._body + (int(length[1]) if length else 0)
        if len(seen) < self._end:
            return
        method, target = seen[: seen.index(b"\r\n")].decode().split(" ")[:2]
        body = bytes(seen[self._body : self._end])
        seen.clear()
        self._body = -1
        kind = "text/csv" if method == "POST" else "application/json"
        reply = answered(self._directory, body) if method == "POST" else answered_one(self._directory, target)
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}; charset=utf-8\r\ncontent-length: {len(reply)}\r\n\r\n"
        self._transport.write(head.encode() + reply)


async def serve(listener: socket.socket) -> None:
    directory = Directory(streets())
    server = await asyncio.get_running_loop().create_server(lambda: _Geocoder(directory), sock=listener)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)  # until the parent is gone


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Start it; its base URL. It ends with this process, however that ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "benchmarks.geocoder", str(listener.fileno())]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.terminate()
        child.wait(timeout=10)


if __name__ == "__main__":
    use_other_core()
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1]))))
