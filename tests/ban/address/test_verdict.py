"""What an answer is worth."""

from __future__ import annotations

from typing import Any

import pytest

from frgov_clients.ban.address import REASONS, Fields, Judgement, Question, better, is_enough, judge, question_of
from frgov_clients.ban.exchange import Answer, Verdict

FOUND = Answer(
    "12 Rue du Général de Gaulle 90000 Belfort", "housenumber", "90010_1670_00012", 6.86, 47.63, 0.96, None,
    "12", "Rue du Général de Gaulle", "90000", "Belfort", "90010",
)  # fmt: skip


def found(**changes: Any) -> Answer:
    return FOUND._replace(**changes)


def judged(answer: Answer | None, *fields: str) -> Judgement:
    question = question_of(Fields(*fields))
    assert isinstance(question, Question)
    return judge(question, answer)


def verdict(answer: Answer | None, *fields: str) -> tuple[str, tuple[str, ...]]:
    result = judged(answer, *fields)
    assert set(result.reasons) <= set(REASONS)
    assert 0.0 <= result.confidence < 1.0
    return result.verdict.value, result.reasons


HERE = ("90000", "Belfort")

# ---- the street --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("12 rue du Général de Gaulle", ("exact", ())),
        ("0012 R DU GAL DE GAULLE BAT A", ("exact", ())),
        ("12 r general de gaulle", ("exact", ())),
        ("12 RUE DE GAULLE", ("exact", ())),
        ("12 rue du Général de Gaule", ("exact", ("street_close",))),
        ("12 rue du Généarl de Gaulle", ("exact", ("street_close",))),
        ("12 reu du Général de Gaulle", ("exact", ("street_close",))),
        ("12 rue du Général DeGaulle", ("exact", ())),
        ("12 rue G de Gaulle", ("exact", ("street_close",))),
        ("12 rue du Général Leclerc", ("suspicious", ("street_differs",))),
        ("12 rue du Génral de Gaule", ("suspicious", ("street_differs",))),
        ("12 du Général de Gaulle", ("ambiguous", ("kind_missing",))),
        ("12 GAL DE GAULLE", ("ambiguous", ("kind_missing",))),
        ("14 GAL DE GAULLE", ("ambiguous", ("kind_missing", "number_differs"))),
        ("GAL DE GAULLE", ("ambiguous", ("kind_missing", "number_unasked"))),
        ("12 le Général de Gaulle", ("suspicious", ("kind_differs",))),
        ("12 place du Général de Gaulle", ("suspicious", ("kind_differs",))),
        ("12 rue du Général de Gaulle Prolongée", ("suspicious", ("words_left_over",))),
        ("rue du Général de Gaulle", ("street", ("number_unasked",))),
        ("14 rue du Général de Gaulle", ("street", ("number_differs",))),
        ("12 bis rue du Général de Gaulle", ("street", ("suffix_missing",))),
    ],
)
def test_streets(address: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert verdict(FOUND, address, *HERE) == expected


def test_suffixes() -> None:
    bis = found(housenumber="12bis")
    assert verdict(bis, "12 B rue du Général de Gaulle", *HERE) == ("exact", ())
    assert verdict(bis, "12 BIS rue du Général de Gaulle", *HERE) == ("exact", ())
    assert verdict(bis, "12 ter rue du Général de Gaulle", *HERE) == ("street", ("suffix_differs",))
    assert verdict(bis, "12 rue du Général de Gaulle", *HERE) == ("street", ("suffix_differs",))


@pytest.mark.parametrize(
    ("asked", "street", "reasons"),
    [
        ("RUE DES LILAS", "Rue des Lilas", ()),
        ("RUE LILAS", "Rue des Lilas", ()),
        ("RUE DES LILLAS", "Rue des Lilas", ("street_close",)),
        ("RUE DU MOULIN", "Rue des Moulins", ("street_differs",)),
        ("RUE HAUTE DESSUS", "Rue Haute Dessous", ("street_differs",)),
        ("ALLEE 11", "Allée 12", ("street_differs",)),
        ("RUE A", "Rue B", ("street_differs",)),
        ("R DU 8 MAI", "Rue du 8 Mai 1945", ()),
        ("RUE DU HUIT MAI 1945", "Rue du 8 Mai 1945", ()),
        ("RUE DU 11 NOVEMBRE", "Rue du 8 Mai 1945", ("street_differs",)),
        ("RUE DU 1ER RPIMA", "Rue du Premier RPIMA", ()),
        ("R V HUGO", "Rue Victor Hugo", ("street_close",)),
        ("RUE HUGO", "Rue Victor Hugo", ("street_shortened",)),
        ("RUE DU DR SCHWEITZER", "Rue Albert Schweitzer", ("street_differs",)),
        ("RUE DU PT PONT", "Rue du Petit Pont", ("street_close",)),
        ("R DE LA VIEILLE RTE", "Rue de la Vieille Route", ()),
        ("RUE LA FAYETTE", "Rue Lafayette", ()),
        ("RUE SAINTE-ANNE", "Rue Ste Anne", ()),
        ("LES LILAS", "Résidence les Lilas", ("street_close",)),
        ("LES LILAS", "Rue des Lilas", ("kind_differs",)),
        ("RUE DU LOUP PENDU", "Au Loup Pendu", ("kind_differs",)),
        ("LE BOURG", "Le Bourg", ()),
        ("LILAS", "Rue des Lilas", ("kind_missing",)),
        ("GRANDE RUE", "Grande Rue", ()),
        ("GR GRANDE", "Rue Grande", ("kind_differs",)),
    ],
)
def test_names_of_streets(asked: str, street: str, reasons: tuple[str, ...]) -> None:
    answer = found(type="street", housenumber="", street=street)
    assert judged(answer, asked, *HERE).reasons == reasons


def test_a_street_without_its_number() -> None:
    street = found(type="street", housenumber="", id="90010_1670")
    assert verdict(street, "999 rue du Général de Gaulle", *HERE) == ("street", ("number_missing",))
    assert verdict(street, "rue du Général de Gaulle", *HERE) == ("street", ())
    locality = found(type="locality", housenumber="", street="Le Bourg")
    assert verdict(locality, "Lieu-dit le Bourg", *HERE) == ("street", ())


def test_a_first_name_left_out_is_not_accepted() -> None:
    assert verdict(found(street="Rue Victor Hugo"), "12 rue Hugo", *HERE) == ("ambiguous", ("street_shortened",))


def test_a_second_answer_that_fits_as_well() -> None:
    row = ("12 rue du Général de Gaulle", *HERE)
    assert verdict(found(score_next=0.9595), *row) == ("ambiguous", ("score_close",))
    assert verdict(found(score_next=0.9), *row) == ("exact", ())
    assert verdict(found(score=None), *row) == ("exact", ())


# ---- the commune -------------------------------------------------------------------------------------------

STREET = "12 rue du Général de Gaulle"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((STREET, "90000", "BELFORT"), ("exact", ())),
        ((STREET, "", "belfort"), ("exact", ())),
        ((f"{STREET} Belfort",), ("exact", ())),
        ((f"{STREET} 90000 Belfort",), ("exact", ())),
        ((STREET, "90020", "BELFORT CEDEX"), ("exact", ())),
        ((STREET, "25020", "BELFORT CEDEX"), ("exact", ("departement_differs",))),
        ((STREET, "90400", "Belfort"), ("exact", ("postcode_differs",))),
        ((STREET, "25000", "Belfort"), ("exact", ("postcode_differs", "departement_differs"))),
        (
            ("14 rue du Général de Gaulle", "25000", "Belfort"),
            ("ambiguous", ("postcode_differs", "departement_differs", "number_differs")),
        ),
        (
            ("12 rue Basse", "25000", "Belfort"),
            ("suspicious", ("postcode_differs", "departement_differs", "street_differs")),
        ),
        ((STREET, "25000", "Belfrt"), ("suspicious", ("commune_close", "postcode_differs", "departement_differs"))),
        ((STREET, "25000", "Besançon"), ("suspicious", ("commune_differs", "postcode_differs", "departement_differs"))),
        (
            (STREET, "1000", "BOURG EN BRESSE"),
            ("suspicious", ("commune_differs", "postcode_differs", "departement_differs")),
        ),
        ((STREET, "25000", "Belfort", "90010"), ("exact", ("postcode_differs",))),
        ((STREET, "90000", "Belfrt"), ("exact", ("commune_close",))),
        ((STREET, "90000", "Danjoutin"), ("suspicious", ("commune_differs",))),
        ((STREET, "90000", "Danjoutin", "90010"), ("exact", ("commune_by_code",))),
        ((STREET, "90000", "", "90032"), ("suspicious", ("commune_differs",))),
        ((STREET, "90000", "Belfort", "90032"), ("exact", ("citycode_differs",))),
        ((STREET, "90000", "Belfort", "25056"), ("suspicious", ("citycode_differs", "departement_differs"))),
        ((STREET, "90000"), ("exact", ("commune_by_postcode",))),
        ((STREET, "90400"), ("suspicious", ("commune_differs", "postcode_differs"))),
        ((STREET, "48000"), ("suspicious", ("postcode_differs", "departement_differs"))),
        ((STREET,), ("ambiguous", ("commune_unknown",))),
    ],
)
def test_communes(fields: tuple[str, ...], expected: tuple[str, tuple[str, ...]]) -> None:
    assert verdict(FOUND, *fields) == expected


