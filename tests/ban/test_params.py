"""What is sent, and what is refused before it is sent: each limit just inside and just outside."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from ban_helpers import refused
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from frgov_clients.ban.dialects import ADDOK, GEOPF
from frgov_clients.ban.geometry import Circle, Polygon, decimal_text
from frgov_clients.ban.params import completion_params, reverse_params, search_params
from frgov_clients.errors import InvalidRequest

Q = "10 rue de la Paix"


def search(q: Any = Q, **arguments: Any) -> dict[str, str]:
    return dict(search_params(q, **arguments))


def reverse(**arguments: Any) -> dict[str, str]:
    return dict(reverse_params(**{"lon": 2.3, "lat": 48.8, **arguments}))


def completion(text: Any = Q, **arguments: Any) -> dict[str, str]:
    return dict(completion_params(text, **arguments))


# ---- the text ----------------------------------------------------------------------------------------------


def test_a_plain_search_is_sent_in_a_fixed_order() -> None:
    pairs = search_params("  10 rue de la Paix ", limit=5, postcode="75002", citycode="75102", lat=48.8, lon=2.3)
    assert pairs == (
        ("q", Q),
        ("limit", "5"),
        ("autocomplete", "0"),
        ("lon", "2.3"),
        ("lat", "48.8"),
        ("citycode", "75102"),
        ("postcode", "75002"),
    )
    assert pairs == search_params(Q, citycode="75102", postcode="75002", lon=2.3, lat=48.8, limit=5)
    assert search_params("abc", autocomplete=True) == (("q", "abc"), ("autocomplete", "1"))


@pytest.mark.parametrize("q", ["abc", "1 r", "a" * 200, "é" * 200, "Éal", "9\nb", "a" + "😀" * 99, "  abc  "])
def test_texts_that_are_sent(q: str) -> None:
    assert search(q)["q"] == q.strip()
    assert completion(q)["text"] == q.strip()


@pytest.mark.parametrize(
    ("q", "match"),
    [
        ("ab", "3 to 200"),
        (" ab ", "3 to 200"),
        ("", "3 to 200"),
        ("a" * 201, "Leave out"),
        ("a" + "😀" * 100, "3 to 200"),
        ('"4 rue', "Take away the quotes"),
        ("(4 rue", "letter or a digit"),
        ("« 4 rue", "letter or a digit"),
        ("-4 rue", "letter or a digit"),
        ("٣ rue", "letter or a digit"),
        ("😀 rue", "letter or a digit"),
        ("𝐀 rue", "letter or a digit"),
        ("a \ud800", "surrogate"),
        (None, "None is no text"),
        (12345, "It is int"),
        (b"10 rue", "It is bytes"),
    ],
)
def test_texts_that_are_refused(q: Any, match: str) -> None:
    refused(search, q, field="q", match=match)
    refused(completion, q, field="text")


def test_addok_takes_any_first_character_and_one_character() -> None:
    assert search("(", dialect=ADDOK)["q"] == "("
    refused(search, " ", field="q", match="1 to 200", dialect=ADDOK)
    refused(search, "a" * 201, field="q", dialect=ADDOK)


# ---- numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dialect", "most"), [(GEOPF, 50), (ADDOK, 100)])
def test_limit(dialect: Any, most: int) -> None:
    assert search(limit=1, dialect=dialect)["limit"] == "1"
    assert reverse(limit=most, dialect=dialect)["limit"] == str(most)
    assert "limit" not in search(dialect=dialect)
    for wrong in (0, -1, most + 1, 10**30, True, 5.0, "5", math.nan):
        refused(search, field="limit", match=f"1 to {most}", limit=wrong, dialect=dialect)
        refused(reverse, field="limit", limit=wrong, dialect=dialect)


def test_limit_with_the_true_geometry() -> None:
    assert search(limit=20, returntruegeometry=True)["returntruegeometry"] == "true"
    assert "returntruegeometry" not in search(limit=50, returntruegeometry=False)
    refused(search, field="limit", match="1 to 20", limit=21, returntruegeometry=True)
    refused(reverse, field="limit", match="1 to 20", limit=21, returntruegeometry=True)
    refused(search, field="returntruegeometry", match="addok", returntruegeometry=True, dialect=ADDOK)


@pytest.mark.parametrize("name", ["returntruegeometry", "autocomplete"])
@pytest.mark.parametrize("wrong", [1, 0, "true", None, []])
def test_flags(name: str, wrong: object) -> None:
    refused(search, field=name, match="True or False", **{name: wrong})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-5, "0.00001"),
        (-1.5e-7, "-0.00000015"),
        (1e-300, "0"),
        (0.0, "0.0"),
        (6.865203, "6.865203"),
        (-61.5, "-61.5"),
        (1e17, "100000000000000000"),
    ],
)
def test_numbers_have_no_exponent(value: float, text: str) -> None:
    assert decimal_text(value) == text


@pytest.mark.parametrize("value", [2, 2.0, Decimal("2.0"), Fraction(2)])
def test_any_number_is_a_coordinate(value: Any) -> None:
    assert reverse(lon=value)["lon"] == "2.0"


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90), (0, 0), (-61.5, 16.2), (45.2, -12.8), (2.3, 48.8)])
def test_coordinates_in_range(lon: float, lat: float) -> None:
    assert float(reverse(lon=lon, lat=lat)["lat"]) == lat
    assert float(search(lon=lon, lat=lat)["lon"]) == lon


@pytest.mark.parametrize(
    ("lon", "lat", "match"),
    [
        (180.1, 0, "within ±180"),
        (0, 90.1, "swapped"),
        (0, -90.1, "swapped"),
        (990310, 6729583, "not metres"),
        (48.85, 2.35, "swapped"),
        (41, -5, "swapped"),
        (52, 10, "swapped"),
        (math.nan, 48, "finite"),
        (2, math.inf, "finite"),
        (Decimal("sNaN"), 48, "finite"),
        (10**400, 48, "finite"),
        ("2.3", 48.8, "Decimal commas"),
        (True, 48, "a number"),
        (b"2", 48, "a number"),
        ([2], 48, "a number"),
        (2.3, None, "both or none"),
        (None, 48.8, "both or none"),
    ],
)
def test_coordinates_out_of_range(lon: Any, lat: Any, match: str) -> None:
    refused(search, field="lon/lat", match=match, lon=lon, lat=lat)
    refused(reverse, field="lon/lat", match=match, lon=lon, lat=lat)


@pytest.mark.parametrize(("lon", "lat"), [(40.9, 5), (52.1, 5), (45, -5.1), (45, 10.1)])
def test_beside_the_swapped_zone(lon: float, lat: float) -> None:
    assert reverse(lon=lon, lat=lat)


# ---- filters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("type", "housenumber", "housenumber"),
        ("postcode", "01400", "01400"),
        ("postcode", ["75002", "75001", "75002"], "75002,75001"),
        ("postcode", "75002, 75001", "75002,75001"),
        ("postcode", {"75002", "75001"}, "75001,75002"),
        ("citycode", "2A004", "2A004"),
        ("citycode", ("2a004", "97120"), "2A004,97120"),
        ("depcode", ["01", "2B", "974"], "01,2B,974"),
        ("city", " Saint-Mandé ", "Saint-Mandé"),
        ("city", "x" * 50, "x" * 50),
    ],
)
def test_filters(name: str, value: Any, sent: str) -> None:
    assert search(**{name: value})[name] == sent
    assert reverse(**{name: value})[name] == sent


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("type", "house", "one of housenumber, locality, municipality, street"),
        ("type", ["street", "locality"], "one value"),
        ("postcode", 75002, "It is int"),
        ("postcode", 1400.0, "It is float"),
        ("postcode", b"75002", "It is bytes"),
        ("postcode", "", "5 digits"),
        ("postcode", "1400", "leading zero"),
        ("postcode", "750021", "5 digits"),
        ("postcode", "２5000", "5 digits"),
        ("postcode", [], "filter nothing"),
        ("postcode", [None], "list of texts"),
        ("postcode", [75002], "list of texts"),
        ("postcode", ["75002,75001"], "without commas"),
        ("postcode", "75002,", "5 digits"),
        ("citycode", "75001", "postcode"),
        ("citycode", "1004", "leading zero"),
        ("citycode", "2C004", "5 characters"),
        ("citycode", 1004, "It is int"),
        ("depcode", "20", "Corsica"),
        ("depcode", "1", "leading zero"),
        ("depcode", "96", "01 to 95"),
        ("city", "x" * 51, "1 to 50"),
        ("city", "  ", "1 to 50"),
        ("city", ["Paris"], "1 to 50"),
        ("department", "75", "not a parameter of the dialect geopf"),
    ],
)
def test_filters_that_are_refused(name: str, value: Any, match: str) -> None:
    refused(search, field=name, match=match, **{name: value})
    refused(reverse, field=name, match=match, **{name: value})


def test_a_filter_of_none_is_not_given() -> None:
    assert search(postcode=None, type=None, city=None, section=None) == search()


@pytest.mark.parametrize(("name", "most"), [("postcode", 50), ("citycode", 200), ("depcode", 10), ("category", 10)])
def test_how_many_values(name: str, most: int) -> None:
    values = [f"{number:05d}" for number in range(10001, 10001 + most + 1)]
    if name == "depcode":
        values = [f"{number:02d}" for number in range(1, most + 2)]
    assert search(**{name: values[:most]}, index="poi")[name] == ",".join(values[:most])
    refused(search, field=name, match=f"1 to {most} values", index="poi", **{name: values})
    refused(search, field=name, match=f"1 to {most} values", index="poi", **{name: ",".join(values)})


def test_addok_takes_one_value_and_few_filters() -> None:
    assert search(postcode=["75002"], type="quartier", dialect=ADDOK)["postcode"] == "75002"
    refused(
        search, field="postcode", match="one value in the dialect addok", postcode=["75002", "75001"], dialect=ADDOK
    )
    for name in ("depcode", "city", "category"):
        refused(search, field=name, match="the dialect addok", dialect=ADDOK, **{name: "75"})
        refused(reverse, field=name, match="the dialect addok", dialect=ADDOK, **{name: "75"})
    refused(reverse, field="searchgeom", match="the dialect addok", dialect=ADDOK, searchgeom=Circle(2.3, 48.8, 50))
    refused(search, None, field="departmentcode", match="the dialect addok", dialect=ADDOK, departmentcode="75")
    refused(completion, field="text", match="the dialect addok", dialect=ADDOK)


# ---- indexes -----------------------------------------------------------------------------------------------


def test_indexes() -> None:
    assert search(index="poi")["index"] == "poi"
    assert search(index=["poi", "address", "parcel"])["index"] == "poi,address,parcel"
    assert search(index="poi,address", category="pont", type="street")["category"] == "pont"
    assert "index" not in search(index="address", dialect=ADDOK)
    assert "index" not in search()


@pytest.mark.parametrize("wrong", ["foo", ["address", "foo"], [], "", 3, "address,"])
def test_wrong_indexes(wrong: Any) -> None:
    refused(search, field="index", index=wrong)
    refused(reverse, field="index", index=wrong)


def test_an_index_that_the_dialect_has_not() -> None:
    refused(search, field="index", match="one of address", index="poi", dialect=ADDOK)


@pytest.mark.parametrize(
    ("name", "value", "index"),
    [
        ("type", "street", "poi"),
        ("type", "street", ["poi", "parcel"]),
        ("category", "pont", None),
        ("category", "pont", ["address", "parcel"]),
        ("postcode", "75002", "parcel"),
        ("citycode", "75102", "parcel"),
        ("depcode", "75", "parcel"),
    ],
)
def test_filters_that_no_index_heeds(name: str, value: str, index: Any) -> None:
    refused(search, field=name, match="only with the index", index=index, **{name: value})
    refused(reverse, field=name, match="only with the index", index=index, **{name: value})


def test_city_goes_with_neither_citycode_nor_parcels() -> None:
    refused(search, field="city", match="citycode", city="Paris", citycode="75056")
    refused(search, field="city", match="parcel", city="Paris", index=["address", "parcel"])
    refused(reverse, field="city", match="citycode", city="Paris", citycode=["75056"])


# ---- anything ----------------------------------------------------------------------------------------------


def test_no_error_repeats_a_value() -> None:
    secret = "Zoé Untel 12 rue cachée"
    for call in (
        lambda: search("(" + secret),
        lambda: search(postcode=secret),
        lambda: search(citycode=[secret]),
        lambda: search(type=secret),
        lambda: search(index=secret),
        lambda: search(city=secret * 9),
        lambda: search(None, index="parcel", departmentcode="75", municipalitycode=secret),
        lambda: reverse(lon=secret),
        lambda: completion(terr=secret),
        lambda: completion(lonlat=secret),
    ):
        with pytest.raises(InvalidRequest) as caught:
            call()
        assert "Zoé" not in str(caught.value)
        assert "cachée" not in repr(caught.value)


NUMBERS = st.floats() | st.integers() | st.sampled_from([2.3, 48.8, 1e-9, 10**400])
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=8) | st.binary(max_size=4)
TEXTS = st.sampled_from(
    ["75002", "2A004", "75", "address", "poi", "parcel", "street", "AB", "METROPOLE", "StreetAddress"]
)
ANYTHING = st.recursive(
    LEAVES | TEXTS | st.decimals() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.frozensets(st.text(max_size=5), max_size=4)
    ),
    max_leaves=6,
)
SEARCH = ["index", "limit", "autocomplete", "lat", "lon", "returntruegeometry", "searchgeom", "type", "postcode"]
MORE = ["citycode", "depcode", "city", "category", "departmentcode", "municipalitycode", "section", "number", "sheet"]
SUGGEST = ["terr", "poi_type", "type", "maximum_responses", "lonlat", "bbox", "depcode", "zipcode", "citycode"]


def is_wire(pairs: tuple[tuple[str, str], ...]) -> bool:
    return all(type(name) is str and type(value) is str and value.encode() for name, value in pairs)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([search_params, reverse_params, completion_params]),
    ANYTHING | st.just(Q),
    st.dictionaries(st.sampled_from([*SEARCH, *MORE, *SUGGEST]), ANYTHING, max_size=5),
    st.sampled_from([GEOPF, ADDOK]),
)
def test_hostile_arguments_are_refused_with_invalid_request_alone(
    call: Callable[..., Any], text: Any, arguments: dict[str, Any], dialect: Any
) -> None:
    allowed = SUGGEST if call is completion_params else [*SEARCH, *MORE]
    arguments = {name: value for name, value in arguments.items() if name in allowed}
    if call is not reverse_params:
        arguments.pop("searchgeom", None)
    if call is reverse_params:
        arguments.pop("autocomplete", None)
    positional = () if call is reverse_params else (text,)
    try:
        pairs = call(*positional, dialect=dialect, **arguments)
    except InvalidRequest:
        return
    assert is_wire(pairs)


@settings(max_examples=200, deadline=None)
@given(st.lists(ANYTHING, max_size=6) | ANYTHING, ANYTHING, ANYTHING)
def test_hostile_shapes(ring: Any, lon: Any, radius: Any) -> None:
    for make in (lambda: Polygon(ring), lambda: Circle(lon, radius, radius)):
        try:
            shape = make()
        except InvalidRequest:
            continue
        assert shape


@settings(max_examples=200, deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_coordinate_on_the_wire_is_the_coordinate(lon: float, lat: float) -> None:
    assume(not (-5 <= lat <= 10 and 41 <= lon <= 52))
    found = reverse(lon=lon, lat=lat)
    assert "e" not in found["lon"] + found["lat"]
    assert float(found["lon"]) == pytest.approx(lon, abs=1e-15)
    assert float(found["lat"]) == pytest.approx(lat, abs=1e-15)
