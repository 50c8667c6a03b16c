"""The ladder: what to ask next for a row whose answer is weak."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ..exchange import Ask
from .communes import codes_named, name_of, only_commune, today_of
from .question import LONGEST, WHOLE, Question, query_of, written_plain

__all__ = ["Step", "ladder"]


STEPS: Final[dict[str, str]] = {
    "first": "the cleaned address, within the commune whose code the row gives",
    "other_place": "the same where the address says, when the fields of the row name another place",
    "new_commune": "the same in the commune that the former one became",
    "no_filter": "without the commune's code",
    "commune_filter": "within the commune that the name and the département tell, or the name alone",
    "no_postcode": "without the postcode",
    "as_written": "the address as the row has it, nothing left out and nothing written out",
    "no_city": "number and street alone, within the commune whose code the row gives",
    "postcode_only": "number, street and postcode, without the commune",
    "no_number": "the street without its number",
    "commune": "postcode and commune alone",
}
"""The ways to ask, in their order."""


class Step(NamedTuple):
    """One more way to ask."""

    name: str
    """One of `STEPS`."""
    ask: Ask


def ladder(question: Question) -> tuple[Step, ...]:
    """All ways to ask for a row, in order, each request once; the first is `question.ask`."""
    seen: set[Ask] = set()
    found: list[Step] = []
    for name, q, citycode in _ways(question):
        ask = Ask(q[:LONGEST].strip(), citycode)
        if len(ask.q) > 2 and ask not in seen:
            seen.add(ask)
            found.append(Step(name, ask))
    return tuple(found)


def _ways(question: Question) -> Iterator[tuple[str, str, str]]:
    """Name, text and commune of each way."""
    first, number, suffix, street = question.ask, question.number, question.suffix, question.street.text
    code, city = "" if question.city.cedex else question.postcode, question.city.text
    yield "first", first.q, first.citycode
    if question.other_postcode and question.other_city.key != question.city.key:
        place = question.other_city
        yield "other_place", query_of(number, suffix, street, question.other_postcode, place.text), ""
    yield from _communes(question, first.citycode)
    if code:
        yield "no_postcode", query_of(number, suffix, street, "", city), first.citycode
    written = written_plain(question.written)
    if written and "person_left_out" not in question.repairs:
        yield (
            "as_written",
            written if code and code in written else query_of("", "", written, code, city),
            first.citycode,
        )
    if street and first.citycode:
        yield "no_city", query_of(number, suffix, street, "", ""), first.citycode
    if street and code and city:
        yield "postcode_only", query_of(number, suffix, street, code, ""), ""
    if number and street:
        yield "no_number", query_of("", "", street, code, city), first.citycode
    if city and street:
        yield "commune", query_of("", "", "", code, city), first.citycode


def _communes(question: Question, citycode: str) -> Iterator[tuple[str, str, str]]:
    """The same address in the commune as it is today, without a filter, and in the commune that its name tells."""
    number, suffix, street = question.number, question.suffix, question.street.text
    if citycode:
        for today in today_of(citycode)[:2]:
            yield "new_commune", query_of(number, suffix, street, "", name_of(today)), today
        yield "no_filter", question.ask.q, ""
    for named in _codes_of(question)[:2]:
        if named != citycode and named not in WHOLE:
            yield "commune_filter", query_of(number, suffix, street, "", name_of(named)), named


def _codes_of(question: Question) -> tuple[str, ...]:
    """The communes that the name tells, in the département of the row or, where none has it, the only one in France."""
    key, near = question.city.key, question.postcode or question.citycode
    if not near:
        return ()
    only = codes_named(key, near) or (only_commune(key),)
    return only if only[0] else ()
