"""Inputs and outputs that can not be: one line, no traceback, nothing sent, nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_parts import Ended, command_of, ended, frgov, left_in, refused, write_addresses

from frgov_clients.testing.geopf import FakeGeopf


@pytest.fixture(autouse=True)
def _nothing_is_asked(geocoder: FakeGeopf) -> Iterator[None]:
    yield
    assert geocoder.requests == []


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """The output, which must not be there at the end, nor a piece of it."""
    folder = tmp_path / "out"
    folder.mkdir()
    yield folder / "out.csv"
    assert [name for name in left_in(folder) if not name.endswith(".journal")] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "INPUT is empty"),
        (b"\n\n\n", "INPUT is empty"),
        (bytes(range(256)) * 20, ""),
        (b"PK\x03\x04" + b"\0" * 100, "INPUT: a CSV file"),
        (b"\x1f\x8b\x08\x00garbage", "gzip"),
        (b"<!DOCTYPE html><html></html>", "INPUT: a CSV file"),
        (
            b"one,two\n1,2\n",
            "look like an address. The columns are: one, two. Name them: --address COL",
        ),
        (b"12 rue Secrete,90400\n13 rue Secrete,90400\n", "looks like data rather than names"),
        (b'adresse,ville\n"1 rue des Tilleuls,Andelnans\n2 rue des Tilleuls,Andelnans\n', "closed quotes"),
    ],
    ids=["empty", "blank", "binary", "zip", "gzip", "html", "columns", "no-header", "quote"],
)
def test_a_bad_input(content: bytes, words: str, tmp_path: Path, target: Path, server: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    run = frgov("ban", "geocode", source, "-o", target, "-q", *server)
    refused(run, words)
    assert "Secrete" not in run.stderr


def test_a_missing_file(tmp_path: Path, target: Path, server: list[str]) -> None:
    refused(frgov("ban", "geocode", tmp_path / "none.csv", "-o", target, *server), "none.csv: No such file")


def test_a_folder_as_input(tmp_path: Path, target: Path, server: list[str]) -> None:
    refused(frgov("ban", "geocode", tmp_path, "-o", target, *server), "Is a directory")


def test_an_empty_pipe(target: Path, server: list[str]) -> None:
    refused(frgov("ban", "geocode", "-", "-o", target, *server), "INPUT is empty")


def test_a_header_only_is_no_error(tmp_path: Path, server: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text("adresse;code_postal\n", encoding="utf-8")
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
    assert run.returncode == 0, run.stderr
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 and lines[0].startswith("adresse;code_postal;ban_status")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--address", "adress"], "--address: none of the 4 columns is so called"),
        (["--postcode", "nope"], "--postcode: none of the 4 columns"),
        (["--prefix", "", "--address", "id"], ""),
        (["--delimiter", '"'], "--delimiter: "),
        (["--encoding", "utf-99"], "--encoding: "),
        (["--encoding", "utf-16"], ""),
        (["--base-url", "ftp://x"], "base_url"),
    ],
)
def test_a_bad_option(options: list[str], words: str, tmp_path: Path, target: Path, server: list[str]) -> None:
    source = write_addresses(tmp_path / "in.csv", 3)
    refused(frgov("ban", "geocode", source, "-o", target, "-q", *server, *options, cwd=tmp_path), words)


def test_an_unknown_column_lists_those_there_are(tmp_path: Path, target: Path, server: list[str]) -> None:
    source = write_addresses(tmp_path / "in.csv", 3)
    run = frgov("ban", "geocode", source, "-o", target, "--address", "adress", *server)
    refused(run, "The columns are: id, adresse, code_postal, commune.", "did you mean")


def test_reverse_wants_both_columns(tmp_path: Path, target: Path, server: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id;x1;x2\n1;6.8;47.6\n", encoding="utf-8")
    refused(frgov("ban", "reverse", source, "-o", target, *server), "a longitude and a latitude", "--lon COL --lat COL")
    refused(frgov("ban", "reverse", source, "-o", target, "--lon", "x1", *server), "--lon COL --lat COL")


# ---- outputs -----------------------------------------------------------------------------------------------


def test_an_output_in_no_folder(tmp_path: Path, server: list[str]) -> None:
    source = write_addresses(tmp_path / "in.csv", 3)
    refused(frgov("ban", "geocode", source, "-o", tmp_path / "none/out.csv", *server), "--output: there is no folder")
    options = ["-o", tmp_path / "out.csv", "--journal", tmp_path / "none/journal"]
    refused(frgov("ban", "geocode", source, *options, *server), "--journal: there is no folder")


def test_an_output_of_another_kind(tmp_path: Path, server: list[str]) -> None:
    source = write_addresses(tmp_path / "in.csv", 3)
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.xlsx", "-q", *server)
    refused(run, "--output: a name that ends", code=2)
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--report", tmp_path / "r.pdf", "-q", *server)
    refused(run, "--report: a name that ends", code=2)
    (tmp_path / "dir.csv").mkdir()
    refused(frgov("ban", "geocode", source, "-o", tmp_path / "dir.csv", "-q", *server), "--output: ")


def test_files_that_are_the_same(tmp_path: Path, server: list[str]) -> None:
    source = write_addresses(tmp_path / "in.csv", 3)
    before = source.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(source)
    refused(frgov("ban", "geocode", source, "-o", source, *server), "--output is the same file as INPUT")
    refused(frgov("ban", "geocode", source, "-o", link, *server), "--output is the same file as INPUT")
    options = ["-o", tmp_path / "out.csv", "--journal", tmp_path / "out.csv"]
    refused(frgov("ban", "geocode", source, *options, *server), "--journal is the same file as --output")
    assert source.read_bytes() == before


def test_columns_of_an_earlier_run_are_not_overwritten(tmp_path: Path, target: Path, server: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text("adresse;ban_status\n1 rue des Tilleuls Andelnans;mine\n", encoding="utf-8")
    refused(frgov("ban", "geocode", source, "-o", target, "-q", *server), "--prefix: ")


_AS_OTHERS = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0); "  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
"""Runs a Python program for which the rights of files hold, also when root runs the tests."""


def test_a_folder_that_can_not_be_written(tmp_path: Path, server: list[str]) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    source = write_addresses(tmp_path / "in.csv", 3)
    folder.chmod(0o555)

    def closed(*args: str | Path) -> Ended:
        python, *rest = command_of(*args)
        return ended([python, "-c", _AS_OTHERS, *rest] if os.geteuid() == 0 else [python, *rest])

    try:
        run = closed("ban", "geocode", source, "-o", folder / "out.csv", "-q", *server)
        refused(run, f"{folder}/out.csv: Permission denied")
        run = closed("ban", "geocode", source, "-o", "-", "--report", folder / "r.json", "-q", *server)
        refused(run, "--report: ")
    finally:
        folder.chmod(0o755)
