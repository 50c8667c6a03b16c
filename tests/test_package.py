"""The package as a whole: what it costs to import, who may import whom, and what is public."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import frgov_clients
from support import unmeasured

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/frgov_clients"
MODULES = sorted(PACKAGE.rglob("*.py"))
SERVICES = ("ban", "cerema", "brevo", "insee", "storage")

# ---- what an import costs ------------------------------------------------------------------------------------


def loaded_after(code: str) -> set[str]:
    """The top-level modules of others that a new Python has loaded after running `code`."""
    program = f"{code}\nimport sys, json\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=unmeasured(),
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


HEAVY = {"httpx", "pydantic", "redis", "tenacity", "pybreaker", "opentelemetry", "rich", "pandas"}
HEAVY |= {"anyio", "ssl", "asyncio"}
OPTIONAL = {"pybreaker", "tenacity", "redis", "tornado", "opentelemetry", "pandas", "polars", "rich", "typer", "trio"}
OPTIONAL |= {"aiohttp", "httpx_aiohttp", "truststore", "aiolimiter", "cachetools", "sqlite3"}


def test_importing_the_package_loads_nothing() -> None:
    assert not loaded_after("import frgov_clients") & (HEAVY | OPTIONAL)
    assert not loaded_after("from frgov_clients import FrgovError, ApiError") & (HEAVY | OPTIONAL)


@pytest.mark.parametrize(
    "client",
    [
        "BanClient()",
        "AsyncBanClient()",
        *(f"{name}(username='a', password='b')" for name in ("CeremaClient", "AsyncCeremaClient")),
    ],
)
def test_making_a_client_loads_nothing_that_it_does_not_use(client: str) -> None:
    assert not loaded_after(f"from frgov_clients import {client.partition('(')[0]}; {client}") & OPTIONAL


def test_rights_and_plans_are_decided_without_a_client() -> None:
    code = "from frgov_clients.cerema import plan, rights; plan.plan_sync, plan.Plan, rights.evaluate_rights"
    assert not loaded_after(code) & (HEAVY | OPTIONAL)


def test_a_call_that_succeeds_loads_neither_retries_nor_circuits() -> None:
    code = """
import httpx
from frgov_clients import BanClient
body = b'{"type": "FeatureCollection", "features": []}'
own = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, content=body)))
assert BanClient(http_client=own).search("mairie").features == []
"""
    assert not loaded_after(code) & OPTIONAL - {"rich"}  # httpx itself looks for rich


def test_importing_starts_nothing_and_prints_nothing() -> None:
    code = "import threading, frgov_clients; frgov_clients.BanClient; print(threading.active_count())"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


# ---- who imports whom ----------------------------------------------------------------------------------------


class Import(NamedTuple):
    """One import statement, its target as an absolute name."""

    module: str
    target: str
    at_run_time: bool
    line: int


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _statements(node: ast.AST, at_run_time: bool = True) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, at_run_time
        elif isinstance(child, ast.If) and _is_for_types(child):
            for part in child.body:
                yield from _statements(ast.Module([part], []), at_run_time=False)
            for part in child.orelse:
                yield from _statements(ast.Module([part], []), at_run_time)
        else:
            yield from _statements(child, at_run_time)


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    name = module_name(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: list[Import] = []
    for node, at_run_time in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [Import(name, alias.name, at_run_time, node.lineno) for alias in node.names]
            continue
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        target = ".".join([*above, *filter(None, [node.module])])
        found += [Import(name, f"{target}.{alias.name}", at_run_time, node.lineno) for alias in node.names]
    return tuple(found)


ALL_IMPORTS = [each for path in MODULES for each in imports_of(path)]


def part_of(name: str) -> str:
    """`frgov_clients.ban.client` -> `ban`; the package itself is the empty text."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


FOUNDATIONS = {"errors", "_lazy", "__version__"}
MAY_IMPORT = {
    "errors": set[str](),
    "_lazy": set[str](),
    "codes": FOUNDATIONS,
    "transport": FOUNDATIONS,
    **{service: FOUNDATIONS | {"transport", "codes"} for service in SERVICES},
    "": FOUNDATIONS | {"transport", "codes", *SERVICES},  # the face of the package
    "testing": FOUNDATIONS | {"transport", "codes", *SERVICES},
    "cli": FOUNDATIONS | {"transport", "codes", "testing", *SERVICES},
}


def test_imports_are_found_where_they_are() -> None:
    """The tests below prove nothing if the reader of imports is blind."""
    source = "import a\nif TYPE_CHECKING:\n    from b import c\nelse:\n    import d\ndef f():\n    from . import e\n"
    found = [(ast.unparse(node), at_run_time) for node, at_run_time in _statements(ast.parse(source))]
    assert found == [("import a", True), ("from b import c", False), ("import d", True), ("from . import e", True)]
    assert len(MODULES) > 40
    targets = {each.target for each in ALL_IMPORTS if each.module == "frgov_clients.ban.client"}
    assert {"frgov_clients.errors.ConfigurationError", "frgov_clients.transport.client.SyncClient"} <= targets


