"""The models and the reading of errors, held to everything that real servers answered."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any

import pytest
from ban_helpers import body_of, exchanges
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from frgov_clients.ban.csvresult import read_csv_result
from frgov_clients.ban.dialects import GEOPF, read_error
from frgov_clients.ban.models import (
    AddressFeature,
    AddressProperties,
    CompletionResult,
    Geometry,
    ParcelFeature,
    PoiFeature,
    Point,
    PositionOfInterest,
    SearchResult,
    StreetAddress,
)
from frgov_clients.ban.project_models import Project
from frgov_clients.ban.reference_models import Capabilities, Commune, Numero, Voie
from frgov_clients.errors import UnexpectedContent

STATUSES = {"ok", "not-found", "skipped"}
FILES = ("gpf_geocodeur", "gpf_async_flow", "addok_1.2.1")


RECORDED = [(name, exchange) for name in FILES for exchange in exchanges(name)]


def keeps_all(model: type[BaseModel], body: bytes) -> BaseModel:
    read = model.model_validate_json(body)
    assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == json.loads(body)
    return read


def claim(exchange: dict[str, Any]) -> str:
    """Read one exchange by what it is for; the answer says as what it was read."""
    status, path = exchange["response"]["status"], exchange["request"]["path"]
    headers, body = exchange["response"]["headers"], body_of(exchange)
    if status >= 400 or exchange["name"] == "completion-error-200":
        error = read_error(status, headers, body)
        assert error.message
        assert error.code in {str(status), "Error", None}
        return "error"
    if path in {"/search", "/reverse"}:
        found = keeps_all(SearchResult, body)
        assert isinstance(found, SearchResult)
        assert all(isinstance(feature, AddressFeature) for feature in found)
        return "features"
    if path.rstrip("/") == "/completion":
        assert len(keeps_all(CompletionResult, body)) > 0  # type: ignore[arg-type]
        return "completion"
    if path == "/batch":
        results = [item["result"] for item in json.loads(body)["results"] if item["status"] == "ok"]
        for result in results:
            keeps_all(AddressProperties, json.dumps(result).encode())
        assert len(results) == 2
        return "batch"
    if "csv" in headers.get("content-type", ""):
        return "csv"  # read in test_csvfile.py, which counts them too
    assert path.startswith("/async/projects")
    if exchange["response"]["status"] == 204:
        assert not body
        return "deleted"
    if "-file/" in path and exchange["request"]["method"] == "GET":
        return claim_file(body)
    project = keeps_all(Project, body)
    assert "recordedtoken" not in repr(project)
    return "project"


def claim_file(body: bytes) -> str:
    """A file of a project: what was sent, or what came of it as CSV or GeoJSON."""
    if body.startswith(b"{"):
        assert {feature["properties"]["result_status"] for feature in json.loads(body)["features"]} <= STATUSES
    elif b"result_status" in body:
        rows = len(list(csv.DictReader(io.StringIO(body.decode()))))
        assert set(read_csv_result(body, {}, rows, GEOPF).status_counts) <= STATUSES
    else:
        assert body.startswith(b"adresse,cp,ville\n")
    return "file"


def test_every_recorded_exchange_is_claimed_and_no_field_is_lost() -> None:
    counts = {name: Counter(claim(exchange) for file, exchange in RECORDED if file == name) for name in FILES}
    assert counts == {
        "gpf_geocodeur": {"features": 19, "error": 36, "csv": 12, "completion": 3, "batch": 1},
        "addok_1.2.1": {"features": 17, "error": 12, "csv": 13},
        "gpf_async_flow": {"project": 14, "file": 3, "deleted": 2, "error": 16},
    }
    assert len(RECORDED) == 148


# ---- what the records do not hold --------------------------------------------------------------------------

POINT = {"type": "Point", "coordinates": [2.3545, 48.8523]}
ADDRESS = {"label": "8 Rue X 75002 Paris", "id": "75102_0001_00008", "type": "housenumber", "name": "8 Rue X"}
POI = {
    "name": ["pont national", "pont strasbourg"],
    "toponym": "Pont National",
    "category": ["construction linéaire", "pont"],
    "postcode": ["77310", "91100"],
    "citycode": ["77407", "77", "200023620"],
    "city": ["Saint-Fargeau-Ponthierry", "Corbeil-Essonnes"],
    "extrafields": {"cleabs": "CONSLINE0000000060494180", "names": ["pont national"]},
    "classification": 4,
    "territory": "METROPOLE",
    "score": 0.57,
    "_type": "poi",
    "truegeometry": '{"type":"LineString","coordinates":[[2.03,44.34,257],[2.04,44.35,256.3]]}',
}
PARCEL = {
    "id": "75056104AV0133",
    "departmentcode": "75",
    "municipalitycode": "056",
    "oldmunicipalitycode": "000",
    "districtcode": "104",
    "section": "AV",
    "sheet": 1,
    "number": "0133",
    "city": "Paris",
    "_type": "parcel",
    "distance": 0,
    "truegeometry": {"type": "MultiPolygon", "coordinates": [[[[2.1, 48.1], [2.2, 48.1], [2.2, 48.2], [2.1, 48.1]]]]},
}


def collection(*properties: dict[str, Any], **more: Any) -> bytes:
    features = [{"type": "Feature", "geometry": POINT, "properties": found} for found in properties]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def test_mixed_indexes_are_told_apart_and_kept_whole() -> None:
    found = keeps_all(SearchResult, collection(POI, {**ADDRESS, "_type": "address", "score": 0.5}, PARCEL, ADDRESS))
    assert isinstance(found, SearchResult)
    assert [type(feature) for feature in found] == [PoiFeature, AddressFeature, ParcelFeature, AddressFeature]
    assert [len(found.addresses), len(found.pois), len(found.parcels), len(found)] == [2, 1, 1, 4]
    assert found.best is found.features[0]
    poi, address, parcel = found.pois[0], found.addresses[0], found.parcels[0]
    assert (poi.id, poi.label, poi.score) == (
        "CONSLINE0000000060494180",
        "Pont National, Saint-Fargeau-Ponthierry",
        0.57,
    )
    assert (address.id, address.label, address.score) == ("75102_0001_00008", "8 Rue X 75002 Paris", 0.5)
    assert (parcel.id, parcel.label, parcel.score) == ("75056104AV0133", "75056104AV0133, Paris", None)
    assert {(feature.lon, feature.lat) for feature in found} == {(2.3545, 48.8523)}


def test_true_geometry_reads_text_and_object() -> None:
    poi, parcel, address = SearchResult.model_validate_json(collection(POI, PARCEL, ADDRESS)).features
    assert poi.true_geometry == Geometry(type="LineString", coordinates=[[2.03, 44.34, 257], [2.04, 44.35, 256.3]])
    assert parcel.true_geometry is not None
    assert parcel.true_geometry.type == "MultiPolygon"
    assert address.true_geometry is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"coordinates": []}'])
def test_true_geometry_that_is_none(text: str) -> None:
    poi = SearchResult.model_validate_json(collection({**POI, "truegeometry": text})).pois[0]
    with pytest.raises(UnexpectedContent, match="truegeometry"):
        _ = poi.true_geometry


def test_an_empty_answer_is_false_and_has_no_best() -> None:
    empty = SearchResult.model_validate_json(collection())
    assert not empty
    assert empty.best is None
    assert list(empty) == []


def test_nulls_missing_scores_and_new_fields() -> None:
    body = {**ADDRESS, "banId": None, "oldcity": None, "oldcitycode": None, "score": None, "_score": 0.7, "newField": 1}
    found = keeps_all(SearchResult, collection(body, query="8 rue x", attribution={"BAN": "IGN"}, hint=None))
    assert isinstance(found, SearchResult)
    feature = found.addresses[0]
    assert feature.properties.ban_id is None
    assert feature.score == 0.7
    assert feature.properties.model_extra == {"newField": 1}
    assert (found.query, found.model_extra) == ("8 rue x", {"hint": None})


def test_models_are_frozen() -> None:
    found = SearchResult.model_validate_json(collection(ADDRESS))
    with pytest.raises(ValidationError, match="frozen"):
        found.addresses[0].properties.label = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"features": []}',
        b'{"type": "FeatureCollection"}',
        b'{"type": "FeatureCollection", "features": null}',
        b'{"type": "Error", "features": []}',
        collection({}),
        collection({**ADDRESS, "_type": "galaxy"}),
        collection(ADDRESS).replace(b"2.3545", b"NaN"),
        collection(ADDRESS).replace(b"[2.3545, 48.8523]", b"[2.3545]"),
        collection(ADDRESS).replace(b"[2.3545, 48.8523]", b"[]"),
    ],
)
def test_what_is_no_answer_is_never_an_empty_one(body: bytes) -> None:
    with pytest.raises(ValidationError):
        SearchResult.model_validate_json(body)


# ---- completion --------------------------------------------------------------------------------------------

PLACE = {
    "country": "PositionOfInterest",
    "names": ["Saint-Malo"],
    "zipcode": "35400",
    "zipcodes": ["35400"],
    "metropole": True,
    "city": "Saint-Malo",
    "street": "Saint-Malo",
    "poiType": ["lieu-dit habité", "zone d'habitation"],
    "kind": "lieu-dit habité",
    "fulltext": "Saint-Malo, 35400 Saint-Malo",
    "classification": 7,
    "x": -1.994067,
    "y": 48.647186,
}


def test_completion_of_a_place_and_an_address() -> None:
    street = {
        "country": "StreetAddress",
        "fulltext": "2 av pasteur, 35400 Saint-Malo",
        "x": -2.0,
        "y": 48.6,
        "oldcity": "",
    }
    found = keeps_all(CompletionResult, json.dumps({"status": "OK", "results": [PLACE, street]}).encode())
    assert isinstance(found, CompletionResult)
    place, address = found
    assert isinstance(place, PositionOfInterest)
    assert isinstance(address, StreetAddress)
    assert place.poi_type == ("lieu-dit habité", "zone d'habitation")
    assert (place.lon, place.lat) == (-1.994067, 48.647186)
    assert len(found) == 2


@pytest.mark.parametrize(
    "body",
    [b'{"status":"Error","error":"x"}', b'{"status":"Error","results":[]}', b'{"status":"OK"}', b'{"results":[]}'],
)
def test_a_failed_completion_is_never_an_empty_one(body: bytes) -> None:
    with pytest.raises(ValidationError):
        CompletionResult.model_validate_json(body)


# ---- capabilities and lookup -------------------------------------------------------------------------------


def test_capabilities_give_the_categories_of_places() -> None:
    def body(values: Any) -> bytes:
        field = {"name": "category", "values": values, "queryable": True}
        operations = [{"id": "search", "parameters": [{"name": "limit", "default": 10, "in": "query"}]}]
        indexes = [
            {"id": "address", "fields": [{"name": "type", "values": ["street"]}]},
            {"id": "poi", "fields": [field]},
        ]
        return json.dumps({"operations": operations, "indexes": indexes, "info": {"name": "x"}}).encode()

    listed = keeps_all(Capabilities, body(["pont", "administratif"]))
    mapped = keeps_all(Capabilities, body({"construction": ["pont", "barrage"], "administratif": []}))
    assert isinstance(listed, Capabilities)
    assert isinstance(mapped, Capabilities)
    assert listed.poi_categories == ("administratif", "pont")
    assert mapped.poi_categories == ("administratif", "barrage", "construction", "pont")
    assert listed.operations[0].parameters[0].default == 10


def test_lookup_of_a_number() -> None:
    body = {
        "id": "64102_0127_00001",
        "type": "numero",
        "numero": 1,
        "suffixe": None,
        "idVoie": "64102_0127",
        "parcelles": ["641020000AV0109"],
        "position": {"type": "Point", "coordinates": [-1.4530955186924766, 43.498224743564066]},
        "certifie": True,
        "banIdMainCommonToponym": "d9d820f2-82af-4ca4-abd4-b379d393e569",
        "dateMAJ": "2014-05-01T00:00:00.000Z",
        "voie": {"id": "64102_0127", "nomVoie": "Avenue X", "nomVoieAlt": {"eus": "X etorbidea"}},
        "commune": {"id": "64102", "nom": "Bayonne", "code": "64102", "departement": {"nom": "P.-A.", "code": "64"}},
        "tiles": ["1/2/3"],
    }
    found = keeps_all(Numero, json.dumps(body).encode())
    assert isinstance(found, Numero)
    assert found.position == Point(type="Point", coordinates=(-1.4530955186924766, 43.498224743564066))
    assert (found.position.lon, found.position.lat) == (-1.4530955186924766, 43.498224743564066)
    assert (found.date_maj, found.ban_id_main_common_toponym) == (body["dateMAJ"], body["banIdMainCommonToponym"])
    assert found.voie is not None
    assert found.voie.nom_voie_alt == {"eus": "X etorbidea"}
    assert found.commune is not None
    assert found.commune.departement is not None
    assert found.commune.departement.code == "64"


def test_lookup_of_a_street_and_a_commune() -> None:
    voie = {"id": "44193_i4r1x3", "type": "voie", "banId": "526b301a-28d7-4d0e-ae25-64a1eb564b81", "nbNumeros": 3}
    commune = {"id": "44193", "codesPostaux": ["44590"], "displayBBox": [-1.5, 47.6, -1.4, 47.7], "voies": [voie]}
    found = keeps_all(Commune, json.dumps(commune).encode())
    assert isinstance(found, Commune)
    assert found.display_bbox == (-1.5, 47.6, -1.4, 47.7)
    assert found.voies == [keeps_all(Voie, json.dumps(voie).encode())]


@pytest.mark.parametrize("model", [Numero, Voie, Commune])
def test_lookup_needs_an_identifier(model: type[BaseModel]) -> None:
    assert model.model_validate_json(b'{"id": "1"}')
    with pytest.raises(ValidationError):
        model.model_validate_json(b'{"code": 404, "message": "La voie n\xe2\x80\x99existe pas"}')


# ---- hostile payloads --------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
KEYS = [*ADDRESS, *POI, *PARCEL, *PLACE, "features", "geometry", "properties", "coordinates", "status", "results"]
MORE = ["operations", "indexes", "fields", "values", "voie", "commune", "position", "numeros"]
NAMES = st.sampled_from([*KEYS, *MORE])
VALUES = ["FeatureCollection", "Feature", "Point", "address", "poi", "parcel", "OK", "StreetAddress", "category"]
JSON = st.recursive(
    SCALARS | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=8),
    max_leaves=25,
)
MODELS = [
    SearchResult,
    CompletionResult,
    Capabilities,
    Numero,
    Voie,
    Commune,
    Geometry,
    Point,
    AddressFeature,
    PoiFeature,
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*MODELS, ParcelFeature]), JSON)
def test_hostile_json_is_refused_with_a_validation_error_alone(model: type[BaseModel], value: Any) -> None:
    try:
        read = model.model_validate_json(json.dumps(value))
    except ValidationError:
        return
    read.model_dump(mode="json", by_alias=True, exclude_unset=True)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*ADDRESS, *POI, *PARCEL]), JSON, max_size=6),
    st.sampled_from([ADDRESS, POI, PARCEL]),
)
def test_hostile_properties_are_refused_or_usable(changes: dict[str, Any], base: dict[str, Any]) -> None:
    try:
        found = SearchResult.model_validate_json(collection({**base, **changes}))
    except ValidationError:
        return
    for feature in found:
        assert isinstance(feature.label, str)
        assert feature.score is None or isinstance(feature.score, float)
        assert feature.id is None or isinstance(feature.id, str)
        try:
            assert feature.true_geometry is None or isinstance(feature.true_geometry, Geometry)
        except UnexpectedContent:
            continue


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_hostile_bytes(body: bytes) -> None:
    with pytest.raises(ValidationError):
        SearchResult.model_validate_json(body)
