"""Sales and other transfers of property (DVF+), and what the Cerema knows besides (DV3F)."""

from __future__ import annotations

from typing import ClassVar

from .columns import Amount, Code, Codes, Count, Day, Flag, Hidden, Label, Mark, Numbers, Year
from .rows import Row

__all__ = ["Dv3fMutation", "Mutation"]


class Mutation(Row):
    """A transfer of property: one deed, of any number of parcels and premises. Surfaces in m², amounts in euros.

    Without `fields="all"` the service gives fewer columns: those that it leaves out are `None`.
    """

    key_columns: ClassVar = ("idmutation",)

    idmutation: int
    """Number in this edition of the data: the next edition numbers anew, `idmutinvar` does not."""
    idmutinvar: Label = None
    """Identifier that stays the same from one edition to the next."""
    idopendata: Label = None
    idnatmut: Mark = None
    """Nature: 1 sale, 2 sale of a building not yet built, 4 sale of building land, 6 exchange, ..."""
    codservch: Code = None
    refdoc: Code = None
    datemut: Day = None
    """When the deed was signed."""
    anneemut: Year = None
    moismut: Count = None
    coddep: Code = None
    libnatmut: Label = None
    nbartcgi: Count = None
    l_artcgi: Codes = ()
    vefa: Flag = None
    """A building that was not yet built."""
    valeurfonc: Amount = None
    """Euros."""
    nbdispo: Count = None
    nblot: Count = None
    nbcomm: Count = None
    l_codinsee: Codes = ()
    """INSEE codes of all communes that the deed touches."""
    nbsection: Count = None
    l_section: Codes = ()
    nbpar: Count = None
    l_idpar: Codes = ()
    """Parcels that the deed names."""
    nbparmut: Count = None
    l_idparmut: Codes = ()
    """Parcels that changed hands."""
    nbsuf: Count = None
    sterr: Amount = None
    l_dcnt: Numbers = ()
    nbvolmut: Count = None
    nblocmut: Count = None
    l_idlocmut: Codes = ()
    """Premises that changed hands."""
    nblocmai: Count = None
    nblocapt: Count = None
    nblocdep: Count = None
    nblocact: Count = None
    nbapt1pp: Count = None
    nbapt2pp: Count = None
    nbapt3pp: Count = None
    nbapt4pp: Count = None
    nbapt5pp: Count = None
    nbmai1pp: Count = None
    nbmai2pp: Count = None
    nbmai3pp: Count = None
    nbmai4pp: Count = None
    nbmai5pp: Count = None
    sbati: Amount = None
    sbatmai: Amount = None
    sbatapt: Amount = None
    sbatact: Amount = None
    sapt1pp: Amount = None
    sapt2pp: Amount = None
    sapt3pp: Amount = None
    sapt4pp: Amount = None
    sapt5pp: Amount = None
    smai1pp: Amount = None
    smai2pp: Amount = None
    smai3pp: Amount = None
    smai4pp: Amount = None
    smai5pp: Amount = None
    codtypbien: Mark = None
    """Kind of property, level by level: `1` built, `11` houses, `111` one house, `121` one flat, `2` not built, ..."""
    libtypbien: Label = None


class Dv3fMutation(Mutation):
    """A transfer of property with what the tax files say of seller, buyer and premises."""

    codtypprov: Mark = None
    """Kind of seller."""
    codtypproa: Mark = None
    """Kind of buyer."""
    l_idv: Hidden = None
    """Sellers, by their identifiers."""
    l_ida: Hidden = None
    """Buyers, by their identifiers."""
    l_nomv: Hidden = None
    """Names of the sellers."""
    l_noma: Hidden = None
    """Names of the buyers."""
    fiabmaxv: Mark = None
    fiabmaxa: Mark = None
    filtre: Mark = None
    """`0` for an ordinary transfer; what else it may be is in the service's documentation."""
    devenir: Mark = None
    segmtab: Mark = None
    occupation: Mark = None
    ffsparc: Amount = None
    ffsterr: Amount = None
    ffnbloch: Count = None
    ffshab: Amount = None
    ffsdep: Amount = None
    ffspro: Amount = None
    ffsbati: Amount = None
    ffancstmin: Year = None
    ffancstmax: Year = None
