"""What is sent with a CSV file, and what is refused because the service would lose or twist it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import ban_helpers
import pytest
from ban_helpers import exchanges

from frgov_clients.ban.csvfile import CsvFacts, check_csv, check_points, csv_part, inspect_csv
from frgov_clients.ban.dialects import ADDOK, GEOPF
from frgov_clients.errors import InvalidRequest

SIMPLE = "adresse,cp,ville\n4 rue des Balastières,90400,Andelnans\n".encode()
FACTS = CsvFacts(("adresse", "cp", "ville"), ",", 7, 200, "utf-8")


def refused(match: str, facts: CsvFacts, dialect: Any = GEOPF, field: str = "data", **arguments: Any) -> None:
    ban_helpers.refused(check_csv, facts, dialect, field=field, match=match, **arguments)


# ---- columns and filters -----------------------------------------------------------------------------------


def test_the_fields_of_the_form() -> None:
    found = check_csv(
        replace(FACTS, columns=("adresse", "cp", "ville", "y", "x")),
        GEOPF,
        columns=["adresse", "ville"],
        filters={"postcode": "cp"},
        result_columns=["result_id", "latitude"],
        lat="y",
        lon="x",
        indexes=["address", "poi"],
    )
    assert found == (
        ("columns", "adresse"),
        ("columns", "ville"),
        ("indexes", "address"),
        ("indexes", "poi"),
        ("result_columns", "result_id"),
        ("result_columns", "latitude"),
        ("result_columns", "result_status"),
        ("postcode", "cp"),
        ("lat", "y"),
        ("lon", "x"),
    )
    assert check_csv(FACTS, GEOPF) == ()
    assert check_csv(FACTS, ADDOK, columns=["adresse"], indexes="address") == (
        ("columns", "adresse"),
        ("delimiter", ","),
        ("quote", '"'),
    )


@pytest.mark.parametrize("columns", [["nope"], ["adresse", "Adresse"], [], "adresse", [None], 5, [["adresse"]]])
def test_columns_that_are_none(columns: Any) -> None:
    refused("columns", FACTS, field="columns", columns=columns)


@pytest.mark.parametrize("point", ['"6,865";"47,602"', "985000;6745000", "47.6;6.86", "6.86;", "6.86;nan", "7f3a;47.6"])
def test_a_point_that_can_not_be_read_is_no_empty_answer(point: str) -> None:
    source = f"id;lon;lat\n1;6.865203;47.602674\n2;;\n3;{point}\n".encode()
    with pytest.raises(InvalidRequest, match=r"data: longitude and latitude in degrees.*not so in line 4") as caught:
        check_points(source, inspect_csv(source))
    assert "7f3a" not in str(caught.value)
    renamed = source.replace(b"lon;lat", b"x;y")
    with pytest.raises(InvalidRequest, match="not so in line 4"):
        check_points(renamed, inspect_csv(renamed), lon="x", lat="y")


def test_points_that_can_be_read_and_points_that_are_not_there() -> None:
    source = io.BytesIO(b"id,lat,lon\n1,47.602674, 6.865203\n2,,\n")
    check_points(source, inspect_csv(source))
    assert source.tell() == 0


def test_the_column_that_is_none_is_told_by_its_place() -> None:
    refused("Item 2: none of the 3 in the first line", FACTS, field="columns", columns=["adresse", "Ville"])


@pytest.mark.parametrize(
    ("filters", "field", "match"),
    [
        ({"type": "housenumber"}, "type", "not a value"),
        ({"postcode": "90400"}, "postcode", "not a value"),
        ({"postcode": None}, "postcode", "the name of a column"),
        ({"depcode": "cp"}, "depcode", "dialect geopf"),
        ({"columns": "cp"}, "columns", "dialect geopf"),
        ({"category": "cp"}, "category", "only with the index poi"),
        ({"section": "cp"}, "section", "only with the index parcel"),
    ],
)
def test_filters_that_are_refused(filters: Any, field: str, match: str) -> None:
    refused(match, FACTS, field=field, filters=filters)


def test_filters_of_addok() -> None:
    assert ("citycode", "cp") in check_csv(FACTS, ADDOK, filters={"citycode": "cp"})
    refused("dialect addok", FACTS, ADDOK, "category", filters={"category": "cp"})
    refused("one of address", FACTS, ADDOK, "index", indexes="poi")


@pytest.mark.parametrize("names", [["score"], [], "result_id", [3], ["result_id", None]])
def test_result_columns_that_are_refused(names: Any) -> None:
    refused("result_columns", FACTS, field="result_columns", result_columns=names)


def test_result_columns_of_the_dialects() -> None:
    refused("dialect addok", FACTS, ADDOK, "result_columns", result_columns=["result_id"])
    asked = check_csv(FACTS, GEOPF, result_columns=["result_status", "result_id", "result_id"])
    assert asked == (("result_columns", "result_status"), ("result_columns", "result_id"))


@pytest.mark.parametrize("name", ["latitude", "longitude", "result_score", "result_banId"])
def test_columns_that_the_service_would_destroy(name: str) -> None:
    facts = replace(FACTS, columns=("adresse", name))
    for dialect in (GEOPF, ADDOK):
        refused(name, facts, dialect)
        check_csv(facts, dialect, strict=False)
    check_csv(facts, GEOPF, result_columns=["result_id"])
    refused(name, facts, GEOPF, result_columns=[name])


def test_doubled_headers() -> None:
    facts = inspect_csv(b"adresse,adresse\nx,y\n")
    refused("same name", facts)
    refused("same name", facts, ADDOK)
    check_csv(facts, GEOPF, strict=False)


# ---- positions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("lat", "lon"), ("lat", "lng"), ("lat", "long"), ("lat", "longitude")])
def test_a_position_never_weighs_unasked(names: tuple[str, str]) -> None:
    facts = replace(FACTS, columns=("adresse", *names))
    asked = {"lat": names[0], "lon": names[1], "result_columns": ["result_id"]}
    refused("weigh", facts, field="lat/lon", result_columns=["result_id"])
    assert ("lat", "lat") in check_csv(facts, GEOPF, **asked)  # type: ignore[arg-type]
    check_csv(facts, GEOPF, strict=False)
    check_csv(replace(facts, columns=("adresse", "lat", "x")), GEOPF)
    if "longitude" not in names:
        check_csv(facts, ADDOK)


def test_both_or_none() -> None:
    refused("both", FACTS, field="lat/lon", lat="cp")
    refused("both", FACTS, field="lat/lon", lon="cp")
    refused("the name of a column", FACTS, field="lat", lat="y", lon="cp")


def test_reverse() -> None:
    points = replace(FACTS, columns=("lat", "lon", "name"))
    other = replace(FACTS, columns=("y", "x", "name"))
    assert check_csv(points, GEOPF, operation="reverse") == ()
    assert check_csv(other, GEOPF, operation="reverse", lat="y", lon="x") == (("lat", "y"), ("lon", "x"))
    refused("required for reverse", other, field="lat/lon", operation="reverse")
    refused("only for search", points, field="columns", operation="reverse", columns=["name"])
    check_csv(replace(FACTS, columns=("latitude", "longitude")), GEOPF, operation="reverse")
    refused("overwrite", replace(points, columns=("lat", "lon", "result_label")), operation="reverse")
    arguments: dict[str, Any] = {"operation": "reverse", "result_columns": ["result_longitude"]}
    refused("longitude instead", points, field="result_columns", **arguments)


def test_reverse_of_addok_reads_the_usual_names_only() -> None:
    usual = replace(FACTS, columns=("latitude", "lat", "lng", "x"))
    expected = (("delimiter", ","), ("quote", '"'))
    assert check_csv(usual, ADDOK, operation="reverse") == expected
    assert check_csv(usual, ADDOK, operation="reverse", lat="latitude", lon="lng") == expected
    refused("a usual name", usual, ADDOK, "lat", operation="reverse", lat="lat", lon="lng")
    refused("a usual name", usual, ADDOK, "lon", operation="reverse", lat="latitude", lon="x")


# ---- what is sent ------------------------------------------------------------------------------------------


def test_the_file_is_sent_without_its_name(tmp_path: Path) -> None:
    path = tmp_path / "Untel Zoé.csv"
    path.write_bytes(SIMPLE)
    for source in (path, str(path)):
        part = csv_part(source)
        assert (part.name, part.filename, part.content_type) == ("data", "data.csv", "text/csv")
        assert callable(part.source)
        for _ in range(2):
            with part.source() as stream:
                assert stream.read() == SIMPLE
    with path.open("rb") as stream:
        assert csv_part(stream).source == SIMPLE
    assert csv_part(SIMPLE).source == SIMPLE


def test_no_error_repeats_a_header() -> None:
    facts = inspect_csv(b"Zoe Untel,12 rue cachee\nYves Untel,3 rue cachee\n")
    for arguments in ({"columns": ["nope"]}, {"filters": {"type": "nope"}}, {"lat": "a", "lon": "b"}):
        with pytest.raises(InvalidRequest) as caught:
            check_csv(facts, GEOPF, **arguments)  # type: ignore[arg-type]
        assert "Untel" not in str(caught.value)
        assert "cachee" not in str(caught.value)


def recorded() -> list[dict[str, Any]]:
    files = [(found, found["request"].get("file", {})) for found in exchanges("gpf_geocodeur")]
    return [found for found, file in files if "text" in file and "note" not in file]  # a note says that it is cut


@pytest.mark.parametrize("exchange", recorded(), ids=lambda exchange: exchange["name"])
def test_the_files_that_the_service_refused_are_refused_here(exchange: dict[str, Any]) -> None:
    request, response = exchange["request"], exchange["response"]
    form = {name: value if isinstance(value, list) else [value] for name, value in request["form"].items()}
    single = {name: value[0] for name, value in form.items()}
    arguments: dict[str, Any] = {name: form[name] for name in ("columns", "result_columns", "indexes") if name in form}
    arguments |= {"filters": {name: single[name] for name in ("type", "postcode") if name in form}}
    arguments |= {"operation": request["path"].split("/")[1]}
    facts = inspect_csv(request["file"]["text"].encode())
    if response["status"] != 200 or exchange["name"].endswith(("collision", "dup-header", "header-only")):
        with pytest.raises(InvalidRequest):
            check_csv(facts, GEOPF, **arguments)
    else:
        fields = check_csv(facts, GEOPF, **arguments)
        assert {name for name, _ in fields} == set(form)
        assert str(facts.rows) == response["headers"]["x-rows-count"]
