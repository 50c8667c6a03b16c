"""Units of property (Fichiers fonciers): parcels taken together."""

from __future__ import annotations

from typing import ClassVar

from .columns import Amount, Code, Codes, Count, Label, Year
from .rows import Row

__all__ = ["Tup"]


class Tup(Row):
    """A parcel, the parcels of a co-ownership, or the adjoining parcels of one owner. Surfaces in m²."""

    key_columns: ClassVar = ("idtup",)

    idtup: str
    typetup: Code = None
    """`SIMPLE`, `PDLMP` (co-ownership) or `UF` (adjoining parcels)."""
    npar: Count = None
    l_idpar: Codes = ()
    """The parcels."""
    idprocpte: Code = None
    """The account of the owners: `proprios(idprocpte=...)` gives them."""
    idcom: Code = None
    """INSEE code of the commune."""
    idcomtxt: Label = None
    ccodep: Code = None
    dcntpa: Amount = None
    """Surface, m²."""
    jdatatan: Year = None
    jannatmin: Year = None
    """Year of construction of the oldest premises."""
    jannatmax: Year = None
    jannatminh: Year = None
    jannatmaxh: Year = None
    janbilmin: Year = None
    dcntarti: Amount = None
    """Built on or sealed, m²."""
    dcntnaf: Amount = None
    """Natural, agricultural and forest, m²."""
    nlocal: Count = None
    """Number of premises."""
    nlocmaison: Count = None
    nlocappt: Count = None
    nloclog: Count = None
    nloccom: Count = None
    nlocdep: Count = None
    nbat: Count = None
    nlochab: Count = None
    nlogh: Count = None
    """Number of dwellings."""
    stoth: Amount = None
    nloghvac: Count = None
    """Number of vacant dwellings."""
    nloghpp: Count = None
    nloghlm: Count = None
    nloghlls: Count = None
    sprincp: Amount = None
    slocal: Amount = None
    ctpdl: Code = None
    """Kind of co-ownership."""
    ncp: Count = None
    ndroit: Count = None
    ndroitpro: Count = None
    ndroitges: Count = None
    catpro2: Code = None
    catpro2txt: Label = None
    catpro3: Code = None
    locprop: Code = None
    locproptxt: Label = None
