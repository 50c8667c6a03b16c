"""What one run leaves in a journal for the next."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from bulk_parts import geocode, rows_of

from frgov_clients.ban import Journal
from frgov_clients.ban.bulk.model import Origin, Status
from frgov_clients.errors import ConfigurationError, InvalidRequest
from frgov_clients.testing.geopf import Fault


def test_the_next_run_asks_only_what_is_new(colour, fake, tmp_path):
    journal = tmp_path / "journal.sqlite"
    geocode(colour, fake.url, rows_of(500), journal=journal)
    assert len(fake.texts) == 500
    results, report = geocode(colour, fake.url, rows_of(700), journal=journal)
    assert len(fake.texts) == 700
    assert Counter(one.origin for one in results) == {Origin.JOURNAL: 500, Origin.SERVICE: 200}
    assert report.sent == 200


def test_what_was_not_found_is_known_but_what_failed_is_not(fake, tmp_path):
    journal = tmp_path / "journal.sqlite"
    rows = [
        {"adresse": "3 chemin de nulle part", "cp": "90000", "ville": "BELFORT"},
        {"adresse": "4 rue des Lilas", "cp": "90000", "ville": "BELFORT"},
    ]
    fake.faults.append(Fault(when=lambda request: "LILAS" in request.query["q"], status=500, times=None))
    fake.faults.append(Fault(when=lambda request: "LILAS" in request.query["q"], status=500, times=None))
    results, _ = geocode("sync", fake.url, rows, journal=journal, attempts=2)
    assert [one.status for one in results] == [Status.NOT_FOUND, Status.FAILED]
    fake.faults.clear()
    fake.texts.clear()
    results, _ = geocode("sync", fake.url, rows, journal=journal)
    assert [one.status for one in results] == [Status.NOT_FOUND, Status.OK]
    assert len(fake.texts) == 1


def test_old_answers_are_asked_again(fake, tmp_path):
    journal = tmp_path / "journal.sqlite"
    geocode("sync", fake.url, rows_of(50), journal=journal)
    time.sleep(0.05)
    geocode("sync", fake.url, rows_of(50), journal=journal, max_age=3600)
    assert len(fake.texts) == 50
    geocode("sync", fake.url, rows_of(50), journal=journal, max_age=0.01)
    assert len(fake.texts) == 100


def test_a_journal_and_its_path_are_the_same(fake, tmp_path):
    path = tmp_path / "journal.sqlite"
    geocode("sync", fake.url, rows_of(20), journal=path)
    with Journal(path) as journal:
        results, _ = geocode("sync", fake.url, rows_of(20), journal=journal)
        assert {one.origin for one in results} == {Origin.JOURNAL}
        again, _ = geocode("sync", fake.url, rows_of(20), journal=journal)
        assert len(again) == 20, "a journal of the caller's stays open"
    assert len(fake.texts) == 20


def test_the_answers_of_one_service_are_not_those_of_another(fake, tmp_path):
    addok = {"base_url": "http://127.0.0.1:9", "dialect": "addok"}
    with Journal(tmp_path / "journal.sqlite") as journal:
        geocode("sync", fake.url, rows_of(5), journal=journal)
        with pytest.raises(ConfigurationError, match="another service"):
            geocode("sync", fake.url, rows_of(5), journal=journal, client=addok)
    results, _ = geocode("sync", fake.url, rows_of(5), journal=tmp_path / "journal.sqlite", client=addok, patience=0.5)
    assert {one.status for one in results} == {Status.FAILED}, "the answers of the public service were taken"


def test_max_age_belongs_to_the_journal_that_is_given(fake):
    with Journal() as journal, pytest.raises(InvalidRequest, match="max_age"):
        geocode("sync", fake.url, rows_of(5), journal=journal, max_age=3)
