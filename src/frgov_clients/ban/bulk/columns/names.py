"""How French files call the columns of an address, and what such a column holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .reader import text_of

__all__ = [
    "ALIASES",
    "LINE",
    "confirms",
    "degrees_in",
    "is_result",
    "looks_like_data",
    "ranked",
    "sample_of",
    "tokens_of",
]

_WORDS: Final = """
address: adresse address addr adr adresse_complete adresse_postale adresse_entiere full_address complete_address
    libelle_adresse lib_adresse adresse_libelle adresse_texte address_text street_address geo_adresse localisation
    query q adresse_voie adresse_geographique adresse_physique adresse_1 adresse1 address_1 address1
number: numero num no n numero_voie num_voie no_voie n_voie numvoie numerovoie adr_numero adr_num numero_adresse
    num_adresse house_number housenumber street_number dnvoiri numero_rue num_rue no_rue n_rue loc_num
repetition: rep repetition indice_repetition indice_rep ind_rep btq bis_ter suffixe suffix dindic adr_rep
    house_number_suffix
street_type: type_voie typ_voie typevoie typvoie nature_voie adr_type_voie code_type_voie libelle_type_voie type_rue
street: voie nom_voie libelle_voie lib_voie libvoie nomvoie street street_name rue nom_rue adr_voie adr_nom_voie
    voie_nom libelle_rue dvoilib road libelle_nom_voie nom_complet_voie
place: lieu_dit lieudit nom_ld ld lieudit_complement_nom lieudit_nom
street_line: dlign4
place_line: dlign5
town_line: dlign6
postcode: code_postal cp postcode postal_code codpos codepostal zip zipcode zip_code post_code code_post cpostal ccopos
    adr_cp adresse_cp cp_adresse adresse_code_postal codepost cod_postal ban_cp address_postcode dcopos
city: commune ville city nom_commune libelle_commune nom_com libcom lib_com lib_commune localite town municipality
    commune_nom nomcommune nom_ville libgeo idcomtxt com_nom adr_ville adr_commune adresse_ville adresse_commune
    libelle_acheminement acheminement bureau_distributeur libelle_ville libelle_geographique address_city
citycode: code_insee insee codeinsee codgeo code_geo geo_code citycode city_code code_commune depcom codecom insee_com
    code_com insee_code code_insee_commune code_commune_insee commune_insee cog code_cog idcom inseecom com_insee
    codecommune num_insee numero_insee insee_commune com cod_commune cod_insee municipality_code
complement: complement complement_adresse compl_adresse complement_d_adresse adresse_complement address_complement
    compl complement_localisation batiment residence adresse_2 adresse2 address_2 address2 dlign3
    complement_geographique
lon: lon longitude long lng lon_wgs84 longitude_wgs84 long_wgs84 x_4326 x_wgs84 geo_lon gps_lon coord_lon
    coordonnee_longitude geo_longitude result_longitude x coord_x coordonnee_x geo_x
lat: lat latitude lat_wgs84 latitude_wgs84 y_4326 y_wgs84 geo_lat gps_lat coord_lat coordonnee_latitude geo_latitude
    result_latitude y coord_y coordonnee_y geo_y