def test_imports_go_one_way() -> None:
    wrong = [
        f"{each.module}:{each.line} imports {each.target}"
        for each in ALL_IMPORTS
        if each.target.partition(".")[0] == "frgov_clients"
        and part_of(each.target) not in {part_of(each.module), ""}
        and part_of(each.target) not in MAY_IMPORT[part_of(each.module)]
    ]
    assert wrong == []


def parts_imported(package: str) -> dict[str, set[str]]:
    """Of each module and package that lies directly in `package`, those beside it that it imports, for types too."""
    depth, found = package.count(".") + 1, dict[str, set[str]]()
    for each in ALL_IMPORTS:
        if each.module.startswith(f"{package}.") and each.target.startswith(f"{package}."):
            part, other = each.module.split(".")[depth], each.target.split(".")[depth]
            if part != other:
                found.setdefault(part, set()).add(other)
    return found


KNOTLESS = ["ban", "ban.bulk", "cerema", "cerema.snapshot", "cerema.rights", "cerema.plan", "cerema.apidf"]


@pytest.mark.parametrize("package", KNOTLESS)
def test_no_two_parts_of_a_client_need_each_other(package: str) -> None:
    TopologicalSorter(parts_imported(f"frgov_clients.{package}")).prepare()  # raises CycleError, which names the knot


def test_what_is_known_of_addresses_knows_nothing_of_requests_and_runs() -> None:
    """So that it can be used, and tested, alone."""
    imported = parts_imported("frgov_clients.ban")
    assert imported["address"] == {"exchange", "named"}
    assert {"address", "exchange"} <= imported["bulk"]
    assert imported.keys().isdisjoint({"exchange", "named"})


def test_every_part_of_the_package_has_its_place() -> None:
    assert {part_of(module_name(path)) for path in MODULES} <= set(MAY_IMPORT)


HTTP = {"httpx", "httpcore", "h11", "aiohttp", "httpx_aiohttp"}
SPEAKERS = ("wire", "sending", "streams", "unpacking", "connecting", "lanes", "timed", "aiohttp_backend")
MAY_SPEAK_HTTP = {f"frgov_clients.transport.{name}" for name in SPEAKERS}


def test_the_http_library_is_imported_by_the_wire_alone() -> None:
    found = {each.module for each in ALL_IMPORTS if each.at_run_time and each.target.partition(".")[0] in HTTP}
    assert "frgov_clients.transport.wire" in found
    assert found - MAY_SPEAK_HTTP == set()


LOADED_WHEN_NEEDED = {"transport.breaker_vaults", "transport.aiohttp_backend"}
LOADED_WHEN_NEEDED |= {"transport.cache_sqlite", "transport.sqlite_file", "ban.bulk.ahead_questions"} | {
    f"ban.bulk.journal.{name}" for name in ("journal", "fault", "file", "tables")
}
"""Modules that are nothing without their library, and imported inside functions."""


def test_what_is_optional_is_never_imported_at_the_top_of_a_module() -> None:
    wrong = [
        f"{module_name(path)}:{node.lineno}"
        for path in MODULES
        if part_of(module_name(path)) not in {"cli", "testing"}
        and module_name(path).partition(".")[2] not in LOADED_WHEN_NEEDED
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if (name or "").partition(".")[0] in OPTIONAL
    ]
    assert wrong == []


# ---- what is public ------------------------------------------------------------------------------------------

LAZY = [
    "frgov_clients",
    "frgov_clients.ban",
    "frgov_clients.cerema",
    "frgov_clients.cerema.plan",
    "frgov_clients.cerema.rights",
]
PUBLIC = [*LAZY, "frgov_clients.codes", "frgov_clients.errors"]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    assert len(set(module.__all__)) == len(module.__all__)
    for public in module.__all__:
        found: Any = getattr(module, public)
        if inspect.isclass(found) or inspect.isroutine(found):
            text = found.__doc__ or ""
            assert text.strip() and not text.startswith(f"{public}("), f"{name}.{public} has no docstring"
        assert public in dir(module)


@pytest.mark.parametrize("name", LAZY)
def test_lazy_names_are_told_to_type_checkers_too(name: str) -> None:
    module: Any = importlib.import_module(name)
    path = Path(str(module.__file__))
    for_types = {each.target.removeprefix(f"{name}.") for each in imports_of(path) if not each.at_run_time}
    lazily = {f"{home.strip('.')}.{public}" for public, home in module._HOME.items() if not home.endswith(":")}
    assert for_types == lazily
    assert set(module.__all__) - {"__version__"} == {target.rpartition(".")[2] for target in lazily}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'frgov_clients' has no attribute 'BanKlient'"):
        frgov_clients.BanKlient  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(frgov_clients, "pandas")
    assert frgov_clients.errors is importlib.import_module("frgov_clients.errors")


def test_a_star_gives_what_is_public() -> None:
    names: dict[str, Any] = {}
    exec("from frgov_clients import *", names)
    assert set(frgov_clients.__all__) <= set(names)


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert frgov_clients.__version__ == project["version"]


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_no_file_is_too_long() -> None:
    lengths = {str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}
