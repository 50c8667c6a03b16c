"""Owners (Fichiers fonciers): personal data, which stand in no `repr` and in no cache."""

from __future__ import annotations

from typing import ClassVar

from .columns import Code, Count, Label, Private
from .rows import Row

__all__ = ["Proprio"]


class Proprio(Row):
    """A right of a person, natural or legal, on property: an owner, a holder of usufruct, a manager.

    Names, addresses and what is told of birth are here, and no `repr` shows them; nor does it show columns that are
    not known here. Meaning of each column: https://doc-datafoncier.cerema.fr.
    """

    key_columns: ClassVar = ("idprodroit",)

    idprodroit: str
    """The right, 13 characters."""
    idprocpte: Code = None
    """The account that the right belongs to: `idprocpte` of premises and parcels."""
    idpersonne: Private = None
    """The person, within a département."""
    idvoie: Private = None
    idcom: Code = None
    """INSEE code of the commune where the property is."""
    idcomtxt: Label = None
    ccodep: Code = None
    ccodir: Code = None
    ccocom: Code = None
    dnupro: Code = None
    dnulp: Code = None
    """Rank of the right in its account."""
    ccocif: Code = None
    dnuper: Private = None
    ccodro: Code = None
    """Kind of right: `P` full ownership, `U` usufruct, `N` bare ownership, `G` manager, ..."""
    ccodrotxt: Label = None
    typedroit: Code = None
    """`P` owner, `G` manager."""
    ccodem: Code = None
    ccodemtxt: Label = None
    gdesip: Code = None
    gtoper: Code = None
    """1 natural person, 2 legal person."""
    ccoqua: Code = None
    dnatpr: Code = None
    dnatprtxt: Label = None
    ccogrm: Code = None
    ccogrmtxt: Label = None
    dsglpm: Private = None
    dforme: Code = None
    ddenom: Private = None
    """Name as the tax files write it."""
    gtyp3: Code = None
    gtyp4: Code = None
    gtyp5: Code = None
    gtyp6: Code = None
    dlign3: Private = None
    """Address, line by line."""
    dlign4: Private = None
    dlign5: Private = None
    dlign6: Private = None
    ccopay: Code = None
    ccodep1a2: Private = None
    ccodira: Private = None
    ccocomadr: Private = None
    ccovoi: Private = None
    ccoriv: Private = None
    dnvoiri: Private = None
    dindic: Private = None
    ccopos: Private = None
    """Postcode."""
    dqualp: Private = None
    dnomlp: Private = None
    dprnlp: Private = None
    jdatnss: Private = None
    """Day of birth, as `DD/MM/YYYY`."""
    dldnss: Private = None
    """Place of birth."""
    dsiren: Private = None
    """SIREN of a legal person."""
    topja: Code = None
    datja: Code = None
    dformjur: Code = None
    dnomus: Private = None
    dprnus: Private = None
    locprop: Code = None
    """Where the owner is, roughly."""
    locproptxt: Label = None
    catpro2: Code = None
    """Kind of owner."""
    catpro2txt: Label = None
    catpro3: Code = None
    """Kind of owner, in detail."""
    catpro3txt: Label = None
    idpk: Count = None
