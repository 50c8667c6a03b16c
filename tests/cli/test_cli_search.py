"""`frgov ban search` and `frgov ban check`."""

from __future__ import annotations

import json

from cli_parts import frgov, lines_of, refused

from frgov_clients.testing.geopf import FakeGeopf, Fault

CLOSED = "http://127.0.0.1:9"


def test_a_search_prints_a_table(server: list[str]) -> None:
    run = frgov("ban", "search", "4 rue des Balastières 90400 Andelnans", *server)
    assert (run.returncode, run.stderr) == (0, "")
    title, row = lines_of(run.stdout)
    assert title.split() == ["label", "score", "type", "lon", "lat", "id"]
    assert row.startswith("4 Rue Des Balastières 90400 Andelnans ")
    assert row.split()[-5:] == ["0.95", "housenumber", "6.86", "47.6", "90001_0001_00004"]
    assert "\x1b" not in run.stdout


def test_the_options_of_a_search_are_sent(geocoder: FakeGeopf, server: list[str]) -> None:
    options = ["--limit", "3", "--citycode", "90001", "--postcode", "90400", "--type", "housenumber", "--autocomplete"]
    assert frgov("ban", "search", "4 rue X Andelnans", *options, *server).returncode == 0
    query = dict(geocoder.requests[-1].query)
    assert query["limit"] == "3"
    assert (query["citycode"], query["postcode"], query["type"]) == ("90001", "90400", "housenumber")
    assert query.get("autocomplete", "1") in {"1", "true"}  # the default of the service


def test_a_search_as_json_lines(server: list[str]) -> None:
    run = frgov("ban", "search", "4 rue des Balastières Andelnans", "--json", *server)
    (answer,) = map(json.loads, lines_of(run.stdout))
    assert list(answer)[:6] == ["label", "score", "type", "lon", "lat", "id"]
    assert (answer["lon"], answer["lat"], answer["citycode"]) == (6.86, 47.6, "90001")


def test_nothing_found_ends_with_4(server: list[str]) -> None:
    for more in ([], ["--json"]):
        run = frgov("ban", "search", "nowhere at all", *more, *server)
        assert (run.returncode, run.stdout, run.stderr) == (4, "", "Nothing was found.\n")


def test_a_failure_is_never_nothing_found(geocoder: FakeGeopf, server: list[str]) -> None:
    geocoder.faults.append(Fault(status=500, times=None))
    refused(frgov("ban", "search", "4 rue X Andelnans", *server), "500")


def test_what_the_library_refuses_is_one_line(server: list[str]) -> None:
    refused(frgov("ban", "search", "x", *server), "q: 3 to 200")
    refused(frgov("ban", "search", "rue X", "--type", "house", *server), "--type: ")
    refused(frgov("ban", "search", "rue X", "--limit", "51", *server), "--limit: ")
    refused(frgov("ban", "search", "rue X", "--base-url", "nonsense"), "base_url")


def test_what_steers_a_terminal_is_not_printed(server: list[str]) -> None:
    run = frgov("ban", "search", "4 rue \x1b[31m[red]Rouge Andelnans", *server)
    assert run.returncode == 0
    assert "\x1b" not in run.stdout
    assert "[Red]Rouge" in run.stdout  # no markup either


def test_debug_adds_the_traceback(server: list[str]) -> None:
    for args in (["--debug", "ban", "search", "x"], ["ban", "search", "x", "--debug"]):
        run = frgov(*args, *server)
        assert run.returncode == 1
        assert "Traceback" in run.stderr
        assert run.stderr.splitlines()[-1].startswith("Error: q:")


def test_a_service_that_is_well(server: list[str], geocoder: FakeGeopf) -> None:
    run = frgov("ban", "check", *server)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"{geocoder.url} (geopf): ok in ")
    told = json.loads(frgov("ban", "check", "--json", *server).stdout)
    assert told["ok"] is True and told["reachable"] is True and told["latency"] > 0


def test_a_service_that_is_ill(geocoder: FakeGeopf, server: list[str]) -> None:
    geocoder.faults.append(Fault(status=503, times=None))
    run = frgov("ban", "check", *server)
    assert run.returncode == 1
    assert "answers, but not as it should" in run.stdout
    assert "503" in run.stderr


def test_a_service_that_is_not_there() -> None:
    run = frgov("ban", "check", "--base-url", CLOSED, "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["reachable"] is False
    assert len(lines_of(run.stderr)) == 1


def test_the_address_of_the_server_may_stand_in_the_environment(geocoder: FakeGeopf) -> None:
    run = frgov("ban", "check", env={"FRGOV_BAN_BASE_URL": geocoder.url, "FRGOV_BAN_DIALECT": "geopf"})
    assert run.returncode == 0


def test_a_reader_that_goes_away_makes_no_noise(server: list[str]) -> None:
    import subprocess

    from cli_parts import command_of, environment

    program = subprocess.Popen(
        command_of("ban", "search", "4 rue X Andelnans", *server),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert program.stdout is not None and program.stderr is not None
    program.stdout.close()
    errors = program.stderr.read()
    program.stderr.close()
    assert (program.wait(30), errors) == (1, "")
