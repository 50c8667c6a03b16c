"""Address lines as French administrations write them, and what is asked for them."""

from __future__ import annotations

import pytest

from frgov_clients.ban.address import Fields, Question, ladder, question_of

LEFT = ("complement_left_out",)
CHOSEN = ("number_chosen",)
AT_END = ("number_at_end",)
NEIGHBOUR = ("number_of_neighbour",)
PERSON = ("person_left_out",)
NONE: tuple[str, ...] = ()


def asked(address: str) -> Question:
    question = question_of(Fields(address, "90400", "Andelnans"))
    assert isinstance(question, Question)
    return question


def check(address: str, street: str, repairs: tuple[str, ...]) -> None:
    question = asked(address)
    assert (question.ask.q, question.repairs) == (f"{street} 90400 ANDELNANS".strip(), repairs)


@pytest.mark.parametrize(
    "before",
    [
        "BUREAU 6,",
        "BUREAU N°6 -",
        "APPARTEMENT N° 6",
        "APPT 6",
        "APT 3 ETAGE 2",
        "ESCALIER 2 ETAGE 6",
        "ESC A ETAGE 6",
        "MAISON 6 -",
        "VILLA N°6",
        "PAVILLON 6",
        "TOUR 6",
        "TOUR B",
        "CAVE 6",
        "GARAGE 6",
        "CASIER 6",
        "CASIER N° 12,",
        "BOX 14",
        "PARKING 3",
        "CHAMBRE 12",
        "2 ETAGE",
        "2 EME ETAGE",
        "1ER ETAGE GAUCHE",
        "3EME ETAGE DROITE APPT 12",
        "RDC",
        "RDC DROITE",
        "BP 12",
        "BP 90012",
        "CS 30012",
        "CS 30012 BP 6",
        "TSA 12345",
        "LOT 12",
        "LOTISSEMENT 12",
        "LOTISSEMENT LES PINS",
        "RESIDENCE LES PRES",
        "RESIDENCE DE LA TOUR",
        "EHPAD LES LILAS",
        "EHPAD LES LILAS CHAMBRE 12",
        "FOYER LE CEDRE CHAMBRE N° 12",
        "MAIRIE",
        "ECOLE JEAN MOULIN",
        "IMMEUBLE LE BELVEDERE ENTREE B",
        "ZA DES PRES",
        "ZI",
        "CENTRE COMMERCIAL DES 4 VENTS",
        "KM 12",
        "RN 19",
    ],
)
def test_complements_in_front(before: str) -> None:
    check(f"{before} 4 RUE DES BALASTIERES", "4 RUE DES BALASTIERES", LEFT)
    check(f"{before} 4 BIS ALLEE DES PINS BAT C", "4bis ALLEE DES PINS", LEFT)


