"""Rows: numbers that come as text are numbers, codes stay text, and what is not known is kept."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from apidf_parts import feature, mutation
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from frgov_clients.cerema.apidf import (
    ConsoEspace,
    Dv3fMutation,
    Feature,
    Friche,
    Indicateur,
    Local,
    Mutation,
    Parcelle,
    Prix,
    Proprio,
    Tup,
)
from frgov_clients.transport.records import Geometry

ROWS: dict[type[Any], dict[str, Any]] = {
    Mutation: {"idmutation": 1},
    Dv3fMutation: {"idmutation": 1},
    Friche: {"site_id": "59350_1"},
    Local: {"idlocal": "010041234567"},
    Parcelle: {"idpar": "01004000AB0012"},
    Proprio: {"idprodroit": "01004+0012301"},
    Tup: {"idtup": "01004000AB0012"},
    Prix: {},
    ConsoEspace: {},
    Indicateur: {},
}


def read(model: type[Any], row: Any) -> Any:
    model.model_rebuild()
    return model.model_validate_json(json.dumps(row))


def test_a_transfer_of_property() -> None:
    found = read(Mutation, mutation(12, sapt1pp="", nbapt1pp="2", l_dcnt="[1.5, 2]", nouveau={"a": 1}))
    assert (found.idmutation, found.valeurfonc, found.sterr, found.sbati) == (12, 170000.0, 512.0, 85.5)
    assert (found.datemut, found.anneemut, found.vefa) == (date(2023, 4, 5), 2023, False)
    assert (found.coddep, found.codtypbien, found.idnatmut) == ("01", "111", "1")
    assert (found.l_codinsee, found.l_idpar) == (("01004",), ("01004000AB0012",))
    assert (found.sapt1pp, found.nbapt1pp, found.l_dcnt) == (None, 2, (1.5, 2.0))
    assert found.model_extra == {"nouveau": {"a": 1}}


def test_the_identifier_of_a_feature_is_that_of_its_row() -> None:
    found = read(Feature[Mutation], feature(12))
    assert (found.id, found.properties.idmutation) == (12, 12)
    assert found.geometry.type == "MultiPolygon"
    assert found.geometry.coordinates[0][0][0] == [5.0, 46.0]
    told = read(Feature[Friche], {"id": 3, "geometry": None, "properties": {"site_id": "59350_1"}})
    assert (told.properties.site_id, told.geometry) == ("59350_1", None)
    with pytest.raises(ValidationError):
        read(Feature[Mutation], {"geometry": None, "properties": {"coddep": "01"}})


@pytest.mark.parametrize(
    ("shape", "positions"),
    [
        ({"type": "Point", "coordinates": [5.0, 46.0]}, 1),
        ({"type": "LineString", "coordinates": [[5.0, 46.0], [5.1, 46.0]]}, 2),
        ({"type": "MultiPolygon", "coordinates": [[[[5.0, 46.0]] * 4, [[5.0, 46.0]] * 4], [[[5.0, 46.0]] * 4]]}, 12),
        ({"type": "MultiPolygon", "coordinates": []}, 0),
        ({"type": "Polygon"}, 0),
        (
            {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Point", "coordinates": [5.0, 46.0]},
                    {"type": "LineString", "coordinates": [[5.0, 46.0]] * 3},
                ],
            },
            4,
        ),
    ],
)
def test_a_geometry_shows_how_long_it_is(shape: dict[str, Any], positions: int) -> None:
    found = read(Geometry, {**shape, "inconnu": "X"})
    assert repr(found) == f"Geometry(type='{shape['type']}', positions={positions})"
    assert found.model_dump(exclude_none=True) == {**shape, "inconnu": "X"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("['14258000BN0415', '14258000BN0414']", ("14258000BN0415", "14258000BN0414")),
        ("{01004000AB0012}", ("01004000AB0012",)),
        (["01004000AB0012"], ("01004000AB0012",)),
        ("01004000AB0012,01004000AB0013", ("01004000AB0012", "01004000AB0013")),
        ("[]", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_lists_also_come_as_text(text: Any, codes: tuple[str, ...]) -> None:
    assert read(Friche, {"site_id": "1", "unite_fonciere_refcad": text}).unite_fonciere_refcad == codes


def test_the_columns_of_a_local() -> None:
    row = {
        "idlocal": "010041234567",
        "logh": "t",
        "jannath": "1975",
        "jannat": "0000",
        "stoth": 82,
        "ban_score": "0.72",
    }
    found = read(Local, {**row, "ccodep": "01", "dnubat": "0A", "npiece_p2": "4", "dteloc": "1", "dindic": ""})
    assert (found.logh, found.jannath, found.jannat, found.stoth, found.ban_score) == (True, 1975, None, 82.0, 0.72)
    assert (found.ccodep, found.dnubat, found.npiece_p2, found.dteloc, found.dindic) == ("01", "0A", 4, "1", None)


def test_prices_come_with_columns_that_nobody_lists() -> None:
    row = {
        "annee": "2024",
        "echelle": "communes",
        "code": "01004",
        "libelle": "1.5",
        "pxm2_median_cod111": "2345.670",
        "nbtrans_cod111": 41,
        "pxm2_median_cod121x2": "1768.75",
        "nbtrans_cod121x2": 131,
        "pxm2_median_cod121x5": None,
        "idquartier": "12.5",
    }
    found = read(Prix, row)
    assert (found.annee, found.code, found.libelle) == (2024, "01004", "1.5")
    assert (found.pxm2_median_cod111, found.nbtrans_cod111) == (2345.67, 41)
    assert found.measures == {"pxm2_median_cod121x2": 1768.75, "nbtrans_cod121x2": 131, "pxm2_median_cod121x5": None}
    assert found.model_extra["idquartier"] == "12.5"  # an identifier is never a number


def test_land_consumption() -> None:
    found = read(
        ConsoEspace, {"annee": 2020, "idcom": "01004", "idcomtxt": "Ambérieu", "naf_arti": 4665, "conso_x": "1.0"}
    )
    assert (found.annee, found.idcom, found.naf_arti, found.measures) == (2020, "01004", 4665.0, {"conso_x": 1.0})


@pytest.mark.parametrize(
    ("model", "bad"),
    [
        (Mutation, {"coddep": 1}),
        (Mutation, {"valeurfonc": "beaucoup"}),
        (Mutation, {"valeurfonc": "NaN"}),
        (Mutation, {"nblocmut": "1.5"}),
        (Mutation, {"datemut": "hier"}),
        (Mutation, {"l_codinsee": 5}),
        (Local, {"ccodep": 1}),
        (Parcelle, {"idpar": None}),
        (Proprio, {"idprodroit": 5}),
        (Friche, {"comm_insee": 1004}),
    ],
)
def test_what_is_not_as_promised_is_no_row(model: type[Any], bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(model, {**ROWS[model], **bad})


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
@given(data=st.data())
def test_a_code_is_the_text_that_came(model: type[Any], data: st.DataObject) -> None:
    """Whatever digits a code has: no column of text makes a number of it."""
    texts = [name for name, field in model.model_fields.items() if field.annotation == (str | None)]
    name, code = data.draw(st.sampled_from(texts)), data.draw(st.from_regex(r"[0-9]{1,8}", fullmatch=True))
    assert getattr(read(model, {**ROWS[model], name: code}), name) == code


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_every_column_may_be_missing_empty_or_null(model: type[Any]) -> None:
    key = ROWS[model]
    names = model.model_fields.keys() - key.keys()
    missing = read(model, key)
    for nothing in ("", None):
        found = read(model, {**dict.fromkeys(names, nothing), **key})
        hidden = {name for name in names if getattr(found, name) == nothing == ""}  # kept as they came
        assert all(getattr(found, name) == getattr(missing, name) for name in names - hidden)
        assert hidden <= {"proprio_type", "proprio_nom", "source_contact", "l_idv", "l_ida", "l_nomv", "l_noma"} | {
            "geomloc",
            "ban_geom",
            "geomrnb",
        }