def test_a_commune_that_has_namesakes() -> None:
    """There are several Saint-Sauveur: one in 80, none in 48."""
    there = found(postcode="70300", city="Saint-Sauveur", citycode="70473")
    reasons = ("postcode_differs", "departement_differs")
    assert verdict(there, STREET, "48000", "ST SAUVEUR") == ("ambiguous", reasons)
    assert verdict(there, STREET, "80000", "ST SAUVEUR") == ("suspicious", reasons)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # the end of the address and the columns name two communes
        (
            (f"{STREET} 90000 Belfort", "90400", "Danjoutin"),
            ("ambiguous", ("commune_differs", "postcode_differs", "fields_disagree")),
        ),
        ((f"{STREET} 90400 Danjoutin", "90000", "Belfort"), ("ambiguous", ("fields_disagree",))),
        (
            (f"{STREET} 48000 Mende", "90400", "Danjoutin"),
            ("suspicious", ("commune_differs", "postcode_differs", "fields_disagree")),
        ),
        # two postcodes
        ((f"{STREET} 90400 Belfort", "90000", "Belfort"), ("exact", ("fields_disagree",))),
        ((f"{STREET} 90400 Belfort", "90000"), ("exact", ("fields_disagree",))),
        ((f"{STREET} 90400", "90000", "Belfort"), ("ambiguous", ("fields_disagree",))),
        # no contradiction
        ((f"{STREET} 90000 BELFORT BAT C", "90000", "Belfort"), ("exact", ())),
        ((f"{STREET} 90020 BELFORT CEDEX", "90000", "Belfort"), ("exact", ())),
        ((f"{STREET} 90000 NULLE PART", "90000", "Belfort"), ("exact", ())),
    ],
)
def test_fields_that_disagree(fields: tuple[str, ...], expected: tuple[str, tuple[str, ...]]) -> None:
    assert verdict(FOUND, *fields) == expected