@pytest.mark.parametrize(
    ("address", "street", "repairs"),
    [
        # the number next to the street, of several that nothing explains
        ("N° 6 4 RUE DES LILAS", "4 RUE DES LILAS", CHOSEN),
        ("6 4 RUE DES LILAS", "4 RUE DES LILAS", CHOSEN),
        ("6 - 4 BIS RUE DES LILAS", "4bis RUE DES LILAS", CHOSEN),
        ("3 120 RUE DES LILAS", "120 RUE DES LILAS", CHOSEN),
        ("3 4 RUE DES LILAS", "4 RUE DES LILAS", CHOSEN),
        ("12 LES PINS 4 RUE DES LILAS", "4 RUE DES LILAS", CHOSEN),
        ("12 RES LES PINS 4 RUE DES LILAS", "4 RUE DES LILAS", CHOSEN),
        ("BATIMENT A 6 4 RUE DES LILAS", "4 RUE DES LILAS", ("number_chosen", *LEFT)),
        ("RESIDENCE LES PRES 6 4 RUE DES LILAS", "4 RUE DES LILAS", ("number_chosen", *LEFT)),
        ("RESIDENCE LES PRES 4 6 RUE DES LILAS", "6 RUE DES LILAS", ("number_chosen", *LEFT)),
        ("BAT A 6 8 LOTISSEMENT DES PINS", "8 LOTISSEMENT DES PINS", ("number_chosen", *LEFT)),
        ("PAVILLON 35 2 RESIDENCE DES PINS", "2 RESIDENCE DES PINS", LEFT),
        # ranges
        ("12-14 RUE DES LILAS", "12 RUE DES LILAS", ("number_range",)),
        ("12/14 RUE DES LILAS", "12 RUE DES LILAS", ("number_range",)),
        ("12 14 RUE DES LILAS", "12 RUE DES LILAS", ("number_range",)),
        ("0012 0014 R DES LILAS", "12 RUE DES LILAS", ("number_range",)),
        ("12 A 14 RUE DES LILAS", "12 RUE DES LILAS", ("number_range",)),
        ("3 ET 4 RUE DES LILAS", "3 RUE DES LILAS", ("number_range",)),
        ("3-4 RUE DES LILAS", "3 RUE DES LILAS", ("number_range",)),
        ("2-40 RUE DES LILAS", "2 RUE DES LILAS", ("number_range",)),
        ("12, 14, 16 RUE DES LILAS", "12 RUE DES LILAS", ("number_range",)),
        ("3, 5 ET 7 PLACE DES LILAS", "3 PLACE DES LILAS", ("number_range",)),
        ("12 12 RUE DES LILAS", "12 RUE DES LILAS", ("number_range",)),
        ("RESIDENCE LES PRES 12-14 RUE DES LILAS", "12 RUE DES LILAS", ("number_range", *LEFT)),
        ("APPT 6 12-14 RUE DES LILAS", "12 RUE DES LILAS", ("number_range", *LEFT)),
        ("12 BIS 14 RUE DES LILAS", "12bis RUE DES LILAS", ("number_range",)),
        # numbers that are of no house
        ("APPT 3 RUE DES LILAS", "RUE DES LILAS", LEFT),
        ("BUREAU 6 RUE DES LILAS", "RUE DES LILAS", LEFT),
        ("2 ETAGE RUE DES LILAS", "RUE DES LILAS", LEFT),
        ("1ER ETAGE RUE DES LILAS", "RUE DES LILAS", LEFT),
        ("LOT 12 RUE DES LILAS", "RUE DES LILAS", LEFT),
        ("KM 12 ROUTE DE BELFORT", "ROUTE DE BELFORT", LEFT),
        ("PK 3 CHEMIN DU STADE", "CHEMIN DU STADE", LEFT),
        # behind the street
        ("12 RUE DES LILAS BUREAU 6", "12 RUE DES LILAS", LEFT),
        ("RUE DES LILAS PARCELLE 123", "RUE DES LILAS", LEFT),
        ("RES DU DR DURAND 12 RUE DES LILAS", "12 RUE DES LILAS", LEFT),
        ("12 RUE DES LILAS TOUR A", "12 RUE DES LILAS", LEFT),
        ("12 RUE DES LILAS VILLA N° 3", "12 RUE DES LILAS", LEFT),
        ("12 RUE DES LILAS LOTISSEMENT 4", "12 RUE DES LILAS", LEFT),
        ("12 RUE DES LILAS ANGLE RUE DES PINS", "12 RUE DES LILAS", LEFT),
        ("12 RUE DES LILAS EN FACE DU STADE", "12 RUE DES LILAS", LEFT),
        # names that hold such words, or numbers
        ("12 RUE DU 8 MAI 1945", "12 RUE DU 8 MAI 1945", NONE),
        ("1 RUE DU 4 SEPTEMBRE", "1 RUE DU 4 SEPTEMBRE", NONE),
        ("RUE DU 11 NOVEMBRE", "RUE DU 11 NOVEMBRE", NONE),
        ("PLACE DU 14 JUILLET", "PLACE DU 14 JUILLET", NONE),
        ("RUE DU 8 MAI 1945", "RUE DU 8 MAI 1945", NONE),
        ("AV DU 19 MARS 62", "AVENUE DU 19 MARS 1962", NONE),
        ("12 RUE DE LA TOUR D AUVERGNE", "12 RUE DE LA TOUR D AUVERGNE", NONE),
        ("12 RUE TOUR D AUVERGNE", "12 RUE TOUR D AUVERGNE", NONE),
        ("12 RUE DE LA MAISON NEUVE", "12 RUE DE LA MAISON NEUVE", NONE),
        ("MAISON FORESTIERE DES BRUYERES", "MAISON FORESTIERE DES BRUYERES", NONE),
        ("12 VILLA DES FLEURS", "12 VILLA DES FLEURS", NONE),
        ("12 RUE DES 4 CHEMINS", "12 RUE DES 4 CHEMINS", NONE),
        ("6 BIS RUE X", "6bis RUE X", NONE),
        ("N 6 RUE X", "6 RUE X", NONE),
        ("N 6", "N 6", NONE),
        ("RN 6", "RN 6", NONE),
        ("12 RN 6", "12 RN 6", NONE),
        ("LE BOURG", "LE BOURG", NONE),
        ("0012 LE BOURG", "12 LE BOURG", NONE),
        ("LIEU DIT LA CROIX", "LA CROIX", NONE),
        ("4 L'ESPLANADE", "4 ESPLANADE", NONE),
        ("ZA DE LA JONXION", "ZONE ARTISANALE DE LA JONXION", NONE),
        ("3 ZI DES PRES", "3 ZONE INDUSTRIELLE DES PRES", NONE),
        ("ANSE BERTRAND SECTION PRE AU VENT", "ANSE BERTRAND SECTION PRE AU VENT", NONE),
        ("LIEU DIT CALDANICCIA", "CALDANICCIA", NONE),
        ("12 COURS NAPOLEON", "12 COURS NAPOLEON", NONE),
        ("8 COUR DES 3 FONTAINES", "8 COUR DES 3 FONTAINES", NONE),
        # two streets
        ("ANGLE RUE DES LILAS ET RUE DES PINS", "RUE DES LILAS", LEFT),
        ("ANGLE DE LA RUE DES LILAS ET DE LA RUE DES PINS", "RUE DES LILAS", LEFT),
        ("ANGLE 4 RUE DES LILAS / RUE DES PINS", "4 RUE DES LILAS", LEFT),
        # a neighbour's number
        ("FACE AU 4 RUE DES LILAS", "RUE DES LILAS", NEIGHBOUR),
        ("EN FACE DU N° 4 RUE DES LILAS", "RUE DES LILAS", NEIGHBOUR),
        ("DERRIERE LE 4 RUE DES LILAS", "RUE DES LILAS", NEIGHBOUR),
        ("A COTE DU 4 RUE DES LILAS", "RUE DES LILAS", NEIGHBOUR),
        ("AU DROIT DU 4 RUE DES LILAS", "RUE DES LILAS", NEIGHBOUR),
        ("VIS A VIS DU 4 RUE DES LILAS", "RUE DES LILAS", NEIGHBOUR),
        ("ENTRE LE 4 ET LE 6 RUE DES LILAS", "RUE DES LILAS", NEIGHBOUR),
        ("FACE A LA MAIRIE 4 RUE DES LILAS", "4 RUE DES LILAS", LEFT),
        ("RUE DES LILAS FACE AU 4", "RUE DES LILAS", LEFT),
        ("RUE DES LILAS EN FACE DU 4", "RUE DES LILAS", LEFT),
    ],
)
def test_lines(address: str, street: str, repairs: tuple[str, ...]) -> None:
    check(address, street, repairs)


