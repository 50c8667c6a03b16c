"""What callers give is read as what it is, or refused with its name and its limit."""

from __future__ import annotations

import math
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest

from frgov_clients.errors import InvalidRequest
from frgov_clients.transport.reading import read_flag, read_seconds, read_whole


@pytest.mark.parametrize("given", [1, 50, np.int64(7), np.uint8(7)])
def test_a_whole_number_of_any_type_is_one(given: object) -> None:
    found = read_whole("limit", given, 50)
    assert found == given
    assert type(found) is int


@pytest.mark.parametrize("wrong", [0, -1, 51, 1.0, "1", True, None, math.nan, Fraction(2), np.float64(2), [1]])
def test_what_is_none_is_refused_with_its_limit(wrong: object) -> None:
    with pytest.raises(InvalidRequest, match=r"^limit: a whole number from 1 to 50$") as caught:
        read_whole("limit", wrong, 50)
    assert (caught.value.field, caught.value.limit) == ("limit", "a whole number from 1 to 50")


def test_without_an_upper_limit_none_is_told() -> None:
    assert read_whole("id", 10**12) == 10**12
    with pytest.raises(InvalidRequest, match=r"^id: a whole number, 1 or more$"):
        read_whole("id", 0)


@pytest.mark.parametrize(
    ("given", "seconds"), [(0, 0.0), (2, 2.0), (0.5, 0.5), (timedelta(minutes=1), 60.0), (math.inf, math.inf)]
)
def test_seconds_are_numbers_or_durations(given: object, seconds: float) -> None:
    found = read_seconds("patience", given)
    assert found == seconds
    assert type(found) is float


@pytest.mark.parametrize("wrong", [-1, math.nan, "1", True, None, timedelta(seconds=-1)])
def test_what_are_no_seconds_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidRequest, match=r"^patience: 0 or more seconds, as a number or a timedelta\. Ask$"):
        read_seconds("patience", wrong, hint="ask")


@pytest.mark.parametrize("wrong", [0, 0.0, timedelta()])
def test_no_time_at_all_is_refused_where_it_may_not_be(wrong: object) -> None:
    assert read_seconds("patience", wrong) == 0
    with pytest.raises(InvalidRequest, match=r"^patience: more than 0 seconds, as a number or a timedelta$"):
        read_seconds("patience", wrong, may_be_zero=False)


def test_a_flag_is_nothing_that_looks_like_one() -> None:
    assert read_flag("resume", value=True) is True
    assert read_flag("resume", value=False) is False
    for wrong in (1, 0, "yes", None, np.bool_(True)):
        with pytest.raises(InvalidRequest, match=r"^resume: True or False$"):
            read_flag("resume", wrong)
