"""The words of French addresses: kinds of streets, abbreviations, complements."""

from __future__ import annotations

from typing import Final

from .text import word_set

__all__ = [
    "ABBREVIATIONS",
    "AFTER_ARTICLE",
    "ALIKE",
    "ARTICLES",
    "COMPLEMENTS",
    "COMPLEMENTS_BEFORE_NUMBER",
    "FLOORS",
    "KINDS",
    "KIND_ABBREVIATIONS",
    "KIND_WORDS",
    "LOOSE_KINDS",
    "MONTHS",
    "NUMBERED",
    "NUMBER_SIGNS",
    "ORDINALS",
    "ROADS",
    "STREET_KINDS",
    "SUFFIXES",
    "TITLES",
    "TWOFOLD",
]

LOOSE_KINDS: Final = word_set("CITE CLOS DOMAINE HAMEAU LOTISSEMENT PARC QUARTIER RESIDENCE VILLA VILLAGE ZONE")
"""Kinds that are often left out."""

KIND_ABBREVIATIONS: Final[dict[str, str]] = {
    "ACH": "ANCIEN CHEMIN",
    "ALL": "ALLEE",
    "ALLEES": "ALLEE",
    "ART": "ANCIENNE ROUTE",
    "AV": "AVENUE",
    "AVE": "AVENUE",
    "BD": "BOULEVARD",
    "BLD": "BOULEVARD",
    "BVD": "BOULEVARD",
    "BOUL": "BOULEVARD",
    "BRG": "BOURG",
    "CAR": "CARREFOUR",
    "CARR": "CARREFOUR",
    "CH": "CHEMIN",
    "CHE": "CHEMIN",
    "CHEM": "CHEMIN",
    "CHS": "CHAUSSEE",
    "COR": "CORNICHE",
    "CPG": "CAMPING",
    "CRS": "COURS",
    "CTRE": "CENTRE",
    "CV": "CHEMIN VICINAL",
    "DOM": "DOMAINE",
    "DSC": "DESCENTE",
    "ECA": "ECART",
    "ESP": "ESPLANADE",
    "ESPA": "ESPACE",
    "FBG": "FAUBOURG",
    "FG": "FAUBOURG",
    "FRM": "FERME",
    "GR": "GRANDE RUE",
    "GPL": "GRANDE PLACE",
    "HAM": "HAMEAU",
    "HLE": "HALLE",
    "IMP": "IMPASSE",
    "LOT": "LOTISSEMENT",
    "MTE": "MONTEE",
    "MRN": "MARINA",
    "PAS": "PASSAGE",
    "PASS": "PASSAGE",
    "PCH": "PETIT CHEMIN",
    "PL": "PLACE",
    "PLE": "PASSERELLE",
    "PLN": "PLAINE",
    "PLT": "PLATEAU",
    "PROM": "PROMENADE",
    "PRV": "PARVIS",
    "PTR": "PETITE RUE",
    "PTTE": "PLACETTE",
    "QU": "QUAI",
    "QUA": "QUARTIER",
    "QRT": "QUARTIER",
    "QUAR": "QUARTIER",
    "R": "RUE",
    "RES": "RESIDENCE",
    "RESID": "RESIDENCE",
    "RLE": "RUELLE",
    "ROC": "ROCADE",
    "RPE": "RAMPE",
    "RPT": "ROND POINT",
    "RTE": "ROUTE",
    "SEN": "SENTE",
    "SQ": "SQUARE",
    "SQU": "SQUARE",
    "TPL": "TERRE PLEIN",
    "TRA": "TRAVERSE",
    "TSSE": "TERRASSE",
    "VC": "VOIE COMMUNALE",
    "VCHE": "VIEUX CHEMIN",
    "VEN": "VENELLE",
    "VLA": "VILLA",
    "VOI": "VOIE",
    "VTE": "VIEILLE ROUTE",
    "ZI": "ZONE INDUSTRIELLE",
    "ZA": "ZONE ARTISANALE",
    "ZAC": "ZONE D AMENAGEMENT CONCERTE",
}
"""Abbreviations of the kind of a street (those of the tax administration, and usual ones): its first word."""