@pytest.mark.parametrize(
    "address",
    ["RUE DES LILAS 4", "RUE DES LILAS, 4", "RUE DES LILAS N°4", "Rue des Lilas numéro 4", "R DES LILAS 0004"],
)
def test_a_number_behind_its_street(address: str) -> None:
    check(address, "4 RUE DES LILAS", AT_END)
    check(f"{address} BIS", "4bis RUE DES LILAS", AT_END)
    check(f"{address} BAT C", "4 RUE DES LILAS", (*LEFT, *AT_END))


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("GRANDE RUE 4", "4 GRANDE RUE"),
        ("RUE HENRI N° 4", "4 RUE HENRI"),
        ("RUE DU PONT 4", "4 RUE DU PONT"),
        ("RUE DU CHAMP DE MARS 17", "17 RUE DU CHAMP DE MARS"),
        ("RUE ALBERT 1ER 25", "25 RUE ALBERT 1ER"),
        ("CHEMIN DE LA PORTE 4", "4 CHEMIN DE LA PORTE"),
        ("ROUTE DE PARIS N° 6", "6 ROUTE DE PARIS"),
        ("ROUTE NATIONALE 9 N°15", "15 ROUTE NATIONALE 9"),
        ("PLACE DE LA REPUBLIQUE 12 B", "12bis PLACE DE LA REPUBLIQUE"),
        ("ALLEE DES PINS 4B", "4bis ALLEE DES PINS"),
    ],
)
def test_more_numbers_behind_their_street(address: str, street: str) -> None:
    check(address, street, AT_END)


