"""From what a row holds to what is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.address import REPAIRS, SKIPS, STEPS, Fields, Question, ladder, question_of
from frgov_clients.ban.address import question as reading
from frgov_clients.ban.exchange import Ask


def asked(*fields: str) -> Question:
    question = question_of(Fields(*fields))
    assert isinstance(question, Question)
    return question


def text(*fields: str) -> str:
    return asked(*fields).ask.q


# ---- the text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("4 rue des Balastières", "90400", "Andelnans"), "4 RUE DES BALASTIERES 90400 ANDELNANS"),
        (("12 RUE DE LA PAIX 90000 BELFORT",), "12 RUE DE LA PAIX 90000 BELFORT"),
        (("12 rue de la Paix. (haut) 90000 Belfort",), "12 RUE DE LA PAIX HAUT 90000 BELFORT"),
        (("12 rue de la Paix 90000 Belfort", "90000", "Belfort"), "12 RUE DE LA PAIX 90000 BELFORT"),
        (("0012 R DES LILAS", "90000", "BELFORT"), "12 RUE DES LILAS 90000 BELFORT"),
        (("7 AV DU GAL DE GAULLE", "48000", "MENDE"), "7 AVENUE DU GENERAL DE GAULLE 48000 MENDE"),
        (("7 BD DU MAL FOCH", "48000", "MENDE"), "7 BOULEVARD DU MARECHAL FOCH 48000 MENDE"),
        (("3 CHE DE LA FONT", "48000", "ST CHELY"), "3 CHEMIN DE LA FONT 48000 SAINT CHELY"),
        (("9 PL DU 8 MAI 45", "48000", "Mende"), "9 PLACE DU 8 MAI 1945 48000 MENDE"),
        (("12 BIS RUE X", "", "Mende"), "12bis RUE X MENDE"),
        (("12B RUE X", "", "Mende"), "12bis RUE X MENDE"),
        (("12 ter, rue X", "", "Mende"), "12ter RUE X MENDE"),
        (("69P QUAI X", "", "Mende"), "69P QUAI X MENDE"),
        (("12 L'Ormeau", "", "Mende"), "12 ORMEAU MENDE"),
        (("2 R R POINCARE", "", "Mende"), "2 RUE R POINCARE MENDE"),
        (("2 R LOT DES LILAS", "", "Mende"), "2 RUE LOT DES LILAS MENDE"),
        (("N° 5 rue X", "", "Mende"), "5 RUE X MENDE"),
        (("12-14 RUE PASTEUR", "", "Mende"), "12 RUE PASTEUR MENDE"),
        (("12 à 16 rue Pasteur", "", "Mende"), "12 RUE PASTEUR MENDE"),
        (("12 bis/14 RUE PASTEUR", "", "Mende"), "12bis RUE PASTEUR MENDE"),
        (("24, 26, 28 Pasteur", "", "Mende"), "24 PASTEUR MENDE"),
        (("25 et 27 Pasteur", "", "Mende"), "25 PASTEUR MENDE"),
        (("5 11 NOVEMBRE", "", "Mende"), "5 11 NOVEMBRE MENDE"),
        (("0 RUE PASTEUR", "", "Mende"), "RUE PASTEUR MENDE"),
        (("Rue Pasteur", "", "L'Isle s/ Sorgue"), "RUE PASTEUR L ISLE SUR SORGUE"),
        (("RUE DES PRES VERTS", "", "Mende"), "RUE DES PRES VERTS MENDE"),
        (("RUE DU COL", "", "Mende"), "RUE DU COL MENDE"),
        (("Œuvre-Sœurs", "", "Mende"), "OEUVRE SOEURS MENDE"),
        (("LIEU-DIT LE BOURG", "48000", "Mende"), "LE BOURG 48000 MENDE"),
        (("LD LE BOURG", "48000", "Mende"), "LE BOURG 48000 MENDE"),
        (("12 RES LES LILAS", "48000", "Mende"), "12 RESIDENCE LES LILAS 48000 MENDE"),
        (("", "48000", "Mende"), "48000 MENDE"),
        (("", "", "", "90010"), "BELFORT"),
        (("", "", "90000 BELFORT"), "90000 BELFORT"),
        (("12 rue X", "", "Paris 12e Arrondissement"), "12 RUE X 75012 PARIS"),
        (("12 rue X", "", "LYON 08, France"), "12 RUE X 69008 LYON"),
        (("12 rue X", "90020", "BELFORT CEDEX 9"), "12 RUE X BELFORT"),
        (("12 rue X 90020 BELFORT CEDEX",), "12 RUE X BELFORT"),
        (("12\nrue\tPasteur\x00\r\n", "90000", "Belfort"), "12 RUE PASTEUR 90000 BELFORT"),
        (('"12" rue Pasteur 😀', "90000", "Belfort"), "12 RUE PASTEUR 90000 BELFORT"),
        (("(«12 rue Pasteur»)", "90000", "Belfort"), "12 RUE PASTEUR 90000 BELFORT"),
    ],
)
def test_what_is_asked(fields: tuple[str, ...], expected: str) -> None:
    assert text(*fields) == expected


@pytest.mark.parametrize(
    "address",
    [
        "12 RUE PASTEUR BAT A APPT 12",
        "12 rue Pasteur, Bâtiment C",
        "12 rue Pasteur - 2ème étage",
        "12 rue Pasteur 2 e étage gauche",
        "12 RUE PASTEUR ETG 02 APT 0214",
        "12 RUE PASTEUR CHEZ M MARTIN",
        "12 RUE PASTEUR RES LES LILAS",
        "12 RUE PASTEUR LOT 4",
        "12 RUE PASTEUR ESC B PTE 4",
        "12 RUE PASTEUR LIEU DIT LE BOURG",
        "12 RUE PASTEUR BP 45",
        "12 RUE PASTEUR B.P. 45",
        "12 RUE PASTEUR CS 50012",
        "12 RUE PASTEUR TSA 30018",
        "BAT C 12 RUE PASTEUR",
        "APPT 3 BAT C 12 RUE PASTEUR",
        "CHEZ M MARTIN 12 RUE PASTEUR",
        "RES LES LILAS 12 RUE PASTEUR",
        "BP 45 12 RUE PASTEUR",
        "Appt 3 - 2ème étage 12 rue Pasteur",
        "LIEU DIT LE BOURG 12 RUE PASTEUR",
    ],
)
def test_complements_are_left_out(address: str) -> None:
    question = asked(address, "90000", "Belfort")
    assert question.ask.q == "12 RUE PASTEUR 90000 BELFORT"
    assert question.repairs == (
        ("person_left_out",)
        if address.startswith("CHEZ")
        else ("complement_left_out", "person_left_out")
        if "CHEZ" in address
        else ("complement_left_out",)
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("12 RUE DU BAT D ARGENT", "12 RUE DU BAT D ARGENT"),
        ("12 RUE DE LA PORTE", "12 RUE DE LA PORTE"),
        ("12 RUE PORTE NEUVE", "12 RUE PORTE NEUVE"),
        ("4 CHEZ BERNARD", "4 CHEZ BERNARD"),
        ("12 LOT LES PINS", "12 LOTISSEMENT LES PINS"),
        ("27 PTE R DU TILLEUL", "27 PTE R DU TILLEUL"),
        ("6530 Route Nationale 9 ETG 02", "6530 ROUTE NATIONALE 9"),
        ("APPT 3 RUE PASTEUR", "RUE PASTEUR"),
    ],
)
def test_names_that_look_like_complements(address: str, expected: str) -> None:
    assert text(address, "", "Mende") == f"{expected} MENDE"


# ---- codes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "code", "repairs"),
    [
        ("01000", "01000", ()),
        (" 1000 ", "01000", ("postcode_zero_restored",)),
        ("1000.0", "01000", ("postcode_zero_restored",)),
        ("90000.0", "90000", ("postcode_mended",)),
        ("90 000", "90000", ("postcode_mended",)),
        ("F-90000", "90000", ("postcode_mended",)),
        ("SW1A 2AA", "", ("postcode_ignored",)),
        ("00000", "", ("postcode_ignored",)),
        ("9" * 10_000, "", ("postcode_ignored",)),
    ],
)
def test_postcodes(given: str, code: str, repairs: tuple[str, ...]) -> None:
    question = asked("12 rue X", given, "Y")
    assert (question.postcode, question.repairs) == (code, repairs)
    assert question.ask.citycode == ""


@pytest.mark.parametrize(
    ("given", "code", "repairs"),
    [
        ("90010", "90010", ()),
        ("1053", "01053", ("citycode_zero_restored",)),
        ("1053.0", "01053", ("citycode_zero_restored",)),
        ("2a004", "2A004", ("citycode_mended",)),
        ("33000", "", ("citycode_ignored",)),
        ("Belfort", "", ("citycode_ignored",)),
    ],
)
def test_codes_of_communes(given: str, code: str, repairs: tuple[str, ...]) -> None:
    question = asked("12 rue X", "", "Y", given)
    assert (question.citycode, question.ask.citycode, question.repairs) == (code, code, repairs)


def test_paris_is_no_filter() -> None:
    question = asked("12 rue X", "75012", "Paris", "75056")
    assert (question.citycode, question.ask.citycode) == ("75056", "")


# ---- what can not be asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [("",), ("?",), (" \n\x00",), ("😀",), ("", "", "", "", ""), ("NC",), ("", "abc")])
def test_empty_rows(fields: tuple[str, ...]) -> None:
    assert question_of(Fields(*fields)) == "empty"


def test_short_rows() -> None:
    assert question_of(Fields("R")) == question_of(Fields("2")) == "too_short"
    assert {"empty", "too_short", "person_only"} == set(SKIPS)


@pytest.mark.parametrize("address", ["NC", "Sans objet", "#N/A", "adresse inconnue", "néant"])
def test_placeholders(address: str) -> None:
    question = asked(address, "48000", "Mende")
    assert (question.ask.q, question.repairs) == ("48000 MENDE", ("placeholder_ignored",))


def test_a_complement_stands_in_for_an_empty_address() -> None:
    question = asked("", "48000", "Mende", "", "12 RUE PASTEUR BAT A")
    assert question.ask.q == "12 RUE PASTEUR 48000 MENDE"
    assert question.repairs == ("complement_asked", "complement_left_out")


def test_long_texts() -> None:
    question = asked("12 rue " + "abcdef " * 100, "48000", "Mende")
    assert len(question.ask.q) <= 200
    assert question.ask.q.endswith(" 48000 MENDE")
    assert question.repairs == ("shortened",)
    assert len(asked("12 rue " + "x" * 10_000_000, "48000", "Mende").ask.q) <= 200
    assert text(f"12 RUE PASTEUR BAT {'A ' * 300}", "48000", "Mende") == "12 RUE PASTEUR 48000 MENDE"


fields = st.builds(Fields, *[st.text(max_size=60)] * 5)
WORDS = """
    12 0 BIS B RUE R DE LA LE L ST PASTEUR BAT A APPT 3 ETG RES LOT CHEZ LIEU DIT CS BP 90000 CEDEX À - 14 N 6 9999
    BUREAU TOUR FACE AU ANGLE M ET C O
