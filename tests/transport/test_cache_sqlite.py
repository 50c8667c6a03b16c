"""The store on disk: shared, bounded, and never the reason why a call fails."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from frgov_clients.errors import ConfigurationError
from frgov_clients.transport.cache_sqlite import SqliteCache


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


@pytest.fixture
def warnings_logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.WARNING, "frgov_clients.cache")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "frgov_clients.cache"]


def test_sqlite_file_is_private_and_outlives_the_process(file: Path) -> None:
    nested = file.parent / "new" / "folder" / "cache.sqlite"
    with SqliteCache(nested) as first, SqliteCache(nested) as second:
        first.set("key", b"value", 60)
        assert second.get("key") == b"value"
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in nested.parent.glob("cache.sqlite*")}
    assert modes["cache.sqlite"] == modes["cache.sqlite-wal"] == 0o600
    with SqliteCache(nested) as third:
        assert third.get("key") == b"value"


def test_a_full_disk_drops_writes_with_one_warning(file: Path, warnings_logged: Callable[[], list[str]]) -> None:
    with SqliteCache(file) as cache:
        cache.set("early", b"x", 60)
        writer = cache._writer.connection
        assert writer is not None
        (pages,) = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {pages}")
        for number in range(3):
            cache.set(f"{number}", bytes(50_000), 60)
        assert [cache.get("early"), cache.get("0")] == [b"x", None]
        assert len(warnings_logged()) == 1
        assert "full" in warnings_logged()[0]
        writer.execute(f"PRAGMA max_page_count = {pages + 1000}")
        cache.set("0", b"again", 60)
        assert cache.get("0") == b"again"


def test_a_locked_file_drops_writes_and_still_reads(file: Path, warnings_logged: Callable[[], list[str]]) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    with SqliteCache(file, busy_timeout=0.02) as cache:
        cache.set("early", b"x", 60)
        other.execute("BEGIN IMMEDIATE")
        cache.set("early", b"y", 60)
        cache.delete("early")
        cache.delete("early")
        assert cache.get("early") == b"x"
        assert ["writing" in text or "deleting" in text for text in warnings_logged()] == [True, True]
        other.execute("ROLLBACK")
        cache.set("early", b"z", 60)
        assert cache.get("early") == b"z"
    other.close()


def damage(file: Path, start: int, end: int | None = None) -> None:
    content = bytearray(file.read_bytes())
    end = len(content) if end is None else end
    content[start:end] = b"\xa5" * (end - start)
    file.write_bytes(content)


def filled(file: Path) -> None:
    with SqliteCache(file) as cache:
        for number in range(300):
            cache.set(f"{number}", f"{number}".encode() * 200, 600)


def cut_off(file: Path) -> None:
    os.truncate(file, 4096 + 100)


@pytest.mark.parametrize(
    "harm",
    [lambda file: damage(file, 100), lambda file: damage(file, 4096), cut_off],
    ids=["the schema", "the entries", "the length"],
)
def test_a_damaged_file_is_set_aside(
    file: Path, harm: Callable[[Path], None], warnings_logged: Callable[[], list[str]]
) -> None:
    filled(file)
    harm(file)
    damaged = file.read_bytes()
    with SqliteCache(file) as cache:
        for number in range(300):
            assert cache.get(f"{number}") is None
        cache.set("new", b"x", 60)
        assert cache.get("new") == b"x"
    assert len(warnings_logged()) == 1
    assert "cache.sqlite.damaged" in warnings_logged()[0]
    assert (file.parent / "cache.sqlite.damaged").read_bytes() == damaged
    with SqliteCache(file) as cache:
        assert cache.get("new") == b"x"


def other_database(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE precious (x)")
    connection.close()


FOREIGN: dict[str, Callable[[Path], Any]] = {
    "text": lambda file: file.write_text("precious " * 1000),
    "another database": other_database,
    "our file without its beginning": lambda file: (filled(file), damage(file, 0, 100)),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused_and_left_alone(file: Path, make: Callable[[Path], Any]) -> None:
    make(file)
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match="no cache of this package"):
        SqliteCache(file)
    assert file.read_bytes() == before
    assert not list(file.parent.glob("*.damaged"))


def test_a_file_that_becomes_foreign_is_left_alone(file: Path, warnings_logged: Callable[[], list[str]]) -> None:
    precious = b"precious " * 5000
    with SqliteCache(file) as cache:
        cache.set("key", b"x", 60)
        other = file.with_name("other")
        other.write_bytes(precious)
        other.replace(file)
        assert cache.get("key") == b"x", "what is open stays open"
        cache.before_fork()
        cache.after_fork()
        for _ in range(3):
            assert cache.get("key") is None
            cache.set("key", b"x", 60)
    assert file.read_bytes() == precious
    assert len(warnings_logged()) == 1
    assert "no cache of this package" in warnings_logged()[0]


def test_a_file_that_is_overwritten_is_left_alone(file: Path, warnings_logged: Callable[[], list[str]]) -> None:
    filled(file)
    with SqliteCache(file) as cache:
        damage(file, 0)
        after = file.read_bytes()
        assert not any(cache.get(f"{number}") for number in range(300))
    assert file.read_bytes() == after
    assert not list(file.parent.glob("*.damaged"))
    assert len(warnings_logged()) == 1


def test_a_path_that_can_not_be_opened_is_refused(file: Path) -> None:
    file.write_text("x")
    with pytest.raises(ConfigurationError, match="can not be opened"):
        SqliteCache(file / "cache.sqlite")
    folder = file.parent / "folder"
    folder.mkdir()
    with pytest.raises(ConfigurationError, match="SqliteCache: this is a folder"):
        SqliteCache(folder)


def test_a_file_of_another_version_is_refused(file: Path) -> None:
    filled(file)
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ConfigurationError, match="another version"):
        SqliteCache(file)


def test_the_size_is_bounded_and_what_ends_soonest_goes_first(file: Path) -> None:
    limit = 1_000_000
    with SqliteCache(file, max_bytes=limit) as cache:
        cache.set("ends last", b"x", 100_000)
        for number in range(400):
            cache.set(f"{number}", bytes(10_000), 600 + number)
            assert cache.get(f"{number}") is not None
        kept = [number for number in range(400) if cache.get(f"{number}") is not None]
        assert kept == list(range(400 - len(kept), 400))
        assert 60 <= len(kept) <= 100
        assert cache.get("ends last") == b"x"
        cache.set("399", bytes(limit), 600)
        assert cache.get("399") is None, "too large: neither kept nor hidden behind its older value"
    assert file.stat().st_size <= limit
    with pytest.raises(ConfigurationError, match="max_bytes"):
        SqliteCache(file, max_bytes=1000)


def test_expired_entries_leave_the_file_little_by_little(file: Path) -> None:
    now = 1000.0
    with SqliteCache(file, clock=lambda: now) as cache:
        for number in range(400):
            cache.set(f"{number}", b"x", 10)
        now += 11
        assert cache.get("1") is None
        counts: list[int] = []
        reader = sqlite3.connect(file)
        for number in range(160):
            cache.set(f"new {number}", b"x", 10)
            counts.append(reader.execute("SELECT count(*) FROM entries WHERE expires < ?", (now,)).fetchone()[0])
        reader.close()
    steps = [before - after for before, after in pairwise(counts) if before != after]
    assert counts[-1] == 0
    assert max(steps) <= 128


def test_clearing_leaves_no_trace_in_the_file(file: Path) -> None:
    secret = b"12 rue des Lilas" * 1000
    with SqliteCache(file) as cache:
        cache.set("key", secret, 60)
        assert any(b"rue des Lilas" in path.read_bytes() for path in file.parent.glob("cache.sqlite*"))
        cache.clear()
        assert cache.get("key") is None
        assert not any(b"rue des Lilas" in path.read_bytes() for path in file.parent.glob("cache.sqlite*"))


def test_a_closed_cache_has_nothing_and_takes_nothing(file: Path) -> None:
    cache = SqliteCache(file)
    cache.set("key", b"x", 60)
    cache.close()
    cache.set("key", b"y", 60)
    cache.delete("key")
    cache.clear()
    cache.close()
    assert cache.get("key") is None
    with SqliteCache(file) as again:
        assert again.get("key") == b"x"


def test_only_the_first_to_see_damage_replaces_the_file(file: Path, warnings_logged: Callable[[], list[str]]) -> None:
    filled(file)
    with SqliteCache(file) as first, SqliteCache(file) as second:
        damage(file, 4096)
        assert not any(first.get(f"{number}") for number in range(300))
        first.set("new", b"x", 60)
        assert not any(second.get(f"{number}") for number in range(300))
        assert second.get("new") == first.get("new") == b"x"
    assert len(warnings_logged()) == 1
