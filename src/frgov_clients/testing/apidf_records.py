"""The made-up records of the fake data API: parcels with the premises on them, their owners, sales and waste land.

All kinds are made from the same places, so that numbers of parcels and accounts lead from one to another. Surfaces and
prices come as text with decimals, counts as numbers, as the service sends them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from .apidf_columns import LOCAL, LOCAL_BOOLEANS, LOCAL_NUMBERS, PROPRIO
from .apidf_places import Place
from .cerema_codes import siren

__all__ = ["Make", "Record", "friche", "local", "mutation", "mutation_dv3f", "parcelle", "proprio", "tup"]

Record: TypeAlias = dict[str, Any]
Dice: TypeAlias = random.Random
Make: TypeAlias = Callable[[Place, Dice], Record]

_GOODS: Final[tuple[tuple[str, str, str], ...]] = (
    ("111", "UNE MAISON", "mai"),
    ("121", "UN APPARTEMENT", "apt"),
    ("14", "ACTIVITE", "act"),
    ("21", "TERRAIN DE TYPE TAB", ""),
)
_ROOMS: Final = tuple(f"{kind}{rooms}pp" for kind in ("apt", "mai") for rooms in range(1, 6))
_PREMISES: Final[Mapping[str, str]] = {"1": "MAISON", "2": "APPARTEMENT", "3": "DEPENDANCE", "4": "LOCAL COMMERCIAL"}


def _decimal(value: float) -> str:
    return f"{value:.2f}"


def _idlocal(place: Place) -> str:
    return f"{place.commune[:2]}{place.serial % 10**10:010}"


def mutation(place: Place, dice: Dice) -> Record:
    """A sale, as DVF+ has it."""
    code, label, kind = dice.choice(_GOODS)
    year, month = dice.randint(2014, 2024), dice.randint(1, 12)
    built = dice.randint(20, 180) if kind else 0
    rooms = f"{kind}{dice.randint(1, 5)}pp"
    premises = [_idlocal(place)] if kind else []
    return {
        "idmutation": place.serial,
        "idmutinvar": f"{place.serial:040x}",
        "idopendata": f"{place.serial:020x}",
        "idnatmut": 1,
        "codservch": f"{place.departement}04P01"[:7],
        "refdoc": f"{year}P{place.number:05}",
        "datemut": f"{year}-{month:02}-{dice.randint(1, 28):02}",
        "anneemut": year,
        "moismut": month,
        "coddep": place.departement,
        "libnatmut": "Vente",
        "vefa": dice.random() < 0.05,
        "valeurfonc": None if dice.random() < 0.02 else _decimal(dice.randint(10, 900) * 1_000),
        "nbdispo": 1,
        "nblot": int(kind == "apt"),
        "nbcomm": 1,
        "l_codinsee": [place.commune],
        "nbsection": 1,
        "l_section": [f"{place.commune}{place.idpar[5:10]}"],
        "nbpar": 1,
        "l_idpar": [place.idpar],
        "nbparmut": 1,
        "l_idparmut": [place.idpar],
        "nbsuf": 1,
        "sterr": _decimal(0 if kind == "apt" else dice.randint(80, 2_000)),
        "nbvolmut": 0,
        "nblocmut": len(premises),
        "l_idlocmut": premises,
        **{f"nbloc{name}": int(name == kind) for name in ("mai", "apt", "dep", "act")},
        **{f"nb{each}": int(each == rooms) for each in _ROOMS},
        "sbati": _decimal(built),
        **{f"sbat{name}": _decimal(built * (name == kind)) for name in ("mai", "apt", "act")},
        **{f"s{each}": _decimal(built * (each == rooms)) for each in _ROOMS},
        "codtypbien": code,
        "libtypbien": label,
    }


def mutation_dv3f(place: Place, dice: Dice) -> Record:
    """A sale, as DV3F has it: with who bought and who sold."""
    kinds = ("G1", "X1", "P1", "E1")
    told = {"codtypprov": dice.choice(kinds), "codtypproa": dice.choice(kinds), "filtre": dice.choice("0000012")}
    return {**mutation(place, dice), **told, "segmtab": dice.choice((None, "A", "B"))}


def _commune(place: Place) -> Record:
    return {"idcom": place.commune, "idcomtxt": f"COMMUNE {place.commune}"}


def _category(place: Place) -> Record:
    code, text = ("P5", "PERSONNE MORALE") if place.company else ("X1", "PERSONNE PHYSIQUE")
    return {"catpro2": code, "catpro2txt": text, "catpro3": f"{code}a", "catpro3txt": text}


def parcelle(place: Place, dice: Dice) -> Record:
    """A parcel of the cadastre with what is on it."""
    area, premises = dice.randint(80, 5_000), dice.randint(0, 4)
    dwellings = dice.randint(0, premises)
    natural = dice.randint(0, area)
    return {
        "idpar": place.idpar,
        **_commune(place),
        "idprocpte": place.idprocpte,
        **_category(place),
        "ctpdl": dice.choice((None, "CL", "BND")),
        "dcntpa": area,
        "dcntarti": area - natural,
        "dcntnaf": natural,
        "jannatmin": dice.randint(1850, 2023) if premises else 0,
        "nlocal": premises,
        "nlogh": dwellings,
        "slocal": 70 * premises,
        "stoth": 65 * dwellings,
        "sprincp": 60 * (premises - dwellings),
    }


def tup(place: Place, dice: Dice) -> Record:
    """A piece of land that belongs together; here always one parcel."""
    parcel = parcelle(place, dice)
    return {"idtup": parcel.pop("idpar"), "typetup": dice.choice(("SIMPLE", "PDLMP", "UF")), **parcel}


def local(place: Place, dice: Dice) -> Record:
    """A dwelling or another kind of premises. Columns of text about which nothing is made up are null."""
    usual: Record = {name: 0 if name in LOCAL_NUMBERS else None for name in LOCAL}
    kind = dice.choice("11222334")
    dwelling, rooms = kind in "12", dice.randint(1, 6)
    surface = rooms * dice.randint(12, 25)
    idlocal = _idlocal(place)
    vacant = dwelling and dice.random() < 0.1
    made: Record = {
        "idlocal": idlocal,
        "invar": idlocal[2:],
        "idbat": f"{place.idpar}01",
        "idpar": place.idpar,
        "idtup": place.idpar,
        "idsec": place.idpar[:10],
        "idprocpte": place.idprocpte,
        "dnupro": place.idprocpte[5:],
        **_commune(place),
        "ccodep": place.commune[:2],
        "ccocom": place.commune[2:],
        "dnvoiri": f"{place.number % 10_000:04}",
        "dvoilib": "RUE DE L EXEMPLE",
        "dteloc": kind,
        "dteloctxt": _PREMISES[kind],
        "typeloc": kind,
        **dict.fromkeys(LOCAL_BOOLEANS, False),
        "logh": dwelling,
        "loghmais": kind == "1",
        "loghappt": kind == "2",
        "loghvac2a": vacant,
        "loghvac": "t" if vacant else None,
        "loghvacdeb": "2021" if vacant else None,
        "loghlls": "NON" if dwelling else None,
        "proba_rprs": dice.choice(("RP", "RS")) if dwelling else None,
        "jannat": str(dice.randint(1850, 2023)),
        "stoth": surface if dwelling else 0,
        "stotd": 0 if dwelling else surface,
        "slocal": surface,
        "npiece_ff": rooms if dwelling else 0,
        "npevph": int(dwelling),
        "npevtot": 1,
        "ndroit": 1,
        "ndroitindi": 1,
        "locprop": dice.choice("1234"),
        **{name: value for name, value in _category(place).items() if name != "catpro3txt"},
        "idpk": place.serial,
    }
    made["jannath"] = made["jannat"]
    return usual | made


def proprio(place: Place, dice: Dice) -> Record:
    """An owner who is made up: a company with a number for a name, or a person with two."""
    number = place.number
    usual: Record = dict.fromkeys(PROPRIO)
    code, text = dice.choice((("P", "PROPRIETAIRE"), ("U", "USUFRUITIER")))
    made: Record = {
        "idprodroit": f"{place.idprocpte}01",
        "idprocpte": place.idprocpte,
        "idpersonne": f"{place.departement[:2]}{place.idprocpte[5:]}",
        **_commune(place),
        "ccodep": place.commune[:2],
        "ccocom": place.commune[2:],
        "dnupro": place.idprocpte[5:],
        "dnulp": "01",
        "ccodro": code,
        "ccodrotxt": text,
        "typedroit": "P",
        "gtoper": "2" if place.company else "1",
        "dlign4": f"{number:04} RUE DE L EXEMPLE",
        "dlign6": f"{place.commune[:2]}000 EXEMPLE",
        "locprop": dice.choice("1234"),
        **_category(place),
        "idpk": place.serial,
    }
    born = f"{dice.randint(1, 28):02}/{dice.randint(1, 12):02}/{dice.randint(1930, 2000)}"
    if place.company:
        made |= {"ddenom": f"SCI EXEMPLE {number}", "dsiren": siren(dice), "dforme": "SCI", "dformjur": "6540"}
    else:
        last, first = f"NOM{number}", f"PRENOM{dice.randint(1, 99)}"
        made |= {"ddenom": f"{last}/{first}", "dqualp": dice.choice(("M", "MME")), "dnomlp": last, "dprnlp": first}
        made |= {"dnomus": last, "dprnus": first, "jdatnss": born, "dldnss": "99 EXEMPLE"}
    return usual | made


def friche(place: Place, dice: Dice) -> Record:
    """A site of waste land. The list of its parcels is text, as it was seen."""
    return {
        "site_id": f"{place.commune}_{10_000 + place.number}",
        "site_nom": f"Site {place.number}",
        "site_type": dice.choice(("inconnu", "friche industrielle", "friche d'habitat")),
        "site_adresse": None,
        "site_statut": dice.choice(("friche potentielle", "friche sans projet", "friche avec projet")),
        "comm_nom": f"COMMUNE {place.commune}",
        "comm_insee": place.commune,
        "dep": place.departement,
        "proprio_personne": "personne morale" if place.company else "personne physique",
        "unite_fonciere_surface": round(dice.uniform(100, 50_000), 6),
        "unite_fonciere_refcad": f"['{place.idpar}']",
        "source_nom": "Recensement d'exemple",
        "nature": dice.choice(("MTE non vérifié", "observatoire")),
        "urba_zone_type": dice.choice(("U", "AUc", "A", "N")),
    }
