# pyright: strict
"""Code of a user of the data API of the Cerema: it is never run, only read by type checkers."""

from __future__ import annotations

from datetime import date
from typing import assert_type

from pydantic import SecretStr

from frgov_clients.cerema.apidf import (
    ApidfClient,
    ApidfOptions,
    AsyncApidfClient,
    AsyncFeatures,
    AsyncRows,
    Dv3fMutation,
    Feature,
    Features,
    Friche,
    Local,
    Mutation,
    MutationFilters,
    Parcelle,
    Prix,
    Proprio,
    Rows,
    Tup,
)
from frgov_clients.transport.operation import Page
from frgov_clients.transport.raw import RawReply


def make() -> ApidfClient:
    ApidfClient()
    options: ApidfOptions = {"token": SecretStr("t"), "timeout": 90}
    return ApidfClient(**options)


def sales(apidf: ApidfClient) -> float:
    listed = apidf.dvf_mutations(code_insee=["01004", "01033"], anneemut_min=2020, codtypbien="11,12", vefa=False)
    assert_type(listed, Rows[Mutation])
    for sale in listed:
        assert_type(sale.valeurfonc, float | None)
        assert_type(sale.datemut, date | None)
        assert_type(sale.nblocmut, int | None)
        assert_type(sale.l_codinsee, tuple[str, ...])
        assert_type(sale.coddep, str | None)
    assert_type(listed.all(max_items=10), list[Mutation])
    assert_type(next(listed.pages()), Page[Mutation])
    with_geometry = apidf.dvf_geomutations(bbox=(2.0, 48.0, 2.1, 48.1), tiled=True, fields="all")
    assert_type(with_geometry, Features[Feature[Mutation]])
    first = with_geometry.first()
    if first is not None:
        assert_type(first.properties.idmutation, int)
    assert_type(apidf.dv3f_mutations(lon=2.0, lat=48.0, codtypproa="X").first(), Dv3fMutation | None)
    filters: MutationFilters = {"code_insee": "01004", "sbati_min": 50}
    return sum(sale.valeurfonc or 0 for sale in apidf.dvf_mutations(**filters))


def tax_files(apidf: ApidfClient) -> None:
    assert_type(apidf.parcelles(code_insee="01004", idpar=["01004000AB0012"]).all(), list[Parcelle])
    assert_type(apidf.locaux(code_insee="01004", dteloc=["1", "2"]).all(), list[Local])
    assert_type(apidf.proprios(code_insee="01004", ordering="dnulp").all(), list[Proprio])
    assert_type(apidf.tups(code_insee="01004", typetup="UF").first(), Tup | None)
    assert_type(apidf.local("010041234567").stoth, float | None)
    assert_type(apidf.raw.parcelle("01004000AB0012"), RawReply[Parcelle])


def open_data(apidf: ApidfClient) -> None:
    assert_type(apidf.friches(coddep="01", surface_min=1000).first(), Friche | None)
    assert_type(apidf.friche("59350_10190").unite_fonciere_refcad, tuple[str, ...])
    for row in apidf.prix("communes", ["59350", "59009"], periode="triennal", annee=2023):
        assert_type(row, Prix)
        assert_type(row.pxm2_median_cod111, float | None)
        assert_type(row.measures.get("nbtrans_cod121x2"), float | None)
    apidf.conso_espace(coddep="01", annee_min=2011)
    apidf.activite("france")
    apidf.accessibilite("001")
    apidf.valorisation("epci", "243500139")
    apidf.dvf_mutations(code_insee="01004").to_pandas()


async def waiting(apidf: AsyncApidfClient) -> None:
    listed = apidf.dvf_mutations(code_insee="01004")
    assert_type(listed, AsyncRows[Mutation])
    async for sale in listed:
        assert_type(sale, Mutation)
    assert_type(await listed.all(), list[Mutation])
    assert_type(apidf.geotups(code_insee="01004"), AsyncFeatures[Feature[Tup]])
    assert_type(await apidf.friche("59350_10190"), Friche)
    await listed.to_polars()
