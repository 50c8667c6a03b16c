"""`frgov cerema`: the program in a process of its own, against the fake portal."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_parts import command_of, ended, environment
from typer.testing import CliRunner

from frgov_clients.cerema import Snapshot
from frgov_clients.cerema.snapshot.kinds import Extent, Kind, SnapshotProgress
from frgov_clients.cli.app import app
from frgov_clients.cli.cerema_snapshot import describe
from frgov_clients.errors import ConnectionFailed
from frgov_clients.testing.cerema import FakeCerema, Fault

STRASBOURG = ["--siren", "246700488", "--commune", "67482"]


@pytest.fixture
def portal() -> Iterator[FakeCerema]:
    with FakeCerema.sample() as fake:
        yield fake


def account(fake: FakeCerema, **more: str) -> dict[str, str]:
    return environment(
        FRGOV_CEREMA_BASE_URL=fake.url, FRGOV_CEREMA_USERNAME="username", FRGOV_CEREMA_PASSWORD="password", **more
    )


def cerema(fake: FakeCerema, *args: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return ended(command_of("cerema", *args), stdin=stdin, env=account(fake))


def test_the_rows_of_a_user(portal: FakeCerema) -> None:
    done = cerema(portal, "user", "user@example.fr")
    assert (done.returncode, done.stderr) == (0, "")
    assert "structure.raison_sociale    EUROMETROPOLE DE STRASBOURG" in done.stdout
    assert "perimetre.comm              67482, 67043" in done.stdout
    assert done.stdout.count("id_user ") == 2
    rows = [json.loads(line) for line in cerema(portal, "user", "user@example.fr", "--json").stdout.splitlines()]
    assert [row["structure"]["siret"] for row in rows] == ["24670048800017", "12345678200010"]
    assert (rows[0]["groupe"]["lovac"], rows[1]["groupe"], rows[0]["perimetre"]["dep"]) == (True, None, ["67"])


def test_a_user_that_is_not_known(portal: FakeCerema) -> None:
    done = cerema(portal, "user", "nobody@example.fr")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "The portal knows nobody with this address.\n"


def test_a_user_of_whom_a_part_does_not_come(portal: FakeCerema) -> None:
    portal.faults.append(Fault(path="/api/groupes/", times=None, status=403))
    done = cerema(portal, "user", "user@example.fr")
    assert done.returncode == 3
    assert "group 173 could not be fetched" in done.stderr
    assert "groupe                      173" in done.stdout


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (["user@example.fr", *STRASBOURG], 0, "allow"),
        (["user@example.fr", "--siren", "246700488", "--commune", "33063"], 5, "perimetre_invalide"),
        (["user@example.fr", *STRASBOURG, "--at", "2028-01-01"], 5, "droits structure expires"),
        (["user@example.fr", "--siren", "213300635", "--commune", "33063"], 5, "structure_manquante"),
        (["nobody@example.fr", *STRASBOURG], 5, "utilisateur_manquant"),
    ],
)
def test_rights(portal: FakeCerema, args: list[str], code: int, word: str) -> None:
    done = cerema(portal, "rights", *args)
    assert done.returncode == code
    assert word in done.stdout.splitlines()[0]
    assert "example.fr" not in done.stdout
    told = json.loads(cerema(portal, "rights", *args, "--json").stdout)
    assert told["decision"] == ("allow" if code == 0 else "deny")
    assert told["visible_communes"] == (["67482"] if code == 0 else [])
    assert told["restricted"] is True


def test_an_outage_is_no_denial(portal: FakeCerema) -> None:
    portal.faults.append(Fault(path="/api/groupes/", times=None, status=403))
    done = cerema(portal, "rights", "user@example.fr", *STRASBOURG, "--json")
    assert done.returncode == 3
    told = json.loads(done.stdout)
    assert (told["decision"], told["reasons"], told["suspended_cause"]) == ("unknown", ["groupe_inconnu"], None)
    assert told["restricted"] is None
    portal.faults.append(Fault(path="/api/utilisateurs", times=None, html=True))
    done = cerema(portal, "rights", "user@example.fr", *STRASBOURG)
    assert (done.returncode, done.stdout) == (1, "")
    assert "HTML" in done.stderr


def test_communes_from_a_file_and_from_the_input(portal: FakeCerema, tmp_path: Path) -> None:
    (tmp_path / "communes.txt").write_text("\ufeff67482;\n67218,67043\n", encoding="utf-8")
    args = ["rights", "user@example.fr", "--siren", "246700488", "--json", "--communes"]
    told = json.loads(cerema(portal, *args, tmp_path / "communes.txt").stdout)
    assert told["visible_communes"] == ["67043", "67218", "67482"]
    (tmp_path / "latin.txt").write_bytes("67482 \xe9".encode("latin-1"))
    assert "fault" not in cerema(portal, *args, tmp_path / "latin.txt").stderr
    assert cerema(portal, *args[:4], "--commune", "67482,67218").returncode == 0
    assert json.loads(cerema(portal, *args, "-", stdin="67482\n").stdout)["visible_communes"] == ["67482"]


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (["rights", "user@example.fr", "--siren", "246700488"], 2, "--commune"),
        (["rights", "user@example.fr", *STRASBOURG, "--at", "tomorrow"], 2, "--at"),
        (["rights", "user@example.fr", "--siren", "2467", "--commune", "67482"], 1, "siren"),
        (["rights", "user@example.fr", "--siren", "246700488", "--commune", "674"], 1, "communes"),
        (["rights", "user@example.fr", "--siren", "246700488", "--communes", "nowhere.txt"], 1, "nowhere.txt"),
        (["rights", "user@example.fr", *STRASBOURG, "--snapshot", "nowhere"], 3, "no snapshot"),
        (["snapshot", "-o", ""], 1, "--output: the path of a folder"),
        (["snapshot", "-o", "out", "--per-second", "inf"], 2, "--per-second"),
        (["user", "nobody"], 1, "EMAIL: an e-mail address"),
        (["snapshot", "-o", "out", "--kind", "user"], 1, "--kind: some of"),
        (["snapshot"], 2, "--output"),
    ],
)
def test_what_is_asked_wrongly(portal: FakeCerema, args: list[str], code: int, word: str, tmp_path: Path) -> None:
    done = ended(command_of("cerema", *args), env=account(portal), cwd=tmp_path)
    assert done.returncode == code
    assert word in done.stderr
    assert not portal.requests
    assert list(tmp_path.iterdir()) == []


def test_without_an_account(portal: FakeCerema) -> None:
    env = account(portal)
    del env["FRGOV_CEREMA_PASSWORD"]
    done = ended(command_of("cerema", "check"), env=env)
    assert done.returncode == 1
    assert "FRGOV_CEREMA_PASSWORD" in done.stderr


def test_the_portal_is_checked(portal: FakeCerema) -> None:
    done = cerema(portal, "check", "--json")
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (0, True)
    portal.faults.append(Fault(path="/api/", times=None, html=True, status=503))
    done = cerema(portal, "check")
    assert done.returncode == 1
    assert "answers, but not as it should" in done.stdout


# ---- snapshots ------------------------------------------------------------------------------------------------


def test_a_snapshot_and_rights_from_it(portal: FakeCerema, tmp_path: Path) -> None:
    done = cerema(portal, "snapshot", "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Complete snapshot" in done.stdout
    assert "3 users, 3 structures" in done.stdout
    before = len(portal.requests)
    found = cerema(portal, "rights", "autre@example.fr", *STRASBOURG, "--snapshot", tmp_path / "out")
    assert (found.returncode, len(portal.requests)) == (0, before)
    told = json.loads(cerema(portal, "snapshot", "-o", tmp_path / "out", "--json").stdout)
    assert told["complete"] is True
    assert told["kinds"]["users"] == {"received": 3, "count": 3, "complete": True, "failure": None}
    quiet = cerema(portal, "snapshot", "-o", tmp_path / "users", "--kind", "users", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_an_incomplete_snapshot_ends_with_its_own_code_and_is_gone_on_with(portal: FakeCerema, tmp_path: Path) -> None:
    portal.faults.append(Fault(path="/api/perimetres", times=None, status=503))
    done = cerema(portal, "snapshot", "-o", tmp_path, "--patience", "0.1s")
    assert (done.returncode, done.stdout) == (3, "")
    assert "INCOMPLETE snapshot" in done.stderr
    assert "Run the same command again" in done.stderr
    assert (tmp_path / "users.partial.jsonl").exists()
    assert not (tmp_path / "users.jsonl").exists()
    rights = cerema(portal, "rights", "user@example.fr", *STRASBOURG, "--snapshot", tmp_path)
    assert rights.returncode == 3
    assert "not complete" in rights.stderr
    portal.faults.clear()
    assert cerema(portal, "snapshot", "-o", tmp_path).returncode == 0
    assert Snapshot.load(tmp_path).counts["perimeters"] == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_snapshot_is_gone_on_with(number: signal.Signals, tmp_path: Path) -> None:
    with FakeCerema.crowd(300, 20, 20, 20, page_size=5, latency=0.01) as fake:
        args = ["cerema", "snapshot", "-o", tmp_path, "--per-second", "100"]
        program = subprocess.Popen(command_of(*args), stderr=subprocess.PIPE, text=True, env=account(fake))
        while fake.count("/api/utilisateurs") < 10:
            assert program.poll() is None
        program.send_signal(number)
        _, told = program.communicate(timeout=30)
        assert program.returncode == 130
        assert "Interrupted. What came is in" in told
        assert cerema(fake, *args[1:]).returncode == 0
        assert Snapshot.load(tmp_path).counts["users"] == 300


def test_the_pace_is_kept(tmp_path: Path) -> None:
    with FakeCerema.crowd(60, 5, 5, 5, page_size=5, max_requests_per_second=30) as fake:
        done = cerema(fake, "snapshot", "-o", tmp_path, "--per-second", "20", "--in-flight", "8", "--json")
        assert done.returncode == 0
        assert all(each["failure"] is None for each in json.loads(done.stdout)["kinds"].values())


def test_how_far_it_is() -> None:
    assert describe(None).line == "waiting for the first answers"
    part = SnapshotProgress({Kind.USERS: Extent(50, 13_064), Kind.GROUPS: Extent()})
    assert describe(part) == ("50 of 13,064 users", "50 of ? records", 50, None)
    whole = SnapshotProgress({Kind.USERS: Extent(50, 13_064), Kind.GROUPS: Extent(0, 10)}, waiting=12.3)
    assert describe(whole).line == "50 of 13,064 users, 0 of 10 groups; the portal has been down for 12 s"
    why = SnapshotProgress({}, 2.0, ConnectionFailed("refused"))
    assert describe(why).line == "waiting for the first answers; the portal has been down for 2 s (refused)"
    assert describe(whole)[1:] == ("50 of 13,074 records", 50, 13_074)


@pytest.mark.parametrize("name", ["user", "rights", "snapshot", "check"])
def test_each_command_has_help_with_an_example(name: str) -> None:
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERMINAL_WIDTH": "200"})
    result = runner.invoke(app, ["cerema", name, "--help"])
    assert result.exit_code == 0
    assert f"Example: frgov cerema {name}" in result.stdout
    assert "--password" not in result.stdout


def test_who_is_in_no_group(portal: FakeCerema) -> None:
    portal.users.change(123, groupe=None)
    assert cerema(portal, "rights", "user@example.fr", *STRASBOURG).returncode == 0
    done = cerema(portal, "rights", "user@example.fr", *STRASBOURG, "--group-required")
    assert done.returncode == 5
    assert "groupe_manquant" in done.stdout


def test_running_again_is_advised_only_where_it_helps(portal: FakeCerema, tmp_path: Path) -> None:
    portal.faults.append(Fault(path="/api/perimetres", times=None, status=403))
    done = cerema(portal, "snapshot", "-o", tmp_path)
    assert done.returncode == 3
    assert "again" not in done.stderr
