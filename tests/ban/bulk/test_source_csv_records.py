"""The records of a CSV file: any cells, any number of them, and rows that know where they stood."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
from collections.abc import Mapping

import pytest
from csv_parts import read
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.bulk.source import open_source
from frgov_clients.ban.bulk.source.csv_rows import LONGEST_CELL, CsvRows
from frgov_clients.ban.bulk.source.row import Row, unique_names
from frgov_clients.errors import InvalidRequest

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
