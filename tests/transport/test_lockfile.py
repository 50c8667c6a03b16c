"""A lock on a file is held by one, and given back: by `release`, by a death, and not kept by a child."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from frgov_clients.transport.lockfile import FileLock


def test_a_lock_is_held_by_one_and_given_back(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    assert first.take()
    for _ in range(3):
        assert not second.take()
    first.release()
    first.release()
    assert second.take()
    second.release()
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before
    with pytest.raises(OSError, match="lock"):
        FileLock(tmp_path / "nowhere" / "lock").take()


def waiting_child() -> int:
    """A process forked from this one that does nothing."""
    child = os.fork()
    if child == 0:
        signal.pause()
        os._exit(0)
    return child


def ended(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_made_meanwhile_does_not_keep_it(tmp_path: Path) -> None:
    lock, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert lock.take()
    child = waiting_child()
    try:
        assert not other.take(), "the child let go of what its parent holds"
        lock.release()
        deadline = 500
        while not (taken := other.take()) and (deadline := deadline - 1):
            signal.sigtimedwait([], 0.01)  # the child may not have come to it
        assert taken
        other.release()
    finally:
        ended(child)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_who_dies_holds_nothing(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"1" if FileLock(tmp_path / "lock").take() else b"0")
        signal.pause()
        os._exit(0)
    assert os.read(reader, 1) == b"1"
    os.close(reader)
    os.close(writer)
    own = FileLock(tmp_path / "lock")
    assert not own.take()
    ended(child)
    assert own.take()
    own.release()
