"""A few made-up rows of the data API, for the guide: no person and no place of them is real but the communes."""

from __future__ import annotations

from typing import Any

from apidf_parts import Params, feature, mutation, page

SALES = [
    mutation(101, datemut="2021-03-04", anneemut=2021, valeurfonc="182000.00"),
    mutation(102, valeurfonc="96500.50", sbati="61.00", codtypbien="121", libtypbien="UN APPARTEMENT"),
    mutation(103, datemut="2023-11-30", valeurfonc="1250000.00", l_codinsee=["01004", "01033"]),
]
SITE = {
    "site_id": "01004_1",
    "site_nom": "Ancienne filature",
    "site_statut": "friche potentielle",
    "comm_insee": "01004",
    "unite_fonciere_surface": 10592.338839733191,
    "unite_fonciere_refcad": "['01004000AB0012', '01004000AB0013']",
    "urba_zone_type": "U",
}
PRICES = [
    {"annee": year, "echelle": "communes", "code": code, "libelle": name, "nbtrans_cod111": count}
    | {"pxm2_median_cod111": price, "nbtrans_cod121x2": 12}
    for code, name in (("01004", "Ambérieu-en-Bugey"), ("01033", "Valserhône"))
    for year, count, price in (("2022", 41, "2210.520"), ("2023", 35, "2305.000"))
]
LAND = [{"annee": year, "idcom": "01004", "naf_arti": area} for year, area in ((2021, 4665), (2022, 0))]
PREMISES = [{"idlocal": "010041234567", "idprocpte": "01004+00123", "dteloc": "1", "stoth": 82, "jannath": "1975"}]
OWNERS = [
    {
        "idprodroit": "01004+0012301",
        "idprocpte": "01004+00123",
        "dnulp": "01",
        "ccodro": "P",
        "ddenom": "SCI EXEMPLE 12",
    }
]


def sample(path: str, params: Params) -> Any:
    """What the service would answer."""
    codes = params.get("code_insee", "01004").split(",")
    if path == "/dvf_opendata/mutations/":
        since, kinds = int(params.get("anneemut_min", 0)), tuple(params.get("codtypbien", "1").split(","))
        wanted = [sale for sale in SALES if sale["anneemut"] >= since and sale["codtypbien"].startswith(kinds)]
        return page([sale for sale in wanted if set(codes) & set(sale["l_codinsee"])])
    if path == "/dvf_opendata/geomutations/":
        return page([feature(sale["idmutation"]) for sale in SALES], geo=True)
    if path == "/indicateurs/dv3f/prix/annuel/":
        return page([row for row in PRICES if row["code"] in params["code"]])
    rows = {
        "/cartofriches/friches/": [SITE],
        "/indicateurs/conso_espace/communes/01004/": LAND,
        "/indicateurs/conso_espace/departements/75/": LAND,
        "/ff/locaux/": PREMISES,
        "/ff/proprios/": OWNERS,
    }
    return page(rows[path]) if path in rows else (404, {"detail": "Not found."})
