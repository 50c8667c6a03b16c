"""`--project-rows` and `--community`: most of a file is asked by a project of the service."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_parts import address_of, frgov, left_in, lines_of, read_rows, refused, start, wait_until, write_addresses

from frgov_clients.testing.geopf import FakeGeopf

TOKEN = "jeton-7f3a"


@pytest.fixture
def geocoder() -> Iterator[FakeGeopf]:
    with FakeGeopf(answer=address_of, polls=0, bearer=TOKEN, communities={"acme": "1GB"}) as fake:
        yield fake


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_addresses(tmp_path / "in.csv", 40)


def test_a_file_with_much_that_is_new(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    args = ("ban", "geocode", source, "-o", tmp_path / "out.csv", "--project-rows", "30", *server)
    run = frgov(*args)
    assert run.returncode == 0, run.stderr
    rows = read_rows(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == [f"n{number}" for number in range(1, 41)]
    assert {(row["ban_status"], row["ban_origin"]) for row in rows} == {("ok", "service")}
    assert (geocoder.projects.created, geocoder.count("/search")) == (1, 0)
    assert left_in(tmp_path, "in.csv") == ["out.csv", "out.csv.journal"]
    again = frgov(*args)
    assert again.returncode == 0, again.stderr
    assert (geocoder.projects.created, len(geocoder.texts)) == (1, 40)


def test_few_new_rows_make_no_project(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    options = ["--project-rows", "30", "--limit", "29"]
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *options, *server)
    assert run.returncode == 0, run.stderr
    assert geocoder.count("/async") == 0
    assert len(geocoder.texts) == 29


def test_points(tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id;lon;lat\n" + "".join(f"{n};6.8{n};47.6\n" for n in range(10, 20)), encoding="utf-8")
    run = frgov("ban", "reverse", source, "-o", tmp_path / "out.csv", "--project-rows", "5", *server)
    assert run.returncode == 0, run.stderr
    assert {row["ban_status"] for row in read_rows(tmp_path / "out.csv")} == {"ok"}
    assert (geocoder.projects.created, geocoder.count("/reverse")) == (1, 0)


def test_a_community(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    options = ["--project-rows", "30", "--community", "acme", "--report", tmp_path / "report.json"]
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *options, *server, env={"FRGOV_BAN_TOKEN": TOKEN})
    assert run.returncode == 0, run.stderr
    made = [each for each in geocoder.requests if each.method == "POST" and each.path == "/async/projects"]
    assert [(each.headers["x-community"], each.headers["authorization"]) for each in made] == [
        ("acme", f"Bearer {TOKEN}")
    ]
    assert TOKEN not in run.stdout + run.stderr
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert TOKEN.encode() not in kept


def test_the_token_goes_nowhere_without_a_community(
    source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    env = {"FRGOV_BAN_TOKEN": TOKEN}
    assert frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *server, env=env).returncode == 0
    assert not [each for each in geocoder.requests if TOKEN in str(each.headers)]


def test_interrupted_and_gone_on(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    geocoder.projects.polls = 10_000
    args = ("ban", "geocode", source, "-o", tmp_path / "out.csv", "-q", "--project-rows", "30", *server)
    program = start(*args)
    wait_until(lambda: any(each.path.endswith("/start") for each in geocoder.requests), program)
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=15)
    assert program.returncode == 130
    assert errors == (
        f"Interrupted. What was answered is in {tmp_path}/out.csv.journal: run the same command again to go on. "
        "The service goes on with its project.\n"
    )
    assert not (tmp_path / "out.csv").exists()

    geocoder.projects.all()[0].polls_left = 0
    run = frgov(*args)
    assert run.returncode == 0, run.stderr
    assert (geocoder.projects.created, len(geocoder.texts)) == (1, 40)
    assert left_in(tmp_path, "in.csv") == ["out.csv", "out.csv.journal"]


def test_a_service_that_is_gone_while_it_has_the_project(
    source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    geocoder.projects.polls = 10_000
    options = ["--project-rows", "30", "--patience", "1s"]
    program = start("ban", "geocode", source, "-o", tmp_path / "out.csv", "-q", *options, *server)
    wait_until(lambda: any(each.path.endswith("/start") for each in geocoder.requests), program)
    geocoder.__exit__(None, None, None)
    _, errors = program.communicate(timeout=60)
    assert program.returncode == 1
    assert "run again later" in errors
    assert len(lines_of(errors)) == 1


# ---- refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--community", "acme"], "give --project-rows as well"),
        (["--project-rows", "5", "--no-resume"], "leave --no-resume out"),
    ],
)
def test_what_does_not_go_together(
    options: list[str], words: str, source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    refused(frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *options, *server), words, code=2)
    assert geocoder.requests == []
    assert left_in(tmp_path, "in.csv") == []


def test_pipes(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    text, pipe = source.read_text(encoding="utf-8"), tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    out = ["-o", tmp_path / "out.csv", "--project-rows", "5"]
    refused(frgov("ban", "geocode", "-", *out, *server, stdin=text), "reads INPUT twice", code=2)
    refused(frgov("ban", "geocode", pipe, *out, *server), "reads INPUT twice", code=2)
    refused(frgov("ban", "geocode", source, "-o", "-", "--project-rows", "5", *server), "--journal", code=2)
    refused(frgov("ban", "geocode", tmp_path / "none.csv", *out, *server), "No such file")
    assert geocoder.requests == []


@pytest.mark.parametrize(
    ("options", "env", "words"),
    [
        (["--community", "acme"], {}, "FRGOV_BAN_TOKEN"),
        (["--community", "a b"], {"FRGOV_BAN_TOKEN": TOKEN}, "--community: "),
        (["--community", "acme"], {"FRGOV_BAN_TOKEN": "é-7f3a"}, "token can not stand in a header"),
        (["--community", "acme"], {"FRGOV_BAN_TOKEN": "wrong-7f3a"}, "401"),
        (["--community", "others"], {"FRGOV_BAN_TOKEN": TOKEN}, "403"),
        (["--dialect", "addok"], {}, "--project-rows: not with addok"),
        (["--base-url", "http://geocodeur.example.org"], {}, "base_url"),
    ],
    ids=["no token", "no name", "no header", "a wrong token", "no member", "addok", "not over https"],
)
def test_who_may_have_no_project(
    options: list[str], env: dict[str, str], words: str, source: Path, tmp_path: Path, server: list[str]
) -> None:
    target = ["-o", tmp_path / "out.csv", "-q", "--project-rows", "5"]
    run = frgov("ban", "geocode", source, *target, *server, *options, env=env)
    refused(run, words)
    assert "7f3a" not in run.stderr
    assert not (tmp_path / "out.csv").exists()
