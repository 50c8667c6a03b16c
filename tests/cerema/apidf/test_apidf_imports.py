"""What the data API costs before it is asked, and what it offers."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from frgov_clients.cerema import apidf
from support import unmeasured


def loaded_after(code: str) -> set[str]:
    program = f"{code}\nimport sys, json\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, env=unmeasured()
    )
    return set(json.loads(done.stdout))


def test_importing_it_loads_neither_models_nor_network() -> None:
    assert not loaded_after("import frgov_clients.cerema.apidf") & {"pydantic", "httpx", "anyio", "asyncio", "ssl"}
    assert not loaded_after("import frgov_clients.cerema.apidf.mutations, frgov_clients.cerema.apidf.indicateurs") & {
        "pydantic",
        "pandas",
    }


@pytest.mark.parametrize("client", ["ApidfClient", "AsyncApidfClient"])
def test_making_a_client_loads_no_library_of_frames(client: str) -> None:
    code = f"from frgov_clients.cerema.apidf import {client}; {client}(base_url='http://127.0.0.1:9', token='x')"
    assert not loaded_after(code) & {"pandas", "polars", "geopandas", "shapely", "redis", "sqlite3"}


def test_every_name_is_there() -> None:
    assert sorted(apidf.__all__) == sorted(apidf._HOME)
    for name in apidf.__all__:
        assert getattr(apidf, name) is not None
