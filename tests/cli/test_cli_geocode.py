"""`frgov ban geocode` and `frgov ban reverse`: a file in, a file out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from cli_parts import HEADER, frgov, left_in, lines_of, read_rows, write_addresses

from frgov_clients.ban.bulk.report import Report
from frgov_clients.testing.geopf import FakeGeopf, Fault


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_addresses(tmp_path / "in.csv", 40)


def test_a_file_is_geocoded(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    target = tmp_path / "out.csv"
    run = frgov("ban", "geocode", source, "-o", target, *server)
    assert run.returncode == 0, run.stderr
    rows = read_rows(target)
    assert list(rows[0])[:4] == HEADER
    assert [row["id"] for row in rows] == [f"n{number}" for number in range(1, 41)]
    assert {row["ban_status"] for row in rows} == {"ok"}
    assert rows[6]["ban_label"] == "7 Rue Des Tilleuls 90400 Andelnans"
    assert geocoder.rows == 40
    assert left_in(tmp_path, "in.csv") == ["out.csv", "out.csv.journal"]


def test_what_is_printed(source: Path, tmp_path: Path, server: list[str]) -> None:
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
    assert run.stdout.startswith("Geocoding: complete\n40 rows.")
    told = lines_of(run.stderr)
    assert [line.split()[:2] for line in told[1:4]] == [
        ["adresse", "address"],
        ["code_postal", "postcode"],
        ["commune", "commune,"],
    ]
    assert told[4] == "1 other column is kept as it is."
    assert told[5:] == [f"Rows: {tmp_path}/out.csv", f"Journal: {tmp_path}/out.csv.journal"]
    assert "Tilleuls" not in run.stderr + run.stdout
    assert "\x1b" not in run.stderr + run.stdout


def test_quiet_prints_nothing(source: Path, tmp_path: Path, server: list[str]) -> None:
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--quiet", *server)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_the_report_as_json(source: Path, tmp_path: Path, server: list[str]) -> None:
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--json", "--quiet", *server)
    report = Report.from_dict(json.loads(run.stdout))
    assert (report.rows, report.complete) == (40, True)


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_the_report_is_saved(name: str, source: Path, tmp_path: Path, server: list[str]) -> None:
    report = tmp_path / name
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--report", report, *server)
    assert run.returncode == 0, run.stderr
    assert f"Report: {report}" in run.stderr
    if name.endswith("json"):
        assert Report.load(report).rows == 40
    else:
        assert "<html" in report.read_text(encoding="utf-8")[:500].lower()


def test_columns_that_are_named(tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    source = tmp_path / "in.csv"
    source.write_text("a,b,c,d,e\n12,rue des Tilleuls,90400,Andelnans,90001\n", encoding="utf-8")
    columns = ["--address", "a", "--address", "b", "--postcode", "c", "--city", "d", "--citycode", "e"]
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *columns, *server)
    assert run.returncode == 0, run.stderr
    assert read_rows(tmp_path / "out.csv", ",")[0]["ban_housenumber"] == "12"
    assert geocoder.texts[0].lower().startswith("12 rue des tilleuls")


def test_a_column_that_is_left_out_is_told(source: Path, tmp_path: Path, server: list[str]) -> None:
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--address", "adresse", *server)
    assert "Not used: code_postal looks like the postcode. To use it, add --postcode." in run.stderr


def test_only_the_first_rows(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    assert frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--limit", "7", *server).returncode == 0
    assert len(read_rows(tmp_path / "out.csv")) == len(geocoder.texts) == 7


@pytest.mark.parametrize(
    ("name", "delimiter"), [("out.csv", ";"), ("OUT.CSV", ";"), ("out.csv.tsv", "\t"), ("out.csv.gz", ";")]
)
def test_the_format_follows_the_name(
    name: str, delimiter: str, source: Path, tmp_path: Path, server: list[str]
) -> None:
    target = tmp_path / name
    assert frgov("ban", "geocode", source, "-o", target, *server).returncode == 0
    content = target.read_bytes()
    text = (gzip.decompress(content) if name.endswith("gz") else content).decode()
    assert len(read_rows(text, delimiter)) == 40
    assert read_rows(text, delimiter)[0]["ban_status"] == "ok"


def test_json_lines(source: Path, tmp_path: Path, server: list[str]) -> None:
    assert frgov("ban", "geocode", source, "-o", tmp_path / "out.jsonl", "--prefix", "geo_", *server).returncode == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["geo"]["status"] for row in rows] == ["ok"] * 40


def test_delimiter_and_encoding(tmp_path: Path, server: list[str]) -> None:
    source = tmp_path / "in.txt"
    source.write_bytes("adresse\tcode_postal\tcommune\n3 rue des Chênes\t90400\tAndelnans\n".encode("cp1252"))
    options = ["--delimiter", "tab", "--encoding", "cp1252"]
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *options, *server)
    assert run.returncode == 0, run.stderr
    (row,) = read_rows(tmp_path / "out.csv", "\t")
    assert (row["adresse"], row["ban_status"]) == ("3 rue des Chênes", "ok")


# ---- pipes -------------------------------------------------------------------------------------------------


def test_from_a_pipe_to_a_pipe(source: Path, tmp_path: Path, server: list[str]) -> None:
    text = source.read_text(encoding="utf-8")
    run = frgov("ban", "geocode", "-", "-o", "-", *server, stdin=text, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert [row["ban_status"] for row in read_rows(run.stdout)] == ["ok"] * 40
    assert "Geocoding: complete" in run.stderr
    assert left_in(tmp_path, "in.csv") == []


def test_a_pipe_and_a_journal(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    text, journal = source.read_text(encoding="utf-8"), tmp_path / "j"
    for _ in range(2):
        run = frgov("ban", "geocode", "-", "-o", "-", "--json", "--journal", journal, *server, stdin=text)
        assert run.returncode == 0, run.stderr
        assert len(read_rows(run.stdout)) == 40
    assert len(geocoder.texts) == 40


def test_nothing_comes_of_a_failed_run_to_a_pipe(source: Path, geocoder: FakeGeopf, server: list[str]) -> None:
    geocoder.faults.append(Fault(status=403, times=None))
    run = frgov("ban", "geocode", source, "-o", "-", "-q", *server)
    assert (run.returncode, run.stdout) == (1, "")


# ---- reverse -----------------------------------------------------------------------------------------------


def test_points_get_addresses(tmp_path: Path, server: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id;longitude;latitude\n1;6,865;47,6026\n2;6.87;47.61\n", encoding="utf-8")
    run = frgov("ban", "reverse", source, "-o", tmp_path / "out.csv", *server)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Reverse geocoding: complete\n2 rows.")
    rows = read_rows(tmp_path / "out.csv")
    assert [(row["id"], row["ban_status"], row["ban_city"]) for row in rows] == [
        ("1", "ok", "Andelnans"),
        ("2", "ok", "Andelnans"),
    ]


def test_points_in_columns_that_are_named(tmp_path: Path, server: list[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id;a;b\n1;6.865;47.6026\n", encoding="utf-8")
    run = frgov("ban", "reverse", source, "-o", tmp_path / "out.csv", "--lon", "a", "--lat", "b", *server)
    assert run.returncode == 0, run.stderr
    assert read_rows(tmp_path / "out.csv")[0]["ban_status"] == "ok"


# ---- rows that fail, runs that go on -----------------------------------------------------------------------


def test_failed_rows_end_with_3_and_are_asked_again(
    source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    geocoder.faults.append(Fault(path="/search/csv", error_rows=lambda text: text.startswith("13 "), times=None))
    geocoder.faults.append(
        Fault(path="/search", when=lambda seen: seen.query.get("q", "").startswith("13 "), status=500, times=None)
    )
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--patience", "2s", *server)
    assert run.returncode == 3, run.stderr
    assert "run the same command again" in run.stderr
    rows = read_rows(tmp_path / "out.csv")
    assert [row["id"] for row in rows if row["ban_status"] == "failed"] == ["n13"]
    assert len(rows) == 40

    geocoder.faults.clear()
    geocoder.texts.clear()
    again = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *server)
    assert again.returncode == 0, again.stderr
    assert {row["ban_status"] for row in read_rows(tmp_path / "out.csv")} == {"ok"}
    assert [text[:3] for text in geocoder.texts] == ["13 "]


def test_a_second_run_asks_nothing(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    for _ in range(2):
        assert frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *server).returncode == 0
    assert len(geocoder.texts) == 40
    assert {row["ban_origin"] for row in read_rows(tmp_path / "out.csv")} == {"journal"}


def test_a_second_run_without_a_journal_asks_all(
    source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    for _ in range(2):
        assert frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--no-resume", *server).returncode == 0
    assert len(geocoder.texts) == 80
    assert left_in(tmp_path, "in.csv") == ["out.csv"]


def test_old_answers_are_asked_again(source: Path, tmp_path: Path, server: list[str], geocoder: FakeGeopf) -> None:
    assert frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", *server).returncode == 0
    assert frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--max-age", "1h", *server).returncode == 0
    assert len(geocoder.texts) == 40
    assert frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--max-age", "0.001s", *server).returncode == 0
    assert len(geocoder.texts) == 80


def test_weak_rows_are_not_asked_again_without_the_ladder(
    tmp_path: Path, server: list[str], geocoder: FakeGeopf
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("adresse;code_postal;commune\n5 chemin perdu;90400;Nulle Part\n", encoding="utf-8")
    frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--no-resume", "--no-ladder", *server)
    without = len(geocoder.texts)
    frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--no-resume", *server)
    assert without == 1
    assert len(geocoder.texts) - without > 1


def test_with_the_real_geocoder(addok_url: str, tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "examples/data/adresses_sales.csv"
    run = frgov("ban", "geocode", source, "-o", tmp_path / "out.csv", "--base-url", addok_url)
    assert run.returncode == 0, run.stderr
    rows = read_rows(tmp_path / "out.csv")
    assert [row["id_local"] for row in rows] == [row["id_local"] for row in read_rows(source)]
    assert sum(row["ban_verdict"] in {"exact", "street"} for row in rows) > len(rows) / 2


def test_json_lines_of_a_name_that_holds_csv(source: Path, tmp_path: Path, server: list[str]) -> None:
    run = frgov("ban", "geocode", source, "-o", tmp_path / "o.csv.jsonl", *server)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "o.csv.jsonl").read_text(encoding="utf-8").startswith("{")
