"""Premises (Fichiers fonciers): dwellings, outbuildings, business premises."""

from __future__ import annotations

from typing import Any, ClassVar

from .columns import Amount, Code, Count, Flag, Label, Mark, Year
from .rows import Row

__all__ = ["Local"]


class Local(Row):
    """One of the premises, as the tax files describe it. Surfaces in m².

    Without `fields="all"` the service gives fewer columns: those that it leaves out are `None`. Meaning of each:
    https://doc-datafoncier.cerema.fr.
    """

    key_columns: ClassVar = ("idlocal",)

    idlocal: str
    """12 characters."""
    idbat: Code = None
    idpar: Code = None
    """The parcel, 14 characters."""
    idtup: Code = None
    idsec: Code = None
    idvoie: Code = None
    idprocpte: Code = None
    """The account of the owners: `proprios(idprocpte=...)` gives them."""
    idcom: Code = None
    """INSEE code of the commune."""
    idcomtxt: Label = None
    ccodep: Code = None
    ccodir: Code = None
    ccocom: Code = None
    invar: Code = None
    ccopre: Code = None
    ccosec: Code = None
    dnupla: Code = None
    dnubat: Code = None
    descc: Code = None
    dniv: Code = None
    dpor: Code = None
    ccoriv: Code = None
    ccovoi: Code = None
    dnvoiri: Code = None
    dindic: Code = None
    ccocif: Code = None
    dvoilib: Label = None
    cleinvar: Code = None
    assieft: Code = None
    ccpper: Code = None
    codique: Code = None
    gpdl: Code = None
    ctpdl: Code = None
    dnupro: Code = None
    jdatat: Code = None
    """Day of the last transfer, as `DDMMYYYY`."""
    jdatatv: Code = None
    jdatatan: Year = None
    dnufnl: Code = None
    ccoeva: Code = None
    ccoevatxt: Label = None
    dteloc: Code = None
    """1 house, 2 flat, 3 outbuilding, 4 to 8 commercial and others."""
    dteloctxt: Label = None
    typeloc: Code = None
    logh: Flag = None
    loghmais: Flag = None
    loghappt: Flag = None
    gtauom: Code = None
    dcomrd: Code = None
    ccoplc: Code = None
    ccoplctxt: Label = None
    cconlc: Code = None
    cconlctxt: Label = None
    dvltrt: Count = None
    """Rental value, euros."""
    cc48lc: Code = None
    dloy48a: Count = None
    top48a: Code = None
    dnatlc: Code = None
    ccthp: Code = None
    rppo_rs: Code = None
    typeact: Code = None
    proba_rprs: Code = None
    """Main or second home: what is more likely."""
    loghvac: Code = None
    """Whether it is vacant dwelling, as the tax files write it."""
    loghvac2a: Flag = None
    loghvac5a: Flag = None
    loghvacdeb: Code = None
    """Since when it is vacant."""
    cchpr: Code = None
    jannat: Year = None
    """Year of construction."""
    dnbniv: Code = None
    nbetagemax: Count = None
    nbnivssol: Count = None
    hlmsem: Code = None
    loghlls: Code = None
    postel: Code = None
    dnatcg: Code = None
    jdatcgl: Code = None
    fburx: Count = None
    gimtom: Code = None
    cbtabt: Code = None
    jdbabt: Code = None
    jrtabt: Code = None
    cconac: Code = None
    cconactxt: Label = None
    toprev: Code = None
    ccoifp: Mark = None
    jannath: Year = None
    """Year of construction of a dwelling."""
    janbilmin: Year = None
    npevph: Count = None
    stoth: Amount = None
    """Living area, m²."""
    stotdsueic: Amount = None
    npevd: Count = None
    stotd: Amount = None
    npevp: Count = None
    sprincp: Amount = None
    ssecp: Amount = None
    ssecncp: Amount = None
    sparkp: Amount = None
    sparkncp: Amount = None
    npevtot: Count = None
    slocal: Amount = None
    """Area of all parts, m²."""
    npiece_soc: Count = None
    npiece_ff: Count = None
    npiece_i: Count = None
    npiece_p2: Count = None
    """Number of rooms."""
    nbannexe: Count = None
    nbgarpark: Count = None
    nbagrement: Count = None
    nbterrasse: Count = None
    nbpiscine: Count = None
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
    """Where the owner is, roughly: 1 same address, ..., 5 overseas, 6 abroad."""
    locproptxt: Label = None
    geomloc: Any = None
    source_geo: Label = None
    vecteur: Code = None
    ban_id: Code = None
    """Identifier in the national address base."""
    ban_type: Label = None
    ban_score: Amount = None
    ban_cp: Code = None
    ban_geom: Any = None
    dis_ban_ff: Amount = None
    """Metres between the two positions."""
    rnb_id: Code = None
    rnb_id_score: Code = None
    geomrnb: Any = None
    idpk: Count = None
