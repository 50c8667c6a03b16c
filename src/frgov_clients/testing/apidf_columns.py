"""The columns of the Fichiers fonciers that the fake data API sends, in their order (of 2024, without geometries)."""

from __future__ import annotations

from typing import Final

__all__ = ["LOCAL", "LOCAL_BOOLEANS", "LOCAL_NUMBERS", "LOCAL_USUAL", "PROPRIO", "PROPRIO_USUAL"]

_LOCAL: Final = """
idlocal idbat idpar idtup idsec idvoie idprocpte idcom idcomtxt ccodep ccodir ccocom invar ccopre ccosec dnupla
dnubat descc dniv dpor ccoriv ccovoi dnvoiri dindic ccocif dvoilib cleinvar assieft ccpper codique gpdl ctpdl
dnupro jdatat jdatatv jdatatan dnufnl ccoeva ccoevatxt dteloc dteloctxt typeloc logh loghmais loghappt gtauom
dcomrd ccoplc ccoplctxt cconlc cconlctxt dvltrt cc48lc dloy48a top48a dnatlc ccthp rppo_rs typeact loghvac
loghvac2a loghvac5a loghvacdeb cchpr jannat dnbniv nbetagemax nbnivssol hlmsem loghlls postel dnatcg jdatcgl fburx
gimtom cbtabt jdbabt jrtabt cconac cconactxt toprev ccoifp jannath janbilmin npevph stoth stotdsueic npevd stotd
npevp sprincp ssecp ssecncp sparkp sparkncp npevtot slocal npiece_soc npiece_ff npiece_i npiece_p2 nbannexe
nbgarpark nbagrement nbterrasse nbpiscine ndroit ndroitindi ndroitpro ndroitges catpro2 catpro2txt catpro3
catpropro2 catproges2 locprop locproptxt source_geo vecteur ban_id ban_type ban_score ban_cp dis_ban_ff rnb_id
rnb_id_score idpk
"""
_NUMBERS: Final = """
dvltrt dloy48a nbetagemax nbnivssol fburx ccoifp janbilmin npevph stoth stotdsueic npevd stotd npevp sprincp ssecp
ssecncp sparkp sparkncp npevtot slocal npiece_soc npiece_ff npiece_i npiece_p2 nbannexe nbgarpark nbagrement
nbterrasse nbpiscine ndroit ndroitindi ndroitpro ndroitges dis_ban_ff idpk
"""
_PROPRIO: Final = """
idprodroit idprocpte idpersonne idvoie idcom idcomtxt ccodep ccodir ccocom dnupro dnulp ccocif dnuper ccodro
ccodrotxt typedroit ccodem ccodemtxt gdesip gtoper ccoqua dnatpr dnatprtxt ccogrm ccogrmtxt dsglpm dforme ddenom
gtyp3 gtyp4 gtyp5 gtyp6 dlign3 dlign4 dlign5 dlign6 ccopay ccodep1a2 ccodira ccocomadr ccovoi ccoriv dnvoiri
dindic ccopos dqualp dnomlp dprnlp jdatnss dldnss dsiren topja datja dformjur dnomus dprnus locprop locproptxt
catpro2 catpro2txt catpro3 catpro3txt idpk
"""

LOCAL: Final = tuple(_LOCAL.split())
LOCAL_NUMBERS: Final = frozenset(_NUMBERS.split())
"""Whole numbers; all others are text, but for those that say yes or no."""
LOCAL_BOOLEANS: Final = frozenset({"logh", "loghmais", "loghappt", "loghvac2a", "loghvac5a"})
LOCAL_USUAL: Final = (
    *("idlocal", "idpar", "idprocpte", "idcom", "idcomtxt", "dteloc", "dteloctxt", "logh", "loghvac", "loghlls"),
    *("slocal", "stoth", "npiece_ff", "jannath", "catpro3", "locprop", "typeact"),
)
"""What is sent unless all is asked for."""

PROPRIO: Final = tuple(_PROPRIO.split())
PROPRIO_USUAL: Final = (
    *("idprodroit", "idprocpte", "idpersonne", "idcom", "idcomtxt", "dnulp", "ccodro", "ccodrotxt", "typedroit"),
    *("gtoper", "ddenom", "dsiren", "dlign4", "dlign6", "dnomus", "dprnus", "jdatnss", "locprop", "catpro3"),
)
