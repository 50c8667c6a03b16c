"""Communes, départements, regions (Code officiel géographique, INSEE) and postcodes (La Poste).

There is no function from a postcode to a département, on purpose. A postcode is a delivery route: 26 communes of the
COG 2026 have one of another département's number (Saint-Martin, 97801, has 97150; Éloise in Haute-Savoie, 74109, has
01200), and 16 postcodes serve communes of two départements. Ask an address service or API Géo for the commune, then
`departement_of_commune`.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias, TypeGuard

from .form import LOST_ZERO, Form, PydanticCode, accepts

__all__ = [
    "CodeCommune",
    "CodeDepartement",
    "CodePostal",
    "CodeRegion",
    "arrondissements_of",
    "commune_of_arrondissement",
    "departement_of_commune",
    "departements_of_region",
    "is_arrondissement_municipal",
    "is_code_commune",
    "is_code_departement",
    "is_code_postal",
    "is_code_region",
    "is_collectivite_outre_mer",
    "is_outre_mer",
    "parse_code_commune",
    "parse_code_departement",
    "parse_code_postal",
    "parse_code_region",
    "region_of_departement",
]

_DEPARTEMENTS: Final[dict[str, tuple[str, ...]]] = {
    "01": ("971",),
    "02": ("972",),
    "03": ("973",),
    "04": ("974",),
    "06": ("976",),
    "11": ("75", "77", "78", "91", "92", "93", "94", "95"),
    "24": ("18", "28", "36", "37", "41", "45"),
    "27": ("21", "25", "39", "58", "70", "71", "89", "90"),
    "28": ("14", "27", "50", "61", "76"),
    "32": ("02", "59", "60", "62", "80"),
    "44": ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88"),
    "52": ("44", "49", "53", "72", "85"),
    "53": ("22", "29", "35", "56"),
    "75": ("16", "17", "19", "23", "24", "33", "40", "47", "64", "79", "86", "87"),
    "76": ("09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "81", "82"),
    "84": ("01", "03", "07", "15", "26", "38", "42", "43", "63", "69", "73", "74"),
    "93": ("04", "05", "06", "13", "83", "84"),
    "94": ("2A", "2B"),
}
"""Départements of each of the 18 regions, since 1 January 2016 (loi n° 2015-29)."""
_REGIONS: Final = {departement: region for region, members in _DEPARTEMENTS.items() for departement in members}
_REGIONS_BEFORE_2016: Final = {
    **dict.fromkeys(("21", "41", "42"), "44"),
    **dict.fromkeys(("22", "31"), "32"),
    **dict.fromkeys(("23", "25"), "28"),
    **dict.fromkeys(("26", "43"), "27"),
    **dict.fromkeys(("54", "72", "74"), "75"),
    **dict.fromkeys(("73", "91"), "76"),
    **dict.fromkeys(("82", "83"), "84"),
}
_COLLECTIVITES_OUTRE_MER: Final = frozenset(("975", "977", "978", "984", "986", "987", "988", "989"))

_ARRONDISSEMENTS: Final[dict[str, tuple[str, ...]]] = {
    "75056": tuple(map(str, range(75101, 75121))),
    "69123": tuple(map(str, range(69381, 69390))),
    "13055": tuple(map(str, range(13201, 13217))),
}
_COMMUNE_OF: Final = {part: whole for whole, parts in _ARRONDISSEMENTS.items() for part in parts}
_PARIS: Final = frozenset(("75056", *_ARRONDISSEMENTS["75056"]))

_CORSICA: Final = "Corsica is 2A and 2B"
_COMMUNE: Final = Form(
    "code_commune",
    "5 characters, the département (2, or 3 overseas) then the number of the commune",
    re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}"),
    "2A004",
    {},
    digits=5,
)
_DEPARTEMENT: Final = Form(
    "code_departement",
    "01 to 95 (2A and 2B for 20), 971 to 978, 984, or 986 to 989",
    re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[46-9]"),
    "2A",
    {},
    digits=2,
    hints=(
        (re.compile(r"20"), _CORSICA),
        (re.compile(r"9[78]"), "overseas codes have 3 digits"),
        (re.compile(r"985"), "Mayotte is 976 since 2011"),
        (_COMMUNE.pattern, "of a commune? `departement_of_commune` gives it; of a postcode it can not be told"),
    ),
)
_REGION: Final = Form(
    "code_region",
    "one of the 18 regions since 2016",
    re.compile("|".join(_DEPARTEMENTS)),
    "84",
    {},
    hints=(
        *((re.compile(old), f"a region of before 2016, now in {new}") for old, new in _REGIONS_BEFORE_2016.items()),
        (re.compile("|".join(sorted(_COLLECTIVITES_OUTRE_MER))), "a collectivity overseas is in no region"),
        (re.compile(r"[12346]"), LOST_ZERO),
    ),
)
_POSTAL: Final = Form(
    "code_postal",
    "5 digits",
    re.compile(r"[0-9]{5}"),
    "01400",
    {},
    digits=5,
    hints=((re.compile(r"2[AB][0-9]{3}"), "that is the code of a commune"),),
)


def parse_code_commune(value: str, *, strict: bool = True) -> str:
    """The INSEE code of a commune (present, associated, delegated) or of an arrondissement municipal.

    A postcode often has the same form, and often is the code of another commune: nothing can tell all of them. Those
    that are no commune's code for certain are refused: an unknown département (20200), the number 000 (33000), in
    Paris all but 75056 and 75101 to 75120 (75001).
    `strict=False` keeps to the form, which codes of the past need: Seine until 1967 (75xxx), Corsica until 1975.
    That the commune exists is not verified. Raises `InvalidCode`.
    """
    code = _COMMUNE.read(value)
    if strict:
        _check_commune(code)
    return code


def _check_commune(code: str) -> None:
    departement = _departement_in(code)
    if not _DEPARTEMENT.pattern.fullmatch(departement):
        hint = {
            "20": f"{_CORSICA}; 20 is for postcodes",
            "99": "99 is for foreign countries",
        }.get(departement, "")
        raise _COMMUNE.refusal(hint, limit="the code of a département, then the number of the commune")
    if not int(code[len(departement) :]):
        raise _COMMUNE.refusal("that is a postcode", limit="the number of a commune, which is never 0")
    if departement == "75" and code not in _PARIS:
        raise _COMMUNE.refusal("that is a postcode, or no code at all", limit="75056, or 75101 to 75120, in Paris")


def _departement_in(commune: str) -> str:
    return commune[: 3 if commune.startswith(("97", "98")) else 2]


def parse_code_departement(value: str) -> str:
    """The code of a département, or of a collectivity overseas: `01`, `2A`, `974`, `988`. Raises `InvalidCode`."""
    return _DEPARTEMENT.read(value)


def parse_code_region(value: str) -> str:
    """The code of one of the 18 regions: `84`. Those of before 2016 are refused. Raises `InvalidCode`."""
    return _REGION.read(value)


def parse_code_postal(value: str) -> str:
    """A postcode, in 5 digits; 00000, which stands for none, is refused. Raises `InvalidCode`.

    It is no commune's code and tells no département: see the head of this module.
    """
    code = _POSTAL.read(value)
    if code == "00000":
        raise _POSTAL.refusal("a placeholder for a missing postcode", limit="not only zeros")
    return code


def is_code_commune(value: object, *, strict: bool = True) -> TypeGuard[str]:
    """Whether `parse_code_commune` takes `value`; never raises."""
    return accepts(parse_code_commune, value, strict=strict)


def is_code_departement(value: object) -> TypeGuard[str]:
    """Whether `parse_code_departement` takes `value`; never raises."""
    return accepts(parse_code_departement, value)


def is_code_region(value: object) -> TypeGuard[str]:
    """Whether `parse_code_region` takes `value`; never raises."""
    return accepts(parse_code_region, value)


def is_code_postal(value: object) -> TypeGuard[str]:
    """Whether `parse_code_postal` takes `value`; never raises."""
    return accepts(parse_code_postal, value)


def departement_of_commune(code: str) -> str:
    """The département (or collectivity overseas) of a commune, by its INSEE code. Raises `InvalidCode`.

    Never give it a postcode: it often has the same form and another département (see the head of this module).
    The code of a former commune keeps the number of its time: of the 471 associated communes of the COG 2026, 5 belong
    to a commune of another département (Escaufourt, 02285, to 59545); ask for the commune that they belong to.
    """
    return _departement_in(parse_code_commune(code))


def is_arrondissement_municipal(code: str) -> bool:
    """Whether a commune's code is of an arrondissement of Paris, Lyon or Marseille. Raises `InvalidCode`."""
    return parse_code_commune(code) in _COMMUNE_OF


