"""French official identifiers as validated text: no I/O, no table to download.

| code | parse | predicate | pydantic type | normal form |
|---|---|---|---|---|
| SIREN | `parse_siren` | `is_siren` | `Siren`, `SirenUnchecked` | `404833048` |
| SIRET | `parse_siret` | `is_siret` | `Siret`, `SiretUnchecked` | `40483304800022` |
| NIC | `parse_nic` | `is_nic` | `Nic` | `00022` |
| VAT number | `parse_vat_number` | `is_vat_number` | `VatNumber` | `FR83404833048` |
| NAF | `parse_code_naf` | `is_code_naf` | `CodeNaf` | `62.01Z`, `62.10Y` |
| commune | `parse_code_commune` | `is_code_commune` | `CodeCommune` | `01004`, `2A004`, `97411` |
| département | `parse_code_departement` | `is_code_departement` | `CodeDepartement` | `01`, `2A`, `974` |
| region | `parse_code_region` | `is_code_region` | `CodeRegion` | `84` |
| postcode | `parse_code_postal` | `is_code_postal` | `CodePostal` | `01400` |

`parse_*` takes the code as people write it (spaces of any kind around and between, lower case; dots and dashes
too in the numbers of companies) and returns its normal form, or raises `InvalidCode`, a `ValueError` that names the
rule and never repeats the value. `is_*` says whether `parse_*` would take the value, which may still have to be
normalised. The types do the same inside a pydantic model; importing this package does not import pydantic.

A code is always text: a number is refused, because a number has lost its leading zeros.

`strict=False` keeps to the form: it takes numbers whose check digit does not fit (some old or provisional SIREN), and
commune codes of the past.

A right form is no proof that the company or the commune exists: ask the INSEE client.
"""

from __future__ import annotations

from .entreprises import (
    Nic,
    Siren,
    SirenUnchecked,
    Siret,
    SiretUnchecked,
    is_nic,
    is_siren,
    is_siret,
    nic_of,
    parse_nic,
    parse_siren,
    parse_siret,
    siren_of,
    siret_of,
)
from .form import InvalidCode
from .naf import CodeNaf, NafNomenclature, is_code_naf, nomenclature_of_naf, parse_code_naf
from .territoires import (
    CodeCommune,
    CodeDepartement,
    CodePostal,
    CodeRegion,
    arrondissements_of,
    commune_of_arrondissement,
    departement_of_commune,
    departements_of_region,
    is_arrondissement_municipal,
    is_code_commune,
    is_code_departement,
    is_code_postal,
    is_code_region,
    is_collectivite_outre_mer,
    is_outre_mer,
    parse_code_commune,
    parse_code_departement,
    parse_code_postal,
    parse_code_region,
    region_of_departement,
)
from .vat import (
    VatNumber,
    is_vat_number,
    parse_vat_number,
    siren_of_vat_number,
    vat_key,
    vat_number,
)

__all__ = [
    "CodeCommune",
    "CodeDepartement",
    "CodeNaf",
    "CodePostal",
    "CodeRegion",
    "InvalidCode",
    "NafNomenclature",
    "Nic",
    "Siren",
    "SirenUnchecked",
    "Siret",
    "SiretUnchecked",
    "VatNumber",
    "arrondissements_of",
    "commune_of_arrondissement",
    "departement_of_commune",
    "departements_of_region",
    "is_arrondissement_municipal",
    "is_code_commune",
    "is_code_departement",
    "is_code_naf",
    "is_code_postal",
    "is_code_region",
    "is_collectivite_outre_mer",
    "is_nic",
    "is_outre_mer",
    "is_siren",
    "is_siret",
    "is_vat_number",
    "nic_of",
    "nomenclature_of_naf",
    "parse_code_commune",
    "parse_code_departement",
    "parse_code_naf",
    "parse_code_postal",
    "parse_code_region",
    "parse_nic",
    "parse_siren",
    "parse_siret",
    "parse_vat_number",
    "region_of_departement",
    "siren_of",
    "siren_of_vat_number",
    "siret_of",
    "vat_key",
    "vat_number",
]
