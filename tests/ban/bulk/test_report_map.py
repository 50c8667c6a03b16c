"""The map of the report: panels, what lies under the points, and the names of towns beside them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from report_rows import random_rows, row

from frgov_clients.ban.bulk.report import Report
from frgov_clients.ban.bulk.report.ground import ground_of, view_of
from frgov_clients.ban.bulk.report.map import map_of, panels_of
from frgov_clients.ban.bulk.report.outline import outline
from frgov_clients.ban.bulk.report.tally import Point
from frgov_clients.ban.bulk.report.territories import ELSEWHERE, TERRITORIES
from frgov_clients.ban.exchange import Verdict

METROPOLE = TERRITORIES[0]
PLACES = {
    "Métropole": (2.35, 48.86), "Guadeloupe": (-61.5, 16.2), "Martinique": (-61.0, 14.6), "Guyane": (-52.3, 4.9),
    "La Réunion": (55.5, -21.1), "Mayotte": (45.2, -12.8), "Elsewhere": (30.0, 60.0),
}  # fmt: skip
SIZE = (900.0, 600.0)


def filled(rows: list[Any]) -> Report:
    report = Report()
    report.add(rows)
    report.finish(complete=True)
    return report


@pytest.fixture(scope="module")
def report() -> Report:
    placed = [row(index, lon=lon, lat=lat) for index, (lon, lat) in enumerate(PLACES.values())]
    return filled([*random_rows(1_000), *placed])


def points_in(chart: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in chart["data"] if trace["type"] == "scattergl"]


def ground(points: list[Point], territory: Any = METROPOLE, *, whole: bool = False) -> dict[str, dict[str, Any]]:
    view = view_of(territory, points, SIZE, whole=whole)
    return {trace["name"]: trace for trace in ground_of(territory, points, view)}


# ---- the map -------------------------------------------------------------------------------------------------


def points(**counts: int) -> list[Point]:
    return [Point(*PLACES[name.replace("_", " ")], "exact") for name, count in counts.items() for _ in range(count)]


def test_every_point_lies_in_one_panel(report: Report) -> None:
    panels = panels_of(report.points)
    assert sum(len(panel.points) for panel in panels) == len(report.points)
    assert {panel.territory.name for panel in panels} == set(PLACES)
    assert (panels[0].territory.name, panels[-1].territory.name) == ("Métropole", "Elsewhere")


def test_the_large_panel_is_metropole_or_the_fullest() -> None:
    assert [p.territory.name for p in panels_of(points(Mayotte=5, Métropole=1))] == ["Métropole", "Mayotte"]
    assert [p.territory.name for p in panels_of(points(Guyane=1, La_Réunion=2))] == ["La Réunion", "Guyane"]
    assert [p.territory.name for p in panels_of(points(Elsewhere=2))] == ["Elsewhere"]
    assert panels_of([]) == []


def test_more_territories_than_panels_share_the_last() -> None:
    centres = [((t.west + t.east) / 2, (t.south + t.north) / 2) for t in TERRITORIES]
    sample = [Point(*centre, "exact") for number, centre in enumerate(centres) for _ in range(20 - number)]
    panels = panels_of(sample)
    assert len(panels) == 9
    assert panels[-1].territory.name == "Elsewhere"
    assert sum(len(panel.points) for panel in panels) == len(sample)


def test_territories_do_not_overlap() -> None:
    for number, one in enumerate(TERRITORIES):
        for other in TERRITORIES[number + 1 :]:
            apart = one.east < other.west or other.east < one.west or one.north < other.south or other.north < one.south
            assert apart, (one.name, other.name)
        for name, lon, lat in one.towns:
            assert one.west <= lon <= one.east and one.south <= lat <= one.north, name


@pytest.mark.parametrize("names", [["Métropole"], ["Métropole", "Mayotte"], list(PLACES)])
def test_panels_lie_beside_one_another_in_true_proportion(names: list[str]) -> None:
    report = filled([row(lon=PLACES[name][0], lat=PLACES[name][1]) for name in names])
    chart = map_of(report)
    assert chart
    layout = chart["layout"]
    boxes: list[tuple[float, float, float, float]] = []
    for number in range(1, len(names) + 1):
        suffix = "" if number == 1 else str(number)
        x, y = layout[f"xaxis{suffix}"], layout[f"yaxis{suffix}"]
        boxes.append((*x["domain"], *y["domain"]))
        assert y["scaleanchor"] == f"x{suffix}"
        assert y["scaleratio"] >= 1
        assert x["range"][1] - x["range"][0] >= 0.0399
    assert layout["yaxis"]["scaleratio"] == pytest.approx(1.52, abs=0.01)  # 1 / cos(48.86°)
    for number, (left, right, low, high) in enumerate(boxes):
        assert 0 <= left < right <= 1.0001
        assert 0 <= low < high <= 1
        for a, b, c, d in boxes[number + 1 :]:
            assert right <= a + 1e-9 or b <= left + 1e-9 or high <= c + 1e-9 or d <= low + 1e-9


def test_a_legend_entry_per_verdict_switches_all_panels() -> None:
    rows = [row(0, Verdict.EXACT), row(1, Verdict.SUSPICIOUS), row(2, Verdict.EXACT, lon=55.5, lat=-21.1)]
    chart = map_of(filled(rows))
    assert chart
    shown = [(trace["legendgroup"], trace["showlegend"], trace["name"]) for trace in points_in(chart)]
    assert shown == [
        ("exact", True, "exact: 2 rows"), ("suspicious", True, "suspicious: 1 rows"), ("exact", False, "exact: 2 rows"),
    ]  # fmt: skip


# ---- what lies under the points ------------------------------------------------------------------------------


def test_the_outline_is_small_lies_in_its_territories_and_says_where_it_comes_from() -> None:
    folder = files("frgov_clients.ban.bulk.report")
    assert len(folder.joinpath("outline.txt").read_bytes()) < 60_000
    told = folder.joinpath("OUTLINE.txt").read_text("utf-8")
    assert "Natural Earth" in told
    assert "public domain" in told
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    assert "src/frgov_clients/ban/bulk/report/OUTLINE.txt" in project
    drawn: set[str] = set()
    for line in outline():
        assert len(line.lons) == len(line.lats) > 1
        if line.closed:
            assert (line.lons[0], line.lats[0]) == (line.lons[-1], line.lats[-1])
        homes = [
            t.name
            for t in TERRITORIES
            if all(t.west <= lon <= t.east for lon in line.lons) and all(t.south <= lat <= t.north for lat in line.lats)
        ]
        assert len(homes) == 1, "each line lies in one territory, wholly"
        drawn.update(homes)
    assert drawn == {t.name for t in TERRITORIES}


def test_the_points_are_drawn_over_the_ground() -> None:
    chart = map_of(filled([row(0), row(1, lon=0.0, lat=44.0), row(2, lon=55.5, lat=-21.1)]))
    assert chart
    kinds = [trace["type"] for trace in chart["data"]]
    assert kinds == sorted(kinds), "scatter before scattergl"
    ground_of_map = [trace for trace in chart["data"] if trace["type"] == "scatter"]
    assert {trace["name"] for trace in ground_of_map} == {"land", "border", "towns", "scale"}
    assert all(trace["hoverinfo"] == "skip" and trace["showlegend"] is False for trace in ground_of_map)


def test_spread_points_show_the_whole_territory_and_a_few_show_where_they_lie() -> None:
    spread = view_of(METROPOLE, [Point(-1.0, 44.0, "exact"), Point(7.0, 48.0, "exact")], SIZE, whole=False)
    assert spread.lons[0] < -5.1
    assert spread.lons[1] > 9.5
    assert (spread.lats[0] < 41.4, spread.lats[1] > 51.0) == (True, True)
    near = view_of(METROPOLE, [Point(3.5, 44.5, "exact"), Point(6.9, 47.6, "exact")], SIZE, whole=False)
    assert near.lats[0] > 44
    island = view_of(TERRITORIES[1], [Point(-61.5, 16.2, "exact")], SIZE, whole=True)
    assert island.lats[1] - island.lats[0] > 0.6
    for view in (spread, near, island):
        wide, high = view.lons[1] - view.lons[0], view.lats[1] - view.lats[0]
        assert wide * view.flat / high == pytest.approx(SIZE[0] / SIZE[1], rel=1e-3), "the panel is filled"


def test_a_close_up_has_no_outline_that_would_be_wrong() -> None:
    found = ground([Point(6.86, 47.64, "exact")])
    assert "border" not in found
    assert len(found["land"]["x"]) == 6, "land all over"
    assert len(ground([Point(0.0, 60.0, "exact")], ELSEWHERE)["land"]["x"]) == 6
    assert len(ground([Point(6.86, 47.64, "exact"), Point(7.4, 48.2, "exact")])["land"]["x"]) > 1_000


@pytest.mark.parametrize(("east", "text", "length"), [(6.8601, "1 km", 1.0), (7.0, "2 km", 2.0), (12.0, "50 km", 50.0)])
def test_the_bar_is_as_long_as_it_says(east: float, text: str, length: float) -> None:
    bar = ground([Point(6.86, 47.64, "exact"), Point(east, 47.64, "exact")], ELSEWHERE)["scale"]
    assert bar["text"] == [text, ""]
    assert (bar["x"][1] - bar["x"][0]) * 111.2 * 0.674 == pytest.approx(length, rel=0.01)  # cos(47.64°)


def test_the_name_of_a_town_stands_beside_its_points() -> None:
    lon, lat = next((lon, lat) for name, lon, lat in METROPOLE.towns if name == "Mende")
    spread = [Point(-1.0, 44.0, "exact"), Point(7.0, 48.0, "exact")]

    def side(points: list[Point]) -> tuple[str, str]:
        towns = ground([*spread, *points])["towns"]
        place = next(place for place, text in enumerate(towns["text"]) if "Mende" in text)
        return towns["text"][place], towns["textposition"][place]

    assert side([]) == ("Mende", "top center")
    above = [Point(lon + step / 50, lat + 0.2, "exact") for step in range(-10, 11)]
    assert side(above) == ("Mende", "bottom center")
    around = [Point(lon + x / 20, lat + y / 25, "exact") for x in range(-12, 13) for y in range(-8, 9)]
    text, where = side(around)
    assert "<br>" in text, "led out of the crowd by empty lines"
    assert text.startswith("Mende") is (where == "top center")


def test_names_do_not_stand_on_one_another() -> None:
    towns = ground([Point(-1.0, 44.0, "exact"), Point(7.0, 48.0, "exact")])["towns"]
    assert towns["text"] == [name for name, _, _ in METROPOLE.towns], "none is led away"
    below = [name for name, side in zip(towns["text"], towns["textposition"], strict=True) if side != "top center"]
    assert below == ["Belfort"], "it would stand on the point beside it"


def test_towns_that_a_panel_shows_come_first_so_that_a_narrow_page_keeps_them() -> None:
    towns = ground([Point(6.86, 47.64, "exact")])["towns"]
    assert "Belfort" in towns["text"][0]
    assert (towns["x"][0], towns["y"][0]) == (6.86, 47.64)
    assert len(towns["text"]) == len(METROPOLE.towns), "the others are found by moving the map"


@pytest.mark.parametrize("panels", range(1, 10))
def test_panels_on_a_narrow_page_lie_below_one_another(panels: int) -> None:
    names = [territory.name for territory in TERRITORIES[:panels]]
    rows = [row(lon=(t.west + t.east) / 2, lat=(t.south + t.north) / 2) for t in TERRITORIES[:panels]]
    chart = map_of(filled(rows))
    assert chart
    assert len(chart["narrow"]) == len(names) == len(chart["layout"]["annotations"])
    assert chart["heights"][1] == 90 + 420 + 210 * (panels // 2)
    for number, (left, right, low, high) in enumerate(chart["narrow"]):
        assert 0 <= left < right <= 1
        assert 0 <= low < high <= 1
        for a, b, c, d in chart["narrow"][number + 1 :]:
            assert right <= a or b <= left or high <= c + 1e-9 or d <= low + 1e-9
    go.Figure(data=chart["data"], layout=chart["layout"])
