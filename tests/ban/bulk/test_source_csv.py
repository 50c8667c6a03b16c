"""CSV files as people have them: one row out for each record, nothing lost, nothing misread in silence."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.bulk.source import NOTES, open_source
from frgov_clients.ban.bulk.source.csv_rows import LONGEST_CELL, CsvRows
from frgov_clients.ban.bulk.source.csv_text import MENDING
from frgov_clients.ban.bulk.source.row import Row, unique_names
from frgov_clients.errors import InvalidRequest

SIMPLE = "adresse;cp;ville\n4 rue des Balastières;90400;Andelnans\n"
ANSWER = [{"adresse": "4 rue des Balastières", "cp": "90400", "ville": "Andelnans"}]


def read(content: bytes | str, most: int = 1000, **options: Any) -> tuple[list[dict[str, Any]], CsvRows]:
    source = CsvRows(content.encode() if isinstance(content, str) else content, **options)
    rows: list[dict[str, Any]] = []
    while piece := source.read(most):
        assert len(piece) <= most
        rows += map(dict, piece)
    assert source.read(most) == []
    assert set(source.notes) <= set(NOTES)
    return rows, source


def until_broken(source: CsvRows) -> tuple[int, InvalidRequest]:
    """How many rows come before the error, and the error."""
    count = 0
    while True:
        try:
            count += len(source.read(1000))
        except InvalidRequest as error:
            return count, error


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


# ---- records -----------------------------------------------------------------------------------------------


def test_cells_hold_anything() -> None:
    cells = ["l1\nl2", "l1\r\nl2", "a\rb", "\t", 'say "x"', "🏠", "a\0b", "  x ", "=1+1", "", "x" * 10_000_000]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([[f"c{place}" for place in range(len(cells))], cells, cells])
    rows, source = read(text.getvalue())
    assert [list(row.values()) for row in rows] == [cells, cells]
    assert not source.notes


def test_the_limit_of_the_process_is_never_lowered() -> None:
    before = csv.field_size_limit(LONGEST_CELL * 2)
    try:
        CsvRows(b"a\n")
        assert csv.field_size_limit() == LONGEST_CELL * 2
    finally:
        csv.field_size_limit(max(before, LONGEST_CELL))


def test_headers_of_the_same_name_keep_their_values() -> None:
    rows, source = read("name,name,name_2,,\n1,2,3,4,5\n")
    assert source.header == ("name", "name_3", "name_2", "", "column_2")
    assert list(rows[0].values()) == list("12345")
    assert source.notes == {"header_renamed": 2}


def test_ragged_rows_are_mended_and_told() -> None:
    rows, source = read('a;b;surplus\n1\n1;2;3;4;"5;6"\n1;2;3;;\n\n7;8;9\n')
    assert rows == [
        {"a": "1", "b": "", "surplus": ""},
        {"a": "1", "b": "2", "surplus": "3", "surplus_2": '4;"5;6"'},
        {"a": "1", "b": "2", "surplus": "3"},
        {"a": "7", "b": "8", "surplus": "9"},
    ]
    assert source.notes == {"short_row": 1, "long_row": 1, "empty_surplus": 1, "blank_line": 1}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", gzip.compress(b"", mtime=0)])
def test_an_empty_file(content: bytes) -> None:
    rows, source = read(content)
    assert (rows, source.header) == ([], ())


@pytest.mark.parametrize("text", ["a,b\n", "a,b", "a,b\r\n\r\n"])
def test_a_header_only(text: str) -> None:
    rows, source = read(text)
    assert (rows, source.header) == ([], ("a", "b"))


def test_a_file_without_a_header_line() -> None:
    rows, _ = read("1 rue X;90000\n2 rue X;90001\n", header=("adresse", "cp"))
    assert [row["cp"] for row in rows] == ["90000", "90001"]


@pytest.mark.parametrize(
    ("text", "line", "before"),
    [
        ('a,b\n1,"2\n3,4\n5,6\n', 2, 0),
        ('a,b\n1,2\n3,"4\n' + "5,6\n" * 100_000, 3, 1),
        ('a,b\n1,2\n3,"4\n5,"x"\n6,7\n', 3, 1),
        ('a,b\n"l1\nl2",2\n3,"x"y\n', 4, 1),
        ('a,b,c\n1,"x\n2,y,z\n3,y,z\n4,y,z\n5,y",c\n', 2, 0),
        ('sep=,\na,b\n1,2\n3,"4', 4, 1),
    ],
)
def test_a_quote_that_is_not_closed_is_told_with_its_line(text: str, line: int, before: int) -> None:
    source = CsvRows(text.encode())
    if before:
        assert len(source.read(50)) == before
    for _ in range(2):  # and again: the end of the file was not reached
        with pytest.raises(InvalidRequest, match=rf"closed quotes: .*\b{line}\b") as caught:
            source.read(50)
        assert "4" not in str(caught.value).replace("line 4", "")


def test_a_quote_in_the_header_that_is_not_closed() -> None:
    with pytest.raises(InvalidRequest, match="line 1"):
        CsvRows(b'a,"b\n1,2\n')


def test_an_unclosed_quote_does_not_fill_the_memory() -> None:
    source = CsvRows(b'a,b\n1,"2\n' + b"3333333333333333333333333,4\n" * (LONGEST_CELL // 27))
    with pytest.raises(InvalidRequest, match="line 2"):
        source.read(5)


def test_a_cell_beyond_the_limit() -> None:
    with pytest.raises(InvalidRequest, match="cells of at most 16,777,216 characters"):
        CsvRows(b"a,b\n1," + b"x" * (LONGEST_CELL + 1) + b"\n").read(5)


def test_long_texts_in_cells_are_no_swallowed_rows() -> None:
    note = "appelé le 3, rappelé\nle 4\n5 rue X, Paris\nà voir, plus tard"
    assert read(f'a,b\n1,"{note}"\n')[0] == [{"a": "1", "b": note}]


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=3, max_size=3), max_size=8
    ),
    delimiter=st.sampled_from(",;\t|"),
    most=st.integers(1, 5),
)
def test_what_a_writer_writes_is_read(cells: list[list[str]], delimiter: str, most: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *cells])
    rows, source = read(text.getvalue(), most, delimiter=delimiter)
    assert [list(row.values()) for row in rows] == cells
    assert not source.notes


# ---- rows --------------------------------------------------------------------------------------------------


def test_a_row_knows_the_line_of_the_file_on_which_it_begins() -> None:
    text = 'sep=;\na;b\n1;2\n\n"3\n4";5\n6\n7;8;9\n10;11;\n'
    assert [(row["a"], row.line) for row in open_source(text.encode()).read(9)] == [
        ("1", 3), ("3\n4", 5), ("6", 7), ("7", 8), ("10", 9),
    ]  # fmt: skip
    assert [row.line for row in open_source(b"1,2\n3,4\n", header=["a", "b"]).read(9)] == [1, 2]


def test_a_row_is_a_mapping_that_keeps_its_values_to_itself() -> None:
    row = Row({"a": 0, "b": 1}, ("1", "secret"))
    assert isinstance(row, Mapping)
    assert (row["a"], row.get("b"), row.get("c"), row.get("c", 5), len(row)) == ("1", "secret", None, 5, 2)
    assert (list(row), list(row.keys()), list(row.values())) == (["a", "b"], ["a", "b"], ["1", "secret"])
    assert list(row.items()) == [("a", "1"), ("b", "secret")]
    assert "a" in row
    assert "c" not in row
    assert {**row} == dict(row) == row == Row({"a": 0, "b": 1}, ("1", "secret")) == pickle.loads(pickle.dumps(row))
    assert row == Row(row.positions, ("1", "secret"))
    assert row != Row({"a": 0, "b": 1}, ("1", "2"))
    assert row != Row({"a": 0, "c": 1}, ("1", "secret"))
    assert row != 5
    assert "secret" not in repr(row)
    with pytest.raises(KeyError):
        row["c"]
    with pytest.raises(TypeError):
        hash(row)


def test_names_become_unique_without_taking_those_of_others() -> None:
    assert unique_names(["a", "a_2", "a", "a"]) == ("a", "a_2", "a_3", "a_4")
    assert unique_names([]) == ()
