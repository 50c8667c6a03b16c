"""A file that is there whole or not at all, whatever goes wrong while it is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from frgov_clients.transport.draft import Draft
from support import unmeasured

LARGE = b"x" * 1_000_000


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("known", [False, True])
def test_it_takes_its_name_when_it_is_whole(tmp_path: Path, *, known: bool) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"before")
    with Draft(path, known=known) as file:
        file.write(LARGE)
        file.write(b"the end")
        assert path.read_bytes() == b"before"
        assert len(left_in(tmp_path)) == 2
    assert path.read_bytes() == LARGE + b"the end"
    assert left_in(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("before", [None, b"before"])
def test_an_exception_leaves_what_was_there(tmp_path: Path, before: bytes | None, *, known: bool) -> None:
    path = tmp_path / "out.csv"
    if before is not None:
        path.write_bytes(before)

    def interrupted() -> None:
        with Draft(path, known=known) as file:
            file.write(LARGE)
            file.write(b"buffered")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (path.read_bytes() if path.exists() else None) == before
    assert left_in(tmp_path) == ([] if before is None else ["out.csv"])


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "shutil.copymode"])
def test_a_disk_that_fails_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"before")
    draft = Draft(path)
    draft.open().write(b"after")

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(step, broken)
    with pytest.raises(OSError, match="Input/output"):
        draft.finish()
    assert path.read_bytes() == b"before"
    assert left_in(tmp_path) == ["out.csv"]
    with pytest.raises(ValueError, match="given up"):
        draft.finish()


FULL_DISK = """
import resource, sys
from frgov_clients.transport.draft import Draft
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    with Draft(sys.argv[1]) as file:
        for _ in range(int(sys.argv[2])):
            file.write(b"x" * 100)
except OSError as error:
    print("OSError", error.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of a file")
@pytest.mark.parametrize("times", [11, 10_000], ids=["at the end", "in the middle"])
def test_a_disk_that_is_full(tmp_path: Path, times: int) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"before")
    program = [sys.executable, "-W", "error", "-X", "dev", "-c", FULL_DISK, str(path), str(times)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60, env=unmeasured())
    assert (done.stdout, done.stderr) == ("OSError 27\n", "")
    assert path.read_bytes() == b"before"
    assert left_in(tmp_path) == ["out.csv"]


def test_a_missing_folder_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), Draft(tmp_path / "nowhere" / "out.csv"):
        pass


def test_ending_it_more_than_once_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    draft = Draft(path, known=True)
    draft.abandon()
    draft.open().write(b"after")
    draft.finish()
    draft.part.write_bytes(b"of the next attempt")
    draft.abandon()
    assert left_in(tmp_path) == ["out.csv", "out.csv.part"]


def test_rights_and_links_stay(tmp_path: Path) -> None:
    path, link, plain = tmp_path / "out.csv", tmp_path / "link.csv", tmp_path / "plain"
    plain.touch()
    with Draft(path):
        pass
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(0o600)
    link.symlink_to(path)
    with Draft(link) as file:
        file.write(b"after")
    assert link.is_symlink()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"after", 0o600)


@pytest.mark.parametrize("letter", ["x", "é", "漢", "🏠"])
def test_a_name_as_long_as_names_may_be(tmp_path: Path, letter: str) -> None:
    path = tmp_path / (letter * (255 // len(os.fsencode(letter))))
    with Draft(path) as file:
        file.write(b"after")
    assert left_in(tmp_path) == [path.name]


def test_who_comes_after_a_killed_process(tmp_path: Path) -> None:
    """A known name is written over; any other is nobody's."""
    path = tmp_path / "out.csv"
    for known in (True, False):
        left = Draft(path, known=known).part
        left.write_bytes(LARGE)
        with Draft(path, known=known) as file:
            file.write(b"after")
        assert path.read_bytes() == b"after"
        assert left.exists() is not known
