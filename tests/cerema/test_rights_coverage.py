"""What a perimeter covers: everywhere, nothing, and what lies between."""

from __future__ import annotations

import pytest
from rights_parts import SIREN, STRASBOURG, perimeter

from frgov_clients import InvalidRequest
from frgov_clients.cerema.rights import Establishment, covers, visible_communes

PARIS = Establishment("217500016", ["75056", "75104", "75120"])
ARRONDISSEMENTS = [str(code) for code in range(75101, 75121)]


@pytest.mark.parametrize(
    ("lists", "commune", "covered"),
    [
        ({"comm": ["67482"]}, "67482", True),
        ({"comm": ["67482"]}, "67043", False),
        ({"dep": ["67"]}, "67043", True),
        ({"dep": ["67"]}, "68066", False),
        ({"reg": ["44"]}, "68066", True),
        ({"reg": ["11"]}, "68066", False),
        ({"dep": ["2A"]}, "2A004", True),
        ({"dep": ["2A"]}, "2B033", False),
        ({"reg": ["94"]}, "2B033", True),
        ({"comm": ["2a004"]}, "2A004", True),
        ({"dep": ["974"]}, "97411", True),
        ({"dep": ["97"]}, "97411", False),
        ({"reg": ["04"]}, "97411", True),
        ({"reg": ["06"]}, "97608", True),
        ({"dep": ["988"]}, "98818", True),
        ({"dep": ["987"]}, "98818", False),
        ({"reg": ["01", "02", "03", "04", "06"]}, "98818", False),
        ({"comm": ["01004"]}, "01004", True),
        ({"dep": ["1"]}, "01004", False),
        ({"fr_entiere": True}, "98818", True),
        ({"fr_entiere": True, "comm": ["67482"]}, "01004", True),
        ({}, "01004", False),
        ({"comm": ["68066"], "dep": ["67"]}, "67043", True),
    ],
)
def test_a_commune_is_covered_by_itself_its_departement_or_its_region(lists, commune, covered) -> None:
    found = perimeter(**lists)
    assert covers(found, commune) is covered
    one = Establishment(SIREN, [commune])
    visible = visible_communes(found, one)
    assert visible == (None if found.fr_entiere else {commune} if covered else frozenset())


@pytest.mark.parametrize(
    ("comm", "visible"),
    [
        (["75056"], {"75056", "75104", "75120"}),
        (["75104"], {"75104"}),
        (ARRONDISSEMENTS[:-1], {"75104"}),
        (ARRONDISSEMENTS, {"75056", "75104", "75120"}),
        (["69123", "13201"], set()),
    ],
)
def test_a_commune_covers_its_arrondissements_and_all_of_them_cover_it(comm, visible) -> None:
    assert visible_communes(perimeter(comm=comm), PARIS) == visible


def test_an_epci_opens_its_own_establishment_as_a_whole() -> None:
    epci = perimeter(epci=[SIREN])
    assert visible_communes(epci, STRASBOURG) is None
    assert visible_communes(epci, PARIS) == frozenset()
    assert covers(epci, "67482", siren=SIREN)
    assert not covers(epci, "67482", siren="217500016") and not covers(epci, "67482")


@pytest.mark.parametrize("place", [{"comm": ["67482"]}, {"dep": ["67"]}, {"reg": ["44"]}, {"comm": ["no code"]}])
def test_an_epci_does_not_count_beside_places(place) -> None:
    beside = perimeter(epci=[SIREN], **place)
    assert visible_communes(beside, STRASBOURG) is not None
    assert not covers(beside, "13055", siren=SIREN)


def test_nothing_is_not_everything() -> None:
    assert visible_communes(perimeter(dep=["68"]), STRASBOURG) == frozenset()
    assert visible_communes(perimeter(), STRASBOURG) == frozenset()
    assert visible_communes(perimeter(fr_entiere=True), STRASBOURG) is None


def test_an_establishment_without_communes_is_reached_by_none_of_the_lists() -> None:
    empty = Establishment(SIREN, [])
    assert visible_communes(perimeter(reg=["44"]), empty) == frozenset()
    assert visible_communes(perimeter(epci=[SIREN]), empty) is None


@pytest.mark.parametrize("wrong", [None, {}, "20"])
def test_a_perimeter_that_is_none_is_refused_since_it_may_not_have_been_fetched(wrong) -> None:
    with pytest.raises(InvalidRequest, match="perimeter"):
        visible_communes(wrong, STRASBOURG)
    with pytest.raises(InvalidRequest, match="perimeter"):
        covers(wrong, "67482")


@pytest.mark.parametrize("wrong", ["", "6748", "20004", 67482, None])
def test_a_commune_that_is_none_is_refused(wrong) -> None:
    with pytest.raises(InvalidRequest):
        covers(perimeter(fr_entiere=True), wrong)


def test_departements_that_are_seen_whole_are_shared_not_copied() -> None:
    """A region's communes, for each of a thousand users, would fill the memory."""
    found = visible_communes(perimeter(dep=["67"]), STRASBOURG)
    assert found is STRASBOURG.by_departement["67"]