def test_a_commune_alone_where_fields_disagree() -> None:
    belfort = found(type="municipality", housenumber="", street="", id="90010", label="Belfort")
    row = (f"{STREET} 90400 Danjoutin", *HERE)
    assert verdict(belfort, *row) == ("suspicious", ("fields_disagree", "street_missing"))


def test_former_names_do_not_disagree() -> None:
    new = found(postcode="48220", city="Pont de Montvert - Sud Mont Lozère", citycode="48116")
    row = (f"{STREET} 48220 FRAISSINET DE LOZERE", "48220", "PONT DE MONTVERT SUD MONT LOZERE")
    assert verdict(new, *row) == ("exact", ())


def test_former_communes() -> None:
    new = {"postcode": "48220", "city": "Pont de Montvert - Sud Mont Lozère", "citycode": "48116"}
    told = found(**new, oldcity="Fraissinet-de-Lozère", oldcitycode="48066")
    assert verdict(told, STREET, "48220", "FRAISSINET DE LOZERE") == ("exact", ())
    assert verdict(told, STREET, "", "", "48066") == ("exact", ())
    assert verdict(told, STREET, "48220", "FRAISSINET", "48066") == ("exact", ("commune_by_code",))
    assert verdict(told, STREET, "48220", "Saint-Maurice-de-Ventalon") == ("suspicious", ("commune_differs",))
    assert verdict(found(**new), STREET, "48220", "Fraissinet-de-Lozère") == ("exact", ("commune_former",))


def test_arrondissements() -> None:
    paris = found(postcode="75012", city="Paris", citycode="75112", district="Paris 12e Arrondissement")
    for city in ("Paris", "PARIS 12", "Paris 12e Arrondissement", "PARIS CEDEX 12"):
        assert verdict(paris, STREET, "", city)[0] == "exact"
    assert verdict(paris, STREET, "75012", "", "75056") == ("exact", ())
    assert verdict(paris, STREET, "75012", "", "75112") == ("exact", ())
    assert verdict(paris, STREET, "75011", "", "75111") == ("suspicious", ("commune_differs",))
    assert verdict(paris, STREET, "75011", "Paris") == ("suspicious", ("commune_differs",))
    assert verdict(paris, STREET, "75573", "PARIS CEDEX 12") == ("exact", ())
    sixteenth = paris._replace(postcode="75116", citycode="75116", district="Paris 16e Arrondissement")
    assert verdict(sixteenth, STREET, "75016", "Paris")[0] == "exact"