"""


def _aliases() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    field = ""
    for word in _WORDS.split():
        if word.endswith(":"):
            field = word[:-1]
            found[field] = {}
        else:
            found[field].setdefault(word, len(found[field]))
    return found


ALIASES: Final[Mapping[str, Mapping[str, int]]] = _aliases()
"""Names of each field, in the form of `tokens_of`, and their rank: the surest first."""

LINE: Final = re.compile(
    r"(?:adresse|address|adr|ligne|adresse_ligne|ligne_adresse|address_line|lign|ligne_d_adresse)_?(\d)"
)
"""An address in numbered lines."""

_NOISE_WORDS: Final = """
de du des d la le les l brut brute brutes dgfip etablissement logement bien local housing siege
immeuble raw source origine
"""
_NOISE: Final = frozenset(_NOISE_WORDS.split())
_RESULTS: Final = frozenset({"ban", "result", "resultat", "geocode", "geocodage"})
_HUMP: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")


def tokens_of(name: str) -> list[str]:
    """The words of a name of column: `codePostalÉtablissement` has `code`, `postal`, `etablissement`."""
    plain = unicodedata.normalize("NFKD", _HUMP.sub("_", name)).encode("ascii", "ignore").decode().lower()
    return [word for word in _NO_WORD.split(plain) if word]


def is_result(name: str) -> bool:
    """Whether a column holds what a geocoder answered, rather than what is asked."""
    return not _RESULTS.isdisjoint(tokens_of(name))


def ranked(field: str, names: Iterable[str]) -> list[str]:
    """Those of the names that may mean the field, the surest first."""
    aliases = ALIASES[field]
    found: list[tuple[int, int, int, str]] = []
    for place, name in enumerate(names):
        words = tokens_of(name)
        kept = [word for word in words if word not in _NOISE]
        for noise, text in ((0, "_".join(words)), (len(words) - len(kept), "_".join(kept))):
            if text in aliases:
                found.append((aliases[text], noise, place, name))
                break
    return [name for *_, name in sorted(found)]


# ---- what a column holds -----------------------------------------------------------------------------------


_POSTCODE: Final = re.compile(r"(?:F-?)?\d{2}\s?\d{3}|\d{4}")
_CITYCODE: Final = re.compile(r"\d{4,5}|2[ABab]\d{3}|\d[ABab]\d{3}")
_NUMBER: Final = re.compile(r"\d{1,5}\b.*", re.DOTALL)
_DEGREES: Final = re.compile(r"[-+]?\d{1,3}(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


def sample_of(rows: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    """The texts of a column, without the empty ones."""
    texts = (text_of(row.get(name)).strip() for row in rows)
    return [text for text in texts if text]


def share_of(test: Callable[[str], object], sample: list[str]) -> float:
    """The share of the texts that pass; 1 for no text at all, which speaks against nothing."""
    return sum(test(text) is not None for text in sample) / len(sample) if sample else 1.0


def _fits_degrees(text: str) -> bool | None:
    return (_DEGREES.fullmatch(text) is not None and abs(float(text.replace(",", "."))) <= 180) or None


def _is_fine(text: str) -> bool | None:
    """Degrees with decimals: `x` and `y` may be anything."""
    return (_fits_degrees(text) and not text.isdecimal()) or None


_TESTS: Final[Mapping[str, tuple[Callable[[str], object], float]]] = {
    "address": (_LETTERS.search, 0.5),
    "number": (_NUMBER.fullmatch, 0.5),
    "street": (_LETTERS.search, 0.5),
    "place": (_LETTERS.search, 0.5),
    "postcode": (_POSTCODE.fullmatch, 0.8),
    "city": (_LETTERS.search, 0.5),
    "citycode": (_CITYCODE.fullmatch, 0.8),
    "lon": (_fits_degrees, 0.5),
    "lat": (_fits_degrees, 0.5),
}
_IN_WORDS: Final = frozenset({"address", "street", "place"})
_FEW: Final = 5
"""Texts below which they prove nothing against a name: the only row may be the one without an address."""


def confirms(field: str, name: str, sample: list[str]) -> bool:
    """Whether the texts of a column are what the field holds."""
    test, least = _TESTS.get(field, (str, 0.0))
    if field in ("lon", "lat") and not any(len(word) > 1 and word.isalpha() for word in tokens_of(name)):
        test, least = _is_fine, 0.8
    elif field in _IN_WORDS and len(sample) < _FEW:
        return True
    return share_of(test, [text.removesuffix(".0") if field.endswith("code") else text for text in sample]) >= least


def degrees_in(sample: list[str]) -> int:
    """How many of the texts are degrees."""
    return sum(_fits_degrees(text) is not None for text in sample)


def looks_like_data(header: Iterable[str]) -> bool:
    """Whether the names of the columns may be a row of data, which no error may repeat."""
    return any(_DATA.search(name) or len(name) > 60 for name in header)


_DATA: Final = re.compile(r"^\s*\d|\d{5}|@|[\r\n]|\d\s+\d")
