"""`make bench`: measure everything, print the table, write it to `benchmarks/out/` (and, with `DOCS=1`, to the docs).

`python -m benchmarks a c` measures only those parts. No figure decides whether a test passes.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from . import caches, calls, fanout, imports
from .cores import use_one_core
from .measure import Row
from .server import running

OUT = Path(__file__).parent / "out"
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
START, END = "<!-- table: written by `make bench DOCS=1` -->\n", "<!-- end of table -->"
PORTAL_START = "<!-- portal: written by `make bench DOCS=1`, or `DOCS=1 python -m benchmarks j k` -->\n"
PORTAL_END = "<!-- end of portal -->"


def later(module: str, name: str = "rows") -> Callable[[str], list[Row]]:
    """A part that is loaded when it is measured: what it needs weighs on no other."""

    def part(url: str) -> list[Row]:
        measure: Callable[[str], list[Row]] = getattr(importlib.import_module(f"benchmarks.{module}"), name)
        return measure(url)

    return part


PARTS: dict[str, Callable[[str], list[Row]]] = {
    "a": calls.rows,
    "b": imports.rows,
    "c": lambda _: caches.rows(),
    "d": fanout.rows,
    "e": later("bulk_real", "speed_rows"),
    "f": later("bulk_real", "repeated_rows"),
    "g": later("bulk", "memory_rows"),
    "h": later("bulk", "cost_rows"),
    "i": later("labelled"),
    "j": later("portal", "snapshot_rows"),
    "k": later("portal", "rights_rows"),
}
PEERS = ("httpx", "pydantic", "aiohttp", "httpx-aiohttp", "anyio", "sniffio", "geopy")


def figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| what | ours | peer | unit | ratio (quartiles) | target | met |",
        "|---|---:|---:|---|---|---|---|",
    ]
    for row in rows:
        ratio = ""
        if row.ratio is not None:
            ratio = f"**{row.ratio:.2f}** ({row.ratio_low:.2f} to {row.ratio_high:.2f})"
        met = "" if row.met is None else ("yes" if row.met else "**no**")
        cells = (row.name, figure(row.ours), figure(row.peer), row.unit, ratio, row.target, met)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(wanted: Sequence[str]) -> None:
    use_one_core()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled, and so are the peers
    rows: list[Row] = []
    with running() as url:
        for name, part in PARTS.items():
            if not wanted or name in wanted:
                print(f"measuring ({name}) ...", file=sys.stderr, flush=True)
                rows += part(url)
    versions = {name: importlib.metadata.version(name) for name in PEERS}
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "versions": versions,
    }
    OUT.mkdir(exist_ok=True)
    everything = {"about": about, "rows": [dataclasses.asdict(row) for row in rows]}
    (OUT / "results.json").write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    measured = f"Measured on {about['date']}, Python {about['python']}, {about['cores']} cores; {told}.\n"
    portal = [row for row in rows if row.name.startswith(("(j)", "(k)"))]
    others = [row for row in rows if row not in portal]
    text = f"{table(others)}\n\n{measured}"
    kinds = OUT / "kinds.md"
    if kinds.exists() and any(row.name.startswith("(i)") for row in rows):
        text += f"\nPart (i), by kind of address, and how the verdicts fell:\n\n{kinds.read_text(encoding='utf-8')}"
    of_portal = f"{table(portal)}\n\n{measured}"
    shown = (text if others else "") + (of_portal if portal else "")
    (OUT / "results.md").write_text(shown, encoding="utf-8")
    print(shown)
    if os.environ.get("DOCS") == "1":
        if others:
            _into_page(START, END, text)
        if portal:
            _into_page(PORTAL_START, PORTAL_END, of_portal)


def _into_page(start: str, end: str, text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{start}\n{text}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
