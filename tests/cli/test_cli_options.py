"""Options, help, exit codes of what is asked wrongly: nothing here needs a geocoder."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from cli_parts import environment, frgov
from typer.testing import CliRunner

from frgov_clients import __version__
from frgov_clients.cli.app import SERVICES, app
from frgov_clients.cli.arguments import seconds_of
from frgov_clients.cli.outcomes import EXIT_CODES, Code

runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERMINAL_WIDTH": "200"})


def test_the_version() -> None:
    result = runner.invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"frgov {__version__}\n")


@pytest.mark.parametrize(
    "args", [[], ["ban"], ["ban", "geocode"], ["ban", "reverse"], ["ban", "search"], ["ban", "check"]]
)
def test_each_command_has_help_with_an_example(args: list[str]) -> None:
    result = runner.invoke(app, [*args, "--help"])
    assert result.exit_code == 0
    if args != ["ban"]:
        assert "Example: frgov ban" in result.stdout
        assert "130 interrupted" in result.stdout


@pytest.mark.parametrize("command", ["geocode", "reverse"])
def test_the_shared_options_are_in_both_commands(command: str) -> None:
    help_text = runner.invoke(app, ["ban", command, "--help"]).stdout
    options = (
        "output prefix delimiter encoding limit report journal no-resume max-age patience in-flight "
        "project-rows community yes quiet json"
    )
    for option in (*options.split(), "base-url", "dialect"):
        assert f"--{option}" in help_text
    assert ("--address" in help_text) == (command == "geocode")
    assert ("--lon" in help_text) == (command == "reverse")


def test_the_help_tells_every_exit_code() -> None:
    text = " ".join(runner.invoke(app, ["--help"]).stdout.split())
    for code, meaning in EXIT_CODES.items():
        assert f"{int(code)} {meaning}" in text
    assert set(EXIT_CODES) == set(Code)


def test_every_service_that_is_listed_loads() -> None:
    for name in SERVICES:
        assert runner.invoke(app, [name, "--help"]).exit_code == 0


@pytest.mark.parametrize(
    "args",
    [
        ["bna"],
        ["ban", "geocod"],
        ["ban", "geocode"],
        ["ban", "geocode", "in.csv"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--nonsense"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--in-flight", "0"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--limit", "many"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--max-age", "90"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--delimiter", "ab"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--lon", "x"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--no-resume", "--journal", "j"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--project-rows", "0"],
        ["ban", "geocode", "in.csv", "-o", "out.csv", "--project-rows", "5", "--no-resume"],
        ["ban", "geocode", "in.csv", "-o", "-", "--project-rows", "5"],
        ["ban", "reverse", "-", "-o", "out.csv", "--project-rows", "5"],
        ["ban", "reverse", "in.csv", "-o", "out.csv", "--community", "acme"],
        ["ban", "reverse", "in.csv", "-o", "out.csv", "--address", "x"],
        ["ban", "search"],
        ["ban", "search", "x", "--limit", "0"],
        ["ban", "check", "--dialect", "other"],
    ],
)
def test_a_wrong_command_line_ends_with_2(args: list[str]) -> None:
    result = runner.invoke(app, args)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90d", 7_776_000), ("12h", 43_200), ("1.5 h", 5_400), ("30m", 1_800), ("2W", 1_209_600), ("5s", 5)],
)
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "d", "-1d", "0d", "1y", "1d2h", "nan d", "1" * 50 + "d"])
def test_no_durations(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="90d"):
        seconds_of(text)


def test_without_the_extra_one_line_says_what_to_install() -> None:
    story = "import sys; sys.modules['typer'] = None; from frgov_clients.cli import main; main(['--version'])"
    run = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, check=False, env=environment())
    assert run.returncode == 1
    assert run.stderr.splitlines() == ["frgov needs two more packages: pip install 'frgov-clients[cli]'"]


def test_the_help_is_quick_and_loads_no_service() -> None:
    story = (
        "import sys\nfrom frgov_clients.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('httpx', 'pydantic', 'sqlite3', 'frgov_clients.cli.ban') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, check=True, env=environment())
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "expected"),
    [("frgov ba", "ban"), ("frgov ban geo", "geocode"), ("frgov --vers", "--version")],
)
def test_the_shell_completes(words: str, expected: str) -> None:
    count = len(words.split()) - 1
    run = frgov(env={"_FRGOV_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(count)})
    assert expected in run.stdout.split()


def test_no_colours_and_no_cut_in_a_pipe() -> None:
    assert "\x1b" not in frgov("ban", "geocode", "--help").stdout


@pytest.mark.parametrize("width", ["20", "40", "300"])
def test_narrow_and_wide_terminals(width: str) -> None:
    run = frgov("ban", "geocode", "--help", env={"COLUMNS": width, "TERMINAL_WIDTH": width})
    assert run.returncode == 0
    assert max(map(len, run.stdout.splitlines())) <= int(width)
