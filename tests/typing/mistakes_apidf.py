# pyright: strict
"""Mistakes with the data API of the Cerema: each line that ends with `# E`, and no other."""

from __future__ import annotations

from frgov_clients.cerema.apidf import ApidfClient, AsyncApidfClient


def places(apidf: ApidfClient) -> None:
    apidf.locaux()  # E
    apidf.proprios(idprocpte="01004+00123")  # E
    apidf.dvf_mutations("01004")  # E
    apidf.dvf_mutations(code_inse="01004")  # E
    apidf.dvf_mutations(code_insee=1004)  # E
    apidf.dvf_mutations(coddep="01")  # E
    apidf.locaux(bbox=(2.0, 48.0, 2.1, 48.1))  # E
    apidf.friches(bbox=(2.0, 48.0, 2.1))  # E
    apidf.conso_espace("01004")  # E


def filters(apidf: ApidfClient) -> None:
    apidf.dvf_mutations(code_insee="01004", codtypproa="X")  # E
    apidf.dvf_mutations(code_insee="01004", fields="some")  # E
    apidf.dvf_mutations(code_insee="01004", sbati_min="50")  # E
    apidf.dvf_mutations(code_insee="01004", page=2)  # E
    apidf.tups(code_insee="01004", typetup="uf")  # E
    apidf.prix("cantons", "01")  # E
    apidf.prix("communes", "01004", periode="mensuel")  # E
    apidf.valorisation("communes", "01004")  # E
    apidf.parcelle(12)  # E


def results(apidf: ApidfClient) -> None:
    print(apidf.dvf_mutations(code_insee="01004")[0])  # E
    print(len(apidf.dvf_mutations(code_insee="01004")))  # E
    print(apidf.dvf_mutations(code_insee="01004").to_geopandas())  # E
    for sale in apidf.dvf_mutations(code_insee="01004"):
        print(sale.valeurfonc + 1)  # E
        print(sale.l_nomv)  # E
    for site in apidf.geofriches(coddep="01"):
        print(site.site_nom)  # E
    print(apidf.raw.dvf_mutations(code_insee="01004").all())  # E
    ApidfClient(token=12)  # E
    ApidfClient(tokn="t")  # E


async def forgotten(apidf: AsyncApidfClient) -> None:
    for _sale in apidf.dvf_mutations(code_insee="01004"):  # E
        pass
    print(apidf.friche("59350_10190").site_nom)  # E
    print(apidf.dvf_mutations(code_insee="01004").all()[0])  # E
    await apidf.dvf_mutations(code_insee="01004")  # E
