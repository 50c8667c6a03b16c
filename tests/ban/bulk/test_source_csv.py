"""CSV files as people have them: one row out for each record, nothing lost, nothing misread in silence."""

from __future__ import annotations

import gzip
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from csv_parts import read, until_broken

from frgov_clients.ban.bulk.source import open_source
from frgov_clients.ban.bulk.source.csv_rows import CsvRows
from frgov_clients.ban.bulk.source.csv_text import MENDING
from frgov_clients.errors import InvalidRequest

SIMPLE = "adresse;cp;ville\n4 rue des Balastières;90400;Andelnans\n"
ANSWER = [{"adresse": "4 rue des Balastières", "cp": "90400", "ville": "Andelnans"}]


# ---- where it comes from -----------------------------------------------------------------------------------


class Pipe(io.RawIOBase):
    """Gives a few bytes at a time, and can not be wound back."""

    def __init__(self, content: bytes) -> None:
        self.content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.content.read(min(7, len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_path_bytes_files_and_pipes_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "noms.csv"
    path.write_bytes(SIMPLE.encode())
    packed = tmp_path / "packed.csv"  # told by its content, not by its name
    packed.write_bytes(gzip.compress(SIMPLE.encode()))
    inputs: list[object] = [path, str(path), packed, SIMPLE.encode(), Pipe(SIMPLE.encode()), io.StringIO(SIMPLE)]
    inputs.append(Pipe(gzip.compress(SIMPLE.encode()[:20]) + gzip.compress(SIMPLE.encode()[20:])))
    for given_source in inputs:
        source = open_source(given_source)
        assert [dict(row) for row in source.read(10)] == ANSWER
        assert (source.header, source.total, source.notes) == (("adresse", "cp", "ville"), None, {})
        source.close()


def test_a_file_that_came_open_stays_open_and_is_read_from_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"skipped\n" + SIMPLE.encode())
    with path.open("rb") as file:
        file.seek(8)
        source = open_source(file)
        assert len(source.read(5)) == 1
        source.close()
        assert not file.closed
    with tempfile.NamedTemporaryFile() as wrapper:
        wrapper.write(SIMPLE.encode())
        wrapper.seek(0)
        assert len(open_source(wrapper).read(5)) == 1


def test_the_share_grows_to_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 2_000_000)
    source = open_source(path)
    source.read(10)
    first = source.share
    assert first is not None
    assert first < 0.5
    while source.read(100_000):
        pass
    assert source.share == 1
    source.close()
    assert open_source(b"a\n1\n").share is None


@pytest.mark.parametrize("text", ["adresse;cp\n4 rue 7f3a;90000\n", "7f3a" * 2000, "7f3a\0"])
def test_a_text_that_is_no_path_is_not_repeated(text: str) -> None:
    with pytest.raises(InvalidRequest, match="path") as caught:
        open_source(text)
    assert "7f3a" not in str(caught.value)


def test_a_missing_file_is_told_as_open_tells_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_source(str(tmp_path / "absent.csv"))
    with pytest.raises(IsADirectoryError):
        open_source(tmp_path)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04...", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF-1.7", b" <!DOCTYPE html><p>", b"<html>"]
)
def test_what_is_no_csv(content: bytes) -> None:
    with pytest.raises(InvalidRequest, match="CSV"):
        open_source(content)


