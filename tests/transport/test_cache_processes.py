"""The stores between processes: what is imported, forks, several writers on one file, a writer that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from frgov_clients.transport.cache_sqlite import SqliteCache
from support import unmeasured

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


def run_script(script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**unmeasured(), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert not err
    return out


def test_nothing_is_pickled_and_libraries_are_imported_when_needed(file: Path) -> None:
    script = """
import sys
from frgov_clients.transport import cache, cache_redis, cache_sqlite
assert not {"cachetools", "redis"} & set(sys.modules)
for store in (cache.MemoryCache(), cache_sqlite.SqliteCache(sys.argv[1])):
    with store:
        store.set("k", cache.pack(b"x", (), 1, 1), 60)
        assert cache.unpack(store.get("k"), 1).content == b"x"
    assert store.get("k") is None
print(sorted({"cachetools", "pickle"} & set(sys.modules)))
"""
    assert finish(run_script(script, str(file))) == "['cachetools']\n"


FORK = """
import os, sys
from frgov_clients.transport.cache import MemoryCache
from frgov_clients.transport.cache_sqlite import SqliteCache
memory, busy, disk = MemoryCache(), MemoryCache(), SqliteCache(sys.argv[1])
for store in (memory, busy, disk):
    store.set("before", b"1", 60)
busy._lock.acquire()  # as another thread would, at this moment
child = os.fork()
if child == 0:
    results = [memory.get("before"), busy.get("before"), disk.get("before")]
    for store in (memory, busy, disk):
        store.set("child", b"2", 60)
    results += [memory.get("child"), busy.get("child"), disk.get("child")]
    os._exit(0 if results == [b"1", None, b"1", b"2", b"2", b"2"] else 1)
disk.close()  # must not take the file away from the child
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
with SqliteCache(sys.argv[1]) as again:
    print(again.get("before"), again.get("child"))
"""


@needs_fork
def test_stores_work_on_both_sides_of_a_fork(file: Path) -> None:
    assert finish(run_script(FORK, str(file))) == "0\nb'1' b'2'\n"


@needs_fork
def test_a_child_inherits_no_open_database(file: Path) -> None:
    """Else SQLite takes the parent's locks for its own, and the file is damaged sooner or later."""
    script = """
import os, sys, threading
from frgov_clients.transport.cache_sqlite import SqliteCache
cache = SqliteCache(sys.argv[1])
cache.set("k", b"v", 60)
child = os.fork()
if child == 0:
    files = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    os._exit(sum("cache.sqlite" in os.readlink(file) for file in files if os.path.lexists(file)))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), cache.get("k"))
cache.close()
"""
    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc")
    assert finish(run_script(script, str(file))) == "0 b'v'\n"


WORKER = """
import sys
from frgov_clients.transport.cache_sqlite import SqliteCache
path, me = sys.argv[1], sys.argv[2]
with SqliteCache(path, busy_timeout=30) as cache:
    for number in range(300):
        mine, shared = f"p{me}-{number}", f"shared-{number % 10}"
        cache.set(mine, mine.encode() * 50, 600)
        cache.set(shared, shared.encode() * 50, 600)
        assert cache.get(mine) == mine.encode() * 50, mine
        assert cache.get(shared) == shared.encode() * 50, shared
"""


def test_four_processes_share_one_file(file: Path) -> None:
    for process in [run_script(WORKER, str(file), str(number)) for number in range(4)]:
        finish(process)  # an error or a warning of a worker stands in its stderr
    with SqliteCache(file) as cache:
        for worker in range(4):
            for number in range(300):
                key = f"p{worker}-{number}"
                assert cache.get(key) == key.encode() * 50


def test_a_killed_writer_leaves_a_good_file(file: Path) -> None:
    script = """
import itertools, sys
from frgov_clients.transport.cache_sqlite import SqliteCache
cache = SqliteCache(sys.argv[1])
for number in itertools.count():
    cache.set(str(number), str(number).encode() * 2000, 600)
    print(number, flush=True)
"""
    with run_script(script, str(file)) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(150)]
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    with SqliteCache(file) as cache:
        assert all(cache.get(number) == number.encode() * 2000 for number in acknowledged)
        cache.set("after", b"x", 60)
        assert cache.get("after") == b"x"
