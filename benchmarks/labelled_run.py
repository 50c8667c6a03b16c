"""Sends a labelled sample through `geocode_many` to the real geocoder, and says which answers are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from frgov_clients import BanClient
from frgov_clients.ban import Answer, Geocoded, Status, Verdict
from frgov_clients.ban.address import Fields

from .labelled_sample import Label

COLUMNS = {name: name for name in Fields._fields}


class Result(NamedTuple):
    """What came of one row."""

    label: Label
    found: Geocoded

    @property
    def answer(self) -> Answer | None:
        return self.found.answer

    @property
    def confidence(self) -> float:
        return self.found.confidence or 0.0


def run(url: str, sample: Sequence[Label]) -> list[Result]:
    """All rows by the path that ships. Raises `ValueError` when one failed: it would pass for one that is not found."""
    with BanClient(base_url=url, dialect="addok") as ban:
        found = ban.geocode_many([label.fields._asdict() for label in sample], columns=COLUMNS).all()
    failed = [one.reason for one in found if one.status is Status.FAILED or "ladder_incomplete" in one.reasons]
    if failed:
        raise ValueError(f"{len(failed)} rows could not be asked to the end: {failed[0]}")
    return list(map(Result, sample, found))


def is_right(result: Result) -> bool:
    """Whether the answer is right at the level that its verdict says."""
    answer, label = result.answer, result.label
    if answer is None or not label.street_id:
        return False
    if result.found.verdict is Verdict.EXACT:
        return answer.id == label.number_id
    if result.found.verdict is Verdict.STREET:
        return answer.id == label.street_id or answer.id.startswith(f"{label.street_id}_")
    return False


def agrees(result: Result) -> bool:
    """Whether the answer is what the row means, whatever its verdict: number, street or commune, as far as it goes."""
    answer, label = result.answer, result.label
    if answer is None:
        return False
    if answer.type == "municipality":
        return answer.citycode == label.citycode
    if not label.street_id:
        return False
    if answer.type == "housenumber" and label.number_id:
        return answer.id == label.number_id
    return answer.id == label.street_id or answer.id.startswith(f"{label.street_id}_")


def accepted(result: Result) -> bool:
    return result.found.verdict in (Verdict.EXACT, Verdict.STREET)


def steps_of(results: Sequence[Result]) -> Counter[str]:
    return Counter(result.found.step for result in results if accepted(result))
