"""Parcels (Fichiers fonciers)."""

from __future__ import annotations

from typing import ClassVar

from .columns import Amount, Code, Count, Label, Mark, Year
from .rows import Row

__all__ = ["Parcelle"]


class Parcelle(Row):
    """A parcel with what stands on it, as the tax files describe it. Surfaces in m².

    Without `fields="all"` the service gives fewer columns: those that it leaves out are `None`. Meaning of each:
    https://doc-datafoncier.cerema.fr.
    """

    key_columns: ClassVar = ("idpar",)

    idpar: str
    """14 characters: commune, prefix, section, number."""
    idtup: Code = None
    """The tax unit that it belongs to."""
    idsec: Code = None
    idprocpte: Code = None
    """The account of the owners: `proprios(idprocpte=...)` gives them."""
    idparref: Code = None
    idsecref: Code = None
    idvoie: Code = None
    idcom: Code = None
    """INSEE code of the commune."""
    idcomtxt: Label = None
    ccodep: Code = None
    ccodir: Code = None
    ccocom: Code = None
    ccopre: Code = None
    ccosec: Code = None
    dnupla: Code = None
    dcntpa: Amount = None
    """Surface, m²."""
    dsrpar: Code = None
    dnupro: Code = None
    jdatat: Code = None
    """Day of the last transfer, as `DDMMYYYY`."""
    jdatatv: Code = None
    dreflf: Code = None
    gpdl: Code = None
    cprsecr: Code = None
    ccosecr: Code = None
    dnuplar: Code = None
    dnupdl: Code = None
    gurbpa: Code = None
    dparpi: Code = None
    ccoarp: Code = None
    gparnf: Code = None
    gparbat: Code = None
    dnuvoi: Code = None
    dindic: Code = None
    ccovoi: Code = None
    ccoriv: Code = None
    ccocif: Code = None
    ccpper: Code = None
    cconvo: Code = None
    dvoilib: Label = None
    idparm: Code = None
    ccocomm: Code = None
    ccoprem: Code = None
    ccosecm: Code = None
    dnuplam: Code = None
    type: Mark = None
    typetxt: Label = None
    ccoifp: Mark = None
    jdatatan: Year = None
    jannatmin: Year = None
    """Year of construction of the oldest premises."""
    jannatmax: Year = None
    jannatminh: Year = None
    jannatmaxh: Year = None
    janbilmin: Year = None
    nsuf: Count = None
    ssuf: Amount = None
    cgrnumd: Code = None
    cgrnumdtxt: Label = None
    dcntsfd: Amount = None
    dcntarti: Amount = None
    """Built on or sealed, m²."""
    dcntnaf: Amount = None
    """Natural, agricultural and forest, m²."""
    dcnt01: Amount = None
    dcnt02: Amount = None
    dcnt03: Amount = None
    dcnt04: Amount = None
    dcnt05: Amount = None
    dcnt06: Amount = None
    dcnt07: Amount = None
    dcnt08: Amount = None
    dcnt09: Amount = None
    dcnt10: Amount = None
    dcnt11: Amount = None
    dcnt12: Amount = None
    dcnt13: Amount = None
    schemrem: Mark = None
    nlocal: Count = None
    """Number of premises."""
    nlocmaison: Count = None
    nlocappt: Count = None
    nloclog: Count = None
    nloccom: Count = None
    nloccomrdc: Count = None
    nloccomter: Count = None
    ncomtersd: Count = None
    ncomterdep: Count = None
    nloccomsec: Count = None
    nlocdep: Count = None
    nlocburx: Count = None
    tlocdomin: Code = None
    nbat: Count = None
    nlochab: Count = None
    nlogh: Count = None
    """Number of dwellings."""
    npevph: Count = None
    stoth: Amount = None
    stotdsueic: Amount = None
    nloghvac: Count = None
    """Number of vacant dwellings."""
    nloghmeu: Count = None
    nloghloue: Count = None
    nloghpp: Count = None
    nloghautre: Count = None
    nloghnonh: Count = None
    nactvacant: Count = None
    nloghvac2a: Count = None
    nactvac2a: Count = None
    nloghvac5a: Count = None
    nactvac5a: Count = None
    nmediocre: Count = None
    nloghlm: Count = None
    nloghlls: Count = None
    npevd: Count = None
    stotd: Amount = None
    npevp: Count = None
    sprincp: Amount = None
    ssecp: Amount = None
    ssecncp: Amount = None
    sparkp: Amount = None
    sparkncp: Amount = None
    slocal: Amount = None
    tpevdom_s: Code = None
    nlot: Count = None
    pdlmp: Mark = None
    ctpdl: Code = None
    """Kind of co-ownership."""
    typecopro2: Code = None
    ncp: Count = None
    ndroit: Count = None
    ndroitindi: Count = None
    ndroitpro: Count = None
    ndroitges: Count = None
    catpro2: Code = None
    catpro2txt: Label = None
    catpro3: Code = None
    catpropro2: Code = None
    catproges2: Code = None
    locprop: Code = None
    locproptxt: Label = None
    source_geo: Label = None
    vecteur: Code = None
    contour: Code = None