"""
wordy = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)
likely = st.builds(Fields, wordy, st.sampled_from(["", "90000", "1000"]), wordy, st.sampled_from(["", "90010"]), wordy)


@given(fields | likely)
@settings(max_examples=600, deadline=None)  # the table of communes is read when first used
def test_whatever_a_row_holds(row: Fields) -> None:
    question = question_of(row)
    if isinstance(question, str):
        assert question in SKIPS
        return
    steps = ladder(question)
    assert steps[0] == ("first", question.ask)
    assert len({step.ask for step in steps}) == len(steps)
    assert set(question.repairs) <= set(REPAIRS)
    for name, ask in steps:
        assert name in STEPS
        assert 3 <= len(ask.q) <= 200
        assert ask.q.isascii() and ask.q.isprintable() and ask.q[0].isalnum()
        assert ask.q == " ".join(ask.q.split())
        assert ask == Ask(ask.q, ask.citycode)


numbers = st.integers(0, 99_999).map(str) | st.sampled_from(["0012", "00000", "012", "１２", "1\u0660"])
cases = st.sampled_from([str, str.lower, str.title, lambda text: text.replace(" ", ", ")])


@given(numbers, fields | likely, cases, st.integers(0, 200))
@settings(max_examples=1_000, deadline=None)
def test_a_street_that_was_read_with_another_number(
    number: str, row: Fields, case: Callable[[str], str], more: int
) -> None:
    row = row._replace(address=f"{number} {case(row.address)}{'x' * more}")
    question_of(row._replace(address=row.address.replace(number, "7", 1)))
    assert question_of(row) == reading._question_of(row)


# ---- the ladder --------------------------------------------------------------------------------------------


def test_the_ladder_of_a_former_commune() -> None:
    steps = dict(ladder(asked("3 R BASSE BAT A", "48220", "FRAISSINET", "48066")))
    assert steps["first"] == Ask("3 RUE BASSE 48220 FRAISSINET", "48066")
    assert steps["new_commune"] == Ask("3 RUE BASSE PONT DE MONTVERT SUD MONT LOZERE", "48116")
    assert steps["no_filter"] == Ask("3 RUE BASSE 48220 FRAISSINET")
    assert steps["as_written"].q == "3 R BASSE BAT A 48220 FRAISSINET"
    assert steps["no_city"] == Ask("3 RUE BASSE", "48066")
    assert steps["no_number"].q == "RUE BASSE 48220 FRAISSINET"
    assert steps["commune"].q == "48220 FRAISSINET"


def test_the_ladder_of_a_commune_by_its_former_name() -> None:
    steps = dict(ladder(asked("3 R BASSE", "48220", "FRAISSINET DE LOZERE")))
    assert steps["commune_filter"].citycode == "48116"
    assert "no_filter" not in steps


def test_the_ladder_of_a_postcode_of_another_departement() -> None:
    steps = dict(ladder(asked("3 R BASSE", "48000", "ANDELNANS")))
    assert steps["commune_filter"] == Ask("3 RUE BASSE ANDELNANS", "90001")
    assert steps["postcode_only"] == Ask("3 RUE BASSE 48000")
    assert "commune_filter" not in dict(ladder(asked("3 R BASSE", "48000", "SAINT SAUVEUR")))


def test_the_ladder_where_address_and_columns_disagree() -> None:
    question = asked("3 R BASSE 90400 ANDELNANS", "90000", "BELFORT")
    assert (question.other_postcode, question.other_city.text) == ("90400", "ANDELNANS")
    steps = ladder(question)
    assert steps[0] == ("first", Ask("3 RUE BASSE 90000 BELFORT"))
    assert steps[1] == ("other_place", Ask("3 RUE BASSE 90400 ANDELNANS"))


def test_nothing_more_to_ask_for_a_commune() -> None:
    assert [step.name for step in ladder(asked("", "", "Mende"))] == ["first"]
