"""A journal whose file is taken away while it is open: what is written there would be lost without a word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bulk_parts import COLOURS, every_address, geocode, rows_of

from frgov_clients.ban.bulk.journal import Journal, JournalError
from frgov_clients.ban.bulk.model import Origin
from frgov_clients.ban.exchange import Ask
from frgov_clients.testing.geopf import FakeGeopf, Fault

ASK = Ask(q="4 RUE DES LILAS")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def write_to(journal: Journal) -> None:
    with pytest.raises(JournalError, match=r"journal\.sqlite: it was deleted, moved or replaced.*run again") as raised:
        journal.remember([(ASK, None)])
    assert (raised.value.file, raised.value.retryable) == ("journal.sqlite", False)
    with pytest.raises(JournalError, match="deleted"):
        journal.note("a", "b")


def test_a_file_that_was_deleted(path):
    with Journal(path) as journal:
        journal.remember([(ASK, None)])
        path.unlink()
        write_to(journal)
        assert journal.recall([ASK])[0] is not None, "to read does no harm"
    assert not path.exists()


def test_a_file_that_was_replaced_is_left_alone(path, tmp_path):
    with Journal(tmp_path / "other.sqlite") as other:
        other.remember([(ASK, None)])
    with Journal(path) as journal:
        (tmp_path / "other.sqlite").replace(path)
        with Journal(path) as new:
            write_to(journal)
            journal.close()
            new.remember([(Ask(q="5 RUE DES LILAS"), None)])
    with Journal(path) as again:
        assert len(again) == 2


def test_a_file_that_was_moved_and_brought_back(path, tmp_path):
    with Journal(path) as journal:
        path.rename(tmp_path / "elsewhere")
        write_to(journal)
        (tmp_path / "elsewhere").rename(path)
        journal.remember([(ASK, None)])
    with Journal(path) as journal:
        assert len(journal) == 1


def test_a_link_to_another_file(path, tmp_path):
    for name in ("one", "two"):
        Journal(tmp_path / name).close()
    path.symlink_to(tmp_path / "one")
    with Journal(path) as journal:
        journal.remember([(ASK, None)])
        path.unlink()
        path.symlink_to(tmp_path / "two")
        write_to(journal)


def test_a_folder_that_can_not_be_looked_into(path, monkeypatch):
    with Journal(path) as journal:

        def denied(*_: object, **__: object) -> None:
            raise PermissionError

        monkeypatch.setattr(Path, "stat", denied)
        write_to(journal)


def test_a_temporary_journal_has_no_place():
    with Journal() as journal:
        journal.remember([(ASK, None)])
        assert len(journal) == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_a_run_notices_it(colour, path):
    def delete(request):
        if len(fake.requests) > 3 and path.exists():
            os.unlink(path)  # noqa: PTH108
        return False

    with FakeGeopf(answer=every_address) as fake:
        fake.faults.append(Fault(when=delete, times=None))
        with pytest.raises(JournalError, match="run again"):
            geocode(colour, fake.url, rows_of(4000), journal=path, lot_rows=100)
        assert len(fake.texts) < 4000
        fake.faults.clear()
        results, report = geocode(colour, fake.url, rows_of(50), journal=path)
        assert {one.origin for one in results} == {Origin.SERVICE}
        assert report.complete