KINDS: Final = word_set("""
    ALLEE AVENUE BOULEVARD CARREFOUR CHAUSSEE CHEMIN CITE CLOS CORNICHE COTE COUR COURS DESCENTE DOMAINE ESCALIER
    ESPACE ESPLANADE FAUBOURG GALERIE HAMEAU IMPASSE JARDIN JARDINS LOTISSEMENT MAIL MONTEE PARC PARVIS PASSAGE
    PASSERELLE PLACE PLACETTE PLAINE PONT PROMENADE QUAI QUARTIER RAMPE RESIDENCE ROCADE ROND ROUTE RUE RUELLE SENTE
    SENTIER SQUARE TERRASSE TRAVERSE VENELLE VILLA VILLAGE VOIE ZONE
    """)

KIND_WORDS: Final = KINDS | frozenset(KIND_ABBREVIATIONS)

STREET_KINDS: Final = word_set("""
    ALL ALLEE ALLEES AV AVE AVENUE BD BLD BOULEVARD BVD CH CHE CHEMIN CHS CHAUSSEE COURS CRS ESP ESPLANADE FAUBOURG FG
    FBG IMP IMPASSE MONTEE MTE PASSAGE PAS PASS PL PLACE PROM PROMENADE QU QUAI R ROUTE RTE RUE RUELLE RLE SENTE
    SENTIER SQ SQUARE TRA TRAVERSE VENELLE VEN VOIE
    """)
"""Kinds that make a number in front of them the number of a street, wherever it stands."""

ABBREVIATIONS: Final[dict[str, str]] = {
    "ST": "SAINT",
    "STE": "SAINTE",
    "STS": "SAINTS",
    "STES": "SAINTES",
    "GAL": "GENERAL",
    "GEN": "GENERAL",
    "MAL": "MARECHAL",
    "DR": "DOCTEUR",
    "DOCT": "DOCTEUR",
    "PROF": "PROFESSEUR",
    "PDT": "PRESIDENT",
    "CDT": "COMMANDANT",
    "CMDT": "COMMANDANT",
    "CEL": "COLONEL",
    "CNE": "CAPITAINE",
    "CPT": "CAPITAINE",
    "LNT": "LIEUTENANT",
    "SGT": "SERGENT",
    "ADJ": "ADJUDANT",
    "MGR": "MONSEIGNEUR",
    "MME": "MADAME",
    "FRES": "FRERES",
    "GD": "GRAND",
    "GDE": "GRANDE",
    "GDS": "GRANDS",
    "GDES": "GRANDES",
    "NTRE": "NOTRE",
    "ND": "NOTRE DAME",
    "HT": "HAUT",
    "HTE": "HAUTE",
    "HTES": "HAUTES",
    "HTS": "HAUTS",
    "CHT": "CHATEAU",
    "CHAU": "CHATEAU",
    "RTE": "ROUTE",
    "CHE": "CHEMIN",
    "AV": "AVENUE",
    "BD": "BOULEVARD",
    "IMP": "IMPASSE",
    "QUA": "QUARTIER",
    "FG": "FAUBOURG",
    "REPUB": "REPUBLIQUE",
    "REP": "REPUBLIQUE",
}
"""Abbreviations inside names."""

TWOFOLD: Final[dict[str, tuple[str, ...]]] = {
    "PT": ("PETIT", "PONT", "POINT"),
    "PTE": ("PETITE", "PORTE", "POINTE"),
    "PTS": ("PETITS", "PONTS"),
    "PTES": ("PETITES", "PORTES"),
    "PRES": ("PRESIDENT",),
    "PR": ("PROFESSEUR", "PRESIDENT"),
    "MAR": ("MARECHAL",),
    "AL": ("AMIRAL",),
    "CAL": ("CAPORAL",),
    "GL": ("GENERAL",),
    "COL": ("COLONEL",),
    "CAP": ("CAPITAINE",),
    "LT": ("LIEUTENANT",),
    "MT": ("MONT",),
    "ST": ("SAINT",),
    "STE": ("SAINTE",),
    "QU": ("QUAI",),
    "PL": ("PLACE",),
    "LOT": ("LOTISSEMENT",),
    "RES": ("RESIDENCE",),
    "FRE": ("FRERE",),
    "CHAP": ("CHAPELLE",),
    "FONT": ("FONTAINE",),
    "PROFR": ("PROFESSEUR",),
    "VLE": ("VIEILLE", "VILLE"),
    "VX": ("VIEUX",),
}
"""Abbreviations that are words as well, or mean several: never written out, but taken for what they may mean."""

