"""What the services say of themselves (`getCapabilities`) and of one identifier (`lookup`), as typed values.

Same rules as `models`: unknown fields are kept, and every field beyond the identifiers may be missing.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..transport.records import Point, Record

__all__ = [
    "Capabilities",
    "CapabilityField",
    "CapabilityIndex",
    "CapabilityOperation",
    "CapabilityParameter",
    "Commune",
    "NamedCode",
    "Numero",
    "Voie",
]

# ---- getCapabilities ---------------------------------------------------------------------------------------


class CapabilityParameter(Record):
    """A parameter of an operation."""

    name: str
    description: str | None = None
    required: bool | None = None
    default: Any = None


class CapabilityOperation(Record):
    """An operation of the service."""

    id: str
    description: str | None = None
    url: str | None = None
    methods: list[str] | None = None
    parameters: tuple[CapabilityParameter, ...] = ()


class CapabilityField(Record):
    """A field of an index."""

    name: str
    description: str | None = None
    type: str | None = None
    queryable: bool | None = None
    filter: bool | None = None
    values: list[Any] | dict[str, list[Any]] | None = None
    """Values that may be asked for: a list, or for the categories of places a map from the general to the precise."""


class CapabilityIndex(Record):
    """An index: `address`, `poi`, `parcel`."""

    id: str
    description: str | None = None
    fields: tuple[CapabilityField, ...] = ()


class Capabilities(Record):
    """What the service says that it can do."""

    operations: list[CapabilityOperation]
    indexes: list[CapabilityIndex]
    info: dict[str, Any] | None = None
    api: dict[str, Any] | None = None

    @property
    def poi_categories(self) -> tuple[str, ...]:
        """All values that `category` of a search, or `poi_type` of a completion, may take; sorted."""
        found: set[str] = set()
        for field in (field for index in self.indexes if index.id == "poi" for field in index.fields):
            if field.name == "category" and field.values is not None:
                found.update(value for value in field.values if isinstance(value, str))
                groups: list[Any] = list(field.values.values()) if isinstance(field.values, dict) else []
                found.update(value for group in groups for value in group if isinstance(value, str))
        return tuple(sorted(found))


# ---- lookup by identifier ----------------------------------------------------------------------------------


class LookupRecord(Record):
    """Read from the lookup service of the Base Adresse Nationale: attributes are its names in snake_case."""

    model_config = ConfigDict(alias_generator=to_camel)

    id: str
    type: str | None = None
    """`commune`, `voie`, `lieu-dit` or `numero`."""
    ban_id: str | None = None


class NamedCode(Record):
    """A département or a region."""

    nom: str | None = None
    code: str | None = None


class Numero(LookupRecord):
    """A house number."""

    numero: int | str | None = None
    suffixe: str | None = None
    id_voie: str | None = None
    cle_interop: str | None = None
    parcelles: list[str] | None = None
    """Cadastral identifiers, 14 characters each."""
    sources: list[str] | None = None
    position: Point | None = None
    positions: list[dict[str, Any]] | None = None
    position_type: str | None = None
    """`entrée`, `bâtiment`, `parcelle`, `segment`, ..."""
    source_position: str | None = None
    certifie: bool | None = None
    """Certified by the commune."""
    code_postal: str | None = None
    libelle_acheminement: str | None = None
    ban_id_district: str | None = None
    ban_id_main_common_toponym: str | None = None
    ban_id_secondary_common_toponyms: list[str] | None = None
    code_ancienne_commune: str | None = None
    nom_ancienne_commune: str | None = None
    lieu_dit_complement_nom: str | None = None
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    """Easting in metres, legal projection."""
    y: float | None = None
    date_maj: str | None = Field(default=None, alias="dateMAJ")
    """Last change, as the service writes it (a date or a timestamp)."""
    voie: Voie | None = None
    commune: Commune | None = None


class Voie(LookupRecord):
    """A street or a named place."""

    id_voie: str | None = None
    nom_voie: str | None = None
    nom_voie_alt: dict[str, str] | None = None
    """Names in regional languages, by ISO 639-3 code."""
    source_nom_voie: str | None = None
    sources: list[str] | None = None
    nb_numeros: int | None = None
    nb_numeros_certifies: int | None = None
    numeros: list[Numero] | None = None
    commune: Commune | None = None


class Commune(LookupRecord):
    """A commune; inside a street or a number, only its names and codes (`nom`, `code`)."""

    code_commune: str | None = None
    nom_commune: str | None = None
    code: str | None = None
    nom: str | None = None
    departement: NamedCode | None = None
    region: NamedCode | None = None
    codes_postaux: list[str] | None = None
    population: int | None = None
    type_commune: str | None = None
    nb_numeros: int | None = None
    nb_numeros_certifies: int | None = None
    nb_voies: int | None = None
    nb_lieux_dits: int | None = None
    type_composition: str | None = None
    display_bbox: tuple[float, ...] | None = Field(default=None, alias="displayBBox")
    """West, south, east, north in WGS84 degrees."""
    id_revision: str | None = None
    date_revision: str | None = None
    with_ban_id: bool | None = None
    voies: list[Voie] | None = None