def commune_of_arrondissement(code: str) -> str:
    """The commune of an arrondissement: `75056` for `75104`. Raises `InvalidCode` when `code` is no arrondissement."""
    commune = _COMMUNE_OF.get(parse_code_commune(code))
    if commune is None:
        raise _COMMUNE.refusal(limit="an arrondissement: 75101 to 75120, 69381 to 69389 or 13201 to 13216")
    return commune


def arrondissements_of(code: str) -> tuple[str, ...]:
    """The arrondissements of a commune, in order; none but for Paris, Lyon and Marseille. Raises `InvalidCode`."""
    return _ARRONDISSEMENTS.get(parse_code_commune(code), ())


def region_of_departement(code: str) -> str | None:
    """The region of a département; `None` for a collectivity overseas, which is in none. Raises `InvalidCode`."""
    return _REGIONS.get(parse_code_departement(code))


def departements_of_region(code: str) -> tuple[str, ...]:
    """The départements of a region, in order. Raises `InvalidCode`."""
    return _DEPARTEMENTS[parse_code_region(code)]


def is_outre_mer(departement: str) -> bool:
    """Whether a département is overseas, collectivities included. Raises `InvalidCode`."""
    return parse_code_departement(departement).startswith(("97", "98"))


def is_collectivite_outre_mer(departement: str) -> bool:
    """Whether it is overseas and no département: 975, 977, 978, 984, 986 to 989. Raises `InvalidCode`.

    They are the "collectivités d'outre-mer" of the COG, which counts New Caledonia, the TAAF and Clipperton among them.
    """
    return parse_code_departement(departement) in _COLLECTIVITES_OUTRE_MER


CodeCommune: TypeAlias = Annotated[str, PydanticCode(_COMMUNE, parse_code_commune)]
"""pydantic type: the INSEE code of a commune or of an arrondissement municipal."""
CodeDepartement: TypeAlias = Annotated[str, PydanticCode(_DEPARTEMENT, parse_code_departement)]
"""pydantic type: the code of a département or of a collectivity overseas."""
CodeRegion: TypeAlias = Annotated[str, PydanticCode(_REGION, parse_code_region)]
"""pydantic type: the code of one of the 18 regions."""
CodePostal: TypeAlias = Annotated[str, PydanticCode(_POSTAL, parse_code_postal)]
"""pydantic type: a postcode."""
