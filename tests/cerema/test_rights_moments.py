"""Ends of access are instants, whatever the time zone they are told in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from rights_parts import by_id, rights, structure, user

from frgov_clients import InvalidRequest

PARIS = ZoneInfo("Europe/Paris")
END = datetime(2026, 8, 7, 0, 0, tzinfo=PARIS)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("zone", [UTC, PARIS, timezone(timedelta(hours=-10))])
@pytest.mark.parametrize(("at", "allowed"), [(END - SECOND, True), (END, False), (END + SECOND, False)])
def test_access_ends_at_its_end(at, allowed, zone) -> None:
    at = at.astimezone(zone)
    assert rights(structures=by_id(structure(acces_lovac=END)), at=at).allowed is allowed
    assert rights(user(date_expiration=END), at=at).allowed is allowed


def test_a_date_without_an_offset_is_french_time() -> None:
    late = by_id(structure(acces_lovac="2026-08-07T00:00:00"))
    assert rights(structures=late, at=datetime(2026, 8, 6, 21, 59, 59, tzinfo=UTC)).allowed
    assert not rights(structures=late, at=datetime(2026, 8, 6, 22, 0, tzinfo=UTC)).allowed


def test_the_hour_that_is_repeated_in_october_is_told_apart() -> None:
    """02:30 of summer is before 02:15 of winter, which the clock on the wall does not say."""
    end = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=0)
    ends = by_id(structure(acces_lovac=end))
    assert not rights(structures=ends, at=datetime(2026, 10, 25, 2, 15, tzinfo=PARIS, fold=1)).allowed
    assert rights(structures=ends, at=datetime(2026, 10, 25, 2, 15, tzinfo=PARIS, fold=0)).allowed
    user_ends = user(date_expiration=datetime(2026, 10, 25, 2, 15, tzinfo=PARIS, fold=1))
    found = rights(user_ends, structures=ends, at=datetime(2026, 10, 1, tzinfo=PARIS))
    assert found.expires_at == end and found.expires_at.fold == 0


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-01:00", "9999-12-31T00:00:00+01:00"])
def test_the_end_of_time_is_no_accident(end) -> None:
    assert rights(structures=by_id(structure(acces_lovac=end))).allowed
    assert not rights(user(date_expiration="0001-01-01T00:00:00+01:00")).allowed


def test_an_allow_ends_with_the_first_of_the_two() -> None:
    assert rights().expires_at == datetime(2027, 12, 31, tzinfo=PARIS)
    sooner = datetime(2027, 1, 1, tzinfo=UTC)
    assert rights(user(date_expiration=sooner)).expires_at == sooner
    assert rights(user(date_expiration="2029-01-01T00:00:00Z")).expires_at == datetime(2027, 12, 31, tzinfo=PARIS)


@pytest.mark.parametrize("wrong", [datetime(2026, 8, 7), "2026-08-07T00:00:00Z", None, 0])  # noqa: DTZ001
def test_a_moment_without_a_time_zone_is_refused(wrong) -> None:
    with pytest.raises(InvalidRequest) as caught:
        rights(at=wrong)
    assert caught.value.field == "at"


@pytest.mark.parametrize("hours", [1, 14])
def test_a_moment_that_has_no_place_in_utc_is_refused(hours) -> None:
    east, west = (timezone(timedelta(hours=sign * hours)) for sign in (1, -1))
    for wrong in (datetime(1, 1, 1, tzinfo=east), datetime(9999, 12, 31, 23, 59, tzinfo=west)):
        with pytest.raises(InvalidRequest) as caught:
            rights(at=wrong)
        assert caught.value.field == "at"
    assert not rights(at=datetime(9999, 12, 31, 23, 59, tzinfo=east)).allowed
    assert rights(at=datetime(1, 1, 1, tzinfo=west)).allowed