@pytest.mark.parametrize(
    "name",
    [
        "RUE DU 8 MAI 1945",
        "RUE DU 8 MAI",
        "ROUTE D 12",
        "ROUTE N 6",
        "ROUTE DE PARIS N 6",
        "ROUTE NATIONALE 6",
        "ROUTE DEPARTEMENTALE 12",
        "RUE DE LA 2EME DB",
        "RUE DE LA DIVISION LECLERC 2 EME DB",
        "ALLEE 4",
        "CHEMIN RURAL 12",
        "VOIE COMMUNALE 12",
        "VOIE 12",
        "RUE 12",
        "RUE A 4",
        "PLACE HENRI 4",
        "AVENUE PIERRE ROUSSET 1870 1956",
        "AVENUE DE LA LIBERATION 1944",
        "RUE DU LOTISSEMENT 2",
        "RUE DU HUIT MAI 45",
        "HAMEAU DES PINS 4",
    ],
)
def test_numbers_that_are_part_of_the_name(name: str) -> None:
    assert (asked(name).number, asked(f"7 {name}").number) == ("", "7")
    assert asked(name).street.text == asked(f"7 {name}").street.text == name.replace("MAI 45", "MAI 1945")


# ---- whoever lives there -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("CHEZ M DURAND LE VILLAGE", "LE VILLAGE"),
        ("CHEZ DURAND LE VILLAGE", "LE VILLAGE"),
        ("CHEZ M ET MME DURAND 12 RUE DES LILAS", "12 RUE DES LILAS"),
        ("C/O DURAND 12 RUE DES LILAS", "12 RUE DES LILAS"),
        ("12 RUE DES LILAS C/O DURAND", "12 RUE DES LILAS"),
        ("12 RUE DES LILAS CHEZ M DURAND", "12 RUE DES LILAS"),
        ("LE VILLAGE CHEZ MME DURAND", "LE VILLAGE"),
        ("12 CHEZ M DURAND LE BOURG", "12 LE BOURG"),
        ("MME DURAND 12 LE BOURG", "12 LE BOURG"),
        ("MME LUCIE DURAND HAMEAU DES PINS", "HAMEAU DES PINS"),
        ("M. JEAN DE LA TOUR LES PINS", "LES PINS"),
        ("MR LE GOFF LE BOURG", "LE BOURG"),
        ("Monsieur le Directeur 12 rue des Lilas", "12 RUE DES LILAS"),
        ("DR DURAND RUE DES LILAS 4", "4 RUE DES LILAS"),
        ("FAMILLE DURAND LIEU DIT LA CROIX", "LA CROIX"),
        ("INDIVISION DURAND MAS DE LA CROIX", "MAS DE LA CROIX"),
    ],
)
def test_persons_are_left_out(address: str, street: str) -> None:
    question = asked(address)
    assert question.ask.q == f"{street} 90400 ANDELNANS"
    assert "person_left_out" in question.repairs
    assert not any("DURAND" in step.ask.q or "DIRECTEUR" in step.ask.q for step in ladder(question))


@pytest.mark.parametrize(
    "address",
    ["MADAME LUCIE DURAND", "M DURAND", "CHEZ MME DURAND", "MR LE GOFF", "MME ANNE LE GOFF", "12 CHEZ M DURAND"],
)
def test_where_nothing_but_the_person_is_there(address: str) -> None:
    check(address, "", PERSON)
    assert not any(word in step.ask.q for step in ladder(asked(address)) for word in ("DURAND", "GOFF"))
    assert question_of(Fields(address)) == "person_only"


def test_a_person_within_a_complement() -> None:
    question = asked("12 RUE DES LILAS BAT A CHEZ M DURAND")
    assert question.repairs == (*LEFT, *PERSON)
    assert not any("DURAND" in step.ask.q for step in ladder(question))


def test_names_of_hamlets_and_streets_that_look_like_persons() -> None:
    for address in ("CHEZ BERNARD", "4 CHEZ BERNARD", "12 MADAME DE SEVIGNE", "RUE DU DR ROUX"):
        assert asked(address).repairs == NONE