def test_corsica_and_overseas() -> None:
    ajaccio = found(postcode="20000", city="Ajaccio", citycode="2A004")
    assert verdict(ajaccio, STREET, "20090", "Ajaccio") == ("exact", ("postcode_differs",))
    assert verdict(ajaccio, STREET, "20000", "", "2a4") == ("exact", ("commune_by_postcode",))
    abymes = found(postcode="97139", city="Les Abymes", citycode="97101")
    assert verdict(abymes, STREET, "97139", "ABYMES") == ("exact", ())
    assert verdict(abymes, STREET, "97242", "ABYMES") == ("exact", ("postcode_differs", "departement_differs"))


def test_municipalities() -> None:
    belfort = found(type="municipality", housenumber="", street="", id="90010", label="Belfort")
    assert verdict(belfort, "", *HERE) == ("commune", ())
    assert verdict(belfort, "Belfort") == ("commune", ())
    assert verdict(belfort, STREET, *HERE) == ("commune", ("street_missing",))
    assert verdict(belfort, STREET, "90400", "Danjoutin") == (
        "suspicious",
        ("commune_differs", "postcode_differs", "street_missing"),
    )
    assert verdict(belfort, "", "25000", "Belfort") == ("suspicious", ("postcode_differs", "departement_differs"))


def test_no_answer() -> None:
    assert judged(None, STREET, *HERE) == Judgement(Verdict.NONE, ("no_answer",), 0.0)


# ---- choosing ----------------------------------------------------------------------------------------------


def test_what_is_enough() -> None:
    full = question_of(Fields(STREET, *HERE))
    town = question_of(Fields("", *HERE))
    assert isinstance(full, Question)
    assert isinstance(town, Question)
    only_town = found(type="municipality", housenumber="", street="")
    assert is_enough(full, judge(full, FOUND))
    kind_left_out = question_of(Fields("12 Général de Gaulle", *HERE))
    assert isinstance(kind_left_out, Question)
    assert is_enough(kind_left_out, judge(kind_left_out, FOUND))
    assert is_enough(full, judge(full, found(type="street", housenumber="")))
    assert is_enough(town, judge(town, only_town))
    assert not is_enough(full, judge(full, only_town))
    assert not is_enough(full, judge(full, found(street="Rue Basse")))
    assert not is_enough(full, judge(full, found(housenumber="13")))
    assert not is_enough(full, judge(full, None))


def test_the_better_of_two() -> None:
    order = [
        Judgement(Verdict.EXACT, (), 0.99),
        Judgement(Verdict.EXACT, ("street_close",), 0.9),
        Judgement(Verdict.STREET, ("number_missing",), 0.99),
        Judgement(Verdict.COMMUNE, (), 0.99),
        Judgement(Verdict.AMBIGUOUS, ("street_shortened",), 0.5),
        Judgement(Verdict.SUSPICIOUS, ("kind_differs",), 0.1),
        Judgement(Verdict.COMMUNE, ("street_missing",), 0.99),
        Judgement(Verdict.SUSPICIOUS, ("commune_differs",), 0.1),
        Judgement(Verdict.COMMUNE, ("postcode_differs", "street_missing"), 0.99),
        Judgement(Verdict.SUSPICIOUS, ("commune_differs", "postcode_differs"), 0.1),
        Judgement(Verdict.SUSPICIOUS, ("postcode_differs", "departement_differs", "street_missing"), 0.6),
        Judgement(Verdict.SUSPICIOUS, ("street_differs",), 0.1),
        Judgement(Verdict.NONE, ("no_answer",), 0.0),
    ]
    for place, one in enumerate(order):
        assert not better(one, one)
        for other in order[place + 1 :]:
            assert better(one, other)
            assert not better(other, one)


def test_confidence_follows_what_speaks_against() -> None:
    clean = judged(FOUND, STREET, *HERE).confidence
    typo = judged(found(score=0.8), "12 rue du Général de Gaule", *HERE).confidence
    other = judged(found(score=0.8), "12 rue Basse", *HERE).confidence
    assert clean > 0.99
    assert clean >= typo > 0.9 > 0.5 > other
