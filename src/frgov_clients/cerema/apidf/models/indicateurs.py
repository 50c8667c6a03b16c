"""Indicators by territory and year: land consumption, and the property market."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final, cast

from pydantic import model_validator

from .columns import Amount, Code, Count, Label, Year
from .rows import Row

__all__ = ["ConsoEspace", "Indicateur", "Prix"]

_TEXT: Final = re.compile(r"id\w*|\w*txt|lib\w*|code?\w*|nom\w*|echelle|annee|periode|\w*siren")
"""Columns that hold codes or words, whatever their values look like."""
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")


class Indicateur(Row):
    """One territory in one year (the middle one, where three are taken together).

    The measures are columns by the service's own names (nearly 200 of them for prices): `measures` holds those that
    are not declared here.
    """

    annee: Year = None
    echelle: Label = None
    """`communes`, `epci`, `aav`, `departements`, `regions` or `france`."""
    code: Code = None
    libelle: Label = None

    @model_validator(mode="before")
    @classmethod
    def _numbers(cls, value: Any) -> Any:
        """Decimal numbers come as text also in columns that are not known here."""
        if not isinstance(value, dict):
            return value
        return {name: _number(name, cell) for name, cell in cast("dict[str, Any]", value).items()}

    @property
    def measures(self) -> Mapping[str, float | None]:
        """The columns that are not declared here, and that hold numbers or nothing, by name."""
        return {
            name: value
            for name, value in (self.model_extra or {}).items()
            if value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        }


def _number(name: str, cell: Any) -> Any:
    return float(cell) if isinstance(cell, str) and _DECIMAL.fullmatch(cell) and not _TEXT.fullmatch(name) else cell


class Prix(Indicateur):
    """Prices and volumes of sales: euros, euros per m². `cod111` is one house, `cod121` one flat."""

    key_columns: ClassVar = ("echelle", "code", "annee")

    nbtrans_cod111: Count = None
    """Number of sales."""
    valeurfonc_median_cod111: Amount = None
    pxm2_q25_cod111: Amount = None
    pxm2_median_cod111: Amount = None
    pxm2_q75_cod111: Amount = None
    nbtrans_cod121: Count = None
    """Number of sales."""
    valeurfonc_median_cod121: Amount = None
    pxm2_q25_cod121: Amount = None
    pxm2_median_cod121: Amount = None
    pxm2_q75_cod121: Amount = None


class ConsoEspace(Indicateur):
    """Natural, agricultural and forest land that was built on in a year, in m²."""

    idcom: Code = None
    idcomtxt: Label = None
    iddep: Code = None
    iddeptxt: Label = None
    naf_arti: Amount = None
    """All of it."""
    conso_hab: Amount = None
    """For housing."""
    conso_act: Amount = None
    """For activities."""
    conso_mix: Amount = None
    """For both."""
    conso_infra: Amount = None
    """For roads and railways."""
    conso_inc: Amount = None
    """For what is not known."""