def test_a_gzip_file_that_is_cut_or_damaged(tmp_path: Path) -> None:
    lines = "a,b\n" + "".join(f"{i},{i * 7919 % 10007}\n" for i in range(400_000))
    packed = gzip.compress(lines.encode())
    for broken in (packed[: len(packed) // 2], packed[:-8] + b"\0" * 8):
        source = CsvRows(broken)
        count, error = until_broken(source)
        assert 0 < count <= 400_000
        assert "whole gzip file" in str(error)
    with pytest.raises(InvalidRequest, match="whole gzip"):
        CsvRows(b"\x1f\x8bnot really")
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed[:12])
    with pytest.raises(InvalidRequest, match="whole gzip"):
        open_source(path)


# ---- encodings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
def test_the_encoding_is_found(encoding: str, told: str) -> None:
    rows, source = read(SIMPLE.encode(encoding))
    assert rows == ANSWER
    assert source.encoding == told


def test_an_encoding_that_is_asked() -> None:
    assert read(SIMPLE.encode("cp850"), encoding="cp850")[0] == ANSWER
    assert read(SIMPLE.encode("utf-8-sig"), encoding="UTF8")[0] == ANSWER
    for wrong in ("klingon", "hex"):
        with pytest.raises(InvalidRequest, match="encoding"):
            CsvRows(SIMPLE.encode(), encoding=wrong)
    with pytest.raises(InvalidRequest, match="line 1 ") as caught:
        CsvRows(SIMPLE.encode("cp1252"), encoding="utf-8")
    assert "Balast" not in repr(caught.value)


def test_a_wrong_encoding_met_late_keeps_the_rows_before_it() -> None:
    source = CsvRows(b"a,b\n" + b"1,2\n" * 300_000 + b"\xe9,2\n", encoding="utf-8")
    count, error = until_broken(source)
    assert count > 250_000
    assert error.field == "encoding"


def test_files_put_together_from_two_systems() -> None:
    text = "adresse,n\n" + "rue de la Liberté,1\n" * 90_000
    rows, source = read(text.encode() + "l’église,2\n".encode("cp1252") + b"\x81,3\n")
    assert rows[-2:] == [{"adresse": "l’église", "n": "2"}, {"adresse": "\x81", "n": "3"}]
    assert (len(rows), source.notes) == (90_002, {"not_utf8": 3})
    late = read(b"adresse,n\n" + b"rue,1\n" * 300_000 + "l’été,2\n".encode("cp1252"))[0]
    assert late[-1] == {"adresse": "l’été", "n": "2"}


def test_the_handler_of_wrong_bytes_leaves_other_errors_alone() -> None:
    with pytest.raises(UnicodeEncodeError):
        "é".encode("ascii", MENDING)


def test_a_file_that_gives_text_but_no_encoding() -> None:
    class Odd:
        def readline(self) -> str:
            return "a"

        def read(self, most: int) -> str:
            return "a"

    with pytest.raises(InvalidRequest, match="binary mode"):
        open_source(Odd())


# ---- delimiters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("rows", [0, 1, 30])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_also_in_small_files(delimiter: str, rows: int, end: str) -> None:
    text = delimiter.join(("adresse", "cp")) + end + (delimiter.join(('"1, rue; X|Y\tZ"', "90000")) + end) * rows
    found, source = read(text)
    assert source.delimiter == delimiter
    assert found == [{"adresse": "1, rue; X|Y\tZ", "cp": "90000"}] * rows


@pytest.mark.parametrize(
    ("text", "delimiter", "header"),
    [
        ("nom, prénom;adresse\nX;1 rue\n", ";", ("nom, prénom", "adresse")),
        ("id;adresse;lat,lon\n1;2, rue, X;4,5\n", ";", ("id", "adresse", "lat,lon")),
        ("a;b\n1,5;2,5\n1,6;2,6\n", ";", ("a", "b")),
        ("sep=|\na|b;c\n1|2;3\n", "|", ("a", "b;c")),
        ("SEP=;\r\na,x;b\r\n1;2\r\n", ";", ("a,x", "b")),
        ("adresse\n1, rue X; Y\n2 rue Z\n", ",", ("adresse",)),
        ("adresse, complète\n1 rue X\n", ",", ("adresse, complète",)),
        ('"a;b",c\n"x;y",z\n', ",", ("a;b", "c")),
    ],
)
def test_the_header_decides_on_the_delimiter(text: str, delimiter: str, header: tuple[str, ...]) -> None:
    rows, source = read(text)
    assert (source.delimiter, source.header) == (delimiter, header)
    assert rows
    assert source.notes in ({}, {"separator_line": 1})


def test_a_file_of_one_column_keeps_its_commas_and_its_blank_lines() -> None:
    rows, _ = read('adresse\n"1, rue X"\n2, rue; Y\n\n3 rue Z\n')
    assert [row["adresse"] for row in rows] == ["1, rue X", "2, rue; Y", "", "3 rue Z"]


def test_a_delimiter_that_is_asked() -> None:
    assert read("a^b;c\n1^2;3\n", delimiter="^")[0] == [{"a": "1", "b;c": "2;3"}]
    for wrong in ("", ";;", '"', "\n"):
        with pytest.raises(InvalidRequest, match="delimiter"):
            CsvRows(b"a\n", delimiter=wrong)
