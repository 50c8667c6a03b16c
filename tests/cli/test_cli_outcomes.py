"""From an error to one line and an exit code."""

from __future__ import annotations

import errno
import shlex
import sys
from pathlib import Path

import pytest
import typer
from cli_parts import command_of, ended, frgov, left_in, refused, write_addresses

from frgov_clients.cli import outcomes
from frgov_clients.cli.outcomes import Code, Stop, finish, told
from frgov_clients.cli.screen import printable
from frgov_clients.errors import ConfigurationError, InvalidRequest, ServiceUnavailable


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (Stop(Code.NOT_WHOLE, "so be it"), 3, "so be it"),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (InvalidRequest.of("rows", "a CSV file"), 1, "Error: INPUT: a CSV file"),
        (InvalidRequest.of("path", "a name"), 1, "Error: --output: a name"),
        (InvalidRequest.of("prefix", "another one", "try it"), 1, "Error: --prefix: another one. Try it"),
        (InvalidRequest.of("in_flight", "more than 0"), 1, "Error: --in-flight: more than 0"),
        (InvalidRequest.of("q", "3 to 200 characters"), 1, "Error: q: 3 to 200 characters"),
        (InvalidRequest("no field"), 1, "Error: no field"),
        (ConfigurationError("a wrong option"), 1, "Error: a wrong option"),
        (ServiceUnavailable("down", operation="ban.search"), 1, "Error: ban.search: down"),
        (FileNotFoundError(errno.ENOENT, "No such file", "in.csv"), 1, "Error: in.csv: No such file"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "Error: No space left on device"),
        (OSError("odd"), 1, "Error: OSError"),
        (RuntimeError("12 rue Secrete"), 1, "Error: a fault of this program (RuntimeError); `--debug` shows where"),
    ],
)
def test_each_error_has_a_line_and_a_code(error: BaseException, code: int, line: str) -> None:
    assert told(error) == (code, line)


def test_the_line_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        finish(ConfigurationError("two\nlines and \x1b[31mcolour"))
    assert caught.value.exit_code == 1
    assert capsys.readouterr().err == "Error: two lines and �[31mcolour\n"


@pytest.mark.parametrize("error", [typer.Exit(3), typer.BadParameter("x")])
def test_what_typer_raises_passes_through(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(type(error)) as caught:
        finish(error)
    assert caught.value is error
    assert capsys.readouterr().err == ""


def test_a_traceback_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    token = outcomes.show_tracebacks.set(True)
    try:
        with pytest.raises(typer.Exit):
            finish(RuntimeError("here"))
    finally:
        outcomes.show_tracebacks.reset(token)
    assert "RuntimeError: here" in capsys.readouterr().err


def test_printable() -> None:
    assert printable("Rue de l'Été [1]") == "Rue de l'Été [1]"
    assert printable("a\x1b[2Jb\nc\u202e") == "a�[2Jb�c�"


# ---- what the world does -----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="ulimit -f counts otherwise elsewhere")
@pytest.mark.parametrize("name", ["out.csv", "-"])
def test_a_full_disk(name: str, tmp_path: Path, server: list[str]) -> None:
    source = write_addresses(tmp_path / "in.csv", 1_000)
    target = name if name == "-" else str(tmp_path / name)
    command = shlex.join(command_of("ban", "geocode", source, "-o", target, "--no-resume", "-q", *server))
    run = ended(["bash", "-c", f"ulimit -f 16; exec {command}"], env={"TMPDIR": str(tmp_path)})
    refused(run, "the standard output: File too large" if name == "-" else f"{target}: File too large")
    assert left_in(tmp_path, "in.csv") == []


def test_a_terminal_that_knows_no_accents(server: list[str]) -> None:
    ascii_only = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    run = frgov("ban", "search", "4 rue des Balastières Andelnans", *server, env=ascii_only)
    assert run.returncode == 0, run.stderr
    assert "Balasti\\xe8res" in run.stdout
    run = frgov("ban", "search", "4 rue des Balastières Andelnans", "--json", *server, env=ascii_only)
    assert run.returncode == 0, run.stderr
    assert "Balasti\\u00e8res" in run.stdout


def test_a_file_whose_columns_have_strange_names(tmp_path: Path, server: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text('"adresse [red]";"code\x1b[31m postal";\n1 rue X;90400;\n', encoding="utf-8")
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--address", "adresse [red]", *server)
    assert run.returncode == 0, run.stderr
    assert "adresse [red]" in run.stderr
    assert "\x1b" not in run.stderr