ARTICLES: Final = word_set("A AU AUX D DE DES DU EN ET L LA LAS LE LES LOS SUR")
"""Words that are often left out, or put in; alone they tell nothing."""

ALIKE: Final[dict[str, str]] = {
    "DEUX": "2",
    "TROIS": "3",
    "QUATRE": "4",
    "CINQ": "5",
    "SIX": "6",
    "SEPT": "7",
    "HUIT": "8",
    "NEUF": "9",
    "DIX": "10",
    "ONZE": "11",
    "DOUZE": "12",
    "QUATORZE": "14",
    "1E": "1ER",
    "1ERE": "1ER",
    "1RE": "1ER",
    "PREMIER": "1ER",
    "PREMIERE": "1ER",
    "I": "1ER",
}
"""Numbers in letters and in digits, which are the same in a name."""

TITLES: Final = word_set("""
    ABBE ADJUDANT AMIRAL AVIATEUR BARON CAPITAINE CAPORAL CARDINAL CHANOINE COLONEL COMMANDANT COMTE CURE DOCTEUR
    DUC GENERAL LIEUTENANT MADAME MARECHAL MARQUIS MONSEIGNEUR MONSIEUR PERE PRESIDENT PRINCE PROFESSEUR
    SERGENT SERGENTS
    """)
"""Titles, which are written or not."""

MONTHS: Final = word_set("JANVIER FEVRIER MARS AVRIL MAI JUIN JUILLET AOUT SEPTEMBRE OCTOBRE NOVEMBRE DECEMBRE")

SUFFIXES: Final[dict[str, str]] = {"BIS": "B", "TER": "T", "QUATER": "Q", "QUINQUIES": "C", "SEXIES": "S"}
"""Suffixes of numbers, and the letter that the geocoder reads as the same."""

AFTER_ARTICLE: Final = word_set("A AU AUX D DE DES DU L LA LE LES SUR")
"""What follows one of these is part of a name: RUE DE LA PORTE."""

NUMBER_SIGNS: Final = word_set("N NO NUM NUMERO NR")
ORDINALS: Final = word_set("E EME ER ERE ND NDE")
FLOORS: Final = word_set("ETAGE ETAGES ETG")

NUMBERED: Final = word_set("""
    BOX BUREAU BUREAUX CASIER CAVE CHAMBRE CHBRE GARAGE KM LOTISSEMENT MAISON PARCELLE PARKING PAV PAVILLON PK TOUR
    VILLA
    """)
"""Words whose number is their own, not that of a street: BUREAU 6. Elsewhere they are parts of names."""

ROADS: Final = word_set("""
    CD COMMUNALE CR CV D DEPARTEMENTALE EUROPEENNE FORESTIERE N NATIONALE NAT RD RN RURAL RURALE VC VICINAL VICINALE
    """)
"""Words whose number is that of a road: ROUTE NATIONALE 6, CHEMIN RURAL 12."""

COMPLEMENTS: Final = NUMBERED | word_set("""
    ANGLE APPART APPARTEMENT APPT APT APPTS BAT BATIMENT BATIMENTS BATS BLOC BOITE BP CAGE CEDEX CHEZ CIDEX CS ENTREE
    ENT ESC ESCALIER ETAGE ETG ETAGES FACE HALL IMMEUBLE IMM LIEU LIEUDIT LD LDT LOGEMENT LOGT LOG LOT PORTE PTE RDC
    RES RESIDENCE RESID REZ SCI STUDIO TSA
    """)
"""Words that begin what says where in the building, or where in the village: the street ends there."""

COMPLEMENTS_BEFORE_NUMBER: Final = word_set("BP CS TSA LOT PORTE PTE BOITE HALL CAGE ENT ENTREE LOG ESC")
"""Those of `COMPLEMENTS` that count only before a number or a single letter: all are parts of names elsewhere."""
