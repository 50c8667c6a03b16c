"""Whether an answer lies where the question says: commune, postcode, département."""

from __future__ import annotations

from ..exchange import Answer, Verdict
from .communes import city_of, codes_named, departement_of, former_names, only_commune, same_commune
from .question import WHOLE, Question

__all__ = ["judge_place"]


def judge_place(question: Question, answer: Answer, reasons: list[str]) -> Verdict:
    """`EXACT` when the answer lies where the question says, else what it is worth at best.

    With the reason `departement_differs`, `EXACT` holds only where street and number agree.
    """
    verdict = _place(question, answer, reasons)
    if not question.other_postcode:
        return verdict
    reasons.append("fields_disagree")
    if question.other_city.key == question.city.key:
        return verdict
    return Verdict.AMBIGUOUS if verdict is Verdict.EXACT or _fits_other(question, answer) else verdict


def _fits_other(question: Question, answer: Answer) -> bool:
    """Whether the answer lies where the end of the address says, though the fields say otherwise."""
    other = question._replace(city=question.other_city, postcode=question.other_postcode, citycode="")
    return _place(other, answer, []) is Verdict.EXACT


def _place(question: Question, answer: Answer, reasons: list[str]) -> Verdict:
    key, code = question.city.key, question.citycode
    named = _named(key, answer) if key else ""
    by_code = bool(code) and (same_commune(code, answer.citycode) or code == answer.oldcitycode)
    if key and named != "no":
        return _by_name(question, answer, named, by_code, reasons)
    if by_code:
        if key:
            reasons.append("commune_by_code")
        return Verdict.EXACT
    if key or code:
        reasons.append("commune_differs")
        _codes_differ(question, answer, reasons)
        return Verdict.SUSPICIOUS
    return _by_postcode(question, answer, reasons)


def _by_name(question: Question, answer: Answer, named: str, by_code: bool, reasons: list[str]) -> Verdict:
    """The names agree: do the code and the postcode?"""
    code, postcode = question.citycode, question.postcode
    if named:
        reasons.append(named)
    if answer.district and _other_arrondissement(question, answer, by_code):
        reasons.append("commune_differs")
        return Verdict.SUSPICIOUS
    if code and not by_code:
        reasons.append("citycode_differs")
        if departement_of(code) != departement_of(answer.citycode):
            _codes_differ(question, answer, reasons)
            return Verdict.SUSPICIOUS
    far = bool(postcode) and not by_code and not _near(postcode, answer)
    if postcode and postcode != answer.postcode and not question.city.cedex:
        reasons.append("postcode_differs")
    if not far:
        return Verdict.EXACT
    reasons.append("departement_differs")
    return Verdict.SUSPICIOUS if named or code else _against_postcode(question, answer)


def _against_postcode(question: Question, answer: Answer) -> Verdict:
    """The name of the commune is right, and the postcode is of another département: which of the two is wrong?

    The postcode, most likely, where only one commune in France has or had the name, and street and number are there.
    """
    key = question.city.key
    if codes_named(key, question.postcode):
        return Verdict.SUSPICIOUS
    only = only_commune(key)
    return Verdict.EXACT if only and same_commune(only, answer.citycode) else Verdict.AMBIGUOUS


def _codes_differ(question: Question, answer: Answer, reasons: list[str]) -> None:
    """How far away another commune is, by the postcode and the code of the row."""
    postcode, code = question.postcode, question.citycode
    if postcode and postcode != answer.postcode and not question.city.cedex:
        reasons.append("postcode_differs")
    other_code = bool(code) and departement_of(code) != departement_of(answer.citycode)
    if other_code or (postcode and not _near(postcode, answer)):
        reasons.append("departement_differs")


def _other_arrondissement(question: Question, answer: Answer, by_code: bool) -> bool:
    """Paris, Lyon, Marseille: the code or the postcode names another arrondissement."""
    if question.citycode and question.citycode not in WHOLE:
        return not by_code
    asked = question.postcode.replace("75116", "75016")  # the 16th has two
    return bool(asked) and not question.city.cedex and asked != answer.postcode.replace("75116", "75016")


def _by_postcode(question: Question, answer: Answer, reasons: list[str]) -> Verdict:
    """The question has neither name nor code of a commune."""
    postcode = question.postcode
    if not postcode:
        return _in_text(question, answer, reasons)
    if postcode == answer.postcode:
        reasons.append("commune_by_postcode")
        return Verdict.EXACT
    if _near(postcode, answer):
        reasons.append("commune_differs")
    _codes_differ(question, answer, reasons)
    return Verdict.SUSPICIOUS


def _named(key: str, answer: Answer) -> str:
    """How the name fits: empty for the same, a reason, or `no`."""
    found = city_of(answer.city).key
    if key == found:
        return ""
    former = key in former_names(answer.citycode)
    if answer.oldcity:
        if key == city_of(answer.oldcity).key:
            return ""
        if former:
            return "no"  # another of the communes that merged
    if former:
        return "commune_former"
    if answer.district and key == city_of(answer.district).key:
        return ""
    from rapidfuzz.distance import OSA

    return "commune_close" if len(found) > 4 and OSA.distance(key, found, score_cutoff=1) <= 1 else "no"


def _near(postcode: str, answer: Answer) -> bool:
    """Whether a postcode is of the département of the answer, by its postcode or by its commune's code."""
    digits = 3 if postcode.startswith("97") else 2
    return postcode[:digits] == answer.postcode[:digits] or postcode[:digits] == departement_of(answer.citycode)


def _in_text(question: Question, answer: Answer, reasons: list[str]) -> Verdict:
    """No field names the commune: the text may end with its name."""
    text = question.street.compact
    if text.endswith(city_of(answer.city).key) or (answer.oldcity and text.endswith(city_of(answer.oldcity).key)):
        return Verdict.EXACT
    reasons.append("commune_unknown")
    return Verdict.AMBIGUOUS
